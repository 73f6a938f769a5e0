//! A release ends: its slot is empty for the next one, and late writers still lose.

use crate::bench::{Row, new, number, on_dynamodb, string};
use crate::made::{at, bake, end, fact, policy, release};
use aws::ledger::{Commit, Merge};
use decide::{Fact, Policy, Release};
use std::collections::BTreeMap;

#[test]
fn closing_empties_the_slot_and_keeps_its_generation() {
    on_dynamodb(async |bench| {
        let policy = policy("orders", &["a"]);
        bench.open(&policy, &release("r1")).await;
        let held = new(bench.ledger.merge("orders", &fact(1), "rollback#1", at(1)).await);
        let before = bench.rows().await;
        let closed = bench.commit(&held, &end(&held.release)).await;
        assert_eq!(closed.generation, 3);

        let slot = bench.slot("orders").await;
        let names: Vec<&str> = slot.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["facts", "generation", "last", "phase", "pk", "schema", "sk", "updated"]
        );
        assert_eq!(number(&slot, "generation"), 3);
        assert_eq!(string(&slot, "phase"), "empty");
        let last = bench
            .ledger
            .slot("orders")
            .await
            .unwrap()
            .last
            .expect("what closed last");
        assert_eq!((last.id.as_str(), last.phase.name()), ("r1", "rolled back"));
        assert_eq!(bench.ledger.read("orders").await.unwrap(), None);

        let past = bench
            .row("policy#orders", "past#2026-11-21T03:00:00Z#r1")
            .await
            .unwrap();
        assert_past(&past, &policy, &closed.release);
        assert_eq!(bench.ledger.open_policies().await.unwrap(), Vec::<String>::new());

        let entry = bench.row("release#r1", "entry#0000000003").await.unwrap();
        assert_eq!(string(&entry, "because"), "both services run their baseline again");
        assert_eq!(string(&entry, "phase"), "rolled back");
        // One row came, one went, one more for the journal.
        assert_eq!(bench.rows().await.len(), before.len() + 1);
    });
}

fn assert_past(past: &Row, policy: &Policy, release: &Release) {
    let mut document: Release = serde_json::from_str(&string(past, "document")).unwrap();
    document.facts = serde_json::from_str::<BTreeMap<String, Fact>>(&string(past, "facts")).unwrap();
    assert_eq!(&document, release, "the document moves with its facts");
    assert_eq!(release.facts.len(), 1);
    assert_eq!(
        &serde_json::from_str::<Policy>(&string(past, "policy")).unwrap(),
        policy
    );
    assert_eq!(string(past, "outcome"), "rolled back");
    assert_eq!(string(past, "closed"), "2026-11-21T03:00:00.001Z");
    assert_eq!(number(past, "schema"), 1);
}

#[test]
fn whoever_comes_late_to_a_closed_release_changes_nothing() {
    on_dynamodb(async |bench| {
        let first = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let second = bench.commit(&first, &bake(&first.release, 0)).await;
        let closed = bench.commit(&second, &end(&second.release)).await;
        let before = bench.rows().await;
        for late in [&first, &second, &closed] {
            for decision in [bake(&late.release, 5), end(&late.release)] {
                assert_eq!(
                    bench.ledger.commit(late, &decision, &late.policy, at(9)).await.unwrap(),
                    Commit::Lost
                );
            }
        }
        let fact = bench
            .ledger
            .merge("orders", &fact(1), "rollback#1", at(9))
            .await
            .unwrap();
        assert!(matches!(fact, Merge::NothingOpen(Some(_))), "{fact:?}");
        assert_eq!(bench.rows().await, before);
    });
}

#[test]
fn a_second_release_in_the_slot_has_a_higher_generation_and_none_of_the_first() {
    on_dynamodb(async |bench| {
        let policy = policy("orders", &["a"]);
        bench.open(&policy, &release("r1")).await;
        let first = new(bench.ledger.merge("orders", &fact(1), "rollback#1", at(1)).await);
        bench.commit(&first, &end(&first.release)).await;

        let second = bench.open(&policy, &release("r2")).await;
        assert_eq!(second.generation, 4);
        assert_eq!(bench.held("orders").await, second);
        assert_eq!(second.release.facts, BTreeMap::new());
        assert_eq!(bench.ledger.open_policies().await.unwrap(), ["orders"]);

        let before = bench.rows().await;
        for decision in [bake(&first.release, 5), end(&first.release)] {
            assert_eq!(
                bench
                    .ledger
                    .commit(&first, &decision, &first.policy, at(9))
                    .await
                    .unwrap(),
                Commit::Lost
            );
        }
        assert_eq!(bench.rows().await, before, "the first one's late writers");

        let again = new(bench.ledger.merge("orders", &fact(1), "rollback#1", at(9)).await);
        assert_eq!(
            (again.release.id.as_str(), again.generation),
            ("r2", 5),
            "a fact the first one knew is new here"
        );
        bench.commit(&again, &end(&again.release)).await;
        let keys = bench.keys().await;
        let past: Vec<&str> = keys
            .iter()
            .filter(|(pk, sk)| pk == "policy#orders" && sk != "release")
            .map(|(_, sk)| sk.as_str())
            .collect();
        assert_eq!(past, ["past#2026-11-21T03:00:00Z#r1", "past#2026-11-21T03:00:00Z#r2"]);
    });
}
