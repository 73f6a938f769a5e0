//! Choice states.

use super::*;

/// Whether a rule holds: the rule leads to Yes, everything else to No.
fn holds(rule: Value, input: &Value) -> Result<bool, (String, String)> {
    let mut rule = rule;
    rule["Next"] = json!("Yes");
    let states = json!({
        "A": { "Type": "Choice", "Choices": [rule], "Default": "No" },
        "Yes": { "Type": "Pass", "Result": true, "End": true },
        "No": { "Type": "Pass", "Result": false, "End": true },
    });
    let (mut world, execution) = ran(&states, input);
    let reply = describe(&mut world, &execution);
    match reply["output"].as_str() {
        Some(output) => Ok(output == "true"),
        None => Err((words(&reply["error"]), words(&reply["cause"]))),
    }
}

#[test]
fn every_comparison_holds_where_it_should_and_nowhere_else() {
    // Family, three values in ascending order, one of another type.
    let families = [
        ("String", json!(["a", "b", "c"]), json!(1)),
        ("Numeric", json!([-1, 2.5, 3]), json!("2.5")),
        (
            "Timestamp",
            json!([
                "2026-11-21T03:00:00+01:00",
                "2026-11-21T03:00:00Z",
                "2026-11-21T03:00:00.001Z"
            ]),
            json!("2026-11-21"),
        ),
    ];
    // Relation, and whether it holds of what is less, equal, greater.
    let relations = [
        ("Equals", [false, true, false]),
        ("LessThan", [true, false, false]),
        ("GreaterThan", [false, false, true]),
        ("LessThanEquals", [true, true, false]),
        ("GreaterThanEquals", [false, true, true]),
    ];
    for (family, values, stranger) in &families {
        for (relation, wanted) in &relations {
            let operator = format!("{family}{relation}");
            for (index, wanted) in wanted.iter().enumerate() {
                let input = json!({ "v": values[index], "w": values[1] });
                let rule = json!({ "Variable": "$.v", &operator: values[1] });
                assert_eq!(holds(rule, &input), Ok(*wanted), "{operator} {input}");
                let rule = json!({ "Variable": "$.v", format!("{operator}Path"): "$.w" });
                assert_eq!(holds(rule, &input), Ok(*wanted), "{operator}Path {input}");
            }
            let rule = json!({ "Variable": "$.v", &operator: values[1] });
            assert_eq!(
                holds(rule, &json!({ "v": stranger })),
                Ok(false),
                "{operator} {stranger}"
            );
        }
    }
}

#[test]
fn booleans_kinds_and_patterns_are_told_apart() {
    let cases = [
        (json!({ "BooleanEquals": true }), json!(true), true),
        (json!({ "BooleanEquals": true }), json!(false), false),
        (json!({ "BooleanEquals": true }), json!("true"), false),
        (json!({ "BooleanEqualsPath": "$.w" }), json!(false), false),
        (json!({ "IsNull": true }), json!(null), true),
        (json!({ "IsNull": false }), json!(null), false),
        (json!({ "IsNull": true }), json!(0), false),
        (json!({ "IsNumeric": true }), json!(1.5), true),
        (json!({ "IsNumeric": true }), json!("1.5"), false),
        (json!({ "IsString": true }), json!(""), true),
        (json!({ "IsString": false }), json!(1), true),
        (json!({ "IsBoolean": true }), json!(false), true),
        (json!({ "IsBoolean": true }), json!(0), false),
        (json!({ "IsTimestamp": true }), json!("2026-11-21T03:00:00Z"), true),
        (json!({ "IsTimestamp": true }), json!("2026-02-29T03:00:00Z"), false),
        (json!({ "IsTimestamp": true }), json!("2026-11-21T03:00:00"), false),
        (json!({ "IsTimestamp": true }), json!("2026-11-21t03:00:00z"), false),
        (json!({ "StringMatches": "log-*.txt" }), json!("log-2026.txt"), true),
        (json!({ "StringMatches": "log-*.txt" }), json!("log-2026.txt.gz"), false),
        (json!({ "StringMatches": "*a*b*" }), json!("xxaxxbxx"), true),
        (json!({ "StringMatches": "*a*b*" }), json!("xxbxxaxx"), false),
        (json!({ "StringMatches": "a*a" }), json!("a"), false),
        (json!({ "StringMatches": "50\\*" }), json!("50*"), true),
        (json!({ "StringMatches": "50\\*" }), json!("500"), false),
        (json!({ "StringMatches": "*" }), json!(5), false),
    ];
    for (test, value, wanted) in cases {
        let mut rule = test.clone();
        rule["Variable"] = json!("$.v");
        assert_eq!(
            holds(rule, &json!({ "v": value, "w": true })),
            Ok(wanted),
            "{test} of {value}"
        );
    }
}

#[test]
fn presence_guards_what_comes_after_it() {
    let present = json!({ "Variable": "$.v", "IsPresent": true });
    let one = json!({ "Variable": "$.v", "NumericEquals": 1 });
    for (rule, input, wanted) in [
        (present.clone(), json!({ "v": null }), true),
        (present.clone(), json!({}), false),
        (json!({ "Variable": "$.v", "IsPresent": false }), json!({}), true),
        (json!({ "And": [present, one] }), json!({}), false),
        (json!({ "And": [present, one] }), json!({ "v": 1 }), true),
        (json!({ "And": [present, one] }), json!({ "v": 2 }), false),
        (json!({ "Or": [one, present] }), json!({ "v": 2 }), true),
        (json!({ "Or": [one, { "Not": present }] }), json!({ "v": 2 }), false),
        (json!({ "Not": { "And": [present, one] } }), json!({}), true),
    ] {
        assert_eq!(holds(rule.clone(), &input), Ok(wanted), "{rule} of {input}");
    }
    let text = "An error occurred while executing the state 'A' (entered at the event id #2). Invalid path '$.v': The choice state's condition path references an invalid value.";
    assert_eq!(
        holds(one, &json!({})),
        Err(("States.Runtime".to_owned(), text.to_owned()))
    );
}

#[test]
fn the_first_rule_that_holds_decides() {
    let pass = |word: &str| json!({ "Type": "Pass", "Result": word, "End": true });
    let rule = |least: i64, next: &str| json!({ "Variable": "$.n", "NumericGreaterThanEquals": least, "Next": next });
    let states = json!({
        "A": { "Type": "Choice", "Choices": [rule(10, "Ten"), rule(5, "Five"), rule(10, "Never")] },
        "Ten": pass("ten"), "Five": pass("five"), "Never": pass("never"),
    });
    for (number, wanted) in [(10, Some("ten")), (7, Some("five")), (1, None)] {
        let (mut world, execution) = ran(&states, &json!({ "n": number }));
        let reply = describe(&mut world, &execution);
        assert_eq!(
            reply["output"].as_str(),
            wanted.map(|word| format!("{word:?}")).as_deref(),
            "{number}"
        );
        if wanted.is_none() {
            assert_eq!(reply["error"], "States.Runtime");
            assert!(words(&reply["cause"]).ends_with("The state does not point to a next state."));
        }
    }
}
