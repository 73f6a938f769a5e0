//! The pipeline execution must not be able to promote any more.

use super::super::barred::left_closed;
use crate::{Action, Approval, At, Execution, ExecutionStatus, Gate, Over, Part, Release, SeenExecution};

/// Longest summary of an approval, in characters; CodePipeline API, `ApprovalResult.summary`.
const SUMMARY_MAX: usize = 512;

/// After which the same act counts as done anew.
const AGAIN_SECONDS: u32 = 25;

/// Longest reason for a stop, in characters; CodePipeline API, `StopPipelineExecution.reason`.
const REASON_MAX: usize = 200;

/// What is to be done about the execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Calls, one after the other.
    pub lane: Vec<Action>,
    /// It cannot promote unless a person retries it, and nothing of ours holds the pipeline.
    pub is_over: bool,
    /// It cannot promote: it is over, or stopping with the way into the promoting stage closed.
    pub is_barred: bool,
    /// For people.
    pub text: String,
}

/// Judges the execution.
pub fn way(release: &mut Release, seen: &Part<SeenExecution>, blindly: bool, at: At) -> Way {
    let Some(run) = release.pipeline.clone() else {
        return Way {
            lane: Vec::new(),
            is_over: true,
            is_barred: true,
            text: "no pipeline to stop".to_owned(),
        };
    };
    match seen {
        Part::Unknown(why) => blind(release, &run, why, blindly, at),
        Part::Known(seen) => match seen.status {
            ExecutionStatus::Over(over) => {
                remember(release, seen, at);
                is_over(release, &run, seen, over)
            }
            status => stop(release, &run, seen, status, at),
        },
    }
}

/// CodePipeline does not answer, or was not asked yet: the token we hold may still work.
///
/// Without a token it is stopped all the same, once it was really asked for: a person may approve meanwhile.
fn blind(release: &mut Release, run: &Execution, why: &str, blindly: bool, at: At) -> Way {
    let known = run
        .approval
        .as_ref()
        .filter(|approval| !release.known_spent(&approval.token));
    let lane = match known {
        Some(approval) => vec![reject(release, run, approval)],
        None if blindly || is_held(release, at) => Vec::new(),
        None => hold(release, run, at)
            .into_iter()
            .chain([stopped(release, run, false)])
            .collect(),
    };
    Way {
        lane,
        is_over: false,
        is_barred: false,
        text: format!("execution {} unknown: {why}", mark(&run.execution)),
    }
}

/// For how long our own action in the pipeline is trusted to ask again; CodePipeline has it ask every half a minute.
const ASKS_WITHIN_SECONDS: u32 = 150;

/// Whether an action of ours holds the execution: it fails with the cause by itself, and nothing need be stopped. Not
/// for long: perhaps nobody asks any more.
fn is_held(release: &Release, at: At) -> bool {
    let approved = release.pipeline.as_ref().is_some_and(|run| run.approved.is_some());
    // Once stable was seen to run it, that action was answered.
    let promoted = release
        .stable
        .given
        .as_ref()
        .is_some_and(|given| given.reached.is_some());
    let asks = release.is_asked(Gate::Promote) && !promoted || release.is_asked(Gate::Approve) && !approved;
    asks && at < release.phase_since.plus_seconds(ASKS_WITHIN_SECONDS)
}

/// Somebody else may have abandoned it in the middle of promoting: a sibling, or a person.
fn remember(release: &mut Release, seen: &SeenExecution, at: At) {
    if let Some(run) = release.pipeline.as_mut().filter(|_| seen.abandoned) {
        run.abandoned.get_or_insert(at);
    }
}

