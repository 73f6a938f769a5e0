//! Approves what has baked without a failed check, where the policy says so.
//!
//! Each attempt is a decision of its own and written down before it is made, so that a rollback decided meanwhile comes
//! first. Only what was seen counts: nothing is approved on a part that is unknown.

use super::alarm;
use super::forward::{is_reached, undecided};
use super::identify::{Runs, identify};
use crate::policy::{Approver, WhenStale};
use crate::{Action, AlarmState, Approval, At, ExecutionStatus, Phase, Policy, Release, Role, Seen, SeenAlarm};

/// After which an approval that is still open is given again.
const AGAIN_SECONDS: u32 = 30;

/// Longest summary of an approval, in characters; CodePipeline API, `ApprovalResult.summary`.
const SUMMARY_MAX: usize = 512;

/// What is done about the open approval.
pub struct Way {
    /// The call, where it is made now.
    pub lane: Option<Action>,
    /// For people.
    pub text: String,
}

/// Judges the approval of a release that waits for it; nothing, where it is not ours to give or none is open.
pub fn way(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Option<Way> {
    if policy.approval != Approver::Automatic || !matches!(release.phase, Phase::Gated { .. }) {
        return None;
    }
    let execution = seen.pipeline.known()?;
    let approval = execution.approval.clone()?;
    let name = format!("approval {}/{}", approval.stage, approval.action);
    if release.known_spent(&approval.token) {
        return Some(waits(format!("{name} has been answered")));
    }
    if execution.status != ExecutionStatus::InProgress || execution.only_status {
        return Some(waits(format!("{name} is not given: its execution does not go on")));
    }
    if let Some(why) = undecided(policy, release, seen).or_else(|| unproven(policy, release, seen)) {
        return Some(waits(format!("{name} is not given: {why}")));
    }
    let summary = summary(policy, release);
    let run = release.pipeline.as_mut()?;
    if run.approved.is_some_and(|last| at < last.plus_seconds(AGAIN_SECONDS)) {
        return Some(waits(format!("{name} was given a moment ago")));
    }
    run.approved = Some(at);
    let pipeline = run.name.clone();
    Some(Way {
        text: format!("{name} is given: {summary}"),
        lane: Some(approve(pipeline, approval, &summary)),
    })
}

fn waits(text: String) -> Way {
    Way { lane: None, text }
}

/// What is seen at this very moment that is not what was judged.
fn unproven(policy: &Policy, release: &Release, seen: &Seen) -> Option<String> {
    // It rang before: whether the canary would make it ring cannot be told.
    let deaf = |alarm: &&SeenAlarm| {
        alarm.state == AlarmState::Alarm && alarm::when_stale(policy, &alarm.name) != WhenStale::Ignore
    };
    if let Some(alarm) = seen.alarms.known()?.iter().find(deaf) {
        return Some(format!("alarm {} is in ALARM since {}", alarm.name, alarm.since));
    }
    let (canary, stable) = (seen.canary.known()?, seen.stable.known()?);
    let names = [&release.canary.name, &release.stable.name];
    if !matches!(identify(release, Role::Canary, &canary.primary), Runs::Released) || !is_reached(canary) {
        return Some(format!("{} does not run the revision, and nothing else", names[0]));
    }
    (identify(release, Role::Stable, &stable.primary) != Runs::Baseline)
        .then(|| format!("{} does not run its baseline", names[1]))
}

fn summary(policy: &Policy, release: &Release) -> String {
    let since = release
        .canary
        .given
        .as_ref()
        .map_or(release.opened, |given| given.created);
    let minutes = policy.bake_minutes_total();
    let checks: Vec<&str> = policy.alarms().collect();
    format!(
        "{} ran the revision since {since} and baked {minutes} min; no check failed ({})",
        release.canary.name,
        checks.join(", ")
    )
}

fn approve(pipeline: String, approval: Approval, summary: &str) -> Action {
    Action::Approve {
        pipeline,
        approval,
        summary: summary.chars().take(SUMMARY_MAX).collect(),
    }
}

#[cfg(test)]
mod tests;
