//! What must never be said, and what must not be taken for something else.

use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Once};
use stories::Stage;
use stories::law::Evidence;
use stories::scene::{self, TABLE};
use stories::told::Told;
use stories::whole::{self, Cut, deployed};
use tracing_subscriber::util::SubscriberInitExt;

thread_local! {
    /// What this thread has logged: each test has a thread of its own, and a story stays on it.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything that is logged at DEBUG, the most that the template's LogLevel takes. Below it the SDK writes down its
/// own insides, here with the whole simulated account.
///
/// One subscriber for all threads: with one for this thread alone, a line that another test reaches first would be taken
/// for one that nobody listens to.
fn logged_during(play: impl FnOnce()) -> String {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let level = tracing_subscriber::filter::LevelFilter::DEBUG;
        SubscriberInitExt::init(aws::logging::lines(level, || Log));
    });
    LOGGED.take();
    play();
    String::from_utf8(LOGGED.take()).expect("text")
}

/// Every text in a document.
fn texts(value: &Value, all: &mut Vec<String>) {
    match value {
        Value::String(text) => all.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, all)),
        Value::Object(members) => members.values().for_each(|member| texts(member, all)),
        _ => {}
    }
}

/// Secrets of every job that was delivered.
fn secrets(stage: &Stage) -> Vec<String> {
    let mut all = Vec::new();
    for end in stage.sim.ended.borrow().iter() {
        let job = &end.payload["CodePipeline.job"]["data"]["artifactCredentials"];
        texts(job, &mut all);
    }
    all.sort();
    all.dedup();
    all
}

/// Every row of the ledger, every answer of a function and every call that one made, as text.
fn written(stage: &Stage) -> String {
    let answers = stage.sim.ended.borrow();
    let answers: Vec<String> = answers.iter().map(|end| format!("{:?}", end.outcome)).collect();
    let mut world = stage.sim.world();
    let calls: Vec<String> = world.calls.iter().map(|call| call.input.to_string()).collect();
    let mut rows = Vec::new();
    let mut start = Value::Null;
    loop {
        let mut input = json!({"TableName": TABLE});
        if start.is_object() {
            input["ExclusiveStartKey"] = start;
        }
        let reply = world.call("test", "dynamodb", "Scan", input).expect("a scan");
        rows.push(reply["Items"].to_string());
        start = reply["LastEvaluatedKey"].clone();
        if start.is_null() {
            return [answers, calls, rows].concat().join("\n");
        }
    }
}

#[test]
fn credentials_of_a_pipelines_job_are_never_logged_journaled_answered_or_sent() {
    let mut stage = deployed(1, Arc::new(decide::decide));
    let said = logged_during(|| {
        let row = stage.service("orders", Cut::WithOpen);
        {
            let mut world = stage.sim.world();
            whole::push(&mut world, &row, "v2");
            scene::release(&mut world, &row, "v2");
        }
        assert!(
            stage.run_until(3_600, |stage| stage.awaits_approval(&row)),
            "the release was opened"
        );
        // The same job again, and one that is wrong in every way that is refused.
        let job = {
            let ended = stage.sim.ended.borrow();
            let job = ended.iter().find(|end| end.payload.get("CodePipeline.job").is_some());
            job.expect("a job").payload.clone()
        };
        for (place, value) in [
            ("", Value::Null),
            ("/id", json!(7)),
            ("/data", json!([job["CodePipeline.job"]["data"]])),
            ("/data/actionConfiguration", Value::Null),
            ("/data/actionConfiguration/configuration/UserParameters", json!("{")),
            (
                "/data/actionConfiguration/configuration/UserParameters",
                json!("{\"policy\": \"none\"}"),
            ),
            ("/data/continuationToken", json!({"a": 1})),
        ] {
            let mut wrong = job.clone();
            if !place.is_empty() {
                *wrong["CodePipeline.job"].pointer_mut(place).unwrap_or(&mut Value::Null) = value;
            }
            for function in ["open", "approve", "promote"] {
                stage.sim.start(function, wrong.clone());
                stage.run_for(60);
            }
        }
    });
    let secrets = secrets(&stage);
    assert!(
        secrets.len() >= 3,
        "key, secret and token of one job at least: {secrets:?}"
    );
    assert!(
        said.contains("job answered") && said.len() > 100_000,
        "the log was read: {} bytes",
        said.len()
    );
    let written = written(&stage);
    assert!(
        written.contains("opened before the canary changes"),
        "the ledger was read"
    );
    for secret in secrets {
        assert!(secret.len() >= 16, "{secret} is none");
        let line = said.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "a credential is in the log");
        assert!(
            !written.contains(&secret),
            "a credential is in the ledger, an answer or a call"
        );
    }
}

const AT_THE_APPROVAL: &str =
    "policy orders\npush orders v2\nrelease orders v2\nopen orders\nuntil approval orders\nrun 3m\nclock off";

fn play(script: &str) -> Told {
    let mut told = Told::new(1, Arc::new(decide::decide));
    for line in script.lines() {
        told.line(line)
            .unwrap_or_else(|error| panic!("{line}: {error}\n{}", told.text));
    }
    told
}

