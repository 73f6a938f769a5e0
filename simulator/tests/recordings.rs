//! Plays `simulator/judge/requests/*.json` and records every reply as raw HTTP for `simulator/judge/judge.py`.
//!
//! A script is a list of steps, run in order against one world, once per protocol of its service:
//!
//! * `{"operation", "input", "expect": "ok" | "<ErrorCode>", "note"}` is a request. `"service"` names another
//!   service than the script's own. `"save": {"job": "/jobDetails/id"}` keeps parts of the reply (JSON pointers),
//!   `"save_delivery"` parts of the newest asynchronous Lambda invocation; `"${job}"` puts them into later inputs.
//!   `"shows": {"/jobDetails/id": "x"}` says what the reply must have there; `null` is nothing at all.
//! * `{"advance_seconds": 60}` lets time pass.
//!   `"times": 50` asks that often and records the last reply.
//! * `{"letters": 9, "name": "long"}` saves a text of that length, too long to be read here.
//! * `{"push_image": "<name:tag>", "digest": "sha256:…"}` puts an image where ECS finds it.
//! * `{"load_balancer": "<name>"}` makes one with listener, rule and three target groups, and saves their ARNs.
//! * `{"copy": "stable", "name": "other"}` saves what is saved under another name as well.
//! * `{"health_unavailable_seconds": 60}` keeps Elastic Load Balancing from telling any target's health.
//! * `{"push_to_ecr": "<repository>:<tag>", "digest": "sha256:…"}` pushes an image to ECR, as a docker client would.

use aws_smithy_types::base64;
use serde_json::{Value, json};
use simulator::ecr;
use simulator::elb;
use simulator::faults::Fault;
use simulator::model;
use simulator::wire::{self, Protocol, Reply, Request};
use simulator::{Delivery, World};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

struct Player {
    world: World,
    service: &'static str,
    protocol: Protocol,
    saved: BTreeMap<String, Value>,
    recordings: Vec<Value>,
    failures: Vec<String>,
}

impl Player {
    fn new(service: &'static str, protocol: Protocol) -> Player {
        Player {
            world: World::new(1),
            service,
            protocol,
            saved: BTreeMap::new(),
            recordings: Vec::new(),
            failures: Vec::new(),
        }
    }

    fn step(&mut self, step: &Value) {
        if let Some(seconds) = step["advance_seconds"].as_i64() {
            let until = self.world.now.plus_seconds(seconds);
            return self.world.advance_to(until);
        }
        if let (Some(image), Some(digest)) = (step["push_image"].as_str(), step["digest"].as_str()) {
            return self.world.ecs.push_image(image, digest);
        }
        if let (Some(image), Some(digest)) = (step["push_to_ecr"].as_str(), step["digest"].as_str()) {
            let (repository, tag) = image.split_once(':').expect("an image has a tag");
            return ecr::stage::push(&mut self.world, repository, tag, digest);
        }
        if let (Some(letters), Some(name)) = (step["letters"].as_u64(), step["name"].as_str()) {
            let text = "x".repeat(usize::try_from(letters).expect("a length"));
            self.saved.insert(name.to_owned(), json!(text));
            return;
        }
        if let (Some(of), Some(name)) = (step["copy"].as_str(), step["name"].as_str()) {
            let saved = self.saved.get(of).cloned().unwrap_or_default();
            self.saved.insert(name.to_owned(), saved);
            return;
        }
        if let Some(name) = step["load_balancer"].as_str() {
            return self.load_balancer(name);
        }
        if let Some(seconds) = step["health_unavailable_seconds"].as_i64() {
            let until = self.world.now.plus_seconds(seconds);
            return elb::stage::health_unavailable(&mut self.world, until);
        }
        let service = step["service"].as_str().unwrap_or(self.service);
        let operation = step["operation"]
            .as_str()
            .expect("a step has an operation or advance_seconds");
        let expect = step["expect"].as_str().expect("a step says what it expects");
        let input = self.filled(&step["input"]);
        // A service beside the script's own may not speak its protocol.
        let written = |protocol| Request::written("judge", service, operation, protocol, &input);
        let protocols = [self.protocol].into_iter().chain(Protocol::ALL);
        let (protocol, request) = protocols
            .into_iter()
            .find_map(|protocol| Some((protocol, written(protocol)?)))
            .expect("every service speaks some protocol");
        for _ in 1..step["times"].as_u64().unwrap_or(1) {
            self.world.answer(&request);
        }
        let reply = self.world.answer(&request);
        let outcome = self
            .world
            .calls
            .last()
            .map(|call| call.outcome.clone())
            .expect("every call is logged");
        let got = match &outcome {
            Ok(_) => "ok",
            Err(refusal) => refusal.code,
        };
        let note = step["note"].as_str().unwrap_or_default();
        if got != expect {
            let (who, protocol) = (self.service, protocol.name());
            self.failures.push(format!(
                "{who} ({protocol}): {service} {operation} ({note}): expected {expect}, got {outcome:?}"
            ));
        }
        let told = outcome.as_ref().unwrap_or(&Value::Null);
        for (pointer, wanted) in step["shows"].as_object().into_iter().flatten() {
            let shown = told.pointer(pointer).unwrap_or(&Value::Null);
            let wanted = &if wanted.is_null() {
                Value::Null
            } else {
                self.filled(wanted)
            };
            if !alike(shown, wanted) {
                let (who, protocol) = (self.service, protocol.name());
                self.failures.push(format!(
                    "{who} ({protocol}): {operation} ({note}): {pointer} is {shown}, wanted {wanted}"
                ));
            }
        }
        self.save(step, told);
        self.recordings
            .push(recorded(service, operation, protocol, &input, expect, note, &reply));
    }

