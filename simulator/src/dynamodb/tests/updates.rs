//! What update expressions make of an item.

use super::*;

fn before() -> Value {
    json!({
        "n": {"N": "5"}, "s": {"S": "text"}, "tags": {"SS": ["a", "b"]}, "nums": {"NS": ["1", "2"]},
        "li": {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}, {"S": "3"}]},
        "doc": {"M": {"x": {"N": "1"}, "li": {"L": [{"M": {"y": {"N": "2"}}}]}}},
    })
}

fn input(expression: &str) -> Value {
    let all = json!({
        ":one": {"N": "1"}, ":s": {"S": "new"}, ":l": {"L": [{"S": "new"}]}, ":m": {"M": {}},
        ":ab": {"SS": ["a", "b"]}, ":bc": {"SS": ["b", "c"]}, ":nums": {"NS": ["2.0", "3"]}, ":tenth": {"N": "0.1"},
    });
    let used = all.as_object().unwrap().iter().filter(|(name, _)| {
        let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != ':');
        words.into_iter().any(|word| word == name.as_str())
    });
    let used: serde_json::Map<_, _> = used.map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut input = json!({ "Key": key("a", "b"), "UpdateExpression": expression });
    if !used.is_empty() {
        input["ExpressionAttributeValues"] = Value::Object(used);
    }
    input
}

#[test]
fn updates_change_what_they_say_and_nothing_else() {
    let list = |texts: &[&str]| json!({ "L": texts.iter().map(|t| json!({ "S": t })).collect::<Vec<_>>() });
    let doc = |x: Value, y: Value| json!({ "M": {"x": x, "li": {"L": [{"M": {"y": y}}]}} });
    let (one, two) = (json!({"N": "1"}), json!({"N": "2"}));
    for (expression, attribute, after) in [
        ("SET n = :one", "n", json!({"N": "1"})),
        ("SET n = n + :one", "n", json!({"N": "6"})),
        ("SET n = n - :tenth", "n", json!({"N": "4.9"})),
        ("SET n = (n + :one)", "n", json!({"N": "6"})),
        ("SET n = (n) + (:one)", "n", json!({"N": "6"})),
        ("SET n = :one - n", "n", json!({"N": "-4"})),
        ("SET n = if_not_exists(n, :one) + :one", "n", json!({"N": "6"})),
        (
            "SET fresh = if_not_exists(fresh, :one) + :one",
            "fresh",
            json!({"N": "2"}),
        ),
        ("SET fresh = if_not_exists(fresh, n)", "fresh", json!({"N": "5"})),
        ("SET fresh = doc.li[0].y", "fresh", two.clone()),
        // All values are read before any is written.
        ("SET n = s, s = n", "n", json!({"S": "text"})),
        ("SET n = s, s = n", "s", json!({"N": "5"})),
        ("set n = :one remove s", "s", Value::Null),
        ("SET li[1] = :s", "li", list(&["0", "new", "2", "3"])),
        ("SET li[9] = :s", "li", list(&["0", "1", "2", "3", "new"])),
        (
            "SET li[9] = s, li[7] = :s",
            "li",
            list(&["0", "1", "2", "3", "new", "text"]),
        ),
        ("SET li = list_append(li, :l)", "li", list(&["0", "1", "2", "3", "new"])),
        ("SET li = list_append(:l, li)", "li", list(&["new", "0", "1", "2", "3"])),
        (
            "SET fresh = list_append(if_not_exists(fresh, :l), :l)",
            "fresh",
            list(&["new", "new"]),
        ),
        ("SET doc.x = :s", "doc", doc(json!({"S": "new"}), two.clone())),
        ("SET doc.li[0].y = doc.x", "doc", doc(one.clone(), one.clone())),
        ("SET doc = :m", "doc", json!({"M": {}})),
        ("REMOVE n, gone", "n", Value::Null),
        ("REMOVE li[0], li[2], li[9]", "li", list(&["1", "3"])),
        ("REMOVE li[2] SET li[3] = :s", "li", list(&["0", "1", "new"])),
        (
            "REMOVE doc.li[0].y, doc.gone",
            "doc",
            json!({"M": {"x": {"N": "1"}, "li": {"L": [{"M": {}}]}}}),
        ),
        ("ADD n :one", "n", json!({"N": "6"})),
        ("ADD fresh :one", "fresh", one.clone()),
        ("ADD doc.x :one", "doc", doc(two.clone(), two.clone())),
        ("ADD tags :bc", "tags", json!({"SS": ["a", "b", "c"]})),
        ("ADD fresh :bc", "fresh", json!({"SS": ["b", "c"]})),
        ("ADD nums :nums", "nums", json!({"NS": ["1", "2", "3"]})),
        ("DELETE tags :bc", "tags", json!({"SS": ["a"]})),
        ("DELETE tags :ab", "tags", Value::Null),
        ("DELETE fresh :ab", "fresh", Value::Null),
        (
            "SET s = :s ADD n :one DELETE tags :bc REMOVE li",
            "n",
            json!({"N": "6"}),
        ),
    ] {
        let mut world = world();
        put(&mut world, "a", "b", before());
        ask(&mut world, "UpdateItem", input(expression)).unwrap_or_else(|error| panic!("{expression}: {error}"));
        let found = attributes(&mut world, "a", "b");
        assert_eq!(found[attribute], after, "{expression}");
        // What the expression does not name is as it was.
        for (name, value) in before().as_object().unwrap() {
            let named = expression
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| word == name);
            assert!(named || found[name] == *value, "{expression} changed {name}");
        }
    }
}

