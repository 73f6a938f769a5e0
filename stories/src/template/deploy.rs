//! Everything that the template deploys, but for its roles, put into a simulated account: table, functions with their
//! queues, rules and schedules, state machine, queue of failed events and its alarm.
//!
//! What is not understood is refused: what a story leaves out of the template proves nothing of it.

use super::permissions::{self, STACK};
use super::{Resolve, Template};
use serde_json::{Value, json};
use simulator::eventbridge::{Target, stage as bus};
use simulator::executor::FUNCTION_TIMEOUT;
use simulator::lambda::stage::{Config, function};
use simulator::{World, cloudwatch, dynamodb, sns, sqs, stepfunctions};
use std::collections::BTreeMap;

/// Texts of the state machines, by the names that the template has for them.
const MACHINES: [(&str, &str); 3] = [
    ("clock.asl.json", include_str!("../../../clock.asl.json")),
    ("start.asl.json", include_str!("../../../start.asl.json")),
    ("notices.asl.json", include_str!("../../../notices.asl.json")),
];

/// Types of resources that are looked at here, and those with nothing to look at: log groups are named where they are
/// written to, roles have a file of their own, and that a function or queue lets somebody in is taken for granted.
const KNOWN: [&str; 12] = [
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Serverless::Function",
    "AWS::Serverless::StateMachine",
];

/// What the functions are told by their environment.
#[derive(Clone, Debug)]
pub struct Environment {
    /// ARN of the state machine that ticks.
    pub clock: String,
    /// ARN of the topic by which manual approvals ask.
    pub approvals: Option<String>,
    /// ARN of the state machine that sends notices, by the folder of each function that is told of it.
    pub notices: BTreeMap<String, String>,
    /// The same, of those that say what a push waits for.
    pub start_notices: BTreeMap<String, String>,
}

/// Puts it there, as if it had been there for long.
///
/// # Errors
/// What is not understood, or AWS would refuse.
pub fn deploy(world: &mut World, template: &Template, stack: &Resolve<'_>) -> Result<Environment, String> {
    let resources = template.document["Resources"].as_object().into_iter().flatten();
    for (name, resource) in resources {
        let kind = resource["Type"].as_str().unwrap_or_default();
        if !KNOWN.contains(&kind) {
            return Err(format!("{name}: {kind} is not understood"));
        }
        let properties = &resource["Properties"];
        let done = match kind {
            "AWS::DynamoDB::Table" => table(world, stack, name, properties),
            "AWS::SQS::Queue" => queue(world, stack, name, properties),
            "AWS::Serverless::Function" => a_function(world, stack, name, properties),
            "AWS::Serverless::StateMachine" => machine(world, stack, properties),
            "AWS::CloudWatch::Alarm" => alarm(world, stack, name, properties),
            "AWS::Events::Rule" => rule(world, stack, name, properties),
            _ => Ok(()),
        };
        done.map_err(|wrong| format!("{name}: {wrong}"))?;
    }
    for (name, event) in events(template)? {
        source(world, template, stack, &name, event).map_err(|wrong| format!("{name}: {wrong}"))?;
    }
    told(template, stack)
}

/// What the functions are told by the template in the repository.
///
/// # Panics
/// Where it cannot be resolved.
pub fn environment() -> Environment {
    let template = Template::ours();
    told(&template, &permissions::stack(&template)).unwrap_or_else(|wrong| panic!("template.yaml: {wrong}"))
}

/// The state machines alone.
///
/// # Errors
/// As [`deploy`].
pub fn machines(world: &mut World, template: &Template, stack: &Resolve<'_>) -> Result<(), String> {
    let mut machines = template.resources("AWS::Serverless::StateMachine");
    machines.try_for_each(|(_, declared)| machine(world, stack, &declared["Properties"]))
}

/// What invokes the functions, by name, as SAM has it under them.
///
/// # Errors
/// Two of the same name.
pub fn events(template: &Template) -> Result<Vec<(String, &Value)>, String> {
    let mut all: Vec<(String, &Value)> = Vec::new();
    for (_, function) in template.resources("AWS::Serverless::Function") {
        for (name, event) in function["Properties"]["Events"].as_object().into_iter().flatten() {
            if all.iter().any(|(other, _)| other == name) {
                return Err(format!("{name}: two events have this name"));
            }
            all.push((name.clone(), event));
        }
    }
    Ok(all)
}

