//! What the laws look at: the calls made, what ran when, the bus, and the ledger's rows.

use super::closing::{self, Closing};
use super::counts::Counts;
use super::ending::Ending;
use super::letters::Letters;
use super::measured;
use super::ordered::Order;
use super::served::{self, Drawn};
use super::world::{Run, World};
use crate::Stage;
use crate::scene::{RowA, TABLE};
use serde_json::{Map, Value, json};
use simulator::At;
use simulator::ecs::{Ran, RanAt};
use simulator::executor::Ended;
use simulator::faults::Rule;
use simulator::world::Call;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything that happened.
#[derive(Clone)]
pub struct Evidence {
    /// When the story ended.
    pub now: At,
    /// Every call answered, ours and everybody's.
    pub calls: Vec<Arc<Call>>,
    /// What ran when.
    pub timeline: Vec<RanAt>,
    /// Every event that a service meant for the bus; some may never have reached it.
    pub events: Vec<Arc<Value>>,
    /// Releases, open and closed, in the order of opening.
    pub releases: Vec<Release>,
    /// Journal rows by release id, in the order of their keys.
    pub journal: BTreeMap<String, Vec<Value>>,
    /// How our functions ended.
    pub ended: Vec<Ended>,
    /// Faults that were staged.
    pub faults: Vec<Rule>,
    /// How far ECS's answers were behind the times.
    pub behind_seconds: i64,
    /// Row-A sets by policy name.
    pub rows: BTreeMap<String, RowA>,
    /// Policies by name, as they were written first.
    pub policies: BTreeMap<String, Value>,
    /// What workers have counted, where a policy compares.
    pub counts: Counts,
    /// What dead-letter queues held, where a policy counts that.
    pub letters: Letters,
    /// What was done to services, and by whom.
    pub world: World,
    /// Every closing of a release that was ever committed, in order.
    pub closings: Vec<Closing>,
    /// Ids of releases that count as good: promoted, and through their watch.
    pub good: BTreeSet<String>,
    /// When releases were above the bound of a check for which they were taken back, by id.
    pub measured: BTreeMap<String, At>,
    /// Requests that load balancers sent by weight, by policy name.
    pub drawn: BTreeMap<String, Drawn>,
    /// What people ordered of Serin.
    pub orders: Vec<Order>,
    /// Since when each policy is known.
    pub known_since: BTreeMap<String, At>,
    /// How the account was left.
    pub ending: Ending,
    /// Reason of each disabled inbound transition, by `pipeline/stage`, in the end.
    pub disabled: BTreeMap<String, String>,
}

/// A release as its row tells it.
#[derive(Clone, Debug)]
pub struct Release {
    /// Policy name.
    pub policy: String,
    /// The document.
    pub document: Value,
    /// Its policy, as it was frozen when it was opened.
    pub frozen: Value,
    /// When its row was closed, if it was.
    pub closed: Option<At>,
}

impl Release {
    /// Its id.
    pub fn id(&self) -> &str {
        self.document["id"].as_str().unwrap_or_default()
    }

    /// When it was opened.
    pub fn opened(&self) -> Option<At> {
        moment(&self.document["opened"])
    }

    /// How it ended, by the name in the ledger.
    pub fn outcome(&self) -> Option<&str> {
        self.document["outcome"]["outcome"].as_str()
    }

    /// Why it is or was rolled back, by the name in the ledger.
    pub fn cause(&self) -> &str {
        let of = [
            &self.document["cause"]["cause"],
            &self.document["outcome"]["cause"]["cause"],
        ];
        of.iter().find_map(|cause| cause.as_str()).unwrap_or_default()
    }

    /// Its execution.
    pub fn execution(&self) -> Option<&str> {
        self.document["pipeline"]["execution"].as_str()
    }

    /// Whether the canary is no part of it: it began with what stable was given.
    pub fn is_of_stable_alone(&self) -> bool {
        let start = self.document["start"].as_str();
        start.is_some_and(|start| start.starts_with("promotion "))
    }
}

