//! The policy's alarms: their state, and what they watch.

use super::unread;
use crate::moment;
use crate::observe::alarms::described;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{CompositeAlarm, Dimension, MetricAlarm, StateValue};
use decide::live::{Alarm, Metric, Watches};
use decide::{AlarmState, At, Part, Policy};

/// Seconds of a period where an alarm names none.
const PERIOD_SECONDS: u32 = 60;

pub(super) async fn alarms(client: &Client, policy: &Policy) -> Part<Vec<Alarm>> {
    match described(client, policy).await {
        Ok((metrics, composites)) => {
            let composites = composites.iter().map(composite);
            Part::Known(metrics.iter().map(metric).chain(composites).collect())
        }
        Err(refused) => unread("cloudwatch", &refused),
    }
}

fn metric(alarm: &MetricAlarm) -> Alarm {
    Alarm {
        name: alarm.alarm_name().unwrap_or_default().to_owned(),
        state: state(alarm.state_value()),
        since: alarm
            .state_transitioned_timestamp()
            .map_or(At::from_millis(0), moment::at),
        actions: alarm.alarm_actions().to_vec(),
        actions_enabled: alarm.actions_enabled().unwrap_or(true),
        watches: watches(alarm),
    }
}

fn composite(alarm: &CompositeAlarm) -> Alarm {
    let rule = alarm.alarm_rule().unwrap_or_default();
    Alarm {
        name: alarm.alarm_name().unwrap_or_default().to_owned(),
        state: state(alarm.state_value()),
        since: alarm
            .state_transitioned_timestamp()
            .map_or(At::from_millis(0), moment::at),
        actions: alarm.alarm_actions().to_vec(),
        actions_enabled: alarm.actions_enabled().unwrap_or(true),
        watches: Watches::Other(format!("other alarms ({rule})")),
    }
}

fn state(value: Option<&StateValue>) -> AlarmState {
    match value {
        Some(StateValue::Ok) => AlarmState::Ok,
        Some(StateValue::Alarm) => AlarmState::Alarm,
        _ => AlarmState::InsufficientData,
    }
}

fn watches(alarm: &MetricAlarm) -> Watches {
    let queries = alarm.metrics();
    let within = queries.iter().filter_map(|query| query.metric_stat());
    let named = Metric {
        namespace: alarm.namespace().unwrap_or_default().to_owned(),
        name: alarm.metric_name().unwrap_or_default().to_owned(),
        dimensions: dimensions(alarm.dimensions()),
    };
    let metrics: Vec<Metric> = within
        .clone()
        .filter_map(|stat| stat.metric())
        .map(|metric| Metric {
            namespace: metric.namespace().unwrap_or_default().to_owned(),
            name: metric.metric_name().unwrap_or_default().to_owned(),
            dimensions: dimensions(metric.dimensions()),
        })
        .chain(alarm.metric_name().map(|_| named))
        .collect();
    let periods = within
        .filter_map(|stat| stat.period())
        .chain(queries.iter().filter_map(|query| query.period()))
        .chain(alarm.period());
    // A query in PromQL or SQL names no metric, and watches by rules of its own.
    let Some(evaluated) = alarm.evaluation_periods().filter(|_| !metrics.is_empty()) else {
        return Watches::Other("what it finds by a query of its own".to_owned());
    };
    let count = |number: i32| u32::try_from(number).unwrap_or(1);
    Watches::Metrics {
        metrics,
        period_seconds: periods.max().map_or(PERIOD_SECONDS, count),
        periods: count(evaluated),
        periods_to_alarm: count(alarm.datapoints_to_alarm().unwrap_or(evaluated)),
        comparison: alarm
            .comparison_operator()
            .map_or("", |operator| operator.as_str())
            .to_owned(),
        threshold: alarm.threshold().filter(|_| alarm.threshold_metric_id().is_none()),
    }
}

fn dimensions(dimensions: &[Dimension]) -> std::collections::BTreeMap<String, String> {
    let pairs = dimensions.iter();
    pairs
        .filter_map(|dimension| Some((dimension.name()?.to_owned(), dimension.value()?.to_owned())))
        .collect()
}
