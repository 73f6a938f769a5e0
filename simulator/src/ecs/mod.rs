//! Amazon ECS: Fargate services with rolling deployments.
//!
//! | file | question it answers |
//! |---|---|
//! | `registry` | which digest does an image name mean, and how does that digest behave |
//! | `definitions` | what may run |
//! | `services` | what is asked of a service |
//! | `plan` | which tasks ought to start and stop next |
//! | `rollout` | how a deployment begins, goes on and completes |
//! | `undoing` | when a deployment has failed, and what ECS does then |
//! | `tasks` | what becomes of one task as time passes |
//! | `balanced` | when tasks come to their target groups and leave them, and what their health there means |
//! | `protection` | which tasks the scheduler may not stop, and until when |
//! | `describe`, `history`, `asking`, `listing` | what is told about services, deployments, tasks; in pages |
//!
//! # Time
//!
//! Everything that will happen stands in one queue; nothing is polled.

mod asking;
mod balanced;
mod clusters;
mod definitions;
mod describe;
mod history;
mod listing;
mod plan;
mod protection;
mod registry;
mod rollout;
mod services;
pub mod stage;
mod state;
mod tasks;
mod undoing;

#[cfg(test)]
mod tests;

pub(crate) use balanced::{Registration, checks_fail};
pub use registry::Behaviour;
pub use state::{Life, Lived, Ran, RanAt};

use crate::ecr::Ecr;
use crate::elb::Elb;
use crate::refusal::Refusal;
use crate::time::At;
use crate::workload::Workloads;
use crate::world::{Home, World};
use serde_json::{Value, json};
use state::{Definition, Service, Task};
use std::collections::{BTreeMap, VecDeque};

/// A place in the queue.
type Key = (At, u64);

/// What the queue holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Due {
    /// A task changes.
    Task(u64),
    /// A service deployment leaves PENDING.
    Begin { service: usize, deployment: usize },
    /// A replaced service deployment is over.
    Stopped { service: usize, deployment: usize },
    /// A rollback that was asked for begins.
    RollBack { service: usize, deployment: usize },
    /// A deployment alarm fires.
    Alarm { service: usize, deployment: usize },
    /// The scheduler may start tasks again after it was held back.
    Wake(usize),
    /// A task's scale-in protection ends.
    Unprotect(u64),
    /// A task's checks may have failed often enough.
    LookAt(u64),
}

/// An event for the bus, before it has its envelope.
#[derive(Clone, Debug)]
struct Notice {
    kind: &'static str,
    resource: String,
    detail: Value,
}

/// State of the service, and its switches.
#[derive(Debug)]
pub struct Ecs {
    /// How containers with this image digest behave; healthy unless said otherwise.
    pub behaviour: BTreeMap<String, Behaviour>,
    /// The same in the tasks of one service, by its ARN and the digest: its environment does not go with that image.
    pub behaviour_at: BTreeMap<(String, String), Behaviour>,
    /// ARN of the role that a service makes the request in hand in.
    pub(crate) in_role: Option<String>,
    /// For how long a deregistered definition may still be used. ECS says "up to 10 minutes"; 0 by default.
    pub inactive_grace_seconds: i64,
    /// How old the answers of `DescribeServices` are.
    pub stale_reads_seconds: i64,
    /// How long a running task without health check waits before it counts as healthy: 40 s, by the
    /// documentation of `minimumHealthyPercent`.
    pub healthy_after_seconds: i64,
    /// How many of the next deployments of a service (by ARN) ECS undoes by itself, as if for a deployment alarm.
    pub undo_next: BTreeMap<String, u32>,
    /// How long after its creation such a deployment is undone.
    pub undo_after_seconds: i64,
    registry: registry::Registry,
    clusters: BTreeMap<String, clusters::Cluster>,
    definitions: BTreeMap<String, Vec<Definition>>,
    tags: BTreeMap<String, BTreeMap<String, String>>,
    services: Vec<Service>,
    by_arn: BTreeMap<String, usize>,
    revisions_by_arn: BTreeMap<String, (usize, usize)>,
    deployments_by_arn: BTreeMap<String, (usize, usize)>,
    tasks: BTreeMap<u64, Task>,
    tasks_by_arn: BTreeMap<String, u64>,
    stopped: VecDeque<(At, u64)>,
    timeline: Vec<RanAt>,
    /// What the tasks' processes were told and did, until their workload has heard it.
    pub(crate) lives: Vec<Life>,
    /// What target groups have not heard yet.
    registrations: Vec<Registration>,
    queue: BTreeMap<Key, Due>,
    serial: u64,
    notices: Vec<Notice>,
    changed: Vec<usize>,
}

