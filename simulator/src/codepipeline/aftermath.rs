//! What a stage does about its own failure: `onFailure` of its declaration.

use super::state::{Pipeline, Place, RetryTrigger, RunStatus};
use super::structure::list;
use super::{retry, rollback};
use crate::world::World;
use serde_json::Value;

/// What a stage does when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnFailure {
    Fail,
    /// Runs with what the last good execution had.
    RollBack,
    /// Runs again, once: the failed actions or all.
    Retry {
        all: bool,
    },
}

impl OnFailure {
    /// What a stage's declaration says, in the declaration of its whole pipeline.
    ///
    /// # Errors
    /// Why AWS would not take it, or this simulator does not.
    pub(crate) fn declared(stage: &Value, whole: &Value) -> Result<OnFailure, &'static str> {
        let declared = &stage["onFailure"];
        if declared.is_null() {
            return Ok(OnFailure::Fail);
        }
        if whole["pipelineType"] != "V2" {
            return Err("onFailure needs a pipeline of type V2");
        }
        if !list(&declared["conditions"]).is_empty() {
            return Err("onFailure conditions are not simulated");
        }
        match declared["result"].as_str() {
            Some("ROLLBACK") if whole["executionMode"] == "PARALLEL" => {
                Err("onFailure with result ROLLBACK cannot be used in execution mode PARALLEL")
            }
            Some("ROLLBACK") => Ok(OnFailure::RollBack),
            Some("RETRY") => Ok(OnFailure::Retry {
                all: declared["retryConfiguration"]["retryMode"] == "ALL_ACTIONS",
            }),
            Some("SKIP") => Err("onFailure with result SKIP is not simulated"),
            _ => Ok(OnFailure::Fail),
        }
    }
}

/// Answers a failure nobody has answered yet; false where there is none, or it has to wait.
///
/// A stage retries itself once. A rollback that fails is not rolled back: AWS does not say, and the alternative would
/// never end. Neither happens once the pipeline is another. Both wait for the actions that outlived the failure, except a retry of the failed ones, which joins them.
pub(crate) fn answer_failure(world: &mut World, pipeline: &mut Pipeline, execution: usize) -> bool {
    let Place::In(index) = pipeline.executions[execution].place else {
        return false;
    };
    let stage = pipeline.structure_of(execution).stages[index].clone();
    let it = &pipeline.executions[execution];
    if it.version != pipeline.versions.len() {
        return false;
    }
    let Some(visit) = it.visits.get(&stage.name).filter(|visit| visit.unanswered) else {
        return false;
    };
    let is_retried = visit.retries.automatic > 0;
    let is_rollback = it.rollback_to.is_some();
    let runs = visit.runs.values();
    let running = runs
        .into_iter()
        .any(|run| pipeline.runs[*run].status == RunStatus::InProgress);
    if running && stage.on_failure != (OnFailure::Retry { all: false }) {
        return false;
    }
    if let Some(visit) = pipeline.executions[execution].visits.get_mut(&stage.name) {
        visit.unanswered = false;
    }
    match stage.on_failure {
        OnFailure::Retry { all } if !is_retried => {
            retry::again(world, pipeline, execution, &stage.name, all, RetryTrigger::Automated);
            true
        }
        OnFailure::RollBack if !is_rollback => rollback::after_failure(world, pipeline, execution, &stage.name),
        OnFailure::Fail | OnFailure::Retry { .. } | OnFailure::RollBack => false,
    }
}
