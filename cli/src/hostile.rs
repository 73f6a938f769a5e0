//! Text that people and AWS fill goes through everything that Serin says: plain notices, a chat, events, answers, what the
//! command shows, and the page of a report. What it may hold is at its worst here, in every field that has it.

mod cbor;

use crate::history::History;
use crate::journal::Journal;
use crate::place::{Told as _, Unanswered};
use crate::report;
use crate::status::Status;
use aws::ledger::Ledger;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use simulator::executor::Running;
use simulator::faults::{Fault, Rule};
use simulator::{Delivery, Functions, Invocation};
use std::rc::Rc;
use std::sync::Arc;
use stories::handlers::{Handlers, configuration};
use stories::scene::RowA;
use stories::template::deploy::environment;
use stories::told::Told as Story;

/// Members of AWS's replies and events that hold free text. What somebody gave as the reason why a transition is disabled
/// is compared with Serin's own, and never shown.
const FREE: [&str; 15] = [
    "reason",
    "stoppedReason",
    "statusReason",
    "rolloutStateReason",
    "NewStateReason",
    "StateReason",
    "AlarmDescription",
    "message",
    "Message",
    "externalExecutionSummary",
    "summary",
    "revisionSummary",
    "eventName",
    "stopReason",
    "stateReason",
];

/// It turns the reading direction, clears a screen, opens a tag, calls everybody in a chat, and is a link there.
fn evil(mark: &str) -> String {
    format!(
        "{mark} \u{202e}\u{2066}\u{200b}\u{1b}[2J\u{7}<b id=evil>&<!channel> [here](https://evil.example) `x`\u{2028}\
         Release: another"
    )
}

/// Every text under one of these names, at any depth.
fn spoil(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if FREE.contains(&name.as_str()) => *text = evil("aws-says"),
                    other => spoil(other),
                }
            }
        }
        Value::Array(members) => members.iter_mut().for_each(spoil),
        _ => {}
    }
}

/// The same in a text of CBOR: free text itself, or a document that holds some.
fn spoilt(member: &str, text: &str) -> Option<String> {
    if FREE.contains(&member) {
        return Some(evil("cloudwatch-says"));
    }
    let mut document = serde_json::from_str::<Value>(text).ok().filter(Value::is_object)?;
    spoil(&mut document);
    Some(document.to_string())
}

/// Functions to which AWS says such things, in events as in replies.
struct Spoilt(Handlers);

impl Functions for Spoilt {
    fn invoke(&self, mut invocation: Invocation) -> Running {
        if !invocation.payload["images"].is_object() && !invocation.payload["order"].is_object() {
            spoil(&mut invocation.payload);
        }
        invocation.http = SharedHttpClient::new(Wire(invocation.http));
        self.0.invoke(invocation)
    }

    fn route(&self, delivery: &Delivery) -> Vec<(String, Value)> {
        self.0.route(delivery)
    }
}

#[derive(Debug)]
struct Wire(SharedHttpClient);

impl HttpClient for Wire {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Tapped(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct Tapped(SharedHttpConnector);

impl HttpConnector for Tapped {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // What the ledger holds is Serin's own.
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let is_its_own = target.starts_with("DynamoDB");
        let reply = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let mut reply: HttpResponse = reply.await?;
            let bytes = reply.body().bytes().unwrap_or_default().to_vec();
            let is_cbor = reply.headers().get("smithy-protocol") == Some("rpc-v2-cbor");
            let body = match serde_json::from_slice::<Value>(&bytes) {
                _ if is_its_own || bytes.is_empty() => return Ok(reply),
                _ if is_cbor => {
                    cbor::changed(&bytes, &spoilt).map_err(|error| ConnectorError::other(error.into(), None))?
                }
                Ok(mut body) => {
                    spoil(&mut body);
                    body.to_string().into_bytes()
                }
                Err(_) => return Ok(reply),
            };
            reply.headers_mut().insert("content-length", body.len().to_string());
            *reply.body_mut() = SdkBody::from(body);
            Ok(reply)
        })
    }
}

fn say(story: &mut Story, line: &str) {
    let played = story.line(line);
    played.unwrap_or_else(|error| panic!("{line}: {error}\n{}", story.text));
}

