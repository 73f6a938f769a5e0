//! Rows that somebody else wrote: a later Serin, or chance.

use crate::bench::{Bench, Row, number, on_dynamodb, skip, string};
use crate::made::{at, fact, policy, release, with};
use aws::ledger::LedgerError;
use aws_sdk_dynamodb::types::AttributeValue;
use decide::SCHEMA;
use serde_json::json;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

async fn opened(bench: &Bench) -> Row {
    bench.open(&policy("orders", &["a"]), &release("r1")).await;
    bench.slot("orders").await
}

#[test]
fn a_document_of_the_next_schema_is_read_with_fields_nobody_knows_yet() {
    on_dynamodb(async |bench| {
        let mut slot = opened(bench).await;
        let before = bench.held("orders").await;
        let document = with(&string(&slot, "document"), "schema", json!(SCHEMA + 1));
        let document = with(&document, "invented_later", json!({"deep": [1, 2.5, null]}));
        let policy = with(&string(&slot, "policy"), "invented_later", json!("x"));
        slot.insert("schema".to_owned(), AttributeValue::N((SCHEMA + 1).to_string()));
        slot.insert("document".to_owned(), text(&document));
        slot.insert("policy".to_owned(), text(&policy));
        slot.insert("invented_later".to_owned(), AttributeValue::Bool(true));
        bench.put(&slot).await;

        let held = bench.held("orders").await;
        assert_eq!(held.release.schema, SCHEMA + 1);
        let mut release = held.release.clone();
        release.schema = SCHEMA;
        assert_eq!((release, held.policy), (before.release, before.policy));

        let merged = bench.ledger.merge("orders", &fact(1), "rollback#1", at(2)).await;
        assert_eq!(crate::bench::new(merged).release.facts.len(), 1);
    });
}

#[test]
fn a_document_of_a_later_schema_is_left_alone_and_says_what_to_do() {
    on_dynamodb(async |bench| {
        let mut slot = opened(bench).await;
        slot.insert("schema".to_owned(), AttributeValue::N((SCHEMA + 2).to_string()));
        // Nothing in it has to be readable for this build.
        slot.insert("document".to_owned(), text("no JSON of ours"));
        bench.put(&slot).await;
        let error = bench.ledger.read("orders").await.unwrap_err();
        assert!(matches!(&error, LedgerError::LaterSchema { found: 3, .. }), "{error:?}");
        assert_eq!(
            error.to_string(),
            "policy#orders / release has schema 3, this build reads up to 2; deploy the Serin that wrote it, or a later one"
        );
        assert!(!error.may_pass());

        // A fact is merged all the same, for the Serin that can read it.
        let error = bench
            .ledger
            .merge("orders", &fact(1), "rollback#1", at(2))
            .await
            .unwrap_err();
        assert!(matches!(&error, LedgerError::LaterSchema { found: 3, .. }), "{error:?}");
        let slot = bench.slot("orders").await;
        assert_eq!(slot["facts"].as_m().unwrap().len(), 1);
        assert_eq!(number(&slot, "generation"), 2);
    });
}

/// Attribute, what is there instead, and how that is put.
fn damages() -> Vec<(&'static str, Option<AttributeValue>, &'static str)> {
    let number = |digits: &str| Some(AttributeValue::N(digits.to_owned()));
    let member = |value| Some(AttributeValue::M([("alarm a 1".to_owned(), value)].into()));
    vec![
        ("document", Some(text("{\"schema\": 1")), "cannot be read: EOF"),
        ("document", Some(text("{}")), "cannot be read: missing field"),
        ("document", number("1"), "is not a text"),
        ("policy", None, "is not a text"),
        ("policy", Some(text("[]")), "cannot be read: invalid"),
        ("generation", None, "is not a whole number"),
        ("generation", Some(text("1")), "is not a whole number"),
        ("generation", number("1.5"), "is not a whole number"),
        ("generation", number("-1"), "is not a whole number"),
        ("schema", None, "is not a whole number"),
        ("schema", Some(text("one")), "is not a whole number"),
        ("updated", None, "cannot be read"),
        ("updated", Some(text("yesterday")), "cannot be read"),
        ("updated", number("1795230000"), "cannot be read"),
        ("facts", None, "is not a map of texts"),
        ("facts", Some(text("{}")), "is not a map of texts"),
        ("facts", Some(AttributeValue::L(Vec::new())), "is not a map of texts"),
        (
            "facts",
            member(AttributeValue::N("1".to_owned())),
            "is not a map of texts",
        ),
        ("facts", member(text("{")), "cannot be read: EOF"),
        (
            "facts",
            member(text(r#"{"by": "x", "at": "2026-11-21T03:00:00Z", "fact": "rumour"}"#)),
            "unknown variant",
        ),
    ]
}

#[test]
fn a_damaged_row_is_refused_and_names_the_attribute() {
    on_dynamodb(async |bench| {
        let good = opened(bench).await;
        for (attribute, value, problem) in damages() {
            bench.put(&damaged(&good, attribute, value.clone())).await;
            let case = format!("{attribute} is {value:?}");
            let read = bench.ledger.read("orders").await.expect_err(&case);
            assert_damaged(&read, attribute, problem, &case);
        }
        bench.put(&good).await;
        bench.held("orders").await;
    });
}

#[test]
fn a_fact_for_a_damaged_row_is_told_what_is_damaged() {
    on_dynamodb(async |bench| {
        let good = opened(bench).await;
        for (attribute, value, problem) in damages() {
            bench.put(&damaged(&good, attribute, value.clone())).await;
            let case = format!("{attribute} is {value:?}");
            if bench.moto && (attribute, &value) == ("facts", &None) {
                skip("a fact where there is no map of facts, at which moto itself fails");
                continue;
            }
            let merge = bench.ledger.merge("orders", &fact(1), "rollback#1", at(2)).await;
            // Two kinds of damage a fact mends: it writes the time anew, and counts on from -1 to 0.
            if attribute == "updated" || value == Some(AttributeValue::N("-1".to_owned())) {
                assert_eq!(crate::bench::new(merge).release.facts.len(), 1, "{case}");
            } else {
                assert_damaged(&merge.expect_err(&case), attribute, problem, &case);
            }
        }
    });
}

fn damaged(good: &Row, attribute: &str, value: Option<AttributeValue>) -> Row {
    let mut row = good.clone();
    match value {
        Some(value) => drop(row.insert(attribute.to_owned(), value)),
        None => drop(row.remove(attribute)),
    }
    row
}

fn assert_damaged(error: &LedgerError, attribute: &str, problem: &str, case: &str) {
    let LedgerError::Damaged {
        row, attribute: named, ..
    } = error
    else {
        panic!("{case}: {error:?}");
    };
    assert_eq!((row.as_str(), *named), ("policy#orders / release", attribute), "{case}");
    let said = error.to_string();
    assert!(said.contains(problem), "{case}: {said}");
    assert!(
        said.contains("restore the row from point-in-time recovery"),
        "{case}: {said}"
    );
    assert!(!error.may_pass(), "{case}");
}
