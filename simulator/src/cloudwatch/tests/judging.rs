//! The table: data points, rule, treatment of missing data → state and reason.
//!
//! Every row goes the whole way: published, seen, judged at the alarm's own second, from each prior state.

use super::*;
use crate::cloudwatch::stage::look;

const INSUFFICIENT: &str = "INSUFFICIENT_DATA";
/// "Retain current state".
const RETAIN: &str = "retain";

/// N, M, period in seconds.
type Rule = (u64, Option<u64>, i64);

/// Runs one case from a prior state: `0` is within the threshold of 5, `X` beyond it, `-` missing, newest last.
fn outcome(points: &str, rule: Rule, treatment: &str, prior: StateValue) -> State {
    let mut world = world();
    let (evaluation_periods, datapoints_to_alarm, period) = rule;
    let mut request = json!({
        "Period": period, "EvaluationPeriods": evaluation_periods, "TreatMissingData": treatment,
    });
    if let Some(m) = datapoints_to_alarm {
        request["DatapointsToAlarm"] = json!(m);
    }
    alarm(&mut world, "case", request);
    set_state(&mut world, "case", prior);
    let due = look(&world, "case").and_then(|a| a.next_evaluation).expect("due");
    let end = At(due.0 - due.0.rem_euclid(60_000));
    for (back, point) in points.split_whitespace().rev().enumerate() {
        let at = end.plus_seconds(-period * (back as i64 + 1));
        match point {
            "0" => errors(&mut world, at, 1.0),
            "X" => errors(&mut world, at, 9.0),
            _ => {}
        }
    }
    world.advance_to(due);
    state(&world, "case")
}

/// Checks all prior states.
fn check(points: &str, rule: Rule, treatment: &str, expected: &str) {
    for prior in [StateValue::Ok, StateValue::Alarm, StateValue::InsufficientData] {
        let expected = if expected == RETAIN { prior.text() } else { expected };
        let found = outcome(points, rule, treatment, prior);
        assert_eq!(
            found.value.text(),
            expected,
            "{points} with {rule:?} and {treatment}, from {}",
            prior.text()
        );
        // Where nothing changes, nothing is written either.
        assert_eq!(
            found.reason == "test",
            found.value == prior,
            "{points}: {}",
            found.reason
        );
    }
}

/// Both tables of "How alarm state is evaluated when data is missing", row by row.
#[test]
fn every_cell_of_the_guide_s_tables_holds() {
    let three_of_three = (3, Some(3), 300);
    let two_of_three = (3, Some(2), 300);
    let table = [
        ("0 - X - X", three_of_three, ["OK", "OK", "OK", "OK"]),
        ("0 - - - -", three_of_three, ["OK", "OK", "OK", "OK"]),
        ("- - - - -", three_of_three, [INSUFFICIENT, RETAIN, "ALARM", "OK"]),
        ("0 X X - X", three_of_three, ["ALARM", "ALARM", "ALARM", "ALARM"]),
        ("- - X - -", three_of_three, ["ALARM", RETAIN, "ALARM", "OK"]),
        // In the guide until 2019; the text that replaced them says the same in words.
        ("- - - - X", three_of_three, [INSUFFICIENT, RETAIN, "ALARM", "OK"]),
        ("X - - - -", three_of_three, ["ALARM", RETAIN, "ALARM", "OK"]),
        ("0 - X - X", two_of_three, ["ALARM", "ALARM", "ALARM", "ALARM"]),
        ("0 0 X 0 X", two_of_three, ["ALARM", "ALARM", "ALARM", "ALARM"]),
        ("0 - X - -", two_of_three, ["OK", "OK", "ALARM", "OK"]),
        ("- - - - 0", two_of_three, ["OK", "OK", "ALARM", "OK"]),
        ("- - - X -", two_of_three, ["ALARM", RETAIN, "ALARM", "OK"]),
        ("- - - - X", two_of_three, [INSUFFICIENT, RETAIN, "ALARM", "OK"]),
    ];
    for (points, rule, expected) in table {
        for (treatment, expected) in ["missing", "ignore", "breaching", "notBreaching"].iter().zip(expected) {
            check(points, rule, treatment, expected);
        }
    }
}

