//! The alarm's own Lambda action.

use super::node::{Node, agree};
use super::{AlarmEvent, Source, Undecodable, text, transition};
use serde_json::Value;

/// Who sends alarm events, in `source`.
pub(super) const CLOUDWATCH: &str = "aws.cloudwatch";

pub(super) fn decode(payload: &Value) -> Result<AlarmEvent, Undecodable> {
    let event = Node::document("", payload);
    let source = event.field("source");
    let sender = source.text("`aws.cloudwatch`")?;
    if sender != CLOUDWATCH {
        return Err(source.malformed("`aws.cloudwatch`", text::quoted(sender)));
    }
    let (alarm, account, region) = (event.field("alarmArn"), event.field("accountId"), event.field("region"));
    let arn = alarm.alarm_arn()?;
    let claimed = (account.text("the alarm's account")?, region.text("the alarm's region")?);
    agree("account", (account.path(), claimed.0), (alarm.path(), arn.account()))?;
    agree("region", (region.path(), claimed.1), (alarm.path(), arn.region()))?;
    transition::decode(&event.field("alarmData"), arn, Source::Direct, None)
}