fn is_over(release: &Release, run: &Execution, seen: &SeenExecution, over: Over) -> Way {
    let how = match over {
        Over::Succeeded => "succeeded",
        Over::Failed => "failed",
        Over::Stopped => "stopped",
        Over::Replaced => "was replaced",
    };
    let text = format!("execution {} {how}", mark(&run.execution));
    if seen.only_status {
        let unknown = "whether the way into the promoting stage is closed is unknown".to_owned();
        return Way {
            lane: Vec::new(),
            is_over: run.promoting_stage.is_none(),
            is_barred: true,
            text: format!("{text}; {unknown}"),
        };
    }
    let ours = seen.held.as_ref().is_some_and(|reason| *reason == hold_reason(release));
    let left = release.barred.is_empty() && left_closed(&release.id, run, seen).is_some();
    match &run.promoting_stage {
        Some(stage) if ours || left => Way {
            lane: vec![Action::Release {
                pipeline: run.name.clone(),
                stage: stage.clone(),
            }],
            is_over: false,
            is_barred: true,
            text: format!("{text}; the way into stage {stage} is opened again"),
        },
        _ => Way {
            lane: Vec::new(),
            is_over: true,
            is_barred: true,
            text,
        },
    }
}

/// Rejected where an approval is open, else stopped: waiting, unless it is promoting at this moment.
fn stop(release: &mut Release, run: &Execution, seen: &SeenExecution, status: ExecutionStatus, at: At) -> Way {
    let execution = mark(&run.execution).to_owned();
    if let Some(approval) = &seen.approval {
        let text = format!(
            "approval {}/{} of execution {execution} is rejected",
            approval.stage, approval.action
        );
        return Way {
            lane: vec![reject(release, run, approval)],
            is_over: false,
            is_barred: false,
            text,
        };
    }
    if is_held(release, at) {
        return Way {
            lane: Vec::new(),
            is_over: false,
            is_barred: true,
            text: format!("execution {execution} is held by Serin's own action, which fails when it asks next"),
        };
    }
    if status == ExecutionStatus::Stopping && !seen.promoting {
        return Way {
            lane: Vec::new(),
            is_over: false,
            is_barred: true,
            text: format!("execution {execution} is stopping"),
        };
    }
    if seen.promoting
        && let Some(run) = release.pipeline.as_mut()
    {
        // Written down before it is done: the abandoned deploy action may write late.
        run.abandoned.get_or_insert(at);
    }
    let mut lane: Vec<Action> = Vec::new();
    // Abandoning unlocks the stage and lets the next execution in at once, so the door is closed first.
    if seen.held.is_none() {
        lane.extend(hold(release, run, at));
    }
    lane.push(stopped(release, run, seen.promoting));
    let how = if seen.promoting {
        "abandoned in the middle of promoting"
    } else {
        "stopped"
    };
    Way {
        lane,
        is_over: false,
        is_barred: false,
        text: format!("execution {execution} is {how}"),
    }
}

/// Written down before it is done, once more where it has to be done again: the release must not close while the way may
/// still be shut behind it.
fn hold(release: &mut Release, run: &Execution, at: At) -> Option<Action> {
    let stage = run.promoting_stage.clone()?;
    let last = run.held.unwrap_or(release.phase_since);
    if let Some(own) = release
        .pipeline
        .as_mut()
        .filter(|_| at >= last.plus_seconds(AGAIN_SECONDS))
    {
        own.held = Some(at);
    }
    Some(Action::Hold {
        pipeline: run.name.clone(),
        stage,
        reason: hold_reason(release),
    })
}

fn stopped(release: &Release, run: &Execution, abandon: bool) -> Action {
    Action::Stop {
        pipeline: run.name.clone(),
        execution: run.execution.clone(),
        abandon,
        reason: bounded(&format!("Serin release {}: {}", release.id, cause(release)), REASON_MAX),
    }
}

fn reject(release: &Release, run: &Execution, approval: &Approval) -> Action {
    let summary = format!("Rejected by Serin, release {}: {}", release.id, cause(release));
    Action::Reject {
        pipeline: run.name.clone(),
        approval: approval.clone(),
        summary: bounded(&summary, SUMMARY_MAX),
    }
}

fn cause(release: &Release) -> String {
    release
        .phase
        .rolling_back()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// CodePipeline takes only `[a-zA-Z0-9!@ \(\)\.\*\?\-]+` here, which release ids are made of.
///
/// # Source
/// CodePipeline API, `DisableStageTransition.reason`.
fn hold_reason(release: &Release) -> String {
    format!("Serin release {} rolls back", release.id)
}

/// First block of an execution id: enough for people, and it fits into a line.
fn mark(execution: &str) -> &str {
    execution.split('-').next().unwrap_or(execution)
}

fn bounded(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}
