//! What becomes of one task as time passes.

use super::asking::{can_be_seen, event_times};
use super::balanced::Standing;
use super::registry::Behaviour;
use super::state::{Container, Life, Lived, Ran, RanAt, Stage, Stop, Task};
use super::{Due, Ecs, Moment, Notice};
use crate::time::At;
use serde_json::json;

/// Exit code of a process that SIGKILL has ended.
const SIGKILLED: i64 = 137;

/// What a pull came to.
enum Pull {
    /// All images are there; the first container that misbehaves, and how.
    Done(Vec<String>),
    Cannot {
        container: usize,
        /// The image as it was asked for.
        reference: String,
    },
}

impl Ecs {
    /// Starts a task of the PRIMARY deployment. Answers with its short identifier.
    pub(super) fn start_task(&mut self, index: usize, moment: &mut Moment<'_>) -> String {
        let service = &self.services[index];
        let (rollout, revision) = (service.rollouts[0].id.clone(), service.rollouts[0].revision);
        let definition = service.revisions[revision].definition.clone();
        let short = moment.hex();
        let arn = moment.arn(&format!("task/{}/{short}", service.cluster));
        let specs = self.find_definition(&definition).map(|found| found.containers.clone());
        let containers = specs.unwrap_or_default().into_iter().map(|spec| Container {
            name: spec.name,
            image: spec.image,
            essential: spec.essential,
            id: moment.hex(),
            digest: None,
            exit_code: None,
            reason: None,
        });
        let containers = containers.collect();
        let task = Task {
            arn: arn.clone(),
            service: index,
            rollout,
            revision,
            definition,
            stage: Stage::Provisioning,
            wanted: true,
            healthy: false,
            version: 0,
            zone: moment.rng.char('a'..='c'),
            containers,
            stop: None,
            killed: false,
            created_at: moment.now,
            pull_started_at: None,
            pull_stopped_at: None,
            started_at: None,
            stopping_at: None,
            execution_stopped_at: None,
            stopped_at: None,
            exits: None,
            next: None,
            protected: None,
        };
        self.tag_task(index, &task);
        let id = self.next_serial();
        self.tasks.insert(id, task);
        self.tasks_by_arn.insert(arn, id);
        self.services[index].live.push(id);
        self.task_moves(id, Stage::Provisioning, Some(moment.within(5, 10)), moment);
        short
    }

    /// The task enters a stage, and will leave it by itself at `until`.
    fn task_moves(&mut self, id: u64, stage: Stage, until: Option<At>, moment: &Moment<'_>) {
        let next = until.map(|until| self.schedule(until, Due::Task(id)));
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        let earlier = std::mem::replace(&mut task.next, next);
        task.stage = stage;
        task.version += 1;
        let index = task.service;
        self.cancel(earlier);
        self.changed.push(index);
        self.tell_task(id, moment.now);
    }

    /// Time has passed for a task.
    pub(super) fn advance_task(&mut self, id: u64, moment: &mut Moment<'_>) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        task.next = None;
        let index = task.service;
        match task.stage {
            Stage::Provisioning => {
                task.pull_started_at = Some(moment.now);
                let until = moment.within(15, 30);
                self.task_moves(id, Stage::Pending, Some(until), moment);
            }
            Stage::Pending => self.pulled(id, moment),
            Stage::Running => self.running_on(id, moment),
            Stage::Deactivating => self.tell_to_stop(id, moment),
            Stage::Stopping => {
                let code = if task.killed { SIGKILLED } else { 0 };
                self.containers_end(id, code, moment.now);
                let until = moment.within(3, 10);
                self.task_moves(id, Stage::Deprovisioning, Some(until), moment);
            }
            Stage::Deprovisioning | Stage::Stopped => self.task_is_gone(id, moment),
        }
        self.reconcile(index, moment);
    }

    /// Which digests the task gets. The first task of a deployment fixes them for the others (version consistency).
    fn pull(&mut self, id: u64, moment: &Moment<'_>) -> Pull {
        let task = &self.tasks[&id];
        let specs = self
            .find_definition(&task.definition)
            .map(|found| found.containers.as_slice());
        let known = &self.services[task.service].revisions[task.revision].digests;
        let mut digests = Vec::new();
        for (position, spec) in specs.unwrap_or_default().iter().enumerate() {
            let fixed = known.get(&spec.name).filter(|_| spec.consistent);
            match self.pulled_digest(&spec.image, fixed, moment) {
                Some(digest) => digests.push(digest),
                None => {
                    let pinned = fixed.filter(|_| !spec.image.contains('@'));
                    let reference = pinned.map_or(spec.image.clone(), |digest| format!("{}@{digest}", spec.image));
                    return Pull::Cannot {
                        container: position,
                        reference,
                    };
                }
            }
        }
        let consistent: Vec<bool> = specs.unwrap_or_default().iter().map(|spec| spec.consistent).collect();
        let (index, revision) = (task.service, task.revision);
        let names: Vec<String> = task.containers.iter().map(|container| container.name.clone()).collect();
        let fixed = &mut self.services[index].revisions[revision].digests;
        for ((name, digest), consistent) in names.into_iter().zip(&digests).zip(consistent) {
            if consistent {
                fixed.entry(name).or_insert_with(|| digest.clone());
            }
        }
        Pull::Done(digests)
    }