#[test]
fn what_does_not_fit_the_item_is_refused_and_nothing_is_changed() {
    let wrong_type = "An operand in the update expression has an incorrect data type";
    let no_attribute = "The provided expression refers to an attribute that does not exist in the item";
    let no_path = "The document path provided in the update expression is invalid for update";
    for (expression, text) in [
        ("SET n = s + :one", wrong_type),
        ("SET li = list_append(li, n)", wrong_type),
        ("ADD s :one", wrong_type),
        ("ADD tags :nums", wrong_type),
        ("ADD n :ab", wrong_type),
        ("DELETE nums :ab", wrong_type),
        ("DELETE s :ab", wrong_type),
        ("SET n = gone", no_attribute),
        ("SET n = gone + :one", no_attribute),
        ("SET n = :one, s = doc.gone", no_attribute),
        ("SET gone.x = :one", no_path),
        ("SET s.x = :one", no_path),
        ("SET doc[0] = :one", no_path),
        ("SET li.x = :one", no_path),
        ("SET doc.gone.x = :one", no_path),
        ("SET li[9].x = :one", no_path),
        ("REMOVE gone.x", no_path),
        ("ADD gone.x :one", no_path),
        (
            "SET pk = :s",
            "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key",
        ),
        (
            "REMOVE sk",
            "One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key",
        ),
    ] {
        let mut world = world();
        put(&mut world, "a", "b", before());
        let (code, message) = refused(&mut world, "UpdateItem", input(expression));
        assert_eq!((code, message.as_str()), ("ValidationException", text), "{expression}");
        assert_eq!(attributes(&mut world, "a", "b"), before(), "{expression}");
    }
}

#[test]
fn a_counter_does_not_outgrow_dynamodbs_numbers() {
    let mut world = world();
    put(&mut world, "a", "b", json!({ "n": {"N": "9e125"} }));
    let mut add = input("ADD n :more");
    add["ExpressionAttributeValues"] = json!({ ":more": {"N": "1e125"} });
    let (code, message) = refused(&mut world, "UpdateItem", add);
    let text = "Number overflow. Attempting to store a number with magnitude larger than supported range";
    assert_eq!((code, message.as_str()), ("ValidationException", text));
}

#[test]
fn return_values_are_the_parts_asked_for() {
    let expression = "SET n = n + :one, doc.x = :s, fresh = :one REMOVE tags, li[0]";
    let whole_old = {
        let mut old = before();
        old.as_object_mut()
            .unwrap()
            .extend(key("a", "b").as_object().unwrap().clone());
        old
    };
    let updated_old = json!({
        "n": {"N": "5"}, "doc": {"M": {"x": {"N": "1"}}}, "tags": {"SS": ["a", "b"]}, "li": {"L": [{"S": "0"}]},
    });
    let updated_new = json!({
        "n": {"N": "6"}, "doc": {"M": {"x": {"S": "new"}}}, "fresh": {"N": "1"}, "li": {"L": [{"S": "1"}]},
    });
    for (wanted, shown) in [
        ("NONE", Value::Null),
        ("ALL_OLD", whole_old),
        ("UPDATED_OLD", updated_old),
        ("UPDATED_NEW", updated_new),
    ] {
        let mut world = world();
        put(&mut world, "a", "b", before());
        let mut input = input(expression);
        input["ReturnValues"] = json!(wanted);
        let reply = ask(&mut world, "UpdateItem", input).unwrap();
        assert_eq!(reply["Attributes"], shown, "{wanted}");
    }
    let mut world = world();
    put(&mut world, "a", "b", before());
    let mut input = input(expression);
    input["ReturnValues"] = json!("ALL_NEW");
    let reply = ask(&mut world, "UpdateItem", input).unwrap();
    let get = ask(&mut world, "GetItem", json!({ "Key": key("a", "b") })).unwrap();
    assert_eq!(reply["Attributes"], get["Item"]);
    assert_eq!(get["Item"]["n"], json!({"N": "6"}));
}

#[test]
fn a_first_update_makes_the_item_and_has_no_old_one_to_show() {
    for (wanted, shown) in [
        ("ALL_OLD", Value::Null),
        ("UPDATED_OLD", Value::Null),
        ("UPDATED_NEW", json!({"n": {"N": "1"}})),
        ("ALL_NEW", json!({"n": {"N": "1"}, "pk": {"S": "a"}, "sk": {"S": "b"}})),
    ] {
        let mut world = world();
        let mut input = input("ADD n :one");
        input["ReturnValues"] = json!(wanted);
        let reply = ask(&mut world, "UpdateItem", input).unwrap();
        assert_eq!(reply["Attributes"], shown, "{wanted}");
    }
    let mut world = world();
    ask(
        &mut world,
        "UpdateItem",
        json!({ "Key": key("bare", "") , "ReturnValues": "NONE" }),
    )
    .unwrap_err();
    ask(&mut world, "UpdateItem", json!({ "Key": key("bare", "b") })).unwrap();
    assert_eq!(
        attributes(&mut world, "bare", "b"),
        json!({}),
        "an update without expression makes a bare item"
    );
}
