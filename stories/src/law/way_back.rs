//! What a service may go back to when what it was given is taken back, by AWS's own log.

use super::evidence::Evidence;
use super::world::{Author, Digests, Run, World, Write};
use simulator::At;
use simulator::ecs::{Ran, RanAt};
use std::collections::BTreeMap;

/// How long a service may take to come to rest on what it is given, where nothing fails.
const REST_SECONDS: i64 = 3 * 60;

/// How long ECS may take to give stable what is promoted, and we to see it: a watch begins only then.
const WATCH_BEGINS_SECONDS: i64 = 10 * 60;

/// When what an execution promoted may be watched no more.
fn watched_until(run: &Run, promoted: At) -> At {
    promoted.plus_seconds(WATCH_BEGINS_SECONDS + run.watch_seconds())
}

impl World {
    /// Notes what the tasks of a service ran when it was given something.
    pub(super) fn remember_what_was_running(&mut self, timeline: &[RanAt]) {
        for write in &mut self.writes {
            let mut tasks: BTreeMap<&str, &str> = BTreeMap::new();
            let own = timeline.iter().filter(|task| task.service == write.service);
            for task in own.take_while(|task| task.at < write.at) {
                match task.ran {
                    Ran::Started => drop(tasks.insert(&task.task, &task.task_definition)),
                    Ran::Stopped => drop(tasks.remove(task.task.as_str())),
                }
            }
            write.running = tasks.into_values().map(str::to_owned).collect();
        }
    }

    /// Notes when the first task of each service ran, and of each definition.
    pub(super) fn remember_first_tasks(&mut self, timeline: &[RanAt]) {
        for task in timeline.iter().filter(|task| task.ran == Ran::Started) {
            self.ran_first.entry(task.service.clone()).or_insert(task.at);
            self.started.entry(task.task_definition.clone()).or_insert(task.at);
        }
    }

    /// The excuse of a service's first day: since when there was something to go back to from what an execution gave
    /// its canary. Never, where no task of the canary had run by then: what nobody can take back is no release. Not
    /// before a task of stable has run: until then nobody can tell what stable would go back to.
    pub fn had_a_way_back(&self, run: &Run) -> Option<At> {
        let [canary, stable] = run.services();
        let given = self.given(run, &canary).next()?.at;
        self.ran_first.get(&canary).filter(|ran| **ran <= given)?;
        self.ran_first.get(&stable).map(|ran| given.max(*ran))
    }

    /// Definitions that a service may go back to when an execution is taken back: what it ran before that
    /// execution touched it. What an execution left there that never promoted is no baseline, nor need it be what
    /// a person left there that was a release itself; of one that was still watched, what it ran before that one
    /// will do too. What nobody has heard of was nobody's release: there it is what ran just before.
    pub fn baselines(&self, run: &Run, service: &str) -> Vec<String> {
        let by = Author::Execution(run.id.clone());
        let own = |write: &Write| write.service == service && write.by == by;
        self.writes
            .iter()
            .position(own)
            .map(|first| self.ways_back(first))
            .unwrap_or_default()
    }

    /// The same for what somebody gave a service by hand and what was opened as a release for that.
    pub fn baselines_by_hand(&self, service: &str, by: At) -> Vec<String> {
        let own = |write: &Write| {
            let start = write.deployment.as_ref().map(|id| format!("deployment {id}"));
            let was_a_release = start.is_some_and(|start| self.heard.contains(&start));
            write.by == Author::Other && write.service == service && write.at <= by && was_a_release
        };
        let places = self.writes.iter().enumerate().filter(|(_, write)| own(write));
        places.flat_map(|(place, _)| self.ways_back(place)).collect()
    }

    /// What a service ran before somebody gave it something by hand; and what it ran before that, where it had not come to
    /// rest on the former: what ECS may still give up is no way back. Behind a load balancer that takes until the last old
    /// target is drained, and ECS says so itself.
    pub(super) fn before_by_hand<'a>(&'a self, write: &'a Write) -> Vec<&'a str> {
        let mut found: Vec<&str> = write.before.as_deref().into_iter().collect();
        let mut last = write;
        let earlier = self.writes.iter().rev();
        for left in earlier.filter(|other| other.service == write.service && other.at < write.at) {
            let unrest = last.unfinished.is_some() && last.unfinished == left.deployment;
            if last.at > left.at.plus_seconds(REST_SECONDS) && !unrest {
                break;
            }
            found.extend(left.before.as_deref());
            last = left;
        }
        found
    }

    /// What may be gone back to from what a service was given, by the place of that among all that was given.
    ///
    /// Where no task has ever run any of that, what tasks run will do: there is nothing else.
    fn ways_back(&self, place: usize) -> Vec<String> {
        let write = &self.writes[place];
        let mut ways: Vec<String> = self.still_runs(place).into_iter().collect();
        ways.extend(self.ways_back_from_before(place));
        let ran = |way: &String| self.started.get(way).is_some_and(|started| *started < write.at);
        if !ways.is_empty() && !ways.iter().any(ran) {
            ways.extend(write.running.iter().cloned());
        }
        ways
    }

    /// What a service had been given last, where ECS went back from that to what cannot start: its tasks still run, so
    /// that it is what the service ran just before.
    fn still_runs(&self, place: usize) -> Option<String> {
        let write = &self.writes[place];
        let last = self.writes[..place]
            .iter()
            .rfind(|last| last.service == write.service)?;
        let undone = write.before.as_ref() != Some(&last.definition);
        let runs = write.running.contains(&last.definition) && !self.is_known_bad(&last.definition, place);
        (undone && runs).then(|| last.definition.clone())
    }

