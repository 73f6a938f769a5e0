//! GetItem, PutItem, DeleteItem, and conditions on them.

use super::super::table_name;
use super::*;

#[test]
fn an_item_comes_back_as_it_was_put_until_it_is_deleted() {
    let mut world = world();
    assert_eq!(attributes(&mut world, "a", "b"), Value::Null);
    let all = json!({
        "s": {"S": ""}, "n": {"N": "1.5"}, "b": {"B": "AQI="}, "t": {"BOOL": false}, "z": {"NULL": true},
        "l": {"L": []}, "m": {"M": {"": {"S": "x"}}}, "bs": {"BS": ["AQ==", "Ag=="]},
    });
    put(&mut world, "a", "b", all.clone());
    put(&mut world, "a", "c", json!({ "other": {"S": "item"} }));
    assert_eq!(attributes(&mut world, "a", "b"), all);
    put(&mut world, "a", "b", json!({ "new": {"S": "only"} }));
    assert_eq!(
        attributes(&mut world, "a", "b"),
        json!({ "new": {"S": "only"} }),
        "a put replaces all"
    );
    ask(&mut world, "DeleteItem", json!({ "Key": key("a", "b") })).unwrap();
    assert_eq!(attributes(&mut world, "a", "b"), Value::Null);
    ask(&mut world, "DeleteItem", json!({ "Key": key("a", "b") })).expect("deleting what is not there is fine");
    assert_ne!(attributes(&mut world, "a", "c"), Value::Null);
}

#[test]
fn put_and_delete_show_the_old_item_if_asked() {
    let mut world = world();
    let mut item = key("a", "b");
    item["n"] = json!({"N": "1"});
    let input = json!({ "Item": item, "ReturnValues": "ALL_OLD" });
    assert_eq!(ask(&mut world, "PutItem", input.clone()).unwrap(), json!({}));
    assert_eq!(
        ask(&mut world, "PutItem", input).unwrap(),
        json!({ "Attributes": item })
    );
    let input = json!({ "Key": key("a", "b"), "ReturnValues": "ALL_OLD" });
    assert_eq!(
        ask(&mut world, "DeleteItem", input.clone()).unwrap(),
        json!({ "Attributes": item })
    );
    assert_eq!(ask(&mut world, "DeleteItem", input).unwrap(), json!({}));
    for operation in ["PutItem", "DeleteItem"] {
        for wanted in ["UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"] {
            let input = match operation {
                "PutItem" => json!({ "Item": key("a", "b"), "ReturnValues": wanted }),
                _ => json!({ "Key": key("a", "b"), "ReturnValues": wanted }),
            };
            let text = "ReturnValues can only be ALL_OLD or NONE".to_owned();
            assert_eq!(refused(&mut world, operation, input), ("ValidationException", text));
        }
    }
}

#[test]
fn a_condition_that_fails_changes_nothing_and_shows_the_item_only_if_asked() {
    for operation in ["PutItem", "UpdateItem", "DeleteItem"] {
        for (exists, asked, shown) in [(true, true, true), (true, false, false), (false, true, false)] {
            let mut world = world();
            if exists {
                put(&mut world, "a", "b", json!({ "n": {"N": "1"} }));
            }
            let before = attributes(&mut world, "a", "b");
            let mut input = json!({
                "ConditionExpression": "n = :two", "ExpressionAttributeValues": {":two": {"N": "2"}},
                "ReturnValuesOnConditionCheckFailure": if asked { "ALL_OLD" } else { "NONE" },
            });
            input[if operation == "PutItem" { "Item" } else { "Key" }] = key("a", "b");
            let refusal = ask(&mut world, operation, input).unwrap_err();
            assert_eq!(refusal.code, "ConditionalCheckFailedException");
            assert_eq!(refusal.message, "The conditional request failed");
            let mut whole = key("a", "b");
            whole["n"] = json!({"N": "1"});
            assert_eq!(
                refusal.fields.get("Item"),
                shown.then_some(&whole),
                "{operation} {exists} {asked}"
            );
            assert_eq!(attributes(&mut world, "a", "b"), before, "{operation}");
        }
    }
}