#[test]
fn further_rules_follow_from_the_same_words() {
    let table: &[(&str, Rule, &str, &str)] = &[
        // One of one: a single point is old enough at once.
        ("X", (1, None, 60), "missing", "ALARM"),
        ("0", (1, None, 60), "missing", "OK"),
        ("X -", (1, None, 60), "missing", "ALARM"),
        ("X - -", (1, None, 60), "notBreaching", "ALARM"),
        ("0 - -", (1, None, 60), "breaching", "OK"),
        // The range of one period is three long; what is older is not seen.
        ("X - - -", (1, None, 60), "missing", INSUFFICIENT),
        ("X - - -", (1, None, 60), "notBreaching", "OK"),
        ("0 - - -", (1, None, 60), "breaching", "ALARM"),
        ("X - - -", (1, None, 60), "ignore", RETAIN),
        // The newest point counts, not the worst.
        ("X X 0", (1, None, 60), "missing", "OK"),
        ("0 0 X", (1, None, 60), "missing", "ALARM"),
        // M of N with nothing missing: only the newest N are looked at.
        ("X X 0 0 0", (3, Some(1), 60), "missing", "OK"),
        ("0 0 0 X 0", (3, Some(1), 60), "missing", "ALARM"),
        ("X X 0 X X X", (4, Some(3), 60), "missing", "ALARM"),
        ("X X X 0 0 X", (4, Some(3), 60), "missing", "OK"),
        // Real points enough for M, though not for N.
        ("- - - X X", (3, Some(2), 60), "ignore", "ALARM"),
        ("- - - X X", (3, Some(2), 60), "missing", "ALARM"),
        ("- - - X X", (3, Some(2), 60), "notBreaching", "ALARM"),
        // Missing ones are filled in only as far as needed.
        ("- X - X -", (3, Some(3), 60), "breaching", "ALARM"),
        ("- X - X -", (3, Some(3), 60), "notBreaching", "OK"),
        ("0 - 0 - X", (3, Some(1), 60), "missing", "ALARM"),
        ("- 0 0 - -", (3, Some(1), 60), "breaching", "ALARM"),
        ("- 0 0 - -", (3, Some(2), 60), "breaching", "OK"),
        // Two points that breach, the older one old enough for M = 3, or not.
        ("- - X X -", (3, Some(3), 60), "missing", "ALARM"),
        ("- - - X X", (3, Some(3), 60), "missing", INSUFFICIENT),
        ("- - - X X", (3, None, 60), "missing", INSUFFICIENT),
    ];
    for (points, rule, treatment, expected) in table {
        check(points, *rule, treatment, expected);
    }
}

#[test]
fn the_reason_is_worded_as_aws_words_it() {
    // Evaluated within the minute after 03:00:00, so the newest point is of 02:59.
    let at = |minute: u32| format!("(21/11/26 02:{minute}:00)");
    let (a, b, c) = (at(59), at(58), at(57));
    let table = [
        (
            "X",
            (1, Some(1), 60),
            "missing",
            format!(
                "Threshold Crossed: 1 out of the last 1 datapoints [9.0 {a}] was greater than the threshold (5.0) \
                 (minimum 1 datapoint for OK -> ALARM transition)."
            ),
        ),
        (
            "X",
            (1, None, 60),
            "missing",
            format!("Threshold Crossed: 1 datapoint [9.0 {a}] was greater than the threshold (5.0)."),
        ),
        (
            "0 0",
            (2, None, 60),
            "missing",
            format!("Threshold Crossed: 2 datapoints [1.0 {a}, 1.0 {b}] were not greater than the threshold (5.0)."),
        ),
        (
            "X X X",
            (3, Some(3), 60),
            "missing",
            format!(
                "Threshold Crossed: 3 out of the last 3 datapoints [9.0 {a}, 9.0 {b}, 9.0 {c}] were greater than the \
                 threshold (5.0) (minimum 3 datapoints for OK -> ALARM transition)."
            ),
        ),
        (
            "0 0 0",
            (3, Some(3), 60),
            "missing",
            format!(
                "Threshold Crossed: 3 out of the last 3 datapoints [1.0 {a}, 1.0 {b}, 1.0 {c}] were not greater than \
                 the threshold (5.0) (minimum 1 datapoint for ALARM -> OK transition)."
            ),
        ),
        (
            "X 0 X",
            (3, Some(2), 60),
            "missing",
            format!(
                "Threshold Crossed: 2 out of the last 3 datapoints [9.0 {a}, 9.0 {c}] were greater than the threshold \
                 (5.0) (minimum 2 datapoints for OK -> ALARM transition)."
            ),
        ),
        // Seen in the wild: three needed, one enough.
        (
            "- - X - -",
            (3, Some(3), 60),
            "missing",
            format!(
                "Threshold Crossed: 1 out of the last 3 datapoints [9.0 {c}] was greater than the threshold (5.0) \
                 (minimum 3 datapoints for OK -> ALARM transition)."
            ),
        ),
        (
            "-",
            (1, Some(1), 60),
            "notBreaching",
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as \
             [NonBreaching]."
                .to_owned(),
        ),
        (
            "-",
            (3, Some(3), 60),
            "breaching",
            "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as \
             [Breaching]."
                .to_owned(),
        ),
        (
            "0 - -",
            (3, Some(2), 60),
            "breaching",
            "Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were treated as \
             [Breaching]."
                .to_owned(),
        ),
        (
            "-",
            (1, None, 60),
            "missing",
            "Insufficient Data: 1 datapoint was unknown.".to_owned(),
        ),
        (
            "-",
            (5, None, 60),
            "missing",
            "Insufficient Data: 5 datapoints were unknown.".to_owned(),
        ),
    ];
    for (points, rule, treatment, reason) in table {
        let prior = if reason.contains("not ") || reason.contains("NonB") {
            StateValue::Alarm
        } else {
            StateValue::Ok
        };
        assert_eq!(
            outcome(points, rule, treatment, prior).reason,
            reason,
            "{points} {rule:?} {treatment}"
        );
    }
}

