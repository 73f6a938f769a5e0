//! EnableStageTransition and DisableStageTransition.

use super::state::{Pipeline, Transition};
use super::{Found, check, find, flow};
use crate::world::World;
use serde_json::{Value, json};

/// Behind a transition disabled longer than this, executions do not go on when it is enabled.
const STRANDED_SECONDS: i64 = 30 * 86_400;

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
    let is_enabled = disabled.is_none();
    let memory = pipeline.stages.entry(stage.clone()).or_default();
    let side = if input["transitionType"] == "Outbound" {
        &mut memory.outbound
    } else {
        &mut memory.inbound
    };
    let long_shut = side.disabled.is_some()
        && matches!(side.changed, Some((since, _)) if since.plus_seconds(STRANDED_SECONDS) < world.now);
    *side = Transition {
        disabled,
        changed: Some((world.now, find::caller(world))),
    };
    if long_shut && is_enabled {
        strand(pipeline, &stage, input);
    }
    flow::progress(world, pipeline);
    Ok(json!({}))
}

/// Leaves everyone behind who waits at a transition.
fn strand(pipeline: &mut Pipeline, stage: &str, input: &Value) {
    let Some(index) = pipeline.current().stage_index(stage) else {
        return;
    };
    let behind = if input["transitionType"] == "Outbound" {
        index + 1
    } else {
        index
    };
    for waiting in flow::waiting_before(pipeline, behind) {
        pipeline.executions[waiting].stranded = true;
    }
}
