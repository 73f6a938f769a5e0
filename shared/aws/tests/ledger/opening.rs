//! A release is put into its policy's slot.

use crate::bench::{number, on_dynamodb, on_simulator_only, string, written};
use crate::made::{arn, at, policy, release};
use aws::ledger::Commit;
use aws_sdk_dynamodb::types::AttributeValue;
use decide::{Policy, Release};

#[test]
fn opening_writes_the_slot_its_pointers_and_a_journal_entry() {
    on_dynamodb(async |bench| {
        let (policy, release) = (policy("orders", &["orders-dlq-depth", "orders-5xx"]), release("r1"));
        let held = bench.open(&policy, &release).await;

        let rows = bench.rows().await;
        let keys: Vec<(&str, &str)> = rows.keys().map(|(pk, sk)| (pk.as_str(), sk.as_str())).collect();
        let alarms = ["orders-5xx", "orders-dlq-depth"].map(|name| format!("alarm#{}", arn(name)));
        let expected = [
            (alarms[0].as_str(), "policy#orders"),
            (alarms[1].as_str(), "policy#orders"),
            ("open", "policy#orders"),
            ("policy#orders", "release"),
            ("release#r1", "entry#0000000001"),
        ];
        assert_eq!(keys, expected);

        let slot = bench.slot("orders").await;
        assert_eq!(
            serde_json::from_str::<Release>(&string(&slot, "document")).unwrap(),
            release
        );
        assert_eq!(
            serde_json::from_str::<Policy>(&string(&slot, "policy")).unwrap(),
            policy
        );
        assert_eq!(string(&slot, "phase"), "deploying");
        assert_eq!(string(&slot, "release_id"), "r1");
        assert_eq!(string(&slot, "updated"), "2026-11-21T03:00:00.000Z");
        assert_eq!(number(&slot, "schema"), 1);
        assert_eq!(number(&slot, "generation"), 1);
        assert_eq!(slot["facts"], AttributeValue::M(Default::default()));

        let entry = bench.row("release#r1", "entry#0000000001").await.unwrap();
        assert_eq!(string(&entry, "because"), "opened");
        assert_eq!(string(&entry, "phase"), "deploying");
        assert_eq!(string(&entry, "at"), "2026-11-21T03:00:00.000Z");

        assert_eq!(bench.held("orders").await, held, "what is handed out is what is read");
        assert_eq!((held.generation, held.updated), (1, at(0)));
    });
}

#[test]
fn opening_is_one_transaction() {
    on_simulator_only(async |bench, sim| {
        let before = sim.world().calls.len();
        bench.open(&policy("orders", &["a", "b"]), &release("r1")).await;
        let calls: Vec<String> = sim.world().calls[before..]
            .iter()
            .map(|call| call.operation.clone())
            .collect();
        assert_eq!(calls, ["GetItem", "TransactWriteItems"]);
    });
}

#[test]
fn opening_an_occupied_slot_is_lost_and_changes_nothing() {
    on_dynamodb(async |bench| {
        let first = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let before = bench.rows().await;
        // Another alarm, so that a half-done opening would leave its pointer.
        let second = bench
            .ledger
            .open(&policy("orders", &["b"]), &release("r2"), 0, "opened", at(9))
            .await;
        assert_eq!(second.unwrap(), Commit::Lost);
        assert_eq!(bench.rows().await, before);
        assert_eq!(bench.held("orders").await, first);
    });
}

#[test]
fn a_policy_with_as_many_alarms_as_a_parameter_holds_is_opened() {
    on_dynamodb(async |bench| {
        // A policy fits into 4 096 characters, a transaction into 100 items.
        let names: Vec<String> = (0..50).map(|n| format!("a{n:02}")).collect();
        let alarms: Vec<&str> = names.iter().map(String::as_str).collect();
        bench.open(&policy("orders", &alarms), &release("r1")).await;
        for alarm in alarms {
            assert_eq!(
                bench.ledger.guarded_by(&arn(alarm)).await.unwrap(),
                ["orders"],
                "{alarm}"
            );
        }
        assert_eq!(bench.keys().await.len(), 53);
    });
}

#[test]
fn an_empty_slot_that_is_read_holds_nothing() {
    on_dynamodb(async |bench| {
        assert_eq!(bench.ledger.read("orders").await.unwrap(), None, "never opened");
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        written(
            bench
                .ledger
                .commit(&held, &crate::made::end(&held.release), &held.policy, at(1))
                .await,
        );
        assert_eq!(bench.ledger.read("orders").await.unwrap(), None, "closed");
    });
}
