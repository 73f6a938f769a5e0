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
            .collect(),
        Ok(answer) => step_lines(answer),
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
