//! Documents as AWS sends them.

use super::*;

/// What a file must say; the rest of the event is in `every_shape_aws_sends_is_decoded`.
struct Row {
    file: &'static str,
    source: Source,
    was: Option<AlarmState>,
    is: AlarmState,
    since: EpochMillis,
    updated: EpochMillis,
    suppressed: Option<&'static str>,
    muted: bool,
    contributor: Option<&'static str>,
    id: Option<&'static str>,
}

/// An unsuppressed, unmuted change of the whole alarm.
fn row(file: &'static str, source: Source, was: AlarmState, is: AlarmState, since: EpochMillis) -> Row {
    Row {
        file,
        source,
        was: Some(was),
        is,
        since,
        updated: since,
        suppressed: None,
        muted: false,
        contributor: None,
        id: None,
    }
}

fn direct_rows() -> Vec<Row> {
    use AlarmState::{Alarm, InsufficientData, Ok};
    use Source::Direct;
    vec![
        row("direct-metric.json", Direct, Ok, Alarm, at(3, 12, 45, 394)),
        row("direct-math.json", Direct, InsufficientData, Alarm, at(3, 13, 48, 554)),
        row("direct-anomaly.json", Direct, Ok, Alarm, at(3, 13, 32, 389)),
        row("direct-composite.json", Direct, Ok, Alarm, at(3, 12, 45, 412)),
        Row {
            updated: at(3, 14, 45, 412),
            ..row(
                "direct-composite-unsuppressed.json",
                Direct,
                Alarm,
                Alarm,
                at(3, 12, 45, 412),
            )
        },
        Row {
            was: None,
            contributor: Some("6d442278dba546f6"),
            ..row("direct-contributor.json", Direct, Ok, Alarm, at(3, 12, 4, 919))
        },
        row("direct-ok.json", Direct, Alarm, Ok, at(3, 18, 45, 205)),
        row(
            "direct-insufficient-data.json",
            Direct,
            Ok,
            InsufficientData,
            at(3, 16, 45, 291),
        ),
    ]
}

fn eventbridge_rows() -> Vec<Row> {
    use AlarmState::{Alarm, InsufficientData, Ok};
    use Source::EventBridge;
    vec![
        Row {
            id: Some("c4c1c1c9-6542-e61b-6ef0-8c4d36933a92"),
            ..row("eventbridge-metric.json", EventBridge, Ok, Alarm, at(3, 12, 45, 394))
        },
        Row {
            id: Some("2dde0eb1-528b-d2d5-9ca6-6d590caf2329"),
            ..row(
                "eventbridge-math.json",
                EventBridge,
                InsufficientData,
                Alarm,
                at(3, 13, 48, 554),
            )
        },
        Row {
            suppressed: Some("WaitPeriod"),
            id: Some("d3dfc86d-384d-24c8-0345-9f7986db0b80"),
            ..row(
                "eventbridge-composite-suppressed.json",
                EventBridge,
                Ok,
                Alarm,
                at(3, 12, 45, 412),
            )
        },
        Row {
            muted: true,
            id: Some("b0a1f2de-93f4-4b7e-9d61-5d8c1b7f0e33"),
            ..row("eventbridge-muted.json", EventBridge, Ok, Alarm, at(3, 12, 45, 394))
        },
        Row {
            was: None,
            contributor: Some("6d442278dba546f6"),
            id: Some("6d226bbc-07f0-9a31-3359-1736968f8ded"),
            ..row(
                "eventbridge-contributor.json",
                EventBridge,
                Ok,
                Alarm,
                at(3, 12, 4, 919),
            )
        },
    ]
}

fn sns_rows() -> Vec<Row> {
    use AlarmState::{Alarm, InsufficientData, Ok};
    use Source::Sns;
    vec![
        Row {
            id: Some("95df01b4-ee98-5cb9-9903-4c221d41eb5e"),
            ..row("sns-metric.json", Sns, Ok, Alarm, at(3, 12, 45, 394))
        },
        Row {
            id: Some("0d1f6f8e-7a2b-5c3d-9e4f-5a6b7c8d9e0f"),
            ..row("sns-math.json", Sns, InsufficientData, Alarm, at(3, 13, 48, 554))
        },
        Row {
            id: Some("7be0c6d2-1f35-5a48-b1c9-93a1f2d4e6a8"),
            ..row("sns-composite.json", Sns, Ok, Alarm, at(3, 12, 45, 412))
        },
    ]
}

#[test]
fn every_shape_aws_sends_is_decoded() {
    let documents = folder("alarm");
    let rows: Vec<Row> = [direct_rows(), eventbridge_rows(), sns_rows()]
        .into_iter()
        .flatten()
        .collect();
    let mut listed: Vec<&str> = rows.iter().map(|row| row.file).collect();
    listed.sort_unstable();
    assert_eq!(
        listed,
        documents.keys().collect::<Vec<_>>(),
        "each file has a row and each row a file"
    );
    for row in rows {
        let reason = only(&documents[row.file]).expect(row.file).reason;
        assert!(!reason.is_empty(), "{}", row.file);
        let expected = AlarmEvent {
            arn: ARN.parse().expect("the alarm's ARN"),
            name: "orders-dlq-depth".to_owned(),
            state: row.is,
            previous: row.was,
            since: row.since,
            updated: row.updated,
            reason,
            suppressed: row.suppressed.map(str::to_owned),
            muted: row.muted,
            contributor: row.contributor.map(str::to_owned),
            source: row.source,
            event_id: row.id.map(str::to_owned),
        };
        assert_eq!(only(&documents[row.file]), Ok(expected), "{}", row.file);
    }
}

#[test]
fn the_reason_is_cloudwatchs_own_sentence() {
    let reason = only(&folder("alarm")["direct-metric.json"]).expect("an alarm").reason;
    expect![[
        r#"Threshold Crossed: 1 out of the last 1 datapoints [34.0 (21/11/26 03:11:00)] was greater than the threshold (20.0) (minimum 1 datapoint for OK -> ALARM transition)."#
    ]]
    .assert_eq(&reason);
}

#[test]
fn a_batch_of_two_alarms_is_two_alarms_in_order() {
    let documents = folder("alarm");
    let record = |file: &str| documents[file]["Records"][0].clone();
    let batch = json!({"Records": [record("sns-math.json"), record("sns-metric.json")]});
    let decoded = alarms(&batch);
    assert_eq!(
        decoded,
        [only(&documents["sns-math.json"]), only(&documents["sns-metric.json"])]
    );
}

#[test]
fn a_contributor_notified_through_sns_is_not_taken_for_the_alarm() {
    let ours = |more: Value| {
        let mut document = folder("alarm").remove("sns-metric.json").expect("the file");
        let mut message = pieces::message(&document).expect("an alarm's message");
        message
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        document["Records"][0]["Sns"]["Message"] = message.to_string().into();
        only(&document)
    };
    let whole = json!({"AlarmContributorId": "6d442278dba546f6", "AlarmContributorAttributes": {"QueueName": "a"}});
    assert_eq!(
        ours(whole).expect("an alarm").contributor.as_deref(),
        Some("6d442278dba546f6")
    );
    let half = ours(json!({"AlarmContributorAttributes": {"QueueName": "a"}}));
    assert!(matches!(half, Err(Undecodable::Missing { at, .. }) if at.ends_with("AlarmContributorId")));
}
