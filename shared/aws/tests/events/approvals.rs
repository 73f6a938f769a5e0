//! Messages of manual approvals, whole and in pieces.

use super::*;
use aws::event::{ApprovalEvent, EpochMillis, approvals};

const TOKEN: &str = "c0ffee00-5a1e-4e0a-9c3f-7b2d1a0e9f84";

fn decoded(document: &Value) -> Result<ApprovalEvent, String> {
    let mut all = approvals(document);
    assert_eq!(all.len(), 1);
    all.remove(0).map_err(|refusal| refusal.to_string())
}

fn row(pipeline: &str, expires: &str) -> ApprovalEvent {
    ApprovalEvent {
        topic: "arn:aws:sns:eu-central-1:111122223333:serin-approvals".to_owned(),
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
        pipeline: pipeline.to_owned(),
        stage: "Boss".to_owned(),
        action: "Boss".to_owned(),
        token_mark: "c0ffee00".to_owned(),
        expires: EpochMillis::parse(expires).expect("a time"),
    }
}

#[test]
fn every_message_on_file_is_read_as_what_it_says() {
    let rows = BTreeMap::from([
        ("asked.json", row("orders", "2026-11-28T03:12:00Z")),
        ("asked-with-a-remark.json", row("orders", "2026-11-28T03:12:00Z")),
        ("expired.json", row("orders", "2026-11-20T03:12:00Z")),
        ("foreign-pipeline.json", row("invoices", "2026-11-28T03:12:00Z")),
    ]);
    let files = folder("approval");
    assert_eq!(
        files.keys().map(String::as_str).collect::<Vec<_>>(),
        rows.keys().copied().collect::<Vec<_>>()
    );
    for (file, expected) in rows {
        assert_eq!(decoded(&files[file]), Ok(expected), "{file}");
    }
}

/// The first message on file, with something changed in the record, and in the message within.
fn changed(record: impl FnOnce(&mut Value), message: impl FnOnce(&mut Value)) -> Value {
    let mut document = folder("approval")["asked.json"].clone();
    let text = document["Records"][0]["Sns"]["Message"]
        .as_str()
        .expect("a text")
        .to_owned();
    let mut inside: Value = serde_json::from_str(&text).expect("JSON");
    message(&mut inside);
    document["Records"][0]["Sns"]["Message"] = inside.to_string().into();
    record(&mut document["Records"][0]);
    document
}

#[test]
fn what_contradicts_itself_or_is_not_whole_is_refused_and_its_token_not_repeated() {
    let whole = |_: &mut Value| {};
    let approval = |field: &'static str, value: Value| move |message: &mut Value| message["approval"][field] = value;
    let topic = "arn:aws:sns:eu-central-1:999988887777:serin-approvals";
    let cases = [
        (
            "another sender",
            changed(|record| record["EventSource"] = "aws:sqs".into(), whole),
            "`aws:sns`",
        ),
        (
            "another account's topic",
            changed(|record| record["Sns"]["TopicArn"] = topic.into(), whole),
            "the account of the ARN",
        ),
        (
            "no topic",
            changed(|record| record["Sns"]["TopicArn"] = "approvals".into(), whole),
            "a topic's ARN",
        ),
        (
            "another region",
            changed(|_| {}, |message| message["region"] = "us-east-1".into()),
            "the region of the ARN",
        ),
        (
            "half a message",
            changed(
                |record| record["Sns"]["Message"] = format!("{{\"token\":\"{TOKEN}").into(),
                whole,
            ),
            "a whole JSON document",
        ),
        (
            "no approval",
            changed(|_| {}, |message| message["approval"] = Value::Null),
            "the request's token",
        ),
        (
            "a pipeline's name that is none",
            changed(|_| {}, approval("pipelineName", "a/b".into())),
            "the pipeline's name",
        ),
        (
            "a token that is none",
            changed(|_| {}, approval("token", format!("{TOKEN}0").into())),
            "the request's token",
        ),
        (
            "seconds",
            changed(|_| {}, approval("expires", "2026-11-28T03:12:00Z".into())),
            "a minute in UTC",
        ),
        (
            "no such minute",
            changed(|_| {}, approval("expires", "2026-11-31T03:12Z".into())),
            "a minute in UTC",
        ),
    ];
    for (case, document, wanted) in cases {
        let refusal = decoded(&document).expect_err(case);
        assert!(refusal.contains(wanted), "{case}: {refusal}");
        assert!(!refusal.contains(TOKEN), "{case}: {refusal}");
    }
}

#[test]
fn what_is_no_batch_of_messages_is_refused_as_a_whole() {
    let none = serde_json::json!({"Records": []});
    assert!(decoded(&none).is_err());
    let job = folder("codepipeline")["approve-job.json"].clone();
    assert!(decoded(&job).is_err());
    let alarm = folder("alarm")["sns-metric.json"].clone();
    assert!(decoded(&alarm).expect_err("an alarm").contains("the pipeline's region"));
}
