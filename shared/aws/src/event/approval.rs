//! The message that a manual approval action sends to its SNS topic.
//!
//! It names no execution and is signed for nobody here: what it says is only ever held against what CodePipeline itself
//! answers. Its token is not kept, only what tells it apart.

use super::node::{Node, kind};
use super::shape::{self, agree, arn, checked, is_pipeline_name, is_uuid};
use super::text::{self, REMARK_CHARS_MAX};
use super::{EpochMillis, Undecodable};
use aws_lambda_events::event::sns::SnsRecord;
use decide::token_mark;
use serde::Deserialize;
use serde_json::Value;

/// A manual approval waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalEvent {
    /// ARN of the topic that it came through.
    pub topic: String,
    /// Account of that topic.
    pub account: String,
    /// Region of topic and pipeline.
    pub region: String,
    /// Pipeline name.
    pub pipeline: String,
    /// Stage name.
    pub stage: String,
    /// Action name.
    pub action: String,
    /// Marks the token of the request: enough to tell it apart, too little to answer with.
    pub token_mark: String,
    /// When CodePipeline gives it up, to the minute.
    pub expires: EpochMillis,
}

/// Field that only a batch of records has.
const RECORDS: &str = "Records";

const EXPECTED: shape::Expected = shape::Expected {
    document: "the SNS message of a manual approval action",
    marks: &[RECORDS],
    complete: "AWS always sends it: whatever stands between the topic and this function has taken it away",
    compare: "compare the message with those in events/approval",
};

const OWN_TOPIC: &str = "let nothing but manual approval actions notify this topic";
const A_TOPIC: &str = "a topic's ARN (arn:aws:sns:<region>:<account>:<name>)";
const A_TOKEN: &str = "the request's token";
const A_MINUTE: &str = "a minute in UTC (2026-11-28T03:12Z)";

/// Whether this is a batch of records, and no job.
pub fn is_batch(payload: &Value) -> bool {
    payload.get(RECORDS).is_some()
}

/// The approvals that an SNS batch tells of, each decoded or refused on its own.
///
/// # Errors
/// A refusal is final: the same document is refused again, so a caller logs it and answers without an error.
///
/// # Source
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals-json-format.html>
pub fn approvals(payload: &Value) -> Vec<Result<ApprovalEvent, Undecodable>> {
    if let Err(refusal) = EXPECTED.require(payload) {
        return vec![Err(refusal)];
    }
    match payload.get(RECORDS) {
        Some(Value::Array(records)) if !records.is_empty() => records
            .iter()
            .enumerate()
            .map(|(index, record)| decode(index, record).map_err(|refusal| EXPECTED.advise(refusal)))
            .collect(),
        other => vec![Err(EXPECTED.refuse(kind(other.unwrap_or(&Value::Null)), OWN_TOPIC))],
    }
}

fn decode(index: usize, record: &Value) -> Result<ApprovalEvent, Undecodable> {
    let at = format!("Records[{index}]");
    let document = Node::document(&at, record);
    checked(&document.field("EventSource"), "`aws:sns`", |sender| {
        sender == "aws:sns"
    })?;
    let envelope = SnsRecord::deserialize(record).map_err(|error| Undecodable::Envelope {
        at: format!("`{at}`"),
        expected: "an SNS notification",
        because: text::bounded(&error.to_string(), REMARK_CHARS_MAX),
    })?;
    let sns = document.field("Sns");
    let topic = sns.field("TopicArn");
    let through = arn(&topic, "sns", A_TOPIC)?;
    let subscription = document.field("EventSubscriptionArn");
    let subscribed = arn(&subscription, "sns", "a subscription's ARN")?;
    let inside = subscription.path();
    agree("account", (&topic, through.account), (inside, subscribed.account))?;
    agree("region", (&topic, through.region), (inside, subscribed.region))?;
    let message = sns.field("Message");
    // Neither is quoted where it is not what it should be: there is a token in it.
    let body: Value = serde_json::from_str(&envelope.sns.message)
        .map_err(|_| message.malformed("a whole JSON document", "a text that is none".to_owned()))?;
    let body = Node::document(message.path(), &body);
    let region = body.field("region");
    agree(
        "region",
        (&region, region.text("the pipeline's region")?),
        (topic.path(), through.region),
    )?;
    let approval = body.field("approval");
    let named = |field: &str, expected| checked(&approval.field(field), expected, is_pipeline_name).map(str::to_owned);
    let token = approval.field("token");
    let request = token.text(A_TOKEN)?;
    if !is_uuid(request) {
        return Err(token.malformed(A_TOKEN, "a text that is none".to_owned()));
    }
    let expires = approval.field("expires");
    let minute = expires.text(A_MINUTE)?;
    Ok(ApprovalEvent {
        topic: topic.text(A_TOPIC)?.to_owned(),
        account: through.account.to_owned(),
        region: through.region.to_owned(),
        pipeline: named("pipelineName", "the pipeline's name")?,
        stage: named("stageName", "the stage's name")?,
        action: named("actionName", "the action's name")?,
        token_mark: token_mark(request),
        expires: EpochMillis::parse_minute(minute).ok_or_else(|| expires.malformed(A_MINUTE, text::quoted(minute)))?,
    })
}
