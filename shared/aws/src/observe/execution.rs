//! The pipeline execution of the release, never "the latest one".

use super::unknown;
use crate::refused::Refused;
use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{ActionExecutionStatus, PipelineExecutionStatus, StageState};
use decide::{Approval, Execution, ExecutionStatus, Over, Part, Release, SeenExecution};
use futures_util::future::{join, join_all};
use std::collections::BTreeMap;
use std::time::Duration;

/// The execution of the release, and those it must keep from promoting, by id.
pub(super) async fn executions(
    client: &Client,
    release: &Release,
) -> (Part<SeenExecution>, BTreeMap<String, Part<SeenExecution>>) {
    let barred = release
        .barred
        .iter()
        .map(|run| async move { (run.execution.clone(), one(client, run).await) });
    let own = async {
        match &release.pipeline {
            Some(run) => one(client, run).await,
            None => Part::Unknown("the release has no pipeline".to_owned()),
        }
    };
    let (own, barred) = join(own, join_all(barred)).await;
    (own, barred.into_iter().collect())
}

/// What there is to say where CodePipeline took too long.
pub(super) fn unanswered(
    release: &Release,
    waited: Duration,
) -> (Part<SeenExecution>, BTreeMap<String, Part<SeenExecution>>) {
    let why = || Part::Unknown(format!("CodePipeline did not answer within {} ms", waited.as_millis()));
    let barred = release.barred.iter().map(|run| (run.execution.clone(), why()));
    (why(), barred.collect())
}

async fn one(client: &Client, run: &Execution) -> Part<SeenExecution> {
    let state = client.get_pipeline_state().name(&run.name).send();
    let status = client
        .get_pipeline_execution()
        .pipeline_name(&run.name)
        .pipeline_execution_id(&run.execution)
        .send();
    let (state, status) = join(state, status).await;
    let state = state.map_err(|error| Refused::from_sdk("GetPipelineState", &run.name, &error));
    let status = match status {
        Ok(reply) => Ok(reply.pipeline_execution.and_then(|execution| execution.status)),
        Err(error) => Err(Refused::from_sdk("GetPipelineExecution", &run.execution, &error)),
    };
    // Either answer is worth something without the other.
    match (state, status) {
        (Ok(state), Ok(Some(status))) => match known(&status) {
            Some(status) => Part::Known(seen(run, &state, status)),
            None => no_status(run),
        },
        (Ok(state), Err(refused)) => {
            let found = seen(run, &state, ExecutionStatus::InProgress);
            if found.approval.is_some() || found.promoting {
                Part::Known(found)
            } else {
                unknown(&refused)
            }
        }
        (Err(refused), Ok(Some(status))) => match known(&status) {
            Some(status) => Part::Known(SeenExecution {
                status,
                approval: None,
                deployed: None,
                promoting: false,
                abandoned: false,
                abandoned_before: false,
                held: None,
                only_status: true,
            }),
            None => unknown(&refused),
        },
        (Ok(_), Ok(None)) => no_status(run),
        (Err(refused), _) => unknown(&refused),
    }
}

fn no_status(run: &Execution) -> Part<SeenExecution> {
    Part::Unknown(format!("CodePipeline gives no status for execution {}", run.execution))
}

fn known(status: &PipelineExecutionStatus) -> Option<ExecutionStatus> {
    Some(match status {
        PipelineExecutionStatus::InProgress => ExecutionStatus::InProgress,
        PipelineExecutionStatus::Stopping => ExecutionStatus::Stopping,
        PipelineExecutionStatus::Succeeded => ExecutionStatus::Over(Over::Succeeded),
        PipelineExecutionStatus::Failed => ExecutionStatus::Over(Over::Failed),
        PipelineExecutionStatus::Stopped => ExecutionStatus::Over(Over::Stopped),
        PipelineExecutionStatus::Superseded | PipelineExecutionStatus::Cancelled => {
            ExecutionStatus::Over(Over::Replaced)
        }
        _ => return None,
    })
}

fn seen(run: &Execution, state: &GetPipelineStateOutput, status: ExecutionStatus) -> SeenExecution {
    let ours = |stage: &&StageState| {
        stage
            .latest_execution()
            .is_some_and(|latest| latest.pipeline_execution_id() == run.execution)
    };
    let stages = || state.stage_states().iter().filter(ours);
    let promoting_stage =
        |stage: &&StageState| run.promoting_stage.is_some() && stage.stage_name() == run.promoting_stage.as_deref();
    let held = state
        .stage_states()
        .iter()
        .find(promoting_stage)
        .and_then(|stage| stage.inbound_transition_state())
        .filter(|transition| !transition.enabled())
        .map(|transition| transition.disabled_reason().unwrap_or_default().to_owned());
    SeenExecution {
        status,
        approval: stages().find_map(open_approval).map(|open| known_before(run, open)),
        deployed: None,
        promoting: stages().filter(promoting_stage).any(working),
        abandoned: stages().filter(promoting_stage).any(abandoned),
        abandoned_before: stages().filter(|stage| !promoting_stage(stage)).any(abandoned),
        held,
        only_status: false,
    }
}

/// The very request that the release knows: what was read of it then need not be read again.
fn known_before(run: &Execution, open: Approval) -> Approval {
    let known = run.approval.as_ref().filter(|known| known.token == open.token);
    known.cloned().unwrap_or(open)
}

/// Only a pending approval has a token.
///
/// # Source
/// CodePipeline API, `StageState.retryStageMetadata`: there only where the stage was tried again.
fn open_approval(stage: &StageState) -> Option<Approval> {
    stage.action_states().iter().find_map(|action| {
        let latest = action.latest_execution()?;
        let pending = latest.status() == Some(&ActionExecutionStatus::InProgress);
        Some(Approval {
            stage: stage.stage_name()?.to_owned(),
            action: action.action_name()?.to_owned(),
            token: latest.token().filter(|_| pending)?.to_owned(),
            since: latest.last_status_change().map(crate::moment::at),
            asks_minutes: None,
            retried: stage.retry_stage_metadata().is_some(),
        })
    })
}

/// An action that may have been at work when nobody waited for it any more.
fn abandoned(stage: &StageState) -> bool {
    let mut latest = stage
        .action_states()
        .iter()
        .filter_map(|action| action.latest_execution());
    latest.any(|latest| latest.status() == Some(&ActionExecutionStatus::Abandoned))
}

/// An action runs that is no approval.
fn working(stage: &StageState) -> bool {
    stage
        .action_states()
        .iter()
        .filter_map(|action| action.latest_execution())
        .any(|latest| latest.status() == Some(&ActionExecutionStatus::InProgress) && latest.token().is_none())
}
