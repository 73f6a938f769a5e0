//! What functions answered and what the bus told, as lines for people.

use serde_json::Value;

/// What a function answered, for the diary.
pub fn lines(answer: &Result<Value, String>) -> Vec<String> {
    match answer {
        Err(error) => vec![format!("fails: {error}")],
        Ok(answer) if answer["alarms"].is_array() => answer["alarms"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(alarm_lines)
            .collect(),
        Ok(answer) if answer["stepped"].is_array() => answer["stepped"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(step_lines)
            .chain(swept(answer))
            .collect(),
        Ok(answer) if answer["policies"].is_array() => answer["policies"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(look_lines)
            .collect(),
        Ok(answer) if answer["synced"].is_object() => wrong_lines(&answer["synced"]),
        Ok(answer) if answer["job"].is_string() => {
            vec![format!("{}: {}", text(&answer["answer"]), text(&answer["because"]))]
        }
        Ok(answer) if answer["order"].is_string() => ordered(answer),
        Ok(answer) if answer["accepted"].is_boolean() => started(answer),
        Ok(answer) => step_lines(answer),
    }
}

/// What became of a release that a person started by hand.
fn started(answer: &Value) -> Vec<String> {
    let said = text(&answer["answer"]);
    let word = if answer["accepted"] == Value::Bool(true) {
        "accepted"
    } else {
        "refused"
    };
    vec![format!("{word}: {said}")]
}

/// What became of a person's order.
fn ordered(answer: &Value) -> Vec<String> {
    let said = text(&answer["answer"]);
    if answer["accepted"] != Value::Bool(true) {
        return vec![format!("refused: {said}")];
    }
    let stepped = if answer["release_id"].is_string() {
        step_lines(answer)
    } else {
        Vec::new()
    };
    [vec![format!("accepted: {said}")], stepped].concat()
}

/// What a sweep found besides releases that were overdue.
fn swept(answer: &Value) -> Vec<String> {
    let members = |name: &str| answer[name].as_array().cloned().unwrap_or_default();
    let opened = members("opened");
    let opened = opened
        .iter()
        .map(|id| format!("release {} is opened by the sweep", text(id)));
    let wrong = members("policies");
    let wrong = wrong.iter().flat_map(wrong_lines);
    let failed = members("failed");
    let failed = failed.iter().map(|failed| format!("could not: {}", text(failed)));
    opened.chain(wrong).chain(failed).collect()
}

/// What is wrong with a policy's document, if anything.
fn wrong_lines(synced: &Value) -> Vec<String> {
    match synced["policy"].as_str() {
        Some("wrong") => vec![format!(
            "policy {} is wrong: {}",
            text(&synced["name"]),
            text(&synced["because"])
        )],
        _ => Vec::new(),
    }
}

/// What a look at one policy came to; nothing is said where there was nothing to do.
fn look_lines(policy: &Value) -> Vec<String> {
    let stepped = &policy["with"];
    match policy["look"].as_str() {
        Some("opened") => [
            vec![format!("release {} is opened", text(&stepped["release_id"]))],
            step_lines(stepped),
        ]
        .concat(),
        Some("stepped") => step_lines(stepped),
        _ => Vec::new(),
    }
}

fn alarm_lines(alarm: &Value) -> Vec<String> {
    if let Some(because) = alarm["left_alone"].as_str() {
        return vec![format!("left alone: {because}")];
    }
    let policies = alarm["policies"].as_array().cloned().unwrap_or_default();
    policies
        .iter()
        .flat_map(|policy| match policy["answer"].as_str() {
            Some("nothing_open") => {
                let last = policy["last"]
                    .as_str()
                    .map(|last| format!("; the last was {last}"))
                    .unwrap_or_default();
                vec![format!(
                    "left alone: policy {} has no open release{last}",
                    text(&policy["policy"])
                )]
            }
            Some("unusable") => vec![format!("cannot: {}", text(&policy["because"]))],
            _ => step_lines(policy),
        })
        .collect()
}

fn step_lines(step: &Value) -> Vec<String> {
    let mut lines = vec![text(&step["because"]).to_owned()];
    lines.extend(
        step["did"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|did| format!("  {}", text(did))),
    );
    lines
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What an event on the bus says, for the diary.
pub fn happening(event: &Value) -> Option<(&'static str, String)> {
    let detail = &event["detail"];
    match event["detail-type"].as_str()? {
        "CodePipeline Action Execution State Change" => {
            let (stage, action, state) = (text(&detail["stage"]), text(&detail["action"]), text(&detail["state"]));
            let id = text(&detail["execution-id"])
                .split('-')
                .next()
                .unwrap_or_default()
                .to_owned();
            Some((
                "CodePipeline",
                format!(
                    "{}: {stage}/{action} {state} (execution {id})",
                    text(&detail["pipeline"])
                ),
            ))
        }
        "CodePipeline Pipeline Execution State Change" => {
            let id = text(&detail["execution-id"])
                .split('-')
                .next()
                .unwrap_or_default()
                .to_owned();
            Some((
                "CodePipeline",
                format!(
                    "{}: execution {id} {}",
                    text(&detail["pipeline"]),
                    text(&detail["state"])
                ),
            ))
        }
        "ECS Deployment State Change" => {
            let service = text(&event["resources"][0])
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned();
            Some(("ECS", format!("{service}: {}", text(&detail["reason"]))))
        }
        "CloudWatch Alarm State Change" => Some((
            "CloudWatch",
            format!(
                "{} goes to {}",
                text(&detail["alarmName"]),
                text(&detail["state"]["value"])
            ),
        )),
        _ => None,
    }
}
