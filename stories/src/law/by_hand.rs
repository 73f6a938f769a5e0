//! Releases that people have Serin begin, or began by giving a canary something where there is no pipeline: no execution
//! is behind them, so each is taken for one of its own, by which we gave its services what was wanted. That alone is taken
//! from the ledger.

use super::evidence::{Evidence, Release, text};
use super::world::{Author, Digests, Run, service_arn};
use crate::scene::RowA;
use serde_json::Value;
use simulator::At;

impl Release {
    /// What a person wanted, by container; nothing, where a pipeline or somebody's deployment began it.
    pub fn wanted(&self) -> Option<Digests> {
        let images = self.document["wanted"]["images"].as_object()?;
        let digest = |(container, image): (&String, &Value)| {
            let (_, digest) = image.as_str()?.split_once('@')?;
            Some((container.clone(), digest.to_owned()))
        };
        Some(images.iter().filter_map(digest).collect())
    }

    /// Id of what gave its services the revision: the execution, or the release itself where people had Serin begin it.
    pub fn run(&self) -> &str {
        self.execution().unwrap_or_else(|| self.id())
    }
}

impl Evidence {
    /// What somebody had given the canary by hand, where a release began with that.
    fn given_by_hand(&self, release: &Release) -> Option<Digests> {
        let start = text(&release.document["start"]);
        let deployment = start.strip_prefix("deployment ")?;
        let mut writes = self.world.writes.iter();
        let began =
            writes.find(|write| write.by == Author::Other && write.deployment.as_deref() == Some(deployment))?;
        Some(self.world.digests(&began.definition)).filter(|images| !images.is_empty())
    }

    /// Adds them to the executions, with what we gave their services while they were open.
    pub(super) fn add_starts_by_hand(&mut self) {
        let handed_over: Vec<Option<At>> = self
            .releases
            .iter()
            .map(|release| self.carried_everything(release).map(|time| time.start))
            .collect();
        let releases = self.releases.iter().zip(handed_over);
        for (release, handed_over) in releases.filter(|(release, _)| release.execution().is_none()) {
            let asked = release.wanted();
            let wanted = asked.clone().or_else(|| self.given_by_hand(release));
            let (Some(wanted), Some(row)) = (wanted, self.rows.get(&release.policy)) else {
                continue;
            };
            let status = match release.outcome() {
                None => "InProgress",
                Some("promoted") => "Succeeded",
                Some(_) => "Failed",
            };
            let services = [&row.name, &row.canary].map(|name| service_arn(&row.cluster, name));
            let world = &mut self.world;
            let carries: Vec<bool> = world
                .writes
                .iter()
                .map(|write| {
                    let digests = world.digests(&write.definition);
                    let within = release.opened().is_some_and(|opened| opened <= write.at)
                        && release.closed.is_none_or(|closed| write.at <= closed);
                    let carried = wanted.iter().all(|(name, digest)| digests.get(name) == Some(digest));
                    write.by == Author::Ours && within && carried && services.contains(&write.service)
                })
                .collect();
            if asked.is_none() && !carries.contains(&true) {
                // Nobody promoted it.
                continue;
            }
            for (write, _) in world.writes.iter_mut().zip(carries).filter(|(_, carries)| *carries) {
                write.by = Author::Execution(release.id().to_owned());
            }
            world.runs.push(Run {
                policy: release.policy.clone(),
                id: release.id().to_owned(),
                status: status.to_owned(),
                updated: release.closed.unwrap_or(self.now),
                document: self.policies.get(&release.policy).cloned().unwrap_or_default(),
                rollback: false,
                automated: false,
                handed_over,
                // Where services are swapped, each is the canary every other time.
                row: RowA {
                    name: text(&release.document["stable"]["name"]),
                    canary: text(&release.document["canary"]["name"]),
                    ..row.clone()
                },
            });
        }
    }
}