/// The function under which an event stands.
fn invoked<'a>(template: &'a Template, event: &str) -> &'a str {
    let mut functions = template.resources("AWS::Serverless::Function");
    let found = functions.find(|(_, function)| !function["Properties"]["Events"][event].is_null());
    found.map_or("", |(name, _)| name)
}

fn told(template: &Template, stack: &Resolve<'_>) -> Result<Environment, String> {
    let globals = stack.value(&template.document["Globals"]["Function"])?;
    if globals["Timeout"] != FUNCTION_TIMEOUT.as_secs() {
        let here = FUNCTION_TIMEOUT.as_secs();
        return Err(format!(
            "Timeout is {}, and functions run for {here} s here",
            globals["Timeout"]
        ));
    }
    let variables = &globals["Environment"]["Variables"];
    let variable = |name: &str| variables[name].as_str().map(str::to_owned);
    let of_functions = |variable: &str| -> Result<BTreeMap<String, String>, String> {
        let mut told = BTreeMap::new();
        for (name, function) in template.resources("AWS::Serverless::Function") {
            let own = stack.value(&function["Properties"]["Environment"]["Variables"][variable])?;
            told.extend(own.as_str().map(|arn| (name.to_lowercase(), arn.to_owned())));
        }
        Ok(told)
    };
    Ok(Environment {
        clock: variable("SERIN_CLOCK").ok_or("Globals: the functions are not told of the clock")?,
        approvals: variable("SERIN_APPROVALS"),
        notices: of_functions("SERIN_NOTICES")?,
        start_notices: of_functions("SERIN_START_NOTICES")?,
    })
}

fn table(world: &mut World, stack: &Resolve<'_>, name: &str, properties: &Value) -> Result<(), String> {
    let mut request = stack.value(properties)?;
    request["TableName"] = stack.value(&json!({ "Ref": name }))?;
    dynamodb::stage::table(world, &request).map_err(|refusal| refusal.to_string())
}

fn queue(world: &mut World, stack: &Resolve<'_>, name: &str, properties: &Value) -> Result<(), String> {
    let attributes = stack.value(properties)?;
    let texts = attributes.as_object().into_iter().flatten().map(|(key, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (key.clone(), json!(text))
    });
    let queue = stack.value(&json!({ "Fn::GetAtt": [name, "QueueName"] }))?;
    sqs::stage::idle_queue(world, queue.as_str().unwrap_or_default(), texts.collect::<Value>());
    Ok(())
}

fn a_function(world: &mut World, stack: &Resolve<'_>, name: &str, properties: &Value) -> Result<(), String> {
    let invoked = stack.value(&properties["EventInvokeConfig"])?;
    let logs = stack.value(&properties["LoggingConfig"]["LogGroup"])?;
    let config = Config {
        attempts_max: number(&invoked["MaximumRetryAttempts"], "MaximumRetryAttempts")?,
        event_age_seconds: number(&invoked["MaximumEventAgeInSeconds"], "MaximumEventAgeInSeconds")?,
        on_failure: last(&invoked["DestinationConfig"]["OnFailure"]["Destination"]),
        role: stack.value(&properties["Role"])?.as_str().map(str::to_owned),
        log_group: logs.as_str().map(str::to_owned),
        reserved: None,
    };
    let name = stack.value(&json!({ "Ref": name }))?;
    function(world, name.as_str().unwrap_or_default(), config);
    Ok(())
}

fn machine(world: &mut World, stack: &Resolve<'_>, properties: &Value) -> Result<(), String> {
    let properties = stack.value(properties)?;
    let mut texts = MACHINES.iter();
    let Some((_, text)) = texts.find(|(name, _)| properties["DefinitionUri"] == *name) else {
        return Err(format!("{} is not here", properties["DefinitionUri"]));
    };
    let (name, role) = (properties["Name"].as_str(), properties["Role"].as_str());
    let (Some(name), Some(role)) = (name, role) else {
        return Err("Name and Role must be there".to_owned());
    };
    let mut text = (*text).to_owned();
    for (key, value) in properties["DefinitionSubstitutions"].as_object().into_iter().flatten() {
        text = text.replace(&format!("${{{key}}}"), value.as_str().unwrap_or_default());
    }
    if let Some((_, rest)) = text.split_once("${") {
        return Err(format!(
            "nothing is substituted for ${{{}",
            rest.split('"').next().unwrap_or(rest)
        ));
    }
    stepfunctions::stage::create_in_role(world, name, &text, role);
    Ok(())
}

