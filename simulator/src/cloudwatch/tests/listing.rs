//! Listings: which alarms, which history, which page.

use super::*;
use crate::cloudwatch::stage::composite;

fn names(reply: &Value, list: &str) -> Vec<String> {
    let all = reply[list].as_array().expect("list").iter();
    all.map(|a| a["AlarmName"].as_str().expect("name").to_owned()).collect()
}

/// Metric alarms a1, a2, b1 and the composite alarm a0.
fn scene() -> World {
    let mut world = world();
    for name in ["a2", "a1", "b1"] {
        alarm(
            &mut world,
            name,
            json!({ "TreatMissingData": "ignore", "OKActions": [TOPIC] }),
        );
    }
    set_state(&mut world, "b1", StateValue::Alarm);
    composite(
        &mut world,
        json!({ "AlarmName": "a0", "AlarmRule": "ALARM(a1) OR ALARM(b1)", "AlarmActions": [FUNCTION] }),
    );
    minutes(&mut world, 1);
    world
}

#[test]
fn only_metric_alarms_are_told_unless_others_are_asked_for() {
    let both = json!(["MetricAlarm", "CompositeAlarm"]);
    let all: [&[&str]; 2] = [&["a1", "a2", "b1"], &["a0"]];
    let table: [(Value, [&[&str]; 2]); 11] = [
        (json!({}), [all[0], &[]]),
        (json!({ "AlarmTypes": ["CompositeAlarm"] }), [&[], all[1]]),
        (json!({ "AlarmTypes": ["LogAlarm"] }), [&[], &[]]),
        (json!({ "AlarmTypes": both }), all),
        // The trap: named, there, and not told.
        (json!({ "AlarmNames": ["a0", "a1"] }), [&["a1"], &[]]),
        (
            json!({ "AlarmNames": ["a0", "a1"], "AlarmTypes": both }),
            [&["a1"], &["a0"]],
        ),
        // Another: unknown names are no error.
        (json!({ "AlarmNames": ["gone", "b1"] }), [&["b1"], &[]]),
        (
            json!({ "AlarmNamePrefix": "a", "AlarmTypes": both }),
            [&["a1", "a2"], &["a0"]],
        ),
        (json!({ "StateValue": "ALARM", "AlarmTypes": both }), [&["b1"], &["a0"]]),
        (
            json!({ "ActionPrefix": "arn:aws:lambda", "AlarmTypes": both }),
            [&[], &["a0"]],
        ),
        (
            json!({ "ActionPrefix": "arn:aws:sns", "StateValue": "INSUFFICIENT_DATA" }),
            [&["a1", "a2"], &[]],
        ),
    ];
    for (request, expected) in table {
        let mut world = scene();
        let reply = ask(&mut world, "DescribeAlarms", request.clone());
        let found = [names(&reply, "MetricAlarms"), names(&reply, "CompositeAlarms")];
        assert_eq!(found, expected, "{request}");
    }
}

#[test]
fn parents_and_children_are_told_briefly() {
    let mut world = scene();
    let reply = ask(&mut world, "DescribeAlarms", json!({ "ChildrenOfAlarmName": "a0" }));
    let arn = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm";
    let child = |name: &str, state: &str| {
        json!({ "AlarmName": name, "AlarmArn": format!("{arn}:{name}"), "StateValue": state,
                "StateUpdatedTimestamp": At::START.seconds() })
    };
    assert_eq!(
        reply["MetricAlarms"],
        json!([child("a1", "INSUFFICIENT_DATA"), child("b1", "ALARM")])
    );
    let reply = ask(&mut world, "DescribeAlarms", json!({ "ParentsOfAlarmName": "b1" }));
    assert_eq!(
        reply["CompositeAlarms"],
        json!([{ "AlarmName": "a0", "AlarmArn": format!("{arn}:a0") }])
    );
    refused(
        &mut world,
        "DescribeAlarms",
        json!({ "ParentsOfAlarmName": "b1", "StateValue": "OK" }),
    );
    refused(
        &mut world,
        "DescribeAlarms",
        json!({ "AlarmNames": ["b1"], "AlarmNamePrefix": "b" }),
    );
}

