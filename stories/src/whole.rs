//! The whole of Serin in a simulated account: everything that `template.yaml` deploys, read from it; policies in
//! Parameter Store. Nothing is opened by hand.

use crate::scene::RowA;
use crate::template::{Template, deploy, permissions};
use crate::{Stage, scene};
use aws::Decide;
use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use simulator::{At, World, ecr, ssm};

/// Name of the state machine, by which laws and scenes look for it.
const CLOCK: &str = "serin-clock";

/// How long it takes until a policy is known, at most.
pub const KNOWN_SECONDS: i64 = 120;

/// How the pipeline of a policy is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Our `Open` action stands before the canary's deploy action.
    WithOpen,
    /// The standard actions alone.
    Plain,
}

impl Cut {
    /// The pipeline that is cut like this.
    pub fn options(self, policy: &str) -> pipelines::Options {
        let parameters = json!({"policy": policy, "execution": "#{codepipeline.PipelineExecutionId}"});
        match self {
            Cut::Plain => pipelines::Options::default(),
            Cut::WithOpen => pipelines::Options {
                before_canary: Some("serin-open".to_owned()),
                user_parameters: parameters.to_string(),
                ..pipelines::Options::default()
            },
        }
    }
}

/// An account in which Serin is deployed.
///
/// # Panics
/// Where the template cannot be.
pub fn deployed(seed: u64, decide: Decide) -> Stage {
    deployed_from(&Template::ours(), seed, decide).unwrap_or_else(|wrong| panic!("template.yaml: {wrong}"))
}

/// The same at another time than all others.
///
/// # Panics
/// Where the template cannot be.
pub fn deployed_at(at: At, seed: u64, decide: Decide) -> Stage {
    deployed_from_at(&Template::ours(), Some(at), seed, decide).unwrap_or_else(|wrong| panic!("template.yaml: {wrong}"))
}

/// The same from any template.
///
/// # Errors
/// What cannot be deployed, and why.
pub fn deployed_from(template: &Template, seed: u64, decide: Decide) -> Result<Stage, String> {
    deployed_from_at(template, None, seed, decide)
}

fn deployed_from_at(template: &Template, at: Option<At>, seed: u64, decide: Decide) -> Result<Stage, String> {
    let stack = permissions::stack(template);
    let roles = permissions::roles(template, &stack)?;
    let mut stage = Stage::bare(seed, decide);
    if let Some(at) = at {
        stage.sim.world().now = at;
        stage.begin();
    }
    permissions::attach(&mut stage.sim.world(), &roles);
    let environment = deploy::deploy(&mut stage.sim.world(), template, &stack)?;
    stage.perform(Some(environment));
    stage.clock = false;
    Ok(stage)
}

/// The state machine that is the clock, alone.
///
/// # Panics
/// Where the template cannot be deployed.
pub fn clock(world: &mut World) {
    let template = Template::ours();
    let stack = permissions::stack(&template);
    deploy::machines(world, &template, &stack).unwrap_or_else(|wrong| panic!("template.yaml: {wrong}"));
}

/// ARN of the state machine that is the clock.
pub fn clock_arn() -> String {
    format!("arn:aws:states:eu-central-1:111122223333:stateMachine:{CLOCK}")
}

/// A version of the worker, in its repository.
pub fn push(world: &mut World, row: &RowA, version: &str) {
    scene::push(world, row, version);
    ecr::stage::push(world, &row.name, version, &row.digest(version));
}

/// Versions that ECR has of the worker.
pub fn registered(world: &mut World, row: &RowA, versions: &[&str]) {
    for version in versions {
        ecr::stage::push(world, &row.name, version, &row.digest(version));
    }
}

/// Gives both services and the pipeline the tag that lets Serin act on them.
///
/// # Panics
/// Where there are no such services.
pub fn tagged(world: &mut World, row: &RowA) {
    for service in [&row.canary, &row.name] {
        let arn = world.arn("ecs", &format!("service/{}/{service}", row.cluster));
        let tags = json!({"resourceArn": arn, "tags": [{"key": "serin:policy", "value": row.name}]});
        let tagged = world.call("stage", "ecs", "TagResource", tags);
        tagged.unwrap_or_else(|refusal| panic!("{refusal}"));
    }
    pipelines::tag(world, &row.pipeline, "serin:policy", &row.name);
}

impl Stage {
    /// Adds row A under a name, its services tagged, its policy in Parameter Store, and lets it be known.
    pub fn service(&mut self, name: &str, cut: Cut) -> RowA {
        self.service_with(name, cut, |_| {})
    }

    /// The same with a policy that differs.
    pub fn service_with(&mut self, name: &str, cut: Cut, change: impl FnOnce(&mut Value)) -> RowA {
        self.service_on(name, &cut.options(name), change)
    }

    /// The same with a pipeline that differs.
    pub fn service_on(&mut self, name: &str, options: &pipelines::Options, change: impl FnOnce(&mut Value)) -> RowA {
        self.service_through(name, |world, row| scene::pipeline(world, row, options), change)
    }

    /// The same with any pipeline of that name.
    pub fn service_through(
        &mut self,
        name: &str,
        pipeline: impl FnOnce(&mut World, &RowA),
        change: impl FnOnce(&mut Value),
    ) -> RowA {
        self.service_of(RowA::named(name), pipeline, change)
    }

