//! How a rolling deployment goes: which tasks start and which stop next.

use super::plan::plan;
use super::state::{Completed, Deployment, DeploymentStatus, Revision, Rollout, RolloutState, Status, Stop, Task};
use super::{Due, Ecs, Moment, Notice};
use crate::time::At;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Failures in a row after which ECS waits longer and longer before it tries again.
const PATIENCE: i64 = 3;
/// First such wait.
const FIRST_WAIT_SECONDS: i64 = 10;
/// Longest such wait.
const LONGEST_WAIT_SECONDS: i64 = 900;

impl Ecs {
    /// A new deployment of a definition: a new revision, a new PRIMARY, and the end of whatever was under way.
    pub(super) fn deploy(&mut self, index: usize, definition: String, moment: &mut Moment<'_>) {
        let replaced_until = self.stop_unfinished(index, moment);
        let sources = self.sources(index);
        let revision = self.add_revision(index, definition, moment);
        let letters = moment.letters();
        let service = &mut self.services[index];
        let arn = moment.arn(&format!(
            "service-deployment/{}/{}/{letters}",
            service.cluster, service.name
        ));
        let deployment = service.deployments.len();
        let threshold = service
            .config
            .breaker
            .map_or(0, |breaker| breaker.limit(service.desired));
        service.deployments.push(Deployment {
            arn: arn.clone(),
            status: DeploymentStatus::Pending,
            reason: None,
            sources,
            target: revision,
            config: service.config.clone(),
            created_at: moment.now,
            started_at: None,
            finished_at: None,
            stopped_at: None,
            updated_at: moment.now,
            rollback: None,
            failures: 0,
            threshold,
            breaker_triggered: false,
            triggered_alarms: Vec::new(),
            next: None,
            alarm: None,
        });
        self.deployments_by_arn.insert(arn, (index, deployment));
        let begins = moment.within(1, 3).max(replaced_until.unwrap_or(moment.now));
        let next = self.schedule(
            begins,
            Due::Begin {
                service: index,
                deployment,
            },
        );
        self.services[index].deployments[deployment].next = Some(next);
        self.undo_perhaps(index, deployment, moment);
        let id = format!("ecs-svc/{}", moment.digits());
        let reason = format!("ECS deployment {id} in progress.");
        // Held back until PENDING is over.
        self.add_rollout(
            index,
            Rollout::new(id, revision, deployment, reason, At(i64::MAX), moment.now),
        );
    }

    fn undo_perhaps(&mut self, index: usize, deployment: usize, moment: &Moment<'_>) {
        let Some(times) = self
            .undo_next
            .get_mut(&self.services[index].arn)
            .filter(|times| **times > 0)
        else {
            return;
        };
        *times -= 1;
        let at = moment.now.plus_seconds(self.undo_after_seconds);
        let alarm = self.schedule(
            at,
            Due::Alarm {
                service: index,
                deployment,
            },
        );
        self.services[index].deployments[deployment].alarm = Some(alarm);
    }

    /// Revisions that a new deployment starts from: those that still have tasks, the newest first.
    fn sources(&self, index: usize) -> Vec<usize> {
        let service = &self.services[index];
        let mut found: Vec<usize> = Vec::new();
        for rollout in &service.rollouts {
            let busy = self.census_of(service, &rollout.id).counted > 0;
            if busy && !found.contains(&rollout.revision) {
                found.push(rollout.revision);
            }
        }
        if found.is_empty() {
            let fallback = service.last_completed.as_ref().map(|completed| completed.revision);
            found.extend(fallback.or(service.rollouts.first().map(|rollout| rollout.revision)));
        }
        found
    }

    fn add_revision(&mut self, index: usize, definition: String, moment: &mut Moment<'_>) -> usize {
        let digits = moment.digits();
        let service = &mut self.services[index];
        let arn = moment.arn(&format!(
            "service-revision/{}/{}/{digits}",
            service.cluster, service.name
        ));
        service.revisions.push(Revision {
            arn: arn.clone(),
            definition,
            created_at: moment.now,
            settings: service.settings.clone(),
            digests: BTreeMap::new(),
        });
        let revision = service.revisions.len() - 1;
        self.revisions_by_arn.insert(arn, (index, revision));
        revision
    }

    /// Puts a deployment in front of the others.
    pub(super) fn add_rollout(&mut self, index: usize, rollout: Rollout) {
        let service = &mut self.services[index];
        service.steady = false;
        service.rollouts.insert(0, rollout);
        self.tell_rollout(index, "INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS");
        self.changed.push(index);
    }

