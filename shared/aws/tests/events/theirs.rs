//! Our decoding beside that of `aws_lambda_events`.

use super::*;

/// The value of a state as `aws_lambda_events` prints it and when it was reached, or why it refused the event.
fn decode(file: &str, payload: &Value) -> Result<(String, Option<i64>), String> {
    let text = |error: serde_json::Error| error.to_string();
    match file.split('-').next() {
        Some("sns") => {
            let batch = SnsEventObj::<CloudWatchAlarmPayload>::deserialize(payload).map_err(text)?;
            Ok((batch.records[0].sns.message.new_state_value.clone(), None))
        }
        Some("eventbridge") => {
            let event = EventBridgeEvent::<Value>::deserialize(payload).map_err(text)?;
            Ok((
                event.detail["state"]["value"].as_str().unwrap_or_default().to_owned(),
                None,
            ))
        }
        _ if file.contains("composite") => {
            let data = CloudWatchCompositeAlarm::<Value>::deserialize(payload)
                .map_err(text)?
                .alarm_data;
            let state = data.state.ok_or("no state")?;
            Ok((
                json!(state.value).as_str().unwrap_or_default().to_owned(),
                Some(state.timestamp.timestamp_millis()),
            ))
        }
        _ => {
            let data = CloudWatchMetricAlarm::<Value>::deserialize(payload)
                .map_err(text)?
                .alarm_data;
            let state = data.state.ok_or("no state")?;
            Ok((
                json!(state.value).as_str().unwrap_or_default().to_owned(),
                Some(state.timestamp.timestamp_millis()),
            ))
        }
    }
}

fn spelled(state: &AlarmState) -> &str {
    match state {
        AlarmState::Ok => "OK",
        AlarmState::Alarm => "ALARM",
        AlarmState::InsufficientData => "INSUFFICIENT_DATA",
        AlarmState::Unknown(other) => other,
    }
}

/// Why the crate's own alarm types are not used. If this fails after an upgrade, they got better (or worse).
#[test]
fn what_the_crate_decodes_we_decode_alike_and_what_it_refuses_we_decode_too() {
    let mut report = String::new();
    for (file, payload) in folder("alarm") {
        let ours = only(&payload).expect(&file);
        let line = match decode(&file, &payload) {
            Err(refusal) => format!("{file}: {refusal}\n"),
            Ok((state, millis)) => {
                assert_eq!(spelled(&ours.state), state, "{file}");
                assert_eq!(millis.unwrap_or(ours.updated.0), ours.updated.0, "{file}");
                format!("{file}: the same\n")
            }
        };
        report.push_str(&line);
    }
    expect![[r#"
        direct-anomaly.json: missing field `metricStat`
        direct-composite-unsuppressed.json: the same
        direct-composite.json: missing field `actionsSuppressor`
        direct-contributor.json: missing field `metricStat`
        direct-insufficient-data.json: the same
        direct-math.json: missing field `metricStat`
        direct-metric.json: the same
        direct-ok.json: the same
        eventbridge-composite-suppressed.json: the same
        eventbridge-contributor.json: the same
        eventbridge-math.json: the same
        eventbridge-metric.json: the same
        eventbridge-muted.json: the same
        sns-composite.json: missing field `Trigger` at line 1 column 794
        sns-math.json: the same
        sns-metric.json: invalid type: null, expected a string at line 1 column 55
    "#]]
    .assert_eq(&report);
}

#[test]
fn what_the_crate_takes_for_a_nameless_alarm_we_refuse() {
    for file in [
        "ecs-event.json",
        "configuration-change.json",
        "imitation-on-the-bus.json",
    ] {
        let payload = &folder("hostile")[file];
        let theirs = CloudWatchMetricAlarm::<Value>::deserialize(payload).expect(file);
        assert_eq!(theirs.alarm_data.alarm_name, "", "{file}");
        assert!(matches!(only(payload), Err(Undecodable::NotAnAlarm { .. })), "{file}");
    }
}
