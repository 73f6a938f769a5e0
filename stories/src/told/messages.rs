//! The messages of a queue in a story: who sends them, who fails them, and what became of them.

use super::expect::told;
use super::{Played, Told, seconds, whole};
use crate::queue::{Plan, Queue, rang, service_arn};
use simulator::World;
use simulator::ecs::stage::{exit, reclaim};
use simulator::workload::{OnSigterm, Revision, stage as work};
use std::fmt::Write as _;

/// Versions that stories tell of.
pub(super) const VERSIONS: [&str; 3] = ["v1", "v2", "v3"];

impl Told {
    pub(super) fn messages(&mut self, words: &[&str]) -> Played {
        Some(match *words {
            [name, "has", "a", "queue", "of", ref plan @ ..] => self.queue(name, &plan.join(" ")),
            [name, "gets", messages, "messages", "a", "second"] => self.gets(name, messages),
            [some, "message", "of", all, "for", name, "is", kind] => self.kind(name, kind, some, all),
            [version, "of", name, "fails", ref what @ ..] => self.fails(name, version, what),
            // Its environment does not go with that version.
            ["at", service, version, "fails", ref what @ ..] => self.fails_at(service, version, what),
            [version, "of", name, "ends", "by", "every", kind] => self.ends(name, version, kind),
            ["Spot", "takes", "a", "task", "of", service] => {
                self.loses(service, |world, arn| drop(reclaim(world, arn)))
            }
            ["a", "task", "of", service, "ends", "by", "itself"] => self.loses(service, exit),
            _ => return None,
        })
    }

    /// `5 messages a second, received 3 times at most, invisible for 30s`, and so on, apart by commas.
    fn queue(&mut self, name: &str, said: &str) -> Result<(), String> {
        self.row(name)?;
        let mut plan = Plan::default();
        for part in said.split(',') {
            let words: Vec<&str> = part.split_whitespace().collect();
            match *words {
                [messages, "messages" | "message", "a", "second"] => plan.per_second = number(messages)?,
                ["received", "once", "at", "most"] => plan.receives_max = 1,
                ["received", times, "times", "at", "most"] => plan.receives_max = count(times)?,
                ["invisible", "for", time] => plan.visibility_seconds = seconds(time)?,
                ["taken", "by", "the", batch] => plan.batch = count(batch)? as usize,
                ["handled", "in", time] => {
                    let millis = seconds(time)? * 1000;
                    plan.handling_millis = (millis / 2, millis * 3 / 2);
                }
                ["in", groups, "groups"] => plan.groups = count(groups)?,
                ["by", "workers", "that", "ignore", "SIGTERM"] => plan.on_sigterm = OnSigterm::Ignores,
                _ => return Err(format!("{}: no such thing is said of a queue", part.trim())),
            }
        }
        self.stage.queue(name, &plan);
        Ok(())
    }

    pub(super) fn queue_of(&self, name: &str) -> Result<Queue, String> {
        let queue = self.stage.queues.get(name).copied();
        queue.ok_or(format!("{name} has no queue"))
    }

    fn gets(&mut self, name: &str, messages: &str) -> Result<(), String> {
        let queue = self.queue_of(name)?;
        work::rate(&mut self.stage.sim.world(), queue.queue, number(messages)?);
        Ok(())
    }

    fn kind(&mut self, name: &str, kind: &str, some: &str, all: &str) -> Result<(), String> {
        let queue = self.queue_of(name)?;
        let permille = permille(some, all)?;
        work::kind(&mut self.stage.sim.world(), queue.queue, kind, permille);
        Ok(())
    }

    /// `every message`, `every KIND`, `1 message of 10`; each also `after 8m`, counted from when a task began to run.
    fn fails(&mut self, name: &str, version: &str, what: &[&str]) -> Result<(), String> {
        let (what, after_seconds) = match *what {
            [ref what @ .., "after", time] => (what, seconds(time)?),
            ref what => (what, 0),
        };
        let (kind, permille) = match *what {
            ["every", "message"] => (None, 1000),
            ["every", kind] => (Some(kind), 1000),
            [some, "message", "of", all] => (None, permille(some, all)?),
            _ => return Err("say every message, every KIND, or 1 message of 10".to_owned()),
        };
        let (queue, digest) = (self.queue_of(name)?, self.row(name)?.digest(version));
        queue.fails(&mut self.stage.sim.world(), &digest, kind, permille, after_seconds);
        Ok(())
    }

    fn fails_at(&mut self, service: &str, version: &str, what: &[&str]) -> Result<(), String> {
        let permille = match *what {
            ["every", "message"] => 1000,
            [some, "message", "of", all] => permille(some, all)?,
            _ => return Err("say every message, or 1 message of 10".to_owned()),
        };
        let row = self.row_of(service)?;
        let queue = self.queue_of(&row.name)?;
        let mut world = self.stage.sim.world();
        let arn = service_arn(&world, &row, service);
        queue.fails_at(&mut world, arn, &row.digest(version), permille);
        Ok(())
    }

    fn ends(&mut self, name: &str, version: &str, kind: &str) -> Result<(), String> {
        let (queue, digest) = (self.queue_of(name)?, self.row(name)?.digest(version));
        queue.ends(&mut self.stage.sim.world(), &digest, kind);
        Ok(())
    }

    fn loses(&mut self, service: &str, how: fn(&mut World, &str)) -> Result<(), String> {
        let row = self.row_of(service)?;
        let mut world = self.stage.sim.world();
        if world.ecs.running(&row.cluster, service).is_empty() {
            return Err(format!("no task of {service} runs"));
        }
        let arn = service_arn(&world, &row, service);
        how(&mut world, &arn);
        Ok(())
    }

