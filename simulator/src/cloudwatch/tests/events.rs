//! What others get to see: the samples of AWS's pages, made here.

use super::*;
use crate::cloudwatch::stage::composite;

const ARN: &str = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm";

/// The alarm of the guide's first sample.
fn sample_alarm(world: &mut World, actions: &[&str]) {
    ask(
        world,
        "PutMetricAlarm",
        json!({
            "AlarmName": "ServerCpuTooHigh", "AlarmDescription": "Goes into alarm when server CPU utilization is too high!",
            "Namespace": "AWS/EC2", "MetricName": "CPUUtilization",
            "Dimensions": [{ "Name": "InstanceId", "Value": "i-12345678901234567" }],
            "Period": 300, "Statistic": "Average", "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 50,
            "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": actions, "OKActions": [TOPIC],
        }),
    );
}

/// Runs `ServerCpuTooHigh` into ALARM with the sample's value; the moment of the transition.
fn cpu_too_high(world: &mut World, actions: &[&str]) -> At {
    lag_seconds(world, "AWS/EC2", 0..=0);
    sample_alarm(world, actions);
    minutes(world, 9);
    let at = stage::look(world, "ServerCpuTooHigh")
        .and_then(|a| a.next_evaluation)
        .expect("due");
    let window = At(at.0 - at.0 % 60_000).plus_seconds(-300);
    set_state(world, "ServerCpuTooHigh", StateValue::Ok);
    world.outbox.clear();
    let dimensions = [("InstanceId", "i-12345678901234567")];
    put(
        world,
        "AWS/EC2",
        "CPUUtilization",
        &dimensions,
        window,
        99.501_602_296_934_34,
    );
    evaluate(world, "ServerCpuTooHigh");
    assert_eq!(value(world, "ServerCpuTooHigh"), StateValue::Alarm);
    world.now
}

/// Takes what differs from run to run out of an event.
fn without_ids(mut event: Value) -> Value {
    assert_eq!(event["id"].as_str().map(str::len), Some(36));
    event["id"] = json!("id");
    event
}

/// `facts/aws.md` §3.2, first sample: the same alarm, the same value.
#[test]
fn the_event_of_a_metric_alarm_is_the_sample_of_the_guide() {
    let mut world = world();
    let now = cpu_too_high(&mut world, &[]);
    let metric_id = stage::look(&world, "ServerCpuTooHigh")
        .expect("alarm")
        .metric_id
        .clone();
    let window = At(now.0 - now.0 % 60_000).plus_seconds(-300);
    let [event] = changes(&mut world).try_into().expect("one event");
    let previous = state_before(&event);
    let reason_data = format!(
        "{{\"version\":\"1.0\",\"queryDate\":\"{}\",\"startDate\":\"{}\",\"statistic\":\"Average\",\"period\":300,\
         \"recentDatapoints\":[99.50160229693434],\"threshold\":50.0,\"evaluatedDatapoints\":[{{\"timestamp\":\"{}\",\
         \"sampleCount\":1.0,\"value\":99.50160229693434}}]}}",
        now.iso_offset(),
        window.iso_offset(),
        window.iso_offset()
    );
    let (clock, day) = (window.clock(), "21/11/26");
    let expected = json!({
        "version": "0", "id": "id", "detail-type": "CloudWatch Alarm State Change", "source": "aws.cloudwatch",
        "account": "111122223333", "time": now.iso_seconds(), "region": "eu-central-1",
        "resources": [format!("{ARN}:ServerCpuTooHigh")],
        "detail": {
            "alarmName": "ServerCpuTooHigh",
            "configuration": {
                "description": "Goes into alarm when server CPU utilization is too high!",
                "metrics": [{
                    "id": metric_id,
                    "metricStat": {
                        "metric": {
                            "dimensions": { "InstanceId": "i-12345678901234567" },
                            "name": "CPUUtilization", "namespace": "AWS/EC2",
                        },
                        "period": 300, "stat": "Average",
                    },
                    "returnData": true,
                }],
            },
            "previousState": previous,
            "state": {
                "reason": format!("Threshold Crossed: 1 out of the last 1 datapoints [99.50160229693434 ({day} {clock})] \
                    was greater than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition)."),
                "reasonData": reason_data, "timestamp": now.iso_offset(), "value": "ALARM",
            },
        },
    });
    assert_eq!(without_ids(event), expected);
}

/// The state set by hand, which is what was before: no reason data.
fn state_before(event: &Value) -> Value {
    let previous = event["detail"]["previousState"].clone();
    assert_eq!(previous["value"], "OK");
    assert_eq!(previous["reason"], "test");
    assert_eq!(previous.get("reasonData"), None);
    previous
}

