//! Variables in action configurations: `#{namespace.key}`.

use super::state::{Failure, Pipeline, RunStatus};
use super::structure::Action;
use std::collections::BTreeMap;

/// The action's configuration with every variable replaced.
///
/// # Errors
/// A variable that nothing has set.
pub(crate) fn resolve(
    pipeline: &Pipeline,
    execution: usize,
    action: &Action,
) -> Result<BTreeMap<String, String>, Failure> {
    let entries = action.configuration.iter();
    entries
        .map(|(key, value)| Ok((key.clone(), fill(pipeline, execution, value)?)))
        .collect()
}

fn fill(pipeline: &Pipeline, execution: usize, value: &str) -> Result<String, Failure> {
    let mut filled = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("#{") {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        filled.push_str(before);
        let found = look_up(pipeline, execution, name).ok_or_else(|| {
            let text = format!("The variable '{name}' used in the action configuration cannot be resolved");
            Failure::new("ConfigurationError", text)
        })?;
        filled.push_str(&found);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn look_up(pipeline: &Pipeline, execution: usize, name: &str) -> Option<String> {
    let (namespace, key) = name.split_once('.')?;
    let it = &pipeline.executions[execution];
    match (namespace, key) {
        ("codepipeline", "PipelineExecutionId") => Some(it.id.clone()),
        ("variables", key) => it.variables.get(key).cloned(),
        (namespace, key) => {
            let mut runs = pipeline.runs.iter().rev().filter(|run| run.execution == execution);
            let run = runs
                .find(|run| run.action.namespace.as_deref() == Some(namespace) && run.status == RunStatus::Succeeded)?;
            run.variables.get(key).cloned()
        }
    }
}
