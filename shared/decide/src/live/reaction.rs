//! How long does it take until an alarm rings, and does it ring at all?
//!
//! A message that only the canary fails is handed out again, and mostly to stable, which handles it. It dies only where
//! the canary gets it each time.

use super::alarms::{self, Deaths};
use super::{Accepted, Findings, Found, Watches, Weight};
use crate::Policy;
use serde::Serialize;
use std::collections::BTreeSet;

/// Until CloudWatch has a metric of the last minute, at most, in seconds.
///
/// # Source
/// Amazon CloudWatch user guide: data points are there "within a few minutes"; seen are one to three.
const METRIC_LAG_SECONDS: u32 = 180;

/// What SQS may take besides, where nobody has used a queue for six hours, in seconds.
///
/// # Source
/// Amazon SQS developer guide, "Monitoring Amazon SQS queues using CloudWatch": a delay of up to 15 minutes when a
/// queue is activated from an inactive state.
const ASLEEP_SECONDS: u32 = 900;

/// A chance below this is told as a warning.
const SELDOM: f64 = 0.1;

/// How long an alarm takes from the first message that the canary fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// The alarm.
    pub alarm: String,
    /// How long messages take to die, where it watches where they die to; the longest, where there are several.
    pub dying: Option<Dying>,
    /// Periods of the alarm that must breach, in seconds.
    pub periods_seconds: u32,
    /// Until CloudWatch has the data, at most.
    pub lag_seconds: u32,
    /// What comes on top where the queue was at rest for hours, at most. Not in the sum.
    pub asleep_seconds: u32,
    /// All of it.
    pub seconds: u32,
}

/// How long a message takes to die.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dying {
    /// The queue.
    pub source: String,
    /// How often it is handed out.
    pub receives: u32,
    /// Between two times.
    pub visibility_seconds: u32,
    /// Until it is gone.
    pub seconds: u32,
}

/// How much of what only the canary fails dies, with a share of so many tasks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chance {
    /// The alarm that watches where they die to.
    pub alarm: String,
    /// The queue that they are taken from.
    pub source: String,
    /// How often a message is handed out before it dies.
    pub receives: u32,
    /// Of what the canary fails first, from 0 to 1.
    pub dies: f64,
    /// Dead letters that make the alarm ring, where that is a number.
    pub letters: Option<u64>,
    /// Messages that the canary must have failed first until then, about.
    pub failed_first: Option<u64>,
}

impl Chance {
    /// With so many tasks each; nothing where the canary gets no work.
    pub(super) fn of(deaths: &Deaths, canary: u32, stable: u32) -> Option<Chance> {
        if canary == 0 {
            return None;
        }
        let share = f64::from(canary) / (f64::from(canary) + f64::from(stable));
        let receives = deaths.source.receives_max;
        // The first time it is the canary's already.
        let again = i32::try_from(receives.saturating_sub(1)).unwrap_or(i32::MAX);
        let dies = share.powi(again);
        let failed_first = deaths.letters.map(|letters| letters as f64 / dies);
        Some(Chance {
            alarm: deaths.alarm.clone(),
            source: deaths.source.name.clone(),
            receives,
            dies,
            letters: deaths.letters,
            // Further than anybody counts.
            failed_first: failed_first
                .filter(|failed| *failed < 1e12)
                .map(|failed| failed.ceil() as u64),
        })
    }
}

/// Of every alarm of which it can be told, in the order of the checks.
pub(super) fn all(policy: &Policy, found: &Found, deaths: &[Deaths]) -> Vec<Reaction> {
    alarms::checks(policy)
        .filter_map(|check| of(check.name, found, deaths))
        .collect()
}

fn of(name: &str, found: &Found, deaths: &[Deaths]) -> Option<Reaction> {
    let alarm = alarms::found_alarm(found, name)?;
    let Watches::Metrics {
        period_seconds,
        periods_to_alarm,
        ..
    } = &alarm.watches
    else {
        return None;
    };
    let queues = alarm.queues();
    // What could not be read may take any time.
    let read = |queue: &&str| {
        let queue = found.queues.get(*queue).and_then(|queue| queue.known()?.as_ref());
        queue.is_some_and(|queue| queue.sources.known().is_some())
    };
    if !queues.iter().all(read) {
        return None;
    }
    let dying = deaths.iter().filter(|deaths| deaths.alarm == name).map(|deaths| {
        let source = &deaths.source;
        Dying {
            source: source.name.clone(),
            receives: source.receives_max,
            visibility_seconds: source.visibility_seconds,
            seconds: source.receives_max.saturating_mul(source.visibility_seconds),
        }
    });
    let dying = dying.max_by_key(|dying| dying.seconds);
    let periods_seconds = period_seconds.saturating_mul(*periods_to_alarm);
    let dying_seconds = dying.as_ref().map_or(0, |dying| dying.seconds);
    Some(Reaction {
        alarm: name.to_owned(),
        dying,
        periods_seconds,
        lag_seconds: METRIC_LAG_SECONDS,
        asleep_seconds: if queues.is_empty() { 0 } else { ASLEEP_SECONDS },
        seconds: dying_seconds
            .saturating_add(periods_seconds)
            .saturating_add(METRIC_LAG_SECONDS),
    })
}

/// What waits for less than the slowest alarm takes.
pub(super) fn judge(policy: &Policy, reactions: &[Reaction], accepted: &BTreeSet<Accepted>, findings: &mut Findings) {
    let Some(slowest) = reactions.iter().max_by_key(|reaction| reaction.seconds) else {
        return;
    };
    let (alarm, seconds) = (&slowest.alarm, slowest.seconds);
    let minutes = seconds.div_ceil(60);
    for (index, step) in policy.steps_written().iter().enumerate() {
        if step.bake_minutes.saturating_mul(60) >= seconds {
            continue;
        }
        let text = format!(
            "is {}: {alarm} needs up to {seconds} s from the first failure until it rings, so the step is over before it \
             can; bake for {minutes} minutes at least",
            step.bake_minutes
        );
        let (weight, text) = if accepted.contains(&Accepted::ShortBake) {
            (Weight::Warning, format!("{text}. Accepted by name: short-bake"))
        } else {
            (
                Weight::Refused,
                format!("{text}, or accept it by name with --accept short-bake"),
            )
        };
        findings.add(weight, format!("steps[{index}].bake_minutes"), text);
    }
    if policy.watch_minutes > 0 && policy.watch_minutes.saturating_mul(60) < seconds {
        let text = format!(
            "is {}: {alarm} needs up to {seconds} s until it rings, so the watch is over before it can; watch for \
             {minutes} minutes at least",
            policy.watch_minutes
        );
        findings.add(Weight::Warning, "watch_minutes", text);
    }
}

/// What an alarm hardly ever sees, at the share that the canary has, and no other check does.
pub(super) fn seldom(policy: &Policy, chances: &[Chance], findings: &mut Findings) {
    if alarms::sees_failures(policy) {
        return;
    }
    for chance in chances.iter().filter(|chance| chance.dies < SELDOM) {
        let Some(check) = alarms::checks(policy).find(|check| check.name == chance.alarm) else {
            continue;
        };
        let text = format!(
            "{} hardly sees a canary that fails what stable can do: {} hands a message out {} times, mostly to stable; the \
             check compare, or an alarm on what the canary itself reports, sees them at once",
            chance.alarm, chance.source, chance.receives
        );
        findings.add(Weight::Warning, check.field, text);
    }
}
