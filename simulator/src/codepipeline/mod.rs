//! AWS CodePipeline.
//!
//! # Shape
//!
//! ```text
//! requests   pipelines · executions · stop · retry · rollback · transitions · approval · job · view
//! engine     flow (executions and stages) → run (actions) → ecs_deploy · approval · job
//!            └ aftermath (what a stage does about its failure) → retry · rollback
//! around it  structure (declarations) · state (memory) · events (bus) · stage (for tests and stories)
//! ```
//!
//! # Not simulated
//!
//! Stage conditions and their rules, git triggers, providers other than those in `structure::kind_of`; each is
//! refused by name.

mod aftermath;
mod approval;
mod check;
mod ecs_deploy;
mod events;
mod executions;
mod find;
mod flow;
mod job;
mod machine;
mod pipelines;
mod retry;
mod rollback;
mod run;
pub mod stage;
mod state;
mod stop;
mod structure;
#[cfg(test)]
mod tests;
mod transitions;
mod variables;
mod view;

use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use job::Job;
use serde_json::Value;
use stage::{EcsRules, TopicTrouble};
use state::Pipeline;
use std::collections::{BTreeMap, BTreeSet};

/// State of the service.
#[derive(Debug, Default)]
pub struct CodePipeline {
    /// Who is asking, as an ARN, where it is not the caller of the request (see [`crate::World::caller`]): shown as
    /// `lastUpdatedBy`, `lastChangedBy`, trigger detail.
    pub caller_arn: Option<String>,
    /// What AWS does not document about the standard ECS deploy action.
    pub ecs: EcsRules,
    pub(crate) topics: BTreeMap<String, TopicTrouble>,
    pub(crate) missing_functions: BTreeSet<String>,
    pub(crate) pipelines: BTreeMap<String, Pipeline>,
    /// Tags of pipelines, by name.
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
    /// By id; they outlive their pipeline.
    pub(crate) jobs: BTreeMap<String, Job>,
}

impl CodePipeline {
    /// The tags that a pipeline has.
    pub fn tags_of(&self, pipeline: &str) -> BTreeMap<String, String> {
        self.tags.get(pipeline).cloned().unwrap_or_default()
    }
}

/// A value, or AWS's no.
pub(crate) type Found<T> = Result<T, Refusal>;

/// Answers one request. Times are epoch seconds, as numbers.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    match operation {
        "CreatePipeline" => pipelines::create(world, input),
        "GetPipeline" => pipelines::get(world, input),
        "ListPipelines" => pipelines::list(world, input),
        "ListTagsForResource" => pipelines::list_tags(world, input),
        "TagResource" => pipelines::tag(world, input),
        "UpdatePipeline" => pipelines::update(world, input),
        "DeletePipeline" => pipelines::delete(world, input),
        "StartPipelineExecution" => on_pipeline(world, &input["name"], |w, p| executions::start(w, p, input)),
        "GetPipelineExecution" => on_named(world, input, |_, p| executions::get(p, input)),
        "ListPipelineExecutions" => on_named(world, input, |w, p| executions::list(w, p, input)),
        "ListActionExecutions" => on_named(world, input, |w, p| executions::list_actions(w, p, input)),
        "GetPipelineState" => on_pipeline(world, &input["name"], |_, p| Ok(view::pipeline_state(p))),
        "StopPipelineExecution" => on_named(world, input, |w, p| stop::stop(w, p, input)),
        "RetryStageExecution" => on_named(world, input, |w, p| retry::retry(w, p, input)),
        "RollbackStage" => on_named(world, input, |w, p| rollback::roll_back(w, p, input)),
        "EnableStageTransition" => on_named(world, input, |w, p| transitions::enable(w, p, input)),
        "DisableStageTransition" => on_named(world, input, |w, p| transitions::disable(w, p, input)),
        "PutApprovalResult" => on_named(world, input, |w, p| approval::put_result(w, p, input)),
        "PutJobSuccessResult" => job::put_success(world, input),
        "PutJobFailureResult" => job::put_failure(world, input),
        "GetJobDetails" => job::get_details(world, input),
        _ => Err(Refusal::new(
            "UnknownOperationException",
            format!("codepipeline has no {operation} here"),
        )),
    }
}

/// When something next happens by itself.
pub fn next_due(world: &World) -> Option<At> {
    let pipelines = world.codepipeline.pipelines.values();
    pipelines
        .flat_map(|pipeline| &pipeline.runs)
        .filter_map(|run| run.due)
        .min()
}

/// Does what is due now.
pub fn run_due(world: &mut World) {
    let names: Vec<String> = world.codepipeline.pipelines.keys().cloned().collect();
    for name in names {
        with_pipeline(world, &name, |world, pipeline| {
            while let Some(index) = first_due(pipeline, world.now) {
                run::wake(world, pipeline, index);
                flow::progress(world, pipeline);
            }
        });
    }
}

fn first_due(pipeline: &Pipeline, now: At) -> Option<usize> {
    let runs = pipeline.runs.iter().enumerate();
    let due = runs.filter_map(|(index, run)| Some((run.due.filter(|due| *due <= now)?, index)));
    due.min().map(|(_, index)| index)
}

/// Works on a pipeline and the world around it: the pipeline is out of the world meanwhile.
pub(crate) fn with_pipeline<T>(
    world: &mut World,
    name: &str,
    work: impl FnOnce(&mut World, &mut Pipeline) -> T,
) -> Option<T> {
    let mut pipeline = world.codepipeline.pipelines.remove(name)?;
    let result = work(world, &mut pipeline);
    world.codepipeline.pipelines.insert(name.to_owned(), pipeline);
    Some(result)
}

fn on_pipeline(
    world: &mut World,
    name: &Value,
    work: impl FnOnce(&mut World, &mut Pipeline) -> Found<Value>,
) -> Found<Value> {
    let name = name.as_str().unwrap_or_default();
    let result = with_pipeline(world, name, work);
    result.unwrap_or_else(|| Err(find::no_pipeline(world, name)))
}

fn on_named(
    world: &mut World,
    input: &Value,
    work: impl FnOnce(&mut World, &mut Pipeline) -> Found<Value>,
) -> Found<Value> {
    on_pipeline(world, &input["pipelineName"], work)
}
