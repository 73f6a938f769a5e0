//! What is asked of a queue, as its attributes say it.
//!
//! # Source
//! `CreateQueue`, `SetQueueAttributes`, `GetQueueAttributes`, API reference.

use crate::refusal::Refusal;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Attributes that are kept and told back, and change nothing here.
const KEPT: [&str; 3] = ["Policy", "RedriveAllowPolicy", "SqsManagedSseEnabled"];
/// Attributes that only SQS itself sets.
const TOLD: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// Where messages go that were received too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redrive {
    /// Name of the dead-letter queue.
    pub target: String,
    /// As it was written.
    pub arn: String,
    pub receives_max: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub visibility_seconds: i64,
    pub delay_seconds: i64,
    pub retention_seconds: i64,
    pub wait_seconds: i64,
    pub bytes_max: i64,
    pub fifo: bool,
    pub deduplicates_by_content: bool,
    pub redrive: Option<Redrive>,
    kept: BTreeMap<String, String>,
}

impl Settings {
    /// AWS's defaults.
    pub fn new(fifo: bool) -> Settings {
        Settings {
            visibility_seconds: 30,
            delay_seconds: 0,
            retention_seconds: 4 * 86_400,
            wait_seconds: 0,
            bytes_max: 1_048_576,
            fifo,
            deduplicates_by_content: false,
            redrive: None,
            kept: BTreeMap::from([("SqsManagedSseEnabled".to_owned(), "true".to_owned())]),
        }
    }

    /// The same with these attributes; `queue` looks a dead-letter queue up and says whether it is a FIFO queue.
    pub fn with(
        mut self,
        attributes: &Map<String, Value>,
        queue: impl Fn(&str) -> Option<bool>,
    ) -> Result<Settings, Refusal> {
        for (name, value) in attributes {
            let text = value.as_str().unwrap_or_default();
            match name.as_str() {
                "VisibilityTimeout" => self.visibility_seconds = whole(name, text, 0..=43_200)?,
                "DelaySeconds" => self.delay_seconds = whole(name, text, 0..=900)?,
                "MessageRetentionPeriod" => self.retention_seconds = whole(name, text, 60..=1_209_600)?,
                "ReceiveMessageWaitTimeSeconds" => self.wait_seconds = whole(name, text, 0..=20)?,
                "MaximumMessageSize" => self.bytes_max = whole(name, text, 1_024..=1_048_576)?,
                "FifoQueue" if text == "true" && self.fifo => {}
                "ContentBasedDeduplication" if self.fifo => self.deduplicates_by_content = text == "true",
                "RedrivePolicy" => self.redrive = redrive(text, self.fifo, &queue)?,
                kept if KEPT.contains(&kept) => drop(self.kept.insert(name.clone(), text.to_owned())),
                unknown => {
                    return Err(Refusal::new(
                        "InvalidAttributeName",
                        format!("Unknown Attribute {unknown}."),
                    ));
                }
            }
        }
        Ok(self)
    }

    /// What the attributes say that somebody has set.
    pub fn told(&self) -> Map<String, Value> {
        let mut told: Map<String, Value> = Map::new();
        for (name, number) in [
            ("VisibilityTimeout", self.visibility_seconds),
            ("DelaySeconds", self.delay_seconds),
            ("MessageRetentionPeriod", self.retention_seconds),
            ("ReceiveMessageWaitTimeSeconds", self.wait_seconds),
            ("MaximumMessageSize", self.bytes_max),
        ] {
            told.insert(name.to_owned(), json!(number.to_string()));
        }
        if self.fifo {
            told.insert("FifoQueue".to_owned(), json!("true"));
            let by_content = self.deduplicates_by_content.to_string();
            told.insert("ContentBasedDeduplication".to_owned(), json!(by_content));
        }
        if let Some(redrive) = &self.redrive {
            let policy = json!({"deadLetterTargetArn": redrive.arn, "maxReceiveCount": redrive.receives_max});
            told.insert("RedrivePolicy".to_owned(), json!(policy.to_string()));
        }
        told.extend(self.kept.iter().map(|(name, value)| (name.clone(), json!(value))));
        told
    }
}

/// Whether an attribute can only be asked for.
pub(super) fn is_told(name: &str) -> bool {
    TOLD.contains(&name)
}

fn invalid(name: &str, because: &str) -> Refusal {
    let text = format!("Invalid value for the parameter {name}.{because}");
    Refusal::new("InvalidAttributeValue", text)
}

fn whole(name: &str, text: &str, bounds: std::ops::RangeInclusive<i64>) -> Result<i64, Refusal> {
    let number: Option<i64> = text.parse().ok();
    number
        .filter(|number| bounds.contains(number))
        .ok_or_else(|| invalid(name, ""))
}

/// `{"deadLetterTargetArn": …, "maxReceiveCount": 1–1000}`, the number also as text; empty text takes it away.
fn redrive(text: &str, fifo: bool, queue: impl Fn(&str) -> Option<bool>) -> Result<Option<Redrive>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |because: &str| {
        let text = format!("Value {text} for parameter RedrivePolicy is invalid. Reason: {because}");
        Refusal::new("InvalidParameterValueException", text)
    };
    let policy: Value = serde_json::from_str(text).map_err(|_| wrong("Redrive policy is not a valid JSON map."))?;
    let count = &policy["maxReceiveCount"];
    let count = count.as_u64().or_else(|| count.as_str()?.parse().ok());
    let receives_max = count.and_then(|count| u32::try_from(count).ok());
    let Some(receives_max) = receives_max.filter(|count| (1..=1000).contains(count)) else {
        return Err(wrong("Invalid value for maxReceiveCount."));
    };
    let Some(arn) = policy["deadLetterTargetArn"].as_str() else {
        return Err(wrong(
            "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.",
        ));
    };
    let target = arn.rsplit(':').next().unwrap_or_default().to_owned();
    match queue(&target) {
        None => Err(wrong("Dead letter target does not exist.")),
        Some(other) if other != fifo => Err(wrong("Dead-letter queue must be same type of queue as the source.")),
        Some(_) => Ok(Some(Redrive {
            target,
            arn: arn.to_owned(),
            receives_max,
        })),
    }
}