/// `facts/aws.md` §3.2: a new alarm's previous state, and the configuration of an expression.
#[test]
fn the_event_of_a_math_alarm_is_the_sample_of_the_guide() {
    let mut world = world();
    lag_seconds(&mut world, "AWS/EC2", 0..=0);
    let metric = |id: &str, name: &str| {
        json!({ "Id": id, "ReturnData": false, "MetricStat": { "Period": 300, "Stat": "Maximum", "Metric": {
            "Namespace": "AWS/EC2", "MetricName": name,
            "Dimensions": [{ "Name": "InstanceId", "Value": "i-12345678901234567" }] } } })
    };
    ask(
        &mut world,
        "PutMetricAlarm",
        json!({
            "AlarmName": "TotalNetworkTrafficTooHigh",
            "AlarmDescription": "Goes into alarm if total network traffic exceeds 10Kb",
            "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 10000,
            "ComparisonOperator": "GreaterThanThreshold",
            "Metrics": [
                { "Id": "e1", "Expression": "SUM(METRICS())", "Label": "Total Network Traffic", "ReturnData": true },
                metric("m1", "NetworkIn"), metric("m2", "NetworkOut"),
            ],
        }),
    );
    let created = world.now;
    let window = At(world.now.0).plus_seconds(-300);
    let dimensions = [("InstanceId", "i-12345678901234567")];
    put(
        &mut world,
        "AWS/EC2",
        "NetworkIn",
        &dimensions,
        window.plus_seconds(60),
        45_000.0,
    );
    put(
        &mut world,
        "AWS/EC2",
        "NetworkOut",
        &dimensions,
        window.plus_seconds(60),
        628.0,
    );
    world.outbox.clear();
    evaluate(&mut world, "TotalNetworkTrafficTooHigh");
    let now = world.now;
    let [event] = changes(&mut world).try_into().expect("one event");
    let stat = |name: &str| {
        json!({ "metric": { "dimensions": { "InstanceId": "i-12345678901234567" }, "name": name,
                "namespace": "AWS/EC2" }, "period": 300, "stat": "Maximum" })
    };
    assert_eq!(
        event["detail"],
        json!({
            "alarmName": "TotalNetworkTrafficTooHigh",
            "configuration": {
                "description": "Goes into alarm if total network traffic exceeds 10Kb",
                "metrics": [
                    { "expression": "SUM(METRICS())", "id": "e1", "label": "Total Network Traffic", "returnData": true },
                    { "id": "m1", "metricStat": stat("NetworkIn"), "returnData": false },
                    { "id": "m2", "metricStat": stat("NetworkOut"), "returnData": false },
                ],
            },
            "previousState": {
                "reason": "Unchecked: Initial alarm creation", "timestamp": created.iso_offset(),
                "value": "INSUFFICIENT_DATA",
            },
            "state": {
                "reason": "Threshold Crossed: 1 out of the last 1 datapoints [45628.0 (21/11/26 02:55:00)] was greater \
                    than the threshold (10000.0) (minimum 1 datapoint for OK -> ALARM transition).",
                "reasonData": format!("{{\"version\":\"1.0\",\"queryDate\":\"{}\",\
                    \"startDate\":\"2026-11-21T02:55:00.000+0000\",\"period\":300,\"recentDatapoints\":[45628.0],\
                    \"threshold\":10000.0,\"evaluatedDatapoints\":[{{\"timestamp\":\"2026-11-21T02:55:00.000+0000\",\
                    \"value\":45628.0}}]}}", now.iso_offset()),
                "timestamp": now.iso_offset(), "value": "ALARM",
            },
        })
    );
}

/// `facts/aws.md` §3.1, first sample.
#[test]
fn a_lambda_action_gets_the_direct_shape() {
    let mut world = world();
    let now = cpu_too_high(&mut world, &[FUNCTION]);
    let [(function, payload)] = invocations(&world).try_into().expect("one invocation");
    // The function's name, whatever version or alias the ARN names.
    assert_eq!(function, "rollback");
    let [event] = changes(&mut world).try_into().expect("one event");
    let detail = &event["detail"];
    assert_eq!(
        payload,
        json!({
            "source": "aws.cloudwatch", "alarmArn": format!("{ARN}:ServerCpuTooHigh"), "accountId": "111122223333",
            // Not as EventBridge writes it.
            "time": now.iso_offset(), "region": "eu-central-1",
            "alarmData": {
                "alarmName": "ServerCpuTooHigh", "state": detail["state"], "previousState": detail["previousState"],
                "configuration": detail["configuration"],
            },
        })
    );
    assert_eq!(event["time"], json!(now.iso_seconds()));
    assert_ne!(event["time"], payload["time"]);
}

