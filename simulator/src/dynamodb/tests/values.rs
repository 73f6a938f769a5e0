//! Numbers, sets and sizes.

use super::super::number::Number;
use super::super::value::{Item, canonical, compare, item_size};
use super::*;
use std::cmp::Ordering;

#[test]
fn numbers_are_kept_in_plain_notation_without_needless_zeros() {
    for (given, kept) in [
        ("0", "0"),
        ("-0", "0"),
        ("0.000", "0"),
        ("0e99999999999", "0"),
        ("007", "7"),
        ("+7", "7"),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-12.3400", "-12.34"),
        ("15e-1", "1.5"),
        ("1E3", "1000"),
        ("1.23e+1", "12.3"),
        ("1e-4", "0.0001"),
        ("100", "100"),
        (
            "99999999999999999999999999999999999999",
            "99999999999999999999999999999999999999",
        ),
        (
            "0.10000000000000000000000000000000000001",
            "0.10000000000000000000000000000000000001",
        ),
    ] {
        let value = canonical(&json!({ "N": given }));
        assert_eq!(value, Ok(json!({ "N": kept })), "{given}");
    }
    assert_eq!(
        Number::parse("1e125").unwrap().to_string(),
        format!("1{}", "0".repeat(125))
    );
    assert_eq!(
        Number::parse("1e-130").unwrap().to_string(),
        format!("0.{}1", "0".repeat(129))
    );
}

