//! TransactWriteItems: all or nothing, once per token.

use super::*;

fn transact(world: &mut World, entries: Value) -> Result<Value, Refusal> {
    ask(world, "TransactWriteItems", json!({ "TransactItems": entries }))
}

/// An entry that adds one to `n`, if it is `n`.
fn bump(pk: &str, n: u32) -> Value {
    json!({ "Update": {
        "TableName": TABLE, "Key": key(pk, "x"), "UpdateExpression": "SET n = n + :one",
        "ConditionExpression": "n = :n", "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ExpressionAttributeValues": {":one": {"N": "1"}, ":n": {"N": n.to_string()}},
    }})
}

fn filled() -> World {
    let mut world = world();
    for pk in ["a", "b", "c"] {
        put(&mut world, pk, "x", json!({ "n": {"N": "1"} }));
    }
    world
}

#[test]
fn all_writes_take_effect_together() {
    let mut world = filled();
    let mut new = key("d", "x");
    new["s"] = json!({"S": "new"});
    let entries = json!([
        bump("a", 1),
        {"Put": {"TableName": TABLE, "Item": new, "ConditionExpression": "attribute_not_exists(pk)"}},
        {"Delete": {"TableName": TABLE, "Key": key("b", "x")}},
        {"ConditionCheck": {
            "TableName": TABLE, "Key": key("c", "x"), "ConditionExpression": "attribute_exists(n)",
        }},
    ]);
    assert_eq!(transact(&mut world, entries).unwrap(), json!({}));
    assert_eq!(attributes(&mut world, "a", "x"), json!({ "n": {"N": "2"} }));
    assert_eq!(attributes(&mut world, "b", "x"), Value::Null);
    assert_eq!(attributes(&mut world, "c", "x"), json!({ "n": {"N": "1"} }));
    assert_eq!(attributes(&mut world, "d", "x"), json!({ "s": {"S": "new"} }));
}

#[test]
fn one_failed_condition_cancels_all_and_says_which() {
    let mut world = filled();
    let refusal = transact(&mut world, json!([bump("a", 1), bump("b", 7), bump("gone", 1)])).unwrap_err();
    assert_eq!(refusal.code, "TransactionCanceledException");
    assert_eq!(
        refusal.message,
        "Transaction cancelled, please refer cancellation reasons for specific reasons \
         [None, ConditionalCheckFailed, ConditionalCheckFailed]"
    );
    let mut shown = key("b", "x");
    shown["n"] = json!({"N": "1"});
    let failed = json!({ "Code": "ConditionalCheckFailed", "Message": "The conditional request failed" });
    let mut with_item = failed.clone();
    with_item["Item"] = shown;
    assert_eq!(
        refusal.fields["CancellationReasons"],
        json!([{ "Code": "None" }, with_item, failed])
    );
    for pk in ["a", "b"] {
        assert_eq!(attributes(&mut world, pk, "x"), json!({ "n": {"N": "1"} }));
    }
    assert_eq!(attributes(&mut world, "gone", "x"), Value::Null);
}

#[test]
fn what_an_item_cannot_take_is_a_reason_too() {
    let no_path = "The document path provided in the update expression is invalid for update";
    let update = |expression: &str| json!({ "Update": {"TableName": TABLE, "Key": key("a", "x"), "UpdateExpression": expression} });
    for (entry, text) in [
        (update("REMOVE gone.x"), no_path),
        (
            update("SET s = gone"),
            "The provided expression refers to an attribute that does not exist in the item",
        ),
        (
            json!({ "Delete": {"TableName": TABLE, "Key": {"pk": {"S": "a"}}} }),
            "The provided key element does not match the schema",
        ),
        (
            json!({ "Put": {"TableName": TABLE, "Item": {"pk": {"S": "a"}}} }),
            "One or more parameter values were invalid: Missing the key sk in the item",
        ),
    ] {
        let mut world = filled();
        let refusal = transact(&mut world, json!([bump("b", 1), entry])).unwrap_err();
        assert_eq!(refusal.code, "TransactionCanceledException");
        assert!(
            refusal.message.ends_with("[None, ValidationError]"),
            "{}",
            refusal.message
        );
        let reason = json!({ "Code": "ValidationError", "Message": text });
        assert_eq!(refusal.fields["CancellationReasons"][1], reason);
        assert_eq!(attributes(&mut world, "b", "x"), json!({ "n": {"N": "1"} }));
    }
}

