//! EnableStageTransition and DisableStageTransition.

use super::state::{Pipeline, Transition};
use super::{Found, check, find, flow};
use crate::world::World;
use serde_json::{Value, json};

/// Lets executions through; whoever waited goes on at once.
pub(crate) fn enable(world: &mut World, pipeline: &mut Pipeline, input: &Value) -> Found<Value> {
    set(world, pipeline, input, None)
}

/// Holds executions; the last reason given stands.
pub(crate) fn disable(world: &mut World, pipeline: &mut Pipeline, input: &Value) -> Found<Value> {
    let reason = input["reason"].as_str().unwrap_or_default();
    check::reason(reason)?;
    set(world, pipeline, input, Some(reason.to_owned()))
}

fn set(world: &mut World, pipeline: &mut Pipeline, input: &Value, disabled: Option<String>) -> Found<Value> {
    let stage = find::stage(pipeline, input["stageName"].as_str().unwrap_or_default())?.name;
    let memory = pipeline.stages.entry(stage).or_default();
    let side = if input["transitionType"] == "Outbound" {
        &mut memory.outbound
    } else {
        &mut memory.inbound
    };
    *side = Transition {
        disabled,
        changed: Some((world.now, find::caller(world))),
    };
    flow::progress(world, pipeline);
    Ok(json!({}))
}
