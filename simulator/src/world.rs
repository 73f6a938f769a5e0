//! The whole of the simulated account, and the one place where time passes.

use crate::chaos::Chaos;
use crate::faults::Faults;
use crate::refusal::Refusal;
use crate::time::At;
use crate::wire;
use crate::{
    autoscaling, cloudwatch, codepipeline, dynamodb, ecr, ecs, elb, eventbridge, iam, lambda, sns, sqs, ssm,
    stepfunctions, workload,
};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// What leaves AWS by itself: the services only put it here, [`crate::executor`] and the lab carry it on.
#[derive(Clone, Debug, PartialEq)]
pub enum Delivery {
    /// An event on the account's EventBridge bus, whole envelope.
    Event(Value),
    /// An asynchronous Lambda invocation (alarm action, pipeline job).
    Invoke {
        /// Function name, the last part of its ARN.
        function: String,
        /// The event as Lambda gets it.
        payload: Value,
        /// The same for every attempt; who runs it says with it how it ended ([`lambda::ended`]).
        request: u64,
    },
    /// A synchronous Lambda invocation whose answer a state machine's task waits for: whoever runs it tells the end to
    /// [`stepfunctions::finish`].
    Call {
        /// Function name, the last part of its ARN.
        function: String,
        /// The event as Lambda gets it.
        payload: Value,
        /// What the end is told with.
        ticket: u64,
    },
    /// A message to an SNS topic.
    Notification {
        /// Topic ARN.
        topic: String,
        /// Subject line, where there is one.
        subject: Option<String>,
        /// Message text, usually JSON.
        message: String,
    },
}

/// One request as it was answered; the log the laws read.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// When it took effect.
    pub at: At,
    /// Who asked: the invocation's label, or the access key over a port.
    pub caller: String,
    /// Service, lower case (`ecs`).
    pub service: &'static str,
    /// Operation (`UpdateService`).
    pub operation: String,
    /// Request members.
    pub input: Value,
    /// Reply, or AWS's refusal.
    pub outcome: Result<Value, Refusal>,
}

/// Settings of the account that never change.
#[derive(Clone, Debug)]
pub struct Home {
    /// Twelve digits.
    pub account: String,
    /// Region name.
    pub region: String,
}

/// The simulated account.
#[derive(Debug)]
pub struct World {
    /// Virtual now. Only [`World::advance_to`] moves it.
    pub now: At,
    /// The only source of chance.
    pub rng: fastrand::Rng,
    /// Account and region.
    pub home: Home,
    /// Label of whoever's request is being answered (see [`Call::caller`]); empty between requests.
    pub caller: String,
    /// Entries per page in every listing, where a test wants pages to be small.
    pub page_size: Option<usize>,
    /// Amazon ECS.
    pub ecs: ecs::Ecs,
    /// AWS CodePipeline.
    pub codepipeline: codepipeline::CodePipeline,
    /// Amazon CloudWatch.
    pub cloudwatch: cloudwatch::CloudWatch,
    /// Amazon DynamoDB.
    pub dynamodb: dynamodb::DynamoDb,
    /// AWS Systems Manager Parameter Store.
    pub ssm: ssm::Ssm,
    /// Application Auto Scaling.
    pub autoscaling: autoscaling::AutoScaling,
    /// Amazon ECR.
    pub ecr: ecr::Ecr,
    /// Elastic Load Balancing.
    pub elb: elb::Elb,
    /// AWS Step Functions.
    pub stepfunctions: stepfunctions::StepFunctions,
    /// Amazon EventBridge.
    pub eventbridge: eventbridge::EventBridge,
    /// Amazon SNS.
    pub sns: sns::Sns,
    /// Amazon SQS.
    pub sqs: sqs::Sqs,
    /// AWS Lambda.
    pub lambda: lambda::Lambda,
    /// Who puts messages into queues, and what the tasks that take them out do with them.
    pub workload: workload::Workloads,
    /// AWS IAM.
    pub iam: iam::Iam,
    /// What is broken at the moment.
    pub faults: Faults,
    /// How messages fare on their way.
    pub chaos: Chaos,
    /// What waits to be delivered.
    pub outbox: Vec<Delivery>,
    /// Every event that a service meant for the bus, also those that never reached it.
    pub emitted: Vec<Arc<Value>>,
    /// Every call answered so far.
    pub calls: Vec<Arc<Call>>,
    /// Replies and errors AWS could not have given, as [`crate::model`] found them; empty if all is well.
    pub defects: Vec<String>,
    /// What somebody does in the instant before a request takes effect.
    pub ambushes: Ambushes,
    serial: u64,
}

/// An act that waits for its moment.
type Act = Box<dyn FnOnce(&mut World) + Send>;

/// Acts that wait for a request: the races that no clock can stage.
#[derive(Default)]
pub struct Ambushes(Vec<(String, String, Act)>);

impl Ambushes {
    /// Lets something happen right before the next request of this operation, by a caller whose label
    /// starts like this, takes effect.
    pub fn before(&mut self, caller: &str, operation: &str, act: impl FnOnce(&mut World) + Send + 'static) {
        self.0.push((caller.to_owned(), operation.to_owned(), Box::new(act)));
    }
}

impl fmt::Debug for Ambushes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(caller, operation, _)| (caller, operation)))
            .finish()
    }
}