#[test]
fn an_alarm_is_told_as_it_was_put_with_its_state() {
    let mut world = world();
    alarm(
        &mut world,
        "a",
        json!({ "Tags": [{ "Key": "k", "Value": "v" }], "AlarmDescription": "why" }),
    );
    minutes(&mut world, 5);
    set_state(&mut world, "a", StateValue::Ok);
    let transitioned = world.now;
    world.now = world.now.plus_seconds(1);
    let request =
        json!({ "AlarmName": "a", "StateValue": "OK", "StateReason": "again", "StateReasonData": "{\"x\":1}" });
    ask(&mut world, "SetAlarmState", request);
    let reply = ask(&mut world, "DescribeAlarms", json!({}));
    assert_eq!(
        reply,
        json!({ "CompositeAlarms": [], "LogAlarms": [], "MetricAlarms": [{
            "AlarmName": "a", "AlarmArn": "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a",
            "AlarmDescription": "why", "AlarmConfigurationUpdatedTimestamp": At::START.seconds(), "ActionsEnabled": true,
            "OKActions": [], "AlarmActions": [], "InsufficientDataActions": [], "StateValue": "OK",
            "StateReason": "again", "StateReasonData": "{\"x\":1}",
            "StateUpdatedTimestamp": transitioned.plus_seconds(1).seconds(),
            "StateTransitionedTimestamp": transitioned.seconds(),
            "MetricName": "Errors", "Namespace": NAMESPACE, "Statistic": "Sum", "Dimensions": [], "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "missing",
        }] })
    );
}

#[test]
fn a_suppressed_alarm_says_by_what() {
    let mut world = scene();
    composite(
        &mut world,
        json!({ "AlarmName": "s", "AlarmRule": "ALARM(a1)", "ActionsSuppressor": "a2",
                "ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": 60 }),
    );
    minutes(&mut world, 5);
    set_state(&mut world, "a1", StateValue::Alarm);
    let request = json!({ "AlarmNames": ["s"], "AlarmTypes": ["CompositeAlarm"] });
    let told = |world: &mut World| ask(world, "DescribeAlarms", request.clone())["CompositeAlarms"][0].clone();
    let alarm = told(&mut world);
    assert_eq!(alarm["ActionsSuppressedBy"], "WaitPeriod");
    assert_eq!(alarm["ActionsSuppressedReason"], "Actions suppressed by WaitPeriod");
    minutes(&mut world, 1);
    assert_eq!(told(&mut world).get("ActionsSuppressedBy"), None);
    assert!(told(&mut world)["StateUpdatedTimestamp"].as_f64() > alarm["StateTransitionedTimestamp"].as_f64());
}

/// All pages of a listing, each no longer than `limit`.
fn pages(world: &mut World, operation: &str, mut request: Value, lists: &[&str], limit: usize) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let reply = ask(world, operation, request.clone());
        let entries: Vec<Value> = lists
            .iter()
            .flat_map(|l| reply[*l].as_array().expect("list").clone())
            .collect();
        assert!(!entries.is_empty() && entries.len() <= limit);
        all.extend(entries);
        match reply.get("NextToken") {
            Some(token) => request["NextToken"] = token.clone(),
            None => return all,
        }
    }
}

