//! The policy's alarms, metric and composite, as they are now.

use super::unknown;
use crate::event::{REASON_CHARS_MAX, bounded};
use crate::moment;
use crate::refused::Refused;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm, StateValue};
use decide::{AlarmState, Part, Policy, SeenAlarm};

/// Names per call; CloudWatch API, `DescribeAlarms.AlarmNames`.
const NAMES_MAX: usize = 100;

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

pub(crate) async fn alarms(client: &Client, policy: &Policy) -> Part<Vec<SeenAlarm>> {
    let (metric, composite) = match described(client, policy).await {
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
    let composite = composite.iter().filter_map(|alarm| {
        let suppressed = alarm.actions_suppressed_by().is_some();
        one(
            alarm.alarm_name(),
            alarm.state_value(),
            alarm.state_transitioned_timestamp(),
            alarm.state_reason(),
            suppressed,
        )
    });
    Part::Known(metric.chain(composite).collect())
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