    /// The same with all names given.
    pub fn service_of(
        &mut self,
        mut row: RowA,
        pipeline: impl FnOnce(&mut World, &RowA),
        change: impl FnOnce(&mut Value),
    ) -> RowA {
        let balancer = self.balancers.get(&row.name).cloned();
        let watched = balancer.as_ref().filter(|balancer| balancer.watched);
        if watched.is_some() {
            row.alarm = format!("{}-slow", row.name);
        }
        let mut policy = row.policy();
        if let Some(balancer) = &balancer {
            policy["traffic"] = balancer.traffic();
        }
        change(&mut policy);
        {
            let mut world = self.sim.world();
            let world = &mut *world;
            scene::services_behind(world, &row, balancer.as_ref());
            pipeline(world, &row);
            match watched {
                Some(balancer) => scene::slow_alarm(world, &row, balancer),
                None => scene::alarm(world, &row),
            }
            push(world, &row, "v1");
            tagged(world, &row);
        }
        self.known(&row, policy);
        row
    }

    /// What is there before Serin is told of it: services, alarm and pipeline, without a tag and without a policy.
    pub fn service_before_serin(&mut self, name: &str) -> RowA {
        let row = RowA::named(name);
        {
            let mut world = self.sim.world();
            let world = &mut *world;
            scene::services_behind(world, &row, None);
            scene::pipeline(world, &row, &Cut::Plain.options(name));
            scene::alarm(world, &row);
            push(world, &row, "v1");
        }
        self.rows.insert(row.name.clone(), row.clone());
        self.run_for(KNOWN_SECONDS);
        row
    }

    /// Adds the policy and its pipeline alone: the services it names are created later.
    pub fn policy_alone(
        &mut self,
        name: &str,
        pipeline: impl FnOnce(&mut World, &RowA),
        change: impl FnOnce(&mut Value),
    ) -> RowA {
        let row = RowA::named(name);
        let mut policy = row.policy();
        change(&mut policy);
        {
            let mut world = self.sim.world();
            let world = &mut *world;
            simulator::ecs::stage::cluster(world, &row.cluster);
            pipeline(world, &row);
            pipelines::tag(world, &row.pipeline, "serin:policy", name);
            scene::alarm(world, &row);
            push(world, &row, "v1");
        }
        self.known(&row, policy);
        row
    }

    /// Puts a policy into Parameter Store, and lets it be known.
    fn known(&mut self, row: &RowA, policy: Value) {
        let parameter = format!("/serin/policies/{}", row.name);
        ssm::stage::put(&mut self.sim.world(), &parameter, &policy.to_string());
        self.rows.insert(row.name.clone(), row.clone());
        self.policies.insert(row.name.clone(), policy);
        self.dlq.insert(row.dlq.clone(), 0.0);
        self.run_for(KNOWN_SECONDS);
    }

    /// The slot of a policy, as the ledger holds it.
    pub fn slot(&self, policy: &str) -> Option<aws::ledger::Slot> {
        let serin = self.serin("story");
        self.sim.block_on(serin.ledger.slot(policy)).ok()
    }

    /// Name of the phase of a policy's open release, or of the outcome of the one that closed last.
    pub fn phase(&self, policy: &str) -> String {
        let Some(slot) = self.slot(policy) else {
            return "unreadable".to_owned();
        };
        let open = slot.held.map(|held| held.release.phase.name());
        let last = slot.last.map(|last| last.phase.name());
        open.or(last).unwrap_or("none").to_owned()
    }

    /// Version that a service runs, by the image of its definition.
    pub fn runs(&self, row: &RowA, service: &str) -> String {
        let mut world = self.sim.world();
        let input = json!({"cluster": row.cluster, "services": [service]});
        let services = world
            .call("story", "ecs", "DescribeServices", input)
            .unwrap_or_default();
        let definition = services["services"][0]["taskDefinition"].clone();
        let input = json!({"taskDefinition": definition});
        let described = world
            .call("story", "ecs", "DescribeTaskDefinition", input)
            .unwrap_or_default();
        let image = described["taskDefinition"]["containerDefinitions"][0]["image"]
            .as_str()
            .unwrap_or_default();
        let version = |version: &&str| image.ends_with(&format!(":{version}")) || image.ends_with(&row.digest(version));
        ["v1", "v2", "v3"]
            .iter()
            .find(|v| version(v))
            .map_or(image, |v| v)
            .to_owned()
    }

    /// Whether a policy's pipeline waits at its approval.
    pub fn awaits_approval(&self, row: &RowA) -> bool {
        let mut world = self.sim.world();
        let input = json!({"name": row.pipeline});
        let state = world
            .call("story", "codepipeline", "GetPipelineState", input)
            .unwrap_or_default();
        let stages = state["stageStates"].as_array().cloned().unwrap_or_default();
        let waits = |action: &Value| action["latestExecution"]["token"].is_string();
        stages.iter().any(|stage| {
            stage["actionStates"]
                .as_array()
                .is_some_and(|actions| actions.iter().any(waits))
        })
    }

    /// Now.
    pub fn now(&self) -> At {
        self.sim.world().now
    }
}
