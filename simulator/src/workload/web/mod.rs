//! Visitors: who asks a load balancer, and what the tasks behind it answer.
//!
//! | file | question it answers |
//! |---|---|
//! | `declare` | what is said of visitors, and of the revisions that are slow or fail |
//! | `serve` | who answers one request, how soon, and how |
//! | `served` | who served what, counted by revision |
//! | `metrics` | what CloudWatch is told of it |
//! | `stage` | how a scene says all this |
//!
//! # Shape
//! Each request is routed by the weights in force when it comes, and answered at once by one of the group's healthy
//! targets, or where there is none by an unhealthy one. Groups do not stand in for one another (user guide, "Target
//! group health": a load balancer does not fail over to another target group).
//!
//! # Time
//! As with queues, requests do not stop the clock: whenever it stops, all that has come since is caught up with, each at
//! its own moment, by a chance of its own.

mod declare;
mod metrics;
mod serve;
mod served;
pub mod stage;
#[cfg(test)]
mod tests;

pub use declare::{Manner, Visitors};
pub use served::{Served, Server, Visit};

use crate::elb::Elb;
use crate::time::At;
use crate::world::World;
use metrics::Minute;
use std::collections::BTreeMap;

/// Between two data of a metric.
const MINUTE_MILLIS: i64 = 60_000;

/// One who came before, and comes again.
#[derive(Clone, Debug)]
struct Client {
    group: String,
    until: At,
}

/// Who visits one listener.
#[derive(Debug)]
struct Site {
    visitors: Visitors,
    rng: fastrand::Rng,
    /// When the next request comes, if one does.
    next: Option<At>,
    clients: Vec<Client>,
    served: Served,
    /// What was counted since metrics were put on record, by target group; under no name, what no group has seen.
    minute: BTreeMap<String, Minute>,
}

/// All visitors of the account.
#[derive(Debug)]
pub struct Web {
    rng: fastrand::Rng,
    sites: Vec<Site>,
    /// How images answer, by digest; the others as the visitors' own row says.
    manners: BTreeMap<String, Manner>,
    next_minute: Option<At>,
}

impl Web {
    /// Nobody visits.
    pub(super) fn new(seed: u64) -> Web {
        Web {
            rng: fastrand::Rng::with_seed(seed ^ 0x0077_6562),
            sites: Vec::new(),
            manners: BTreeMap::new(),
            next_minute: None,
        }
    }

    /// When metrics are put on record next; nothing else waits for its moment.
    pub(super) fn next_due(&self) -> Option<At> {
        self.next_minute
    }

    /// Lets happen what happens until then.
    fn catch_up(&mut self, elb: &Elb, until: At) {
        for site in &mut self.sites {
            while let Some(at) = site.next.filter(|at| *at <= until) {
                serve::one(site, &self.manners, elb, at);
                site.next = site.arrives_after(at);
            }
        }
    }
}

impl Site {
    /// Arrivals are independent of one another, as those of many customers are.
    fn arrives_after(&mut self, now: At) -> Option<At> {
        let per_second = self.visitors.per_second;
        if per_second <= 0.0 {
            return None;
        }
        let seconds = -(1.0 - self.rng.f64()).ln() / per_second;
        Some(At(now.0 + (seconds * 1000.0).round() as i64))
    }
}

/// Catches up with the present.
pub(super) fn run_due(world: &mut World) {
    while let Some(minute) = world.workload.web.next_minute.filter(|minute| *minute <= world.now) {
        let World { workload, elb, .. } = world;
        workload.web.catch_up(elb, minute);
        workload.web.next_minute = Some(At(minute.0 + MINUTE_MILLIS));
        metrics::publish(world, minute);
    }
    let World { workload, elb, now, .. } = world;
    workload.web.catch_up(elb, *now);
}
