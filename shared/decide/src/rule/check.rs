//! The checks of a policy, each asked in its own file: what fails the release, and what keeps it from going forward.

use super::{alarm, compare, dlq_growth, health, metric, undecided};
use crate::policy::{Check, InsufficientData};
use crate::{AlarmState, At, Cause, Part, Policy, Release, Seen};

/// What a check says of the canary, with the numbers that it saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is nothing to judge in this phase.
    Silent,
    /// Good, as far as can be told.
    Passes(String),
    /// Too little has happened to tell: neither good nor bad.
    Undecided(String),
    /// Cannot be told at this moment: what it looks at could not be read, or its time has not come.
    Unknown(String),
    /// Bad.
    Fails(Cause),
}

/// Why the release failed, if a check says so: the alarm that rang first, or else the first check of the policy.
pub fn failed(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<Cause> {
    let measured = || {
        verdicts(policy, release, seen, at).find_map(|verdict| match verdict {
            Verdict::Fails(cause) => Some(cause),
            Verdict::Silent | Verdict::Passes(_) | Verdict::Undecided(_) | Verdict::Unknown(_) => None,
        })
    };
    alarm::failed(policy, release, seen).or_else(measured)
}

/// What the checks have to say of a release that none of them fails, for people.
pub fn remarks(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Vec<String> {
    let said = verdicts(policy, release, seen, at).filter_map(|verdict| match verdict {
        Verdict::Passes(text) | Verdict::Undecided(text) | Verdict::Unknown(text) => Some(text),
        Verdict::Silent | Verdict::Fails(_) => None,
    });
    alarm::remarks(policy, release, seen).into_iter().chain(said).collect()
}

/// What the checks that measure for themselves saw and found good, for people.
pub fn passed(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Vec<String> {
    let passed = verdicts(policy, release, seen, at).filter_map(|verdict| match verdict {
        Verdict::Passes(text) => Some(text),
        Verdict::Silent | Verdict::Undecided(_) | Verdict::Unknown(_) | Verdict::Fails(_) => None,
    });
    passed.collect()
}

/// The first check, in the policy's order, that does not let the release go forward. None of it is a failure.
pub fn undecided(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    blocked(policy, release, seen, at).or_else(|| undecided::held(policy, release, seen, at))
}

/// What could not be read, is not due yet, or is in the way by the policy's own word: it is waited for whatever the
/// policy says of too little evidence.
pub fn blocked(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    let alarms = match &seen.alarms {
        Part::Known(alarms) => alarms,
        Part::Unknown(why) => return Some(format!("the alarms are unknown: {why}")),
    };
    let of_alarms = policy.alarms().find_map(|name| {
        let Some(alarm) = alarms.iter().find(|alarm| alarm.name == name) else {
            return Some(format!("there is no alarm {name}"));
        };
        let blocks = alarm.state == AlarmState::Alarm && alarm::blocks(policy, release, alarm);
        let unread = || match &alarm.rang {
            Part::Unknown(why) => Some(format!("what alarm {name} did until {} is unknown: {why}", alarm.since)),
            Part::Known(_) => None,
        };
        let rings = blocks.then(|| format!("alarm {name} is in ALARM since {}", alarm.since));
        rings.or_else(unread)
    });
    let unread = || {
        verdicts(policy, release, seen, at).find_map(|verdict| match verdict {
            Verdict::Unknown(why) => Some(why),
            Verdict::Silent | Verdict::Passes(_) | Verdict::Undecided(_) | Verdict::Fails(_) => None,
        })
    };
    of_alarms.or_else(unread)
}

/// The first check that has too little evidence to tell.
pub fn lacking(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    let alarms = seen.alarms.known().map_or(&[][..], Vec::as_slice);
    let silent = policy.checks.iter().find_map(|check| match check {
        Check::Alarm {
            name,
            insufficient_data: InsufficientData::Undecided,
            ..
        } => alarms
            .iter()
            .find(|alarm| alarm.name == *name && alarm.state == AlarmState::InsufficientData),
        _ => None,
    });
    let measured = || {
        verdicts(policy, release, seen, at).find_map(|verdict| match verdict {
            Verdict::Undecided(why) => Some(why),
            Verdict::Silent | Verdict::Passes(_) | Verdict::Unknown(_) | Verdict::Fails(_) => None,
        })
    };
    silent
        .map(|alarm| format!("alarm {} has no data", alarm.name))
        .or_else(measured)
}

/// What each check says that measures for itself, in the policy's order.
fn verdicts(policy: &Policy, release: &Release, seen: &Seen, at: At) -> impl Iterator<Item = Verdict> {
    policy.checks.iter().enumerate().map(move |(place, check)| match check {
        Check::Alarm { .. } => Verdict::Silent,
        Check::Compare {
            metric,
            ratio_max,
            total_min,
            ..
        } => {
            let bounds = compare::Bounds {
                ratio_max: *ratio_max,
                total_min: u64::from(*total_min),
            };
            compare::verdict(policy, place, metric, bounds, release, seen)
        }
        Check::DlqGrowth { queue, messages_max } => dlq_growth::verdict(queue, *messages_max, release, seen, at),
        Check::Metric { metric } | Check::Expression { metric } => {
            metric::verdict(policy, place, metric, release, seen)
        }
        Check::Health { failed_tasks_max } => health::verdict(*failed_tasks_max, release, seen),
    })
}