fn alarm(world: &mut World, stack: &Resolve<'_>, name: &str, properties: &Value) -> Result<(), String> {
    let mut request = stack.value(properties)?;
    request["AlarmName"] = json!(format!("{STACK}-{name}"));
    cloudwatch::stage::settled_alarm(world, &request).map_err(|refusal| refusal.to_string())
}

/// A rule that starts executions of a state machine.
fn rule(world: &mut World, stack: &Resolve<'_>, name: &str, properties: &Value) -> Result<(), String> {
    let properties = stack.value(properties)?;
    let [target] = properties["Targets"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err("must have one target".to_owned());
    };
    let machine = last(&target["Arn"]).ok_or("its target's Arn must be there")?;
    let retry = &target["RetryPolicy"];
    let mut called = Target::machine(&machine).retried(
        number(&retry["MaximumEventAgeInSeconds"], "MaximumEventAgeInSeconds")?,
        number(&retry["MaximumRetryAttempts"], "MaximumRetryAttempts")?,
    );
    called.dead_letter = last(&target["DeadLetterConfig"]["Arn"]);
    called.role = target["RoleArn"].as_str().map(str::to_owned);
    let pattern = properties["EventPattern"].clone();
    bus::rule(world, name, pattern, vec![called]).map_err(|refusal| refusal.to_string())?;
    match properties["State"].as_str() {
        Some("ENABLED") => Ok(()),
        Some("DISABLED") => {
            bus::enable(world, name, false);
            Ok(())
        }
        other => Err(format!("State {other:?} is not understood")),
    }
}

fn source(
    world: &mut World,
    template: &Template,
    stack: &Resolve<'_>,
    name: &str,
    event: &Value,
) -> Result<(), String> {
    let properties = stack.value(&event["Properties"])?;
    let function = invoked(template, name);
    let called = stack.value(&json!({ "Ref": function }))?;
    if event["Type"] == "SNS" {
        let topic = last(&properties["Topic"]).ok_or("Topic must be there")?;
        sns::stage::subscribe(world, &topic, called.as_str().unwrap_or_default());
        return Ok(());
    }
    let retry = &properties["RetryPolicy"];
    let mut target = Target::function(called.as_str().unwrap_or_default()).retried(
        number(&retry["MaximumEventAgeInSeconds"], "MaximumEventAgeInSeconds")?,
        number(&retry["MaximumRetryAttempts"], "MaximumRetryAttempts")?,
    );
    target.dead_letter = last(&properties["DeadLetterConfig"]["Arn"]);
    target.role = properties["RoleArn"].as_str().map(str::to_owned);
    let put = match event["Type"].as_str() {
        Some("EventBridgeRule") => bus::rule(
            world,
            &format!("{function}{name}"),
            properties["Pattern"].clone(),
            vec![target],
        ),
        _ => {
            let input = properties["Input"].as_str().unwrap_or_default();
            let input = serde_json::from_str(input).map_err(|error| format!("Input: {error}"))?;
            let rate = rate_seconds(&properties["ScheduleExpression"])?;
            bus::schedule(world, &format!("{function}{name}"), rate, target.given(input))
        }
    };
    put.map_err(|refusal| refusal.to_string())
}

/// `rate(5 minutes)`, the one kind of expression that is used.
fn rate_seconds(expression: &Value) -> Result<u32, String> {
    let text = expression.as_str().unwrap_or_default();
    let rate = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let (number, unit) = rate.and_then(|rate| rate.split_once(' ')).unwrap_or_default();
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        _ => 0,
    };
    match number.parse::<u32>() {
        Ok(number) if seconds > 0 => Ok(number * seconds),
        _ => Err(format!("ScheduleExpression {text} is not understood")),
    }
}

fn number(value: &Value, what: &str) -> Result<u32, String> {
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| format!("{what} must be there"))
}

/// The name at the end of an ARN.
fn last(arn: &Value) -> Option<String> {
    arn.as_str().and_then(|arn| arn.rsplit(':').next()).map(str::to_owned)
}
