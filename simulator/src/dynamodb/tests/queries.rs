//! Query, Scan and BatchGetItem: which items, in which order, on which pages.

use super::*;

/// Ten items under `p`, with a sort key and `n` each, and two elsewhere.
fn filled() -> World {
    let mut world = world();
    for n in 0..10 {
        put(
            &mut world,
            "p",
            &format!("entry#{n}"),
            json!({ "n": {"N": n.to_string()} }),
        );
    }
    put(&mut world, "p", "freeze", json!({ "n": {"N": "10"} }));
    put(&mut world, "q", "entry#0", json!({ "n": {"N": "11"} }));
    put(&mut world, "o", "entry#0", json!({ "n": {"N": "12"} }));
    world
}

/// The condition, with those of the values in it that it uses.
fn keyed(condition: &str) -> Value {
    let mut input = json!({ "KeyConditionExpression": condition, "ExpressionAttributeValues": {} });
    for (name, value) in [
        (":p", json!({"S": "p"})),
        (":e", json!({"S": "entry#"})),
        (":3", json!({"S": "entry#3"})),
        (":5", json!({"S": "entry#5"})),
        (":n", json!({"N": "5"})),
        (":0", json!({"S": ""})),
    ] {
        if condition.contains(name) {
            input["ExpressionAttributeValues"][name] = value;
        }
    }
    if input["ExpressionAttributeValues"] == json!({}) {
        input["ExpressionAttributeValues"] = Value::Null;
    }
    input
}

fn numbers(reply: &Value) -> Vec<u64> {
    let items = reply["Items"].as_array().unwrap();
    assert_eq!(reply["Count"], json!(items.len()));
    items
        .iter()
        .map(|item| item["n"]["N"].as_str().unwrap().parse().unwrap())
        .collect()
}

