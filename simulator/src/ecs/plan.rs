//! What the scheduler sees of a service, and what it would do about it.

use super::Ecs;
use super::state::{RolloutState, Service, Stage, Status};
use crate::time::At;

/// What the scheduler would do with a service at some moment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Tasks of the PRIMARY deployment to start.
    pub start: i64,
    /// Tasks of the PRIMARY deployment that are too many.
    pub stop_new: i64,
    /// Tasks of older deployments to stop, unhealthy ones first.
    pub stop_old: i64,
}

/// What the scheduler sees of a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Census {
    pub desired: i64,
    /// Fewest healthy tasks.
    pub least: i64,
    /// Most tasks.
    pub most: i64,
    pub new: i64,
    pub new_healthy: i64,
    pub old: i64,
    pub old_healthy: i64,
    /// May tasks be started at all?
    pub may_start: bool,
}

/// The rule of a rolling update (DeploymentConfiguration, API reference): start as many new tasks as `maximumPercent`
/// leaves room for, stop old ones as new ones become healthy; only where there is no room, stop old ones first, down
/// to `minimumHealthyPercent`.
pub(super) fn plan(seen: Census) -> Plan {
    let room = (seen.most - seen.new - seen.old).max(0);
    let lacking = (seen.desired - seen.new).max(0);
    let start = if seen.may_start { lacking.min(room) } else { 0 };
    let replaced = (seen.old - (seen.desired - seen.new_healthy).max(0)).max(0);
    let stuck = seen.may_start && lacking > 0 && room == 0;
    let unhealthy = seen.old - seen.old_healthy;
    let spare = (seen.new_healthy + seen.old_healthy - seen.least).max(0) + unhealthy;
    let stop_old = if stuck {
        replaced.max(spare.min(lacking))
    } else {
        replaced
    };
    Plan {
        start,
        stop_new: (seen.new - seen.desired).max(0),
        stop_old: stop_old.min(seen.old),
    }
}

/// Tasks counted by what they are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Not STOPPED.
    pub live: i64,
    /// Of these, neither stopping nor about to.
    pub counted: i64,
    pub healthy: i64,
    pub running: i64,
    pub pending: i64,
}

impl Ecs {
    pub(super) fn census(&self, index: usize, now: At) -> Option<Census> {
        let service = &self.services[index];
        let primary = service.rollouts.first()?;
        let new = self.census_of(service, &primary.id);
        let all = self.census_of(service, "");
        Some(Census {
            desired: service.desired,
            least: service.config.least(service.desired),
            most: service.config.most(service.desired),
            new: new.counted,
            new_healthy: new.healthy,
            old: all.counted - new.counted,
            old_healthy: all.healthy - new.healthy,
            may_start: service.status == Status::Active
                && primary.state != RolloutState::Failed
                && primary.not_before <= now,
        })
    }

    /// Counts the tasks of one deployment, or of all (`""`).
    pub(super) fn census_of(&self, service: &Service, rollout: &str) -> Counts {
        let mut counts = Counts::default();
        for task in service.live.iter().filter_map(|id| self.tasks.get(id)) {
            if rollout.is_empty() || task.rollout == rollout {
                counts.live += 1;
                counts.counted += i64::from(task.counts());
                counts.healthy += i64::from(task.counts() && task.healthy);
                counts.running += i64::from(task.stage == Stage::Running);
                counts.pending += i64::from(task.stage < Stage::Running);
            }
        }
        counts
    }
}
