//! How much a row holds.

use crate::bench::{Bench, new, number, on_dynamodb, refused, skip, string};
use crate::made::{arn, at, bake, end, fact, policy, release, said};
use aws::Why;
use aws::ledger::{Edition, Held, Merge};
use decide::{Decision, Fact, Release, Watched};

/// A parameter as it was first put.
fn first() -> Edition {
    Edition {
        version: 1,
        modified: at(0),
    }
}

/// A release whose document is about this long.
fn long(id: &str, kilobytes: usize) -> Release {
    let mut release = release(id);
    release.images = Some([("app".to_owned(), "x".repeat(kilobytes * 1_000))].into());
    release
}

/// A decision that makes a document this long.
fn lengthen(release: &Release, kilobytes: usize) -> Decision {
    let mut decision = bake(release, 0);
    decision.next.images = long("", kilobytes).images;
    decision
}

/// A release that has been told as much of one alarm as it keeps.
async fn flapped(bench: &Bench) -> Held {
    bench.open(&policy("orders", &["a"]), &release("r1")).await;
    for number in 0..150 {
        new(bench
            .ledger
            .merge("orders", &fact(number), "rollback#1", at(number))
            .await);
    }
    bench.held("orders").await
}

fn slow(number: i64) -> Fact {
    Fact::Alarm {
        arn: arn("orders-slow"),
        name: "orders-slow".to_owned(),
        since: at(number),
        reason: "Threshold Crossed".to_owned(),
    }
}

fn spent() -> Fact {
    Fact::TokenSpent {
        token: "c0ffee00".to_owned(),
    }
}

#[test]
fn no_fact_is_lost_to_an_alarm_that_flaps() {
    on_dynamodb(async |bench| {
        let held = flapped(bench).await;
        let facts: Vec<_> = held.release.facts.values().cloned().collect();
        assert_eq!(facts, (0..150).map(fact).collect::<Vec<_>>());
        assert_eq!(held.generation, 151);

        // One more flap, another alarm, and what is no alarm's: each is stored, and only old flaps go.
        let merge = async |fact: Fact| new(bench.ledger.merge("orders", &fact, "rollback#2", at(200)).await);
        merge(fact(200)).await;
        merge(slow(201)).await;
        let held = merge(spent()).await;
        assert_eq!(held, bench.held("orders").await);
        assert_eq!(held.generation, 154);
        let kept = (2..150).map(fact).chain([fact(200), slow(201), spent()]);
        let expected: std::collections::BTreeMap<_, _> = kept.map(|fact| (fact.key(), fact)).collect();
        assert_eq!(held.release.facts, expected);

        // What is there is known, as ever.
        let before = bench.rows().await;
        let again = bench.ledger.merge("orders", &slow(201), "rollback#3", at(300)).await;
        assert_eq!(again.unwrap(), Merge::Known(Box::new(held.clone())));
        assert_eq!(bench.rows().await, before);

        // All of them move with the document when it ends.
        bench.commit(&held, &end(&held.release)).await;
        let past = bench
            .row("policy#orders", "past#2026-11-21T03:00:00Z#r1")
            .await
            .unwrap();
        let past: serde_json::Value = serde_json::from_str(&string(&past, "facts")).unwrap();
        assert_eq!(past.as_object().unwrap().len(), 151);
    });
}

#[test]
fn flaps_that_come_at_once_where_there_is_no_room_are_all_stored() {
    on_dynamodb(async |bench| {
        flapped(bench).await;
        let racers = (0..4).map(|racer| async move {
            let by = format!("rollback#{racer}");
            let fact = slow(300 + racer);
            new(bench.ledger.merge("orders", &fact, &by, at(300)).await);
        });
        bench.at_once(racers).await;
        let held = bench.held("orders").await;
        for racer in 0..4 {
            assert!(held.release.facts.contains_key(&slow(300 + racer).key()), "{racer}");
        }
        assert_eq!((held.release.facts.len(), held.generation), (150, 155));
    });
}

