//! Which events a pattern matches.

use crate::eventbridge::Pattern;
use serde_json::{Value, json};

fn event() -> Value {
    json!({
        "version": "0", "source": "aws.codepipeline", "detail-type": "CodePipeline Action Execution State Change",
        "resources": ["arn:aws:codepipeline:eu-central-1:111122223333:orders", "second"],
        "detail": {
            "pipeline": "orders", "state": "FAILED", "version": 6.0, "attempt": 2, "manual": false, "note": null,
            "empty": "", "file": "a*b\\c.json", "none": [], "deep": {"er": {"leaf": "x"}},
            "action": [{"name": "Build", "order": 1}, {"name": "Ship", "order": 2, "extra": "y"}],
            "numbers": [1, 5, 9], "nested": [["p"], ["q", "r"]],
        },
    })
}

/// Patterns of `detail`, and whether they match.
fn check(cases: &[(Value, bool)]) {
    for (detail, expected) in cases {
        let pattern = Pattern::parse(&json!({ "detail": detail })).unwrap_or_else(|no| panic!("{detail}: {no}"));
        assert_eq!(pattern.matches(&event()), *expected, "{detail}");
    }
}

#[test]
fn exact_values_of_the_envelope() {
    let cases = [
        (json!({"source": ["aws.codepipeline"]}), true),
        (json!({"source": ["aws.ecs", "aws.codepipeline"]}), true),
        (json!({"source": ["aws.ecs"]}), false),
        (json!({"source": ["AWS.codepipeline"]}), false),
        (json!({"source": ["aws.codepipeline"], "detail-type": ["other"]}), false),
        (json!({"resources": ["second"]}), true),
        (json!({"resources": ["third", "second"]}), true),
        (json!({"resources": ["third"]}), false),
        (json!({"resources": [{"suffix": ":orders"}]}), true),
        (json!({"missing": ["x"]}), false),
        (
            json!({"source": ["aws.codepipeline"], "detail": {"state": ["FAILED"]}}),
            true,
        ),
        (json!({"detail": ["FAILED"]}), false),
        (json!({"source": {"deeper": ["aws.codepipeline"]}}), false),
    ];
    for (text, expected) in cases {
        let pattern = Pattern::parse(&text).unwrap_or_else(|no| panic!("{text}: {no}"));
        assert_eq!(pattern.matches(&event()), expected, "{text}");
    }
}

#[test]
fn exact_values_and_their_kinds() {
    check(&[
        (json!({"state": ["FAILED"], "pipeline": ["orders"]}), true),
        (json!({"state": ["FAILED"], "pipeline": ["invoices"]}), false),
        (json!({"state": ["STARTED", "FAILED"]}), true),
        // Numbers are compared as they are written.
        (json!({"version": [6.0]}), true),
        (json!({"version": [6]}), false),
        (json!({"attempt": [2]}), true),
        (json!({"attempt": ["2"]}), false),
        (json!({"manual": [false]}), true),
        (json!({"manual": [true]}), false),
        (json!({"manual": ["false"]}), false),
        (json!({"note": [null]}), true),
        (json!({"empty": [null]}), false),
        (json!({"absent": [null]}), false),
        (json!({"empty": [""]}), true),
        (json!({"note": [""]}), false),
        (json!({"deep": {"er": {"leaf": ["x"]}}}), true),
        (json!({"deep": {"leaf": ["x"]}}), false),
    ]);
}

#[test]
fn arrays_match_by_any_element() {
    check(&[
        (json!({"numbers": [5]}), true),
        (json!({"numbers": [2, 9]}), true),
        (json!({"numbers": [2]}), false),
        (json!({"numbers": [{"numeric": [">", 8]}]}), true),
        (json!({"numbers": [{"anything-but": 5}]}), true),
        (json!({"numbers": [{"anything-but": [1, 5, 9]}]}), false),
        (json!({"nested": ["r"]}), true),
        (json!({"action": {"name": ["Ship"]}}), true),
        (json!({"action": {"name": ["Ship"], "order": [2]}}), true),
        // Both are there, but not in one element.
        (json!({"action": {"name": ["Ship"], "order": [1]}}), false),
        (json!({"action": {"extra": [{"exists": false}]}}), false),
        (json!({"action": {"other": [{"exists": false}]}}), true),
        (json!({"none": ["x"]}), false),
    ]);
}

#[test]
fn texts() {
    check(&[
        (json!({"state": [{"prefix": "FAIL"}]}), true),
        (json!({"state": [{"prefix": "fail"}]}), false),
        (json!({"state": [{"prefix": {"equals-ignore-case": "fail"}}]}), true),
        (json!({"state": [{"suffix": "LED"}]}), true),
        (json!({"state": [{"suffix": "FAIL"}]}), false),
        (json!({"state": [{"suffix": {"equals-ignore-case": "led"}}]}), true),
        (json!({"state": [{"equals-ignore-case": "failed"}]}), true),
        (json!({"state": [{"equals-ignore-case": "fail"}]}), false),
        (json!({"attempt": [{"prefix": "2"}]}), false),
        (json!({"state": ["x", {"prefix": "F"}]}), true),
        (json!({"state": [{"wildcard": "F*D"}]}), true),
        (json!({"state": [{"wildcard": "*AIL*"}]}), true),
        (json!({"state": [{"wildcard": "*"}]}), true),
        (json!({"state": [{"wildcard": "FAILED"}]}), true),
        (json!({"state": [{"wildcard": "FAI*ILED"}]}), false),
        (json!({"state": [{"wildcard": "F*L*I*D"}]}), false),
        (json!({"state": [{"wildcard": "*FAIL"}]}), false),
        (json!({"empty": [{"wildcard": "*"}]}), true),
        (json!({"attempt": [{"wildcard": "*"}]}), false),
        (json!({"file": [{"wildcard": "a\\*b\\\\*.json"}]}), true),
        (json!({"file": [{"wildcard": "a\\*c*"}]}), false),
    ]);
}