impl Default for Ecs {
    fn default() -> Ecs {
        Ecs {
            behaviour: BTreeMap::new(),
            behaviour_at: BTreeMap::new(),
            in_role: None,
            inactive_grace_seconds: 0,
            stale_reads_seconds: 0,
            healthy_after_seconds: 40,
            undo_next: BTreeMap::new(),
            undo_after_seconds: 40,
            registry: registry::Registry::default(),
            clusters: BTreeMap::new(),
            definitions: BTreeMap::new(),
            tags: BTreeMap::new(),
            services: Vec::new(),
            by_arn: BTreeMap::new(),
            revisions_by_arn: BTreeMap::new(),
            deployments_by_arn: BTreeMap::new(),
            tasks: BTreeMap::new(),
            tasks_by_arn: BTreeMap::new(),
            stopped: VecDeque::new(),
            timeline: Vec::new(),
            lives: Vec::new(),
            registrations: Vec::new(),
            queue: BTreeMap::new(),
            serial: 0,
            notices: Vec::new(),
            changed: Vec::new(),
        }
    }
}

impl Ecs {
    /// Makes ECS undo the next `times` deployments of a service, each some 40 s after it was made.
    pub fn rollback_next_deployment(&mut self, service_arn: &str, times: u32) {
        self.undo_next.insert(service_arn.to_owned(), times);
    }

    /// Everything that ever ran, in order.
    pub fn timeline(&self) -> &[RanAt] {
        &self.timeline
    }

    /// What a service runs now: for each RUNNING task its definition and the digest of every container.
    pub fn running(&self, cluster: &str, service: &str) -> Vec<(String, BTreeMap<String, String>)> {
        let Some(index) = self.find_service(cluster, service) else {
            return Vec::new();
        };
        let live = self.services[index].live.iter().filter_map(|id| self.tasks.get(id));
        live.filter(|task| task.stage == state::Stage::Running)
            .map(|task| (task.definition.clone(), task.digests()))
            .collect()
    }

    /// The tasks of a service that run, each as if it had begun to now.
    pub(crate) fn lives_of(&self, service_arn: &str) -> Vec<Life> {
        let Some(index) = self.by_arn.get(service_arn) else {
            return Vec::new();
        };
        let live = self.services[*index].live.iter();
        let running = live.filter(|id| {
            self.tasks
                .get(id)
                .is_some_and(|task| task.stage == state::Stage::Running)
        });
        running
            .map(|id| self.life(*id, Lived::Runs, self.tasks[id].started_at.unwrap_or_default()))
            .collect()
    }

    /// The tags of a cluster, service, task or task definition.
    pub fn tags_of(&self, arn: &str) -> BTreeMap<String, String> {
        self.tags.get(arn).cloned().unwrap_or_default()
    }

    fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    fn schedule(&mut self, at: At, due: Due) -> Key {
        let key = (at, self.next_serial());
        self.queue.insert(key, due);
        key
    }

    fn cancel(&mut self, key: Option<Key>) {
        if let Some(key) = key {
            self.queue.remove(&key);
        }
    }

    fn run(&mut self, due: Due, moment: &mut Moment<'_>) {
        match due {
            Due::Task(task) => self.advance_task(task, moment),
            Due::Begin { service, deployment } => self.begin(service, deployment, moment),
            Due::Stopped { service, deployment } => self.end_replaced(service, deployment, moment),
            Due::RollBack { service, deployment } => self.roll_back_as_asked(service, deployment, moment),
            Due::Alarm { service, deployment } => self.alarm_fires(service, deployment, moment),
            Due::Wake(service) => {
                self.services[service].wake = None;
                self.reconcile(service, moment);
            }
            Due::Unprotect(task) => self.protection_ends(task, moment),
            Due::LookAt(task) => self.looked_at(task, moment),
        }
    }
}

/// What a step may know of the world around ECS.
struct Moment<'a> {
    now: At,
    rng: &'a mut fastrand::Rng,
    home: &'a Home,
    ecr: &'a Ecr,
    elb: &'a Elb,
    workload: &'a Workloads,
    page_size: Option<usize>,
    /// Principal of the request, as an ARN.
    asked_by: String,
}

impl Moment<'_> {
    fn arn(&self, rest: &str) -> String {
        format!("arn:aws:ecs:{}:{}:{rest}", self.home.region, self.home.account)
    }

    /// Nineteen digits, as in deployment and revision identifiers.
    fn digits(&mut self) -> String {
        self.rng
            .u64(1_000_000_000_000_000_000..9_000_000_000_000_000_000)
            .to_string()
    }

    /// Letters and digits, as at the end of a service deployment's ARN.
    fn letters(&mut self) -> String {
        (0..21).map(|_| self.rng.alphanumeric()).collect()
    }

    /// Thirty-two hexadecimal digits, as in a task's ARN.
    fn hex(&mut self) -> String {
        format!("{:016x}{:016x}", self.rng.u64(..), self.rng.u64(..))
    }

    /// A moment between these two numbers of seconds from now.
    fn within(&mut self, least_seconds: i64, most_seconds: i64) -> At {
        At(self.now.0
            + self
                .rng
                .i64(least_seconds * 1000..=most_seconds.max(least_seconds) * 1000))
    }
}

