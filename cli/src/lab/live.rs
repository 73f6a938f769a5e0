//! The live lab: a whole account in which Serin runs, played on by wall time, with somebody at the desk.
//!
//! Requests come in one after the other, between two pieces of the account's life: nothing runs at the same time, so
//! there is nothing to lock.

use super::control::{self, Control};
use super::{orders, topics};
use serde_json::{Value, json};
use simulator::At;
use simulator::ecs::Behaviour;
use simulator::faults::Rule;
use simulator::port::{self, LabClock, Visit};
use simulator::wire::Reply;
use simulator::workload::stage as work;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;
use stories::Stage;
use stories::queue::{Plan, Queue};
use stories::scene::{self, RowA};
use stories::whole::{self, Cut};
use tokio::sync::mpsc::UnboundedReceiver;

/// The policy whose service lives there.
pub const POLICY: &str = "orders";
/// How often the account is brought up to the clock where nobody asks for anything.
const GLANCE: Duration = Duration::from_millis(100);
/// What both services run at first.
const FIRST_VERSION: &str = "v1";

/// What is sent there: a canary that fails everything rings the alarm in a few minutes, a week passes in half a minute.
fn traffic() -> Plan {
    Plan {
        per_second: 2.0,
        receives_max: 2,
        ..Plan::default()
    }
}

/// Serin is told what to release, a person approves, Serin promotes.
fn without_pipeline(policy: &mut Value) {
    if let Some(members) = policy.as_object_mut() {
        members.remove("pipeline");
    }
    policy["approval"] = json!("human");
    policy["promotion"] = json!("roll_stable");
    policy["steps"] = json!([{ "share_permille": 250, "bake_minutes": 10 }]);
}

/// What Serin knows at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// A policy, whose pipeline has our `Open` action.
    Released,
    /// The same without a pipeline: releases are begun by hand.
    ByHand,
    /// Nothing: the services, their alarm and a pipeline of standard actions are there, untagged, and no policy.
    First,
}

/// The account, and what was told of it.
pub struct Live {
    stage: Stage,
    queue: Queue,
    clock: Arc<LabClock>,
    /// Image digest of every version, as it was pushed.
    versions: BTreeMap<String, String>,
    printed: usize,
}

impl Live {
    /// An account at rest, in which Serin is deployed.
    pub fn new(speed: f64, account: Account) -> Live {
        let mut stage = whole::deployed(1, Arc::new(decide::decide));
        // Small pages are for tests.
        stage.sim.world().page_size = None;
        let row = match account {
            Account::Released => stage.service(POLICY, Cut::WithOpen),
            Account::ByHand => stage.service_with(POLICY, Cut::WithOpen, without_pipeline),
            Account::First => stage.service_before_serin(POLICY),
        };
        let queue = stage.queue(POLICY, &traffic());
        let clock = Arc::new(LabClock::new(stage.now(), speed));
        let printed = stage.diary.borrow().len();
        Live {
            stage,
            queue,
            clock,
            versions: BTreeMap::from([(FIRST_VERSION.to_owned(), row.digest(FIRST_VERSION))]),
            printed,
        }
    }

    /// What time it is there.
    pub fn now(&self) -> At {
        self.stage.now()
    }

    /// Lives on, and answers whoever comes to the desk, until nobody can come any more.
    pub async fn live(mut self, mut visits: UnboundedReceiver<Visit>) {
        loop {
            tokio::select! {
                visit = visits.recv() => {
                    let Some(visit) = visit else { return };
                    self.catch_up();
                    self.receive(visit);
                }
                () = tokio::time::sleep(GLANCE) => self.catch_up(),
            }
            self.print();
        }
    }

    /// Brings the account up to the clock, in whole seconds.
    fn catch_up(&mut self) {
        let behind = (self.clock.now().0 - self.stage.now().0) / 1000;
        if behind > 0 {
            self.stage.run_for(behind);
        }
    }

    /// What happened since it was told last.
    fn print(&mut self) {
        let diary = self.stage.diary.borrow();
        for line in &diary[self.printed..] {
            println!("{} {:<12} {}", At(line.at).clock(), line.who, line.what);
        }
        self.printed = diary.len();
        let _ = std::io::stdout().flush();
    }

    fn receive(&mut self, visit: Visit) {
        let reply = match visit.request.path.strip_prefix(control::PATH) {
            Some(route) => Some(self.control(&visit.request.method, route, &visit.query)),
            None => {
                let beside = orders::answer(&mut self.stage, &visit.request)
                    .or_else(|| topics::answer(&mut self.stage.sim.world(), &visit.request));
                match beside {
                    Some(reply) => Some(reply),
                    None => port::call(&mut self.stage.sim.world(), &visit.request),
                }
            }
        };
        visit.answer(reply);
    }