    /// The service deployment leaves PENDING, and tasks may start.
    pub(super) fn begin(&mut self, index: usize, deployment: usize, moment: &mut Moment<'_>) {
        let service = &mut self.services[index];
        let entry = &mut service.deployments[deployment];
        entry.next = None;
        entry.status = DeploymentStatus::InProgress;
        entry.started_at = Some(moment.now);
        entry.updated_at = moment.now;
        for rollout in service
            .rollouts
            .iter_mut()
            .filter(|rollout| rollout.deployment == deployment)
        {
            rollout.not_before = moment.now;
        }
        self.changed.push(index);
        self.reconcile(index, moment);
    }

    /// Brings a service nearer to what is asked of it. Called after every change.
    pub(super) fn reconcile(&mut self, index: usize, moment: &mut Moment<'_>) {
        let Some(seen) = self.census(index, moment.now) else {
            return;
        };
        let todo = plan(seen);
        let primary = self.services[index].rollouts[0].id.clone();
        let old = self.to_stop(index, todo.stop_old, |rollout| *rollout != primary);
        let new = self.to_stop(index, todo.stop_new, |rollout| *rollout == primary);
        self.stop_surplus(index, old.into_iter().chain(new).collect(), moment);
        self.say_protected(index, moment);
        if todo.start > 0 {
            self.start_tasks(index, todo.start, moment);
        }
        // Stopping may have made room.
        if (todo.stop_old > 0 || todo.stop_new > 0) && seen.may_start {
            let room = self.census(index, moment.now).map_or(0, |seen| plan(seen).start);
            if room > 0 {
                self.start_tasks(index, room, moment);
            }
        }
        self.finish_perhaps(index, moment);
    }

    /// Which tasks to stop: those furthest from being of use first, then the oldest. Never protected ones, as long as
    /// there is a service.
    fn to_stop(&self, index: usize, count: i64, of: impl Fn(&String) -> bool) -> Vec<u64> {
        let service = &self.services[index];
        let spared = |task: &Task| task.protected.is_some() && service.status == Status::Active;
        let live = service.live.iter();
        let mut found: Vec<_> = live
            .filter_map(|id| self.tasks.get(id).map(|task| (*id, task)))
            .filter(|(_, task)| task.counts() && of(&task.rollout) && !spared(task))
            .map(|(id, task)| (task.healthy, task.stage, id))
            .collect();
        found.sort_unstable();
        let count = usize::try_from(count).unwrap_or(0);
        found.into_iter().take(count).map(|(_, _, id)| id).collect()
    }

    fn stop_surplus(&mut self, index: usize, ids: Vec<u64>, moment: &mut Moment<'_>) {
        if ids.is_empty() {
            return;
        }
        let mut names = String::new();
        for id in &ids {
            let task = &self.tasks[id];
            names.push_str(&format!(" (task {})", super::clusters::last_part(&task.arn)));
            let reason = format!("Scaling activity initiated by (deployment {})", task.rollout);
            let code = "ServiceSchedulerInitiated";
            self.stop_task(*id, Stop { code, reason }, moment);
        }
        let message = format!("has stopped {} running tasks:{names}.", ids.len());
        self.say(index, &message, moment);
        self.services[index].steady = false;
    }

    fn start_tasks(&mut self, index: usize, count: i64, moment: &mut Moment<'_>) {
        let mut names = String::new();
        for _ in 0..count {
            let id = self.start_task(index, moment);
            names.push_str(&format!(" (task {id})"));
        }
        self.say(index, &format!("has started {count} tasks:{names}."), moment);
        self.services[index].steady = false;
    }

    /// A task of this deployment never became healthy: count it, and hold the next ones back for a while.
    pub(super) fn count_failure(&mut self, index: usize, rollout: &str, moment: &mut Moment<'_>) {
        let service = &mut self.services[index];
        let primary = service.rollouts.first_mut().filter(|primary| primary.id == rollout);
        // Not once it has failed, nor while a rollback is asked for.
        let goes_on =
            |primary: &&mut Rollout| primary.state != RolloutState::Failed && primary.not_before != At(i64::MAX);
        let Some(primary) = primary.filter(goes_on) else {
            return;
        };
        primary.failed += 1;
        primary.updated_at = moment.now;
        if primary.failed >= PATIENCE {
            let doublings = u32::try_from(primary.failed - PATIENCE).unwrap_or(0).min(7);
            let wait = (FIRST_WAIT_SECONDS << doublings).min(LONGEST_WAIT_SECONDS);
            primary.not_before = moment.now.plus_seconds(wait);
            let (at, earlier) = (primary.not_before, service.wake.take());
            self.cancel(earlier);
            let wake = self.schedule(at, Due::Wake(index));
            self.services[index].wake = Some(wake);
            self.say(index, "is unable to consistently start tasks successfully.", moment);
            self.tell_action(index, "WARN", "SERVICE_TASK_START_IMPAIRED", moment.now);
        }
        self.changed.push(index);
        self.judge_failures(index, moment);
    }

