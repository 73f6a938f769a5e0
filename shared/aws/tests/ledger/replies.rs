//! Replies that neither simulator nor moto gives, because several must be at work at one row: as the
//! DynamoDB API reference words them.

use crate::bench::{new, refused, simulated};
use crate::made::{at, bake, fact, policy, release};
use aws::ledger::{Commit, Held, Ledger, LedgerError};
use aws::{Clients, Why};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use simulator::Sim;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// A DynamoDB that gives these replies one after the other, the last again and again.
#[derive(Clone, Debug)]
struct Says(Arc<Mutex<Said>>);

#[derive(Debug)]
struct Said {
    replies: VecDeque<Value>,
    asked: u32,
}

impl Says {
    fn these(replies: &[Value]) -> Says {
        Says(Arc::new(Mutex::new(Said {
            replies: replies.to_vec().into(),
            asked: 0,
        })))
    }

    fn asked(&self) -> u32 {
        self.0.lock().unwrap().asked
    }
}

impl HttpConnector for Says {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let mut said = self.0.lock().unwrap();
        said.asked += 1;
        let reply = if said.replies.len() > 1 {
            said.replies.pop_front().unwrap()
        } else {
            said.replies[0].clone()
        };
        let status = if reply.get("__type").is_some() { 400 } else { 200 };
        let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(reply.to_string()));
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Says {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn error(name: &str, text: &str) -> Value {
    json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{name}"), "message": text, "Message": text})
}

/// `Code` of `CancellationReasons`, which stand in the order of the transaction's items.
fn cancelled(codes: &[&str]) -> Value {
    let text = "Transaction cancelled, please refer cancellation reasons for specific reasons";
    let reasons: Vec<Value> = codes
        .iter()
        .map(|code| match *code {
            "None" => json!({"Code": "None"}),
            code => json!({"Code": code, "Message": format!("about {code}")}),
        })
        .collect();
    let mut reply = error(
        "TransactionCanceledException",
        &format!("{text} [{}]", codes.join(", ")),
    );
    reply["CancellationReasons"] = json!(reasons);
    reply
}

fn conflict() -> Value {
    error("TransactionConflictException", "Transaction is ongoing for the item")
}

/// Runs under the virtual clock, with a ledger that gets these replies; and how long it took, in milliseconds.
fn told<T>(says: &Says, law: impl AsyncFnOnce(&Ledger) -> T) -> (T, i64) {
    let sim = Sim::new(1);
    let configuration = simulated(&sim.invocation("ledger"))
        .into_builder()
        .http_client(says.clone())
        .build();
    let ledger = Ledger::new(Clients::new(&configuration, "ledger").dynamodb, "serin".to_owned());
    let before = sim.world().now;
    let answer = sim.block_on(law(&ledger));
    let took = sim.world().now.0 - before.0;
    (answer, took)
}

fn held() -> Held {
    Held {
        policy: policy("orders", &["a"]),
        release: release("r1"),
        generation: 1,
        updated: at(0),
        later: Default::default(),
    }
}

/// The slot after the fact, as UpdateItem returns it.
fn merged() -> Value {
    let held = held();
    let document = serde_json::to_string(&held.release).unwrap();
    let policy = serde_json::to_string(&held.policy).unwrap();
    json!({"Attributes": {
        "pk": {"S": "policy#orders"}, "sk": {"S": "release"}, "schema": {"N": "1"}, "generation": {"N": "2"},
        "document": {"S": document}, "policy": {"S": policy}, "facts": {"M": {}},
        "updated": {"S": "2026-11-21T03:00:00.000Z"},
    }})
}

#[test]
fn a_fact_waits_for_the_transaction_that_holds_the_row() {
    let says = Says::these(&[conflict(), conflict(), conflict(), conflict(), merged()]);
    let merge = async |ledger: &Ledger| ledger.merge("orders", &fact(1), "rollback#1", at(1)).await;
    let (merge, took) = told(&says, merge);
    assert_eq!(new(merge).generation, 2);
    assert_eq!(says.asked(), 5);
    // A transaction takes tens of milliseconds; asking again at once would meet the same one.
    assert!((100..1_000).contains(&took), "{took} ms");
}

#[test]
fn a_fact_that_meets_transactions_only_is_left_to_the_next_trigger() {
    let says = Says::these(&[conflict()]);
    let merge = async |ledger: &Ledger| ledger.merge("orders", &fact(1), "rollback#1", at(1)).await;
    let (merge, _) = told(&says, merge);
    let error = merge.unwrap_err();
    assert!(matches!(&error, LedgerError::Contended { times: 5, .. }), "{error:?}");
    assert!(error.may_pass());
    assert_eq!(says.asked(), 5);
    let expected = "policy#orders / release was written by others 5 times while deciding; the next trigger tries again";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_decision_is_lost_to_whoever_holds_the_row() {
    let cases = [
        cancelled(&["ConditionalCheckFailed", "None"]),
        cancelled(&["TransactionConflict", "None"]),
        cancelled(&["None", "TransactionConflict"]),
        cancelled(&["ConditionalCheckFailed", "TransactionConflict"]),
    ];
    for reply in cases {
        let says = Says::these(std::slice::from_ref(&reply));
        let commit = async |ledger: &Ledger| {
            ledger
                .commit(&held(), &bake(&release("r1"), 0), &held().policy, at(1))
                .await
        };
        assert_eq!(told(&says, commit).0.unwrap(), Commit::Lost, "{reply}");
        assert_eq!(says.asked(), 1, "{reply}");
    }
}

#[test]
fn a_decision_that_the_table_cannot_take_is_no_race_that_was_lost() {
    let cases = [
        ("ThrottlingError", Why::Throttled),
        ("ProvisionedThroughputExceeded", Why::Throttled),
        ("ValidationError", Why::Refused),
        ("ItemCollectionSizeLimitExceeded", Why::Refused),
    ];
    for (code, why) in cases {
        let says = Says::these(&[cancelled(&["None", code])]);
        let commit = async |ledger: &Ledger| {
            ledger
                .commit(&held(), &bake(&release("r1"), 0), &held().policy, at(1))
                .await
        };
        let refused = refused(told(&says, commit).0);
        assert_eq!(
            (refused.operation, refused.why),
            ("TransactWriteItems", why),
            "{refused}"
        );
        assert!(refused.is(code), "{refused}");
        assert_eq!(refused.message, format!("about {code}"));
    }
}
