//! The machine and its states.

use super::fields::Fields;
use super::problems::Problems;
use super::{Definition, Flow, Kind, Resource, State, Task, Wait, handlers, rules};
use crate::stepfunctions::template::Template;
use crate::stepfunctions::timestamp::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Characters of a state's name, at most: ASL specification, "States".
const NAME_LENGTH: usize = 80;
/// Seconds of a Wait or a time-out, at most: developer guide, "Wait workflow state".
const MOST_SECONDS: i64 = 99_999_999;

/// Members that a state of this type may have beside `Type`, `Comment` and `QueryLanguage`.
const FIELDS: [(&str, &[&str]); 7] = [
    (
        "Task",
        &[
            "Resource",
            "TimeoutSeconds",
            "Retry",
            "Catch",
            "InputPath",
            "Parameters",
            "ResultSelector",
            "ResultPath",
            "OutputPath",
            "Next",
            "End",
        ],
    ),
    ("Choice", &["Choices", "Default", "InputPath", "OutputPath"]),
    (
        "Wait",
        &[
            "Seconds",
            "SecondsPath",
            "Timestamp",
            "TimestampPath",
            "InputPath",
            "OutputPath",
            "Next",
            "End",
        ],
    ),
    (
        "Pass",
        &[
            "Result",
            "InputPath",
            "Parameters",
            "ResultPath",
            "OutputPath",
            "Next",
            "End",
        ],
    ),
    (
        "Parallel",
        &[
            "Branches",
            "InputPath",
            "Parameters",
            "ResultSelector",
            "ResultPath",
            "OutputPath",
            "Next",
            "End",
        ],
    ),
    ("Succeed", &["InputPath", "OutputPath"]),
    ("Fail", &["Error", "ErrorPath", "Cause", "CausePath"]),
];

/// Parameters of `lambda:invoke` that are simulated.
const INVOKE: [&str; 3] = ["FunctionName", "Payload", "InvocationType"];
/// Parameters of `states:startExecution` that are simulated.
const START: [&str; 3] = ["StateMachineArn", "Name", "Input"];
/// Parameters of `sns:publish` that are simulated; the first two are required.
const PUBLISH: [&str; 3] = ["TopicArn", "Message", "Subject"];
/// Parameters of `events:putEvents` that are simulated.
const PUT_EVENTS: [&str; 1] = ["Entries"];

pub(super) fn machine(value: &Value, problems: &mut Problems) -> Option<Definition> {
    let fields = Fields::of(value, String::new(), problems)?;
    let known = [
        "Comment",
        "QueryLanguage",
        "StartAt",
        "States",
        "TimeoutSeconds",
        "Version",
    ];
    fields.only(&known, problems);
    query_language(&fields, problems);
    if fields.text("Version", problems).is_some_and(|version| version != "1.0") {
        problems.schema("/Version", "Value is not one of [1.0]");
    }
    let timeout_seconds = seconds(&fields, "TimeoutSeconds", 1, problems);
    let (start_at, states) = states(&fields, problems)?;
    Some(Definition {
        start_at,
        states,
        timeout_seconds,
    })
}

/// The states of a machine, or of a branch.
fn states(fields: &Fields<'_>, problems: &mut Problems) -> Option<(String, BTreeMap<String, State>)> {
    fields.require(&["States", "StartAt"], problems);
    let start_at = fields.text("StartAt", problems)?.to_owned();
    let states = Fields::of(fields.get("States")?, fields.at("States"), problems)?;
    let mut read = BTreeMap::new();
    for name in states.names() {
        if name.is_empty() || name.chars().count() > NAME_LENGTH {
            problems.schema(
                &states.at(name),
                &format!("State names have 1 to {NAME_LENGTH} characters"),
            );
        }
        let value = states.get(name).unwrap_or(&Value::Null);
        if let Some(state) = Fields::of(value, states.at(name), problems).and_then(|fields| state(&fields, problems)) {
            read.insert(name.clone(), state);
        }
    }
    Some((start_at, read))
}

/// The branches of a Parallel state. What fails in one and is not caught there fails them all: Retry and Catch of the
/// state itself are not simulated.
fn branches(fields: &Fields<'_>, problems: &mut Problems) -> Vec<Arc<Definition>> {
    let entries = fields.list("Branches", problems).into_iter().enumerate();
    let read = entries.filter_map(|(index, entry)| {
        let fields = Fields::of(entry, format!("{}[{index}]", fields.at("Branches")), problems)?;
        fields.only(&["Comment", "StartAt", "States"], problems);
        let (start_at, states) = states(&fields, problems)?;
        Some(Arc::new(Definition {
            start_at,
            states,
            timeout_seconds: None,
        }))
    });
    read.collect()
}

fn query_language(fields: &Fields<'_>, problems: &mut Problems) {
    match fields.text("QueryLanguage", problems) {
        Some("JSONata") => problems.not_simulated(&fields.at("QueryLanguage"), "JSONata"),
        Some("JSONPath") | None => {}
        Some(_) => problems.schema(&fields.at("QueryLanguage"), "Value is not one of [JSONPath, JSONata]"),
    }
}

fn seconds(fields: &Fields<'_>, name: &str, least: i64, problems: &mut Problems) -> Option<i64> {
    let seconds = fields.whole(name, least, problems)?;
    if seconds > MOST_SECONDS {
        problems.schema(&fields.at(name), &format!("Value is greater than {MOST_SECONDS}"));
    }
    Some(seconds)
}

