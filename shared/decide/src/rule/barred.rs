//! Executions of releases whose place this one took must not promote any more.

use super::roll_back::{ABANDONED_ACTION_SECONDS, LATE_WRITE_SECONDS};
use crate::{Action, Approval, At, Execution, ExecutionStatus, Part, Release, Seen, SeenExecution};

/// Longest summary of an approval, in characters; CodePipeline API, `ApprovalResult.summary`.
const SUMMARY_MAX: usize = 512;

/// Longest reason for a stop, in characters; CodePipeline API, `StopPipelineExecution.reason`.
const REASON_MAX: usize = 200;

/// What is left to do about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Barred {
    /// Calls, one lane for each execution.
    pub lanes: Vec<Vec<Action>>,
    /// For people.
    pub texts: Vec<String>,
}

/// Rejects their approvals and stops them; forgets those that are over.
pub fn bar(release: &mut Release, seen: &Seen, at: At) -> Barred {
    let mut barred = Barred::default();
    let (id, mut executions) = (release.id.clone(), std::mem::take(&mut release.barred));
    executions.retain_mut(|run| one(&id, run, seen.barred.get(&run.execution), &mut barred, at));
    release.barred = executions;
    barred
}

/// Whether it has to be looked at again.
fn one(release: &str, run: &mut Execution, seen: Option<&Part<SeenExecution>>, barred: &mut Barred, at: At) -> bool {
    let mark = run.execution.split('-').next().unwrap_or_default().to_owned();
    let seen = match seen {
        Some(Part::Known(seen)) => seen,
        Some(Part::Unknown(why)) => {
            barred
                .texts
                .push(format!("execution {mark} of the release before is unknown: {why}"));
            return true;
        }
        None => return true,
    };
    if seen.abandoned {
        run.abandoned.get_or_insert(at);
    }
    let lane = match (&seen.approval, seen.status) {
        (_, ExecutionStatus::Over(_)) => match writes_until(run).filter(|until| at < *until) {
            None => match left_closed(release, run, seen) {
                Some((stage, open)) => {
                    barred.texts.push(format!("the way into stage {stage} is opened again"));
                    barred.lanes.push(vec![open]);
                    return true;
                }
                None => return seen.only_status && run.promoting_stage.is_some(),
            },
            Some(until) => {
                barred.texts.push(format!(
                    "execution {mark} of the release before was abandoned; its deploy action may write until {until}"
                ));
                return true;
            }
        },
        (Some(approval), _) => vec![reject(release, run, approval)],
        (None, ExecutionStatus::Stopping) if !seen.promoting => Vec::new(),
        (None, _) => {
            if seen.promoting {
                // Written down before it is done: the abandoned deploy action may write late.
                run.abandoned.get_or_insert(at);
            }
            vec![stop(release, run, seen.promoting)]
        }
    };
    barred
        .texts
        .push(format!("execution {mark} of the release before is kept from promoting"));
    if !lane.is_empty() {
        barred.lanes.push(lane);
    }
    true
}

/// The way into the promoting stage, where a release of this policy that has closed since had shut it.
pub fn left_closed(release: &str, run: &Execution, seen: &SeenExecution) -> Option<(String, Action)> {
    let policy = |id: &str| id.rsplit_once('-').map(|(policy, _)| policy.to_owned());
    let by = seen.held.as_deref()?.strip_prefix("Serin release ")?;
    let by = by.strip_suffix(" rolls back")?;
    let stage = run.promoting_stage.clone()?;
    let open = Action::Release {
        pipeline: run.name.clone(),
        stage: stage.clone(),
    };
    (by != release && policy(by) == policy(release)).then_some((stage, open))
}

/// Until when the deploy action of an execution that was abandoned in the middle of promoting may still write.
pub fn writes_until(run: &Execution) -> Option<At> {
    let abandoned = run.abandoned?;
    Some(abandoned.plus_seconds(ABANDONED_ACTION_SECONDS + LATE_WRITE_SECONDS))
}

fn reject(release: &str, run: &Execution, approval: &Approval) -> Action {
    let summary = format!("Superseded by release {release}: its canary runs something else now");
    Action::Reject {
        pipeline: run.name.clone(),
        approval: approval.clone(),
        summary: summary.chars().take(SUMMARY_MAX).collect(),
    }
}

fn stop(release: &str, run: &Execution, abandon: bool) -> Action {
    let reason = format!("Superseded by Serin release {release}");
    Action::Stop {
        pipeline: run.name.clone(),
        execution: run.execution.clone(),
        abandon,
        reason: reason.chars().take(REASON_MAX).collect(),
    }
}

#[cfg(test)]
mod tests;