/// `facts/aws.md` §3.3.
#[test]
fn a_topic_gets_a_notification_in_sns_s_own_spelling() {
    let mut world = world();
    let now = cpu_too_high(&mut world, &[TOPIC]);
    let configured = stage::look(&world, "ServerCpuTooHigh").expect("alarm").configured;
    let Some(Delivery::Notification {
        topic,
        subject,
        message,
    }) = world.outbox.iter().find(|d| matches!(d, Delivery::Notification { .. }))
    else {
        panic!("no notification in {:?}", world.outbox);
    };
    assert_eq!(topic, TOPIC);
    assert_eq!(
        subject.as_deref(),
        Some("ALARM: \"ServerCpuTooHigh\" in EU (Frankfurt)")
    );
    let body: Value = serde_json::from_str(message).expect("JSON");
    assert_eq!(
        body,
        json!({
            "AlarmName": "ServerCpuTooHigh",
            "AlarmDescription": "Goes into alarm when server CPU utilization is too high!",
            "AWSAccountId": "111122223333", "AlarmConfigurationUpdatedTimestamp": configured.iso_offset(),
            "NewStateValue": "ALARM", "NewStateReason": state(&world, "ServerCpuTooHigh").reason,
            "StateChangeTime": now.iso_offset(), "Region": "EU (Frankfurt)",
            "AlarmArn": format!("{ARN}:ServerCpuTooHigh"), "OldStateValue": "OK",
            "OKActions": [TOPIC], "AlarmActions": [TOPIC], "InsufficientDataActions": [],
            "Trigger": {
                "MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "StatisticType": "Statistic",
                "Statistic": "AVERAGE", "Unit": null,
                "Dimensions": [{ "value": "i-12345678901234567", "name": "InstanceId" }],
                "Period": 300, "EvaluationPeriods": 1, "DatapointsToAlarm": 1,
                "ComparisonOperator": "GreaterThanThreshold", "Threshold": 50.0, "TreatMissingData": "missing",
                "EvaluateLowSampleCountPercentile": "",
            },
        })
    );
}

#[test]
fn a_subject_is_never_longer_than_sns_allows() {
    let mut world = world();
    let name = "x".repeat(200);
    alarm(&mut world, &name, json!({ "AlarmActions": [TOPIC] }));
    set_state(&mut world, &name, StateValue::Alarm);
    let subject = world.outbox.iter().find_map(|d| match d {
        Delivery::Notification { subject, .. } => subject.clone(),
        _ => None,
    });
    let subject = subject.expect("subject");
    assert_eq!(subject.len(), 100);
    assert!(subject.ends_with("xxx...\" in EU (Frankfurt)"), "{subject}");
}

/// `facts/aws.md` §3.2 and §3.1, the composite samples: suppressed first, then ALARM after ALARM.
#[test]
fn a_composite_alarm_is_told_as_in_the_samples() {
    let mut world = world();
    for name in [
        "ServerCpuTooHigh",
        "TotalNetworkTrafficTooHigh",
        "ServiceMaintenanceAlarm",
    ] {
        alarm(&mut world, name, json!({ "TreatMissingData": "ignore" }));
        set_state(&mut world, name, StateValue::Ok);
    }
    composite(
        &mut world,
        json!({
            "AlarmName": "ServiceAggregatedAlarm",
            "AlarmRule": "ALARM(ServerCpuTooHigh) OR ALARM(TotalNetworkTrafficTooHigh)",
            "ActionsSuppressor": "ServiceMaintenanceAlarm", "ActionsSuppressorWaitPeriod": 120,
            "ActionsSuppressorExtensionPeriod": 180, "AlarmActions": [FUNCTION, TOPIC],
        }),
    );
    minutes(&mut world, 10);
    let before = state(&world, "ServiceAggregatedAlarm");
    world.outbox.clear();
    let crossed = world.now;
    set_state(&mut world, "ServerCpuTooHigh", StateValue::Alarm);
    let configuration = json!({
        "alarmRule": "ALARM(ServerCpuTooHigh) OR ALARM(TotalNetworkTrafficTooHigh)",
        "actionsSuppressor": "ServiceMaintenanceAlarm", "actionsSuppressorWaitPeriod": 120,
        "actionsSuppressorExtensionPeriod": 180,
    });
    let reason = format!("{ARN}:ServerCpuTooHigh transitioned to ALARM at Saturday 21 November, 2026 03:10:00 UTC");
    let reason_data = format!(
        "{{\"triggeringAlarms\":[{{\"arn\":\"{ARN}:ServerCpuTooHigh\",\"state\":{{\"value\":\"ALARM\",\
         \"timestamp\":\"2026-11-21T03:10:00.000+0000\"}}}}]}}"
    );
    let waiting = json!({
        "actionsSuppressedBy": "WaitPeriod", "actionsSuppressedReason": "Actions suppressed by WaitPeriod",
        "value": "ALARM", "reason": reason, "reasonData": reason_data, "timestamp": crossed.iso_offset(),
    });
    let told = changes(&mut world);
    assert_eq!(told.len(), 2, "the child and the composite alarm");
    assert_eq!(
        told[1]["detail"],
        json!({
            "alarmName": "ServiceAggregatedAlarm", "state": waiting, "configuration": configuration,
            "previousState": { "value": "OK", "reason": before.reason, "reasonData": before.reason_data,
                               "timestamp": before.updated.iso_offset() },
        })
    );
    minutes(&mut world, 2);
    let acted = world.now;
    let [(_, payload)] = invocations(&world).try_into().expect("one invocation");
    assert_eq!(
        payload,
        json!({
            "source": "aws.cloudwatch", "alarmArn": format!("{ARN}:ServiceAggregatedAlarm"),
            "accountId": "111122223333", "time": acted.iso_offset(), "region": "eu-central-1",
            "alarmData": {
                "alarmName": "ServiceAggregatedAlarm",
                "state": { "value": "ALARM", "reason": reason, "reasonData": reason_data,
                           "timestamp": acted.iso_offset() },
                "previousState": waiting, "configuration": configuration,
            },
        })
    );
    let message = world.outbox.iter().find_map(|d| match d {
        Delivery::Notification { message, .. } => serde_json::from_str::<Value>(message).ok(),
        _ => None,
    });
    let message = message.expect("notification");
    assert_eq!(
        (
            message.get("Trigger"),
            message.get("AlarmConfigurationUpdatedTimestamp")
        ),
        (None, None)
    );
    assert_eq!(
        message["TriggeringChildren"],
        json!([{ "Arn": format!("{ARN}:ServerCpuTooHigh"),
                 "State": { "Value": "ALARM", "Timestamp": "2026-11-21T03:10:00.000+0000" } }])
    );
}

