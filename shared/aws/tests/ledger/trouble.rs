//! DynamoDB says no, or nothing.

use crate::bench::{on_dynamodb, on_simulator_only, refused};
use crate::made::{arn, at, bake, fact, policy, release};
use aws::ledger::{Held, Ledger};
use aws::{Refused, Why};
use simulator::Sim;
use simulator::faults::{Fault, Rule};

/// What each way into the ledger is refused with.
async fn refusals(ledger: &Ledger) -> Vec<(&'static str, Refused)> {
    let held = Held {
        policy: policy("orders", &["a"]),
        release: release("r1"),
        generation: 1,
        updated: at(0),
        later: Default::default(),
    };
    let decision = bake(&held.release, 0);
    vec![
        ("GetItem", refused(ledger.read("orders").await)),
        (
            "TransactWriteItems",
            refused(ledger.open(&held.policy, &held.release, 0, "opened", at(0)).await),
        ),
        ("Query", refused(ledger.guarded_by(&arn("a")).await)),
        ("Query", refused(ledger.open_policies().await)),
        (
            "UpdateItem",
            refused(ledger.merge("orders", &fact(1), "rollback#1", at(1)).await),
        ),
        (
            "TransactWriteItems",
            refused(ledger.note(&held, &decision, &[], None, at(1)).await),
        ),
        (
            "TransactWriteItems",
            refused(ledger.commit(&held, &decision, &held.policy, at(1)).await),
        ),
    ]
}

#[test]
fn a_table_that_does_not_exist_is_named_with_the_operation() {
    on_dynamodb(async |bench| {
        let nowhere = Ledger::new(bench.client.clone(), "serin-nowhere".to_owned());
        for (operation, refused) in refusals(&nowhere).await {
            assert_eq!(refused.operation, operation);
            assert_eq!(refused.why, Why::Refused, "{refused:?}");
            assert!(refused.is("ResourceNotFoundException"), "{refused:?}");
            assert!(refused.on.contains("serin-nowhere"), "{refused}");
        }
    });
}

fn troubled(sim: &Sim, fault: Fault, times: Option<u32>) {
    let rule = Rule {
        times,
        ..Rule::service("dynamodb", fault)
    };
    sim.world().faults.rules = vec![rule];
}

#[test]
fn throttling_is_waited_out_three_times() {
    on_simulator_only(async |bench, sim| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        troubled(sim, Fault::Throttle, Some(3));
        assert_eq!(bench.held("orders").await, held);
        assert_eq!(
            sim.world().faults.rules[0].times,
            Some(0),
            "three were throttled, the fourth went through"
        );
    });
}

#[test]
fn a_fourth_time_it_is_refused_as_throttled() {
    on_simulator_only(async |bench, sim| {
        troubled(sim, Fault::Throttle, Some(4));
        let refused = refused(bench.ledger.read("orders").await);
        assert_eq!(sim.world().faults.rules[0].times, Some(0));
        assert_eq!((refused.operation, refused.why), ("GetItem", Why::Throttled));
        assert!(refused.is("ProvisionedThroughputExceededException"), "{refused}");
        assert!(refused.may_pass());
    });
}

#[test]
fn every_way_into_the_ledger_tells_what_kind_of_trouble_it_met() {
    let kinds = [
        (Fault::Throttle, Why::Throttled),
        (Fault::ServerError, Why::ServerFailed),
        (Fault::HangBefore, Why::TimedOut),
        (Fault::AccessDenied, Why::Denied),
    ];
    on_simulator_only(async |bench, sim| {
        let before = bench.rows().await;
        for (fault, why) in kinds {
            troubled(sim, fault, None);
            for (operation, refused) in refusals(&bench.ledger).await {
                assert_eq!((refused.operation, refused.why), (operation, why), "{refused}");
                assert!(refused.on.contains(&bench.table), "{refused}");
            }
        }
        sim.world().faults.rules.clear();
        assert_eq!(bench.rows().await, before);
    });
}
