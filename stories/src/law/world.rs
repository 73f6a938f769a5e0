//! What each pipeline execution did to the services, by AWS's own log: never by what Serin wrote down.

use super::actions::{self, ActionRun};
use super::deeds;
use super::evidence::{Evidence, Release, ask, text};
use crate::Stage;
use crate::scene::RowA;
use serde_json::{Value, json};
use simulator::At;
use simulator::ecs::RanAt;
use simulator::world::Call;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Image digests by container.
pub type Digests = BTreeMap<String, String>;

/// Who gave a service something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// A deploy action of this execution.
    Execution(String),
    /// One of our functions.
    Ours,
    /// A person or another tool.
    Other,
}

/// A service was given a task definition.
#[derive(Clone, Debug)]
pub struct Write {
    /// When.
    pub at: At,
    /// Service ARN.
    pub service: String,
    /// What it was given.
    pub definition: String,
    /// What it was to run before.
    pub before: Option<String>,
    /// What its tasks ran at that moment, each once.
    pub running: BTreeSet<String>,
    /// Id of the ECS deployment that this made.
    pub deployment: Option<String>,
    /// Id of the ECS deployment that this took the place of before the service had come to rest on that.
    pub unfinished: Option<String>,
    /// By whom.
    pub by: Author,
    /// Label of the call.
    pub caller: String,
}

/// One of our functions had ECS roll a deployment back.
#[derive(Clone, Debug)]
pub struct Stop {
    /// When.
    pub at: At,
    /// Service ARN.
    pub service: String,
    /// Where ECS went, if it did.
    pub to: Option<String>,
    /// Label of the call.
    pub caller: String,
}

/// An execution of a policy's pipeline.
#[derive(Clone, Debug)]
pub struct Run {
    /// Policy name.
    pub policy: String,
    /// Execution id.
    pub id: String,
    /// Its status, in the end.
    pub status: String,
    /// When it changed last.
    pub updated: At,
    /// Its policy, as that was written first.
    pub document: Value,
    /// Whether CodePipeline rolls a stage back by it.
    pub rollback: bool,
    /// Whether CodePipeline began it by itself; a rollback that a person began is their order.
    pub automated: bool,
    /// When its canary carried everything, where both services exchange their roles.
    pub handed_over: Option<At>,
    /// Names of everything that belongs to the policy.
    pub row: RowA,
}

/// A task definition as far as it can be compared.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    /// What its tasks run.
    pub digests: Digests,
    /// Everything else that a task is made from.
    rest: Value,
}

/// Members that tell nothing of how a task runs.
const NAMES: [&str; 10] = [
    "taskDefinitionArn",
    "family",
    "revision",
    "status",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "compatibilities",
    "requiresAttributes",
    "tags",
];

/// What was done to services, and by whom.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Executions of all policies' pipelines.
    pub runs: Vec<Run>,
    /// What their actions did, newest first within a pipeline.
    pub actions: Vec<ActionRun>,
    /// Every time a service was given something, in order.
    pub writes: Vec<Write>,
    /// Every time one of our functions had ECS roll a deployment back, in order.
    pub stops: Vec<Stop>,
    /// What releases were opened for: execution ids, and starts as the ledger spells them.
    pub heard: BTreeSet<String>,
    /// When the first release of each execution was opened.
    pub opened: BTreeMap<String, At>,
    /// What somebody ordered Serin to promote.
    pub(super) ordered: Vec<super::ordered::Promotion>,
    /// Executions whose releases could not be taken back by their policies, and were left.
    pub left: BTreeSet<String>,
    /// When the first task of each service ran, by ARN.
    pub(super) ran_first: BTreeMap<String, At>,
    /// When the first task of each definition ran, by ARN.
    pub(super) started: BTreeMap<String, At>,
    definitions: BTreeMap<String, Definition>,
}

