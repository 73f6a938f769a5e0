//! Who retires the old side too early, who sends everybody to too few tasks, and who only says that they were sent.

use super::{right, without};
use aws::Decide;
use decide::{Action, Part, Phase, Role, Weights};
use std::sync::Arc;
use stories::told::Told;

/// Half for five minutes, then everything; watched for ten.
const BEGUN: [&str; 6] = [
    "serin deployed",
    "a load balancer before shop 0 to 1",
    r#"policy shop {"pipeline": null, "approval": "automatic", "promotion": "swap", "retire": "scale_to_zero", "steps": [{"share_permille": 500, "bake_minutes": 5}], "watch_minutes": 10}"#,
    "ann scales shop-canary to 0",
    "run 5m",
    "push shop v2",
];

const RELEASED: &str = "ann releases v2 of shop by hand because the build is green";

const SWAPPED: &str = "until the weights of shop are 999 to 0";

/// Nothing happens to it.
const SCRIPT: [&str; 2] = [RELEASED, "run 50m"];

/// Somebody sends everybody back to the old side in the watch.
const SENT_BACK: [&str; 4] = [RELEASED, SWAPPED, "ann sets the weights of shop to 0 and 1", "run 30m"];

/// Somebody empties the old side in the watch, and then the alarm rings.
const EMPTIED: [&str; 6] = [
    RELEASED,
    SWAPPED,
    "ann scales shop to 0",
    "run 3m",
    "dlq shop 25",
    "run 30m",
];

/// Somebody gives the idle side another revision in a freeze.
const FROZEN: [&str; 3] = [
    "ann freezes shop because the warehouse counts",
    "ann deploys v2 to shop-canary of shop",
    "run 20m",
];

/// The laws that are broken by a swap under these rules.
fn swapped(decide: Decide) -> Vec<u32> {
    swapped_in(&SCRIPT, decide)
}

fn swapped_in(script: &[&str], decide: Decide) -> Vec<u32> {
    let mut told = Told::new(1, decide);
    for line in BEGUN.iter().chain(script) {
        let went = told.line(line);
        went.unwrap_or_else(|error| panic!("{line}: {error}\n{}", told.text));
    }
    told.finish().iter().map(|verdict| verdict.law).collect()
}

#[test]
fn the_rules_break_no_law_in_a_swap() {
    for script in [&SCRIPT[..], &SENT_BACK, &EMPTIED, &FROZEN] {
        assert_eq!(swapped_in(script, right()), [] as [u32; 0]);
    }
}

#[test]
fn law_20_catches_who_retires_what_somebody_sends_people_to() {
    let blind: Decide = Arc::new(|policy, release, seen, at| {
        let mut believed = seen.clone();
        let mut release = release.clone();
        if release.phase == Phase::Watching {
            if let Part::Known(Some(there)) = &mut believed.forwards {
                (there.canary, there.stable) = (Some(999), Some(0));
            }
            if let Some(weights) = release.weights.as_mut() {
                weights.theirs = None;
            }
        }
        decide::decide(policy, &release, &believed, at)
    });
    assert_eq!(swapped_in(&SENT_BACK, blind), [19, 20]);
}

#[test]
fn law_20_catches_who_sends_everybody_back_to_no_task() {
    let blind: Decide = Arc::new(|policy, release, seen, at| {
        let mut believed = seen.clone();
        if let Part::Known(stable) = &mut believed.stable {
            (stable.desired, stable.primary.running) = (3, 3);
        }
        decide::decide(policy, release, &believed, at)
    });
    assert_eq!(swapped_in(&EMPTIED, blind), [20]);
}

#[test]
fn law_20_catches_who_retires_the_old_side_in_the_watch() {
    let hasty: Decide = Arc::new(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        let stands = seen.stable.known().is_some_and(|stable| stable.desired > 0);
        if decision.next.phase == Phase::Watching && stands {
            decision.lanes.push(vec![Action::Scale {
                cluster: release.cluster.clone(),
                service: release.service(Role::Stable).name.clone(),
                tasks: 0,
            }]);
        }
        decision
    });
    assert_eq!(swapped(hasty), [20]);
}

#[test]
fn law_20_catches_who_sends_everybody_to_too_few_tasks() {
    let sparing: Decide = Arc::new(|policy, release, seen, at| {
        let mut believed = seen.clone();
        if let Part::Known(stable) = &mut believed.stable {
            // As if one task carried it all.
            (stable.desired, stable.primary.running) = (1, 1);
        }
        decide::decide(policy, release, &believed, at)
    });
    assert_eq!(swapped(sparing), [20]);
}

#[test]
fn law_20_catches_who_leaves_the_weights_where_they_were_and_calls_it_promoted() {
    let pretends: Decide = Arc::new(|policy, release, seen, at| {
        let mut believed = seen.clone();
        let everything = Weights { canary: 999, stable: 0 };
        let mut release = release.clone();
        if matches!(release.phase, Phase::Promoting | Phase::Watching) {
            if let Part::Known(Some(there)) = &mut believed.forwards {
                (there.canary, there.stable) = (Some(everything.canary), Some(everything.stable));
            }
            if let Some(weights) = release.weights.as_mut() {
                weights.given = everything;
            }
        }
        let mut decision = decide::decide(policy, &release, &believed, at);
        without(
            &mut decision,
            |action| matches!(action, Action::Shift { weights, .. } if *weights == everything),
        );
        decision
    });
    assert_eq!(swapped(pretends), [19, 20]);
}

#[test]
fn law_21_catches_who_gives_the_idle_side_tasks_in_a_freeze() {
    let deaf: Decide = Arc::new(|policy, release, seen, at| {
        let mut decision = decide::decide(policy, release, seen, at);
        let unheard = decide::Release {
            freeze: None,
            ..release.clone()
        };
        let unheard = decide::decide(policy, &unheard, seen, at);
        let scales = |action: &&Action| matches!(action, Action::Scale { .. });
        let scale = unheard.lanes.iter().flatten().find(scales).cloned();
        if let (Some(scale), Phase::Baking { .. }) = (scale, &release.phase) {
            decision.next.size = unheard.next.size;
            decision.lanes.push(vec![scale]);
        }
        decision
    });
    assert_eq!(swapped_in(&FROZEN, deaf), [21]);
}
