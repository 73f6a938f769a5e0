//! What may not be taken back: by the policy as it was frozen when a release was opened, and by AWS's own log of what
//! stable was given.

use super::evidence::{Evidence, Release, is_ours};
use super::world::{Run, Write};
use simulator::At;
use simulator::ecs::Ran;
use simulator::world::Call;
use std::sync::Arc;

/// How old the answers of ECS may be.
const STALE_SECONDS: i64 = 30;

/// How long after a release has closed a write may land that was decided in it: the time-out of a function.
const UNDER_WAY_SECONDS: i64 = 60;

/// The phase in which what cannot go back is left until somebody puts it right.
const LEFT: &str = "rollback failing";

impl Release {
    /// What its policy says of going back; one that says nothing allows it.
    pub fn rollback(&self) -> &str {
        self.frozen["rollback"].as_str().unwrap_or("allowed")
    }
}

impl Evidence {
    /// Whether what an execution gave its services is left there, should it fail by then: its policy allows no way back,
    /// or none any more.
    pub fn keeps(&self, run: &Run, by: At) -> bool {
        run.releases(self).any(|release| match release.rollback() {
            "never" => true,
            "until_promoting" => self.has_begun_to_promote(run, by),
            _ => false,
        })
    }

    /// Whether a release could not be taken back by its policy, and its journal says so.
    pub fn is_left(&self, release: &Release) -> bool {
        let run = || self.world.runs.iter().find(|run| run.is_of(release));
        let said = || self.decisions(release.id()).iter().any(|(_, phase)| phase == LEFT);
        match release.rollback() {
            "never" => said(),
            "until_promoting" => said() && run().is_some_and(|run| self.keeps(run, self.now)),
            _ => false,
        }
    }

    /// Stable was given the revision, or our promotion had registered it for stable.
    fn has_begun_to_promote(&self, run: &Run, by: At) -> bool {
        let world = &self.world;
        let stable = run.service(&run.row.name);
        let given = world.given(run, &stable).any(|write| write.at <= by);
        let at_work = |at: At| {
            let mut actions = world.actions.iter();
            actions.any(|action| action.execution == run.id && action.invokes("promote") && action.ran_at(at))
        };
        let registers = |call: &&Arc<Call>| {
            let register = call.operation == "RegisterTaskDefinition" && call.outcome.is_ok();
            let of_stable = call.input["family"] == run.row.name.as_str();
            register && of_stable && is_ours(call) && call.at <= by && at_work(call.at)
        };
        given || world.promoted(run).is_some_and(|at| at <= by) || self.calls.iter().any(|call| registers(&call))
    }

    /// The release that nothing may be taken back of, where somebody of ours sends a service back all the same.
    pub(super) fn kept_by<'a>(&'a self, service: &str, caller: &str, at: At) -> Option<&'a Release> {
        let mut rows = self.rows.iter();
        let of = |name: &String, cluster: &str| super::world::service_arn(cluster, name) == *service;
        let (policy, _) = rows.find(|(_, row)| [&row.canary, &row.name].iter().any(|name| of(name, &row.cluster)))?;
        let open = |release: &&Release| {
            let opened = release.opened().is_some_and(|opened| opened <= at);
            let closed = release.closed.map(|closed| closed.plus_seconds(UNDER_WAY_SECONDS));
            release.policy == *policy && opened && closed.is_none_or(|closed| at <= closed)
        };
        let mut open = self.releases.iter().filter(open).peekable();
        let last = open.peek().copied();
        let keeps = |release: &Release| match release.rollback() {
            "never" => true,
            "until_promoting" => self.knew_of_stable(release, caller, at),
            _ => false,
        };
        last.filter(|_| open.all(keeps))
    }

    /// Whether whoever acted had just seen stable run what the release's execution gave it.
    fn knew_of_stable(&self, release: &Release, caller: &str, at: At) -> bool {
        let Some(run) = self.world.runs.iter().find(|run| run.is_of(release)) else {
            return false;
        };
        let stable = run.service(&run.row.name);
        let shows = |call: &Call, write: &Write| {
            let ran = call.at.plus_seconds(-STALE_SECONDS);
            let mut tasks = self.timeline.iter().filter(|task| task.ran == Ran::Started);
            let started = tasks.any(|task| task.task_definition == write.definition && task.at <= ran);
            let services = call
                .outcome
                .as_ref()
                .ok()
                .and_then(|reply| reply["services"].as_array());
            let mut services = services.into_iter().flatten();
            started
                && services.any(|found| {
                    let given = found["deployments"][0]["id"].as_str() == write.deployment.as_deref();
                    found["serviceArn"] == stable.as_str() && given
                })
        };
        let own = || {
            let calls = self.calls.iter().filter(|call| call.caller == caller && call.at <= at);
            calls.filter(|call| call.service == "ecs")
        };
        let given: Vec<&Write> = self.world.given(run, &stable).collect();
        let looked = |call: &Arc<Call>| given.iter().any(|write| shows(call, write));
        own().all(|call| call.outcome.is_ok()) && own().any(looked)
    }
}
