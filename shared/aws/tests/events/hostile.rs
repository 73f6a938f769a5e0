//! Documents AWS would never send here.

use super::*;

fn outcome(payload: &Value) -> String {
    let lines = alarms(payload).into_iter().map(|record| match record {
        Ok(event) => format!("    decoded: {} {:?} {}", event.name, event.state, event.reason),
        Err(refusal) => format!("    refused: {refusal}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_hostile_document_has_its_answer() {
    let report: String = folder("hostile")
        .iter()
        .map(|(file, document)| format!("{file}\n{}\n", outcome(document)))
        .collect();
    expect![[r#"
        account-contradiction.json
            refused: expected the same account in `accountId` and in the ARN in `alarmArn`, found `999988887777` and `111122223333`; CloudWatch never sends this: take the event for forged and find out who invokes this function
        array.json
            refused: expected a CloudWatch alarm event, with `alarmData` (alarm action), `detail-type` (EventBridge) or `Records` (SNS) at the top, found a list of 1; send one of the documents in events/alarm, or find out who invokes this function
        broken-time.json
            refused: expected a time like 2026-11-21T03:12:45.678+0000 in `alarmData.state.timestamp`, found `2026-11-21T03: 12: 45.394+0000`; compare the event with those in events/alarm
        codepipeline-job.json
            refused: expected a CloudWatch alarm's change of state in the event, found a CodePipeline job; name the function `open`, `approve` or `promote` in the pipeline's action; this job now waits until it times out
        configuration-change.json
            refused: expected a CloudWatch alarm's change of state in the event, found `CloudWatch Alarm Configuration Change` from `aws.cloudwatch`; let the rule match source `aws.cloudwatch` and detail-type `CloudWatch Alarm State Change` only; ECS and CodePipeline events belong to the function `watch`
        control-characters.json
            decoded: orders[2Jdlq Alarm fine  {"level":"INFO","message":"release promoted"}[2K<script>
        ecs-event.json
            refused: expected a CloudWatch alarm's change of state in the event, found `ECS Deployment State Change` from `aws.ecs`; let the rule match source `aws.cloudwatch` and detail-type `CloudWatch Alarm State Change` only; ECS and CodePipeline events belong to the function `watch`
        empty-object.json
            refused: expected a CloudWatch alarm event, with `alarmData` (alarm action), `detail-type` (EventBridge) or `Records` (SNS) at the top, found an empty object; send one of the documents in events/alarm, or find out who invokes this function
        half-document.json
            refused: expected OK, ALARM or INSUFFICIENT_DATA in `alarmData.state.value`, found nothing; AWS sends it whole: remove the rule's input path or transformer, or complete the test event (events/alarm has one of each shape)
        half-envelope.json
            refused: expected the alarm's region in `region`, found nothing; AWS sends it whole: remove the rule's input path or transformer, or complete the test event (events/alarm has one of each shape)
        half-sns-message.json
            refused: expected a whole JSON document in `Records[0].Sns.Message`, found one that breaks off (EOF while parsing a string at line 1 column 400); compare the event with those in events/alarm
        imitation-of-an-action.json
            refused: expected `aws.cloudwatch` in `source`, found `com.example.orders`; compare the event with those in events/alarm
        imitation-on-the-bus.json
            refused: expected a CloudWatch alarm's change of state in the event, found `CloudWatch Alarm State Change` from `com.example.orders`; let the rule match source `aws.cloudwatch` and detail-type `CloudWatch Alarm State Change` only; ECS and CodePipeline events belong to the function `watch`
        mute-rule-arn.json
            refused: expected an alarm's ARN (arn:aws:cloudwatch:<region>:<account>:alarm:<name>) in `resources[0]`, found `arn:aws:cloudwatch:eu-central-1:111122223333:alarm-mute-rule:orders-night-maint…` (its resource is not an alarm); compare the event with those in events/alarm
        region-contradiction.json
            refused: expected the same region in `region` and in the ARN in `resources[0]`, found `us-east-1` and `eu-central-1`; CloudWatch never sends this: take the event for forged and find out who invokes this function
        sns-account-contradiction.json
            refused: expected the same account in `Records[0].Sns.Message.AWSAccountId` and in the ARN in `Records[0].Sns.Message.AlarmArn`, found `999988887777` and `111122223333`; CloudWatch never sends this: take the event for forged and find out who invokes this function
        sns-approval.json
            refused: expected a CloudWatch alarm's change of state in `Records[0].Sns.Message`, found a manual approval's notification; subscribe the function `approve`, not this one, to the approval's topic
        sns-eventbridge.json
            refused: expected a CloudWatch alarm's change of state in `Records[0].Sns.Message`, found an EventBridge event; let the EventBridge rule invoke this function itself, without a topic in between
        sns-mixed-batch.json
            refused: expected a CloudWatch alarm's change of state in `Records[0].Sns.Message`, found the text `the backup is done`; give the alarms a topic of their own, or take this sender off the topic
            decoded: orders-dlq-depth Alarm Threshold Crossed: 1 out of the last 1 datapoints [34.0 (21/11/26 03:11:00)] was greater than the threshold (20.0) (minimum 1 datapoint for OK -> ALARM transition).
            refused: expected a CloudWatch alarm's change of state in `Records[2].Sns.Message`, found an object with backup, bytes; give the alarms a topic of their own, or take this sender off the topic
        sns-no-records.json
            refused: expected a list of at least one SNS record in `Records`, found a list of 0; compare the event with those in events/alarm
        sns-without-id.json
            refused: expected an SNS notification in `Records[0]`, found one that cannot be read: missing field `MessageId`; AWS sends it whole: remove the rule's input path or transformer, or complete the test event (events/alarm has one of each shape)
        sqs-record.json
            refused: expected a CloudWatch alarm's change of state in `Records[0]`, found a record of `aws:sqs`; subscribe this function to the alarm's topic itself, without a queue or stream in between
        state-is-a-number.json
            refused: expected OK, ALARM or INSUFFICIENT_DATA in `alarmData.state.value`, found a number; compare the event with those in events/alarm
        two-senders.json
            refused: expected a CloudWatch alarm event, with `alarmData` (alarm action), `detail-type` (EventBridge) or `Records` (SNS) at the top, found both `alarmData` and `detail-type`; send one of the documents in events/alarm, or find out who invokes this function
        unknown-state.json
            decoded: orders-dlq-depth Unknown("MELTDOWN") Threshold Crossed: 1 out of the last 1 datapoints [34.0 (21/11/26 03:11:00)] was greater than the threshold (20.0) (minimum 1 datapoint for OK -> ALARM transition).
    "#]].assert_eq(&report);
}

#[test]
fn a_refusal_never_repeats_a_credential() {
    let documents = folder("hostile");
    for file in ["codepipeline-job.json", "sns-approval.json"] {
        let refusal = only(&documents[file]).expect_err(file);
        assert!(
            documents[file].to_string().contains("EXAMPLE-NOT-A"),
            "{file} carries something to leak"
        );
        for text in [refusal.to_string(), format!("{refusal:?}")] {
            assert!(!text.contains("EXAMPLE"), "{text}");
        }
    }
}

#[test]
fn any_other_account_or_region_outside_the_arn_is_a_contradiction() {
    let documents = folder("alarm");
    let cases = [
        ("direct-metric.json", "/accountId", "account", "alarmArn"),
        ("direct-metric.json", "/region", "region", "alarmArn"),
        ("eventbridge-metric.json", "/account", "account", "resources[0]"),
        ("eventbridge-metric.json", "/region", "region", "resources[0]"),
    ];
    for (file, pointer, part, arn_at) in cases {
        for claimed in ["", "999988887777", "eu-central-2", "111122223333 ", "EU-CENTRAL-1"] {
            let mut document = documents[file].clone();
            *document.pointer_mut(pointer).expect(pointer) = claimed.into();
            let Err(Undecodable::Contradiction {
                what, outside, inside, ..
            }) = only(&document)
            else {
                panic!("{file} with {pointer} = {claimed:?}: {:?}", only(&document));
            };
            assert_eq!((what, outside.as_str(), inside.as_str()), (part, &pointer[1..], arn_at));
        }
    }
}

#[test]
fn a_reason_of_a_mebibyte_is_refused_unread_and_a_long_one_is_cut() {
    let documents = folder("alarm");
    let cases = [
        ("direct-metric.json", "/alarmData/state/reason"),
        ("eventbridge-metric.json", "/detail/state/reason"),
        ("sns-metric.json", "/Records/0/Sns/Message/NewStateReason"),
    ];
    for (file, pointer) in cases {
        let with_reason = |reason: String| {
            let mut document = pieces::open(&documents[file]);
            *document.pointer_mut(pointer).expect(pointer) = reason.into();
            only(&pieces::close(document))
        };
        let oversize = Undecodable::Oversize {
            limit_bytes: EVENT_BYTES_MAX,
        };
        assert_eq!(with_reason("x".repeat(1024 * 1024)), Err(oversize), "{file}");
        let cut = with_reason("ä\u{1b}\u{202e}".repeat(20_000)).expect(file).reason;
        assert_eq!(cut, "ä".repeat(REASON_CHARS_MAX - 1) + "…", "{file}");
    }
}

#[test]
fn suppressed_by_something_unreadable_never_becomes_not_suppressed() {
    let mut document = folder("alarm")
        .remove("eventbridge-composite-suppressed.json")
        .expect("the file");
    for unreadable in [
        json!(true),
        json!({"by": "WaitPeriod"}),
        json!(["WaitPeriod"]),
        json!(1),
    ] {
        document["detail"]["state"]["actionsSuppressedBy"] = unreadable;
        let refusal = only(&document).expect_err("unreadable");
        assert!(matches!(refusal, Undecodable::Malformed { at, .. } if at == "detail.state.actionsSuppressedBy"));
    }
}