/// Nobody may pass an id of their own where it is asked for as one.
fn starts(story: &Story, id: &str, repository: &str, version: &str) {
    let row = RowA::named("orders");
    let image = format!("{repository}@{}", row.digest(version));
    let payload = json!({
        "policy": "orders", "images": {"worker": image},
        "start": {"id": id, "by": evil("by-whom-it-was-started"), "why": evil("why-it-was-started")},
    });
    story.stage.sim.start("open", payload);
}

fn orders(story: &Story, id: &str, mut order: Value, mark: &str) {
    let slot = story.stage.slot("orders").expect("a slot");
    if let Some(held) = slot
        .held
        .filter(|_| order["kind"] == "abort" || order["kind"] == "skip")
    {
        order["release"] = json!(held.release.id);
    }
    order["id"] = json!(id);
    order["by"] = json!(evil(&format!("who-{mark}")));
    order["why"] = json!(evil(&format!("why-{mark}")));
    story
        .stage
        .sim
        .start("advance", json!({"policy": "orders", "order": order}));
}

/// A service lets nobody in for so many seconds.
fn refuses(story: &Story, service: &str, seconds: i64) {
    let mut world = story.stage.sim.world();
    let (from, until) = (world.now, world.now.plus_seconds(seconds));
    let rule = Rule::service(service, Fault::AccessDenied);
    world.faults.rules.push(Rule { from, until, ..rule });
}

/// A release by hand that is frozen, thawed and aborted; one whose tasks end of themselves; one that is refused.
fn played() -> Story {
    let mut story = Story::new(1, Arc::new(decide::decide));
    say(&mut story, "serin deployed");
    say(
        &mut story,
        r#"policy orders {"pipeline": null, "approval": "automatic", "promotion": "roll_stable", "watch_minutes": 5, "steps": [{"share_permille": 250, "bake_minutes": 10}], "checks": [{"kind": "alarm", "name": "orders-dlq-depth", "when_stale": "arm_on_recovery", "insufficient_data": "ok"}, {"kind": "health", "failed_tasks_max": 1}]}"#,
    );
    let stage = &story.stage;
    let handlers = Handlers {
        measured: Default::default(),
        decide: Arc::new(decide::decide),
        diary: Rc::clone(&stage.diary),
        events: Rc::clone(&stage.events),
        time: configuration(&stage.sim.invocation("story")),
        environment: Some(environment()),
    };
    stage.sim.set_functions(Rc::new(Spoilt(handlers)));
    let image = RowA::named("orders").image("v2");
    let (repository, _) = image.rsplit_once(':').expect("a tag");
    say(&mut story, "push orders v2");
    starts(&story, "one", repository, "v2");
    say(&mut story, "run 3m");
    orders(&story, "freeze", json!({"kind": "freeze"}), "frozen");
    say(&mut story, "run 2m");
    refuses(&story, "cloudwatch", 150);
    say(&mut story, "run 3m");
    orders(&story, "refused", json!({"kind": "skip"}), "refused");
    say(&mut story, "run 2m");
    orders(&story, "thaw", json!({"kind": "thaw"}), "thawed");
    say(&mut story, "run 2m");
    orders(&story, "abort", json!({"kind": "abort"}), "aborted");
    say(&mut story, "until closed orders");
    say(&mut story, "push orders v3 which ends after 20s");
    starts(&story, "two", repository, "v3");
    say(&mut story, "run 3m");
    say(&mut story, "until closed orders");
    say(&mut story, "run 3m");
    let elsewhere = repository.replace("/orders", "/<b_id=evil>");
    starts(&story, "three", &elsewhere, "v3");
    say(&mut story, "run 10s");
    story
}

fn ask<T>(story: &Story, question: impl AsyncFnOnce(&Ledger) -> Result<T, Unanswered>) -> T {
    let ledger = story.stage.serin("cli").ledger;
    let answer = story.stage.sim.block_on(question(&ledger));
    answer.unwrap_or_else(|unanswered| match unanswered {
        Unanswered::Ledger(error) => panic!("{error}"),
        Unanswered::Nothing(problem) => panic!("{problem}"),
    })
}

