//! A failed check starts the rollback.

use super::forward::is_echo;
use crate::facts::is_same;
use crate::policy::{Check, WhenStale};
use crate::{AlarmState, At, Cause, Fact, Given, Part, Phase, Policy, Release, Seen, SeenAlarm};

/// An alarm of the policy that went to ALARM, by event or by looking.
struct Rang<'a> {
    name: &'a str,
    since: At,
    reason: &'a str,
}

/// The first alarm that fails the release, in the order of time, if one does.
///
/// Only an armed release can fail, or one in which the watch of the release before it runs on: an alarm
/// while the pipeline builds touches nothing. An alarm that rang before the canary's deployment was created
/// says nothing about the canary; AWS timestamps are compared with AWS timestamps.
pub fn failed(policy: &Policy, release: &Release, seen: &Seen) -> Option<Cause> {
    let given = judged(release)?;
    if is_known(release) || is_echo(release) {
        return None;
    }
    rang(policy, release, seen)
        .into_iter()
        .filter(|rang| !stale(given, rang.since))
        .min_by_key(|rang| rang.since)
        .map(|rang| Cause::Alarm {
            name: rang.name.to_owned(),
            since: rang.since,
            reason: rang.reason.to_owned(),
        })
}

/// What there is to say about alarms that ring and yet fail nothing, for people.
pub fn remarks(policy: &Policy, release: &Release, seen: &Seen) -> Vec<String> {
    let mut remarks: Vec<String> = rang(policy, release, seen)
        .into_iter()
        .filter(|rang| !is_past(seen, rang))
        .map(|rang| match judged(release) {
            None => format!(
                "alarm {} in ALARM since {} touches nothing: {} still runs its baseline {}",
                rang.name, rang.since, release.canary.name, release.canary.baseline
            ),
            Some(_) if is_known(release) => format!(
                "alarm {} in ALARM since {} stops nothing: {} still runs what the release before could not take off it",
                rang.name, rang.since, release.canary.name
            ),
            Some(_) if is_echo(release) => format!(
                "alarm {} in ALARM since {} stops nothing: {} runs what it ran before",
                rang.name, rang.since, release.canary.name
            ),
            Some(given) => {
                let known = seen.alarms.known().map_or(&[][..], Vec::as_slice);
                let known = known.iter().find(|alarm| alarm.name == rang.name);
                let deferred = known.is_some_and(|alarm| is_deferred(policy, alarm));
                let rule = match when_stale(policy, rang.name) {
                    WhenStale::Block if deferred => "blocks nothing, as the queue's growth is judged",
                    WhenStale::Block if !release.is_of_stable_alone() => "blocks going forward until it has recovered",
                    WhenStale::Block | WhenStale::ArmOnRecovery => "counts again once it has recovered",
                    WhenStale::Ignore => "is ignored, as the policy says",
                };
                let whose = if release.is_of_stable_alone() {
                    release.stable.name.as_str()
                } else {
                    "the canary"
                };
                format!(
                    "alarm {} in ALARM since {}, before {whose}'s deployment of {}: {rule}",
                    rang.name, rang.since, given.created
                )
            }
        })
        .collect();
    remarks.dedup();
    if let Part::Known(alarms) = &seen.alarms {
        let missing = policy
            .alarms()
            .filter(|name| !alarms.iter().any(|alarm| alarm.name == *name));
        remarks.extend(missing.map(|name| format!("there is no alarm {name}; create it, or correct the policy")));
    }
    remarks
}

/// Whether a transition of which we were told is past: the alarm has changed since, or is seen with that very one,
/// whose time the two sides may round differently.
fn is_past(seen: &Seen, rang: &Rang<'_>) -> bool {
    let alarms = seen.alarms.known().map_or(&[][..], Vec::as_slice);
    let found = alarms.iter().find(|alarm| alarm.name == rang.name);
    found.is_some_and(|alarm| {
        let rings = alarm.state == AlarmState::Alarm;
        alarm.since > rang.since || rings && alarm.since != rang.since && is_same(alarm.since, rang.since)
    })
}