    pub(super) fn expect_messages(&mut self, what: &[&str]) -> Played {
        Some(match *what {
            ["no", "message", "of", name, "lost"] => self.expect_lost(name, 0, 0),
            ["between", least, "and", most, "messages", "of", name, "lost"] => count(least)
                .and_then(|least| Ok((least, count(most)?)))
                .and_then(|(least, most)| self.expect_lost(name, least as usize, most as usize)),
            [
                "one",
                "in",
                number,
                "of",
                "what",
                version,
                "of",
                name,
                "saw",
                "first",
                "lost",
            ] => self.expect_by_chance(name, version, number),
            [version, "of", name, "failed", "no", "message"] => self.expect_did(name, version, |did| did.failed == 0),
            [version, "of", name, "handled", "no", "message"] => self.expect_did(name, version, |did| did.handled == 0),
            [version, "of", name, "handled", "messages"] => self.expect_did(name, version, |did| did.handled > 0),
            [version, "of", name, "dropped", "messages"] => self.expect_did(name, version, |did| did.dropped > 0),
            [
                version,
                "of",
                name,
                "received",
                "nothing",
                "from",
                time,
                "after",
                "the",
                "alarm",
                "on",
            ] => seconds(time).and_then(|seconds| self.expect_last(name, version, seconds)),
            ["every", "message", "of", name, "accounted", "for"] => self.expect_all(name),
            _ => return None,
        })
    }

    fn expect_lost(&self, name: &str, least: usize, most: usize) -> Result<(), String> {
        let queue = self.queue_of(name)?;
        let lost = queue.lost(&self.stage.sim.world());
        told((least..=most).contains(&lost), || format!("{lost} are lost"))
    }

    /// Lost are by chance those that met no other revision; half as many and twice as many are chance's too.
    fn expect_by_chance(&self, name: &str, version: &str, number: &str) -> Result<(), String> {
        let queue = self.queue_of(name)?;
        let first = f64::from(self.stage.did(name, version).received_first);
        let lost = queue.lost(&self.stage.sim.world()) as f64;
        let wanted = first / self::number(number)?;
        let holds = first > 0.0 && (wanted / 2.0..=wanted * 2.0).contains(&lost);
        told(holds, || format!("{lost} of {first} are lost"))
    }

    fn expect_did(&self, name: &str, version: &str, holds: impl Fn(&Revision) -> bool) -> Result<(), String> {
        self.queue_of(name)?;
        let did = self.stage.did(name, version);
        told(holds(&did), || format!("{did:?}"))
    }

    fn expect_last(&self, name: &str, version: &str, seconds: i64) -> Result<(), String> {
        self.queue_of(name)?;
        let row = self.row(name)?;
        let did = self.stage.did(name, version);
        let rang = rang(&self.stage.sim.world(), &row.alarm);
        let (Some(rang), Some(last)) = (rang.last().copied(), did.last) else {
            return Err("there was no alarm, or it received nothing at all".to_owned());
        };
        let holds = last < rang.plus_seconds(seconds);
        told(holds, || {
            format!("it received at {}, alarm at {}", last.clock(), rang.clock())
        })
    }

    /// Handled, lost, or still in the queue: nothing else may become of a message.
    fn expect_all(&self, name: &str) -> Result<(), String> {
        let queue = self.queue_of(name)?;
        let mut world = self.stage.sim.world();
        let (lost, waiting) = (queue.lost(&world), queue.waiting(&mut world));
        let late = queue.dead_and_handled(&world);
        let tally = queue.tally(&world);
        let found = tally.handled as usize + late + lost + waiting;
        told(found == tally.sent as usize, || {
            format!(
                "{} sent, {} handled, {late} handled and dead, {lost} lost, {waiting} in the queue",
                tally.sent, tally.handled
            )
        })
    }

    /// What became of the messages in the end.
    pub(super) fn tell_messages(&mut self) {
        let queues: Vec<(String, Queue)> = self
            .stage
            .queues
            .iter()
            .map(|(name, queue)| (name.clone(), *queue))
            .collect();
        for (name, queue) in queues {
            let (lost, waiting, sent, handled) = {
                let mut world = self.stage.sim.world();
                let (lost, waiting) = (queue.lost(&world), queue.waiting(&mut world));
                let tally = queue.tally(&world);
                (lost, waiting, tally.sent, tally.handled)
            };
            let _ = writeln!(
                self.text,
                "  queue {name}: {sent} messages sent, {handled} handled, {lost} lost, {waiting} still in it"
            );
            for version in VERSIONS {
                self.tell_version(&name, version);
            }
        }
    }

    fn tell_version(&mut self, name: &str, version: &str) {
        let did = self.stage.did(name, version);
        let (Some(first), Some(last)) = (did.first, did.last) else {
            return;
        };
        let (received, failed, dropped) = (did.received, did.failed, did.dropped);
        let _ = writeln!(
            self.text,
            "  {name}/{version} received {received} from {} to {}, failed {failed}, dropped {dropped}",
            first.clock(),
            last.clock()
        );
    }
}

pub(super) fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("{text} is no number"))
}

fn count(text: &str) -> Result<u32, String> {
    u32::try_from(whole(text)?).map_err(|error| error.to_string())
}

pub(super) fn permille(some: &str, all: &str) -> Result<u32, String> {
    let (some, all) = (count(some)?, count(all)?);
    match all {
        0 => Err("of none at all?".to_owned()),
        all => Ok(some * 1000 / all),
    }
}