#[test]
fn key_conditions_choose_a_run_of_sort_keys_in_order() {
    let mut world = filled();
    for (condition, found) in [
        ("pk = :p", vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        (":p = pk", vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("pk = :p AND sk = :3", vec![3]),
        ("sk = :3 AND pk = :p", vec![3]),
        ("(pk = :p) AND (sk = :3)", vec![3]),
        ("pk = :p AND sk < :3", vec![0, 1, 2]),
        ("pk = :p AND sk <= :3", vec![0, 1, 2, 3]),
        ("pk = :p AND :3 > sk", vec![0, 1, 2]),
        ("pk = :p AND sk > :5", vec![6, 7, 8, 9, 10]),
        ("pk = :p AND sk >= :5", vec![5, 6, 7, 8, 9, 10]),
        ("pk = :p AND sk BETWEEN :3 AND :5", vec![3, 4, 5]),
        ("pk = :p AND begins_with(sk, :e)", vec![0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("pk = :e", vec![]),
    ] {
        let reply = ask(&mut world, "Query", keyed(condition)).unwrap_or_else(|error| panic!("{condition}: {error}"));
        assert_eq!(numbers(&reply), found, "{condition}");
        assert_eq!(
            (&reply["ScannedCount"], &reply["LastEvaluatedKey"]),
            (&json!(found.len()), &Value::Null)
        );
        let mut backward = keyed(condition);
        backward["ScanIndexForward"] = json!(false);
        let reply = ask(&mut world, "Query", backward).unwrap();
        assert_eq!(
            numbers(&reply),
            found.into_iter().rev().collect::<Vec<_>>(),
            "{condition} backward"
        );
    }
}

#[test]
fn key_conditions_that_no_key_can_answer_are_refused() {
    let mut world = filled();
    for (condition, text) in [
        ("sk = :3", "Query condition missed key schema element: pk"),
        ("pk = :p AND n = :n", "Query condition missed key schema element: sk"),
        ("pk > :p", "Query key condition not supported"),
        ("begins_with(pk, :p)", "Query key condition not supported"),
        (
            "pk = :p AND pk = :e",
            "KeyConditionExpressions must only contain one condition per key",
        ),
        (
            "pk = :p AND sk = :3 AND n = :n",
            "Conditions can be of length 1 or 2 only",
        ),
        (
            "pk = :p OR pk = :e",
            "Invalid operator used in KeyConditionExpression: OR",
        ),
        ("NOT pk = :p", "Invalid operator used in KeyConditionExpression: NOT"),
        (
            "pk = :p AND sk <> :3",
            "Invalid operator used in KeyConditionExpression: <>",
        ),
        (
            "pk = :p AND sk IN (:3)",
            "Invalid operator used in KeyConditionExpression: IN",
        ),
        (
            "pk = :p AND contains(sk, :3)",
            "Invalid operator used in KeyConditionExpression: contains",
        ),
        (
            "pk = :p AND attribute_exists(sk)",
            "Invalid operator used in KeyConditionExpression: attribute_exists",
        ),
        (
            "pk = :p AND size(sk) = :n",
            "Invalid operator used in KeyConditionExpression: size",
        ),
        (
            "pk.a = :p",
            "KeyConditionExpressions cannot have conditions on nested attributes",
        ),
        (
            "pk = sk",
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
        ),
        (
            "pk = :p AND :3 = :5",
            "Invalid condition in KeyConditionExpression: No key attribute specified",
        ),
        (
            "pk = :p AND begins_with(:3, sk)",
            "Invalid condition in KeyConditionExpression: \
             begins_with operator must have the key attribute as its first operand",
        ),
        (
            "pk = :n",
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            "pk = :p AND sk < :n",
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            "pk = :0",
            "One or more parameter values are not valid. The AttributeValue for a key attribute \
             cannot contain an empty string value. Key: pk",
        ),
        (
            "pk = :p AND begins_with(sk, :0)",
            "One or more parameter values are not valid. The AttributeValue for a key attribute \
             cannot contain an empty string value. Key: sk",
        ),
        (
            "pk = :p AND sk BETWEEN :0 AND :3",
            "One or more parameter values are not valid. The AttributeValue for a key attribute \
             cannot contain an empty string value. Key: sk",
        ),
        (
            "pk =",
            "Invalid KeyConditionExpression: Syntax error; token: \"<EOF>\", near: \"=\"",
        ),
    ] {
        let (code, message) = refused(&mut world, "Query", keyed(condition));
        assert_eq!((code, message.as_str()), ("ValidationException", text), "{condition}");
    }
    let (_, message) = refused(&mut world, "Query", json!({}));
    let text = "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.";
    assert_eq!(message, text);
}

/// All pages of a listing, one after the other.
fn pages(world: &mut World, operation: &str, mut input: Value) -> Vec<Vec<u64>> {
    let mut all = Vec::new();
    loop {
        let reply = ask(world, operation, input.clone()).unwrap();
        all.push(numbers(&reply));
        assert!(all.len() < 100, "paging never ends");
        if reply["LastEvaluatedKey"].is_null() {
            return all;
        }
        input["ExclusiveStartKey"] = reply["LastEvaluatedKey"].clone();
    }
}

#[test]
fn pages_end_at_the_limit_even_where_nothing_follows() {
    let mut world = filled();
    let mut input = keyed("pk = :p AND sk <= :5");
    input["Limit"] = json!(4);
    assert_eq!(
        pages(&mut world, "Query", input.clone()),
        [vec![0, 1, 2, 3], vec![4, 5]]
    );
    input["Limit"] = json!(3);
    assert_eq!(
        pages(&mut world, "Query", input.clone()),
        [vec![0, 1, 2], vec![3, 4, 5], vec![]]
    );
    input["ScanIndexForward"] = json!(false);
    assert_eq!(
        pages(&mut world, "Query", input.clone()),
        [vec![5, 4, 3], vec![2, 1, 0], vec![]]
    );
    input["Limit"] = json!(100);
    world.page_size = Some(4);
    assert_eq!(
        pages(&mut world, "Query", input),
        [vec![5, 4, 3, 2], vec![1, 0]],
        "the world's pages are smaller"
    );
}

#[test]
fn filters_come_after_the_limit() {
    let mut world = filled();
    let mut input = keyed("pk = :p");
    input["FilterExpression"] = json!("n >= :n");
    input["ExpressionAttributeValues"][":n"] = json!({"N": "5"});
    input["Limit"] = json!(3);
    let first = ask(&mut world, "Query", input.clone()).unwrap();
    assert_eq!((&first["Count"], &first["ScannedCount"]), (&json!(0), &json!(3)));
    assert_eq!(
        first["LastEvaluatedKey"],
        key("p", "entry#2"),
        "an empty page is not the last"
    );
    assert_eq!(pages(&mut world, "Query", input.clone()).concat(), [5, 6, 7, 8, 9, 10]);
    input["FilterExpression"] = json!("begins_with(sk, :e)");
    input["ExpressionAttributeValues"] = json!({":p": {"S": "p"}, ":e": {"S": "e"}});
    let text = "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk";
    assert_eq!(refused(&mut world, "Query", input).1, text);
}

#[test]
fn a_start_must_be_where_an_earlier_page_could_end() {
    let mut world = filled();
    for (start, text) in [
        (
            key("q", "entry#0"),
            "The provided starting key is outside query boundaries based on provided conditions",
        ),
        (
            key("p", "entry#0"),
            "The provided starting key does not match the range key predicate",
        ),
        (
            json!({"pk": {"S": "p"}}),
            "The provided starting key is invalid: The provided key element does not match the schema",
        ),
    ] {
        let mut input = keyed("pk = :p AND sk > :5");
        input["ExclusiveStartKey"] = start;
        assert_eq!(
            refused(&mut world, "Query", input),
            ("ValidationException", text.to_owned())
        );
    }
    let mut input = keyed("pk = :p AND sk > :5");
    input["ExclusiveStartKey"] = key("p", "entry#77");
    let reply = ask(&mut world, "Query", input).unwrap();
    assert_eq!(numbers(&reply), [8, 9, 10], "the item itself need not be there");
}

#[test]
fn replies_hold_what_select_and_projection_ask_for() {
    let mut world = filled();
    let mut input = keyed("pk = :p AND sk <= :3");
    input["Select"] = json!("COUNT");
    let reply = ask(&mut world, "Query", input.clone()).unwrap();
    assert_eq!(reply, json!({ "Count": 4, "ScannedCount": 4 }));
    input["Select"] = json!("SPECIFIC_ATTRIBUTES");
    input["ProjectionExpression"] = json!("sk");
    let reply = ask(&mut world, "Query", input.clone()).unwrap();
    assert_eq!(reply["Items"][1], json!({ "sk": {"S": "entry#1"} }));
    for (select, projects, text) in [
        (
            "SPECIFIC_ATTRIBUTES",
            false,
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
        ),
        (
            "COUNT",
            true,
            "Cannot specify the ProjectionExpression when choosing to get only the Count",
        ),
        (
            "ALL_ATTRIBUTES",
            true,
            "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES",
        ),
        (
            "ALL_PROJECTED_ATTRIBUTES",
            false,
            "One or more parameter values were invalid: \
             ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
        ),
    ] {
        input["Select"] = json!(select);
        input["ProjectionExpression"] = if projects { json!("sk") } else { Value::Null };
        assert_eq!(refused(&mut world, "Query", input.clone()).1, text);
    }
    let mut indexed = keyed("pk = :p");
    indexed["IndexName"] = json!("by_n");
    let text = "The table does not have the specified index: by_n";
    assert_eq!(refused(&mut world, "Query", indexed).1, text);
}

#[test]
fn a_page_ends_after_a_megabyte() {
    let mut world = world();
    for n in 0..5 {
        let text = "x".repeat(300 * 1024);
        put(
            &mut world,
            "p",
            &n.to_string(),
            json!({ "n": {"N": n.to_string()}, "text": {"S": text} }),
        );
    }
    assert_eq!(
        pages(&mut world, "Query", keyed("pk = :p")),
        [vec![0, 1, 2, 3], vec![4]]
    );
}

#[test]
fn a_scan_sees_every_item_once_in_an_order_that_is_not_that_of_the_keys() {
    let mut world = world();
    for n in 0..40 {
        put(
            &mut world,
            &format!("p{n:02}"),
            "x",
            json!({ "n": {"N": n.to_string()} }),
        );
    }
    let whole = numbers(&ask(&mut world, "Scan", json!({})).unwrap());
    assert!(!whole.is_sorted(), "partitions lie in the order of their hash");
    let mut sorted = whole.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..40).collect::<Vec<_>>());
    world.page_size = Some(7);
    assert_eq!(pages(&mut world, "Scan", json!({})).concat(), whole);
    let mut parallel = Vec::new();
    for segment in 0..3 {
        let found = pages(&mut world, "Scan", json!({ "Segment": segment, "TotalSegments": 3 })).concat();
        assert!(found.len() < 40);
        parallel.extend(found);
    }
    assert_eq!(parallel, whole, "segments lie side by side");
    let filtered = json!({
        "FilterExpression": "begins_with(pk, :p)", "ExpressionAttributeValues": {":p": {"S": "p3"}},
    });
    assert_eq!(
        pages(&mut world, "Scan", filtered).concat().len(),
        10,
        "a scan may filter on keys"
    );
    let beyond = json!({ "Segment": 3, "TotalSegments": 3 });
    assert!(
        refused(&mut world, "Scan", beyond)
            .1
            .contains("3 is not less than TotalSegments: 3")
    );
}

#[test]
fn a_batch_gets_what_is_there() {
    let mut world = filled();
    let keys = json!([key("p", "entry#1"), key("q", "entry#0"), key("p", "gone")]);
    let input = json!({ "RequestItems": { TABLE: {"Keys": keys, "ProjectionExpression": "n"} } });
    let reply = ask(&mut world, "BatchGetItem", input).unwrap();
    let mut found: Vec<&str> = Vec::new();
    for item in reply["Responses"][TABLE].as_array().unwrap() {
        found.extend(item["n"]["N"].as_str());
    }
    found.sort_unstable();
    assert_eq!((found, &reply["UnprocessedKeys"]), (vec!["1", "11"], &json!({})));
    for (keys, text) in [
        (
            json!([key("p", "1"), key("p", "1")]),
            "Provided list of item keys contains duplicates",
        ),
        (
            json!([{"pk": {"S": "p"}}]),
            "The provided key element does not match the schema",
        ),
    ] {
        let input = json!({ "RequestItems": { TABLE: {"Keys": keys} } });
        assert_eq!(
            refused(&mut world, "BatchGetItem", input),
            ("ValidationException", text.to_owned())
        );
    }
    let input = json!({ "RequestItems": { "none": {"Keys": [key("p", "1")]} } });
    assert_eq!(
        refused(&mut world, "BatchGetItem", input).0,
        "ResourceNotFoundException"
    );
    stage::ledger_table(&mut world, "other");
    let many: Vec<Value> = (0..51).map(|n| key("p", &n.to_string())).collect();
    let input = json!({ "RequestItems": { TABLE: {"Keys": many}, "other": {"Keys": many} } });
    assert_eq!(
        refused(&mut world, "BatchGetItem", input).1,
        "Too many items requested for the BatchGetItem call"
    );
}

#[test]
fn what_does_not_fit_into_a_batch_is_left_for_the_next() {
    let mut world = world();
    let keys: Vec<Value> = (0..50).map(|n| key("p", &n.to_string())).collect();
    for n in 0..50 {
        put(
            &mut world,
            "p",
            &n.to_string(),
            json!({ "text": {"S": "x".repeat(390 * 1024)} }),
        );
    }
    let input = json!({ "RequestItems": { TABLE: {"Keys": keys, "ConsistentRead": true} } });
    let first = ask(&mut world, "BatchGetItem", input).unwrap();
    let left = &first["UnprocessedKeys"];
    let got = first["Responses"][TABLE].as_array().unwrap().len();
    assert_eq!((got, left[TABLE]["Keys"].as_array().unwrap().len()), (42, 8));
    let second = ask(&mut world, "BatchGetItem", json!({ "RequestItems": left })).unwrap();
    assert_eq!(second["Responses"][TABLE].as_array().unwrap().len(), 8);
    assert_eq!(second["UnprocessedKeys"], json!({}));
}