impl Evidence {
    /// Collects everything from a stage.
    pub fn of(stage: &Stage) -> Evidence {
        let (calls, events, timeline, faults, behind_seconds, now) = {
            let world = stage.sim.world();
            (
                world.calls.clone(),
                world.emitted.clone(),
                world.ecs.timeline().to_vec(),
                world.faults.rules.clone(),
                world.ecs.stale_reads_seconds,
                world.now,
            )
        };
        let world = World::of(stage, &calls, &timeline);
        let ended = stage.sim.ended.borrow().clone();
        let ending = Ending::of(stage, &world, &calls, &ended);
        let counts = Counts::of(stage, &timeline);
        let letters = Letters::of(stage);
        let mut evidence = Evidence {
            now,
            world,
            calls,
            timeline,
            events,
            releases: Vec::new(),
            journal: BTreeMap::new(),
            ended,
            faults,
            behind_seconds,
            rows: stage.rows.clone(),
            policies: stage.policies.clone(),
            counts,
            letters,
            disabled: BTreeMap::new(),
            closings: Vec::new(),
            good: BTreeSet::new(),
            measured: BTreeMap::new(),
            drawn: served::drawn(stage),
            orders: Vec::new(),
            known_since: BTreeMap::new(),
            ending,
        };
        evidence.closings = closing::closings(&evidence.calls);
        evidence.read_ledger(stage);
        evidence.read_doors(stage);
        evidence.measured = measured::of(stage, &evidence);
        evidence
    }

    fn read_ledger(&mut self, stage: &Stage) {
        let mut start = Value::Null;
        loop {
            let mut input = json!({"TableName": TABLE, "ConsistentRead": true});
            if start.is_object() {
                input["ExclusiveStartKey"] = start;
            }
            let reply = ask(stage, "dynamodb", "Scan", input);
            for item in reply["Items"].as_array().into_iter().flatten() {
                self.row(&plain(item));
            }
            start = reply["LastEvaluatedKey"].clone();
            if !start.is_object() {
                break;
            }
        }
        self.releases.sort_by_key(|release| moment(&release.document["opened"]));
        self.add_starts_by_hand();
        for release in &self.releases {
            self.world.heard.insert(release.run().to_owned());
            self.world.heard.insert(text(&release.document["start"]));
            let opened = self.world.opened.entry(release.run().to_owned());
            opened.or_insert(release.opened().unwrap_or(At::START));
        }
        let left = self.releases.iter().filter(|release| self.is_left(release));
        self.world.left = left.map(|release| release.run().to_owned()).collect();
    }

    fn row(&mut self, row: &Value) {
        let (pk, sk) = (text(&row["pk"]), text(&row["sk"]));
        if let Some(id) = pk.strip_prefix("release#") {
            self.journal.entry(id.to_owned()).or_default().push(row.clone());
        }
        if let Some(policy) = sk.strip_prefix("policy#").filter(|_| pk == "policies") {
            let since = moment(&row["since"]).map(|since| (policy.to_owned(), since));
            self.known_since.extend(since);
        }
        self.orders.extend(Order::of(row));
        if sk.starts_with("good#") {
            self.good.insert(text(&row["release_id"]));
        }
        let Some(policy) = pk.strip_prefix("policy#").filter(|_| row["document"].is_string()) else {
            return;
        };
        let [document, frozen] =
            ["document", "policy"].map(|member| serde_json::from_str(&text(&row[member])).unwrap_or(Value::Null));
        let closed = if sk.starts_with("past#") {
            moment(&row["closed"])
        } else {
            None
        };
        self.releases.push(Release {
            policy: policy.to_owned(),
            document,
            frozen,
            closed,
        });
    }

    fn read_doors(&mut self, stage: &Stage) {
        for name in stage.rows.values().map(|row| &row.pipeline) {
            let reply = ask(stage, "codepipeline", "GetPipelineState", json!({"name": name}));
            for state in reply["stageStates"].as_array().into_iter().flatten() {
                let transition = &state["inboundTransitionState"];
                if transition["enabled"] == Value::Bool(false) {
                    let key = format!("{name}/{}", text(&state["stageName"]));
                    self.disabled.insert(key, text(&transition["disabledReason"]));
                }
            }
        }
    }

    /// Our calls of `UpdateService` that took effect.
    pub fn our_updates(&self) -> impl Iterator<Item = &Call> {
        self.calls
            .iter()
            .map(AsRef::as_ref)
            .filter(|call| is_ours(call) && call.operation == "UpdateService" && call.outcome.is_ok())
    }