    fn control(&mut self, method: &str, route: &str, query: &str) -> Reply {
        let done = control::read(method, route, query).and_then(|control| {
            self.perform(control)
                .map_err(|problem| control::Problem::new(409, problem))
        });
        match done {
            Ok(answer) => control::reply(200, &answer),
            Err(problem) => control::reply(problem.status, &json!({ "error": problem.text })),
        }
    }

    fn perform(&mut self, control: Control) -> Result<Value, String> {
        match control {
            Control::Health => return Ok(json!({ "now": self.now().iso_millis() })),
            Control::State => {}
            Control::Advance { seconds } => {
                self.clock.jump(Duration::from_secs(seconds));
                self.catch_up();
            }
            Control::Deploy { version } => self.deploy(&version),
            Control::Push { version } => self.push(&version),
            Control::Poison { version, permille } => {
                let digest = self.row().digest(&version);
                let mut world = self.stage.sim.world();
                work::heals(&mut world, self.queue.work, &digest);
                self.queue.fails(&mut world, &digest, None, permille, 0);
            }
            Control::CannotStart { version } => {
                let digest = self.row().digest(&version);
                let mut world = self.stage.sim.world();
                world.ecs.behaviour.insert(digest, Behaviour::FailsToStart);
            }
            Control::Traffic { messages } => {
                let rate = f64::from(messages) / 60.0;
                work::rate(&mut self.stage.sim.world(), self.queue.queue, rate);
            }
            Control::Purge => {
                let row = self.row();
                let purged = Queue::purge(&mut self.stage.sim.world(), &row);
                purged.map_err(|refusal| refusal.to_string())?;
            }
            Control::Break {
                service,
                fault,
                seconds,
            } => {
                let mut world = self.stage.sim.world();
                let now = world.now;
                world.faults.rules.push(Rule {
                    from: now,
                    until: now.plus_seconds(seconds),
                    ..Rule::service(service, fault)
                });
            }
        }
        Ok(self.state())
    }

    fn row(&self) -> RowA {
        RowA::named(POLICY)
    }

    /// A version is built, and the pipeline starts with it.
    fn deploy(&mut self, version: &str) {
        self.push(version);
        scene::release(&mut self.stage.sim.world(), &self.row(), version);
    }

    /// A version is built.
    fn push(&mut self, version: &str) {
        let row = self.row();
        whole::push(&mut self.stage.sim.world(), &row, version);
        self.versions.insert(version.to_owned(), row.digest(version));
    }

    /// What can be seen of the account.
    fn state(&mut self) -> Value {
        let row = self.row();
        let mut world = self.stage.sim.world();
        let pipeline = world.call("lab", "codepipeline", "GetPipelineState", json!({ "name": row.name }));
        let pipeline = pipeline.unwrap_or_default();
        let alarms = world.call(
            "lab",
            "cloudwatch",
            "DescribeAlarms",
            json!({ "AlarmNames": [row.alarm] }),
        );
        let alarms = alarms.unwrap_or_default();
        let running = [&row.name, &row.canary].map(|service| {
            let mut tasks: BTreeMap<&str, u32> = BTreeMap::new();
            for (_, images) in world.ecs.running(&row.cluster, service) {
                let named = self
                    .versions
                    .iter()
                    .find(|(_, digest)| images.values().any(|image| image == *digest));
                *tasks
                    .entry(named.map_or("unknown", |(version, _)| version))
                    .or_default() += 1;
            }
            json!({ "service": service, "running": tasks })
        });
        let stages: Vec<Value> = pipeline["stageStates"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|stage| json!({ "stage": stage["stageName"], "status": stage["latestExecution"]["status"] }))
            .collect();
        let (waiting, dead) = (self.queue.waiting(&mut world), self.queue.letters(&mut world));
        let (lost, tally) = (self.queue.lost(&world), self.queue.tally(&world));
        let queue = json!({
            "name": row.name, "sent": tally.sent, "handled": tally.handled, "waiting": waiting, "dead": dead, "lost": lost,
        });
        let repository = row.image("");
        let repository = repository.trim_end_matches(':');
        let images: BTreeMap<&String, String> = self
            .versions
            .iter()
            .map(|(version, digest)| (version, format!("{repository}@{digest}")))
            .collect();
        let mut answer = json!({
            "now": world.now.iso_millis(),
            "queue": queue,
            "services": running,
            "images": images,
            "pipeline": { "name": row.name, "stages": stages },
            "alarm": { "name": row.alarm, "state": alarms["MetricAlarms"][0]["StateValue"] },
        });
        drop(world);
        answer["release"] = json!(self.stage.phase(POLICY));
        answer
    }
}
