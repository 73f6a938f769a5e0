//! Alarms as time goes by.

use super::*;
use crate::cloudwatch::stage::{depth_alarm, mute};

const QUEUE: &[(&str, &str)] = &[("QueueName", "orders-dlq")];

/// States an alarm has gone through, oldest first, with the moment of each.
fn history(world: &mut World, name: &str) -> Vec<(String, String)> {
    let items = ask(
        world,
        "DescribeAlarmHistory",
        json!({ "AlarmName": name, "HistoryItemType": "StateUpdate", "ScanBy": "TimestampAscending" }),
    );
    let items = items["AlarmHistoryItems"].as_array().expect("items").clone();
    let told = items.iter().map(|i| {
        let at = At::from_seconds(i["Timestamp"].as_f64().expect("time"));
        (at.clock(), i["HistorySummary"].as_str().expect("summary").to_owned())
    });
    told.collect()
}

#[test]
fn a_new_alarm_has_insufficient_data_until_it_is_first_evaluated() {
    let mut world = world();
    alarm(&mut world, "a", json!({ "TreatMissingData": "notBreaching" }));
    assert_eq!(state(&world, "a").reason, "Unchecked: Initial alarm creation");
    assert_eq!(value(&world, "a"), StateValue::InsufficientData);
    minutes(&mut world, 1);
    assert_eq!(value(&world, "a"), StateValue::Ok);
}

/// The figure of "Evaluating an alarm": three of three, over from the third to the fifth period, once more in the ninth.
#[test]
fn the_guide_s_figure_plays_as_told() {
    let mut world = world();
    alarm(
        &mut world,
        "graph",
        json!({ "EvaluationPeriods": 3, "DatapointsToAlarm": 3, "Threshold": 3.0 }),
    );
    let start = world.now;
    let numbers = [2.0, 2.0, 4.0, 5.0, 4.0, 2.0, 2.0, 2.0, 5.0, 2.0];
    for (n, number) in (0..).zip(numbers) {
        errors(&mut world, start.plus_seconds(60 * n), number);
    }
    // A period is judged in the minute after it.
    minutes(&mut world, 1);
    let mut seen = Vec::new();
    for _ in numbers {
        minutes(&mut world, 1);
        seen.push(value(&world, "graph"));
    }
    let alarms: Vec<usize> = (1..)
        .zip(&seen)
        .filter(|(_, v)| **v == StateValue::Alarm)
        .map(|(n, _)| n)
        .collect();
    assert_eq!(alarms, [5], "{seen:?}");
    assert!(seen[1..].iter().all(|v| *v != StateValue::InsufficientData), "{seen:?}");
}

#[test]
fn every_alarm_keeps_to_a_second_of_its_own() {
    let mut world = world();
    let names: Vec<String> = (0..20).map(|n| format!("alarm-{n}")).collect();
    for name in &names {
        alarm(&mut world, name, json!({}));
    }
    let second = |world: &World, name: &str| {
        stage::look(world, name)
            .and_then(|a| a.next_evaluation)
            .map(|at| at.0 % 60_000)
    };
    let first: Vec<_> = names.iter().map(|n| second(&world, n)).collect();
    minutes(&mut world, 7);
    let later: Vec<_> = names.iter().map(|n| second(&world, n)).collect();
    assert_eq!(first, later);
    let distinct: std::collections::BTreeSet<_> = first.iter().collect();
    assert!(distinct.len() > 10, "{distinct:?}");
}

#[test]
fn what_has_not_arrived_yet_is_not_judged() {
    let mut world = world();
    lag_seconds(&mut world, "AWS/SQS", 100..=100);
    depth_alarm(&mut world, "dlq", "orders-dlq", 10.0, &[]);
    minutes(&mut world, 5);
    assert_eq!(value(&world, "dlq"), StateValue::Ok);
    let published = world.now;
    put(
        &mut world,
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        QUEUE,
        published,
        12.0,
    );
    world.advance_to(published.plus_seconds(99));
    assert_eq!(value(&world, "dlq"), StateValue::Ok);
    world.advance_to(published.plus_seconds(100 + 60));
    assert_eq!(value(&world, "dlq"), StateValue::Alarm);
    let transitioned = state(&world, "dlq").transitioned;
    assert!(transitioned >= published.plus_seconds(100), "{transitioned}");
}

