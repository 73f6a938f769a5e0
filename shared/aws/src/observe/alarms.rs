//! The policy's alarms, metric and composite, as they are now.

use super::unknown;
use crate::event::{REASON_CHARS_MAX, bounded};
use crate::moment;
use crate::refused::Refused;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    AlarmHistoryItem, AlarmType, CompositeAlarm, HistoryItemType, MetricAlarm, ScanBy, StateValue,
};
use decide::{AlarmState, At, Part, Policy, SeenAlarm, SeenRing};
use futures_util::future::join_all;
use serde::Deserialize;

/// Names per call; CloudWatch API, `DescribeAlarms.AlarmNames`.
const NAMES_MAX: usize = 100;

/// How many transitions of one alarm are read: the first that nobody has muted is enough.
const RINGS_MAX: usize = 100;

/// What two services of AWS may make of one moment.
const SAME_MILLIS: i64 = 2_000;

/// The policy's alarms as CloudWatch describes them.
pub(crate) async fn described(
    client: &Client,
    policy: &Policy,
) -> Result<(Vec<MetricAlarm>, Vec<CompositeAlarm>), Refused> {
    let names: Vec<String> = policy.alarms().map(str::to_owned).collect();
    let (mut metric, mut composite) = (Vec::new(), Vec::new());
    for names in names.chunks(NAMES_MAX) {
        // Without types CloudWatch returns metric alarms only.
        let request = client
            .describe_alarms()
            .set_alarm_names(Some(names.to_vec()))
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm);
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Refused::from_sdk("DescribeAlarms", names.join(", "), &error))?;
            metric.extend(page.metric_alarms.unwrap_or_default());
            composite.extend(page.composite_alarms.unwrap_or_default());
        }
    }
    Ok((metric, composite))
}

/// The policy's alarms; of those that have changed since a release answers for them, and ring no more, what they did.
pub(crate) async fn alarms(client: &Client, policy: &Policy, since: Option<At>) -> Part<Vec<SeenAlarm>> {
    let (metric, composite_alarms) = match described(client, policy).await {
        Ok(described) => described,
        Err(refused) => return unknown(&refused),
    };
    let metric = metric.iter().filter_map(|alarm| {
        one(
            alarm.alarm_name(),
            alarm.state_value(),
            alarm.state_transitioned_timestamp(),
            alarm.state_reason(),
            false,
        )
        .map(|seen| SeenAlarm {
            depth_of: depth_of(alarm),
            ..seen
        })
    });
    let composite = composite_alarms.iter().filter_map(|alarm| {
        let suppressed = alarm.actions_suppressed_by().is_some();
        one(
            alarm.alarm_name(),
            alarm.state_value(),
            alarm.state_transitioned_timestamp(),
            alarm.state_reason(),
            suppressed,
        )
    });
    let mut alarms: Vec<SeenAlarm> = metric.chain(composite).collect();
    if let Some(since) = since {
        // Its history does not say whether its actions were suppressed; only the event of a transition does.
        let may_be_suppressed: Vec<&str> = composite_alarms
            .iter()
            .filter(|alarm| alarm.actions_suppressor().is_some())
            .filter_map(CompositeAlarm::alarm_name)
            .collect();
        let changed = |alarm: &&mut SeenAlarm| {
            let past = alarm.state != AlarmState::Alarm && alarm.since > since;
            past && !may_be_suppressed.contains(&alarm.name.as_str())
        };
        let read = alarms.iter_mut().filter(changed).map(async |alarm| {
            alarm.rang = rang(client, alarm, since).await;
        });
        join_all(read).await;
    }
    Part::Known(alarms)
}

/// When an alarm went to ALARM in a span, as far as its history tells.
async fn rang(client: &Client, alarm: &SeenAlarm, from: At) -> Part<Vec<SeenRing>> {
    let (name, until) = (&alarm.name, alarm.since);
    let request = client
        .describe_alarm_history()
        .alarm_name(name)
        // Without types CloudWatch returns those of metric alarms only.
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .history_item_type(HistoryItemType::StateUpdate)
        .start_date(DateTime::from_millis(from.millis()))
        // Some seconds on, as the two are not rounded alike.
        .end_date(DateTime::from_millis(until.plus_seconds(5).millis()))
        .scan_by(ScanBy::TimestampAscending);
    let mut pages = request.into_paginator().send();
    let (mut rang, mut shown) = (Vec::new(), false);
    while let Some(page) = pages.next().await {
        let page = match page {
            Ok(page) => page,
            Err(error) => return unknown(&Refused::from_sdk("DescribeAlarmHistory", name, &error)),
        };
        for item in page.alarm_history_items() {
            let Some(at) = item.timestamp().map(moment::at) else {
                return Part::Unknown("an entry of its history has no time".to_owned());
            };
            shown |= (at.millis() - until.millis()).abs() <= SAME_MILLIS;
            rang.extend(reason(item).map(|reason| SeenRing { at, reason }));
        }
        if rang.len() >= RINGS_MAX {
            return Part::Known(rang);
        }
    }
    // One that was created since has no data and no change of state yet.
    if !shown && alarm.state == AlarmState::Ok {
        return Part::Unknown(format!("its history does not show yet what it changed to at {until}"));
    }
    Part::Known(rang)
}

/// CloudWatch's reason, where it is a transition to ALARM.
fn reason(item: &AlarmHistoryItem) -> Option<String> {
    let data = item
        .history_data()
        .and_then(|data| serde_json::from_str::<HistoryData>(data).ok());
    let reason = match data {
        Some(data) => (data.new_state.state_value == "ALARM").then_some(data.new_state.state_reason),
        // Whatever has become of the data, the summary says what it came to.
        None => {
            let summary = item.history_summary().unwrap_or_default();
            summary.ends_with(" to ALARM").then(|| summary.to_owned())
        }
    };
    reason.map(|reason| bounded(&reason, REASON_CHARS_MAX))
}

/// `HistoryData` of a change of state, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HistoryData {
    new_state: NewState,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewState {
    state_value: String,
    #[serde(default)]
    state_reason: String,
}

fn one(
    name: Option<&str>,
    state: Option<&StateValue>,
    since: Option<&aws_smithy_types::DateTime>,
    reason: Option<&str>,
    suppressed: bool,
) -> Option<SeenAlarm> {
    Some(SeenAlarm {
        name: name?.to_owned(),
        state: match state? {
            StateValue::Ok => AlarmState::Ok,
            StateValue::Alarm => AlarmState::Alarm,
            _ => AlarmState::InsufficientData,
        },
        since: moment::at(since?),
        reason: bounded(reason.unwrap_or_default(), REASON_CHARS_MAX),
        suppressed,
        depth_of: None,
        rang: Part::Known(Vec::new()),
    })
}

/// The queue whose waiting messages an alarm counts, where it counts nothing else.
///
/// # Source
/// Amazon SQS Developer Guide, "Available CloudWatch metrics for Amazon SQS": the only dimension is `QueueName`.
pub(crate) fn depth_of(alarm: &MetricAlarm) -> Option<String> {
    let depth =
        alarm.namespace() == Some("AWS/SQS") && alarm.metric_name() == Some("ApproximateNumberOfMessagesVisible");
    let dimensions = alarm.dimensions().iter();
    let mut queues = dimensions.filter(|dimension| dimension.name() == Some("QueueName"));
    queues.next().filter(|_| depth)?.value().map(str::to_owned)
}
