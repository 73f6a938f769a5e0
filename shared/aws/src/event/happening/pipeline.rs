//! Executions of a pipeline, of its stages and of its actions.

use super::envelope::Envelope;
use crate::event::node::Node;
use crate::event::shape::{checked, is_pipeline_name, is_uuid};
use crate::event::text::{QUOTE_CHARS_MAX, bounded};
use crate::event::{EpochMillis, Undecodable};

/// What `resources[0]` holds.
pub(super) const AN_ARN: &str = "a pipeline's ARN (arn:aws:codepipeline:<region>:<account>:<pipeline>)";

/// An execution of a pipeline changed its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelineEvent {
    /// Account of the pipeline.
    pub account: String,
    /// Region of the pipeline.
    pub region: String,
    /// Name of the pipeline.
    pub pipeline: String,
    /// Id of the execution: a UUID.
    pub execution: String,
    /// The state it is in now.
    pub state: PipelineState,
    /// When CodePipeline told of it, to the second.
    pub at: EpochMillis,
}

/// A stage of an execution changed its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageEvent {
    /// Account of the pipeline.
    pub account: String,
    /// Region of the pipeline.
    pub region: String,
    /// Name of the pipeline.
    pub pipeline: String,
    /// Id of the execution: a UUID.
    pub execution: String,
    /// Name of the stage.
    pub stage: String,
    /// The state it is in now; a stage is never `Superseded`.
    pub state: PipelineState,
    /// When CodePipeline told of it, to the second.
    pub at: EpochMillis,
}

/// An action of an execution changed its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionEvent {
    /// Account of the pipeline.
    pub account: String,
    /// Region of the pipeline; the action itself may run in another one.
    pub region: String,
    /// Name of the pipeline.
    pub pipeline: String,
    /// Id of the execution: a UUID.
    pub execution: String,
    /// Name of the stage.
    pub stage: String,
    /// Name of the action.
    pub action: String,
    /// `Deploy`, `Approval`, `Invoke`, …
    pub category: String,
    /// `ECS`, `Manual`, `Lambda`, …
    pub provider: String,
    /// The state it is in now.
    pub state: ActionState,
    /// When CodePipeline told of it, to the second.
    pub at: EpochMillis,
}

/// State of an execution or of a stage of it, as events spell it (the API writes `Cancelled`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PipelineState {
    /// `STARTED`
    Started,
    /// `RESUMED`: a failed stage is tried again.
    Resumed,
    /// `STOPPING`
    Stopping,
    /// `STOPPED`
    Stopped,
    /// `SUCCEEDED`
    Succeeded,
    /// `FAILED`
    Failed,
    /// `CANCELED`: the pipeline was changed meanwhile.
    Canceled,
    /// `SUPERSEDED`: a newer execution took its place.
    Superseded,
    /// Anything AWS may add one day, as it came (bounded).
    Other(String),
}

/// State of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionState {
    /// `STARTED`
    Started,
    /// `SUCCEEDED`
    Succeeded,
    /// `FAILED`: also a manual approval that was rejected.
    Failed,
    /// `CANCELED`
    Canceled,
    /// `ABANDONED`: nobody waits for it any more; its provider may still be at work.
    Abandoned,
    /// Anything AWS may add one day, as it came (bounded).
    Other(String),
}

pub(super) fn pipeline(event: &Envelope<'_>) -> Result<PipelineEvent, Undecodable> {
    let (pipeline, execution) = execution(event)?;
    Ok(PipelineEvent {
        account: event.account.to_owned(),
        region: event.region.to_owned(),
        pipeline,
        execution,
        state: pipeline_state(event.detail.field("state").text("the execution's state")?),
        at: event.time()?,
    })
}

pub(super) fn stage(event: &Envelope<'_>) -> Result<StageEvent, Undecodable> {
    let (pipeline, execution) = execution(event)?;
    Ok(StageEvent {
        account: event.account.to_owned(),
        region: event.region.to_owned(),
        pipeline,
        execution,
        stage: name(&event.detail.field("stage"), "the stage's name")?,
        state: pipeline_state(event.detail.field("state").text("the stage's state")?),
        at: event.time()?,
    })
}

pub(super) fn action(event: &Envelope<'_>) -> Result<ActionEvent, Undecodable> {
    let (pipeline, execution) = execution(event)?;
    let kind = event.detail.field("type");
    Ok(ActionEvent {
        account: event.account.to_owned(),
        region: event.region.to_owned(),
        pipeline,
        execution,
        stage: name(&event.detail.field("stage"), "the stage's name")?,
        action: name(&event.detail.field("action"), "the action's name")?,
        category: bounded(kind.field("category").text("the action's category")?, QUOTE_CHARS_MAX),
        provider: bounded(kind.field("provider").text("the action's provider")?, QUOTE_CHARS_MAX),
        state: action_state(event.detail.field("state").text("the action's state")?),
        at: event.time()?,
    })
}

/// The pipeline, which is the one in the ARN, and the execution.
fn execution(event: &Envelope<'_>) -> Result<(String, String), Undecodable> {
    let claimed = event.detail.field("pipeline");
    let pipeline = name(&claimed, "the pipeline's name")?;
    event.agree("name", (&claimed, &pipeline), event.resource)?;
    let id = event.detail.field("execution-id");
    let id = checked(&id, "the execution's id, a UUID in lower case", is_uuid)?;
    Ok((pipeline, id.to_owned()))
}

fn name(node: &Node<'_>, expected: &'static str) -> Result<String, Undecodable> {
    checked(node, expected, is_pipeline_name).map(str::to_owned)
}

fn pipeline_state(state: &str) -> PipelineState {
    match state {
        "STARTED" => PipelineState::Started,
        "RESUMED" => PipelineState::Resumed,
        "STOPPING" => PipelineState::Stopping,
        "STOPPED" => PipelineState::Stopped,
        "SUCCEEDED" => PipelineState::Succeeded,
        "FAILED" => PipelineState::Failed,
        "CANCELED" => PipelineState::Canceled,
        "SUPERSEDED" => PipelineState::Superseded,
        other => PipelineState::Other(bounded(other, QUOTE_CHARS_MAX)),
    }
}

fn action_state(state: &str) -> ActionState {
    match state {
        "STARTED" => ActionState::Started,
        "SUCCEEDED" => ActionState::Succeeded,
        "FAILED" => ActionState::Failed,
        "CANCELED" => ActionState::Canceled,
        "ABANDONED" => ActionState::Abandoned,
        other => ActionState::Other(bounded(other, QUOTE_CHARS_MAX)),
    }
}