#[test]
fn an_sdk_that_repeats_a_conditional_put_finds_its_own_item() {
    let mut world = world();
    let mut item = key("lock", "x");
    item["owner_id"] = json!({"S": "me"});
    let input = json!({
        "Item": item, "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    ask(&mut world, "PutItem", input.clone()).unwrap();
    let refusal = ask(&mut world, "PutItem", input).unwrap_err();
    assert_eq!(refusal.fields["Item"]["owner_id"], json!({"S": "me"}));
}

#[test]
fn projections_show_what_their_paths_lead_to() {
    let mut world = world();
    let doc = json!({"M": {"x": {"N": "1"}, "y": {"N": "2"}, "li": {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}]}}});
    put(
        &mut world,
        "a",
        "b",
        json!({ "n": {"N": "1"}, "name": {"S": "x"}, "doc": doc }),
    );
    for (projection, shown) in [
        ("n", json!({"n": {"N": "1"}})),
        ("pk, sk", key("a", "b")),
        ("gone", json!({})),
        ("#n", json!({"name": {"S": "x"}})),
        ("doc.x", json!({"doc": {"M": {"x": {"N": "1"}}}})),
        (
            "doc.y, n, doc.x",
            json!({"n": {"N": "1"}, "doc": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}}),
        ),
        (
            "doc.li[2], doc.li[0]",
            json!({"doc": {"M": {"li": {"L": [{"S": "0"}, {"S": "2"}]}}}}),
        ),
        ("doc.li[9], doc.x.y, n[0]", json!({})),
    ] {
        let mut input = json!({ "Key": key("a", "b"), "ProjectionExpression": projection });
        if projection.contains('#') {
            input["ExpressionAttributeNames"] = json!({"#n": "name"});
        }
        let reply = ask(&mut world, "GetItem", input).unwrap();
        assert_eq!(reply, json!({ "Item": shown }), "{projection}");
    }
    for (projection, text) in [
        ("n,", "Syntax error; token: \"<EOF>\", near: \",\""),
        ("n + x", "Syntax error; token: \"+\", near: \"n + x\""),
        ("name", "Attribute name is a reserved keyword; reserved keyword: name"),
        (
            "doc, doc.x",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; \
             path one: [doc], path two: [doc, x]",
        ),
        ("size(n)", "Syntax error; token: \"(\", near: \"size(n\""),
    ] {
        let input = json!({ "Key": key("a", "b"), "ProjectionExpression": projection });
        let (code, message) = refused(&mut world, "GetItem", input);
        let text = format!("Invalid ProjectionExpression: {text}");
        assert_eq!((code, message), ("ValidationException", text));
    }
}

#[test]
fn keys_that_are_none_are_refused() {
    let mismatch = "The provided key element does not match the schema";
    let empty = "One or more parameter values are not valid. The AttributeValue for a key attribute \
                 cannot contain an empty string value. Key: sk";
    let long = |length: usize| json!({"S": "x".repeat(length)});
    for (key, text) in [
        (json!({"pk": {"S": "a"}}), mismatch),
        (json!({"pk": {"S": "a"}, "sk": {"N": "1"}}), mismatch),
        (json!({"pk": {"S": "a"}, "rk": {"S": "1"}}), mismatch),
        (json!({"pk": {"S": "a"}, "sk": {"S": "1"}, "x": {"S": "1"}}), mismatch),
        (key("a", ""), empty),
        (
            json!({"pk": long(2049), "sk": {"S": "a"}}),
            "One or more parameter values were invalid: \
             Size of hashkey has exceeded the maximum size limit of2048 bytes",
        ),
        (
            json!({"pk": {"S": "a"}, "sk": long(1025)}),
            "One or more parameter values were invalid: \
             Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
        ),
    ] {
        for operation in ["GetItem", "UpdateItem", "DeleteItem"] {
            let (code, message) = refused(&mut world(), operation, json!({ "Key": key }));
            assert_eq!((code, message.as_str()), ("ValidationException", text), "{operation}");
        }
    }
    for (item, text) in [
        (
            json!({"pk": {"S": "a"}}),
            "One or more parameter values were invalid: Missing the key sk in the item",
        ),
        (
            json!({"pk": {"N": "1"}, "sk": {"S": "a"}}),
            "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N",
        ),
        (key("a", ""), empty),
    ] {
        let (code, message) = refused(&mut world(), "PutItem", json!({ "Item": item }));
        assert_eq!((code, message.as_str()), ("ValidationException", text));
    }
    let mut world = world();
    let longest = json!({"pk": long(2048), "sk": long(1024)});
    ask(&mut world, "PutItem", json!({ "Item": longest })).unwrap();
}

