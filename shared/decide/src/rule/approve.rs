//! Lets go on what has baked without a failed check, where the policy leaves that to Serin.
//!
//! The word is given in the ledger, in a commit that loses to whatever fails the release meanwhile; our action in the
//! pipeline, which asks again and again, only passes it on. A manual approval that asks Serin is answered with it. Only
//! what was seen counts: nothing is approved on a part that is unknown.

use super::forward::{is_reached, undecided};
use super::identify::{Runs, identify};
use super::{alarm, check, images_from, undecided as doubt};
use crate::policy::{Approver, WhenStale};
use crate::{
    Action, AlarmState, Approval, At, ExecutionStatus, Gate, Part, Phase, Policy, Release, Role, Seen, SeenAlarm,
    SeenDeployment, freeze, order, router, token_mark,
};
use crate::{Approved, Told};

/// Longest summary of an approval, in characters; CodePipeline API, `ApprovalResult.summary`.
const SUMMARY_MAX: usize = 512;

/// What is done, and what there is to say about it.
pub struct Way {
    /// The answer to a manual approval, where one is due.
    pub act: Option<Action>,
    /// For people.
    pub text: String,
}

/// Gives the word where it is due, and answers the manual approval that asks for it.
pub fn way(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Option<Way> {
    let ours = match policy.approval {
        Approver::Automatic => true,
        Approver::Human => order::lets_go(release).is_some(),
        Approver::Pipeline => false,
    };
    if !ours {
        return None;
    }
    if matches!(release.phase, Phase::Promoting | Phase::Watching) {
        return late(release, seen, at);
    }
    if !matches!(release.phase, Phase::Gated { .. }) {
        return None;
    }
    let text = give(policy, release, seen, at)?;
    let held = held(policy, release, at).filter(|_| asking(seen).is_some());
    match held.map(Err).or_else(|| answer(release, seen, at)) {
        Some(Ok(act)) => Some(Way { act: Some(act), text }),
        Some(Err(why)) => Some(says(format!("{text}; {why}"))),
        None => Some(says(text)),
    }
}

/// Stable was given the revision ahead of the approval, by a person's order: whoever waits is still told.
fn late(release: &mut Release, seen: &Seen, at: At) -> Option<Way> {
    let ordered = order::promotes(release)?.to_string();
    let act = answer(release, seen, at)?.ok()?;
    Some(Way {
        act: Some(act),
        text: ordered,
    })
}

/// Nothing is approved in a freeze.
fn held(policy: &Policy, release: &Release, at: At) -> Option<String> {
    freeze::in_force(&policy.freeze, release.freeze.as_ref(), at).map(|hold| hold.to_string())
}

fn says(text: String) -> Way {
    Way { act: None, text }
}

fn give(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Option<String> {
    if let Some(approved) = release.pipeline.as_ref()?.approved.as_ref() {
        return Some(format!("approved at {}", approved.at));
    }
    let ordered = order::lets_go(release).map(ToString::to_string);
    let why = match &ordered {
        Some(_) => not_yet(policy, release, seen, at),
        None => in_the_way(policy, release, seen, at),
    };
    if let Some(why) = why {
        let ordered = ordered.map(|ordered| format!("{ordered}; ")).unwrap_or_default();
        return Some(format!("{ordered}not approved: {why}"));
    }
    let seen_so_far = evidence(policy, release, seen, at);
    let evidence = match ordered {
        Some(ordered) => format!("{ordered}; {seen_so_far}"),
        None => seen_so_far,
    };
    let served = router::read(policy, release, seen).ok();
    release.pipeline.as_mut()?.approved = Some(Approved {
        at,
        evidence: evidence.clone(),
        share_permille: served.and_then(|served| served.permille),
        told: None,
    });
    Some(match order::lets_go(release) {
        Some(_) => evidence,
        None => format!("approved: {evidence}"),
    })
}

/// The open approval, where its action asks Serin.
pub fn asking(seen: &Seen) -> Option<&Approval> {
    let open = seen.pipeline.known()?.approval.as_ref();
    open.filter(|open| open.asks_minutes.is_some())
}

/// Answers the manual approval that waits for the word, or says why not.
///
/// Each time that it is answered is written down first, in a commit that loses to a rollback: what is sent right after
/// it is sent under a word that holds.
fn answer(release: &mut Release, seen: &Seen, at: At) -> Option<Result<Action, String>> {
    let approval = asking(seen)?;
    if release.known_spent(&approval.token) {
        return None;
    }
    let run = release.pipeline.as_mut()?;
    let approved = run.approved.as_mut()?;
    if let Some(why) = left_to_a_person(approval, seen) {
        return Some(Err(why));
    }
    approved.told = Some(Told {
        token: token_mark(&approval.token),
        at,
    });
    Some(Ok(Action::Approve {
        pipeline: run.name.clone(),
        approval: approval.clone(),
        summary: bounded(&format!(
            "Approved by Serin, release {}: {}",
            release.id, approved.evidence
        )),
    }))
}

/// Why this approval is not Serin's to give.
pub fn left_to_a_person(approval: &Approval, seen: &Seen) -> Option<String> {
    let shared_with = seen.shared_with.known().and_then(Option::as_deref);
    if let Some(why) = nobodys_but_a_persons(approval, shared_with) {
        let instead = if approval.retried {
            ""
        } else {
            "; give each policy an approve action of its own"
        };
        return Some(format!("{why}{instead}"));
    }
    let Part::Unknown(why) = &seen.shared_with else {
        return None;
    };
    let name = format!("approval {}/{}", approval.stage, approval.action);
    Some(format!("whether {name} is for this policy alone is unknown: {why}"))
}

/// The same, where it is known whether another policy is on its pipeline.
pub fn nobodys_but_a_persons(approval: &Approval, shared_with: Option<&str>) -> Option<String> {
    let why = match shared_with {
        _ if approval.retried => "its stage was tried again, and somebody may have refused before".to_owned(),
        Some(other) => format!("it would let policy {other} go on as well"),
        None => return None,
    };
    let Approval { stage, action, .. } = approval;
    Some(format!("approval {stage}/{action} is left to a person: {why}"))
}

fn bounded(summary: &str) -> String {
    summary.chars().take(SUMMARY_MAX).collect()
}

/// What keeps from going on even what a person lets go on: a freeze, and what is not seen to be what they judged.
pub fn not_yet(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    held(policy, release, at)
        .or_else(|| stopped(release, seen))
        .or_else(|| images_from::unread(policy, release))
        .or_else(|| misplaced(release, seen))
}

fn in_the_way(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    if let Some(hold) = held(policy, release, at) {
        return Some(hold);
    }
    if !release.is_asked(Gate::Approve) && asking(seen).is_none() {
        return Some(
            "neither the pipeline's approve action nor an approval that notifies Serin has asked yet".to_owned(),
        );
    }
    unbaked(policy, release, at)
        .or_else(|| undecided(policy, release, seen, at))
        .or_else(|| unproven(policy, release, seen, at))
}

/// The canary had no tasks meanwhile, and bakes anew.
pub fn unbaked(policy: &Policy, release: &Release, at: At) -> Option<String> {
    let total = order::bake_seconds(policy, release);
    let name = &release.canary.name;
    match release.canary.given.as_ref()?.reached {
        None => Some(format!("{name} does not run the revision on all its tasks")),
        Some(reached) if at < reached.plus_seconds(total) => {
            Some(format!("{name} has baked {} s of {total} s", reached.seconds_until(at)))
        }
        Some(_) => None,
    }
}

/// What is seen at this very moment that is not what was judged, or cannot be told.
pub fn unproven(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    if let Some(why) = stopped(release, seen) {
        return Some(why);
    }
    // It rang before: whether the canary would make it ring cannot be told.
    let deaf = |alarm: &&SeenAlarm| {
        let counts = alarm::when_stale(policy, &alarm.name) != WhenStale::Ignore;
        alarm.state == AlarmState::Alarm && counts && !alarm::is_deferred(policy, alarm)
    };
    if let Some(alarm) = seen.alarms.known()?.iter().find(deaf) {
        return Some(format!("alarm {} is in ALARM since {}", alarm.name, alarm.since));
    }
    // It may have rung in the bake and recovered while nobody could hear it: then it bakes anew.
    let baked = order::bake_seconds(policy, release);
    let unsettled = |alarm: &&SeenAlarm| {
        let given = release.canary.given.as_ref();
        let since_then = given.is_some_and(|given| alarm.since > given.created);
        since_then
            && at < alarm.since.plus_seconds(baked)
            && alarm::when_stale(policy, &alarm.name) != WhenStale::Ignore
    };
    if let Some(alarm) = seen.alarms.known()?.iter().find(unsettled) {
        let until = alarm.since.plus_seconds(baked);
        return Some(format!(
            "alarm {} changed its state at {}, so it bakes until {until}",
            alarm.name, alarm.since
        ));
    }
    misplaced(release, seen)
}

/// The execution is not seen to go on.
fn stopped(release: &Release, seen: &Seen) -> Option<String> {
    // Nothing goes on where nobody's pipeline is behind it.
    release.pipeline.as_ref()?;
    match &seen.pipeline {
        Part::Unknown(why) => Some(format!("the execution is unknown: {why}")),
        Part::Known(run) if run.only_status => Some("only the status of the execution could be read".to_owned()),
        Part::Known(run) if run.status != ExecutionStatus::InProgress => {
            Some("the execution does not go on".to_owned())
        }
        Part::Known(_) => None,
    }
}

/// The services are not seen to run what they are to run before stable is given the revision.
fn misplaced(release: &Release, seen: &Seen) -> Option<String> {
    let (small, large) = (&release.canary.name, &release.stable.name);
    let (canary, stable) = match (&seen.canary, &seen.stable) {
        (Part::Unknown(why), _) => return Some(format!("{small} is unknown: {why}")),
        (_, Part::Unknown(why)) => return Some(format!("{large} is unknown: {why}")),
        (Part::Known(canary), Part::Known(stable)) => (canary, stable),
    };
    if identify(release, Role::Canary, &canary.primary) != Runs::Released || !is_reached(canary) {
        return Some(format!("{small} does not run the revision, and nothing else"));
    }
    (!is_before(release, &stable.primary)).then(|| format!("{large} does not run its baseline"))
}

/// Whether stable runs what it ran before this release: its baseline, or what the release before could not take off it.
pub fn is_before(release: &Release, stable: &SeenDeployment) -> bool {
    let Some(left) = release.left_on_stable() else {
        return identify(release, Role::Stable, stable) == Runs::Baseline;
    };
    // Several may have failed one after the other, and ECS may have gone back to any of theirs.
    left.task_definition == stable.task_definition
        || matches!(
            identify(release, Role::Stable, stable),
            Runs::Baseline | Runs::Earlier(_)
        )
}

/// What speaks for a release.
pub fn evidence(policy: &Policy, release: &Release, seen: &Seen, at: At) -> String {
    let given = release.canary.given.as_ref();
    let since = given.and_then(|given| given.reached).unwrap_or(release.opened);
    let alarms: Vec<&str> = policy.alarms().collect();
    let alarms = match alarms.as_slice() {
        [] => String::new(),
        alarms => format!(" (alarms {})", alarms.join(", ")),
    };
    let baked = format!(
        "{} has run the revision since {since} and baked {} s of {} s; no check failed{alarms}",
        release.canary.name,
        since.seconds_until(at),
        policy.bake_minutes_total() * 60,
    );
    let accepted = doubt::accepted(policy, release, seen, at);
    let served = router::read(policy, release, seen).ok().and_then(|served| served.text);
    let served = served.into_iter().collect();
    let said = [vec![baked], served, check::passed(policy, release, seen, at)].concat();
    said.into_iter().chain(accepted).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod manual_tests;
#[cfg(test)]
mod tests;
