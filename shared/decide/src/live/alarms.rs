//! Do the alarms and the queues exist, can the alarms ring, and what becomes of messages before they do?

use super::{Alarm, Findings, Found, Queue, Source, Watches, Weight};
use crate::policy::{Check, InsufficientData, WhenStale};
use crate::{AlarmState, Policy};

/// How messages die into a queue whose depth an alarm watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deaths {
    /// The alarm.
    pub alarm: String,
    /// Where they are taken from.
    pub source: Source,
    /// Dead letters that make it ring, where that is a number.
    pub letters: Option<u64>,
}

/// A check by an alarm.
pub(super) struct AlarmCheck<'p> {
    /// Field of its name.
    pub field: String,
    pub name: &'p str,
    when_stale: WhenStale,
    insufficient_data: InsufficientData,
}

/// Those checks that are alarms, in order.
pub(super) fn checks(policy: &Policy) -> impl Iterator<Item = AlarmCheck<'_>> {
    let checks = policy.checks.iter().enumerate();
    checks.filter_map(|(index, check)| alarm(format!("checks[{index}].name"), check))
}

fn alarm(field: String, check: &Check) -> Option<AlarmCheck<'_>> {
    match check {
        Check::Alarm {
            name,
            when_stale,
            insufficient_data,
        } => Some(AlarmCheck {
            field,
            name,
            when_stale: *when_stale,
            insufficient_data: *insufficient_data,
        }),
        Check::Compare { .. }
        | Check::DlqGrowth { .. }
        | Check::Metric { .. }
        | Check::Expression { .. }
        | Check::Health { .. } => None,
    }
}

/// The alarm of a check, as it was found.
pub(super) fn found_alarm<'f>(found: &'f Found, name: &str) -> Option<&'f Alarm> {
    found.alarms.known()?.iter().find(|alarm| alarm.name == name)
}

/// Whether a check sees what the canary itself fails, whatever becomes of it then.
pub(super) fn sees_failures(policy: &Policy) -> bool {
    policy.checks.iter().any(|check| match check {
        Check::Compare { .. } => true,
        Check::Alarm { .. }
        | Check::DlqGrowth { .. }
        | Check::Metric { .. }
        | Check::Expression { .. }
        | Check::Health { .. } => false,
    })
}

/// How messages die, for each alarm that watches where they die to.
pub(super) fn judge(policy: &Policy, found: &Found, findings: &mut Findings) -> Vec<Deaths> {
    for (index, check) in policy.checks.iter().enumerate() {
        if let Some(name) = check.dead_letter_queue() {
            dead_letters(
                &format!("checks[{index}].queue"),
                "dlq_growth counts",
                name,
                found,
                findings,
            );
        }
    }
    if checks(policy).next().is_none() || findings.read("checks", &found.alarms).is_none() {
        return Vec::new();
    }
    let mut deaths = Vec::new();
    for check in checks(policy) {
        let Some(alarm) = found_alarm(found, check.name) else {
            let text = format!("there is no alarm {}; create it, or correct the policy", check.name);
            findings.add(Weight::Refused, check.field, text);
            continue;
        };
        now(&check, alarm, findings);
        if let Watches::Other(what) = &alarm.watches {
            let text = format!(
                "{} watches {what}: how long it takes to ring cannot be told, so no bake is held against it",
                check.name
            );
            findings.add(Weight::Warning, check.field.as_str(), text);
        }
        for name in alarm.queues() {
            let who = format!("{} watches", check.name);
            let Some((queue, sources)) = dead_letters(&check.field, &who, name, found, findings) else {
                continue;
            };
            deaths.extend(sources.iter().map(|source| Deaths {
                alarm: check.name.to_owned(),
                source: source.clone(),
                letters: letters(alarm, queue),
            }));
        }
    }
    deaths
}

/// What the state it is in means for a release that begins now.
fn now(check: &AlarmCheck<'_>, alarm: &Alarm, findings: &mut Findings) {
    let (name, since) = (check.name, alarm.since);
    let text = match (alarm.state, check.when_stale, check.insufficient_data) {
        (AlarmState::Alarm, WhenStale::Block, _) => {
            format!("{name} is in ALARM since {since}: no release goes forward before it has recovered")
        }
        (AlarmState::Alarm, WhenStale::ArmOnRecovery, _) => format!(
            "{name} is in ALARM since {since}: a release that begins now is not judged by it before it has recovered"
        ),
        (AlarmState::Alarm, WhenStale::Ignore, _) => {
            format!("{name} is in ALARM since {since}: it does not count for a release that begins now")
        }
        (AlarmState::InsufficientData, _, InsufficientData::Undecided) => format!(
            "{name} has no data since {since}: while that is so no bake ends; is no data the rule at rest, say \
             insufficient_data: ok, or have the alarm treat missing data as notBreaching"
        ),
        (AlarmState::InsufficientData, _, InsufficientData::Ok) | (AlarmState::Ok, _, _) => return,
    };
    findings.add(Weight::Warning, check.field.as_str(), text);
}

/// A queue that somebody looks at, and the queues whose messages die there.
fn dead_letters<'f>(
    field: &str,
    who: &str,
    name: &str,
    found: &'f Found,
    findings: &mut Findings,
) -> Option<(&'f Queue, &'f [Source])> {
    let Some(queue) = findings.read(field, found.queues.get(name)?)? else {
        let text = format!(
            "{who} queue {name}, and there is none in this account and region: nothing is ever seen there; correct the name"
        );
        findings.add(Weight::Refused, field, text);
        return None;
    };
    let sources = findings.read(field, &queue.sources)?;
    if sources.is_empty() && !queue.redrives {
        let text = format!(
            "no queue of this account and region has {name} as its dead-letter queue: nothing ever dies into it; give \
             the queue of the services a redrive policy, unless {name} is that queue"
        );
        findings.add(Weight::Warning, field, text);
    }
    if let Some(source) = slowest(sources).filter(|_| queue.fifo) {
        let text = format!(
            "{} is a FIFO queue: shares follow message groups, so with few of them the canary has none of the work for a \
             while, or all; a message that fails holds up its group for {} s",
            source.name,
            u64::from(source.receives_max) * u64::from(source.visibility_seconds)
        );
        findings.add(Weight::Warning, field, text);
    }
    Some((queue, sources))
}

/// Whose messages take longest to die.
fn slowest(sources: &[Source]) -> Option<&Source> {
    sources
        .iter()
        .max_by_key(|source| u64::from(source.receives_max) * u64::from(source.visibility_seconds))
}

/// Dead letters that make an alarm on a queue's depth ring.
fn letters(alarm: &Alarm, queue: &Queue) -> Option<u64> {
    let Watches::Metrics {
        metrics,
        comparison,
        threshold: Some(threshold),
        ..
    } = &alarm.watches
    else {
        return None;
    };
    let [metric] = metrics.as_slice() else { return None };
    if metric.name != "ApproximateNumberOfMessagesVisible" || queue.redrives {
        return None;
    }
    let letters = match comparison.as_str() {
        "GreaterThanThreshold" => threshold.floor() + 1.0,
        "GreaterThanOrEqualToThreshold" => threshold.ceil(),
        _ => return None,
    };
    // Of what AWS keeps as a threshold, which may be negative or huge.
    (1.0..1e15).contains(&letters).then_some(letters as u64)
}