#[test]
fn the_lag_of_aws_services_lies_between_one_and_two_minutes() {
    let mut world = World::new(1);
    let published = world.now;
    let mut arrivals = std::collections::BTreeSet::new();
    for n in 0..40 {
        let name = format!("metric-{n}");
        put(&mut world, "AWS/SQS", &name, &[], published, 1.0);
        let key = json!({ "Namespace": "AWS/SQS", "MetricName": name });
        let arrived = (0..200).find(|s| {
            world.now = published.plus_seconds(*s);
            let key = crate::cloudwatch::metrics::MetricKey::from_input(&key);
            let window = (published, published.plus_seconds(1));
            !world
                .cloudwatch
                .metrics
                .seen(&key, None, window.0, window.1, world.now)
                .is_empty()
        });
        world.now = published;
        arrivals.insert(arrived.expect("it arrives"));
    }
    assert!(arrivals.iter().all(|s| (60..=120).contains(s)), "{arrivals:?}");
    assert!(arrivals.len() > 5, "{arrivals:?}");
}

#[test]
fn data_that_comes_late_is_judged_as_long_as_it_is_in_range() {
    let mut world = world();
    alarm(&mut world, "a", json!({ "TreatMissingData": "notBreaching" }));
    minutes(&mut world, 5);
    let now = world.now;
    // The range of a one-minute alarm is three minutes: this is older …
    errors(&mut world, now.plus_seconds(-300), 9.0);
    minutes(&mut world, 1);
    assert_eq!(value(&world, "a"), StateValue::Ok);
    // … and this is not.
    let now = world.now;
    errors(&mut world, now.plus_seconds(-90), 9.0);
    minutes(&mut world, 1);
    assert_eq!(value(&world, "a"), StateValue::Alarm);
}

#[test]
fn a_late_good_value_takes_a_premature_alarm_back() {
    let mut world = world();
    let changes = json!({ "EvaluationPeriods": 3, "DatapointsToAlarm": 3 });
    alarm(&mut world, "a", changes);
    let start = world.now;
    errors(&mut world, start, 9.0);
    minutes(&mut world, 4);
    assert_eq!(
        value(&world, "a"),
        StateValue::Alarm,
        "one bad point, three periods old, nothing since"
    );
    errors(&mut world, start.plus_seconds(120), 1.0);
    minutes(&mut world, 1);
    assert_eq!(value(&world, "a"), StateValue::Ok);
}

#[test]
fn a_metric_that_stops_leads_through_its_last_values_to_insufficient_data() {
    let mut world = world();
    alarm(&mut world, "a", json!({}));
    let start = world.now;
    errors(&mut world, start, 9.0);
    minutes(&mut world, 10);
    let states: Vec<String> = history(&mut world, "a").into_iter().map(|(_, s)| s).collect();
    // It begins in the state in which it ends; while it lasts, the old value is judged again and again.
    assert_eq!(
        states,
        [
            "Alarm updated from INSUFFICIENT_DATA to ALARM",
            "Alarm updated from ALARM to INSUFFICIENT_DATA"
        ]
    );
}

#[test]
fn a_window_of_five_minutes_slides_minute_by_minute() {
    let mut world = world();
    alarm(
        &mut world,
        "a",
        json!({ "Period": 300, "TreatMissingData": "notBreaching" }),
    );
    minutes(&mut world, 20);
    // Three a minute: beyond five as soon as two of them lie in one window, whatever five minutes the clock shows.
    let start = world.now;
    errors(&mut world, start, 3.0);
    errors(&mut world, start.plus_seconds(60), 3.0);
    minutes(&mut world, 1);
    assert_eq!(value(&world, "a"), StateValue::Ok);
    minutes(&mut world, 2);
    assert_eq!(value(&world, "a"), StateValue::Alarm);
}

#[test]
fn a_period_of_ten_seconds_is_evaluated_every_ten_seconds() {
    let mut world = world();
    alarm(
        &mut world,
        "a",
        json!({ "Period": 10, "TreatMissingData": "notBreaching" }),
    );
    minutes(&mut world, 1);
    let now = world.now;
    errors(&mut world, now, 9.0);
    world.advance_to(now.plus_seconds(20));
    assert_eq!(value(&world, "a"), StateValue::Alarm);
    world.advance_to(now.plus_seconds(60));
    assert_eq!(value(&world, "a"), StateValue::Ok);
}

/// Row C of the design: TM(90%:100%) of the response time above 3 s in 3 of 4 minutes.
#[test]
fn the_mean_of_the_slowest_tenth_can_be_alarmed_on() {
    for (slowest, expected) in [(3.5, StateValue::Alarm), (2.5, StateValue::Ok)] {
        let mut world = world();
        let changes = json!({
            "Statistic": null, "ExtendedStatistic": "TM(90%:100%)", "Threshold": 3.0,
            "EvaluationPeriods": 4, "DatapointsToAlarm": 3,
        });
        alarm(&mut world, "slow", changes);
        for _ in 0..5 {
            for n in 0..100 {
                let now = world.now;
                errors(&mut world, now, if n < 90 { 0.1 } else { slowest });
            }
            minutes(&mut world, 1);
        }
        minutes(&mut world, 1);
        assert_eq!(value(&world, "slow"), expected, "{slowest}");
    }
}

