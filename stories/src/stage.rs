//! A stage: a simulated account in which time passes, queues fill, and our clock ticks.

use crate::balancer::Balancer;
use crate::handlers::{self, Diary, Handlers, Measured};
use crate::queue::Queue;
use crate::scene::RowA;
use crate::template::deploy::Environment;
use crate::template::permissions;
use crate::{fixture, scene, whole};
use aws::{Decide, Serin};
use decide::Release;
use serde_json::{Value, json};
use simulator::{At, Sim, cloudwatch};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Longest pause between two metrics of a queue.
const METRIC_MILLIS: i64 = 60_000;

/// A simulated account, played on by a script.
pub struct Stage {
    /// The account.
    pub sim: Sim,
    /// What was seen.
    pub diary: Diary,
    /// Every event on the bus.
    pub events: Rc<RefCell<Vec<Value>>>,
    /// Lines of metrics that our functions wrote to their logs.
    pub measured: Measured,
    /// Row-A sets by policy name.
    pub rows: BTreeMap<String, RowA>,
    /// Policies as they were written first, where they were put into Parameter Store.
    pub policies: BTreeMap<String, Value>,
    /// Messages in each dead-letter queue of a policy that has no queue, as a story says it.
    pub dlq: BTreeMap<String, f64>,
    /// Queues of policies that have one; their dead letters are not put on record by hand.
    pub queues: BTreeMap<String, Queue>,
    /// Load balancers of policies that have one.
    pub balancers: BTreeMap<String, Balancer>,
    /// Whether open releases are ticked.
    pub clock: bool,
    decide: Decide,
    next_tick: BTreeMap<String, At>,
    next_metric: At,
    ended: usize,
}

impl Stage {
    /// An account with an empty ledger.
    pub fn new(seed: u64, decide: Decide) -> Stage {
        let stage = Stage::bare(seed, decide);
        scene::ledger(&mut stage.sim.world());
        permissions::attach(&mut stage.sim.world(), permissions::ours());
        stage.perform(None);
        stage
    }

    /// An account with nothing in it, and nobody who acts.
    pub(crate) fn bare(seed: u64, decide: Decide) -> Stage {
        let sim = Sim::new(seed);
        sim.world().page_size = Some(2);
        let next_metric = sim.world().now;
        Stage {
            sim,
            diary: Diary::default(),
            events: Rc::new(RefCell::new(Vec::new())),
            measured: Measured::default(),
            rows: BTreeMap::new(),
            policies: BTreeMap::new(),
            dlq: BTreeMap::new(),
            queues: BTreeMap::new(),
            balancers: BTreeMap::new(),
            clock: true,
            decide,
            next_tick: BTreeMap::new(),
            next_metric,
            ended: 0,
        }
    }

    /// From now on our functions run, with what the template tells them, where one is deployed.
    pub(crate) fn perform(&self, environment: Option<Environment>) {
        let handlers = Handlers {
            decide: Arc::clone(&self.decide),
            diary: Rc::clone(&self.diary),
            events: Rc::clone(&self.events),
            measured: Arc::clone(&self.measured),
            time: handlers::configuration(&self.sim.invocation("story")),
            environment,
        };
        self.sim.set_functions(Rc::new(handlers));
    }

    /// Begins at the world's present moment, where somebody has set it.
    pub fn begin(&mut self) {
        self.next_metric = self.sim.world().now;
    }

    /// Adds row A under a name, at rest.
    pub fn row_a(&mut self, name: &str) -> RowA {
        let row = RowA::named(name);
        scene::row_a(&mut self.sim.world(), &row);
        whole::tagged(&mut self.sim.world(), &row);
        self.rows.insert(name.to_owned(), row.clone());
        self.dlq.insert(row.dlq.clone(), 0.0);
        row
    }

    /// The client library, for somebody who is no function.
    pub fn serin(&self, label: &str) -> Serin {
        handlers::serin(&self.sim.invocation(label), Arc::clone(&self.decide))
    }

    /// Opens a release for an execution, before the canary changes.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn open(&mut self, name: &str, execution: &str) -> Result<Release, String> {
        let row = self
            .rows
            .get(name)
            .cloned()
            .ok_or(format!("no policy {name} on this stage"))?;
        let serin = self.serin("open");
        let release = self.sim.block_on(fixture::open(&serin, &row, execution))?;
        let due = self.sim.world().now.plus_seconds(60);
        self.next_tick.insert(name.to_owned(), due);
        Ok(release)
    }

    /// Lets time pass: metrics every minute, ticks when they are due.
    pub fn run_for(&mut self, seconds: i64) {
        let until = self.sim.world().now.plus_seconds(seconds);
        loop {
            let tick = self.next_tick.values().copied().min().filter(|_| self.clock);
            let next = [Some(self.next_metric), tick]
                .into_iter()
                .flatten()
                .min()
                .filter(|next| *next <= until);
            let Some(next) = next else { break };
            self.sim.run_until(next);
            self.measure(next);
            self.tick(next);
            self.learn();
        }
        self.sim.run_until(until);
        self.learn();
    }

    /// Runs until something holds, at most so long; whether it does.
    pub fn run_until(&mut self, seconds: i64, holds: impl Fn(&Stage) -> bool) -> bool {
        self.run_until_by(5, seconds, holds)
    }

    /// The same, asked every so many seconds.
    pub fn run_until_by(&mut self, every: i64, seconds: i64, holds: impl Fn(&Stage) -> bool) -> bool {
        for _ in 0..seconds / every {
            if holds(self) {
                return true;
            }
            self.run_for(every);
        }
        holds(self)
    }

    fn measure(&mut self, now: At) {
        if now < self.next_metric {
            return;
        }
        let mut world = self.sim.world();
        for (queue, messages) in &self.dlq {
            let dimensions = [("QueueName", queue.as_str())];
            cloudwatch::put(
                &mut world,
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                &dimensions,
                now,
                *messages,
            );
        }
        self.next_metric = At(now.0 + METRIC_MILLIS);
    }

    fn tick(&mut self, now: At) {
        if !self.clock {
            return;
        }
        let due: Vec<String> = self
            .next_tick
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(name, _)| name.clone())
            .collect();
        for name in due {
            // Until it answers, at the latest in a minute.
            self.next_tick.insert(name.clone(), now.plus_seconds(60));
            self.sim.start("advance", json!({"policy": name}));
        }
    }

    /// Sets the clock by what the functions answered.
    fn learn(&mut self) {
        let now = self.sim.world().now;
        let ended: Vec<_> = self.sim.ended.borrow()[self.ended..].to_vec();
        self.ended += ended.len();
        for end in ended {
            match &end.outcome {
                Err(error) if error == "died" => {
                    let line = handlers::Line {
                        at: end.at.0,
                        who: end.function.clone(),
                        what: "dies in the middle of its work".to_owned(),
                    };
                    self.diary.borrow_mut().push(line);
                }
                Ok(answer) if end.function == "advance" => {
                    let Some(name) = end.payload["policy"].as_str() else {
                        continue;
                    };
                    if answer["done"] == Value::Bool(true) {
                        self.next_tick.remove(name);
                    } else {
                        let wait = answer["wait_seconds"].as_i64().unwrap_or(60).max(30);
                        self.next_tick
                            .insert(name.to_owned(), At(now.0.max(end.at.0)).plus_seconds(wait));
                    }
                }
                _ => {}
            }
        }
    }
}