#[test]
fn an_item_is_400_kb_at_most() {
    let mut world = world();
    // Names and keys count as well: "pk", "sk", "text", and one byte for each key.
    let room = 400 * 1024 - (2 + 1 + 2 + 1 + 4);
    let item = |bytes: usize| json!({ "pk": {"S": "a"}, "sk": {"S": "b"}, "text": {"S": "x".repeat(bytes)} });
    ask(&mut world, "PutItem", json!({ "Item": item(room) })).unwrap();
    let (code, message) = refused(&mut world, "PutItem", json!({ "Item": item(room + 1) }));
    assert_eq!(
        (code, message.as_str()),
        ("ValidationException", "Item size has exceeded the maximum allowed size")
    );
    let input = json!({
        "Key": key("a", "b"), "UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "1"}},
    });
    let (code, message) = refused(&mut world, "UpdateItem", input);
    let text = "Item size to update has exceeded the maximum allowed size";
    assert_eq!((code, message.as_str()), ("ValidationException", text));
}

#[test]
fn a_table_that_is_not_there_is_not_found_after_the_request_was_read() {
    let not_found = ("ResourceNotFoundException", "Requested resource not found".to_owned());
    let mut world = world();
    for operation in ["GetItem", "UpdateItem", "DeleteItem"] {
        let input = json!({ "TableName": "none", "Key": key("a", "b") });
        assert_eq!(refused(&mut world, operation, input), not_found, "{operation}");
    }
    let input = json!({ "TableName": "none", "Item": key("a", "b") });
    assert_eq!(refused(&mut world, "PutItem", input), not_found);
    let input = json!({ "TableName": "none", "Key": key("a", "b"), "ConditionExpression": "name = pk" });
    assert_eq!(
        refused(&mut world, "DeleteItem", input).0,
        "ValidationException",
        "expressions come first"
    );
}

#[test]
fn a_table_may_be_named_by_its_arn() {
    let mut world = world();
    put(&mut world, "a", "b", json!({}));
    let arn = world.arn("dynamodb", "table/ledger");
    let reply = ask(&mut world, "GetItem", json!({ "TableName": arn, "Key": key("a", "b") })).unwrap();
    assert_eq!(reply["Item"], key("a", "b"));
    assert_eq!(
        table_name(&json!({ "TableName": "table/x" })),
        "table/x",
        "a name is not half an ARN"
    );
}

#[test]
fn parameters_from_before_expressions_are_refused_rather_than_ignored() {
    let mut world = world();
    for (operation, member, value) in [
        ("PutItem", "Expected", json!({"n": {"Exists": false}})),
        ("UpdateItem", "AttributeUpdates", json!({"n": {"Value": {"N": "1"}}})),
        ("GetItem", "AttributesToGet", json!(["n"])),
        ("DeleteItem", "ConditionalOperator", json!("AND")),
    ] {
        let mut input = json!({ (if operation == "PutItem" { "Item" } else { "Key" }): key("a", "b") });
        input[member] = value;
        let (code, message) = refused(&mut world, operation, input);
        let text = format!("The simulator does not know the legacy parameter {member}");
        assert_eq!((code, message), ("ValidationException", text));
    }
}

#[test]
fn capacity_is_told_to_those_who_ask() {
    let mut world = world();
    let big = json!({ "pk": {"S": "a"}, "sk": {"S": "b"}, "text": {"S": "x".repeat(5000)} });
    let put = json!({ "Item": big, "ReturnConsumedCapacity": "TOTAL" });
    let reply = ask(&mut world, "PutItem", put).unwrap();
    assert_eq!(
        reply["ConsumedCapacity"],
        json!({ "TableName": TABLE, "CapacityUnits": 5.0 })
    );
    for (consistent, units) in [(true, 2.0), (false, 1.0)] {
        let get = json!({
            "Key": key("a", "b"), "ConsistentRead": consistent, "ReturnConsumedCapacity": "INDEXES",
        });
        let reply = ask(&mut world, "GetItem", get).unwrap();
        let wanted = json!({ "TableName": TABLE, "CapacityUnits": units, "Table": {"CapacityUnits": units} });
        assert_eq!(reply["ConsumedCapacity"], wanted);
    }
}