#[test]
fn many_points_are_listed_apart_and_only_the_newest_five() {
    let found = outcome("X X X X X X", (6, Some(6), 60), "missing", StateValue::Ok);
    assert_eq!(
        found.reason,
        "Threshold Crossed: 6 out of the last 6 datapoints were greater than the threshold (5.0). The most recent \
         datapoints which crossed the threshold: [9.0 (21/11/26 02:59:00), 9.0 (21/11/26 02:58:00), \
         9.0 (21/11/26 02:57:00), 9.0 (21/11/26 02:56:00), 9.0 (21/11/26 02:55:00)] (minimum 6 datapoints for \
         OK -> ALARM transition)."
    );
}

#[test]
fn reason_and_reason_data_stay_within_the_model_s_limits() {
    for points in ["X ".repeat(1440), "- ".repeat(1440)] {
        let found = outcome(&points, (1440, Some(1440), 60), "missing", StateValue::Ok);
        assert_ne!(found.value, StateValue::Ok);
        assert!(found.reason.chars().count() <= 1023);
        assert!(found.reason_data.expect("data").chars().count() <= 4000);
    }
}

#[test]
fn each_comparison_decides_at_the_threshold_itself() {
    let table = [
        ("GreaterThanOrEqualToThreshold", [false, true, true]),
        ("GreaterThanThreshold", [false, false, true]),
        ("LessThanThreshold", [true, false, false]),
        ("LessThanOrEqualToThreshold", [true, true, false]),
    ];
    for (operator, expected) in table {
        for (number, breaches) in [4.0, 5.0, 6.0].into_iter().zip(expected) {
            let mut world = world();
            alarm(&mut world, "a", json!({ "ComparisonOperator": operator }));
            let just_before = world.now.plus_seconds(-1);
            errors(&mut world, just_before, number);
            evaluate(&mut world, "a");
            let expected = if breaches { StateValue::Alarm } else { StateValue::Ok };
            assert_eq!(value(&world, "a"), expected, "{number} {operator} 5");
        }
    }
}

#[test]
fn alarms_on_dynamodb_ignore_missing_data_whatever_they_are_told() {
    for treatment in ["missing", "breaching", "notBreaching"] {
        let mut world = world();
        let changes = json!({ "Namespace": "AWS/DynamoDB", "TreatMissingData": treatment });
        alarm(&mut world, "throttles", changes);
        for prior in [StateValue::Ok, StateValue::Alarm] {
            set_state(&mut world, "throttles", prior);
            evaluate(&mut world, "throttles");
            assert_eq!(value(&world, "throttles"), prior, "{treatment}");
        }
    }
}