    /// How the containers of a task behave, by the service that it is of, or by their images alone.
    fn behaviours(&self, id: u64, digests: &[String]) -> Vec<Behaviour> {
        let service = &self.services[self.tasks[&id].service].arn;
        let here = |digest: &String| self.behaviour_at.get(&(service.clone(), digest.clone()));
        let behaves = |digest| here(digest).or_else(|| self.behaviour.get(digest)).copied();
        digests
            .iter()
            .map(|digest| behaves(digest).unwrap_or_default())
            .collect()
    }

    pub(super) fn pulled(&mut self, id: u64, moment: &mut Moment<'_>) {
        let digests = match self.pull(id, moment) {
            Pull::Done(digests) => digests,
            Pull::Cannot { container, reference } => {
                let reason = format!(
                    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
                     {reference}: {reference}: not found"
                );
                return self.fails_to_start(id, container, reason.clone(), reason, moment);
            }
        };
        let behaviours = self.behaviours(id, &digests);
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        task.pull_stopped_at = Some(moment.now);
        for (container, digest) in task.containers.iter_mut().zip(digests) {
            container.digest = Some(digest);
        }
        let essential = |position: &usize| task.containers[*position].essential;
        let broken = (0..behaviours.len())
            .filter(essential)
            .find(|position| behaviours[*position] == Behaviour::FailsToStart);
        if let Some(container) = broken {
            let reason = "CannotStartContainerError: failed to create task for container: exec format error".to_owned();
            return self.fails_to_start(id, container, "Task failed to start".to_owned(), reason, moment);
        }
        let exits = (0..behaviours.len())
            .filter(essential)
            .filter_map(|position| match behaviours[position] {
                Behaviour::ExitsAfter { seconds } => Some((moment.now.plus_seconds(seconds), position)),
                _ => None,
            });
        task.exits = exits.min();
        task.started_at = Some(moment.now);
        let exits = task.exits;
        let looked_at = self.first_look(id, moment);
        let until = exits.map_or(looked_at, |(at, _)| at.min(looked_at));
        self.task_moves(id, Stage::Running, Some(until), moment);
        self.remember(id, Ran::Started, moment.now);
    }

    /// A running task becomes healthy, or exits.
    fn running_on(&mut self, id: u64, moment: &mut Moment<'_>) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        let (index, rollout) = (task.service, task.rollout.clone());
        if let Some((_, container)) = task.exits.filter(|(at, _)| *at <= moment.now) {
            let was_healthy = task.healthy;
            task.containers[container].exit_code = Some(1);
            let stop = Stop {
                code: "EssentialContainerExited",
                reason: "Essential container in task exited".to_owned(),
            };
            task.unwanted(stop, moment.now);
            self.containers_end(id, 0, moment.now);
            let until = moment.within(3, 10);
            self.task_moves(id, Stage::Deprovisioning, Some(until), moment);
            if !was_healthy {
                self.count_failure(index, &rollout, moment);
            }
            return;
        }
        let exits = task.exits;
        match self.standing(id, moment) {
            Standing::Healthy => {
                self.make_healthy(id);
                self.count_healthy(index, &rollout);
            }
            Standing::Open(until) => {
                let until = exits.map_or(until, |(at, _)| at.min(until));
                let next = self.schedule(until, Due::Task(id));
                if let Some(task) = self.tasks.get_mut(&id) {
                    task.next = Some(next);
                }
            }
            Standing::Failed(group) => self.fails_checks(id, &group, moment),
        }
    }