    fn ways_back_from_before(&self, place: usize) -> Vec<String> {
        let write = &self.writes[place];
        let Some(before) = &write.before else {
            return Vec::new();
        };
        let there = || vec![before.clone()];
        let left_there = |other: &Write| other.service == write.service && other.definition == *before;
        let Some(left) = self.writes[..place].iter().rposition(left_there) else {
            return there();
        };
        let further = |place: usize| [there(), self.ways_back(place)].concat();
        match &self.writes[left].by {
            Author::Ours => match self.given_back(left) {
                Some(first) if self.is_watched(first, write.at) => further(first),
                _ => there(),
            },
            Author::Other => {
                let start = self.writes[left]
                    .deployment
                    .as_ref()
                    .map(|id| format!("deployment {id}"));
                let was_a_release = start.is_some_and(|start| self.heard.contains(&start));
                // What had not come to rest may have been what ECS itself went back to, or not.
                let unrest = write.at <= self.writes[left].at.plus_seconds(REST_SECONDS);
                // No task has ever run it: it cannot be gone back to.
                let never_ran = self.digests(before).is_empty();
                // A person had given it the very images that this execution releases: see law 3.
                let released = self.is_what_it_releases(write, before);
                if unrest || was_a_release || never_ran || released || self.is_known_bad(before, left) {
                    further(left)
                } else {
                    there()
                }
            }
            by if *by == write.by => there(),
            Author::Execution(id) => {
                let Some(earlier) = self.run_on(id, &write.service) else {
                    return there();
                };
                let mut writes = self.writes[..place].iter();
                let own = |other: &Write| other.service == write.service && other.by == self.writes[left].by;
                let first = writes.position(own).unwrap_or(left);
                match self.promoted(earlier) {
                    // What cannot go back is what the next release is held against, also where ECS has put there what
                    // another one had given.
                    None if self.left.contains(id) || self.is_left_by_the_last(place) => further(first),
                    None if self.heard.contains(id) => self.ways_back(first),
                    None => further(first),
                    Some(at) if write.at < watched_until(earlier, at) => further(first),
                    // Stable had been given the same by hand before anybody heard of it: there was nothing to promote.
                    Some(at) if self.opened.get(id).is_some_and(|opened| at < *opened) => further(first),
                    Some(_) => there(),
                }
            }
        }
    }

    /// Whether a definition has the images that the execution which wrote this gave its canary.
    fn is_what_it_releases(&self, write: &Write, definition: &str) -> bool {
        let Author::Execution(id) = &write.by else { return false };
        let images = self.digests(definition);
        self.run_on(id, &write.service).is_some_and(|run| {
            let canary = run.service(&run.row.canary);
            let own = |given: &Write| self.digests(&given.definition) == images;
            !images.is_empty() && write.service != canary && self.given(run, &canary).any(own)
        })
    }

    /// Whether what was given last, before this place, may not be taken back.
    fn is_left_by_the_last(&self, place: usize) -> bool {
        let service = &self.writes[place].service;
        let last = self.writes[..place].iter().rfind(|write| write.service == *service);
        last.is_some_and(|last| matches!(&last.by, Author::Execution(id) if self.left.contains(id)))
    }

    /// The place at which an execution had first given a service what we gave back to it.
    fn given_back(&self, place: usize) -> Option<usize> {
        let (ours, digests) = (&self.writes[place], self.digests(&self.writes[place].definition));
        self.writes[..place].iter().position(|write| {
            let by_execution = matches!(write.by, Author::Execution(_));
            by_execution && write.service == ours.service && self.digests(&write.definition) == digests
        })
    }

    /// Whether what an execution gave was promoted, and is watched then.
    fn is_watched(&self, place: usize, at: At) -> bool {
        let write = &self.writes[place];
        let Author::Execution(id) = &write.by else { return false };
        self.run_on(id, &write.service).is_some_and(|run| {
            let promoted = self.promoted(run);
            promoted.is_some_and(|promoted| at < watched_until(run, promoted))
        })
    }

    /// An execution that never promoted had released the very same, before this place.
    fn is_known_bad(&self, definition: &str, place: usize) -> bool {
        let digests = self.digests(definition);
        self.writes[..place].iter().any(|write| {
            let Author::Execution(id) = &write.by else { return false };
            let run = self.run_on(id, &write.service);
            // Given to stable and taken back from there is no better than never given.
            let good = |run: &Run| {
                let stable = run.service(&run.row.name);
                let sent_back = |at: At| self.sent_back(&stable).into_iter().any(|back| back > at);
                self.promoted(run).is_some_and(|at| !sent_back(at))
            };
            run.is_some_and(|run| !good(run)) && self.heard.contains(id) && self.digests(&write.definition) == digests
        })
    }
}

impl Evidence {
    /// Whether an image of each of these was deleted: there is no way back to any of them any more.
    pub fn has_no_way_back(&self, baselines: &[Digests]) -> bool {
        let deleted = |images: &Digests| images.values().any(|digest| self.ending.gone.contains(digest));
        !baselines.is_empty() && baselines.iter().all(deleted)
    }

    /// From when Serin has to answer for what an execution gave its canary: as soon as that was something else than its
    /// baseline, under a policy that was known. What was no release for want of a way back is the first day's excuse.
    pub fn answers_from(&self, run: &Run) -> Option<At> {
        let armed = self.world.armed(run).filter(|armed| self.is_known(run, *armed))?;
        match run.release(self) {
            Some(_) => Some(armed),
            None => self.world.had_a_way_back(run).map(|since| armed.max(since)),
        }
    }
}