fn state(fields: &Fields<'_>, problems: &mut Problems) -> Option<State> {
    fields.require(&["Type"], problems);
    query_language(fields, problems);
    let of_type = fields.text("Type", problems)?;
    let Some((_, known)) = FIELDS.iter().find(|(known, _)| *known == of_type) else {
        match of_type {
            "Map" => problems.not_simulated(&fields.place, &format!("a {of_type} state")),
            _ => problems.schema(&fields.at("Type"), "Value is not a valid state type"),
        }
        return None;
    };
    let known: Vec<&str> = ["Type", "Comment", "QueryLanguage"]
        .iter()
        .chain(*known)
        .copied()
        .collect();
    fields.only(&known, problems);
    let flow = Flow {
        input_path: fields.selected("InputPath", problems),
        parameters: fields.template("Parameters", problems),
        result_selector: fields.template("ResultSelector", problems),
        result_path: fields.result_path(problems),
        output_path: fields.selected("OutputPath", problems),
    };
    let kind = match of_type {
        "Task" => Kind::Task(Box::new(task(fields, &flow, problems)?)),
        "Choice" => {
            let (rules, default) = rules::choices(fields, problems);
            Kind::Choice { rules, default }
        }
        "Wait" => Kind::Wait(wait(fields, problems)?),
        "Pass" => Kind::Pass {
            result: fields.get("Result").cloned(),
        },
        "Parallel" => Kind::Parallel {
            branches: branches(fields, problems),
        },
        "Succeed" => Kind::Succeed,
        _ => Kind::Fail {
            error: fields.text_or_path("Error", problems),
            cause: fields.text_or_path("Cause", problems),
        },
    };
    let leads_on = known.contains(&"Next");
    let next = if leads_on { next(fields, problems) } else { None };
    Some(State { kind, flow, next })
}

fn next(fields: &Fields<'_>, problems: &mut Problems) -> Option<String> {
    let next = fields.text("Next", problems);
    let ends = fields.boolean("End", problems);
    match (next, ends) {
        (None, None | Some(false)) => fields.require(&["Next"], problems),
        (Some(_), Some(true)) => problems.schema(&fields.place, "Only one of [Next, End] is allowed"),
        _ => {}
    }
    next.map(str::to_owned)
}

fn wait(fields: &Fields<'_>, problems: &mut Problems) -> Option<Wait> {
    let names = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];
    let given: Vec<&str> = names.into_iter().filter(|name| fields.get(name).is_some()).collect();
    match given.as_slice() {
        ["Seconds"] => seconds(fields, "Seconds", 0, problems).map(Wait::Seconds),
        ["SecondsPath"] => fields.path("SecondsPath", problems).map(Wait::SecondsPath),
        ["TimestampPath"] => fields.path("TimestampPath", problems).map(Wait::TimestampPath),
        ["Timestamp"] => {
            let moment = Timestamp::read(fields.text("Timestamp", problems)?);
            if moment.is_none() {
                problems.schema(&fields.at("Timestamp"), "Value is not a valid RFC3339 timestamp");
            }
            moment.map(Wait::Timestamp)
        }
        _ => {
            let what = format!("Exactly one of these fields is required: [{}]", names.join(", "));
            problems.schema(&fields.place, &what);
            None
        }
    }
}

fn task(fields: &Fields<'_>, flow: &Flow, problems: &mut Problems) -> Option<Task> {
    fields.require(&["Resource"], problems);
    let timeout_seconds = seconds(fields, "TimeoutSeconds", 1, problems);
    let retriers = handlers::retriers(fields, problems);
    let catchers = handlers::catchers(fields, problems);
    let resource = resource(fields.text("Resource", problems)?, fields, problems)?;
    let wanted: &[&str] = match resource {
        Resource::LambdaInvoke => &INVOKE,
        Resource::StartExecution => &START,
        Resource::Publish => &PUBLISH,
        Resource::PutEvents => &PUT_EVENTS,
        Resource::Function(_) => &[],
    };
    if !wanted.is_empty() {
        parameters(fields, flow, wanted, problems);
    }
    Some(Task {
        resource,
        timeout_seconds,
        retriers,
        catchers,
    })
}

/// The first of the wanted parameters is required, the others may be there, and nothing else.
fn parameters(fields: &Fields<'_>, flow: &Flow, wanted: &[&str], problems: &mut Problems) {
    let names = flow.parameters.as_ref().map(Template::names).unwrap_or_default();
    if !names.contains(&wanted[0]) {
        let what = format!("The field \"{}\" is required but was missing", wanted[0]);
        problems.schema(&fields.at("Parameters"), &what);
    }
    for name in names.iter().filter(|name| !wanted.contains(name)) {
        problems.not_simulated(&fields.at("Parameters"), &format!("the parameter '{name}'"));
    }
}

fn resource(text: &str, fields: &Fields<'_>, problems: &mut Problems) -> Option<Resource> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "states", "", "", "lambda", "invoke"] => Some(Resource::LambdaInvoke),
        ["arn", _, "states", "", "", "states", "startExecution"] => Some(Resource::StartExecution),
        ["arn", _, "states", "", "", "sns", "publish"] => Some(Resource::Publish),
        ["arn", _, "states", "", "", "events", "putEvents"] => Some(Resource::PutEvents),
        ["arn", _, "lambda", _, _, "function", ..] => Some(Resource::Function(text.to_owned())),
        ["arn", _, "states", ..] => {
            problems.not_simulated(&fields.at("Resource"), &format!("the resource {text}"));
            None
        }
        _ => {
            problems.schema(&fields.at("Resource"), "Value is not a valid resource ARN");
            None
        }
    }
}