impl World {
    /// Reads it off a stage.
    pub(super) fn of(stage: &Stage, calls: &[Arc<Call>], timeline: &[RanAt]) -> World {
        let mut world = World::default();
        for row in stage.rows.values() {
            world.runs.extend(runs(stage, row));
            world.actions.extend(actions::runs(stage, row));
        }
        world.writes = calls
            .iter()
            .filter_map(|call| deeds::write(call, &world.actions))
            .collect();
        world.remember_what_ran(timeline);
        world.remember_first_tasks(timeline);
        world.remember_what_was_running(timeline);
        world.stops = calls.iter().filter_map(|call| deeds::stop(stage, call)).collect();
        let written = world
            .writes
            .iter()
            .flat_map(|write| [Some(write.definition.clone()), write.before.clone()]);
        let stopped = world.stops.iter().map(|stop| stop.to.clone());
        let named: BTreeSet<String> = written.chain(stopped).flatten().collect();
        world.definitions = named
            .into_iter()
            .map(|arn| (arn.clone(), definition(stage, &arn)))
            .collect();
        world.learn(timeline);
        world.ordered = super::ordered::promotions(calls);
        world.credit_promotions();
        world
    }

    /// A tag may have been moved since: what the first task of a definition ran is what it meant.
    fn learn(&mut self, timeline: &[RanAt]) {
        let mut known = BTreeSet::new();
        for entry in timeline.iter().filter(|entry| !entry.images.is_empty()) {
            if known.insert(&entry.task_definition)
                && let Some(definition) = self.definitions.get_mut(&entry.task_definition)
            {
                definition.digests.clone_from(&entry.images);
            }
        }
    }

    /// What its tasks run.
    pub fn digests(&self, definition: &str) -> Digests {
        self.definitions
            .get(definition)
            .map(|definition| definition.digests.clone())
            .unwrap_or_default()
    }

    /// Whether tasks of the two are alike: images and everything else.
    pub fn same(&self, one: &str, other: &str) -> bool {
        match (self.definitions.get(one), self.definitions.get(other)) {
            _ if one == other => true,
            (Some(one), Some(other)) => one.digests == other.digests && one.rest == other.rest,
            _ => false,
        }
    }

    /// Whether a definition that no task has ever run, so that nobody can tell what its tags meant, is another one but for
    /// its images.
    pub fn never_ran_as(&self, one: &str, other: &str) -> bool {
        match (self.definitions.get(one), self.definitions.get(other)) {
            (Some(one), Some(other)) => one.digests.is_empty() && one.rest == other.rest,
            _ => false,
        }
    }

    /// Digests of all that a policy's services were given, or ran before that.
    pub fn digests_of(&self, row: &RowA) -> BTreeSet<String> {
        let services = [&row.canary, &row.name].map(|name| service_arn(&row.cluster, name));
        let own = self.writes.iter().filter(|write| services.contains(&write.service));
        let definitions = own.flat_map(|write| [Some(&write.definition), write.before.as_ref()]);
        let digests = definitions.flatten().flat_map(|definition| self.digests(definition));
        digests.map(|(_, digest)| digest).collect()
    }