    /// What a service's tasks ran at a moment.
    pub fn running_at(&self, service: &str, at: At) -> Vec<super::world::Digests> {
        let mut running: BTreeMap<&str, &super::world::Digests> = BTreeMap::new();
        for entry in self
            .timeline
            .iter()
            .filter(|entry| entry.service == service && entry.at <= at)
        {
            match entry.ran {
                Ran::Started => drop(running.insert(&entry.task, &entry.images)),
                Ran::Stopped => drop(running.remove(entry.task.as_str())),
            }
        }
        running.into_values().cloned().collect()
    }

    /// The same, without what has stopped some time later: what a load balancer's target groups let finish gets nothing new.
    pub fn running_until(&self, service: &str, at: At, seconds: i64) -> Vec<super::world::Digests> {
        let of_it = || self.timeline.iter().filter(|entry| entry.service == service);
        let until = at.plus_seconds(seconds);
        let ends =
            |task: &str| of_it().any(|entry| entry.task == task && entry.ran == Ran::Stopped && entry.at <= until);
        let started = of_it().filter(|entry| entry.ran == Ran::Started && entry.at <= at);
        let running = started.filter(|entry| !ends(&entry.task));
        running.map(|entry| entry.images.clone()).collect()
    }

    /// When an execution was over, by the bus: the first of its last words; where none came, by its last change.
    pub fn over(&self, run: &Run) -> Option<At> {
        let ends = ["SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"];
        self.events
            .iter()
            .filter(|event| {
                event["detail-type"] == "CodePipeline Pipeline Execution State Change"
                    && event["detail"]["execution-id"] == run.id.as_str()
                    && ends.iter().any(|end| event["detail"]["state"] == *end)
            })
            .find_map(|event| moment(&event["time"]))
            .or_else(|| (!run.is_open()).then_some(run.updated))
    }

    /// Moments at which the policy's alarm went to ALARM unsuppressed while an execution had to answer for
    /// it: from when the canary was given something else until somebody else gave it something, or until
    /// the watch after the promotion was over.
    pub fn failed_checks(&self, run: &Run) -> Vec<At> {
        let Some(armed) = self.answers_from(run) else {
            return Vec::new();
        };
        // Where our own restore came down on the canary's deployment before anybody had seen it, the release is of
        // stable alone, and judged from when stable was given something.
        let alone = self.came_after_its_canary(run);
        let stable = run.service(&run.row.name);
        let given = self.world.given(run, &stable).map(|write| write.at).next();
        let armed = given.filter(|_| alone).map_or(armed, |given| armed.max(given));
        let taken_over = self.world.taken_over(run, &run.service(&run.row.canary));
        let watched = self.world.promoted(run).map(|at| at.plus_seconds(run.watch_seconds()));
        let rang = self.ending.rang.get(&run.row.alarm).into_iter().flatten().copied();
        rang.filter(|at| !self.was_silenced(&run.row.alarm, *at))
            .filter(|at| *at >= armed && taken_over.is_none_or(|taken| *at < taken))
            .filter(|at| {
                // What was overtaken in its watch is watched no more.
                let left = |release: &Release| {
                    let closed = release.closed.is_some_and(|closed| closed < *at);
                    closed && release.outcome() == Some("overtaken")
                };
                // Stable had it of somebody else, was watched with it for as long as the policy says, and was then given the
                // very same by the execution: that begins no other watch.
                let over = |release: &Release| {
                    let closed = release.closed.filter(|closed| closed < at);
                    let before = self
                        .world
                        .carried(run)
                        .filter(|since| self.world.promoted(run) > Some(*since));
                    let due = before.map(|since| since.plus_seconds(run.watch_seconds()));
                    let watched = closed.zip(due).is_some_and(|(closed, due)| due <= closed);
                    watched && release.outcome() == Some("promoted")
                };
                !run.releases(self).any(|release| left(release) || over(release))
            })
            .filter(|at| {
                // The watch begins when ECS is through, so one that is open may outlast our count; and one that is heard
                // of only later has had none.
                let open = run
                    .releases(self)
                    .any(|release| release.closed.is_none_or(|closed| *at <= closed));
                open || watched.is_none_or(|until| *at <= until)
            })
            .collect()
    }

