//! How data comes into a state and goes out of it.
//!
//! Developer guide, "Processing input and output in Step Functions".

use super::definition::{Flow, Text};
use super::failure::Fault;
use super::path::{Path, Scope};
use serde_json::{Value, json};

/// Where identifiers come from.
pub(super) type Uuid<'a> = &'a mut dyn FnMut() -> String;

/// What the state works with: `InputPath`, then `Parameters`.
pub(super) fn effective_input(flow: &Flow, input: &Value, context: &Value, uuid: Uuid<'_>) -> Result<Value, Fault> {
    let scope = Scope { data: input, context };
    let selected = select(flow.input_path.as_ref(), "InputPath", scope)?;
    match &flow.parameters {
        None => Ok(selected),
        Some(template) => {
            let scope = Scope {
                data: &selected,
                context,
            };
            template.fill(scope, uuid)
        }
    }
}

/// What the state leaves: `ResultSelector`, `ResultPath` into the raw input, `OutputPath`.
pub(super) fn outcome(
    flow: &Flow,
    input: &Value,
    result: Value,
    context: &Value,
    uuid: Uuid<'_>,
) -> Result<Value, Fault> {
    let result = match &flow.result_selector {
        None => result,
        Some(template) => {
            let scope = Scope { data: &result, context };
            template.fill(scope, uuid)?
        }
    };
    let placed = place(flow.result_path.as_ref(), input, result)?;
    output(flow, &placed, context)
}

/// The result in its place in the input; without a place, the input alone.
pub(super) fn place(path: Option<&Path>, input: &Value, result: Value) -> Result<Value, Fault> {
    match path {
        None => Ok(input.clone()),
        Some(path) => path.put(input.clone(), result),
    }
}

/// `OutputPath` alone.
pub(super) fn output(flow: &Flow, value: &Value, context: &Value) -> Result<Value, Fault> {
    let scope = Scope { data: value, context };
    select(flow.output_path.as_ref(), "OutputPath", scope)
}

/// The place, or `{}` where it was written as `null`.
fn select(path: Option<&Path>, field: &str, scope: Scope<'_>) -> Result<Value, Fault> {
    let Some(path) = path else {
        return Ok(json!({}));
    };
    path.find(scope).cloned().ok_or_else(|| {
        Fault::runtime(format!(
            "Invalid path '{}' : the field {field} could not be found in the input '{}'",
            path.text(),
            scope.data
        ))
    })
}

/// A text of a Fail state.
pub(super) fn text(text: &Text, field: &str, scope: Scope<'_>, uuid: Uuid<'_>) -> Result<String, Fault> {
    match text {
        Text::Plain(text) => Ok(text.clone()),
        Text::Expression(expression) => match expression.value(field, scope, uuid)? {
            Value::String(text) => Ok(text),
            other => Err(Fault::runtime(format!(
                "The field '{field}' must be a string, got {other}"
            ))),
        },
    }
}