/// What an alarm speaks of: all that is watched, from the first of it on.
pub fn judged(release: &Release) -> Option<&Given> {
    let watched = release.watched.as_ref();
    let promoted = watched.and_then(|watched| watched.canary.given.as_ref().or(watched.stable.given.as_ref()));
    promoted.or_else(|| release.armed())
}

impl Release {
    /// From when on the histories of the policy's alarms are its matter, by AWS's clock; before it was armed they are not.
    ///
    /// What was before it was opened was heard by nobody who could have kept it, also not that an alarm was muted.
    pub fn answers_since(&self) -> Option<At> {
        judged(self).map(|given| given.created.max(self.opened))
    }
}

/// What the canary runs is not this release's, and its fault is known: the fix must get through.
fn is_known(release: &Release) -> bool {
    release.left_bad && release.phase == Phase::Deploying
}

fn stale(given: &Given, since: At) -> bool {
    since < given.created
}

/// Whether a stale ALARM of this alarm keeps the release from going forward; not, where a person had stable given it
/// already.
pub fn blocks(policy: &Policy, release: &Release, alarm: &SeenAlarm) -> bool {
    is_in_the_way(policy, alarm) && !release.is_of_stable_alone()
}

/// Whether nothing is released while this alarm rings.
pub fn is_in_the_way(policy: &Policy, alarm: &SeenAlarm) -> bool {
    when_stale(policy, &alarm.name) == WhenStale::Block && !is_deferred(policy, alarm)
}

/// It tells how much lies in a queue whose growth is a check as well. That one knows what is old, and lets the fix
/// through while the queue is still full.
pub fn is_deferred(policy: &Policy, alarm: &SeenAlarm) -> bool {
    let depth_of = alarm.depth_of.as_deref();
    depth_of.is_some_and(|queue| policy.dead_letter_queues().any(|grows| grows == queue))
}

pub fn when_stale(policy: &Policy, alarm: &str) -> WhenStale {
    let found = policy.checks.iter().find_map(|check| match check {
        Check::Alarm { name, when_stale, .. } if name == alarm => Some(*when_stale),
        _ => None,
    });
    found.unwrap_or(WhenStale::Ignore)
}

/// Whether this very transition was muted; the two sides may round its time differently.
fn muted(release: &Release, rang: &Rang<'_>) -> bool {
    release.facts.values().any(|fact| match fact {
        Fact::Muted { name, since, .. } => name == rang.name && is_same(*since, rang.since),
        _ => false,
    })
}

fn rang<'a>(policy: &Policy, release: &'a Release, seen: &'a Seen) -> Vec<Rang<'a>> {
    let told = release.facts.values().filter_map(|fact| match fact {
        Fact::Alarm {
            arn,
            name,
            since,
            reason,
        } if release.guarded_by(policy, arn) => Some(Rang {
            name,
            since: *since,
            reason,
        }),
        _ => None,
    });
    let looked = match &seen.alarms {
        Part::Known(alarms) => alarms.as_slice(),
        Part::Unknown(_) => &[],
    };
    let looked = || {
        looked
            .iter()
            .filter(|alarm| policy.alarms().any(|name| name == alarm.name))
    };
    // It has recovered since, and no event of it has come.
    let past = looked().flat_map(|alarm| {
        let rang = alarm.rang.known().map_or(&[][..], Vec::as_slice).iter();
        rang.map(|ring| Rang {
            name: &alarm.name,
            since: ring.at,
            reason: &ring.reason,
        })
    });
    let looked = looked()
        .filter(|alarm| alarm.state == AlarmState::Alarm && !alarm.suppressed)
        .map(|alarm| Rang {
            name: &alarm.name,
            since: alarm.since,
            reason: &alarm.reason,
        });
    let counts = |rang: &Rang<'_>| !muted(release, rang);
    told.chain(looked).chain(past).filter(counts).collect()
}

#[cfg(test)]
mod tests;