    /// The task counts as healthy; what may still come is its exit.
    pub(super) fn make_healthy(&mut self, id: u64) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        task.healthy = true;
        let (earlier, exits) = (task.next.take(), task.exits);
        self.cancel(earlier);
        let next = exits.map(|(at, _)| self.schedule(at, Due::Task(id)));
        if let Some(task) = self.tasks.get_mut(&id) {
            task.next = next;
        }
    }

    fn fails_to_start(&mut self, id: u64, container: usize, stopped: String, why: String, moment: &mut Moment<'_>) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        task.containers[container].reason = Some(why);
        task.unwanted(
            Stop {
                code: "TaskFailedToStart",
                reason: stopped,
            },
            moment.now,
        );
        let (index, rollout) = (task.service, task.rollout.clone());
        let until = moment.within(3, 10);
        self.task_moves(id, Stage::Deprovisioning, Some(until), moment);
        self.count_failure(index, &rollout, moment);
    }

    /// Stops a task: its containers get their stop time, then it goes.
    pub(super) fn stop_task(&mut self, id: u64, stop: Stop, moment: &mut Moment<'_>) {
        let Some(task) = self.tasks.get_mut(&id).filter(|task| task.counts()) else {
            return;
        };
        let runs = task.stage == Stage::Running;
        // Whoever takes a machine back does not wait.
        let waits = stop.code != "SpotInterruption";
        task.unwanted(stop, moment.now);
        if !runs {
            let until = moment.within(3, 10);
            return self.task_moves(id, Stage::Deprovisioning, Some(until), moment);
        }
        let drained_at = self.drained_at(id, moment);
        self.registers(id, false, moment.now);
        match drained_at.filter(|_| waits) {
            Some(until) => self.task_moves(id, Stage::Deactivating, Some(until), moment),
            None => self.tell_to_stop(id, moment),
        }
    }

    /// SIGTERM.
    fn tell_to_stop(&mut self, id: u64, moment: &mut Moment<'_>) {
        let definition = self.find_definition(&self.tasks[&id].definition);
        let longest = definition.map_or(0, |found| found.stop_seconds);
        // Whoever has declared what its process does, says when it is through; others take any part of their time.
        let exit = moment.workload.leaves(&self.tasks[&id].arn, moment.now, longest);
        let until = match exit {
            Some(exit) => exit.at,
            None => moment.within(1, longest),
        };
        if let Some(task) = self.tasks.get_mut(&id) {
            task.killed = exit.is_some_and(|exit| exit.killed);
        }
        self.lives
            .push(self.life(id, Lived::ToldToStop { gone: until }, moment.now));
        self.task_moves(id, Stage::Stopping, Some(until), moment);
    }

    fn containers_end(&mut self, id: u64, code: i64, now: At) {
        if let Some(task) = self.tasks.get_mut(&id) {
            task.execution_stopped_at = Some(now);
            for container in &mut task.containers {
                container.exit_code.get_or_insert(code);
            }
            self.remember(id, Ran::Stopped, now);
        }
    }

    fn task_is_gone(&mut self, id: u64, moment: &Moment<'_>) {
        if let Some(task) = self.tasks.get_mut(&id) {
            task.stopped_at = Some(moment.now);
            let (index, protected) = (task.service, task.protected.take());
            self.tags.remove(&task.arn);
            self.services[index].live.retain(|other| *other != id);
            self.cancel(protected.map(|(_, key)| key));
        }
        self.task_moves(id, Stage::Stopped, None, moment);
        self.stopped.push_back((moment.now, id));
        while let Some((_, old)) = self.stopped.front().filter(|(at, _)| !can_be_seen(*at, moment.now)) {
            if let Some(task) = self.tasks.remove(old) {
                self.tasks_by_arn.remove(&task.arn);
            }
            self.stopped.pop_front();
        }
    }

    pub(super) fn remember(&mut self, id: u64, ran: Ran, at: At) {
        let task = &self.tasks[&id];
        self.timeline.push(RanAt {
            at,
            service: self.services[task.service].arn.clone(),
            task: task.arn.clone(),
            task_definition: task.definition.clone(),
            images: task.digests(),
            ran,
        });
        self.registers(id, ran == Ran::Started, at);
        let lived = match ran {
            Ran::Started => Lived::Runs,
            Ran::Stopped => Lived::Ended,
        };
        self.lives.push(self.life(id, lived, at));
    }

    pub(super) fn life(&self, id: u64, lived: Lived, at: At) -> Life {
        let task = &self.tasks[&id];
        Life {
            at,
            service: self.services[task.service].arn.clone(),
            task: task.arn.clone(),
            definition: task.definition.clone(),
            images: task.digests(),
            lived,
        }
    }

    fn tell_task(&mut self, id: u64, now: At) {
        let task = &self.tasks[&id];
        let mut detail = self.task_json(task);
        event_times(&mut detail);
        detail["updatedAt"] = json!(now.iso_millis());
        let (resource, kind) = (task.arn.clone(), "ECS Task State Change");
        self.notices.push(Notice { kind, resource, detail });
    }
}

impl Task {
    fn unwanted(&mut self, stop: Stop, now: At) {
        self.wanted = false;
        self.stop = Some(stop);
        self.stopping_at = Some(now);
        self.healthy = false;
    }
}
