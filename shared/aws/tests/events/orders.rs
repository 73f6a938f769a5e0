//! What people order, decoded or refused.

use super::{folder, json};
use aws::event::{OrderEvent, OrderKind, order};
use decide::Order;
use serde_json::Value;

fn decoded(payload: &Value) -> Result<OrderEvent, String> {
    order(payload).map_err(|refusal| refusal.to_string())
}

/// An order that is right, with something in it that is not.
fn with(field: &str, value: Value) -> Value {
    let mut payload = folder("order")["abort.json"].clone();
    payload["order"][field] = value;
    payload
}

#[test]
fn each_order_on_file_is_read_as_what_it_is() {
    let expected = [
        ("abort.json", Some(OrderKind::Of(Order::Abort))),
        ("approve.json", Some(OrderKind::Of(Order::Approve))),
        ("freeze.json", Some(OrderKind::Freeze)),
        ("hostile-text.json", Some(OrderKind::Of(Order::Abort))),
        ("of-a-closed-release.json", Some(OrderKind::Of(Order::Abort))),
        ("promote.json", Some(OrderKind::Of(Order::Promote))),
        ("skip.json", Some(OrderKind::Of(Order::Skip))),
        ("thaw.json", Some(OrderKind::Thaw)),
        ("unknown-kind.json", None),
    ];
    let files = folder("order");
    assert_eq!(
        files.keys().map(String::as_str).collect::<Vec<_>>(),
        expected.map(|(file, _)| file)
    );
    for (file, kind) in expected {
        let read = decoded(&files[file]);
        assert_eq!(read.as_ref().ok().map(|order| order.kind), kind, "{file}: {read:?}");
        for order in read.into_iter() {
            assert_eq!(order.policy, "orders", "{file}");
            let of_release = matches!(order.kind, OrderKind::Of(_));
            assert_eq!(order.release.is_some(), of_release, "{file}");
            assert!(
                order.by.ends_with("/ann") && order.why.chars().all(|c| !c.is_control()),
                "{file}: {order:?}"
            );
        }
    }
    let until = decoded(&files["freeze.json"]).unwrap().until;
    assert_eq!(
        until.map(|until| until.to_string()).as_deref(),
        Some("2026-11-21T12:00:00Z")
    );
}

#[test]
fn an_order_that_is_none_is_refused_with_the_place_and_what_to_do() {
    let files = folder("order");
    let mut frozen_until_then = files["abort.json"].clone();
    frozen_until_then["order"]["until"] = json!("2026-11-21T12:00:00Z");
    let mut of_a_release = files["freeze.json"].clone();
    of_a_release["order"]["release"] = json!("orders-1");
    let mut someday = files["freeze.json"].clone();
    someday["order"]["until"] = json!("someday");
    let mut beside = files["abort.json"].clone();
    beside["sweep"] = json!(true);
    let cases = [
        (
            files["unknown-kind.json"].clone(),
            "expected one of abort, approve, promote, skip, freeze, thaw in `order.kind`, found `retry`",
        ),
        (
            json!({"policy": "orders", "order": "abort"}),
            "in `order`, found a text",
        ),
        (beside, "in the payload, found the field `sweep`"),
        (with("force", json!(true)), "in `order`, found the field `force`"),
        (
            with("why", json!("")),
            "expected the reason in `order.why`, found no text",
        ),
        (
            with("why", json!("\u{1b}\u{200b}")),
            "in `order.why`, found nothing that can be read",
        ),
        (
            with("why", json!("a".repeat(501))),
            "of at most 500 characters in `order.why`, found 501 characters",
        ),
        (
            with("by", json!(7)),
            "expected who orders it in `order.by`, found no text",
        ),
        (
            with("by", json!("b".repeat(257))),
            "of at most 256 characters in `order.by`",
        ),
        (with("id", json!("a#b")), "in `order.id`, found `a#b`"),
        (
            with("id", json!("a".repeat(65))),
            "of at most 64 of A-Z a-z 0-9 - in `order.id`",
        ),
        (
            with("release", json!("orders/1")),
            "in `order.release`, found `orders/1`",
        ),
        (
            with("release", json!(null)),
            "expected the id of the open release in `order.release`, found no text",
        ),
        (frozen_until_then, "expected nothing but in a freeze in `order.until`"),
        (
            of_a_release,
            "expected nothing: it is about the policy in `order.release`",
        ),
        (
            someday,
            "expected a time as in 2026-11-23T07:00:00Z in `order.until`, found `someday`",
        ),
    ];
    for (payload, said) in cases {
        let refusal = decoded(&payload).expect_err(said);
        assert!(refusal.contains(said), "{refusal}");
        assert!(
            refusal.contains("events/order") && refusal.chars().all(|c| !c.is_control()),
            "{refusal}"
        );
    }
    assert_eq!(
        decoded(&with("why", json!("a".repeat(500)))).map(|order| order.why.len()),
        Ok(500)
    );
}
