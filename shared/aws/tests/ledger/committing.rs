//! Decisions are committed, over the generation they were taken on.

use crate::bench::{number, on_dynamodb, string};
use crate::made::{at, bake, decision, end, policy, release};
use aws::ledger::{Commit, Held};
use decide::{Cause, Phase, Release};

#[test]
fn a_decision_is_written_with_its_entry_in_the_journal() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let before = bench.rows().await;
        let written = bench.commit(&held, &bake(&held.release, 2)).await;

        assert_eq!(written.release.phase, Phase::Baking { step: 2 });
        assert_eq!((written.generation, written.updated), (2, at(1)));
        assert_eq!(bench.held("orders").await, written);
        let slot = bench.slot("orders").await;
        assert_eq!(string(&slot, "phase"), "baking");
        assert_eq!(string(&slot, "release_id"), "r1");
        let document: Release = serde_json::from_str(&string(&slot, "document")).unwrap();
        assert_eq!(document.phase, Phase::Baking { step: 2 });

        let mut rows = bench.rows().await;
        let entry = rows
            .remove(&("release#r1".to_owned(), "entry#0000000002".to_owned()))
            .unwrap();
        assert_eq!(string(&entry, "because"), "baking at step 2");
        assert_eq!(string(&entry, "phase"), "baking");
        assert_eq!(string(&entry, "at"), "2026-11-21T03:00:00.001Z");
        assert!(rows.keys().eq(before.keys()), "no other row comes or goes");
    });
}

#[test]
fn a_decision_over_an_older_generation_is_lost_and_writes_nothing() {
    on_dynamodb(async |bench| {
        let first = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let second = bench.commit(&first, &bake(&first.release, 0)).await;
        let third = bench.commit(&second, &bake(&second.release, 1)).await;
        let before = bench.rows().await;
        for stale in [&first, &second] {
            for decision in [bake(&stale.release, 5), end(&stale.release)] {
                assert_eq!(
                    bench
                        .ledger
                        .commit(stale, &decision, &stale.policy, at(9))
                        .await
                        .unwrap(),
                    Commit::Lost
                );
            }
        }
        assert_eq!(bench.rows().await, before);
        assert_eq!(bench.held("orders").await, third);
    });
}

#[test]
fn a_decision_over_a_generation_that_is_not_there_yet_is_lost() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let before = bench.rows().await;
        let ahead = Held {
            generation: held.generation + 1,
            ..held.clone()
        };
        assert_eq!(
            bench
                .ledger
                .commit(&ahead, &bake(&held.release, 0), &ahead.policy, at(9))
                .await
                .unwrap(),
            Commit::Lost
        );
        assert_eq!(bench.rows().await, before);
    });
}

#[test]
fn a_decision_on_another_release_is_lost_even_at_the_right_generation() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let before = bench.rows().await;
        let other = Held {
            release: release("r2"),
            ..held.clone()
        };
        for decision in [bake(&other.release, 0), end(&other.release)] {
            assert_eq!(
                bench
                    .ledger
                    .commit(&other, &decision, &other.policy, at(9))
                    .await
                    .unwrap(),
                Commit::Lost
            );
        }
        assert_eq!(bench.rows().await, before);
    });
}

#[test]
fn a_decision_on_a_policy_without_a_slot_is_lost_and_makes_none() {
    on_dynamodb(async |bench| {
        let nowhere = Held {
            policy: policy("orders", &["a"]),
            release: release("r1"),
            generation: 0,
            updated: at(0),
            later: Default::default(),
        };
        for decision in [bake(&nowhere.release, 0), end(&nowhere.release)] {
            assert_eq!(
                bench
                    .ledger
                    .commit(&nowhere, &decision, &nowhere.policy, at(9))
                    .await
                    .unwrap(),
                Commit::Lost
            );
        }
        assert_eq!(bench.rows().await.len(), 0);
    });
}

#[test]
fn every_phase_survives_being_written_down() {
    on_dynamodb(async |bench| {
        let cause = Cause::Alarm {
            name: "orders/dlq depth #1".to_owned(),
            since: at(5),
            reason: "Threshold \"Crossed\"".to_owned(),
        };
        let phases = [
            Phase::Deploying,
            Phase::Baking { step: 3 },
            Phase::Gated {
                why: "somebody must approve".to_owned(),
            },
            Phase::Promoting,
            Phase::Watching,
            Phase::RollingBack { cause: cause.clone() },
            Phase::RollbackFailed { cause },
        ];
        let mut held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        for phase in phases {
            held = bench
                .commit(&held, &decision(&held.release, phase.clone(), "because"))
                .await;
            assert_eq!(bench.held("orders").await, held);
            assert_eq!(held.release.phase, phase);
            assert_eq!(string(&bench.slot("orders").await, "phase"), phase.name());
        }
        assert_eq!(number(&bench.slot("orders").await, "generation"), 8);
    });
}