#[test]
fn dimensions_and_description_left_out_stay_out() {
    let mut world = world();
    alarm(&mut world, "a", json!({ "Unit": "Count" }));
    set_state(&mut world, "a", StateValue::Alarm);
    let event = changes(&mut world).pop().expect("event");
    let configuration = &event["detail"]["configuration"];
    assert_eq!(configuration.get("description"), None);
    assert_eq!(
        configuration["metrics"][0]["metricStat"]["metric"]["dimensions"],
        json!({})
    );
    assert_eq!(configuration["metrics"][0]["metricStat"]["unit"], json!("Count"));
}

/// "Alarm Configuration Change Events" of the same page.
#[test]
fn configuration_changes_are_told_too() {
    let mut world = world();
    sample_alarm(&mut world, &[]);
    ask(
        &mut world,
        "DisableAlarmActions",
        json!({ "AlarmNames": ["ServerCpuTooHigh"] }),
    );
    ask(
        &mut world,
        "DeleteAlarms",
        json!({ "AlarmNames": ["ServerCpuTooHigh"] }),
    );
    let events: Vec<Value> = world
        .outbox
        .iter()
        .filter_map(|d| match d {
            Delivery::Event(event) => Some(event.clone()),
            _ => None,
        })
        .collect();
    assert!(
        events
            .iter()
            .all(|e| e["detail-type"] == "CloudWatch Alarm Configuration Change")
    );
    let operations: Vec<&Value> = events.iter().map(|e| &e["detail"]["operation"]).collect();
    assert_eq!(operations, ["create", "update", "delete"]);
    let mut created = events[0]["detail"].clone();
    created["configuration"]["metrics"][0]["id"] = json!("id");
    assert_eq!(
        created,
        json!({
            "alarmName": "ServerCpuTooHigh", "operation": "create",
            "state": { "value": "INSUFFICIENT_DATA", "timestamp": "2026-11-21T03:00:00.000+0000" },
            "configuration": {
                "evaluationPeriods": 1, "datapointsToAlarm": 1, "threshold": 50,
                "comparisonOperator": "GreaterThanThreshold", "treatMissingData": "missing",
                "metrics": [{ "id": "id", "returnData": true, "metricStat": { "period": 300, "stat": "Average",
                    "metric": { "namespace": "AWS/EC2", "name": "CPUUtilization",
                                "dimensions": { "InstanceId": "i-12345678901234567" } } } }],
                "alarmName": "ServerCpuTooHigh",
                "description": "Goes into alarm when server CPU utilization is too high!",
                "actionsEnabled": true, "timestamp": "2026-11-21T03:00:00.000+0000",
                "okActions": [TOPIC], "alarmActions": [], "insufficientDataActions": [],
            },
        })
    );
    let update = &events[1]["detail"];
    assert_eq!(update["configuration"]["actionsEnabled"], json!(false));
    assert_eq!(update["previousConfiguration"]["actionsEnabled"], json!(true));
}