impl World {
    /// An empty account at [`At::START`].
    pub fn new(seed: u64) -> World {
        World {
            now: At::START,
            rng: fastrand::Rng::with_seed(seed),
            home: Home {
                account: "111122223333".to_owned(),
                region: "eu-central-1".to_owned(),
            },
            caller: String::new(),
            page_size: None,
            ecs: ecs::Ecs::default(),
            codepipeline: codepipeline::CodePipeline::default(),
            cloudwatch: cloudwatch::CloudWatch::default(),
            dynamodb: dynamodb::DynamoDb::default(),
            ssm: ssm::Ssm::default(),
            autoscaling: autoscaling::AutoScaling::default(),
            ecr: ecr::Ecr::default(),
            elb: elb::Elb::default(),
            stepfunctions: stepfunctions::StepFunctions::default(),
            eventbridge: eventbridge::EventBridge::default(),
            sns: sns::Sns::default(),
            sqs: sqs::Sqs::new(seed),
            lambda: lambda::Lambda::default(),
            workload: workload::Workloads::new(seed),
            iam: iam::Iam::default(),
            faults: Faults::default(),
            chaos: Chaos::default(),
            outbox: Vec::new(),
            emitted: Vec::new(),
            calls: Vec::new(),
            defects: Vec::new(),
            ambushes: Ambushes::default(),
            serial: 0,
        }
    }

    /// A fresh version-4-shaped UUID from the world's own chance.
    pub fn uuid(&mut self) -> String {
        let (a, b) = (self.rng.u64(..), self.rng.u64(..));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            0x8000 | (b >> 48) & 0x3fff,
            b & 0xffff_ffff_ffff
        )
    }

    /// A number that grows with every use, for identifiers that must stay in order.
    pub fn serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// `arn:aws:<service>:<region>:<account>:<rest>`.
    pub fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{rest}", self.home.region, self.home.account)
    }

    /// Puts an event on the bus.
    pub fn emit(&mut self, source: &str, detail_type: &str, resources: &[String], detail: Value) {
        let event = serde_json::json!({
            "version": "0", "id": self.uuid(), "detail-type": detail_type, "source": source,
            "account": self.home.account, "time": self.now.iso_seconds(), "region": self.home.region,
            "resources": resources, "detail": detail,
        });
        self.emitted.push(Arc::new(event.clone()));
        eventbridge::put(self, event);
    }

    /// Answers one request at the present moment.
    pub fn answer(&mut self, request: &wire::Request) -> wire::Reply {
        if !self.ambushes.0.is_empty() {
            let (_, operation) = wire::name(request);
            let awaited = |(caller, awaited, _): &(String, String, Act)| {
                *awaited == operation && request.caller.starts_with(caller.as_str())
            };
            if let Some(found) = self.ambushes.0.iter().position(awaited) {
                let (_, _, act) = self.ambushes.0.remove(found);
                act(self);
            }
        }
        wire::answer(self, request)
    }

    /// A call made inside AWS (a pipeline deploying, a scaler scaling): no wire, but logged alike.
    pub fn call(
        &mut self,
        caller: &str,
        service: &'static str,
        operation: &str,
        input: Value,
    ) -> Result<Value, Refusal> {
        self.perform(caller, service, operation, input).outcome.clone()
    }

    /// The same, answered with the entry of the log.
    pub(crate) fn perform(&mut self, caller: &str, service: &'static str, operation: &str, input: Value) -> Arc<Call> {
        // A service may call another under its own name and then goes on for the first caller.
        let outer = std::mem::replace(&mut self.caller, caller.to_owned());
        let outcome = match service {
            "ecs" => ecs::call(self, operation, &input),
            "codepipeline" => codepipeline::call(self, operation, &input),
            "cloudwatch" => cloudwatch::call(self, operation, &input),
            "dynamodb" => dynamodb::call(self, operation, &input),
            "ssm" => ssm::call(self, operation, &input),
            "ecr" => ecr::call(self, operation, &input),
            "stepfunctions" => stepfunctions::call(self, operation, &input),
            "sqs" => sqs::call(self, operation, &input),
            "application-autoscaling" => autoscaling::call(self, operation, &input),
            "elbv2" => elb::call(self, operation, &input),
            _ => Err(Refusal::new(
                "UnknownOperationException",
                format!("no service {service} here"),
            )),
        };
        // What it changed for those who wait at a queue, they do now.
        workload::run_due(self);
        let caller = std::mem::replace(&mut self.caller, outer);
        self.log(Call {
            at: self.now,
            caller,
            service,
            operation: operation.to_owned(),
            input,
            outcome,
        })
    }

    pub(crate) fn log(&mut self, call: Call) -> Arc<Call> {
        let call = Arc::new(call);
        self.calls.push(Arc::clone(&call));
        call
    }

    /// When something will next happen by itself.
    pub fn next_due(&self) -> Option<At> {
        [
            ecs::next_due(self),
            workload::next_due(self),
            sqs::next_due(self),
            codepipeline::next_due(self),
            cloudwatch::next_due(self),
            stepfunctions::next_due(self),
            eventbridge::next_due(self),
            lambda::next_due(self),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Lets time pass, with everything that happens meanwhile, in order.
    pub fn advance_to(&mut self, until: At) {
        while let Some(due) = self.next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            // What was done until now is done, then tasks change, then pipelines see it, then metrics are judged.
            workload::run_due(self);
            ecs::run_due(self);
            workload::run_due(self);
            sqs::run_due(self);
            codepipeline::run_due(self);
            cloudwatch::run_due(self);
            // What they set off is carried last.
            stepfunctions::run_due(self);
            eventbridge::run_due(self);
            lambda::run_due(self);
        }
        self.now = self.now.max(until);
        workload::run_due(self);
    }
}