    /// What an execution gave a service, in order.
    pub fn given<'a>(&'a self, run: &'a Run, service: &'a str) -> impl Iterator<Item = &'a Write> {
        let by = Author::Execution(run.id.clone());
        self.writes
            .iter()
            .filter(move |write| write.service == service && write.by == by)
    }

    /// An execution, as the policy of this service knows it.
    pub(super) fn run_on(&self, execution: &str, service: &str) -> Option<&Run> {
        let mut own = self.runs.iter().filter(|run| run.id == execution);
        own.find(|run| run.services().iter().any(|named| named == service))
    }

    /// When an execution gave stable the revision, the last time; or when another one gave stable the very same,
    /// which the canary still had of this one; or, where stable had it already, when the execution came through. Where both
    /// exchange their roles, when the canary carried everything.
    pub fn promoted(&self, run: &Run) -> Option<At> {
        if run.swaps() {
            return run.handed_over;
        }
        let stable = run.service(&run.row.name);
        let own = self.given(run, &stable).map(|write| write.at).last();
        own.or_else(|| self.promoted_by_another(run, &stable))
            .or_else(|| self.kept_by_stable(run, &stable))
    }

    /// Since when stable has had, without a break, what an execution gave it in the end: somebody else may have given it
    /// the very same before, after the canary had been given it. From then on it is watched, and not anew.
    pub fn carried(&self, run: &Run) -> Option<At> {
        let promoted = self.promoted(run)?;
        let (canary, stable) = (run.service(&run.row.canary), run.service(&run.row.name));
        let had = self.given(run, &canary).last().map(|write| write.at);
        let Some(had) = had.filter(|had| !run.swaps() && *had < promoted) else {
            return Some(promoted);
        };
        let on_stable = self.writes.iter().filter(|write| write.service == stable);
        let until: Vec<&Write> = on_stable
            .filter(|write| write.at > had && write.at <= promoted)
            .collect();
        let last = until.last().map(|write| self.digests(&write.definition));
        let same = |write: &&&Write| {
            let digests = self.digests(&write.definition);
            write.by != Author::Ours && !digests.is_empty() && Some(&digests) == last.as_ref()
        };
        let first = until.iter().rev().take_while(same).last();
        Some(first.map_or(promoted, |write| write.at))
    }

    fn kept_by_stable(&self, run: &Run, stable: &str) -> Option<At> {
        let canary = run.service(&run.row.canary);
        let had = self.given(run, &canary).last()?;
        let mut before = self.writes.iter().filter(|write| write.at <= had.at);
        let there = before.rfind(|write| write.service == stable)?;
        let released = self.digests(&had.definition);
        let kept = !released.is_empty() && self.digests(&there.definition) == released;
        (run.status == "Succeeded" && kept).then_some(run.updated)
    }

    fn promoted_by_another(&self, run: &Run, stable: &str) -> Option<At> {
        let canary = run.service(&run.row.canary);
        let had = self.given(run, &canary).last()?;
        let released = self.digests(&had.definition);
        let later = || self.writes.iter().filter(|write| write.at > had.at);
        let lost = later().find(|write| write.service == canary).map(|write| write.at);
        let same = |write: &&Write| !released.is_empty() && self.digests(&write.definition) == released;
        later()
            // By another execution, or by hand.
            .filter(|write| write.service == stable && write.by != Author::Ours)
            .filter(|write| lost.is_none_or(|lost| write.at < lost))
            .find(same)
            .map(|write| write.at)
    }

    /// When an execution gave the canary something else than its baseline.
    pub fn armed(&self, run: &Run) -> Option<At> {
        let canary = run.service(&run.row.canary);
        let baselines = self.baselines(run, &canary);
        self.given(run, &canary)
            .find(|write| !baselines.iter().any(|baseline| self.same(baseline, &write.definition)))
            .map(|write| write.at)
    }

    /// The next time that somebody who is neither this execution nor ours gave a service something, once the execution
    /// had armed its canary, or, where what it gave is what ran there before, had given the service anything.
    pub fn taken_over(&self, run: &Run, service: &str) -> Option<At> {
        let given = || self.given(run, service).next().map(|write| write.at);
        let began = self.armed(run).or_else(given)?;
        self.writes
            .iter()
            .filter(|write| write.service == service && write.at > began)
            .find(|write| write.by == Author::Other || matches!(&write.by, Author::Execution(id) if *id != run.id))
            .map(|write| write.at)
    }

    /// When we told a service to go back, in order: by giving it something or by having ECS roll back.
    pub fn sent_back(&self, service: &str) -> Vec<At> {
        let given = self
            .writes
            .iter()
            .filter(|write| write.service == service && write.by == Author::Ours)
            .map(|write| write.at);
        let stopped = self
            .stops
            .iter()
            .filter(|stop| stop.service == service)
            .map(|stop| stop.at);
        let mut sent: Vec<At> = given.chain(stopped).collect();
        sent.sort();
        sent
    }

    /// Services that an execution had touched by then, by ARN.
    pub fn touched(&self, run: &Run, by: At) -> Vec<String> {
        run.services()
            .into_iter()
            .filter(|service| self.given(run, service).any(|write| write.at <= by))
            .collect()
    }

    /// Images that an execution released, without those that had been there before.
    pub fn changed(&self, run: &Run) -> Vec<Digests> {
        let canary = run.service(&run.row.canary);
        let baselines = self.baselines(run, &canary);
        let before = baselines
            .first()
            .map(|baseline| self.digests(baseline))
            .unwrap_or_default();
        let changed = self.bad(run).into_iter().map(|mut images| {
            images.retain(|container, digest| before.get(container) != Some(digest));
            images
        });
        changed.filter(|images| !images.is_empty()).collect()
    }

    /// What an execution released: digests that are not its baselines'.
    pub fn bad(&self, run: &Run) -> Vec<Digests> {
        let canary = run.service(&run.row.canary);
        let good: Vec<Digests> = self
            .baselines(run, &canary)
            .iter()
            .map(|baseline| self.digests(baseline))
            .collect();
        self.given(run, &canary)
            .map(|write| self.digests(&write.definition))
            .filter(|digests| !digests.is_empty() && !good.contains(digests))
            .collect()
    }
}