#[test]
fn listings_come_in_pages() {
    let mut world = scene();
    let lists = ["MetricAlarms", "CompositeAlarms"];
    let request = |max: Option<u64>| {
        let mut request = json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
        request["MaxRecords"] = max.map_or(Value::Null, |m| json!(m));
        request
    };
    for (max, page_size, limit) in [
        (Some(1), None, 1),
        (Some(3), None, 3),
        (None, Some(2), 2),
        (Some(3), Some(2), 2),
        (Some(4), None, 4),
    ] {
        world.page_size = page_size;
        let all = pages(&mut world, "DescribeAlarms", request(max), &lists, limit);
        let mut names: Vec<&str> = all.iter().filter_map(|a| a["AlarmName"].as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["a0", "a1", "a2", "b1"]);
        let history = pages(
            &mut world,
            "DescribeAlarmHistory",
            request(max),
            &["AlarmHistoryItems"],
            limit,
        );
        world.page_size = None;
        let at_once = ask(&mut world, "DescribeAlarmHistory", request(None));
        assert_eq!(json!(history), at_once["AlarmHistoryItems"]);
    }
    for operation in ["DescribeAlarms", "DescribeAlarmHistory"] {
        let refusal = refused(&mut world, operation, json!({ "NextToken": "nonsense" }));
        assert_eq!(refusal.code, "InvalidNextToken");
    }
}

#[test]
fn a_page_holds_fifty_alarms_unless_asked_otherwise() {
    let mut world = world();
    for n in 0..60 {
        alarm(&mut world, &format!("alarm-{n:02}"), json!({}));
    }
    let first = ask(&mut world, "DescribeAlarms", json!({}));
    assert_eq!(names(&first, "MetricAlarms").len(), 50);
    // An alarm gone between two pages takes none with it.
    ask(
        &mut world,
        "DeleteAlarms",
        json!({ "AlarmNames": ["alarm-49", "alarm-10"] }),
    );
    let second = ask(&mut world, "DescribeAlarms", json!({ "NextToken": first["NextToken"] }));
    assert_eq!(
        names(&second, "MetricAlarms").first().map(String::as_str),
        Some("alarm-50")
    );
    assert_eq!(names(&second, "MetricAlarms").len(), 10);
}

#[test]
fn history_tells_configuration_states_and_actions() {
    let mut world = world();
    alarm(
        &mut world,
        "a",
        json!({ "AlarmActions": [TOPIC], "DatapointsToAlarm": 1, "TreatMissingData": "notBreaching" }),
    );
    let created = world.now;
    minutes(&mut world, 1);
    let now = world.now;
    errors(&mut world, now, 9.0);
    minutes(&mut world, 2);
    let reply = ask(
        &mut world,
        "DescribeAlarmHistory",
        json!({ "AlarmName": "a", "ScanBy": "TimestampAscending" }),
    );
    let items = reply["AlarmHistoryItems"].as_array().expect("items");
    let brief: Vec<_> = items
        .iter()
        .map(|i| {
            (
                i["HistoryItemType"].as_str().expect("type"),
                i["HistorySummary"].as_str().expect("summary"),
            )
        })
        .collect();
    let sent = format!("Successfully executed action {TOPIC}");
    assert_eq!(
        brief,
        [
            ("ConfigurationUpdate", "Alarm \"a\" created"),
            ("StateUpdate", "Alarm updated from INSUFFICIENT_DATA to OK"),
            ("StateUpdate", "Alarm updated from OK to ALARM"),
            ("Action", sent.as_str()),
        ]
    );
    assert_eq!(items[0]["Timestamp"], json!(created.seconds()));
    assert!(
        items
            .iter()
            .all(|i| i["AlarmName"] == "a" && i["AlarmType"] == "MetricAlarm")
    );
    let data =
        |n: usize| -> Value { serde_json::from_str(items[n]["HistoryData"].as_str().expect("data")).expect("JSON") };
    assert_eq!(
        (&data(0)["type"], &data(0)["createdAlarm"]["metricName"]),
        (&json!("Create"), &json!("Errors"))
    );
    let state = state(&world, "a");
    let reason_data: Value = serde_json::from_str(&state.reason_data.expect("data")).expect("JSON");
    assert_eq!(
        data(2)["newState"],
        json!({ "stateValue": "ALARM", "stateReason": state.reason, "stateReasonData": reason_data })
    );
    assert_eq!(data(2)["oldState"], data(1)["newState"]);
    assert_eq!(
        data(1)["oldState"],
        json!({ "stateValue": "INSUFFICIENT_DATA", "stateReason": "Unchecked: Initial alarm creation" })
    );
    assert_eq!(
        (&data(3)["actionState"], &data(3)["notificationResource"]),
        (&json!("Succeeded"), &json!(TOPIC))
    );
    assert_eq!(data(3)["stateUpdateTimestamp"], json!(state.updated.0));
}