    /// Saves `balancer`, `listener` (HTTPS), `rule`, and the groups `stable`, `canary` and `unused`, the last in no rule.
    fn load_balancer(&mut self, name: &str) {
        let world = &mut self.world;
        let balancer = elb::stage::load_balancer(world, name);
        let groups = ["stable", "canary", "unused"].map(|group| {
            let arn = elb::stage::target_group(world, &format!("{name}-{group}"));
            elb::stage::register(world, &arn, "10.0.0.1", 8080);
            (group, arn)
        });
        let forward = elb::stage::forward_sticky(&[(&groups[0].1, 99), (&groups[1].1, 1)], 3600);
        let listener = elb::stage::listener(world, &balancer, 443, "HTTPS", &forward);
        let path = json!([{ "Field": "path-pattern", "Values": ["/shop/*"] }]);
        let rule = elb::stage::rule(world, &listener, 10, &path, &forward);
        elb::stage::tag(world, &rule, "serin:policy", "shop");
        let named = [("balancer", balancer), ("listener", listener), ("rule", rule)];
        for (part, arn) in named.into_iter().chain(groups) {
            self.saved.insert(part.to_owned(), json!(arn));
        }
    }

    fn save(&mut self, step: &Value, reply: &Value) {
        let delivered = self.world.outbox.iter().rev().find_map(|delivery| match delivery {
            Delivery::Invoke { payload, .. } => Some(payload.clone()),
            _ => None,
        });
        for (key, source) in [("save", Some(reply.clone())), ("save_delivery", delivered)] {
            for (name, pointer) in step[key].as_object().into_iter().flatten() {
                let pointer = pointer.as_str().unwrap_or_default();
                match source.as_ref().and_then(|source| source.pointer(pointer)) {
                    Some(value) => {
                        self.saved.insert(name.clone(), value.clone());
                    }
                    None => self
                        .failures
                        .push(format!("{}: {step}: nothing at {pointer}", self.service)),
                }
            }
        }
    }

    /// The input with `"${name}"` replaced by what was saved, whole or inside a longer text.
    fn filled(&self, input: &Value) -> Value {
        match input {
            Value::String(text) => {
                let whole = text.strip_prefix("${").and_then(|t| t.strip_suffix('}'));
                if let Some(value) = whole.and_then(|name| self.saved.get(name)) {
                    return value.clone();
                }
                let fill = |text: String, (name, value): (&String, &Value)| {
                    text.replace(&format!("${{{name}}}"), value.as_str().unwrap_or_default())
                };
                Value::String(self.saved.iter().fold(text.clone(), fill))
            }
            Value::Array(entries) => entries.iter().map(|entry| self.filled(entry)).collect(),
            Value::Object(members) => members.iter().map(|(k, v)| (k.clone(), self.filled(v))).collect(),
            Value::Null => json!({}),
            other => other.clone(),
        }
    }

    /// Trouble looks alike whatever was asked, so it needs no script.
    fn trouble(&mut self) {
        let model = model::service(self.service).expect("the player's own service");
        for operation in model.operations.keys() {
            for fault in [Fault::Throttle, Fault::ServerError, Fault::AccessDenied] {
                let input = json!({});
                let request = Request::written("judge", self.service, operation, self.protocol, &input)
                    .expect("the player's own protocol");
                let reply = wire::refuse(&request, fault);
                let note = format!("{fault:?}");
                self.recordings.push(recorded(
                    self.service,
                    operation,
                    self.protocol,
                    &input,
                    "trouble",
                    &note,
                    &reply,
                ));
            }
        }
    }
}

/// Equal as JSON readers see it: `9` is `9.0`.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        _ => a == b,
    }
}

fn recorded(
    service: &str,
    operation: &str,
    protocol: Protocol,
    input: &Value,
    expect: &str,
    note: &str,
    reply: &Reply,
) -> Value {
    json!({
        "service": service, "operation": operation, "protocol": protocol.name(), "input": input,
        "expect": expect, "note": note, "status": reply.status,
        "headers": reply.headers.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect::<serde_json::Map<_, _>>(),
        "body": base64::encode(&reply.body),
    })
}

fn script(service: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("judge/requests/{service}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// `target/recordings`, wherever target is.
fn recordings() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("tmp is below target");
    target.join("recordings")
}

#[test]
fn every_script_gets_the_answers_it_expects_and_they_are_recorded() {
    let folder = recordings();
    fs::create_dir_all(&folder).unwrap();
    let mut failures = Vec::new();
    for (service, model) in model::services() {
        let mut entries = Vec::new();
        for protocol in Protocol::ALL {
            if !protocol.is_spoken_by(model) {
                continue;
            }
            let mut player = Player::new(service, protocol);
            script(service).iter().for_each(|step| player.step(step));
            player.trouble();
            failures.extend(player.failures);
            failures.extend(player.world.defects.iter().map(|defect| format!("defect: {defect}")));
            entries.extend(player.recordings);
        }
        let text = serde_json::to_string_pretty(&entries).unwrap();
        fs::write(folder.join(format!("{service}.json")), text).unwrap();
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