impl Run {
    /// ARN of one of its services.
    pub fn service(&self, name: &str) -> String {
        service_arn(&self.row.cluster, name)
    }

    /// ARNs of canary and stable.
    pub fn services(&self) -> [String; 2] {
        [self.service(&self.row.canary), self.service(&self.row.name)]
    }

    /// Its first release, by what the ledger says.
    pub fn release<'a>(&'a self, evidence: &'a Evidence) -> Option<&'a Release> {
        self.releases(evidence).next()
    }

    /// All its releases, in the order of opening: a person may have had it tried again.
    pub fn releases<'a>(&'a self, evidence: &'a Evidence) -> impl Iterator<Item = &'a Release> {
        evidence.releases.iter().filter(|release| self.is_of(release))
    }

    /// Whether a release is one of it: two policies may stand on one pipeline.
    pub fn is_of(&self, release: &Release) -> bool {
        let by_hand = release.execution().is_none() && release.id() == self.id;
        release.policy == self.policy && (release.execution() == Some(&self.id) || by_hand)
    }

    /// Not over, in the end.
    pub fn is_open(&self) -> bool {
        ["InProgress", "Stopping"].contains(&self.status.as_str())
    }

    /// For how long it is watched after its promotion.
    pub fn watch_seconds(&self) -> i64 {
        self.document["watch_minutes"].as_i64().unwrap_or_default() * 60
    }
}

/// ARN of a service of the account.
pub fn service_arn(cluster: &str, name: &str) -> String {
    format!("arn:aws:ecs:eu-central-1:111122223333:service/{cluster}/{name}")
}

/// The last part of an ARN.
pub fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn runs(stage: &Stage, row: &RowA) -> Vec<Run> {
    let listed = actions::pages(
        stage,
        "ListPipelineExecutions",
        json!({"pipelineName": row.pipeline}),
        "pipelineExecutionSummaries",
    );
    let policy = stage.policies.get(&row.name).cloned().unwrap_or_else(|| row.policy());
    listed
        .iter()
        .map(|listed| Run {
            policy: row.name.clone(),
            id: text(&listed["pipelineExecutionId"]),
            status: text(&listed["status"]),
            updated: At::from_seconds(listed["lastUpdateTime"].as_f64().unwrap_or_default()),
            document: policy.clone(),
            rollback: listed["executionType"] == "ROLLBACK",
            automated: listed["trigger"]["triggerType"] == "AutomatedRollback",
            handed_over: None,
            row: row.clone(),
        })
        .collect()
}

fn definition(stage: &Stage, arn: &str) -> Definition {
    let reply = ask(stage, "ecs", "DescribeTaskDefinition", json!({"taskDefinition": arn}));
    let mut rest = reply["taskDefinition"].clone();
    let mut digests = Digests::new();
    for container in rest["containerDefinitions"].as_array_mut().into_iter().flatten() {
        let image = text(&container["image"]);
        // An image that was taken out of its repository since still has the digest it is named by.
        let digest = stage.sim.world().ecs.resolve_image(&image);
        let digest = digest.or_else(|| image.split_once('@').map(|(_, digest)| digest.to_owned()));
        digests.extend(digest.map(|digest| (text(&container["name"]), digest)));
        container["image"] = Value::Null;
    }
    for name in NAMES {
        if let Some(members) = rest.as_object_mut() {
            members.remove(name);
        }
    }
    Definition { digests, rest }
}