#[test]
fn history_is_filtered_and_keeps_what_is_gone() {
    let mut world = scene();
    ask(&mut world, "DeleteAlarms", json!({ "AlarmNames": ["a2"] }));
    let count = |world: &mut World, request: Value| {
        ask(world, "DescribeAlarmHistory", request)["AlarmHistoryItems"]
            .as_array()
            .expect("items")
            .len()
    };
    // a1: created; a2: created, deleted; b1: created, set.
    assert_eq!(count(&mut world, json!({})), 5);
    assert_eq!(count(&mut world, json!({ "AlarmName": "a2" })), 2);
    assert_eq!(count(&mut world, json!({ "HistoryItemType": "StateUpdate" })), 1);
    // The same trap as in DescribeAlarms.
    assert_eq!(count(&mut world, json!({ "AlarmName": "a0" })), 0);
    // Created, evaluated, acted.
    assert_eq!(
        count(
            &mut world,
            json!({ "AlarmName": "a0", "AlarmTypes": ["CompositeAlarm"] })
        ),
        3
    );
    let later = At::START.plus_seconds(30).seconds();
    assert_eq!(count(&mut world, json!({ "StartDate": later })), 1);
    assert_eq!(count(&mut world, json!({ "EndDate": later })), 4);
    refused(
        &mut world,
        "DescribeAlarmHistory",
        json!({ "StartDate": later, "EndDate": later - 1.0 }),
    );
    world.now = world.now.plus_seconds(31 * 86_400);
    assert_eq!(count(&mut world, json!({})), 0);
}

#[test]
fn history_data_is_json_within_its_limit_however_long_the_alarm() {
    let mut world = world();
    let actions: Vec<String> = (0..5).map(|n| format!("{TOPIC}-{n}-{}", "x".repeat(900))).collect();
    alarm(
        &mut world,
        "a",
        json!({ "AlarmActions": actions, "OKActions": actions, "AlarmDescription": "y".repeat(1024) }),
    );
    let request = json!({ "AlarmName": "a", "StateValue": "ALARM", "StateReason": "z".repeat(1023),
                          "StateReasonData": format!("\"{}\"", "w".repeat(3900)) });
    ask(&mut world, "SetAlarmState", request);
    let reply = ask(&mut world, "DescribeAlarmHistory", json!({}));
    let items = reply["AlarmHistoryItems"].as_array().expect("items");
    assert_eq!(items.len(), 7);
    for item in items {
        let (data, summary) = (
            item["HistoryData"].as_str().expect("data"),
            item["HistorySummary"].as_str().expect("summary"),
        );
        assert!(data.len() <= 4095 && summary.len() <= 255);
        let data: Value = serde_json::from_str(data).expect("JSON");
        assert_ne!(data, json!({}), "{summary}");
    }
}

#[test]
fn deleting_follows_the_words_of_the_api() {
    let mut world = scene();
    let delete = |names: Value| json!({ "AlarmNames": names });
    let refusal = refused(&mut world, "DeleteAlarms", delete(json!(["gone"])));
    assert_eq!((refusal.code, refusal.status), ("ResourceNotFound", 404));
    let refusal = refused(&mut world, "DeleteAlarms", delete(json!(["a1"])));
    assert_eq!(
        refusal.message,
        "Cannot delete a1 as there are composite alarm(s) depending on it."
    );
    let refusal = refused(&mut world, "DeleteAlarms", delete(json!(["a1", "b1", "a2"])));
    assert_eq!(
        refusal.message,
        "Cannot delete a1,b1 as there are composite alarm(s) depending on them."
    );
    composite(&mut world, json!({ "AlarmName": "c0", "AlarmRule": "TRUE" }));
    refused(&mut world, "DeleteAlarms", delete(json!(["a0", "c0"])));
    // Wrong names do not keep right ones.
    ask(&mut world, "DeleteAlarms", delete(json!(["gone", "a2"])));
    ask(&mut world, "DeleteAlarms", delete(json!(["a1", "b1", "a0"])));
    let reply = ask(
        &mut world,
        "DescribeAlarms",
        json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] }),
    );
    assert_eq!(
        (names(&reply, "MetricAlarms").len(), names(&reply, "CompositeAlarms")),
        (0, vec!["c0".to_owned()])
    );
    ask(&mut world, "DeleteAlarms", delete(json!(["c0"])));
    assert_eq!(crate::cloudwatch::next_due(&world), None);
}

