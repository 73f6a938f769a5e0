//! What a policy may say of its checks.

use super::super::{Bounded, Policy};
use super::{mistakes, with};
use serde_json::{Value, json};

/// A check that compares, with one field replaced.
fn compare(field: &str, value: Value) -> Value {
    let mut check = json!({
        "kind": "compare", "ratio_max": 1.5, "total_min": 500, "window_minutes": 10,
        "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"},
    });
    check[field] = value;
    check
}

#[test]
fn each_mistake_in_a_check_names_its_field_and_the_way_out() {
    let cases: [(Value, String); 7] = [
        (
            json!({"kind": "dlq_growth", "queue": "https://sqs.eu-central-1.amazonaws.com/1/q", "messages_max": 20}),
            "checks[0].queue: must be a queue's name, not its ARN or URL: 1 to 80 of A-Z a-z 0-9 - _, .fifo at the end where it is \
             one, not \"https://sqs.eu-central-1.amazonaws.com/1/q\""
                .into(),
        ),
        (
            compare("ratio_max", json!(0.9)),
            "checks[0].ratio_max: must be a number from 1 to 100, not 0.9".into(),
        ),
        (
            compare("ratio_max", json!("1.5")),
            "checks[0].ratio_max: must be a number from 1 to 100, not \"1.5\"".into(),
        ),
        (
            compare("total_min", json!(0)),
            "checks[0].total_min: must be a whole number of messages from 1 to 1000000, not 0".into(),
        ),
        (
            compare("window_minutes", json!(181)),
            "checks[0].window_minutes: must be a whole number of minutes from 1 to 180, not 181".into(),
        ),
        (
            compare("metric", json!("Failed")),
            "checks[0].metric: must be an object with the fields namespace, failed, total, dimension, not \"Failed\"".into(),
        ),
        (
            compare("metric", json!({"namespace": "Orders", "failed": "All", "total": "All", "dimension": "Revision"})),
            "checks[0].metric.failed: is the metric that counts all messages; name the one that counts failures".into(),
        ),
    ];
    for (check, expected) in cases {
        assert_eq!(mistakes(&with("/checks/0", check.clone())), [expected], "{check}");
    }
}

#[test]
fn queues_are_named_once_and_metrics_as_often_as_they_are_looked_at_otherwise() {
    let growth = json!({"kind": "dlq_growth", "queue": "orders-dlq", "messages_max": 20});
    let text = "checks[1].queue: names orders-dlq a second time; one check each";
    assert_eq!(mistakes(&with("/checks", json!([growth, growth]))), [text]);
    let windows = [5, 30].map(|minutes| compare("window_minutes", json!(minutes)));
    assert_eq!(mistakes(&with("/checks", json!(windows))), [] as [&str; 0]);
}

#[test]
fn failed_tasks_are_counted_by_one_check() {
    let health = |most: u32| json!({"kind": "health", "failed_tasks_max": most});
    assert_eq!(mistakes(&with("/checks/0", health(0))), [] as [&str; 0]);
    let text = "checks[1].kind: is \"health\" a second time; the smaller failed_tasks_max is the one that counts";
    assert_eq!(mistakes(&with("/checks", json!([health(2), health(3)]))), [text]);
    let text = "checks[0].failed_tasks_max: must be a whole number of tasks from 0 to 1000, not -1";
    let negative = json!({"kind": "health", "failed_tasks_max": -1});
    assert_eq!(mistakes(&with("/checks/0", negative)), [text]);
}

#[test]
fn a_ratio_may_be_a_whole_number_and_is_kept_as_it_is_written() {
    for (written, expected) in [("1", 1.0), ("2.0", 2.0), ("1.05", 1.05), ("1e2", 100.0)] {
        let text = with("/checks/0", compare("ratio_max", json!(7)))
            .replace("\"ratio_max\":7", &format!("\"ratio_max\":{written}"));
        let policy = Policy::read(&text).unwrap_or_else(|mistakes| panic!("{written}: {mistakes:?}"));
        let frozen = serde_json::to_value(&policy).unwrap();
        assert_eq!(frozen["checks"][0]["ratio_max"].as_f64(), Some(expected), "{written}");
    }
}

