//! Who sent this document: decided by the fields only that sender writes, before anything else is read.

use super::node::kind;
use super::{Source, Undecodable};
use serde_json::Value;
use std::io::{self, Write};

/// Largest event that is looked into, in bytes of compact JSON.
///
/// A real one has a few thousand: CloudWatch bounds the reason at 1 023 characters and its data at 4 000. SNS and EventBridge
/// deliver no more than this by default.
pub const EVENT_BYTES_MAX: usize = 256 * 1024;

/// What a field at the top of an event betrays.
enum Mark {
    Sender(Source),
    /// A document of AWS that has nothing to do with alarms, and where it belongs.
    Stranger(&'static str, &'static str),
}

/// Fields at the top of an event. Two per sender where both are its own, so that a document that lost one of them is refused
/// as half an alarm event and not as a stranger.
const MARKS: [(&str, Mark); 8] = [
    ("alarmData", Mark::Sender(Source::Direct)),
    ("alarmArn", Mark::Sender(Source::Direct)),
    ("detail-type", Mark::Sender(Source::EventBridge)),
    ("detail", Mark::Sender(Source::EventBridge)),
    ("Records", Mark::Sender(Source::Sns)),
    (
        "CodePipeline.job",
        Mark::Stranger(
            "a CodePipeline job",
            "name the function `open`, `approve` or `promote` in the pipeline's action; this job now waits until it times out",
        ),
    ),
    (
        "lifecycleStage",
        Mark::Stranger(
            "an ECS deployment lifecycle hook",
            "name the function `answer-hook` in the service's lifecycle hooks",
        ),
    ),
    (
        "LifecycleEventHookExecutionId",
        Mark::Stranger(
            "a CodeDeploy lifecycle hook",
            "name the function `answer-hook` in the AppSpec's hooks",
        ),
    ),
];

/// The one sender whose marks the event bears.
pub(super) fn of(payload: &Value) -> Result<Source, Undecodable> {
    if is_oversize(payload) {
        return Err(Undecodable::Oversize {
            limit_bytes: EVENT_BYTES_MAX,
        });
    }
    let mut sender: Option<(&str, Source)> = None;
    for (field, mark) in MARKS.iter().filter(|(field, _)| payload.get(field).is_some()) {
        match (mark, sender) {
            (Mark::Stranger(found, next), _) => {
                return Err(Undecodable::NotAnAlarm {
                    at: "the event".to_owned(),
                    found: (*found).to_owned(),
                    next,
                });
            }
            (Mark::Sender(other), Some((first, source))) if source != *other => {
                return Err(Undecodable::UnknownSender {
                    found: format!("both `{first}` and `{field}`"),
                });
            }
            (Mark::Sender(source), _) => sender = Some((field, *source)),
        }
    }
    sender
        .map(|(_, source)| source)
        .ok_or_else(|| Undecodable::UnknownSender { found: kind(payload) })
}

/// Writes the document into nowhere until it is too long.
pub(super) fn is_oversize(payload: &Value) -> bool {
    serde_json::to_writer(Allowance(EVENT_BYTES_MAX), payload).is_err()
}

/// Bytes that may still be written.
struct Allowance(usize);

impl Write for Allowance {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_of_the_largest_size_is_read_and_one_byte_more_is_not() {
        let frame = json!({"alarmData": ""}).to_string().len();
        let largest = json!({"alarmData": "x".repeat(EVENT_BYTES_MAX - frame)});
        let larger = json!({"alarmData": "x".repeat(EVENT_BYTES_MAX - frame + 1)});
        assert_eq!(of(&largest), Ok(Source::Direct));
        assert_eq!(
            of(&larger),
            Err(Undecodable::Oversize {
                limit_bytes: EVENT_BYTES_MAX
            })
        );
    }
}
