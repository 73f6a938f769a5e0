//! Where states lead.

use super::problems::Problems;
use super::{Definition, Kind, State};
use std::collections::BTreeSet;

/// Every target is there, the machine can end, and every state can be reached; the same of branches.
pub(super) fn check(definition: &Definition, at: &str, problems: &mut Problems) {
    if !definition.states.contains_key(&definition.start_at) {
        problems.no_target(&format!("{at}/StartAt"), &definition.start_at);
    }
    for (name, state) in &definition.states {
        for (place, target) in targets(state) {
            if !definition.states.contains_key(target) {
                problems.no_target(&format!("{at}/States/{name}/{place}"), target);
            }
        }
    }
    for (name, state) in &definition.states {
        if let Kind::Parallel { branches } = &state.kind {
            for (index, branch) in branches.iter().enumerate() {
                check(branch, &format!("{at}/States/{name}/Branches[{index}]"), problems);
            }
        }
    }
    if !definition.states.values().any(is_terminal) {
        return problems.endless();
    }
    let reached = reached(definition);
    for name in definition.states.keys().filter(|name| !reached.contains(name.as_str())) {
        problems.unreachable(name);
    }
}

fn is_terminal(state: &State) -> bool {
    !matches!(state.kind, Kind::Choice { .. }) && state.next.is_none()
}

/// Where a state can lead, and the member that says so.
fn targets(state: &State) -> Vec<(String, &str)> {
    let mut targets = Vec::new();
    if let Some(next) = &state.next {
        targets.push(("Next".to_owned(), next.as_str()));
    }
    match &state.kind {
        Kind::Choice { rules, default } => {
            let rules = rules.iter().enumerate();
            targets.extend(rules.map(|(index, rule)| (format!("Choices[{index}]/Next"), rule.next.as_str())));
            targets.extend(default.as_deref().map(|default| ("Default".to_owned(), default)));
        }
        Kind::Task(task) => {
            let catchers = task.catchers.iter().enumerate();
            targets.extend(catchers.map(|(index, catcher)| (format!("Catch[{index}]/Next"), catcher.next.as_str())));
        }
        _ => {}
    }
    targets
}

fn reached(definition: &Definition) -> BTreeSet<&str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![definition.start_at.as_str()];
    while let Some(name) = open.pop() {
        if let Some(state) = definition.states.get(name)
            && reached.insert(name)
        {
            open.extend(targets(state).into_iter().map(|(_, target)| target));
        }
    }
    reached
}
