//! The swarm: a fixed set of histories, what they cover, and that each can be played again.
//!
//! More of them: `make swarm MINUTES=10`.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use stories::swarm::{self, History, coverage::Coverage};

/// The first and the last history that every `make test` plays.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=140;

/// Histories of these that break a law by now, each with what is known of it; one that holds again must leave the list.
const OPEN: [u64; 0] = [];

fn play(seed: u64) -> History {
    swarm::play(seed, Arc::new(decide::decide))
}

/// Every call as it was answered, and everything that was said.
fn log(history: &History) -> Vec<String> {
    let world = history.stage.sim.world();
    let calls = world.calls.iter().map(|call| format!("{call:?}"));
    let diary = history.stage.diary.borrow();
    let said = diary.iter().map(|line| format!("{line:?}"));
    calls.chain(said).collect()
}

#[test]
fn no_history_breaks_a_law_and_together_they_cover_what_can_happen() {
    let next = AtomicU64::new(*SEEDS.start());
    let work = || {
        let (mut coverage, mut broken) = (Coverage::default(), Vec::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !SEEDS.contains(&seed) {
                return (coverage, broken);
            }
            let replay = format!("replay it with: make swarm SEED={seed}");
            let found = match swarm::survived(seed, Arc::new(decide::decide)) {
                Ok(history) => {
                    coverage.merge(&history.coverage);
                    history.broken()
                }
                Err(panicked) => vec![panicked],
            };
            if OPEN.contains(&seed) {
                println!("open: {replay}\n  {}", found.join("\n  "));
                broken.extend(
                    found
                        .is_empty()
                        .then(|| format!("{seed} holds again: take it out of OPEN")),
                );
                continue;
            }
            broken.extend((!found.is_empty()).then(|| format!("{replay}\n  {}", found.join("\n  "))));
        }
    };
    let (mut coverage, mut broken) = (Coverage::default(), Vec::new());
    thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            let (other, found) = thread.join().expect("what panics in a history is caught there");
            coverage.merge(&other);
            broken.extend(found);
        }
    });
    // Shown also where the test passes: what is printed by its macros is not.
    let _ = write!(std::io::stdout(), "histories {SEEDS:?} have covered:\n{coverage}");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let missing = coverage.missing();
    assert!(
        missing.is_empty(),
        "never happened in {SEEDS:?}: {missing:#?}\n{coverage}"
    );
}

/// Each of these has shown something: what a service goes back to on its first day, a canary that ECS took back before
/// anybody had looked, one that was sent back in the moment of its promotion, a stable that ECS took back from what may
/// never go back; a freeze of a policy whose name another's begins with; a start of the very images that bake already; an
/// action abandoned before its write, which is aborted when the pipeline has gone on; two starts in one moment, the first
/// of which registers its definition when the second has taken its place; a canary that ECS took back to what the release
/// before had left under `rollback: never`; fixes that were failed for what stable still ran, once by pipeline and once in a
/// stage that is rolled back; swaps whose canary was scaled by itself while it carried everything, just before they failed, and
/// once after it was put back; starts by hand whose definition nobody saw on the canary, once taken out by ECS and once by an
/// alarm; automatic scaling that was given back when a share could still land; what ECS puts back on the canary of a dry run;
/// an execution that is stopped before it has given the canary anything; and a person who gives a service what it has.
#[test]
fn the_seeds_that_were_open_once_hold() {
    for seed in [
        81, 9_900_097, 9_900_332, 4_100_144, 8_800_052, 10_010_268, 10_020_251, 10_020_307, 11_010_278, 10_010_031,
        12_030_042, 12_050_051, 12_050_116, 12_040_774, 13_010_004, 13_010_034, 13_100_097, 14_100_049, 14_100_296,
        14_200_180, 14_200_236, 14_300_248, 14_100_221, 14_300_140, 14_300_926, 14_300_955, 14_301_039, 14_301_095,
    ] {
        assert_eq!(play(seed).broken(), [] as [String; 0], "seed {seed}");
    }
}

#[test]
fn a_history_is_the_same_whatever_was_played_before_it() {
    let seeds = [3, 8, 21, 34];
    let first: Vec<Vec<String>> = seeds.iter().map(|seed| log(&play(*seed))).collect();
    // The other way round, in a thread of its own.
    let again = thread::spawn(move || {
        let logs: Vec<_> = seeds.iter().rev().map(|seed| log(&play(*seed))).collect();
        logs.into_iter().rev().collect::<Vec<_>>()
    });
    let again = again.join().expect("no history panics");
    for ((seed, first), again) in seeds.iter().zip(&first).zip(&again) {
        assert!(first.len() > 200, "seed {seed}: {} lines", first.len());
        let differs = first.iter().zip(again).find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(first.len(), again.len(), "seed {seed}");
    }
    assert_ne!(first[0], first[1], "seeds differ");
}

#[test]
fn a_history_that_panics_is_told_with_its_seed() {
    let panics = |_: &decide::Policy, _: &decide::Release, _: &decide::Seen, _: decide::At| -> decide::Decision {
        panic!("a rule that panics")
    };
    let seeds = (1..=10).map(|seed| (seed, swarm::survived(seed, Arc::new(panics)).err()));
    let (seed, told) = seeds
        .filter_map(|(seed, told)| Some((seed, told?)))
        .next()
        .expect("one of ten histories comes to a rule");
    assert_eq!(told, format!("seed {seed} panicked: a rule that panics"));
}

/// Rules that are wrong in a way that only some histories show.
#[test]
fn the_swarm_finds_rules_that_trust_a_revision_number() {
    let wrong = |policy: &decide::Policy, release: &decide::Release, seen: &decide::Seen, at: decide::At| {
        let mut decision = decide::decide(policy, release, seen, at);
        for action in decision.lanes.iter_mut().flatten() {
            // "The revision before": right as long as nobody else ever deployed.
            if let (decide::Action::Restore { task_definition, .. }, Some(given)) =
                (action, release.canary.given.as_ref())
                && let Some((family, number)) = given.task_definition.rsplit_once(':')
                && let Ok(number) = number.parse::<u32>()
            {
                *task_definition = format!("{family}:{}", number - 1);
            }
        }
        decision
    };
    let caught = (1..=40).any(|seed| {
        let history = swarm::play(seed, Arc::new(wrong));
        let broken = history.verdicts.iter().filter(|verdict| !verdict.broken.is_empty());
        broken.into_iter().any(|verdict| verdict.law == 3)
    });
    assert!(caught, "forty histories and nobody noticed");
}
