//! What was done and what was waited for, in order.

use crate::bench::{Bench, Row, number, on_dynamodb, string};
use crate::made::{at, bake, decision, policy, release};
use aws_sdk_dynamodb::types::AttributeValue;
use decide::{Decision, Release};

/// The journal of a release as DynamoDB sorts it.
async fn entries(bench: &Bench, release: &str) -> Vec<Row> {
    let request = bench
        .client
        .query()
        .table_name(&bench.table)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", AttributeValue::S(format!("release#{release}")));
    let items = request
        .consistent_read(true)
        .send()
        .await
        .unwrap()
        .items
        .unwrap_or_default();
    items.into_iter().map(|item| item.into_iter().collect()).collect()
}

fn wait(release: &Release, because: &str) -> Decision {
    decision(release, release.phase.clone(), because)
}

fn lines(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn identical_waits_update_one_row_and_are_counted() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let waits = [
            "baking, 30 s of 600 s",
            "baking, 30 s of 600 s",
            "nothing seen",
            "baking, 30 s of 600 s",
        ];
        for (number, because) in waits.iter().enumerate() {
            let at = at(1_000 * i64::try_from(number).unwrap());
            bench
                .ledger
                .note(&held, &wait(&held.release, because), &[], None, at)
                .await
                .unwrap();
        }
        let entries = entries(bench, "r1").await;
        let mut told: Vec<_> = entries[1..]
            .iter()
            .map(|row| {
                (
                    string(row, "because"),
                    number(row, "times"),
                    string(row, "at"),
                    string(row, "last"),
                )
            })
            .collect();
        told.sort();
        let time = |second: u32| format!("2026-11-21T03:00:0{second}.000Z");
        assert_eq!(
            told,
            [
                ("baking, 30 s of 600 s".to_owned(), 3, time(0), time(3)),
                ("nothing seen".to_owned(), 1, time(2), time(2)),
            ]
        );
    });
}

/// How far its share has come is no wait of its own for people, and one for whoever draws it.
#[test]
fn a_wait_with_another_share_has_an_entry_of_its_own() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        for (second, share) in [(1, None), (2, Some(250)), (3, Some(250)), (4, Some(333))] {
            let decision = wait(&held.release, "waiting");
            let noted = bench.ledger.note(&held, &decision, &[], share, at(1_000 * second));
            noted.await.unwrap();
        }
        let read = bench.ledger.journal("r1").await.unwrap();
        let mut told: Vec<_> = read[1..]
            .iter()
            .map(|entry| (entry.share_permille, entry.times))
            .collect();
        told.sort_unstable();
        assert_eq!(told, [(None, 1), (Some(250), 2), (Some(333), 1)]);
    });
}

#[test]
fn a_wait_at_another_generation_is_another_wait() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        bench
            .ledger
            .note(&held, &wait(&held.release, "waiting"), &[], None, at(1))
            .await
            .unwrap();
        let held = bench.commit(&held, &bake(&held.release, 0)).await;
        bench
            .ledger
            .note(&held, &wait(&held.release, "waiting"), &[], None, at(2))
            .await
            .unwrap();
        let entries = entries(bench, "r1").await;
        let told: Vec<_> = entries
            .iter()
            .map(|row| (string(row, "because"), string(row, "phase")))
            .collect();
        let told: Vec<_> = told
            .iter()
            .map(|(because, phase)| (because.as_str(), phase.as_str()))
            .collect();
        let expected = [
            ("opened", "deploying"),
            ("waiting", "deploying"),
            ("baking at step 0", "baking"),
            ("waiting", "baking"),
        ];
        assert_eq!(told, expected);
    });
}

#[test]
fn acts_get_rows_of_their_own_with_their_lines() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let decision = wait(&held.release, "rolling back");
        let first = lines(&["restored orders-canary", "rejected the approval: \"too late\" 🐟"]);
        let second = lines(&["restored orders"]);
        bench.ledger.note(&held, &decision, &first, None, at(1)).await.unwrap();
        bench.ledger.note(&held, &decision, &second, None, at(2)).await.unwrap();
        let entries = entries(bench, "r1").await;
        let told: Vec<_> = entries[1..]
            .iter()
            .map(|row| (did(row), number(row, "times")))
            .collect();
        assert_eq!(told, [(first, 1), (second, 1)]);
    });
}

fn did(row: &Row) -> Vec<String> {
    let lines = row["did"].as_l().expect("a list");
    lines.iter().map(|line| line.as_s().expect("a text").clone()).collect()
}

#[test]
fn acts_of_two_in_the_same_millisecond_are_both_told() {
    on_dynamodb(async |bench| {
        let held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        let decision = wait(&held.release, "rolling back");
        let ours = lines(&["restored orders-canary"]);
        let theirs = lines(&["orders-canary was given its baseline by somebody else"]);
        bench.ledger.note(&held, &decision, &ours, None, at(1)).await.unwrap();
        bench.ledger.note(&held, &decision, &theirs, None, at(1)).await.unwrap();
        let mut told: Vec<_> = entries(bench, "r1").await[1..].iter().map(did).collect();
        told.sort();
        assert_eq!(told, [theirs, ours]);
    });
}

#[test]
fn the_journal_reads_in_order_beyond_the_tenth_generation() {
    on_dynamodb(async |bench| {
        let mut held = bench.open(&policy("orders", &["a"]), &release("r1")).await;
        for step in 0..12 {
            held = bench.commit(&held, &bake(&held.release, step)).await;
            let did = lines(&["looked"]);
            let because = format!("after step {step}");
            bench
                .ledger
                .note(&held, &wait(&held.release, &because), &did, None, at(step.into()))
                .await
                .unwrap();
        }
        let told: Vec<String> = entries(bench, "r1")
            .await
            .iter()
            .map(|row| string(row, "because"))
            .collect();
        let steps = (0..12).flat_map(|step| [format!("baking at step {step}"), format!("after step {step}")]);
        let expected: Vec<String> = ["opened".to_owned()].into_iter().chain(steps).collect();
        assert_eq!(told, expected);
    });
}
