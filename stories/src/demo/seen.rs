//! What is seen of the account in which an act plays, and what has been counted there.

use super::POLICY;
use super::act::{Act, Way};
use super::page::Row;
use super::table::{Column, Counted};
use crate::queue::rang;
use crate::scene::RowA;
use crate::told::ask;
use serde_json::json;
use simulator::workload::Tally;
use simulator::{At, World};
use std::collections::BTreeMap;

impl Act<'_> {
    pub fn now(&self) -> Row {
        let (bad, all) = self.receives();
        let (bad, all) = (bad - self.received.0, all - self.received.1);
        let mut world = self.stage.sim.world();
        let now = world.now;
        let letters = world.sqs.depth(self.queue.dlq, now).total();
        let queue = world.sqs.depth(self.queue.queue, now).total();
        let tasks = [&self.row.canary, &self.row.name].map(|service| running(&world, &self.row, service));
        drop(world);
        let [canary, stable] = tasks;
        Row {
            clock: now.clock(),
            queue,
            letters,
            canary,
            stable,
            share_permille: (bad > 0 && all > 0).then(|| bad * 1000 / all),
            asked_permille: self.asked_permille(),
            standing: self.standing(),
        }
    }

    /// Messages that v2 has received, and messages that anybody has.
    pub fn receives(&self) -> (u32, u32) {
        let world = self.stage.sim.world();
        let tally: &Tally = self.queue.tally(&world);
        let all = tally.revisions.iter().map(|revision| revision.received).sum();
        (tally.of_image(&self.row.digest("v2")).received, all)
    }

    /// Phase or outcome of the release by the ledger; without Serin, the status of the execution.
    pub fn standing(&self) -> String {
        match self.way {
            Way::Script => self.status(),
            Way::Serin => {
                let release = ask::releases(&self.stage, POLICY).pop();
                release.map_or("-".to_owned(), |release| ask::stands(&release))
            }
        }
    }

    /// The share that the step asks for in which the release is, by the ledger and the policy.
    fn asked_permille(&self) -> Option<u32> {
        let release = ask::releases(&self.stage, POLICY)
            .pop()
            .filter(|_| self.way == Way::Serin)?;
        let steps = self.stage.policies[POLICY]["steps"].as_array()?;
        let step = match release["phase"].as_str()? {
            "baking" => usize::try_from(release["step"].as_u64()?).ok()?,
            "gated" | "promoting" => steps.len().checked_sub(1)?,
            _ => return None,
        };
        u32::try_from(steps.get(step)?["share_permille"].as_u64()?).ok()
    }

    fn status(&self) -> String {
        match self.execution.as_str() {
            "" => "-".to_owned(),
            execution => ask::status(&self.stage, POLICY, execution),
        }
    }

    /// The alarm has rung, and nothing but v1 runs.
    pub fn runs_v1_alone(&self) -> bool {
        let services = [&self.row.canary, &self.row.name];
        self.alarm().is_some()
            && services
                .iter()
                .all(|service| ask::runs_only(&self.stage, &self.row, service, "v1"))
    }

    /// What the good release must have come to.
    pub fn lost_nothing(&self) -> Result<(), String> {
        match self.queue.lost(&self.stage.sim.world()) {
            0 => Ok(()),
            lost => Err(format!("the good release lost {lost} messages")),
        }
    }

    /// What the act is about whose alarm stays silent.
    pub fn never_rang(&self) -> Result<(), String> {
        match self.alarm() {
            None => Ok(()),
            Some(at) => Err(format!("the alarm rang at {at}")),
        }
    }

    /// When the alarm rang first.
    pub fn alarm(&self) -> Option<At> {
        rang(&self.stage.sim.world(), &self.row.alarm).first().copied()
    }

    pub fn counted(&self) -> Counted {
        let world = self.stage.sim.world();
        Counted {
            failed: self.queue.tally(&world).of_image(&self.row.digest("v2")).failed,
            lost: self.queue.lost(&world),
        }
    }

    /// What is compared.
    pub fn column(&self) -> Result<Column, String> {
        let alarm = self.alarm().zip(self.at_alarm);
        let world = self.stage.sim.world();
        let last = self.queue.tally(&world).of_image(&self.row.digest("v2")).last;
        let (Some((alarm, before)), Some(last)) = (alarm, last) else {
            return Err("v2 received nothing, or there was no alarm".to_owned());
        };
        let runs = [&self.row.canary, &self.row.name].map(|service| running(&world, &self.row, service));
        drop(world);
        let input = json!({"cluster": self.row.cluster, "services": [self.row.canary]});
        let told = ask::ask(&self.stage, "ecs", "DescribeServices", input);
        let definition = told["services"][0]["taskDefinition"].as_str().unwrap_or_default();
        let all = self.counted();
        Ok(Column {
            before,
            after: Counted {
                failed: all.failed - before.failed,
                lost: all.lost - before.lost,
            },
            last_millis: last.0 - alarm.0,
            canary: format!("{}, {}", runs[0], definition.rsplit('/').next().unwrap_or_default()),
            stable: runs[1].clone(),
            execution: self.status(),
            can_promote: self.status() == "InProgress",
        })
    }
}

/// Tasks of a service by version: `3 v1`, or `3 v1+1 v2`.
pub(super) fn running(world: &World, row: &RowA, service: &str) -> String {
    let mut by_version: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, images) in world.ecs.running(&row.cluster, service) {
        let known = ["v1", "v2"]
            .into_iter()
            .find(|version| images.values().any(|found| *found == row.digest(version)));
        *by_version.entry(known.unwrap_or("?")).or_default() += 1;
    }
    let each: Vec<String> = by_version
        .iter()
        .map(|(version, tasks)| format!("{tasks} {version}"))
        .collect();
    if each.is_empty() {
        "-".to_owned()
    } else {
        each.join("+")
    }
}