#[test]
fn as_many_alarms_as_a_policy_may_name_fit_every_transaction() {
    on_dynamodb(async |bench| {
        let names: Vec<String> = (0..90).map(|number| format!("a{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let policy = policy("orders", &names);
        let mut watched = release("r1");
        watched.watched = Some(Watched {
            release: "r0".to_owned(),
            until: at(1),
            canary: watched.canary.clone(),
            stable: watched.stable.clone(),
            images: None,
        });
        let held = bench.open(&policy, &watched).await;
        assert_eq!(bench.ledger.guarded_by(&arn("a89")).await.unwrap(), ["orders"]);
        // The one before it has outlived its watch, and the next one takes its place: no commit writes more.
        let mut decision = end(&held.release);
        decision.next.phase = decide::Phase::Closed {
            outcome: decide::Outcome::Superseded { by: "r2".to_owned() },
        };
        decision.next.watched = None;
        decision.successor = Some(Box::new(release("r2")));
        assert_eq!(bench.commit(&held, &decision).await.release.id, "r2");

        let others = ["pipeline#p", "service#canary", "service#stable"].map(str::to_owned);
        let alarms = names.iter().map(|name| format!("alarm#{}", arn(name)));
        let pointers = alarms.chain(others).collect();
        bench
            .ledger
            .index(&policy, first(), &pointers, None, at(0))
            .await
            .unwrap();
        assert_eq!(bench.ledger.concerned("service#stable").await.unwrap(), ["orders"]);
        assert_eq!(bench.ledger.known("orders").await.unwrap().unwrap().pointers, pointers);
    });
}

#[test]
fn a_document_of_300_kilobytes_is_opened_changed_and_closed() {
    on_dynamodb(async |bench| {
        // In moto an attribute that is replaced counts twice, old and new (`LimitedSizeDict` in
        // moto/dynamodb/models/dynamo_type.py). DynamoDB counts items, before and after.
        let kilobytes = if bench.moto { 120 } else { 300 };
        if bench.moto {
            skip("300 KB; 120 instead, since a change of 300 is 600 to moto");
        }
        let held = bench.open(&policy("orders", &["a"]), &long("r1", kilobytes)).await;
        assert_eq!(bench.held("orders").await, held);
        let held = new(bench.ledger.merge("orders", &fact(1), "rollback#1", at(1)).await);
        let held = bench.commit(&held, &lengthen(&held.release, kilobytes + 1)).await;
        assert_eq!(bench.held("orders").await, held);
        bench.commit(&held, &end(&held.release)).await;
        assert_eq!(bench.ledger.read("orders").await.unwrap(), None);
        let past = bench
            .row("policy#orders", "past#2026-11-21T03:00:00Z#r1")
            .await
            .unwrap();
        assert!(string(&past, "document").len() > kilobytes * 1_000);
    });
}

#[test]
fn a_document_that_no_item_holds_is_refused_and_says_so() {
    on_dynamodb(async |bench| {
        let opening = bench
            .ledger
            .open(&policy("orders", &["a"]), &long("r1", 420), 0, "opened", at(0))
            .await;
        assert_too_large(&refused(opening).to_string(), "TransactWriteItems");
        assert_eq!(bench.rows().await.len(), 0);

        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let before = bench.rows().await;
        let change = lengthen(&held.release, 420);
        let refused = refused(bench.ledger.commit(&held, &change, &held.policy, at(1)).await);
        assert_eq!(refused.why, Why::Refused);
        assert_too_large(&refused.to_string(), "TransactWriteItems");
        assert!(bench.rows().await == before, "something was written");
    });
}

#[test]
fn a_fact_that_no_longer_fits_is_refused_and_says_so() {
    on_dynamodb(async |bench| {
        bench.open(&policy("orders", &["a"]), &long("r1", 390)).await;
        let before = bench.rows().await;
        let merge = bench
            .ledger
            .merge("orders", &said(1, &"x".repeat(30_000)), "rollback#1", at(1))
            .await;
        assert_too_large(&refused(merge).to_string(), "UpdateItem");
        if bench.moto {
            // In moto a refused update leaves what it did until then (`update_item` in
            // moto/dynamodb/models/__init__.py works on the item itself). In DynamoDB it has no effect.
            skip("a refused update changes nothing");
        } else {
            assert!(bench.rows().await == before, "something was written");
        }
        assert_eq!(number(&bench.slot("orders").await, "generation"), 1);
    });
}

fn assert_too_large(said: &str, operation: &str) {
    assert!(said.starts_with(operation), "{said}");
    assert!(said.contains("policy#orders"), "{said}");
    assert!(said.contains("has exceeded the maximum allowed size"), "{said}");
}