#[test]
fn too_few_samples_for_a_percentile_are_judged_only_where_that_is_wanted() {
    // p99 needs 10 / (1 - 0.99) = 1 000 samples.
    let table = [
        (999, Some("ignore"), StateValue::InsufficientData),
        (1000, Some("ignore"), StateValue::Alarm),
        (10, Some("evaluate"), StateValue::Alarm),
        (10, None, StateValue::Alarm),
    ];
    for (samples, low, expected) in table {
        let mut world = world();
        let mut changes = json!({ "Statistic": null, "ExtendedStatistic": "p99" });
        if let Some(low) = low {
            changes["EvaluateLowSampleCountPercentile"] = json!(low);
        }
        alarm(&mut world, "p99", changes);
        let at = stage::look(&world, "p99").and_then(|a| a.next_evaluation).expect("due");
        let at = At(at.0 - at.0 % 60_000 - 30_000);
        for _ in 0..samples {
            errors(&mut world, at, 9.0);
        }
        evaluate(&mut world, "p99");
        assert_eq!(value(&world, "p99"), expected, "{samples} samples, {low:?}");
    }
}

fn ratio(world: &mut World, name: &str, expression: &str, treatment: &str) {
    let metric = |metric: &str| {
        json!({
            "Id": metric.to_lowercase(), "ReturnData": false,
            "MetricStat": { "Metric": { "Namespace": NAMESPACE, "MetricName": metric }, "Period": 60, "Stat": "Sum" },
        })
    };
    ask(
        world,
        "PutMetricAlarm",
        json!({
            "AlarmName": name, "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 0.1,
            "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": treatment,
            "Metrics": [
                { "Id": "e1", "Expression": expression, "Label": "Failed share" }, metric("Failed"), metric("Handled"),
            ],
        }),
    );
}

#[test]
fn a_ratio_without_traffic_is_no_data_and_not_ok() {
    let mut world = world();
    ratio(&mut world, "share", "failed / handled", "missing");
    let steps: [(&[(&str, f64)], StateValue); 4] = [
        (&[("Handled", 100.0), ("Failed", 20.0)], StateValue::Alarm),
        // A missing numerator is 0, a missing denominator drops the point.
        (&[("Handled", 100.0)], StateValue::Ok),
        (&[], StateValue::InsufficientData),
        (&[("Failed", 3.0)], StateValue::InsufficientData),
    ];
    for (data, expected) in steps {
        // Out of range of what came before, so that every step stands for itself.
        minutes(&mut world, 5);
        for (metric, number) in data {
            let now = world.now;
            put(&mut world, NAMESPACE, metric, &[], now, *number);
        }
        minutes(&mut world, 2);
        assert_eq!(value(&world, "share"), expected, "{data:?}");
    }
}

/// using-metric-math.html: "the most recent minute never has data … the alarm being stuck".
#[test]
fn fill_judges_the_filler_when_the_newest_minute_has_not_arrived() {
    let mut world = world();
    // At no second of the minute has the last one arrived.
    lag_seconds(&mut world, NAMESPACE, 125..=125);
    ratio(&mut world, "plain", "failed + 0", "missing");
    ratio(&mut world, "filled", "FILL(failed, 0)", "missing");
    for _ in 0..8 {
        let now = world.now;
        put(&mut world, NAMESPACE, "Failed", &[], now, 9.0);
        minutes(&mut world, 1);
    }
    assert_eq!(value(&world, "plain"), StateValue::Alarm);
    assert_eq!(value(&world, "filled"), StateValue::Ok);
}

#[test]
fn a_state_set_by_hand_lasts_until_the_next_evaluation() {
    let mut world = world();
    alarm(
        &mut world,
        "a",
        json!({ "TreatMissingData": "notBreaching", "AlarmActions": [FUNCTION] }),
    );
    minutes(&mut world, 3);
    changes(&mut world);
    set_state(&mut world, "a", StateValue::Alarm);
    assert_eq!(value(&world, "a"), StateValue::Alarm);
    assert_eq!(
        invocations(&world).len(),
        1,
        "a test of the alarm is a test of its actions"
    );
    minutes(&mut world, 1);
    assert_eq!(value(&world, "a"), StateValue::Ok);
    let told: Vec<_> = changes(&mut world)
        .iter()
        .map(|e| e["detail"]["state"]["value"].clone())
        .collect();
    assert_eq!(told, ["ALARM", "OK"]);
}

#[test]
fn the_same_state_set_by_hand_is_no_transition() {
    let mut world = world();
    alarm(&mut world, "a", json!({ "AlarmActions": [FUNCTION] }));
    set_state(&mut world, "a", StateValue::Alarm);
    let first = state(&world, "a");
    world.outbox.clear();
    world.now = world.now.plus_seconds(1);
    set_state(&mut world, "a", StateValue::Alarm);
    assert_eq!(world.outbox, []);
    let second = state(&world, "a");
    assert_eq!(second.transitioned, first.transitioned);
    assert!(second.updated > first.updated);
}

