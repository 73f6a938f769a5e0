//! Which share of the work does the canary have, and which can it have?
//!
//! The share follows the numbers of tasks, and there are no parts of a task: a canary of one task beside three has a
//! quarter.

use super::alarms::Deaths;
use super::services::{CANARY, STABLE};
use super::{Chance, Findings, Found, Service, Weight, reaction};
use crate::policy::{Step, Traffic};
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
    let share = sizes.and_then(|(canary, stable)| of(canary, stable, deaths));
    if let Some((canary, stable)) = sizes {
        sized(policy, canary, stable, findings);
    }
    if let Some(share) = &share {
        reaction::seldom(policy, &share.chances, findings);
    }
    let mut before = None;
    let mut steps = Vec::new();
    for (index, step) in policy.steps.iter().enumerate() {
        // Beside no task of stable nothing can be told of shares.
        let stable = sizes.map(|(_, stable)| stable).filter(|stable| *stable > 0);
        let tasks = stable.and_then(|stable| reached(policy, index, step, stable, findings));
        if let (Some(tasks), Some(stable)) = (tasks, stable) {
            compared(index, step, tasks, stable, before, findings);
            before = Some(tasks);
        }
        steps.push(StepShare {
            asked_permille: step.share_permille,
            bake_minutes: step.bake_minutes,
            share: tasks.zip(stable).and_then(|(tasks, stable)| of(tasks, stable, deaths)),
        });
    }
    if let Some(share) = share
        .as_ref()
        .filter(|share| !steps.is_empty() && share.canary_tasks > 0)
    {
        let text = format!(
            "Serin sets no numbers of tasks yet: in each step the canary has the {} of 1000 that the services' own sizes \
             give",
            share.permille
        );
        findings.add(Weight::Warning, "steps", text);
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

/// Thousandths of the work that go to the canary, to the nearest; nothing where nobody works.
fn permille(canary: u32, stable: u32) -> Option<u32> {
    let (canary, all) = (u64::from(canary), u64::from(canary) + u64::from(stable));
    let nearest = (2_000 * canary + all).checked_div(2 * all)?;
    u32::try_from(nearest).ok()
}

/// Tasks of the canary that come nearest to a share beside so many of stable, at least one; nothing where it would
/// have to have all of the work.
fn nearest(asked: u32, stable: u32) -> Option<u32> {
    let (asked, stable) = (u64::from(asked), u64::from(stable));
    let below = (asked * stable).checked_div(1_000_u64.checked_sub(asked)?)?;
    // |asked/1000 - tasks/(tasks + stable)|, as a fraction: whichever of two neighbours is nearer.
    let off = |tasks: u64| ((asked * (tasks + stable)).abs_diff(1_000 * tasks), tasks + stable);
    let ((less, of_less), (more, of_more)) = (off(below), off(below + 1));
    let tasks = if less * of_more <= more * of_less {
        below
    } else {
        below + 1
    };
    u32::try_from(tasks.max(1)).ok()
}

fn tasks_max(policy: &Policy) -> u32 {
    match policy.traffic {
        Traffic::ConsumerShare { tasks_max } => tasks_max,
    }
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
    } else if canary == 0 {
        let text = format!(
            "{} asks for no task: it would be given no work, and no release could fail; give it one at least",
            names.canary
        );
        findings.add(Weight::Refused, CANARY, text);
    }
    let (both, most) = (u64::from(canary) + u64::from(stable), tasks_max(policy));
    if both > u64::from(most) {
        let text = format!("is {most}, and both services ask for {both} tasks already; raise it, or make them smaller");
        findings.add(Weight::Refused, "traffic.tasks_max", text);
    }
}

/// Tasks that a step's share comes to, unless it cannot be had.
fn reached(policy: &Policy, index: usize, step: &Step, stable: u32, findings: &mut Findings) -> Option<u32> {
    let asked = step.share_permille?;
    let field = format!("steps[{index}].share_permille");
    let (most, name) = (tasks_max(policy), &policy.two_services.stable);
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

#[cfg(test)]
mod tests {
    use super::{nearest, permille};

    #[test]
    fn a_share_is_whole_tasks_of_all_tasks() {
        let cases = [
            ((1, 3), Some(250)),
            ((1, 2), Some(333)),
            ((2, 1), Some(667)),
            ((0, 3), Some(0)),
            ((3, 0), Some(1_000)),
            ((0, 0), None),
            ((u32::MAX, u32::MAX), Some(500)),
        ];
        for ((canary, stable), expected) in cases {
            assert_eq!(permille(canary, stable), expected, "{canary} beside {stable}");
        }
    }

    #[test]
    fn the_tasks_of_a_share_are_those_that_come_nearest_and_never_none() {
        let cases = [
            (100, 3, Some(1)),
            (250, 3, Some(1)),
            // 2 of 5 are 400, 3 of 6 are 500.
            (449, 3, Some(2)),
            (451, 3, Some(3)),
            (500, 3, Some(3)),
            (100, 90, Some(10)),
            (1, 5_000, Some(5)),
            (1, 3, Some(1)),
            (999, 3, Some(2_997)),
            (1_000, 3, None),
        ];
        for (asked, stable, expected) in cases {
            assert_eq!(nearest(asked, stable), expected, "{asked} beside {stable}");
        }
    }

    #[test]
    fn no_other_number_of_tasks_comes_nearer() {
        for stable in [1, 2, 3, 7, 40_u32] {
            for asked in (1..1_000_u32).step_by(7) {
                let tasks = nearest(asked, stable).unwrap();
                let off =
                    |tasks: u32| (f64::from(tasks) / f64::from(tasks + stable) - f64::from(asked) / 1_000.0).abs();
                let least = (1..=stable * 1_000).map(off).fold(f64::INFINITY, f64::min);
                assert!(off(tasks) <= least + 1e-12, "{asked} beside {stable}: {tasks}");
            }
        }
    }
}