#[test]
fn requests_that_are_none_are_refused_as_a_whole() {
    let check = json!({ "ConditionCheck": {
        "TableName": TABLE, "Key": key("a", "x"), "ConditionExpression": "attribute_exists(n)",
    }});
    let two = json!({ "Delete": {"TableName": TABLE, "Key": key("b", "x")}, "Put": {"TableName": TABLE, "Item": key("b", "x")} });
    let bad = json!({ "Delete": {"TableName": TABLE, "Key": key("b", "x"), "ConditionExpression": "name = pk"} });
    let only_one = "TransactItems can only contain one of Check, Put, Update or Delete";
    for (entries, text) in [
        (
            json!([bump("a", 1), check]),
            "Transaction request cannot include multiple operations on one item",
        ),
        // Even where a condition fails.
        (
            json!([bump("a", 7), check]),
            "Transaction request cannot include multiple operations on one item",
        ),
        (json!([two]), only_one),
        (json!([{}]), only_one),
        (
            json!([bump("a", 7), bad]),
            "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: name",
        ),
    ] {
        let mut world = filled();
        let refusal = transact(&mut world, entries).unwrap_err();
        assert_eq!((refusal.code, refusal.message.as_str()), ("ValidationException", text));
        assert_eq!(attributes(&mut world, "a", "x"), json!({ "n": {"N": "1"} }));
    }
    let mut world = filled();
    let missing = json!([{ "Delete": {"TableName": "none", "Key": key("b", "x")} }]);
    assert_eq!(
        transact(&mut world, missing).unwrap_err().code,
        "ResourceNotFoundException"
    );
    let many = |count: u32| -> Value {
        (0..count)
            .map(|n| json!({ "Put": {"TableName": TABLE, "Item": key("m", &n.to_string())} }))
            .collect()
    };
    assert_eq!(transact(&mut world, many(101)).unwrap_err().code, "ValidationException");
    transact(&mut world, many(100)).unwrap();
}

#[test]
fn the_same_item_in_two_tables_is_two_items() {
    let mut world = filled();
    stage::ledger_table(&mut world, "other");
    let put = |table: &str| json!({ "Put": {"TableName": table, "Item": key("a", "x")} });
    transact(&mut world, json!([put(TABLE), put("other")])).unwrap();
    assert_eq!(stage::items(&world.dynamodb, "other").len(), 1);
    let arn = world.arn("dynamodb", "table/other");
    let refusal = transact(&mut world, json!([put("other"), put(&arn)])).unwrap_err();
    assert_eq!(
        refusal.message,
        "Transaction request cannot include multiple operations on one item"
    );
}

#[test]
fn a_token_makes_a_transaction_take_effect_once_in_ten_minutes() {
    let mut world = filled();
    let request = |expression: &str| {
        json!({ "ClientRequestToken": "once", "TransactItems": [{ "Update": {
            "TableName": TABLE, "Key": key("a", "x"), "UpdateExpression": expression,
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }}]})
    };
    let n = |world: &mut World| attributes(world, "a", "x")["n"]["N"].clone();
    ask(&mut world, "TransactWriteItems", request("ADD n :one")).unwrap();
    world.advance_to(world.now.plus_seconds(599));
    ask(&mut world, "TransactWriteItems", request("ADD n :one")).unwrap();
    assert_eq!(n(&mut world), "2", "the repetition has no effect of its own");
    let (code, _) = refused(&mut world, "TransactWriteItems", request("SET n = :one"));
    assert_eq!(code, "IdempotentParameterMismatchException");
    assert_eq!(n(&mut world), "2");
    world.advance_to(world.now.plus_seconds(1));
    ask(&mut world, "TransactWriteItems", request("ADD n :one")).unwrap();
    assert_eq!(n(&mut world), "3", "after ten minutes the token is forgotten");
}

#[test]
fn a_cancelled_transaction_may_be_tried_again_under_its_token_but_not_changed() {
    let mut world = filled();
    let request = json!({ "ClientRequestToken": "once", "TransactItems": [bump("a", 2)] });
    assert_eq!(
        refused(&mut world, "TransactWriteItems", request.clone()).0,
        "TransactionCanceledException"
    );
    put(&mut world, "a", "x", json!({ "n": {"N": "2"} }));
    let changed = json!({ "ClientRequestToken": "once", "TransactItems": [bump("a", 2), bump("b", 1)] });
    assert_eq!(
        refused(&mut world, "TransactWriteItems", changed.clone()).0,
        "IdempotentParameterMismatchException"
    );
    ask(&mut world, "TransactWriteItems", request).unwrap();
    assert_eq!(attributes(&mut world, "a", "x"), json!({ "n": {"N": "3"} }));
    assert_eq!(attributes(&mut world, "b", "x"), json!({ "n": {"N": "1"} }));
    world.advance_to(world.now.plus_seconds(600));
    put(&mut world, "a", "x", json!({ "n": {"N": "2"} }));
    ask(&mut world, "TransactWriteItems", changed).unwrap();
    assert_eq!(attributes(&mut world, "b", "x"), json!({ "n": {"N": "2"} }));
}

#[test]
fn a_request_that_was_refused_as_a_whole_leaves_its_token_free() {
    let mut world = filled();
    let request = |entries: Value| json!({ "ClientRequestToken": "once", "TransactItems": entries });
    let twice = request(json!([bump("a", 1), bump("a", 1)]));
    assert_eq!(
        refused(&mut world, "TransactWriteItems", twice).0,
        "ValidationException"
    );
    ask(&mut world, "TransactWriteItems", request(json!([bump("a", 1)]))).unwrap();
    assert_eq!(attributes(&mut world, "a", "x"), json!({ "n": {"N": "2"} }));
}

