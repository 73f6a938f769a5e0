//! Events that no function could handle: they lie in the queue that the template has for them, and its alarm rings.

use super::Told;
use super::ask::in_alarm;
use crate::template::permissions::STACK;
use serde_json::Value;

/// Logical names of queue and alarms.
const QUEUE: &str = "FailedEvents";
const ALARM: &str = "FailedEventsAlarm";
const NOTICES: &str = "NoticesFailing";
const STARTS: &str = "StartsFailing";

impl Told {
    pub(super) fn expect_failed(&self, what: &[&str]) -> Option<Result<(), String>> {
        Some(match *what {
            [count, "failed", "events", "of", function] => {
                let kept = self.failed_events(function);
                let same = |wanted: usize| match kept == wanted {
                    true => Ok(()),
                    false => Err(format!("there are {kept}")),
                };
                let count = count.parse().map_err(|_| format!("{count} is no number"));
                count.and_then(same)
            }
            ["the", "alarm", "of", "failed", "events", "is", state] => self.rings(ALARM, state),
            ["the", "alarm", "of", "notices", "has", "rung"] => self.has_rung(NOTICES),
            ["the", "alarm", "of", "starts", "has", "rung"] => self.has_rung(STARTS),
            _ => return None,
        })
    }

    fn has_rung(&self, alarm: &str) -> Result<(), String> {
        let world = self.stage.sim.world();
        let name = format!("{STACK}-{alarm}");
        let rang = |event: &Value| {
            event["source"] == "aws.cloudwatch"
                && event["detail"]["alarmName"] == name.as_str()
                && event["detail"]["state"]["value"] == "ALARM"
        };
        match world.emitted.iter().any(|event| rang(event)) {
            true => Ok(()),
            false => Err("it never rang".to_owned()),
        }
    }

    fn rings(&self, alarm: &str, state: &str) -> Result<(), String> {
        let rings = in_alarm(&self.stage, &format!("{STACK}-{alarm}"));
        match rings == (state == "ringing") {
            true => Ok(()),
            false => Err(format!("it rings: {rings}")),
        }
    }

    /// Messages about a function with its error, its event and how often it was tried.
    fn failed_events(&self, function: &str) -> usize {
        let world = self.stage.sim.world();
        let Some(place) = world.sqs.place(&format!("{STACK}-{QUEUE}")) else {
            return 0;
        };
        let messages = world.sqs.messages(place);
        let told = messages.filter_map(|message| serde_json::from_str::<Value>(&message.content.body).ok());
        told.filter(|told| {
            let arn = told["requestContext"]["functionArn"].as_str().unwrap_or_default();
            arn.ends_with(&format!(":function:{STACK}-{function}:$LATEST"))
                && told["requestPayload"].is_object()
                && told["responsePayload"]["errorMessage"].is_string()
                && told["requestContext"]["approximateInvokeCount"] == 3
        })
        .count()
    }
}
