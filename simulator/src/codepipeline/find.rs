//! Looking things up by name, and AWS's words for what is not there.

use super::Found;
use super::state::Pipeline;
use super::structure::Stage;
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

pub(crate) fn no_pipeline(world: &World, name: &str) -> Refusal {
    let text = format!(
        "Account '{}' does not have a pipeline with name '{name}'",
        world.home.account
    );
    Refusal::new("PipelineNotFoundException", text)
}

/// A stage of the current version.
pub(crate) fn stage(pipeline: &Pipeline, name: &str) -> Found<Stage> {
    let stage = pipeline.current().stages.iter().find(|stage| stage.name == name);
    stage.cloned().ok_or_else(|| {
        let text = format!("Pipeline '{}' does not have a stage with name '{name}'", pipeline.name);
        Refusal::new("StageNotFoundException", text)
    })
}

/// Index of an execution.
pub(crate) fn execution(pipeline: &Pipeline, id: &str) -> Found<usize> {
    pipeline.execution_index(id).ok_or_else(|| {
        let text = format!(
            "Pipeline '{}' does not have a pipeline execution with id '{id}'",
            pipeline.name
        );
        Refusal::new("PipelineExecutionNotFoundException", text)
    })
}

/// Who is asking, as an ARN: whoever is staged, else a session of the role that is called like the caller.
pub(crate) fn caller(world: &World) -> String {
    let account = &world.home.account;
    match (&world.codepipeline.caller_arn, world.caller.as_str()) {
        (Some(arn), _) => arn.clone(),
        (None, "") => format!("arn:aws:iam::{account}:root"),
        (None, label) => format!("arn:aws:sts::{account}:assumed-role/{label}/{label}"),
    }
}

/// One page of a listing whose entries have keys, and the token for the next.
///
/// A token is the key of the last entry shown, so that pages neither repeat nor skip when new entries come in front.
///
/// # Errors
/// InvalidNextTokenException for a token that no page gave.
pub(crate) fn page(world: &World, input: &Value, most: usize, entries: Vec<(String, Value)>) -> Found<(Value, Value)> {
    let from = match input["nextToken"].as_str() {
        None => 0,
        Some(token) => entries.iter().position(|(key, _)| key == token).map(|at| at + 1).ok_or_else(|| {
            let text = "The next token was specified in an invalid format. Make sure that the next token you provide is the token returned by a previous call.";
            Refusal::new("InvalidNextTokenException", text)
        })?,
    };
    let asked = input["maxResults"].as_u64().and_then(|n| usize::try_from(n).ok());
    let size = asked
        .unwrap_or(most)
        .min(most)
        .min(world.page_size.unwrap_or(most))
        .max(1);
    let shown: Vec<&(String, Value)> = entries.iter().skip(from).take(size).collect();
    let more = from + shown.len() < entries.len();
    let token = shown.last().filter(|_| more).map(|(key, _)| key.clone());
    let values: Vec<&Value> = shown.iter().map(|(_, value)| value).collect();
    Ok((json!(values), json!(token)))
}