/// AWS's own answers, from nubo-db/dynamodb-conformance `tests/tier3/error-messages/transactWriteItems.test.ts`.
#[test]
fn an_empty_key_is_told_of_the_request_and_a_key_of_another_type_among_the_reasons() {
    let empty = "One or more parameter values are not valid. The AttributeValue for a key attribute \
                 cannot contain an empty string value. Key: pk";
    let mismatch = "The provided key element does not match the schema";
    let put_mismatch = "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N";
    let entry = |kind: &str, pk: &Value| {
        let key = json!({ "pk": pk, "sk": {"S": "x"} });
        match kind {
            "Put" => json!({ "Put": {"TableName": TABLE, "Item": key} }),
            "Update" => json!({ "Update": {"TableName": TABLE, "Key": key, "UpdateExpression": "REMOVE n"} }),
            "Delete" => json!({ "Delete": {"TableName": TABLE, "Key": key} }),
            _ => json!({ "ConditionCheck": {
                "TableName": TABLE, "Key": key, "ConditionExpression": "attribute_not_exists(pk)",
            }}),
        }
    };
    for (kind, text) in [
        ("Put", put_mismatch),
        ("Update", mismatch),
        ("Delete", mismatch),
        ("ConditionCheck", mismatch),
    ] {
        let mut world = filled();
        // Not even a condition that fails is told before it.
        let refusal = transact(&mut world, json!([bump("a", 7), entry(kind, &json!({"S": ""}))])).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.message.as_str()),
            ("ValidationException", empty),
            "{kind}"
        );
        let refusal = transact(&mut world, json!([entry(kind, &json!({"N": "5"}))])).unwrap_err();
        assert_eq!(refusal.code, "TransactionCanceledException", "{kind}");
        let reason = json!({ "Code": "ValidationError", "Message": text });
        assert_eq!(refusal.fields["CancellationReasons"], json!([reason]), "{kind}");
    }
}

/// The other half of `nubo-db/dynamodb-conformance`, `tests/tier3/limits/itemSizeBySurface.test.ts`.
#[test]
fn a_put_too_large_is_told_of_the_request_and_an_update_among_the_reasons() {
    let mut world = filled();
    let text = json!({"S": "x".repeat(400 * 1024)});
    let mut item = key("a", "x");
    item["text"] = text.clone();
    let refusal = transact(&mut world, json!([{ "Put": {"TableName": TABLE, "Item": item} }])).unwrap_err();
    assert_eq!(refusal.code, "ValidationException");
    assert_eq!(refusal.message, "Item size has exceeded the maximum allowed size");
    let update = json!([{ "Update": {
        "TableName": TABLE, "Key": key("a", "x"), "UpdateExpression": "SET #t = :t",
        "ExpressionAttributeNames": {"#t": "text"}, "ExpressionAttributeValues": {":t": text},
    }}]);
    let refusal = transact(&mut world, update).unwrap_err();
    assert_eq!(refusal.code, "TransactionCanceledException");
    assert_eq!(
        refusal.fields["CancellationReasons"][0]["Message"],
        "Item size to update has exceeded the maximum allowed size"
    );
}

#[test]
fn a_transaction_is_four_megabytes_at_most() {
    let mut world = world();
    let entries = |count: usize| -> Value {
        let item = |n: usize| {
            let mut item = key("a", &n.to_string());
            item["text"] = json!({"S": "x".repeat(399 * 1024)});
            item
        };
        (0..count)
            .map(|n| json!({ "Put": {"TableName": TABLE, "Item": item(n)} }))
            .collect()
    };
    assert_eq!(
        transact(&mut world, entries(11)).unwrap_err().code,
        "ValidationException"
    );
    transact(&mut world, entries(10)).unwrap();
    assert_eq!(stage::items(&world.dynamodb, TABLE).len(), 10);
}

#[test]
fn each_write_of_a_transaction_costs_double_and_its_repetition_a_read() {
    let mut world = filled();
    put(
        &mut world,
        "b",
        "x",
        json!({ "n": {"N": "1"}, "text": {"S": "x".repeat(5000)} }),
    );
    let input = json!({
        "TransactItems": [bump("a", 1), bump("b", 1)], "ReturnConsumedCapacity": "TOTAL", "ClientRequestToken": "once",
    });
    // 1 KB and 5 KB to write, 4 KB and 8 KB to read, each twice.
    for units in [2.0 * (1.0 + 5.0), 2.0 * (1.0 + 2.0)] {
        let reply = ask(&mut world, "TransactWriteItems", input.clone()).unwrap();
        assert_eq!(
            reply["ConsumedCapacity"],
            json!([{ "TableName": TABLE, "CapacityUnits": units }])
        );
    }
}
