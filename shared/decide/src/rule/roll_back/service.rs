//! One service on its way back.

use super::super::arm;
use super::super::identify::{Runs, identify};
use crate::{Action, At, Attempts, Part, Release, Role, Rollout, Seen, SeenService, short};

/// First pause between two attempts; it doubles with each.
const BACK_OFF_SECONDS: u32 = 30;

/// Longest pause between two attempts.
const BACK_OFF_SECONDS_MAX: u32 = 300;

/// Where a service is on its way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The release never touched it.
    Untouched,
    /// It runs its baseline again, seen.
    Back,
    /// ECS is going there; left alone.
    Going(String),
    /// To be sent there now.
    Send(Action, String),
    /// Somebody gave it a third revision; it is theirs.
    Left(String),
    /// To be looked at again, for the reason given.
    Unsure(String),
}

impl Way {
    /// Nothing is left to do here.
    pub fn is_right(&self) -> bool {
        matches!(self, Way::Untouched | Way::Back | Way::Left(_))
    }

    /// To whom it was left.
    pub fn left_to(&self) -> Option<&str> {
        match self {
            Way::Left(by) => Some(by),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn lane(&self) -> Vec<Action> {
        match self {
            Way::Send(action, _) => vec![action.clone()],
            _ => Vec::new(),
        }
    }

    /// For people.
    pub fn text(&self, release: &Release, role: Role) -> Option<String> {
        let name = &release.service(role).name;
        match self {
            Way::Untouched => None,
            Way::Back => Some(format!(
                "{name} runs its baseline {} again",
                release.service(role).baseline
            )),
            Way::Going(text) | Way::Left(text) | Way::Unsure(text) => Some(text.clone()),
            Way::Send(_, text) => Some(text.clone()),
        }
    }
}

/// Judges one service, and authorises a further attempt where one is due.
pub fn way(release: &mut Release, role: Role, seen: &Seen, at: At) -> Way {
    let name = release.service(role).name.clone();
    let service = match seen.service(role) {
        Part::Known(service) => service,
        Part::Unknown(why) => return Way::Unsure(format!("{name} unknown: {why}")),
    };
    let touched = release.service(role).given.is_some();
    match identify(release, role, &service.primary) {
        Runs::Baseline if !touched => Way::Untouched,
        Runs::Baseline => going_back(&name, service),
        // Not ours and never was: a release only answers for what it touched.
        Runs::Third(_) if !touched => Way::Untouched,
        Runs::Third(what) => Way::Left(format!(
            "{name} was given {what}, which is neither this release nor its baseline; left alone"
        )),
        Runs::Unsure(why) => Way::Unsure(format!("{name}: {why}")),
        Runs::Released => {
            if !touched {
                touch(release, role, service, at);
            }
            send_back(release, role, service, at)
        }
    }
}

fn going_back(name: &str, service: &SeenService) -> Way {
    let primary = &service.primary;
    let here = short(&primary.task_definition);
    let steady =
        primary.rollout == Rollout::Completed && primary.running == service.desired && service.older_running == 0;
    if steady {
        return Way::Back;
    }
    let stuck = if primary.rollout == Rollout::Failed {
        ", which ECS has given up"
    } else {
        ""
    };
    Way::Going(format!(
        "{name} is on its way to its baseline {here}{stuck}: {} of {} tasks run it, {} others still run",
        primary.running, service.desired, service.older_running
    ))
}

/// The execution gave it the revision without anybody telling us.
fn touch(release: &mut Release, role: Role, service: &SeenService, at: At) {
    let record = release.service_mut(role);
    record.given = Some(arm::given(&service.primary));
    record.attempts = Attempts {
        count: 1,
        last: Some(at),
        against: Some(service.primary.id.clone()),
    };
}

/// It runs the bad revision: under the attempt already authorised, or under a new one.
fn send_back(release: &mut Release, role: Role, service: &SeenService, at: At) -> Way {
    let name = release.service(role).name.clone();
    let attempts = release.service(role).attempts.clone();
    let undone = attempts.against.as_deref() != Some(service.primary.id.as_str());
    let mut remark = String::new();
    if undone {
        // Another deployment of the bad revision than the one we meant to replace: ECS undid our
        // restore (breaker or alarm), or a pipeline action wrote late.
        let due = attempts
            .last
            .map_or(at, |last| last.plus_seconds(pause_seconds(attempts.count)));
        if at < due {
            return Way::Unsure(format!(
                "{name} runs the bad revision again after attempt {} ({}); next attempt at {due}",
                attempts.count, service.primary.id
            ));
        }
        let count = attempts.count.saturating_add(1);
        release.service_mut(role).attempts = Attempts {
            count,
            last: Some(at),
            against: Some(service.primary.id.clone()),
        };
        remark = format!(" (attempt {count}: it was given the bad revision again)");
    }
    let (action, text) = action(release, role, service);
    Way::Send(action, format!("{name} {text}{remark}"))
}

fn pause_seconds(attempts: u32) -> u32 {
    let doublings = attempts.saturating_sub(1).min(8);
    BACK_OFF_SECONDS
        .saturating_mul(1 << doublings)
        .min(BACK_OFF_SECONDS_MAX)
}

fn action(release: &Release, role: Role, service: &SeenService) -> (Action, String) {
    let record = release.service(role);
    let source = record.baseline.service_revision.as_ref();
    let in_flight = service.in_flight.as_ref().filter(|deployment| deployment.stoppable);
    if let Some(deployment) =
        in_flight.filter(|deployment| source.is_some_and(|source| deployment.sources == [source.clone()]))
    {
        let action = Action::RollBackDeployment {
            role,
            service_deployment: deployment.arn.clone(),
        };
        return (
            action,
            format!("has its deployment in flight rolled back by ECS to {}", record.baseline),
        );
    }
    let target = release.restore_target(role);
    if release.known_inactive(target) {
        let images = record.baseline.revision.images.clone();
        let action = Action::RegisterAgain {
            role,
            task_definition: target.to_owned(),
            images,
        };
        return (
            action,
            format!(
                "cannot be given {}, which is INACTIVE: a copy is registered first",
                short(target)
            ),
        );
    }
    let action = Action::Restore {
        role,
        cluster: release.cluster.clone(),
        service: record.name.clone(),
        task_definition: target.to_owned(),
    };
    (action, format!("is given {}", short(target)))
}