#[test]
fn numbers() {
    check(&[
        (json!({"attempt": [{"numeric": ["=", 2]}]}), true),
        // Unlike exact values, numeric filters compare numbers.
        (json!({"attempt": [{"numeric": ["=", 2.0]}]}), true),
        (json!({"version": [{"numeric": ["=", 6]}]}), true),
        (json!({"attempt": [{"numeric": [">", 2]}]}), false),
        (json!({"attempt": [{"numeric": [">=", 2]}]}), true),
        (json!({"attempt": [{"numeric": ["<", 2]}]}), false),
        (json!({"attempt": [{"numeric": ["<=", 2]}]}), true),
        (json!({"attempt": [{"numeric": [">", 0, "<=", 2]}]}), true),
        (json!({"attempt": [{"numeric": [">", 0, "<", 2]}]}), false),
        (json!({"attempt": [{"numeric": [">", -5.0e9]}]}), true),
        (json!({"state": [{"numeric": [">", 0]}]}), false),
        (json!({"empty": [{"numeric": ["<", 1]}]}), false),
    ]);
}

#[test]
fn presence_is_a_matter_of_leaves() {
    check(&[
        (json!({"state": [{"exists": true}]}), true),
        (json!({"state": [{"exists": false}]}), false),
        (json!({"absent": [{"exists": true}]}), false),
        (json!({"absent": [{"exists": false}]}), true),
        (json!({"note": [{"exists": true}]}), true),
        (json!({"deep": [{"exists": true}]}), false),
        (json!({"deep": [{"exists": false}]}), true),
        (json!({"deep": {"er": {"leaf": [{"exists": true}]}}}), true),
        (json!({"absent": {"deeper": [{"exists": false}]}}), true),
        (json!({"absent": {"deeper": [{"exists": true}]}}), false),
        (json!({"none": [{"exists": true}]}), false),
        (json!({"none": {"leaf": [{"exists": false}]}}), true),
        (json!({"absent": [{"exists": false}, "x"], "state": ["FAILED"]}), true),
        (json!({"state": [{"exists": false}, "FAILED"]}), true),
    ]);
}

#[test]
fn anything_but() {
    check(&[
        (json!({"state": [{"anything-but": "STARTED"}]}), true),
        (json!({"state": [{"anything-but": "FAILED"}]}), false),
        (json!({"state": [{"anything-but": ["STARTED", "FAILED"]}]}), false),
        (json!({"state": [{"anything-but": ["STARTED"]}]}), true),
        (json!({"absent": [{"anything-but": "x"}]}), false),
        (json!({"attempt": [{"anything-but": 2}]}), false),
        (json!({"attempt": [{"anything-but": 2.0}]}), false),
        (json!({"attempt": [{"anything-but": [1, 3]}]}), true),
        (json!({"attempt": [{"anything-but": "2"}]}), true),
        (json!({"state": [{"anything-but": {"prefix": "FAIL"}}]}), false),
        (
            json!({"state": [{"anything-but": {"prefix": ["START", "STOP"]}}]}),
            true,
        ),
        (json!({"state": [{"anything-but": {"suffix": "LED"}}]}), false),
        (
            json!({"state": [{"anything-but": {"equals-ignore-case": ["failed", "stopped"]}}]}),
            false,
        ),
        (
            json!({"state": [{"anything-but": {"equals-ignore-case": "stopped"}}]}),
            true,
        ),
        (json!({"state": [{"anything-but": {"wildcard": "*IL*"}}]}), false),
        (json!({"state": [{"anything-but": {"wildcard": "*OP*"}}]}), true),
    ]);
}

#[test]
fn alternatives() {
    check(&[
        (json!({"$or": [{"state": ["FAILED"]}, {"attempt": [9]}]}), true),
        (json!({"$or": [{"state": ["STOPPED"]}, {"attempt": [2]}]}), true),
        (json!({"$or": [{"state": ["STOPPED"]}, {"attempt": [9]}]}), false),
        (
            json!({"pipeline": ["invoices"], "$or": [{"state": ["FAILED"]}, {"attempt": [2]}]}),
            false,
        ),
        (
            json!({"$or": [{"state": ["FAILED"], "attempt": [9]}, {"version": [6.0], "attempt": [2]}]}),
            true,
        ),
        (
            json!({"$or": [{"state": ["FAILED"], "attempt": [9]}, {"version": [7.0], "attempt": [2]}]}),
            false,
        ),
        (
            json!({"$or": [{"state": ["x"]}, {"$or": [{"attempt": [9]}, {"deep": {"er": {"leaf": ["x"]}}}]}]}),
            true,
        ),
        (
            json!({"deep": {"$or": [{"er": {"leaf": ["x"]}}, {"other": ["y"]}]}}),
            true,
        ),
        (
            json!({"action": {"$or": [{"name": ["Ship"]}, {"name": ["Test"]}], "order": [1]}}),
            false,
        ),
    ]);
}