/// What `rollback` answers to an event that comes now.
fn answer(told: &Told, event: &str) -> Value {
    let now = told.stage.sim.world().now.iso_millis();
    let mut event: Value = serde_json::from_str(event).expect("JSON");
    for place in ["/alarmData/state/timestamp", "/detail/state/timestamp"] {
        if let Some(time) = event.pointer_mut(place) {
            *time = json!(now);
        }
    }
    told.stage.sim.start("rollback", event);
    let limit = told.stage.sim.world().now.plus_seconds(60);
    told.stage.sim.run_until_quiet(limit);
    let ended = told.stage.sim.ended.borrow();
    let last = ended
        .iter()
        .rev()
        .find(|end| end.function == "rollback")
        .expect("it ran");
    last.outcome.clone().expect("an answer")
}

fn policy(answer: &Value) -> (String, String) {
    let policy = &answer["alarms"][0]["policies"][0];
    let text = |name: &str| policy[name].as_str().unwrap_or_default().to_owned();
    (text("answer"), text("phase"))
}

const CONTRIBUTORS: [&str; 2] = [
    include_str!("../../events/alarm/direct-contributor.json"),
    include_str!("../../events/alarm/eventbridge-contributor.json"),
];

#[test]
fn one_time_series_of_an_alarm_is_not_taken_for_the_alarm() {
    for event in CONTRIBUTORS {
        let told = play(AT_THE_APPROVAL);
        // The alarm itself is OK: it was looked at, and nothing was rolled back.
        let quiet = answer(&told, event);
        assert_eq!(policy(&quiet), ("stepped".to_owned(), "baking".to_owned()), "{quiet}");
        let world = told.stage.sim.world();
        let ours = world.calls.iter().filter(|call| call.caller.starts_with("rollback#"));
        assert_eq!(ours.filter(|call| call.operation == "UpdateService").count(), 0);
    }
}

#[test]
fn a_time_series_leads_to_a_look_that_finds_the_alarm() {
    for event in CONTRIBUTORS {
        let mut told = play(AT_THE_APPROVAL);
        told.line("let rollback die after 0").expect("a command");
        for line in ["dlq orders 25", "until alarm orders", "run 10s"] {
            told.line(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
        let found = answer(&told, event);
        assert_eq!(
            policy(&found),
            ("stepped".to_owned(), "rolling back".to_owned()),
            "{found}"
        );
    }
}

#[test]
fn an_alarm_that_guards_nothing_costs_one_ledger_read_also_where_it_is_muted_or_one_series() {
    for event in CONTRIBUTORS.into_iter().chain([
        include_str!("../../events/alarm/eventbridge-muted.json"),
        include_str!("../../events/alarm/eventbridge-composite-suppressed.json"),
    ]) {
        // An alarm that no policy names.
        let told = play("policy payments");
        let left = answer(&told, event);
        let because = left["alarms"][0]["left_alone"].as_str().unwrap_or_default().to_owned();
        assert!(because.starts_with("no policy guards on this alarm"), "{left}");
        let world = told.stage.sim.world();
        let calls = world.calls.iter().filter(|call| call.caller.starts_with("rollback#"));
        let calls: Vec<&str> = calls.map(|call| call.operation.as_str()).collect();
        assert_eq!(calls, ["Query"], "{left}");
    }
}

/// What a stage's functions have measured under a name, added up.
fn measured(stage: &Stage, name: &str) -> i64 {
    let lines = stage.measured.lock().unwrap();
    let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter_map(|line| line[name].as_i64()).sum()
}

/// The keys are those of Powertools for AWS Lambda, so that what people have for their other functions reads these too.
#[test]
fn each_decision_is_one_line_of_the_log_with_its_invocation() {
    let mut stage = deployed(1, Arc::new(decide::decide));
    let said = logged_during(|| {
        let row = stage.service("orders", Cut::WithOpen);
        for (version, letters) in [("v2", 25.0), ("v3", 0.0)] {
            {
                let mut world = stage.sim.world();
                whole::push(&mut world, &row, version);
                scene::release(&mut world, &row, version);
            }
            assert!(
                stage.run_until(3_600, |stage| stage.awaits_approval(&row)),
                "{version} was opened"
            );
            stage.dlq.insert(row.dlq.clone(), letters);
            stage.run_for(3_600);
        }
    });
    let lines = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let decided: Vec<Value> = lines.filter(|line| line["message"] == "decided").collect();
    let invocations: BTreeSet<String> = stage.sim.ended.borrow().iter().map(|end| end.label.clone()).collect();
    for line in &decided {
        let text = |key: &str| line[key].as_str().unwrap_or_default();
        assert!(
            text("timestamp").ends_with('Z') && text("timestamp").contains('T'),
            "{line}"
        );
        assert_eq!((text("level"), text("service")), ("INFO", "serin"), "{line}");
        assert!(invocations.contains(text("function_request_id")), "{line}");
        assert!(text("because").len() > 10 && text("policy") == "orders", "{line}");
        assert!(
            text("release_id").starts_with("orders-") && !text("decision").is_empty(),
            "{line}"
        );
    }
    // Opening a release is one as well, and measured as none.
    let evidence = Evidence::of(&stage);
    let opened = evidence.releases.len();
    let count = i64::try_from(decided.len() - opened).unwrap();
    assert_eq!((opened, count), (2, measured(&stage, "Decisions")));
    // Whatever was committed is among them.
    let mut committed = 0;
    for row in evidence.journal.values().flatten() {
        let Some(Ok(generation)) = row["sk"]
            .as_str()
            .and_then(|sk| sk.strip_prefix("entry#"))
            .map(str::parse::<u64>)
        else {
            continue;
        };
        let line = |line: &&Value| line["generation"] == generation && line["because"] == row["because"];
        assert!(decided.iter().any(|found| line(&found)), "{row}");
        committed += 1;
    }
    assert!(committed >= 8, "{committed} entries");
}