#[test]
fn an_alarm_put_again_keeps_its_state_and_is_judged_by_its_new_rule() {
    let mut world = world();
    alarm(&mut world, "a", json!({ "TreatMissingData": "breaching" }));
    minutes(&mut world, 1);
    let before = state(&world, "a");
    assert_eq!(before.value, StateValue::Alarm);
    alarm(&mut world, "a", json!({ "TreatMissingData": "notBreaching" }));
    assert_eq!(state(&world, "a"), before);
    minutes(&mut world, 1);
    assert_eq!(value(&world, "a"), StateValue::Ok);
}

#[test]
fn actions_are_for_transitions_only() {
    let mut world = world();
    alarm(
        &mut world,
        "a",
        json!({ "TreatMissingData": "breaching", "AlarmActions": [FUNCTION] }),
    );
    minutes(&mut world, 10);
    assert_eq!(invocations(&world).len(), 1);
    assert_eq!(changes(&mut world).len(), 1);
}

#[test]
fn each_state_has_its_own_actions() {
    let mut world = world();
    alarm(
        &mut world,
        "a",
        json!({ "OKActions": ["arn:aws:lambda:eu-central-1:111122223333:function:fine"],
                "AlarmActions": [FUNCTION],
                "InsufficientDataActions": ["arn:aws:lambda:eu-central-1:111122223333:function:unsure"] }),
    );
    for state in [StateValue::Ok, StateValue::Alarm, StateValue::InsufficientData] {
        set_state(&mut world, "a", state);
    }
    let invoked: Vec<String> = invocations(&world).into_iter().map(|(f, _)| f).collect();
    assert_eq!(invoked, ["fine", "rollback", "unsure"]);
}

#[test]
fn disabled_actions_are_not_done_but_the_event_goes_out() {
    let mut world = world();
    alarm(
        &mut world,
        "a",
        json!({ "ActionsEnabled": false, "AlarmActions": [FUNCTION, TOPIC] }),
    );
    set_state(&mut world, "a", StateValue::Alarm);
    assert_eq!(invocations(&world), []);
    assert_eq!(changes(&mut world).len(), 1);
    // Enabling them does not make up for it.
    ask(&mut world, "EnableAlarmActions", json!({ "AlarmNames": ["a"] }));
    assert_eq!(invocations(&world), []);
    set_state(&mut world, "a", StateValue::Ok);
    set_state(&mut world, "a", StateValue::Alarm);
    assert_eq!(invocations(&world).len(), 1);
    ask(
        &mut world,
        "DisableAlarmActions",
        json!({ "AlarmNames": ["a", "nobody"] }),
    );
    set_state(&mut world, "a", StateValue::Ok);
    set_state(&mut world, "a", StateValue::Alarm);
    assert_eq!(invocations(&world).len(), 1);
}

#[test]
fn a_muted_alarm_acts_when_the_window_ends_if_it_still_is_an_alarm() {
    for recovers in [false, true] {
        let mut world = world();
        let treatment = json!({ "TreatMissingData": "breaching", "AlarmActions": [FUNCTION] });
        alarm(&mut world, "a", treatment);
        let (from, until) = (world.now, world.now.plus_seconds(600));
        mute(&mut world, "a", from, until);
        world.advance_to(until.plus_seconds(-300));
        assert_eq!(value(&world, "a"), StateValue::Alarm);
        assert_eq!(invocations(&world), []);
        let told = changes(&mut world);
        assert_eq!(
            told[0]["detail"]["muteDetail"],
            json!({
                "mutedByArn": "arn:aws:cloudwatch:eu-central-1:111122223333:alarm-mute-rule:a-1",
                "muteWindowStart": "2026-11-21T03:00:00.000+0000", "muteWindowEnd": "2026-11-21T03:10:00.000+0000",
            })
        );
        if recovers {
            alarm(
                &mut world,
                "a",
                json!({ "TreatMissingData": "notBreaching", "AlarmActions": [FUNCTION] }),
            );
        }
        world.advance_to(until.plus_seconds(-1));
        assert_eq!(invocations(&world), []);
        world.advance_to(until);
        assert_eq!(invocations(&world).len(), usize::from(!recovers));
        minutes(&mut world, 10);
        assert_eq!(invocations(&world).len(), usize::from(!recovers));
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed: u64| {
        let mut world = World::new(seed);
        depth_alarm(&mut world, "dlq", "orders-dlq", 3.0, &[FUNCTION]);
        for n in 0..30 {
            let now = world.now;
            put(
                &mut world,
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                QUEUE,
                now,
                f64::from(n % 7),
            );
            minutes(&mut world, 1);
        }
        world.outbox
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}