#[test]
fn what_is_no_alarm_is_refused() {
    let expression = |text: &str, period: i64| {
        json!({
            "MetricName": null, "Namespace": null, "Statistic": null, "Period": null,
            "Metrics": [{ "Id": "e1", "Expression": text },
                { "Id": "m1", "ReturnData": false, "MetricStat": {
                    "Metric": { "Namespace": NAMESPACE, "MetricName": "a" }, "Period": 60, "Stat": "Sum" } },
                { "Id": "m2", "ReturnData": false, "MetricStat": {
                    "Metric": { "Namespace": NAMESPACE, "MetricName": "b" }, "Period": period, "Stat": "Sum" } }],
        })
    };
    let table = [
        (json!({ "MetricName": null }), "MetricName must be specified"),
        (
            json!({ "EvaluationPeriods": null }),
            "EvaluationPeriods must be specified",
        ),
        (json!({ "Threshold": null }), "Threshold must be specified"),
        (
            json!({ "ComparisonOperator": null }),
            "ComparisonOperator must be specified",
        ),
        (
            json!({ "ExtendedStatistic": "p99" }),
            "Exactly one of Statistic and ExtendedStatistic",
        ),
        (json!({ "Statistic": null, "ExtendedStatistic": "p999" }), "p999"),
        (json!({ "Period": 90 }), "multiple of 60"),
        (
            json!({ "DatapointsToAlarm": 2 }),
            "less than or equal to EvaluationPeriods",
        ),
        (json!({ "EvaluationPeriods": 1441 }), "must be <= 86400"),
        (json!({ "Period": 3600, "EvaluationPeriods": 169 }), "must be <= 604800"),
        (
            json!({ "TreatMissingData": "bad" }),
            "Option bad is not supported for TreatMissingData",
        ),
        (json!({ "Metrics": [] }), "cannot be specified together with Metrics"),
        (expression("m1 / m2", 300), "all of the same period"),
        (expression("[m1, m2]", 60), "single time series"),
        (expression("SUM(m1)", 60), "not a time series"),
        (expression("m1 / m3", 60), "Undefined id: m3"),
        (json!({ "ThresholdMetricId": "ad1" }), "not simulated"),
        (json!({ "AlarmName": "main" }), "another type"),
    ];
    for (changes, text) in table {
        let mut world = world();
        composite(&mut world, json!({ "AlarmName": "main", "AlarmRule": "FALSE" }));
        let mut request = json!({
            "AlarmName": "a", "Namespace": NAMESPACE, "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold",
        });
        for (member, value) in changes.as_object().expect("members") {
            request[member] = value.clone();
        }
        let refusal = refused(&mut world, "PutMetricAlarm", request);
        assert_eq!(refusal.code, "ValidationException");
        assert!(refusal.message.contains(text), "{changes}: {}", refusal.message);
    }
    let mut world = world();
    let refusal = refused(
        &mut world,
        "SetAlarmState",
        json!({ "AlarmName": "x", "StateValue": "OK", "StateReason": "" }),
    );
    assert_eq!((refusal.code, refusal.status), ("ResourceNotFound", 404));
    alarm(&mut world, "x", json!({}));
    let request = json!({ "AlarmName": "x", "StateValue": "OK", "StateReason": "", "StateReasonData": "{" });
    assert_eq!(refused(&mut world, "SetAlarmState", request).code, "InvalidFormatFault");
}
