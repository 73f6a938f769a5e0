//! Every document in `events/`, decoded or refused, whole and in pieces.

mod approvals;
mod happening_hostile;
mod happening_pieces;
mod happenings;
mod hostile;
mod job_parameters;
mod jobs;
mod orders;
mod pieces;
mod readme;
mod theirs;
mod whole;

use aws::event::{AlarmEvent, AlarmState, EVENT_BYTES_MAX, EpochMillis, REASON_CHARS_MAX, Source, Undecodable, alarms};
use aws_lambda_events::event::cloudwatch_alarms::{CloudWatchCompositeAlarm, CloudWatchMetricAlarm};
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_lambda_events::event::sns::{CloudWatchAlarmPayload, SnsEventObj};
use expect_test::expect;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const ARN: &str = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:orders-dlq-depth";

/// Longest refusal a person should have to read, in characters.
const REFUSAL_CHARS_MAX: usize = 700;

/// Where the documents are.
fn events() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

/// The documents of one folder of `events/`, by file name.
fn folder(name: &str) -> BTreeMap<String, Value> {
    let path = events().join(name);
    let entries = std::fs::read_dir(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    entries
        .map(|entry| {
            let path = entry.expect("a directory entry").path();
            let file = path.file_name().expect("a file name").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect(&file);
            (
                file,
                serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display())),
            )
        })
        .collect()
}

/// The only record of an event that must hold exactly one.
fn only(payload: &Value) -> Result<AlarmEvent, Undecodable> {
    let mut records = alarms(payload);
    assert_eq!(records.len(), 1, "one record in {payload}");
    records.remove(0)
}

/// A moment of 2026-11-21 (UTC).
fn at(hour: i64, minute: i64, second: i64, millis: i64) -> EpochMillis {
    const MIDNIGHT_MS: i64 = 1_795_219_200_000;
    EpochMillis(MIDNIGHT_MS + ((hour * 60 + minute) * 60 + second) * 1_000 + millis)
}
