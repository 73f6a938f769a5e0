//! The checks of a policy, each asked in its own file: what fails the release, and what keeps it from going forward.

use super::{alarm, compare, dlq_growth};
use crate::policy::{Check, InsufficientData};
use crate::{AlarmState, At, Cause, Part, Policy, Release, Seen, SeenAlarm};

/// What a check says of the canary, with the numbers that it saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is nothing to judge in this phase.
    Silent,
    /// Good, as far as can be told.
    Passes(String),
    /// Too little is known to tell: neither good nor bad.
    Undecided(String),
    /// Bad.
    Fails(Cause),
}

/// Why the release failed, if a check says so: the alarm that rang first, or else the first check of the policy.
pub fn failed(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<Cause> {
    let measured = || {
        verdicts(policy, release, seen, at).find_map(|verdict| match verdict {
            Verdict::Fails(cause) => Some(cause),
            Verdict::Silent | Verdict::Passes(_) | Verdict::Undecided(_) => None,
        })
    };
    alarm::failed(policy, release, seen).or_else(measured)
}

/// What the checks have to say of a release that none of them fails, for people.
pub fn remarks(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Vec<String> {
    let said = verdicts(policy, release, seen, at).filter_map(|verdict| match verdict {
        Verdict::Passes(text) | Verdict::Undecided(text) => Some(text),
        Verdict::Silent | Verdict::Fails(_) => None,
    });
    alarm::remarks(policy, release, seen).into_iter().chain(said).collect()
}

/// What the checks that measure for themselves saw and found good, for people.
pub fn passed(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Vec<String> {
    let passed = verdicts(policy, release, seen, at).filter_map(|verdict| match verdict {
        Verdict::Passes(text) => Some(text),
        Verdict::Silent | Verdict::Undecided(_) | Verdict::Fails(_) => None,
    });
    passed.collect()
}

/// The first check, in the policy's order, that does not let the release go forward. None of it is a failure.
pub fn undecided(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    let alarms = match &seen.alarms {
        Part::Known(alarms) => alarms,
        Part::Unknown(why) => return Some(format!("the alarms are unknown: {why}")),
    };
    let of_alarms = policy.checks.iter().find_map(|check| match check {
        Check::Alarm {
            name,
            insufficient_data,
            ..
        } => of_alarm(policy, release, alarms, name, *insufficient_data),
        Check::Compare { .. } | Check::DlqGrowth { .. } => None,
    });
    let measured = || {
        verdicts(policy, release, seen, at).find_map(|verdict| match verdict {
            Verdict::Undecided(why) => Some(why),
            Verdict::Silent | Verdict::Passes(_) | Verdict::Fails(_) => None,
        })
    };
    of_alarms.or_else(measured)
}

fn of_alarm(
    policy: &Policy,
    release: &Release,
    alarms: &[SeenAlarm],
    name: &str,
    insufficient_data: InsufficientData,
) -> Option<String> {
    let Some(alarm) = alarms.iter().find(|alarm| alarm.name == name) else {
        return Some(format!("there is no alarm {name}"));
    };
    match alarm.state {
        AlarmState::Alarm if alarm::blocks(policy, release, alarm) => {
            Some(format!("alarm {name} is in ALARM since {}", alarm.since))
        }
        AlarmState::InsufficientData if insufficient_data == InsufficientData::Undecided => {
            Some(format!("alarm {name} has no data"))
        }
        _ => None,
    }
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
            compare::verdict(place, metric, bounds, release, seen)
        }
        Check::DlqGrowth { queue, messages_max } => dlq_growth::verdict(queue, *messages_max, release, seen, at),
    })
}
