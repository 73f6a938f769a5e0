//! GetExecutionHistory.

use super::execution::Event;
use super::executions;
use super::page::page;
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

/// GetExecutionHistory.
pub(super) fn get(world: &World, input: &Value) -> Result<Value, Refusal> {
    let execution = executions::find(world, input)?;
    let mut events: Vec<(u64, &Event)> = (1..).zip(&execution.events).collect();
    if input["reverseOrder"] == true {
        events.reverse();
    }
    let (shown, token) = page(world, input, events, |(id, _)| *id)?;
    let shows_data = input["includeExecutionData"] != false;
    let events: Vec<Value> = shown
        .into_iter()
        .map(|(id, event)| view(id, event, shows_data))
        .collect();
    let mut reply = json!({ "events": events });
    if let Some(token) = token {
        reply["nextToken"] = json!(token);
    }
    Ok(reply)
}

fn view(id: u64, event: &Event, shows_data: bool) -> Value {
    let mut view = json!({
        "id": id, "previousEventId": event.previous, "timestamp": event.at.seconds(), "type": event.kind,
    });
    if let Some((member, details)) = &event.details {
        view[member] = details.clone();
        if let Some(details) = view[member].as_object_mut().filter(|_| !shows_data) {
            details.retain(|name, _| !["input", "output"].contains(&name.as_str()));
        }
    }
    view
}