/// Whatever no text may hold that people read, or programs that show it to them.
fn harmful(text: &str) -> Option<char> {
    let turns = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    text.chars().find(|c| (c.is_control() && *c != '\n') || turns(*c))
}

/// Every text in a document, also in documents that are texts in it.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => texts(&inner, found),
            _ => found.push(text.clone()),
        },
        Value::Array(members) => members.iter().for_each(|member| texts(member, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

/// What was said, by where it is read.
fn said(story: &Story) -> Vec<(String, String)> {
    let mut said = Vec::new();
    let mut document = |place: &str, value: &Value| {
        let mut found = Vec::new();
        texts(value, &mut found);
        said.extend(found.into_iter().map(|text| (place.to_owned(), text)));
    };
    {
        let world = story.stage.sim.world();
        for published in &world.sns.published {
            let place = if published.topic.ends_with("-chat") {
                "chat"
            } else {
                "notice"
            };
            document(place, &json!([published.subject, published.message]));
        }
        let own = world.emitted.iter().filter(|event| event["source"] == "serin");
        own.for_each(|event| document("event", event));
        // What is registered is the team's own definition, whatever it holds.
        let calls = world.calls.iter().filter(|call| stories::law::is_ours(call));
        calls
            .filter(|call| call.operation != "RegisterTaskDefinition")
            .for_each(|call| document("call", &call.input));
    }
    for end in story.stage.sim.ended.borrow().iter() {
        match &end.outcome {
            Ok(answer) => document("answer", answer),
            Err(error) => document("answer", &json!(error)),
        }
    }
    let at = story.stage.serin("cli").now();
    let status = ask(story, async |ledger| Status::of(ledger, None).await);
    let history = ask(story, async |ledger| History::of(ledger, "orders", 20).await);
    let releases: Vec<String> = stories::law::Evidence::of(&story.stage)
        .releases
        .iter()
        .map(|release| release.id().to_owned())
        .collect();
    document("status", &json!([status.text(at), status.json(at)]));
    document("history", &json!([history.text(at), history.json(at)]));
    for release in &releases {
        let journal = ask(story, async |ledger| Journal::of(ledger, "orders", Some(release)).await);
        document("journal", &json!([journal.text(at), journal.json(at)]));
    }
    let page = report::of_latest(&story.stage, "orders", None, "Made by a test.".to_owned()).expect("a page");
    said.push(("report".to_owned(), page.html()));
    said
}

#[test]
fn whatever_people_and_aws_write_harms_nobody_who_reads_what_serin_says() {
    let story = played();
    let said = said(&story);
    for (place, text) in &said {
        assert_eq!(harmful(text), None, "{place}: {text}");
        if place == "chat" {
            assert!(!text.contains("<!") && !text.contains("](http"), "{text}");
        }
        if place == "report" {
            assert!(!text.contains("<b id=evil>"), "{text}");
        }
        if place == "notice" {
            let lines = text.lines().filter(|line| line.starts_with("Release:")).count();
            assert!(lines <= 1, "{text}");
        }
    }
    // Each of them was really said somewhere, in words that are harmless.
    let shown = |places: &[&str], mark: &str| {
        let mut own = said.iter().filter(|(place, _)| places.contains(&place.as_str()));
        assert!(own.any(|(_, text)| text.contains(mark)), "{places:?} never said {mark}");
    };
    for (places, mark) in [
        (["journal", "call"], "why-it-was-started"),
        (["journal", "call"], "by-whom-it-was-started"),
        (["journal", "answer"], "why-frozen"),
        (["answer", "answer"], "who-frozen"),
        (["answer", "answer"], "who-thawed"),
        (["notice", "notice"], "why-aborted"),
        (["chat", "chat"], "why-aborted"),
        (["event", "event"], "why-aborted"),
        (["history", "history"], "why-aborted"),
        (["journal", "journal"], "who-aborted"),
        (["notice", "notice"], "aws-says"),
        (["chat", "chat"], "aws-says"),
        (["event", "event"], "aws-says"),
        (["report", "report"], "aws-says"),
        (["report", "report"], "why-it-was-started"),
        (["answer", "answer"], "<b_id=evil>"),
        (["journal", "journal"], "cloudwatch-says"),
    ] {
        shown(&places, mark);
    }
}
