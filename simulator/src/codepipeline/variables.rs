//! Variables in action configurations: `#{namespace.key}`.

use super::state::{Failure, Pipeline, Run, RunStatus};
use super::structure::Action;
use std::collections::BTreeMap;

/// Greatest size of an action's configuration once its variables are resolved ("Quotas in CodePipeline").
const RESOLVED_BYTES_MAX: usize = 100 * 1024;

/// The action's configuration with every variable replaced.
///
/// # Errors
/// A variable that nothing has set; more than AWS passes to an action.
pub(crate) fn resolve(
    pipeline: &Pipeline,
    execution: usize,
    action: &Action,
) -> Result<BTreeMap<String, String>, Failure> {
    let entries = action.configuration.iter();
    let resolved: BTreeMap<String, String> = entries
        .map(|(key, value)| Ok((key.clone(), fill(pipeline, execution, value)?)))
        .collect::<Result<_, Failure>>()?;
    if resolved
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum::<usize>()
        > RESOLVED_BYTES_MAX
    {
        let text = "The action configuration is larger than 100 KB with its variables resolved";
        return Err(Failure::new("ConfigurationError", text));
    }
    Ok(resolved)
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
            // A rollback has what its target had, until its own actions say otherwise.
            let known = |run: &&Run| run.execution == execution || Some(run.execution) == it.rollback_to;
            let mut runs = pipeline.runs.iter().rev().filter(known);
            let run = runs
                .find(|run| run.action.namespace.as_deref() == Some(namespace) && run.status == RunStatus::Succeeded)?;
            run.variables.get(key).cloned()
        }
    }
}