/// The principal of a request: a session of a role, or a user. A caller called `admins/bob` is bob in the role `admins`.
///
/// # Source
/// AWS IAM user guide, "IAM identifiers": ARNs of users and of assumed roles, whose session is named by who assumes it.
fn asked_by(role: Option<&str>, caller: &str, account: &str) -> String {
    let role = role.and_then(|arn| arn.rsplit('/').next());
    match role {
        Some(role) => format!("arn:aws:sts::{account}:assumed-role/{role}/1700000000000"),
        None => {
            let plain = |name: &str| -> String {
                let allowed = |c: &char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(*c);
                name.chars().filter(allowed).collect()
            };
            match caller.split_once('/').filter(|(role, _)| !role.contains(':')) {
                Some((role, who)) => format!("arn:aws:sts::{account}:assumed-role/{}/{}", plain(role), plain(who)),
                None => format!("arn:aws:iam::{account}:user/{}", plain(caller)),
            }
        }
    }
}

/// Lends ECS to a step, and afterwards carries out what it has to say.
fn step<T>(world: &mut World, step: impl FnOnce(&mut Ecs, &mut Moment<'_>) -> T) -> T {
    let mut moment = Moment {
        now: world.now,
        rng: &mut world.rng,
        home: &world.home,
        ecr: &world.ecr,
        elb: &world.elb,
        workload: &world.workload,
        page_size: world.page_size,
        asked_by: asked_by(world.ecs.in_role.as_deref(), &world.caller, &world.home.account),
    };
    let stale = world.ecs.stale_reads_seconds > 0;
    if stale {
        world.ecs.snapshot_unseen();
    }
    let outcome = step(&mut world.ecs, &mut moment);
    for registration in std::mem::take(&mut world.ecs.registrations) {
        world.elb.hear(registration);
    }
    let mut changed = std::mem::take(&mut world.ecs.changed);
    changed.sort_unstable();
    changed.dedup();
    for service in changed {
        if stale {
            world.ecs.snapshot(service, world.now);
        } else {
            world.ecs.services[service].snapshots.clear();
        }
    }
    for notice in std::mem::take(&mut world.ecs.notices) {
        world.emit("aws.ecs", notice.kind, &[notice.resource], notice.detail);
    }
    outcome
}

/// Answers one request. Times are epoch seconds, as numbers.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    step(world, |ecs, moment| match operation {
        "CreateCluster" => ecs.create_cluster(input, moment),
        "DescribeClusters" => ecs.describe_clusters(input, moment),
        "ListClusters" => ecs.list_clusters(input, moment),
        "TagResource" => ecs.tag_resource(input),
        "UntagResource" => ecs.untag_resource(input),
        "ListTagsForResource" => ecs.list_tags(input),
        "RegisterTaskDefinition" => ecs.register(input, moment),
        "DescribeTaskDefinition" => ecs.describe_definition(input),
        "DeregisterTaskDefinition" => ecs.deregister(input, moment),
        "ListTaskDefinitions" => ecs.list_definitions(input, moment),
        "CreateService" => ecs.create_service(input, moment),
        "UpdateService" => ecs.update_service(input, moment),
        "DeleteService" => ecs.delete_service(input, moment),
        "DescribeServices" => ecs.describe_services(input, moment),
        "ListServices" => ecs.list_services(input, moment),
        "ListServiceDeployments" => ecs.list_deployments(input, moment),
        "DescribeServiceDeployments" => ecs.describe_deployments(input),
        "DescribeServiceRevisions" => ecs.describe_revisions(input),
        "StopServiceDeployment" => ecs.stop_deployment(input, moment),
        "ListTasks" => ecs.list_tasks(input, moment),
        "DescribeTasks" => ecs.describe_tasks(input, moment),
        "StopTask" => ecs.stop_one_task(input, moment),
        "UpdateTaskProtection" => ecs.update_protection(input, moment),
        "GetTaskProtection" => ecs.get_protection(input, moment),
        _ => Err(Refusal::new(
            "UnknownOperationException",
            format!("ecs has no {operation} here"),
        )),
    })
}

/// The process of a task's first container has ended by itself.
pub(crate) fn exits(world: &mut World, task: &str) {
    let now = world.now;
    let ecs = &mut world.ecs;
    let running = ecs
        .tasks
        .iter_mut()
        .find(|(_, one)| one.arn == task && one.stage == state::Stage::Running);
    if let Some((id, found)) = running {
        found.exits = Some((now, 0));
        let id = *id;
        ecs.schedule(now, Due::Task(id));
    }
}

/// When something next happens by itself.
pub fn next_due(world: &World) -> Option<At> {
    world.ecs.queue.keys().next().map(|(at, _)| *at)
}

/// Does what is due now.
pub fn run_due(world: &mut World) {
    while let Some((key, due)) = world.ecs.queue.first_key_value().map(|(key, due)| (*key, *due)) {
        if key.0 > world.now {
            break;
        }
        world.ecs.queue.remove(&key);
        step(world, |ecs, moment| ecs.run(due, moment));
    }
}

/// A member that is text.
fn text<'a>(input: &'a Value, member: &str) -> Option<&'a str> {
    input.get(member).and_then(Value::as_str)
}

/// A member that is a list of texts.
fn texts<'a>(input: &'a Value, member: &str) -> Vec<&'a str> {
    let list = input.get(member).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", message)
}

fn missing(arn: String) -> Value {
    json!({ "arn": arn, "reason": "MISSING" })
}