#[test]
fn what_is_no_number_is_refused_in_dynamodbs_words() {
    for (given, text) in [
        ("", "The parameter cannot be converted to a numeric value"),
        ("b", "The parameter cannot be converted to a numeric value: b"),
        ("1 ", "The parameter cannot be converted to a numeric value: 1 "),
        ("-", "The parameter cannot be converted to a numeric value: -"),
        ("1e", "The parameter cannot be converted to a numeric value: 1e"),
        ("NaN", "The parameter cannot be converted to a numeric value: NaN"),
        ("1.2.3", "The parameter cannot be converted to a numeric value: 1.2.3"),
        (
            "123456789012345678901234567890123456789",
            "Attempting to store more than 38 significant digits in a Number",
        ),
        (
            "1e126",
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        (
            "-1e126",
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        (
            "1e99999999999",
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
        (
            "1e-131",
            "Number underflow. Attempting to store a number with magnitude smaller than supported range",
        ),
    ] {
        assert_eq!(canonical(&json!({ "N": given })), Err(text.to_owned()), "{given}");
    }
}

#[test]
fn numbers_compare_by_value() {
    let order = [
        "-1e125", "-10", "-9.5", "-9", "-0.1", "0", "1e-130", "0.1", "0.11", "1", "9", "10", "11", "1e3",
    ];
    for (i, a) in order.iter().enumerate() {
        for (j, b) in order.iter().enumerate() {
            let found = compare(&json!({ "N": a }), &json!({ "N": b }));
            assert_eq!(found, Some(i.cmp(&j)), "{a} and {b}");
        }
    }
}

#[test]
fn sums_are_exact() {
    for (a, b, sum) in [
        ("1", "1", "2"),
        ("0", "0", "0"),
        ("5", "-5", "0"),
        ("-5", "3", "-2"),
        ("3", "-5", "-2"),
        ("-2", "-3", "-5"),
        ("999", "1", "1000"),
        ("0.1", "0.2", "0.3"),
        ("1000", "-0.001", "999.999"),
        ("1e20", "1", "100000000000000000001"),
        (
            "99999999999999999999999999999999999999",
            "1",
            "100000000000000000000000000000000000000",
        ),
    ] {
        let sum_of = Number::parse(a).unwrap().plus(&Number::parse(b).unwrap());
        assert_eq!(sum_of.map(|sum| sum.to_string()), Ok(sum.to_owned()), "{a} + {b}");
    }
    let far_apart = Number::parse("1e100").unwrap().plus(&Number::parse("1").unwrap());
    assert!(far_apart.unwrap_err().contains("38 significant digits"));
}

#[test]
fn values_of_two_types_have_no_order() {
    for (a, b, order) in [
        (json!({"S": "a"}), json!({"S": "b"}), Some(Ordering::Less)),
        (json!({"S": "Z"}), json!({"S": "a"}), Some(Ordering::Less)),
        (json!({"S": "é"}), json!({"S": "z"}), Some(Ordering::Greater)),
        (json!({"S": "10"}), json!({"S": "9"}), Some(Ordering::Less)),
        (json!({"B": "AQ=="}), json!({"B": "/w=="}), Some(Ordering::Less)),
        (json!({"S": "1"}), json!({"N": "1"}), None),
        (json!({"BOOL": true}), json!({"BOOL": true}), None),
        (json!({"L": []}), json!({"L": []}), None),
    ] {
        assert_eq!(compare(&a, &b), order, "{a} and {b}");
    }
}

#[test]
fn what_cannot_be_stored_is_refused_wherever_it_is() {
    let deep = |levels: usize| (0..levels).fold(json!({"S": "x"}), |inner, _| json!({ "L": [inner] }));
    for (value, text) in [
        (
            json!({"SS": []}),
            "One or more parameter values were invalid: An string set  may not be empty",
        ),
        (
            json!({"NS": []}),
            "One or more parameter values were invalid: An number set  may not be empty",
        ),
        (
            json!({"BS": []}),
            "One or more parameter values were invalid: Binary sets should not be empty",
        ),
        (
            json!({"SS": ["a", "b", "a"]}),
            "One or more parameter values were invalid: Input collection [a, b, a] contains duplicates.",
        ),
        (
            json!({"NS": ["1", "1.0"]}),
            "One or more parameter values were invalid: Input collection [1, 1.0] contains duplicates.",
        ),
        (
            json!({"SS": ["a", ""]}),
            "One or more parameter values were invalid: An string set may not have a empty string as a member",
        ),
        (
            json!({"NULL": false}),
            "One or more parameter values were invalid: Null attribute value types must have the value of true",
        ),
        (
            deep(33),
            "Nesting Levels have exceeded supported limits: \
             Attributes in the item have nested levels beyond supported limit",
        ),
    ] {
        for value in [value.clone(), json!({ "M": {"inside": value.clone()} })] {
            let mut item = key("a", "b");
            item["bad"] = value;
            let (code, message) = refused(&mut world(), "PutItem", json!({ "Item": item }));
            assert_eq!((code, message.as_str()), ("ValidationException", text));
        }
    }
    assert!(canonical(&deep(32)).is_ok());
}

#[test]
fn sets_have_no_order_of_their_own() {
    let mut world = world();
    put(&mut world, "a", "b", json!({ "s": {"NS": ["10", "9", "1.50"]} }));
    assert_eq!(
        attributes(&mut world, "a", "b"),
        json!({ "s": {"NS": ["1.5", "9", "10"]} })
    );
    let input = json!({
        "Key": key("a", "b"), "ConditionExpression": "s = :s",
        "ExpressionAttributeValues": {":s": {"NS": ["1.5", "10", "9"]}},
    });
    ask(&mut world, "DeleteItem", input).unwrap();
}

/// As AWS counts them, to the byte: the table of nubo-db/dynamodb-conformance `src/item-size.ts`.
#[test]
fn numbers_take_a_byte_for_two_digits_on_either_side_of_the_point() {
    for (number, size) in [
        ("0", 1),
        ("-0", 1),
        ("1", 2),
        ("12", 2),
        ("123", 3),
        ("1234", 3),
        ("12345678901234567890123456789012345678", 20),
        ("0042", 2),
        ("100", 2),
        ("1010", 3),
        ("0.0000001", 2),
        ("1E125", 2),
        ("1E-100", 2),
        ("1.5", 3),
        ("15", 2),
        ("1.200", 3),
        ("1.234", 4),
        ("3.14159", 5),
        ("123456", 4),
        ("100.5", 4),
        ("0.15", 2),
        ("-42", 3),
    ] {
        assert_eq!(Number::parse(number).unwrap().size(), size, "{number}");
    }
}

#[test]
fn sizes_are_those_of_the_developer_guide() {
    for (value, size) in [
        (json!({"S": "héllo"}), 6),
        (json!({"N": "0"}), 1),
        (json!({"N": "12345"}), 4),
        (json!({"N": "-12345"}), 5),
        (json!({"B": "AQID"}), 3),
        (json!({"BOOL": true}), 1),
        (json!({"NULL": true}), 1),
        (json!({"SS": ["ab", "c"]}), 3),
        (json!({"L": []}), 3),
        (json!({"L": [{"S": "ab"}, {"BOOL": true}]}), 3 + 2 + 2 + 1),
        (json!({"M": {"key": {"S": "ab"}}}), 3 + 1 + 3 + 2),
    ] {
        let item: Item = [("four".to_owned(), value.clone())].into_iter().collect();
        assert_eq!(item_size(&item), 4 + size, "{value}");
    }
}