    /// When a person first had a stage of an execution tried again after a moment: what follows is theirs.
    pub fn retried(&self, run: &Run, after: At) -> Option<At> {
        let retried = self.calls.iter().find(|call| {
            call.operation == "RetryStageExecution"
                && call.at > after
                && call.outcome.is_ok()
                && call.input["pipelineExecutionId"] == run.id.as_str()
        });
        retried.map(|call| call.at)
    }

    /// Whether a run's policy was known by then: a policy that is not usable guards nothing.
    pub fn is_known(&self, run: &Run, by: At) -> bool {
        let since = self.known_since.get(&run.policy);
        !self.ending.deployed || since.is_some_and(|since| *since < by)
    }

    /// Whether an alarm's actions were muted or suppressed when it rang, by what it said on the bus.
    pub(super) fn was_silenced(&self, alarm: &str, at: At) -> bool {
        self.events.iter().any(|event| {
            let (detail, state) = (&event["detail"], &event["detail"]["state"]);
            event["detail-type"] == "CloudWatch Alarm State Change"
                && detail["alarmName"] == alarm
                && moment(&state["timestamp"]) == Some(at)
                && !(state["actionsSuppressedBy"].is_null() && detail["muteDetail"].is_null())
        })
    }

    /// How the world looks in the end, for people.
    pub fn summary(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for row in self.rows.values() {
            for service in [&row.canary, &row.name] {
                let arn = super::world::service_arn(&row.cluster, service);
                let running = self.running_at(&arn, self.now);
                let mut tasks: BTreeMap<String, u32> = BTreeMap::new();
                for images in running {
                    *tasks
                        .entry(
                            images
                                .values()
                                .map(|digest| version(digest))
                                .collect::<Vec<_>>()
                                .join(" "),
                        )
                        .or_default() += 1;
                }
                let tasks: Vec<String> = tasks
                    .iter()
                    .map(|(version, count)| format!("{count} of {version}"))
                    .collect();
                lines.push(format!("{service} runs {}", tasks.join(", ")));
            }
        }
        for release in &self.releases {
            let execution = release
                .execution()
                .and_then(|id| self.world.runs.iter().find(|run| run.id == id))
                .map_or("", |run| run.status.as_str());
            let phase = release
                .outcome()
                .unwrap_or_else(|| release.document["phase"].as_str().unwrap_or_default());
            lines.push(format!(
                "release {} is {}, its execution {execution}",
                release.id(),
                phase.replace('_', " ")
            ));
        }
        lines.extend(
            self.disabled
                .iter()
                .map(|(stage, reason)| format!("the way into {stage} is closed: {reason}")),
        );
        lines
    }
}

/// Made by one of our functions: only invocations are numbered.
pub fn is_ours(call: &Call) -> bool {
    call.caller.contains('#')
}

/// The version that the scene made this digest of.
fn version(digest: &str) -> String {
    let hex = digest.trim_start_matches("sha256:").trim_start_matches('0');
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .filter_map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).ok())
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn ask(stage: &Stage, service: &'static str, operation: &str, input: Value) -> Value {
    stage
        .sim
        .world()
        .call("law", service, operation, input)
        .unwrap_or(Value::Null)
}

/// A DynamoDB item as plain JSON.
fn plain(item: &Value) -> Value {
    let members = item.as_object().cloned().unwrap_or_default();
    Value::Object(
        members
            .into_iter()
            .map(|(name, value)| (name, attribute(&value)))
            .collect::<Map<_, _>>(),
    )
}

fn attribute(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|members| members.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "M" => plain(inner),
        "L" => Value::Array(inner.as_array().into_iter().flatten().map(attribute).collect()),
        _ => inner.clone(),
    }
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A moment written as text, with `Z` or `+0000`.
pub(super) fn moment(value: &Value) -> Option<At> {
    aws::event::EpochMillis::parse(value.as_str()?).map(|millis| At(millis.0))
}

/// Every text in there that is a document.
pub(super) fn documents(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) if text.starts_with('{') => serde_json::from_str(text).into_iter().collect(),
        Value::Array(members) => members.iter().flat_map(documents).collect(),
        Value::Object(members) => members.values().flat_map(documents).collect(),
        _ => Vec::new(),
    }
}