#[test]
fn an_hour_is_made_of_whole_periods() {
    let check = |minutes: u32| {
        json!({"kind": "metric", "metric": {
            "namespace": "Orders", "name": "Latency", "statistic": "p99",
            "period_minutes": minutes, "periods": 3, "max": 2,
        }})
    };
    for minutes in 1..=60 {
        let found = mistakes(&with("/checks/0", check(minutes)));
        let text = format!(
            "checks[0].metric.period_minutes: is {minutes}, and an hour is not made of whole periods; write 1, 2, 3, 4, 5, 6, \
             10, 12, 15, 20, 30 or 60"
        );
        let expected: &[String] = if 60 % minutes == 0 { &[] } else { &[text] };
        assert_eq!(found, expected, "{minutes}");
    }
}

#[test]
fn an_expression_yields_one_series_and_its_names_are_told_apart() {
    let check = |expression: &str, ids: &[&str]| {
        let term = |id: &&str| json!({"id": id, "namespace": "Orders", "name": "Failed", "statistic": "Sum"});
        let metrics: Vec<Value> = ids.iter().map(term).collect();
        let (periods, period_minutes) = (2, 5);
        let metric = json!({"expression": expression, "metrics": metrics, "periods": periods,
            "period_minutes": period_minutes, "max": 1});
        json!({"kind": "expression", "metric": metric})
    };
    let several = |what: &str| {
        format!(
            "checks[0].metric.expression: has {what}, which may yield several series; name each metric, so that there is \
             one value"
        )
    };
    let twice = |place: &str| format!("{place}: is a a second time; each name stands for one metric of the policy");
    let cases = [
        (json!([check("100 * a / b", &["a", "b"])]), vec![]),
        (
            json!([check("SEARCH('{Orders}', 'Sum', 300)", &["a"])]),
            vec![several("SEARCH")],
        ),
        (json!([check("SUM(METRICS())", &["a"])]), vec![several("METRICS")]),
        // Part of a longer name.
        (json!([check("metrics_1 + 0", &["metrics_1"])]), vec![]),
        (
            json!([check("a + 0", &["a", "a"])]),
            vec![twice("checks[0].metric.metrics[1].id")],
        ),
        (
            json!([check("a + 0", &["a"]), check("a * 2", &["a"])]),
            vec![twice("checks[1].metric.metrics[0].id")],
        ),
    ];
    for (checks, expected) in cases {
        let found = mistakes(&with("/checks", checks.clone()));
        assert_eq!(found, expected, "{checks}");
    }
    for id in ["A", "1a", "a-b", "measured_1", ""] {
        let found = mistakes(&with("/checks", json!([check("a + 0", &[id])])));
        assert!(
            found[0].starts_with("checks[0].metric.metrics[0].id: must be a name for an expression"),
            "{found:?}"
        );
    }
}

#[test]
fn what_is_measured_within_a_shorter_time_has_whole_parts_of_its_periods() {
    // Period and periods, minutes there are, and what is made of it.
    let cases = [
        ((5, 2), 10, (5, 2)),
        ((5, 2), 60, (5, 2)),
        ((5, 2), 9, (5, 1)),
        ((5, 2), 5, (5, 1)),
        ((5, 2), 4, (1, 1)),
        ((10, 1), 7, (5, 1)),
        ((10, 1), 1, (1, 1)),
        ((60, 1), 25, (20, 1)),
        ((1, 3), 2, (1, 2)),
        ((1, 3), 0, (1, 1)),
    ];
    for ((period_minutes, periods), minutes, expected) in cases {
        let metric = json!({
            "namespace": "Orders", "name": "Latency", "statistic": "p99",
            "period_minutes": period_minutes, "periods": periods, "max": 1,
        });
        let metric: Bounded = serde_json::from_value(metric).unwrap();
        let found = metric.within(minutes);
        assert_eq!((found.period_minutes, found.periods), expected, "{minutes}");
        assert_eq!((&found.of, found.max), (&metric.of, metric.max));
        assert!(found.minutes() <= metric.minutes());
    }
}
