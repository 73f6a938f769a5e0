//! A subscription to the topic an alarm notifies.
//!
//! The region stands in the message by its display name (`EU (Frankfurt)`), so only the ARN knows it; the topic may lie in
//! another account than the alarm, so its ARN proves nothing.

use super::node::{Node, agree, kind};
use super::text::{self, REMARK_CHARS_MAX};
use super::transition::{A_STATE, name, reason, state};
use super::{AlarmEvent, Source, Undecodable};
use aws_lambda_events::event::sns::SnsRecord;
use serde::Deserialize;
use serde_json::Value;

/// Each record on its own: one that is no alarm does not take the others with it.
pub(super) fn decode(payload: &Value) -> Vec<Result<AlarmEvent, Undecodable>> {
    const EXPECTED: &str = "a list of at least one SNS record";
    match payload.get("Records") {
        Some(Value::Array(records)) if !records.is_empty() => records
            .iter()
            .enumerate()
            .map(|(index, record)| decode_record(index, record))
            .collect(),
        other => vec![Err(Undecodable::Malformed {
            at: "Records".to_owned(),
            expected: EXPECTED,
            found: kind(other.unwrap_or(&Value::Null)),
        })],
    }
}

fn decode_record(index: usize, record: &Value) -> Result<AlarmEvent, Undecodable> {
    let at = format!("Records[{index}]");
    require_sns(&Node::document(&at, record))?;
    let envelope = SnsRecord::deserialize(record).map_err(|error| Undecodable::Envelope {
        at: format!("`{at}`"),
        expected: "an SNS notification",
        because: text::bounded(&error.to_string(), REMARK_CHARS_MAX),
    })?;
    let at = format!("{at}.Sns.Message");
    let message = read_message(&at, &envelope.sns.message)?;
    decode_message(&Node::document(at, &message), text::id(&envelope.sns.message_id))
}

/// SQS, Kinesis and DynamoDB write `eventSource` where SNS writes `EventSource`.
fn require_sns(record: &Node<'_>) -> Result<(), Undecodable> {
    let (sender, other) = (record.field("EventSource"), record.field("eventSource"));
    match sender.text_or_nothing().or(other.text_or_nothing()) {
        Some("aws:sns") => Ok(()),
        Some(other) => Err(Undecodable::NotAnAlarm {
            at: format!("`{}`", record.path()),
            found: format!("a record of {}", text::quoted(other)),
            next: "subscribe this function to the alarm's topic itself, without a queue or stream in between",
        }),
        None => Err(sender.missing("`aws:sns`")),
    }
}

/// The message of an alarm is a JSON object with at least one of these.
const ALARM_FIELDS: [&str; 3] = ["AlarmArn", "AlarmName", "NewStateValue"];

fn read_message(at: &str, message: &str) -> Result<Value, Undecodable> {
    let value: Value = match serde_json::from_str(message) {
        Ok(value) => value,
        Err(error) if message.trim_start().starts_with('{') => {
            return Err(Undecodable::Malformed {
                at: at.to_owned(),
                expected: "a whole JSON document",
                found: format!("one that breaks off ({error})"),
            });
        }
        Err(_) => return Err(stranger(at, format!("the text {}", text::quoted(message)), OWN_TOPIC)),
    };
    let has = |field: &str| value.get(field).is_some();
    if ALARM_FIELDS.iter().any(|field| has(field)) {
        Ok(value)
    } else if has("approval") {
        Err(stranger(at, "a manual approval's notification".to_owned(), APPROVAL))
    } else if has("detail-type") {
        Err(stranger(at, "an EventBridge event".to_owned(), RULE))
    } else {
        Err(stranger(at, kind(&value), OWN_TOPIC))
    }
}

const OWN_TOPIC: &str = "give the alarms a topic of their own, or take this sender off the topic";
const APPROVAL: &str = "subscribe the function `approve`, not this one, to the approval's topic";
const RULE: &str = "let the EventBridge rule invoke this function itself, without a topic in between";

fn stranger(at: &str, found: String, next: &'static str) -> Undecodable {
    Undecodable::NotAnAlarm {
        at: format!("`{at}`"),
        found,
        next,
    }
}

fn decode_message(message: &Node<'_>, event_id: String) -> Result<AlarmEvent, Undecodable> {
    let (alarm, account) = (message.field("AlarmArn"), message.field("AWSAccountId"));
    let arn = alarm.alarm_arn()?;
    agree(
        "account",
        (account.path(), account.text("the alarm's account")?),
        (alarm.path(), arn.account()),
    )?;
    let updated = message.field("StateChangeTime").instant()?;
    Ok(AlarmEvent {
        name: name(message.field("AlarmName"), &arn),
        state: state(message.field("NewStateValue").text(A_STATE)?),
        previous: message.field("OldStateValue").text_or_nothing().map(state),
        since: updated,
        updated,
        reason: reason(message.field("NewStateReason")),
        // Suppressed and muted alarms notify nobody.
        suppressed: None,
        muted: false,
        contributor: contributor(message)?,
        arn,
        source: Source::Sns,
        event_id: Some(event_id),
    })
}

/// Refused if only half of it is there, as one time series' `OK` must not become the alarm's.
///
/// AWS documents neither field for notifications; they are those of `DescribeAlarmHistory`, and receivers read them.
fn contributor(message: &Node<'_>) -> Result<Option<String>, Undecodable> {
    let id = message.field("AlarmContributorId");
    if !id.is_present() && !message.field("AlarmContributorAttributes").is_present() {
        return Ok(None);
    }
    id.text("the id of the time series that changed")
        .map(|id| Some(text::id(id)))
}
