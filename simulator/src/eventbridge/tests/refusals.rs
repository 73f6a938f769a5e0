//! What staging refuses.

use crate::eventbridge::stage::{rule, schedule};
use crate::eventbridge::{Pattern, Target};
use crate::world::World;
use serde_json::{Value, json};

fn reason(pattern: &Value) -> String {
    let refusal = Pattern::parse(pattern).expect_err(&pattern.to_string());
    assert_eq!(refusal.code, "InvalidEventPatternException");
    let reason = refusal.message.strip_prefix("Event pattern is not valid. Reason: ");
    reason.unwrap_or_else(|| panic!("{refusal}")).to_owned()
}

#[test]
fn patterns_that_eventbridge_would_not_take() {
    let cases = [
        (json!([]), "Filter is not an object"),
        (json!("text"), "Filter is not an object"),
        (json!({}), "Empty objects are not allowed"),
        (json!({"detail": {}}), "Empty objects are not allowed"),
        (json!({"source": []}), "Empty arrays are not allowed: \"source\""),
        (json!({"source": "aws.ecs"}), "\"source\" must be an object or an array"),
        (
            json!({"source": [["aws.ecs"]]}),
            "An array within an array is no match value",
        ),
        (json!({"source": [{}]}), "Empty objects are not allowed"),
        (
            json!({"source": [{"contains": "x"}]}),
            "Unrecognized match type contains",
        ),
        (json!({"ip": [{"cidr": "10.0.0.0/8"}]}), "Unrecognized match type cidr"),
        (
            json!({"a": [{"prefix": "x", "suffix": "y"}]}),
            "Only one key allowed in match expression",
        ),
        (json!({"a": [{"prefix": 1}]}), "prefix match pattern must be a string"),
        (
            json!({"a": [{"prefix": {"wildcard": "x"}}]}),
            "Unsupported match type wildcard inside prefix",
        ),
        (
            json!({"a": [{"suffix": null}]}),
            "suffix match pattern must be a string",
        ),
        (
            json!({"a": [{"equals-ignore-case": ["x"]}]}),
            "equals-ignore-case match pattern must be a string",
        ),
        (json!({"a": [{"wildcard": "x**y"}]}), "Consecutive wildcard characters"),
        (
            json!({"a": [{"wildcard": "x\\y"}]}),
            "Invalid escape character in wildcard",
        ),
        (
            json!({"a": [{"exists": "true"}]}),
            "exists match pattern must be either true or false.",
        ),
        (
            json!({"a": [{"numeric": 5}]}),
            "Value of numeric must be an array of comparisons",
        ),
        (
            json!({"a": [{"numeric": [">"]}]}),
            "Numeric comparison without a number",
        ),
        (
            json!({"a": [{"numeric": ["!=", 5]}]}),
            "Unrecognized numeric range operator: !=",
        ),
        (
            json!({"a": [{"numeric": [">", "5"]}]}),
            "Value of a numeric comparison must be a number",
        ),
        (
            json!({"a": [{"numeric": [">", 6.0e9]}]}),
            "Value must be between -5.0E9 and 5.0E9, inclusive",
        ),
        (
            json!({"a": [{"numeric": [">", 5, "<", 5]}]}),
            "Bottom must be less than top",
        ),
        (
            json!({"a": [{"numeric": [">", 5, "<", 4]}]}),
            "Bottom must be less than top",
        ),
        (json!({"a": [{"anything-but": []}]}), "Empty arrays are not allowed"),
        (
            json!({"a": [{"anything-but": {"numeric": [">", 1]}}]}),
            "Unsupported anything-but pattern: numeric",
        ),
        (
            json!({"a": [{"anything-but": {"prefix": ""}}]}),
            "Null prefix/suffix not allowed",
        ),
        (json!({"$or": {"a": ["x"]}}), "\"$or\" must be an array of objects"),
        (json!({"$or": [{"a": ["x"]}]}), "\"$or\" needs two alternatives or more"),
        (json!({"$or": [{"a": ["x"]}, {}]}), "Empty objects are not allowed"),
        (
            json!({"$or": [{"a": ["x"]}, {"prefix": ["x"]}]}),
            "\"prefix\" is no field name below \"$or\"",
        ),
    ];
    for (pattern, expected) in cases {
        assert_eq!(reason(&pattern), expected, "{pattern}");
    }
    let mixed = "Inside anything but list, either all values are number or string, mixed type is not supported";
    for operand in [json!(["a", 1]), json!(true), json!(null), json!([true])] {
        assert_eq!(reason(&json!({"a": [{"anything-but": operand}]})), mixed);
    }
    for operand in [json!(["<", 5, ">", 1]), json!(["=", 5, "=", 5]), json!([])] {
        let range = "Bad numeric range: one comparison, or a lower and then an upper bound";
        assert_eq!(reason(&json!({"a": [{"numeric": operand}]})), range);
    }
}

#[test]
fn alternatives_may_multiply_to_a_thousand_and_no_further() {
    let choice = |size: usize| -> Value { (0..size).map(|n| json!({"a": [n]})).collect() };
    let pattern = |second: usize| json!({"$or": choice(40), "detail": {"$or": choice(second)}});
    assert!(Pattern::parse(&pattern(25)).is_ok());
    assert_eq!(reason(&pattern(26)), "Rule has 1040 combinations");
}

#[test]
fn rules_and_targets_that_eventbridge_would_not_take() {
    let target = || Target::function("worker");
    let cases = [
        ("fine-1._x", vec![target(); 5], None),
        ("", vec![target()], Some("ValidationException")),
        ("no space", vec![target()], Some("ValidationException")),
        ("six", vec![target(); 6], Some("LimitExceededException")),
        ("age", vec![target().retried(59, 0)], Some("ValidationException")),
        ("age", vec![target().retried(86_401, 0)], Some("ValidationException")),
        ("retries", vec![target().retried(60, 186)], Some("ValidationException")),
        (
            "limits",
            vec![target().retried(60, 0), target().retried(86_400, 185)],
            None,
        ),
    ];
    for (name, targets, refused) in cases {
        let mut world = World::new(1);
        let done = rule(&mut world, name, json!({"source": ["aws.ecs"]}), targets);
        assert_eq!(done.err().map(|refusal| refusal.code), refused, "{name:?}");
        assert_eq!(
            world.eventbridge.rules.len(),
            usize::from(refused.is_none()),
            "{name:?}"
        );
    }
    assert!(rule(&mut World::new(1), &"x".repeat(65), json!({"source": ["a"]}), vec![]).is_err());
}

#[test]
fn rates_are_whole_minutes() {
    for (rate_seconds, fine) in [(0, false), (59, false), (60, true), (90, false), (3600, true)] {
        let done = schedule(&mut World::new(1), "sweep", rate_seconds, Target::function("advance"));
        assert_eq!(done.is_ok(), fine, "{rate_seconds}");
    }
}
