//! An EventBridge rule that passes alarm state changes on.

use super::direct::CLOUDWATCH;
use super::node::{self, AN_ALARM_ARN, Node, agree, missing};
use super::text::{self, REMARK_CHARS_MAX};
use super::{AlarmEvent, Source, Undecodable, transition};
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use serde::Deserialize;
use serde_json::Value;

/// The events that report a change of state. The second is about one time series of a Metrics Insights alarm.
const STATE_CHANGES: [&str; 2] = ["CloudWatch Alarm State Change", CONTRIBUTORS];
const CONTRIBUTORS: &str = "CloudWatch Alarm Contributor State Change";

pub(super) fn decode(payload: &Value) -> Result<AlarmEvent, Undecodable> {
    let event = EventBridgeEvent::<Value>::deserialize(payload).map_err(|error| Undecodable::Envelope {
        at: "the event".to_owned(),
        expected: "an EventBridge envelope",
        because: text::bounded(&error.to_string(), REMARK_CHARS_MAX),
    })?;
    require_state_change(&event)?;
    let resource = event.resources.iter().flatten().next();
    let arn = node::alarm_arn(
        "resources[0]",
        resource.ok_or_else(|| missing("resources[0]", AN_ALARM_ARN))?,
    )?;
    let account = event
        .account
        .as_deref()
        .ok_or_else(|| missing("account", "the alarm's account"))?;
    let region = event
        .region
        .as_deref()
        .ok_or_else(|| missing("region", "the alarm's region"))?;
    agree("account", ("account", account), ("resources[0]", arn.account()))?;
    agree("region", ("region", region), ("resources[0]", arn.region()))?;
    let id = event.id.as_deref().map(text::id);
    let detail = Node::document("detail", &event.detail);
    let decoded = transition::decode(&detail, arn, Source::EventBridge, id)?;
    if event.detail_type == CONTRIBUTORS && decoded.contributor.is_none() {
        return Err(missing("detail.alarmContributor", "the time series that changed"));
    }
    Ok(decoded)
}

/// Only AWS may put events whose source begins with `aws.`, so the source tells a real alarm from an imitation on the bus.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html>
fn require_state_change(event: &EventBridgeEvent<Value>) -> Result<(), Undecodable> {
    if event.source == CLOUDWATCH && STATE_CHANGES.contains(&event.detail_type.as_str()) {
        return Ok(());
    }
    Err(Undecodable::NotAnAlarm {
        at: "the event".to_owned(),
        found: format!(
            "{} from {}",
            text::quoted(&event.detail_type),
            text::quoted(&event.source)
        ),
        next: "let the rule match source `aws.cloudwatch` and detail-type `CloudWatch Alarm State Change` only; \
               ECS and CodePipeline events belong to the function `watch`",
    })
}
