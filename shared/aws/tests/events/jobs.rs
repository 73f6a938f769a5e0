//! Jobs of a pipeline, whole and in pieces.

use super::pieces::{all_pointers, without};
use super::*;
use aws::event::{JobEvent, job, job_id};

/// What stands in place of every credential in the fixtures.
const CREDENTIAL: &str = "EXAMPLE-NOT-A";

const PARAMETERS: &str = r#"{"policy":"orders","execution":"734e5d0c-15ae-4865-a03b-a4c832adec5e"}"#;

/// The jobs, by file name.
pub fn jobs() -> BTreeMap<String, Value> {
    let all = folder("codepipeline").into_iter();
    all.filter(|(file, _)| super::happenings::is_job(file)).collect()
}

fn row(id: &str, function: &str, parameters: Option<&str>, continuation: Option<&str>) -> JobEvent {
    JobEvent {
        id: id.to_owned(),
        account: "111122223333".to_owned(),
        parameters: parameters.map(str::to_owned),
        function: Some(function.to_owned()),
        continuation: continuation.map(str::to_owned),
    }
}

fn rows() -> BTreeMap<&'static str, JobEvent> {
    let (approve, hostile) = (
        "serin-approve",
        "{\"policy\":\"orders\\u001b[2J\\u202e\\n{\\\"level\\\":\\\"INFO\\\",\\\"message\\\":\\\"release \
         promoted\\\"}<script>\",\"execution\":\"#{codepipeline.PipelineExecutionId}\"}",
    );
    let asked = "{\"execution\":\"91e9d410-02a9-48af-90a1-b6a3f625078f\",\"policy\":\"orders\"}";
    let since = Some("serin-held-since-1795230000000");
    BTreeMap::from([
        (
            "approve-job.json",
            row("7c1e0b52-8f4d-4a0e-9b1b-2d6f5a3c9e10", approve, Some(asked), since),
        ),
        (
            "promote-job.json",
            row(
                "3b9d6a84-1c2f-4e5b-8a7d-0f9e8c7b6a51",
                "serin-promote",
                Some(asked),
                since,
            ),
        ),
        (
            "job-first.json",
            row("5d0b7f0c-3d5e-4c0e-8f53-0a6f2b9c4e71", approve, Some(PARAMETERS), None),
        ),
        (
            "job-continuation.json",
            row(
                "c2a4e6f8-1b3d-4f5a-9c7e-2d4b6a8c0e1f",
                approve,
                Some(PARAMETERS),
                Some("judge-1"),
            ),
        ),
        (
            "job-kms.json",
            row(
                "9e8d7c6b-5a49-4837-a625-140312f1e0df",
                "serin-open",
                Some(PARAMETERS),
                None,
            ),
        ),
        (
            "job-no-parameters.json",
            row("0f1e2d3c-4b5a-4697-8879-6a5b4c3d2e1f", "serin-promote", None, None),
        ),
        (
            "job-hostile-parameters.json",
            row("7a6b5c4d-3e2f-4100-9f8e-7d6c5b4a3928", approve, Some(hostile), None),
        ),
    ])
}

#[test]
fn every_job_is_decoded() {
    let (documents, rows) = (jobs(), rows());
    assert_eq!(
        rows.keys().collect::<Vec<_>>(),
        documents.keys().collect::<Vec<_>>(),
        "each file has a row and each row a file"
    );
    for (file, expected) in rows {
        assert_eq!(job_id(&documents[file]).as_ref(), Some(&expected.id), "{file}");
        assert_eq!(job(&documents[file]), Ok(expected), "{file}");
    }
}