    /// A task of this deployment became healthy.
    pub(super) fn count_healthy(&mut self, index: usize, rollout: &str) {
        let service = &mut self.services[index];
        let Some(primary) = service.rollouts.first_mut().filter(|primary| primary.id == rollout) else {
            return;
        };
        let entry = &mut service.deployments[primary.deployment];
        if entry.config.breaker.is_none_or(|breaker| breaker.reset_on_healthy) {
            primary.failed = 0;
            if !primary.is_rollback {
                entry.failures = 0;
            }
        }
        self.changed.push(index);
    }

    fn finish_perhaps(&mut self, index: usize, moment: &mut Moment<'_>) {
        if self.services[index].status == Status::Draining {
            self.drained_perhaps(index, moment.now);
            return;
        }
        let service = &self.services[index];
        let Some(primary) = service.rollouts.first() else {
            return;
        };
        let new = self.census_of(service, &primary.id);
        let all = self.census_of(service, "");
        let settled = new.healthy == service.desired && new.live == service.desired && all.live == new.live;
        let begun = primary.not_before != At(i64::MAX);
        if !settled || !begun {
            return;
        }
        if primary.state == RolloutState::InProgress {
            self.complete(index, moment);
        }
        if !self.services[index].steady && self.services[index].rollouts[0].state == RolloutState::Completed {
            self.services[index].steady = true;
            self.say(index, "has reached a steady state.", moment);
            self.tell_action(index, "INFO", "SERVICE_STEADY_STATE", moment.now);
        }
    }

    fn complete(&mut self, index: usize, moment: &mut Moment<'_>) {
        let service = &mut self.services[index];
        service.rollouts.truncate(1);
        let primary = &mut service.rollouts[0];
        primary.state = RolloutState::Completed;
        primary.reason = format!("ECS deployment {} completed.", primary.id);
        primary.updated_at = moment.now;
        service.last_completed = Some(Completed {
            rollout: primary.id.clone(),
            revision: primary.revision,
        });
        let (id, rollback, deployment) = (primary.id.clone(), primary.is_rollback, primary.deployment);
        let entry = &mut service.deployments[deployment];
        entry.status = match rollback {
            true => DeploymentStatus::RollbackSuccessful,
            false => DeploymentStatus::Successful,
        };
        entry.finished_at = Some(moment.now);
        entry.updated_at = moment.now;
        let pending = [entry.next.take(), entry.alarm.take()];
        for key in pending {
            self.cancel(key);
        }
        self.say(index, &format!("(deployment {id}) deployment completed."), moment);
        self.tell_rollout(index, "INFO", "SERVICE_DEPLOYMENT_COMPLETED");
    }

    fn drained_perhaps(&mut self, index: usize, now: At) {
        let service = &self.services[index];
        if self.census_of(service, "").running == 0 && self.census_of(service, "").pending == 0 {
            let service = &mut self.services[index];
            service.status = Status::Inactive;
            service.gone_at = Some(now);
            service.rollouts.clear();
            self.changed.push(index);
        }
    }

    /// Adds to the service's own events.
    pub(super) fn say(&mut self, index: usize, message: &str, moment: &mut Moment<'_>) {
        let service = &mut self.services[index];
        let id = uuid_shaped(moment);
        let message = format!("(service {}) {message}", service.name);
        let event = json!({ "id": id, "createdAt": moment.now.seconds(), "message": message });
        service.events.push_front(event);
        service.events.truncate(100);
        self.changed.push(index);
    }

    /// Sends "ECS Deployment State Change" for the PRIMARY deployment.
    pub(super) fn tell_rollout(&mut self, index: usize, kind: &str, name: &str) {
        let service = &self.services[index];
        let Some(primary) = service.rollouts.first() else {
            return;
        };
        let detail = json!({
            "eventType": kind, "eventName": name, "deploymentId": primary.id,
            "updatedAt": primary.updated_at.iso_millis(), "reason": primary.reason,
        });
        self.tell(index, "ECS Deployment State Change", detail);
    }

    fn tell_action(&mut self, index: usize, kind: &str, name: &str, now: At) {
        let detail = json!({
            "eventType": kind, "eventName": name,
            "clusterArn": self.services[index].cluster_arn, "createdAt": now.iso_millis(),
        });
        self.tell(index, "ECS Service Action", detail);
    }

    fn tell(&mut self, index: usize, kind: &'static str, detail: Value) {
        let resource = self.services[index].arn.clone();
        self.notices.push(Notice { kind, resource, detail });
    }
}

impl Rollout {
    pub(super) fn new(
        id: String,
        revision: usize,
        deployment: usize,
        reason: String,
        not_before: At,
        now: At,
    ) -> Rollout {
        Rollout {
            id,
            revision,
            deployment,
            state: RolloutState::InProgress,
            reason,
            failed: 0,
            not_before,
            is_rollback: false,
            created_at: now,
            updated_at: now,
        }
    }
}

fn uuid_shaped(moment: &mut Moment<'_>) -> String {
    let hex = moment.hex();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}
