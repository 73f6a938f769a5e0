//! Many at once: nothing is lost, nothing is done twice.

use crate::bench::{on_dynamodb, written};
use crate::made::{at, bake, end, fact, policy, release};
use aws::ledger::{Commit, Merge};

const RACERS: i64 = 20;

#[test]
fn twenty_different_facts_at_once_are_all_merged() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let racers = (0..RACERS).map(async |n| {
            let by = format!("rollback#{n}");
            bench.ledger.merge("orders", &fact(n), &by, at(n)).await.unwrap()
        });
        let mut generations: Vec<u64> = bench
            .at_once(racers)
            .await
            .iter()
            .map(|merge| match merge {
                Merge::New(held) => held.generation,
                other => panic!("{other:?}"),
            })
            .collect();
        generations.sort_unstable();
        let expected: Vec<u64> = (1..=20).map(|n| held.generation + n).collect();
        assert_eq!(generations, expected, "each saw a generation of its own");
        let after = bench.held("orders").await;
        let facts: Vec<_> = after.release.facts.values().cloned().collect();
        assert_eq!(facts, (0..RACERS).map(fact).collect::<Vec<_>>());
        assert_eq!(after.generation, held.generation + 20);
    });
}

#[test]
fn of_twenty_copies_of_one_fact_one_is_new() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let racers = (0..RACERS).map(async |n| {
            let by = format!("rollback#{n}");
            bench.ledger.merge("orders", &fact(1), &by, at(n)).await.unwrap()
        });
        let merges = bench.at_once(racers).await;
        let new = merges.iter().filter(|merge| matches!(merge, Merge::New(_))).count();
        let known = merges.iter().filter(|merge| matches!(merge, Merge::Known(_))).count();
        assert_eq!((new, known), (1, 19));
        assert_eq!(bench.held("orders").await.generation, held.generation + 1);
    });
}

#[test]
fn of_twenty_decisions_over_one_generation_one_is_written() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let before = bench.rows().await;
        let racers = (0..20).map(async |step| {
            let decision = bake(&held.release, step);
            bench
                .ledger
                .commit(&held, &decision, &held.policy, at(1))
                .await
                .unwrap()
        });
        let commits = bench.at_once(racers).await;
        let winners: Vec<_> = commits.into_iter().filter(|commit| *commit != Commit::Lost).collect();
        assert_eq!(winners.len(), 1, "{winners:?}");
        let winner = winners.into_iter().next().map(|commit| written(Ok(commit))).unwrap();
        assert_eq!(bench.held("orders").await, winner);
        assert_eq!(bench.rows().await.len(), before.len() + 1, "one journal entry");
    });
}

#[test]
fn of_twenty_openings_of_one_slot_one_is_written() {
    on_dynamodb(async |bench| {
        let policy = policy("orders", &["a"]);
        let racers = (0..RACERS).map(async |n| {
            let release = release(&format!("r{n}"));
            bench.ledger.open(&policy, &release, 0, "opened", at(0)).await.unwrap()
        });
        let commits = bench.at_once(racers).await;
        let winners = commits.iter().filter(|commit| **commit != Commit::Lost).count();
        assert_eq!(winners, 1);
        assert_eq!(bench.rows().await.len(), 4, "slot, open list, alarm, journal");
    });
}

/// What one of several did to a release.
enum Did {
    Merged(Merge),
    Ended(Commit),
}

#[test]
fn an_end_comes_before_all_facts_or_not_at_all() {
    on_dynamodb(async |bench| {
        let mut ended = 0;
        for round in 0..RACERS {
            let name = format!("orders-{round}");
            let held = bench.open(&policy(&name, &["a"]), &release(&name)).await;
            let racers = (0..4).map(async |n| match n {
                1 => Did::Ended(
                    bench
                        .ledger
                        .commit(&held, &end(&held.release), &held.policy, at(1))
                        .await
                        .unwrap(),
                ),
                n => Did::Merged(
                    bench
                        .ledger
                        .merge(&name, &fact(n), &n.to_string(), at(n))
                        .await
                        .unwrap(),
                ),
            });
            let did = bench.at_once(racers).await;
            let merged = did
                .iter()
                .filter(|did| matches!(did, Did::Merged(Merge::New(_))))
                .count();
            if did.iter().any(|did| matches!(did, Did::Ended(Commit::Written(_)))) {
                assert_eq!(merged, 0, "{name}: a fact was taken by a slot that is empty");
                assert_eq!(bench.ledger.read(&name).await.unwrap(), None);
                ended += 1;
            } else {
                assert_eq!(merged, 3, "{name}");
                assert_eq!(bench.held(&name).await.release.facts.len(), 3);
            }
        }
        // On moto the order is ours; under the virtual clock chance has it, and must give both.
        if !bench.moto {
            assert!((1..RACERS).contains(&ended), "{ended} of {RACERS}");
        }
    });
}