/// What holds of every answer.
fn assert_harmless(payload: &Value) -> Result<JobEvent, Undecodable> {
    let answer = job(payload);
    let debug = format!("{answer:?}");
    assert!(!debug.contains(CREDENTIAL), "{debug}");
    if let Err(refusal) = &answer {
        let text = refusal.to_string();
        assert!(text.contains("; "), "a refusal ends with the next step: {text}");
        assert!(text.chars().count() <= REFUSAL_CHARS_MAX, "{text}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(!text.contains(CREDENTIAL), "{text}");
        assert!(!text.contains("alarm"), "no advice for alarms: {text}");
    }
    answer
}

const NEEDED: [&str; 6] = [
    "",
    "/id",
    "/accountId",
    "/data",
    "/data/actionConfiguration",
    "/data/actionConfiguration/configuration",
];

/// Path of a field as a refusal writes it.
fn path(pointer: &str) -> String {
    pointer[1..].replace('/', ".")
}

#[test]
fn a_field_that_is_missing_or_null_is_refused_by_its_path_exactly_if_it_is_needed() {
    for (file, document) in jobs() {
        let whole = job(&document).expect(&file);
        for pointer in all_pointers(&document) {
            let below = pointer.strip_prefix("/CodePipeline.job").expect("below the job");
            let mut left = whole.clone();
            match below {
                "/data/continuationToken" => left.continuation = None,
                "/data/actionConfiguration/configuration/FunctionName" => left.function = None,
                "/data/actionConfiguration/configuration/UserParameters" => left.parameters = None,
                _ => {}
            }
            let mut null = document.clone();
            *null.pointer_mut(&pointer).expect("a value") = Value::Null;
            for damaged in [without(&document, &pointer), null] {
                match (assert_harmless(&damaged), NEEDED.contains(&below)) {
                    (Ok(rest), false) => assert_eq!(rest, left, "{file} without {pointer}"),
                    (Err(refusal), true) => {
                        let text = refusal.to_string();
                        assert!(
                            text.contains(&format!("`{}", path(&pointer))),
                            "{file} {pointer}: {text}"
                        );
                    }
                    (answer, needed) => panic!("{file} without {pointer} (needed: {needed}): {answer:?}"),
                }
            }
        }
    }
}

#[test]
fn a_value_of_any_other_kind_or_size_is_decoded_or_refused_but_never_a_panic_nor_a_leak() {
    let credential = json!(format!("{CREDENTIAL}-SECRET"));
    let deep = (0..100).fold(json!(0), |inner, _| json!([inner]));
    let strangers = [
        json!(true),
        json!(-7),
        json!(""),
        json!("\u{0}\u{1b}[2J\u{202e}"),
        json!("x".repeat(300_000)),
        json!([]),
        json!([credential.clone()]),
        json!({"is": credential.clone()}),
        deep,
    ];
    for (_, document) in jobs() {
        for pointer in all_pointers(&document) {
            for stranger in &strangers {
                let mut damaged = document.clone();
                *damaged.pointer_mut(&pointer).expect("a value") = stranger.clone();
                drop(assert_harmless(&damaged));
                drop(job_id(&damaged));
            }
        }
    }
}

#[test]
fn no_credential_leaves_the_event_whatever_stands_beside_it_or_in_its_place() {
    for (file, document) in jobs() {
        assert!(
            document.to_string().contains(CREDENTIAL),
            "{file} carries something to leak"
        );
        for pointer in ["id", "accountId", "data"] {
            let mut damaged = document.clone();
            damaged["CodePipeline.job"][pointer] = format!("{CREDENTIAL}-SECRET").into();
            let refusal = assert_harmless(&damaged).expect_err(pointer);
            assert!(refusal.to_string().contains(pointer), "{refusal}");
        }
        // The wrong function says no more than the right one.
        for text in [
            format!("{:?}", alarms(&document)),
            format!("{:?}", aws::event::happened(&document)),
        ] {
            assert!(!text.contains(CREDENTIAL), "{text}");
        }
    }
}

#[test]
fn a_job_whose_rest_is_nonsense_still_has_its_id() {
    const ID: &str = "5d0b7f0c-3d5e-4c0e-8f53-0a6f2b9c4e71";
    let cases = [
        json!({"CodePipeline.job": {"id": ID}}),
        json!({"CodePipeline.job": {"id": ID, "accountId": 7, "data": []}}),
        json!({"CodePipeline.job": {"id": ID, "data": "x".repeat(1024 * 1024)}}),
        json!({"CodePipeline.job": {"id": ID}, "detail-type": "x"}),
    ];
    for case in cases {
        assert!(job(&case).is_err(), "{case}");
        assert_eq!(job_id(&case).as_deref(), Some(ID));
    }
}

#[test]
fn an_id_that_codepipeline_would_not_accept_is_none() {
    let ids = [
        json!(null),
        json!(7),
        json!(""),
        json!("5d0b7f0c"),
        json!("5D0B7F0C-3D5E-4C0E-8F53-0A6F2B9C4E71"),
        json!("5d0b7f0c-3d5e-4c0e-8f53-0a6f2b9c4e71 "),
        json!("5d0b7f0c-3d5e-4c0e-8f53-0a6f2b9c4e7g"),
        json!("5d0b7f0c03d5e-4c0e-8f53-0a6f2b9c4e71"),
        json!("5d0b7f0c-3d5e-4c0e-8f53-0a6f2b9c4e€"),
    ];
    for id in ids {
        let mut document = jobs().remove("job-first.json").expect("the file");
        document["CodePipeline.job"]["id"] = id.clone();
        assert_eq!(job_id(&document), None, "{id}");
        let refusal = assert_harmless(&document).expect_err("no id").to_string();
        assert!(refusal.contains("`CodePipeline.job.id`"), "{id}: {refusal}");
    }
    assert_eq!(job_id(&json!([])), None);
}

#[test]
fn a_continuation_is_whole_or_refused() {
    let with = |token: Value| {
        let mut document = jobs().remove("job-continuation.json").expect("the file");
        document["CodePipeline.job"]["data"]["continuationToken"] = token;
        assert_harmless(&document)
    };
    let longest = "ä".repeat(2_048);
    assert_eq!(with(longest.clone().into()).expect("a job").continuation, Some(longest));
    for token in [json!(""), json!("x".repeat(2_049)), json!(7), json!({})] {
        let refusal = with(token.clone()).expect_err("no token of ours").to_string();
        assert!(
            refusal.contains("`CodePipeline.job.data.continuationToken`"),
            "{token}: {refusal}"
        );
    }
}

#[test]
fn what_is_no_job_is_refused_with_the_way_out() {
    let cases = [
        ("an alarm's action", folder("alarm")["direct-metric.json"].clone()),
        ("an event of a rule", folder("ecs")["deployment-completed.json"].clone()),
        (
            "an approval's notification",
            folder("hostile")["sns-approval.json"].clone(),
        ),
        ("two at once", json!({"CodePipeline.job": {}, "Records": []})),
        ("a list", json!([])),
        ("a job in a list", json!([jobs()["job-first.json"]])),
        ("an empty job", json!({"CodePipeline.job": {}})),
        ("a mebibyte", json!({"CodePipeline.job": "x".repeat(1024 * 1024)})),
    ];
    let report: String = cases
        .iter()
        .map(|(name, payload)| format!("{name}: {}\n", assert_harmless_of_any(payload)))
        .collect();
    expect![[r#"
        an alarm's action: expected a CodePipeline job (`CodePipeline.job` at the top) in the payload, found an alarm action's event; name the function `rollback` in the alarm's action
        an event of a rule: expected a CodePipeline job (`CodePipeline.job` at the top) in the payload, found an event of an EventBridge rule; let the EventBridge rule invoke the function `watch`
        an approval's notification: expected a CodePipeline job (`CodePipeline.job` at the top) in the payload, found a batch of records; let the service that tells of it invoke this function itself, without a topic, queue or stream in between
        two at once: expected a CodePipeline job (`CodePipeline.job` at the top) in the payload, found both `CodePipeline.job` and `Records`; find out who invokes this function (its resource policy and its triggers name them)
        a list: expected a CodePipeline job (`CodePipeline.job` at the top) in the payload, found a list of 0; find out who invokes this function (its resource policy and its triggers name them)
        a job in a list: expected a CodePipeline job (`CodePipeline.job` at the top) in the payload, found a list of 1; find out who invokes this function (its resource policy and its triggers name them)
        an empty job: expected the job's id, a UUID in lower case in `CodePipeline.job.id`, found nothing; AWS sends it whole: complete the test event (events/codepipeline has one of each shape)
        a mebibyte: expected a document of at most 262144 bytes in the payload, found a larger one, of which nothing was read; find out who invokes this function (its resource policy and its triggers name them)
    "#]].assert_eq(&report);
}

/// The refusal of what is no job, which may name the function for alarms.
fn assert_harmless_of_any(payload: &Value) -> String {
    let text = job(payload).expect_err("no job").to_string();
    assert!(!text.contains(CREDENTIAL), "{text}");
    text
}
