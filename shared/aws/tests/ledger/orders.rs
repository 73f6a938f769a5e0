//! What people order is kept, once, and whoever decides at that moment loses to it.

use crate::bench::{Bench, number, on_dynamodb, string, written};
use crate::made::{at, bake, end, policy, release};
use aws::event::{OrderEvent, OrderKind};
use aws::ledger::{Commit, Held};
use decide::freeze::Word;
use decide::{Fact, Freeze, Order, Ordered};

fn event(id: &str, kind: OrderKind) -> OrderEvent {
    OrderEvent {
        policy: "orders".to_owned(),
        id: id.to_owned(),
        kind,
        release: matches!(kind, OrderKind::Of(_)).then(|| "r1".to_owned()),
        by: "ann".to_owned(),
        why: "quotes \" and 🐟".to_owned(),
        until: None,
    }
}

fn ordered(event: &OrderEvent, seconds: i64) -> Ordered {
    Ordered {
        id: event.id.clone(),
        order: Order::Abort,
        release: "r1".to_owned(),
        by: event.by.clone(),
        why: event.why.clone(),
        at: at(seconds),
        deployment: None,
        step: Some(0),
    }
}

fn freeze(event: &OrderEvent) -> Freeze {
    Freeze {
        id: event.id.clone(),
        word: Word::Frozen,
        by: event.by.clone(),
        why: event.why.clone(),
        at: at(3),
        until: Some(at(9)),
    }
}

async fn frozen(bench: &Bench, event: &OrderEvent, freeze: Option<&Freeze>, generation: u64) -> bool {
    let done = bench.ledger.freeze(event, freeze, generation, "because", at(3)).await;
    done.expect("an answer")
}

async fn open(bench: &Bench) -> Held {
    let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
    bench.commit(&held, &bake(&held.release, 0)).await
}

#[test]
fn an_accepted_order_is_a_fact_of_its_release_and_a_record_for_ever() {
    on_dynamodb(async |bench| {
        let before = open(bench).await;
        let event = event("order-1", OrderKind::Of(Order::Abort));
        let ordered = ordered(&event, 2);
        let held = written(bench.ledger.accept(&before, &event, &ordered, "advance#1").await);
        assert_eq!(held.generation, before.generation + 1);
        assert_eq!(
            held.release.facts.values().collect::<Vec<_>>(),
            [&Fact::Order(ordered.clone())]
        );
        // As whoever reads it next has it, name and time and all.
        assert_eq!(bench.held("orders").await, held);
        let record = bench.row("policy#orders", "order#order-1").await.expect("a record");
        assert_eq!(
            ["kind", "release_id", "by", "why", "answer", "at"].map(|name| string(&record, name)),
            [
                "abort",
                "r1",
                "ann",
                "quotes \" and 🐟",
                "accepted",
                "2026-11-21T03:00:00.002Z"
            ]
        );
        // Whoever decided on what was there before loses.
        let lost = bench
            .ledger
            .commit(&before, &bake(&before.release, 1), &before.policy, at(3))
            .await;
        assert!(matches!(lost, Ok(Commit::Lost)), "{lost:?}");
        let again = bench.ledger.accept(&held, &event, &ordered, "advance#2").await;
        assert!(
            matches!(again, Ok(Commit::Lost)),
            "under one id it is one order: {again:?}"
        );
        let recorded = bench
            .ledger
            .recorded("orders", "order-1")
            .await
            .unwrap()
            .expect("recorded");
        assert!(
            recorded.accepted && recorded.because.starts_with("aborted by ann"),
            "{recorded:?}"
        );
        assert_eq!(bench.ledger.recorded("orders", "order-2").await.unwrap(), None);
    });
}

#[test]
fn an_order_is_accepted_only_over_what_it_was_judged_on() {
    on_dynamodb(async |bench| {
        let before = open(bench).await;
        let event = event("order-1", OrderKind::Of(Order::Abort));
        bench.commit(&before, &bake(&before.release, 1)).await;
        let lost = bench
            .ledger
            .accept(&before, &event, &ordered(&event, 2), "advance#1")
            .await;
        assert!(matches!(lost, Ok(Commit::Lost)), "{lost:?}");
        assert_eq!(
            bench.row("policy#orders", "order#order-1").await,
            None,
            "nothing half done"
        );
        let held = bench.held("orders").await;
        bench.commit(&held, &end(&held.release)).await;
        let lost = bench
            .ledger
            .accept(&held, &event, &ordered(&event, 2), "advance#1")
            .await;
        assert!(matches!(lost, Ok(Commit::Lost)), "{lost:?}");
    });
}

#[test]
fn a_refused_order_is_recorded_once_and_changes_nothing_else() {
    on_dynamodb(async |bench| {
        let before = open(bench).await;
        let event = event("order-1", OrderKind::Of(Order::Approve));
        assert!(bench.ledger.refuse(&event, "it is frozen", at(2)).await.unwrap());
        assert!(!bench.ledger.refuse(&event, "something else", at(3)).await.unwrap());
        let recorded = bench
            .ledger
            .recorded("orders", "order-1")
            .await
            .unwrap()
            .expect("recorded");
        assert_eq!(
            (recorded.accepted, recorded.because.as_str(), recorded.at),
            (false, "it is frozen", at(2))
        );
        assert_eq!(bench.held("orders").await, before);
    });
}

#[test]
fn a_freeze_is_the_policys_and_outlives_its_releases() {
    on_dynamodb(async |bench| {
        // Before any release was ever open.
        let first = event("freeze-1", OrderKind::Freeze);
        let said = freeze(&first);
        assert!(frozen(bench, &first, Some(&said), 0).await);
        let slot = bench.ledger.slot("orders").await.unwrap();
        assert_eq!(
            (slot.held, slot.generation, slot.freeze.as_ref()),
            (None, 1, Some(&said))
        );
        // Whoever opens reads it with the release; and it stays when that is closed.
        let held = open(bench).await;
        assert_eq!(bench.held("orders").await.release.freeze, Some(said.clone()));
        let held = Held {
            release: bench.held("orders").await.release,
            ..held
        };
        let closed = bench.commit(&held, &end(&held.release)).await;
        let slot = bench.ledger.slot("orders").await.unwrap();
        assert_eq!((slot.generation, slot.freeze), (closed.generation, Some(said)));
        let thaw = event("thaw-1", OrderKind::Thaw);
        assert!(!frozen(bench, &thaw, None, 1).await, "somebody wrote since");
        assert!(frozen(bench, &thaw, None, closed.generation).await);
        let slot = bench.ledger.slot("orders").await.unwrap();
        assert_eq!((slot.generation, slot.freeze), (closed.generation + 1, None));
    });
}

#[test]
fn whoever_decides_while_somebody_freezes_loses_and_a_rollback_is_still_theirs_who_began_it() {
    on_dynamodb(async |bench| {
        let held = open(bench).await;
        let event = event("freeze-1", OrderKind::Freeze);
        assert!(frozen(bench, &event, Some(&freeze(&event)), held.generation).await);
        let lost = bench
            .ledger
            .commit(&held, &bake(&held.release, 1), &held.policy, at(3))
            .await;
        assert!(matches!(lost, Ok(Commit::Lost)), "{lost:?}");
        let fresh = bench.held("orders").await;
        assert_eq!((fresh.generation, fresh.updated), (held.generation + 1, held.updated));
        assert_eq!(number(&bench.slot("orders").await, "generation"), fresh.generation);
    });
}
