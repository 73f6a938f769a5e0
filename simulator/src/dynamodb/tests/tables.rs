//! Tables themselves, stale reads, and staging.

use super::*;

fn creation(name: &str) -> Value {
    json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "id", "AttributeType": "N"}, {"AttributeName": "at", "AttributeType": "B"},
        ],
        "KeySchema": [
            {"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"},
        ],
    })
}

#[test]
fn a_table_is_created_before_it_is_active() {
    let mut world = world();
    let reply = ask(&mut world, "CreateTable", creation("orders")).unwrap();
    let table = &reply["TableDescription"];
    assert_eq!(
        (&table["TableStatus"], &table["ItemCount"]),
        (&json!("CREATING"), &json!(0))
    );
    assert_eq!(
        table["TableArn"],
        "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
    );
    let get = json!({ "TableName": "orders", "Key": {"id": {"N": "1"}, "at": {"B": "AQ=="}} });
    assert_eq!(
        refused(&mut world, "GetItem", get.clone()).0,
        "ResourceNotFoundException"
    );
    world.advance_to(world.now.plus_seconds(5));
    let reply = ask(&mut world, "DescribeTable", json!({ "TableName": "orders" })).unwrap();
    assert_eq!(reply["Table"]["TableStatus"], "ACTIVE");
    assert_eq!(reply["Table"]["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(ask(&mut world, "GetItem", get).unwrap(), json!({}));
    let text = "Table already exists: orders".to_owned();
    assert_eq!(
        refused(&mut world, "CreateTable", creation("orders")),
        ("ResourceInUseException", text)
    );
    let text = "Requested resource not found: Table: none not found".to_owned();
    let missing = refused(&mut world, "DescribeTable", json!({ "TableName": "none" }));
    assert_eq!(missing, ("ResourceNotFoundException", text));
}

#[test]
fn tables_that_cannot_be_are_refused() {
    let change = |edit: fn(&mut Value)| {
        let mut input = creation("orders");
        edit(&mut input);
        input
    };
    for (input, text) in [
        (
            change(|input| input["TableName"] = json!("ab")),
            "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: \
             Member must have length greater than or equal to 3",
        ),
        (
            change(|input| input["TableName"] = json!("a table")),
            "1 validation error detected: Value 'a table' at 'tableName' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        ),
        (
            change(|input| input["BillingMode"] = json!("PROVISIONED")),
            "One or more parameter values were invalid: \
             ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
        ),
        (
            change(|input| {
                input["ProvisionedThroughput"] = json!({"ReadCapacityUnits": 1, "WriteCapacityUnits": 1});
            }),
            "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits \
             can be specified when BillingMode is PAY_PER_REQUEST",
        ),
        (
            change(|input| input["KeySchema"][1]["AttributeName"] = json!("on")),
            "One or more parameter values were invalid: Some index key attributes are not defined in \
             AttributeDefinitions. Keys: [id, on], AttributeDefinitions: [id, at]",
        ),
        (
            change(|input| input["KeySchema"][0]["KeyType"] = json!("RANGE")),
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
        ),
        (
            change(|input| input["KeySchema"][1]["KeyType"] = json!("HASH")),
            "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
        ),
        (
            change(|input| input["KeySchema"][1]["AttributeName"] = json!("id")),
            "Both the Hash Key and the Range Key element in the KeySchema have the same name",
        ),
        (
            change(|input| drop(input["KeySchema"].as_array_mut().unwrap().pop())),
            "One or more parameter values were invalid: Number of attributes in KeySchema does not \
             exactly match number of attributes defined in AttributeDefinitions",
        ),
        (
            change(|input| input["StreamSpecification"] = json!({"StreamEnabled": true})),
            "The simulator does not know tables with StreamSpecification",
        ),
    ] {
        let (code, message) = refused(&mut world(), "CreateTable", input);
        assert_eq!((code, message.as_str()), ("ValidationException", text));
    }
}

#[test]
fn keys_of_numbers_and_bytes_are_in_their_own_order() {
    let mut world = world();
    ask(&mut world, "CreateTable", creation("orders")).unwrap();
    world.advance_to(world.now.plus_seconds(5));
    for (id, at) in [("1", "/w=="), ("1.0", "AQ=="), ("10", "AQ=="), ("1e0", "AQI=")] {
        let item = json!({ "id": {"N": id}, "at": {"B": at} });
        ask(&mut world, "PutItem", json!({ "TableName": "orders", "Item": item })).unwrap();
    }
    let query = json!({
        "TableName": "orders", "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"N": "01.00"}},
    });
    let reply = ask(&mut world, "Query", query).unwrap();
    let found: Vec<_> = reply["Items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["at"]["B"].as_str().unwrap())
        .collect();
    assert_eq!(found, ["AQ==", "AQI=", "/w=="]);
}

#[test]
fn a_table_without_sort_key_has_one_item_for_each_key() {
    let mut world = world();
    let mut input = creation("locks");
    input["KeySchema"].as_array_mut().unwrap().pop();
    input["AttributeDefinitions"].as_array_mut().unwrap().pop();
    ask(&mut world, "CreateTable", input).unwrap();
    world.advance_to(world.now.plus_seconds(5));
    for n in ["1", "2"] {
        let item = json!({ "id": {"N": "7"}, "n": {"N": n} });
        ask(&mut world, "PutItem", json!({ "TableName": "locks", "Item": item })).unwrap();
    }
    let query = json!({
        "TableName": "locks", "KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": {"N": "7"}},
    });
    let reply = ask(&mut world, "Query", query).unwrap();
    assert_eq!(reply["Items"], json!([{ "id": {"N": "7"}, "n": {"N": "2"} }]));
}

#[test]
fn items_are_counted_every_six_hours() {
    let mut world = world();
    put(&mut world, "a", "b", json!({}));
    let count = |world: &mut World| {
        let reply = ask(world, "DescribeTable", json!({})).unwrap();
        (
            reply["Table"]["ItemCount"].as_u64().unwrap(),
            reply["Table"]["TableSizeBytes"].as_u64().unwrap(),
        )
    };
    assert_eq!(count(&mut world), (0, 0));
    world.advance_to(world.now.plus_seconds(6 * 3600));
    assert_eq!(count(&mut world), (1, 6));
}

/// The values of `n` that reads see within a minute of asking.
fn seen(world: &mut World, operation: &str, mut input: Value, consistent: bool) -> Vec<String> {
    input["ConsistentRead"] = json!(consistent);
    let mut all = Vec::new();
    for _ in 0..200 {
        let reply = ask(world, operation, input.clone()).unwrap();
        let item = if operation == "GetItem" {
            &reply["Item"]
        } else {
            &reply["Items"][0]
        };
        all.push(item["n"]["N"].as_str().unwrap_or("none").to_owned());
    }
    all.sort();
    all.dedup();
    all
}

#[test]
fn reads_that_need_not_be_consistent_may_be_old_where_that_is_switched_on() {
    let query = json!({
        "KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": {"S": "a"}},
    });
    for (operation, input) in [
        ("GetItem", json!({ "Key": key("a", "b") })),
        ("Query", query),
        ("Scan", json!({})),
    ] {
        let mut world = world();
        world.dynamodb.stale_reads_seconds = 2;
        for n in ["1", "2"] {
            put(&mut world, "a", "b", json!({ "n": {"N": n} }));
            world.advance_to(world.now.plus_seconds(1));
        }
        assert_eq!(seen(&mut world, operation, input.clone(), true), ["2"], "{operation}");
        assert_eq!(
            seen(&mut world, operation, input.clone(), false),
            ["1", "2"],
            "{operation}"
        );
        ask(&mut world, "DeleteItem", json!({ "Key": key("a", "b") })).unwrap();
        assert_eq!(
            seen(&mut world, operation, input.clone(), true),
            ["none"],
            "{operation}"
        );
        assert_eq!(
            seen(&mut world, operation, input.clone(), false),
            ["1", "2"],
            "{operation}"
        );
        world.advance_to(world.now.plus_seconds(1));
        assert_eq!(
            seen(&mut world, operation, input.clone(), false),
            ["2", "none"],
            "{operation}"
        );
        world.advance_to(world.now.plus_seconds(60));
        assert_eq!(seen(&mut world, operation, input, false), ["none"], "{operation}");
    }
}

#[test]
fn reads_are_up_to_date_unless_told_otherwise() {
    let mut world = world();
    put(&mut world, "a", "b", json!({ "n": {"N": "1"} }));
    put(&mut world, "a", "b", json!({ "n": {"N": "2"} }));
    assert_eq!(
        seen(&mut world, "GetItem", json!({ "Key": key("a", "b") }), false),
        ["2"]
    );
}

#[test]
fn staging_shows_all_items_by_key_and_as_plain_json() {
    let mut world = world();
    assert_eq!(world.calls.len(), 0, "staging is no call");
    assert_eq!(world.uuid(), World::new(1).uuid(), "and draws no chance");
    let all = json!({
        "n": {"N": "12"}, "d": {"N": "1.5"}, "big": {"N": "12345678901234567890123"}, "t": {"BOOL": true},
        "l": {"L": [{"S": "x"}, {"NULL": true}]}, "m": {"M": {"x": {"NS": ["1"]}}}, "s": {"SS": ["a"]},
    });
    for (pk, sk) in [("b", "1"), ("a", "2"), ("c", "0"), ("a", "1")] {
        put(&mut world, pk, sk, all.clone());
    }
    let items = stage::items(&world.dynamodb, TABLE);
    let keys: Vec<_> = items.iter().map(|((pk, sk), _)| format!("{pk}{sk}")).collect();
    assert_eq!(keys, ["a1", "a2", "b1", "c0"]);
    assert_eq!(
        stage::plain(&items[0].1),
        json!({
            "pk": "a", "sk": "1", "n": 12, "d": 1.5, "big": "12345678901234567890123", "t": true,
            "l": ["x", null], "m": {"x": [1]}, "s": ["a"],
        })
    );
    assert!(stage::items(&world.dynamodb, "none").is_empty());
}
