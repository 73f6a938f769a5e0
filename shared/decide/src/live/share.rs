//! Which share of the work does the canary have, and which can it have?
//!
//! The share follows the numbers of tasks, and there are no parts of a task: a canary of one task beside three has a
//! quarter.

use super::alarms::Deaths;
use super::services::{CANARY, STABLE};
use super::{Chance, Findings, Found, Service, Weighing, Weight, reaction, weights};
use crate::policy::Step;
use crate::router::{self, SharesBy};
use crate::share::{nearest, permille};
use crate::{Part, Policy};
use serde::Serialize;

/// A share of the work, in whole tasks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// Tasks of the canary.
    pub canary_tasks: u32,
    /// Tasks of stable.
    pub stable_tasks: u32,
    /// The canary's share in thousandths.
    pub permille: u32,
    /// How much of what only the canary fails reaches a dead-letter queue that is watched.
    pub chances: Vec<Chance>,
}

/// What a written step asks for, and what it would have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepShare {
    /// The share asked for, in thousandths.
    pub asked_permille: Option<u32>,
    /// Minutes it bakes.
    pub bake_minutes: u32,
    /// The nearest that whole tasks give beside those of stable; nothing where that cannot be had, or told.
    pub share: Option<Share>,
    /// The weights that give it, where a load balancer shares the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weighing>,
}

/// Three halves: a step that gets more than this many times what it asks for is told so.
const MORE_THAN_ASKED: (u32, u32) = (3, 2);

pub(super) fn judge(
    policy: &Policy,
    found: &Found,
    deaths: &[Deaths],
    findings: &mut Findings,
) -> (Option<Share>, Vec<StepShare>) {
    let sizes = desired(&found.canary).zip(desired(&found.stable));
    let by_tasks = match router::can(&policy.traffic).by {
        SharesBy::Tasks => sizes,
        SharesBy::Weights => None,
    };
    let share = by_tasks.and_then(|(canary, stable)| of(canary, stable, deaths));
    if let Some((canary, stable)) = sizes {
        sized(policy, canary, stable, findings);
    }
    if let Some(share) = &share {
        reaction::seldom(policy, &share.chances, findings);
    }
    let mut before = None;
    let mut steps = Vec::new();
    for (index, step) in policy.steps_written().iter().enumerate() {
        // Beside no task of stable nothing can be told of shares.
        let stable = sizes.map(|(_, stable)| stable).filter(|stable| *stable > 0);
        let most = policy.tasks_max();
        let tasks = stable
            .zip(most)
            .and_then(|sizes| reached(policy, index, step, sizes, findings));
        if let (Some(tasks), Some(stable)) = (tasks, stable) {
            compared(index, step, tasks, stable, before, findings);
            before = Some(tasks);
        }
        steps.push(StepShare {
            asked_permille: step.share_permille,
            bake_minutes: step.bake_minutes,
            share: tasks.zip(stable).and_then(|(tasks, stable)| of(tasks, stable, deaths)),
            weights: weights::of_step(policy, step.share_permille),
        });
    }
    (share, steps)
}

fn desired(part: &Part<Option<Service>>) -> Option<u32> {
    let service = part.known()?.as_ref()?;
    (service.status == "ACTIVE").then_some(service.desired)
}

fn of(canary: u32, stable: u32, deaths: &[Deaths]) -> Option<Share> {
    let permille = permille(canary, stable)?;
    Some(Share {
        canary_tasks: canary,
        stable_tasks: stable,
        permille,
        chances: deaths
            .iter()
            .filter_map(|deaths| Chance::of(deaths, canary, stable))
            .collect(),
    })
}

/// What is to be said of the sizes that both services have.
fn sized(policy: &Policy, canary: u32, stable: u32, findings: &mut Findings) {
    let names = &policy.two_services;
    if stable == 0 {
        let text = format!(
            "{} asks for no task at the moment; nothing can be said of shares, and a release would be proven by nothing",
            names.stable
        );
        findings.add(Weight::Warning, STABLE, text);
    } else if canary == 0 && !policy.swaps() {
        let text = format!(
            "{} asks for no task: it would be given no work, and no release could fail; give it one at least",
            names.canary
        );
        findings.add(Weight::Refused, CANARY, text);
    }
    let both = u64::from(canary) + u64::from(stable);
    if let Some(most) = policy.tasks_max().filter(|most| both > u64::from(*most)) {
        let text = format!("is {most}, and both services ask for {both} tasks already; raise it, or make them smaller");
        findings.add(Weight::Refused, "traffic.tasks_max", text);
    }
}

/// Tasks that a step's share comes to, unless it cannot be had.
fn reached(
    policy: &Policy,
    index: usize,
    step: &Step,
    (stable, most): (u32, u32),
    findings: &mut Findings,
) -> Option<u32> {
    let asked = step.share_permille?;
    let field = format!("steps[{index}].share_permille");
    let name = &policy.two_services.stable;
    let Some(tasks) = nearest(asked, stable) else {
        let text = format!(
            "is {asked}: {name} would have to have no task, and Serin takes none from it; ask for less, the promotion \
             gives it the rest"
        );
        findings.add(Weight::Refused, field, text);
        return None;
    };
    let room = most.saturating_sub(stable);
    if tasks <= room {
        return Some(tasks);
    }
    let reachable = permille(room, stable).unwrap_or_default();
    let text = format!(
        "is {asked}: that is {tasks} tasks beside {stable} of {name}, and traffic.tasks_max is {most}, so {reachable} is \
         the most; raise tasks_max, or ask for less"
    );
    findings.add(Weight::Refused, field, text);
    None
}

/// What whole tasks make of a share.
fn compared(index: usize, step: &Step, tasks: u32, stable: u32, before: Option<u32>, findings: &mut Findings) {
    let (Some(asked), Some(given)) = (step.share_permille, permille(tasks, stable)) else {
        return;
    };
    let field = format!("steps[{index}].share_permille");
    let (times, of) = MORE_THAN_ASKED;
    if before == Some(tasks) {
        let text = format!(
            "is {asked}, which is {tasks} {} beside {stable}, as in the step before: it changes nothing",
            plural(tasks)
        );
        findings.add(Weight::Warning, field, text);
    } else if given * of > asked * times {
        let text = format!(
            "is {asked}, and {tasks} {} beside {stable} is {given}: the canary gets much more than is asked for",
            plural(tasks)
        );
        findings.add(Weight::Warning, field, text);
    }
}

fn plural(tasks: u32) -> &'static str {
    if tasks == 1 { "task" } else { "tasks" }
}
