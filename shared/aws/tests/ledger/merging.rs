//! Facts are merged, never lost, never taken twice.

use crate::bench::{new, number, on_dynamodb, on_simulator_only};
use crate::made::{at, bake, end, fact, policy, release, said};
use aws::ledger::{Commit, Merge};
use decide::Fact;
use simulator::faults::{Fault, Rule};

#[test]
fn a_fact_bumps_the_generation_and_returns_the_whole_document() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let held = bench.commit(&held, &bake(&held.release, 0)).await;
        let merged = new(bench.ledger.merge("orders", &fact(1), "rollback#1", at(2)).await);
        assert_eq!(merged.generation, held.generation + 1);
        assert_eq!(merged.updated, at(2));
        assert_eq!(merged.policy, held.policy);
        let mut expected = held.release.clone();
        expected.facts.insert(fact(1).key(), fact(1));
        assert_eq!(merged.release, expected);
        assert_eq!(bench.held("orders").await, merged);
    });
}

#[test]
fn facts_of_every_kind_lie_beside_each_other() {
    on_dynamodb(async |bench| {
        bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let arn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/orders:7";
        let facts = [
            fact(1),
            fact(2),
            said(3, "quotes \" \\ { } and 🐟 and \u{2028} a line"),
            Fact::Inactive {
                task_definition: arn.to_owned(),
            },
            Fact::Prepared {
                instead_of: arn.to_owned(),
                task_definition: format!("{arn}0"),
            },
            Fact::TokenSpent {
                token: "c0ffee00".to_owned(),
            },
            Fact::ApprovalAsked {
                stage: "Gate".to_owned(),
                action: "Ok".to_owned(),
                token: "c0ffee00".to_owned(),
                expires: at(9),
            },
            Fact::Noticed {
                notice: "needed-c0ffee00".to_owned(),
                since: at(3),
            },
        ];
        for (number, fact) in facts.iter().enumerate() {
            let by = format!("rollback#{number}");
            new(bench.ledger.merge("orders", fact, &by, at(2)).await);
        }
        let held = bench.held("orders").await;
        assert!(
            held.release.facts.values().eq(expected(&facts).values()),
            "{:?}",
            held.release.facts
        );
        assert_eq!(held.generation, 9);
    });
}

fn expected(facts: &[Fact]) -> std::collections::BTreeMap<String, Fact> {
    facts.iter().map(|fact| (fact.key(), fact.clone())).collect()
}

#[test]
fn the_same_fact_by_another_invocation_is_known_and_changes_nothing() {
    on_dynamodb(async |bench| {
        bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let held = new(bench.ledger.merge("orders", &fact(1), "rollback#1", at(2)).await);
        let before = bench.rows().await;
        // The same transition in other words: the first words stay.
        let again = bench
            .ledger
            .merge("orders", &said(1, "in other words"), "rollback#2", at(3))
            .await;
        assert_eq!(again.unwrap(), Merge::Known(Box::new(held)));
        assert_eq!(bench.rows().await, before);
    });
}

#[test]
fn the_same_fact_again_by_the_same_invocation_is_its_own() {
    on_dynamodb(async |bench| {
        bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let first = new(bench.ledger.merge("orders", &fact(1), "rollback#1", at(2)).await);
        let before = bench.rows().await;
        let second = new(bench.ledger.merge("orders", &fact(1), "rollback#1", at(3)).await);
        assert_eq!(second, first);
        assert_eq!(bench.rows().await, before, "merged once");
    });
}

#[test]
fn a_fact_whose_reply_is_lost_is_new_and_merged_once() {
    on_simulator_only(async |bench, sim| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        sim.world().faults.rules = vec![once("UpdateItem", Fault::HangAfter)];
        let merged = new(bench.ledger.merge("orders", &fact(1), "rollback#1", at(2)).await);
        assert_eq!(sim.world().faults.rules[0].times, Some(0), "the reply was lost");
        assert_eq!(merged.generation, held.generation + 1);
        assert_eq!(merged, bench.held("orders").await);
    });
}

#[test]
fn a_decision_whose_reply_is_lost_is_written_once_and_not_lost() {
    on_simulator_only(async |bench, sim| {
        // A transaction carries a token of its own, by which DynamoDB knows it again.
        sim.world().faults.rules = vec![once("TransactWriteItems", Fault::HangAfter)];
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        sim.world().faults.rules = vec![once("TransactWriteItems", Fault::HangAfter)];
        let held = bench.commit(&held, &bake(&held.release, 0)).await;
        assert_eq!(sim.world().faults.rules[0].times, Some(0), "the reply was lost");
        assert_eq!(held.generation, 2);
        assert_eq!(held, bench.held("orders").await);
    });
}

fn once(operation: &str, fault: Fault) -> Rule {
    Rule {
        operation: Some(operation.to_owned()),
        times: Some(1),
        ..Rule::service("dynamodb", fault)
    }
}

#[test]
fn a_fact_for_which_nothing_is_open_leaves_no_trace() {
    on_dynamodb(async |bench| {
        let unknown = bench.ledger.merge("orders", &fact(1), "rollback#1", at(2)).await;
        assert_eq!(unknown.unwrap(), Merge::NothingOpen(None));
        assert_eq!(bench.rows().await.len(), 0, "an unknown policy gets no slot");

        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        bench.commit(&held, &end(&held.release)).await;
        let before = bench.rows().await;
        let late = bench.ledger.merge("orders", &fact(1), "rollback#1", at(2)).await;
        let last = "r1 rolled back at 2026-11-21T03:00:00Z".to_owned();
        assert_eq!(late.unwrap(), Merge::NothingOpen(Some(last)));
        assert_eq!(bench.rows().await, before);
    });
}

#[test]
fn a_fact_between_read_and_commit_makes_the_decision_lose() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let merged = new(bench.ledger.merge("orders", &fact(1), "rollback#1", at(2)).await);
        let before = bench.rows().await;
        for decision in [bake(&held.release, 0), end(&held.release)] {
            assert_eq!(
                bench
                    .ledger
                    .commit(&held, &decision, &held.policy, at(3))
                    .await
                    .unwrap(),
                Commit::Lost
            );
        }
        assert_eq!(
            bench.rows().await,
            before,
            "and nothing is written, no journal entry either"
        );

        let taken_again = bench.commit(&merged, &bake(&merged.release, 0)).await;
        assert_eq!(
            taken_again.release.facts, merged.release.facts,
            "a decision keeps the facts"
        );
        assert_eq!(number(&bench.slot("orders").await, "generation"), 3);
    });
}
