//! Put the world right until it is seen to be right.
//!
//! Beginning authorises the first attempt for every service known to be touched; what follows only
//! looks and acts under that authority, so that the ledger is written before the first act and not
//! once more in between.

mod contrast;
mod execution;
mod service;
mod tasks;

use super::barred::{self, Barred};
use super::{arm, check, dlq_growth, scaling, successor, told};
use crate::policy::Rollback;
use crate::{
    Action, At, Attempts, Cause, Decision, Notice, Outcome, Part, Phase, Policy, Release, Role, Seen, Service, router,
};
pub use contrast::asks_whose;
use service::Way;

/// Time-out of the Lambda functions, in seconds: `Timeout` in `template.yaml`.
pub const FUNCTION_TIMEOUT_SECONDS: u32 = 60;

/// How long a write that was authorised earlier may still be under way.
pub const LATE_WRITE_SECONDS: u32 = FUNCTION_TIMEOUT_SECONDS + 60;

/// How long the standard ECS deploy action may go on after it was abandoned: its longest time-out.
///
/// # Source
/// AWS CodePipeline user guide, "Amazon Elastic Container Service deploy action reference".
pub(super) const ABANDONED_ACTION_SECONDS: u32 = 3_600;

/// Between two looks while something is under way.
const LOOK_SECONDS: u32 = 30;

/// Longest time between two looks at an open release.
const LOOK_SECONDS_MAX: u32 = 300;

/// Starts rolling back, with the first attempt for every service known to be touched.
///
/// While the watch of the release before it runs on in here, a failed check takes that one back too. What ends only
/// this one says nothing of it: it stays, and its watch runs on.
pub fn begin(policy: &Policy, release: &mut Release, cause: Cause, at: At) {
    if policy.rollback == Rollback::Allowed && speaks_of_watched(release, &cause) {
        take_back_watched(release);
    }
    if release.phase == Phase::Deploying && matches!(cause, Cause::Overtaken { .. }) {
        if let Some(run) = release.pipeline.as_mut() {
            // The canary is somebody's by now: what its abandoned action may write over that is news when it comes.
            run.abandoned = None;
        }
        let canary = &mut release.canary;
        if canary.given.take_if(|given| given.by_hand).is_some() {
            // A person had left it there before this one began, and it stays whose it is.
            release.images = None;
        }
    }
    release.become_phase(Phase::RollingBack { cause }, at);
    router::rest(policy, release, at);
    if !may_go_back(policy, release) {
        return;
    }
    for role in [Role::Canary, Role::Stable] {
        let service = release.service_mut(role);
        if let Some(given) = &service.given {
            service.attempts = Attempts {
                count: 1,
                last: Some(at),
                against: Some(given.deployment.clone()),
            };
        }
    }
}

/// Whether the services of this release may be given what they ran before. What was registered for stable may be on
/// its way there.
pub(super) fn may_go_back(policy: &Policy, release: &Release) -> bool {
    match policy.rollback {
        Rollback::Allowed => true,
        Rollback::UntilPromoting => release.stable.given.is_none() && release.promotes().is_none(),
        Rollback::Never => false,
    }
}

/// Whether what failed may be the fault of what is still watched: an alarm and a queue do not tell whose.
fn speaks_of_watched(release: &Release, cause: &Cause) -> bool {
    match cause {
        Cause::Alarm { .. } | Cause::DlqGrowth { .. } => true,
        Cause::Health { service, .. } => {
            let mut services = [&release.canary, &release.stable].into_iter();
            let own = services.any(|own| own.name == *service && own.given.is_some());
            release.phase == Phase::Deploying || !own
        }
        _ => false,
    }
}

/// From here on the way back leads to where the watched release began.
fn take_back_watched(release: &mut Release) {
    let Some(watched) = release.watched.take() else { return };
    for (role, watched) in [(Role::Canary, watched.canary), (Role::Stable, watched.stable)] {
        let mut earlier = watched.earlier;
        // Until now this was the way back, and perhaps it has been gone already.
        let copy = release.restore_target(role).to_owned();
        if !earlier.contains(&copy) && copy != watched.restore {
            earlier.push(copy);
        }
        let service = release.service_mut(role);
        *service = Service {
            given: service.given.take().or(watched.given),
            earlier,
            ..watched
        };
    }
}

/// A check fails in the watch that runs on while this release is being taken back.
fn widen(policy: &Policy, release: &mut Release, seen: &Seen, at: At) {
    super::watch_ended(release, at);
    if release.watched.is_none() || policy.rollback != Rollback::Allowed {
        return;
    }
    dlq_growth::note(policy, release, seen, at);
    if let Some(cause) = check::failed(policy, release, seen, at) {
        take_back_watched(release);
        release.become_phase(Phase::RollingBack { cause }, at);
    }
}

/// Goes on rolling back.
pub fn go_on(policy: &Policy, mut next: Release, barred: Barred, seen: &Seen, at: At) -> Decision {
    widen(policy, &mut next, seen, at);
    if let Part::Known(stable) = &seen.stable {
        arm::adopt(&mut next, stable);
    }
    arm::bar_the_same(&mut next, seen);
    let contrast = contrast::contrast(policy, &next, seen);
    // Whether the canary may go back can hang on what stable is seen to have been given.
    service::note_stable(policy, &mut next, seen, at);
    let canary = service::way(policy, &mut next, Role::Canary, seen, at);
    let stable = service::way(policy, &mut next, Role::Stable, seen, at);
    let size = router::set(policy, &mut next, seen, at);
    let execution = execution::way(&mut next, &seen.pipeline, seen.is_nothing(), at);
    let successor = followed_by(policy, &next, &stable, seen, at);
    // The next release takes the watch over: it must not go unjudged until that is over.
    let watched = next.watched.as_ref().filter(|_| successor.is_none());
    let watch = watched.map(|watched| (watched.release.clone(), watched.until));
    let own = own_settled_at(&next);
    let settled = settled_at(&next, own);
    let settled = watch.as_ref().map_or(settled, |(_, until)| settled.max(*until));
    let services = canary.is_right() && stable.is_right() && size.is_right;
    service::note_gone(&mut next, seen, services, at);
    let unscaled = scaling::unrest(&next, seen, at);
    let right = services && unscaled.is_none() && execution.is_over && next.barred.is_empty();
    // The next release bars on, and takes back what an abandoned action still writes.
    let handed_over = successor.is_some() && services && execution.is_over;
    // Services back, pipeline barred: what is left is waiting for AWS, which is nobody's failure.
    let in_order = services && execution.is_barred;
    let barred_too = in_order && unscaled.is_none();
    let texts = [(&canary, Role::Canary), (&stable, Role::Stable)].map(|(way, role)| way.text(&next, role));
    let said = [contrast, size.text.or(unscaled), Some(execution.text.clone())];
    let mut parts: Vec<String> = texts.into_iter().chain(said).flatten().collect();
    parts.extend(barred.texts);
    let quiet = execution.is_over && is_kept(&next, [&canary, &stable]);
    let mut look = if quiet { LOOK_SECONDS_MAX } else { LOOK_SECONDS };
    if successor.is_some() && matches!(next.phase, Phase::RollbackFailed { .. }) {
        // The fix must get through: what is left here is the successor's.
        give_up(&mut next, at);
    } else if right && at >= settled || handed_over && at >= own {
        close(&mut next, [&canary, &stable], at);
    } else if right {
        look = at.seconds_until(settled).clamp(1, longest_pause(&next, at));
        parts.push(match watch {
            Some((release, until)) if until == settled => {
                look = look.min(LOOK_SECONDS);
                format!("closing at {settled}, when the watch of {release} is over")
            }
            _ => format!("closing at {settled}, when no write of an earlier decision can be under way any more"),
        });
    } else if !(seen.is_nothing() || barred_too)
        && let Some(why) = unmendable(policy, &next, [&canary, &stable], in_order, at)
        && let Phase::RollingBack { cause } = &next.phase
    {
        parts.insert(0, why);
        next.become_phase(Phase::RollbackFailed { cause: cause.clone() }, at);
    }
    let open = !matches!(next.phase, Phase::Closed { .. });
    let successor = successor.filter(|_| !open);
    let restores = [lane(&canary, size.with_canary), lane(&stable, Vec::new())];
    // Who is served by the bad revision first, and beside the restores: none of them waits for a load balancer.
    let lanes = [vec![size.beside], restores.into(), vec![execution.lane], barred.lanes].concat();
    Decision {
        because: format!("{}; {}", head(&next), parts.join("; ")),
        notices: back_again(policy, &next, services, [&canary, &stable]),
        next,
        lanes: lanes.into_iter().filter(|lane| !lane.is_empty()).collect(),
        successor: successor.map(Box::new),
        look_again_seconds: open.then_some(look),
    }
}

/// The next release, not judged by what stable had of this one once that is gone, or is left to somebody.
fn followed_by(policy: &Policy, release: &Release, stable: &Way, seen: &Seen, at: At) -> Option<Release> {
    let mut next = successor::of(policy, release, seen, at)?;
    next.stable.given.take_if(|_| stable.is_right());
    Some(next)
}

/// That the services are right, unless one of them is somebody else's by now.
fn back_again(policy: &Policy, release: &Release, right: bool, ways: [&Way; 2]) -> Vec<Notice> {
    let left = ways.iter().any(|way| way.left_to().is_some());
    let right = release.phase.rolling_back().filter(|_| right && !left);
    right
        .map(|cause| told::put_right(policy, release, cause))
        .unwrap_or_default()
}

/// Nothing of ours is under way, and nothing will be.
fn is_kept(release: &Release, ways: [&Way; 2]) -> bool {
    let kept = ways.iter().any(|way| matches!(way, Way::Kept(_)));
    kept && matches!(release.phase, Phase::RollbackFailed { .. })
}

fn lane(way: &Way, size: Vec<Action>) -> Vec<Action> {
    way.lane().into_iter().chain(size).collect()
}

fn head(release: &Release) -> String {
    let name = release.phase.name();
    let cause = release.phase.rolling_back();
    cause.map_or(name.to_owned(), |cause| format!("{name}: {cause}"))
}

fn give_up(release: &mut Release, at: At) {
    if let Some(cause) = release.phase.rolling_back().cloned() {
        release.become_phase(
            Phase::Closed {
                outcome: Outcome::RollbackFailed { cause },
            },
            at,
        );
    }
}

/// Why it is no rollback like any other by now: it takes too long, or the policy allows none. Where all else is in order,
/// automatic scaling may take as long as two calls that land late: the last share's, and the one that gives it back.
fn unmendable(policy: &Policy, release: &Release, ways: [&Way; 2], in_order: bool, at: At) -> Option<String> {
    if ways.iter().any(|way| matches!(way, Way::Kept(_))) && at > release.phase_since {
        return Some("not taken back; the next release takes its place".to_owned());
    }
    let more = if in_order { 2 * LATE_WRITE_SECONDS } else { 0 };
    let overdue = at >= release.phase_since.plus_seconds(policy.deadline_minutes * 60 + more);
    overdue.then(|| format!("not put right within {} minutes, still trying", policy.deadline_minutes))
}

/// When no write of ours that an earlier decision authorised can land any more.
fn own_settled_at(release: &Release) -> At {
    let attempts = [Role::Canary, Role::Stable]
        .into_iter()
        .filter_map(|role| release.service(role).attempts.last);
    let sized = release.size.iter().chain(&release.refilled).map(|size| size.at);
    let scaled = release.scaling.iter().chain(&release.old_scaling);
    let scaled = scaled.map(|scaling| scaling.at);
    let weighed = release.weights.iter().map(|weights| weights.at);
    let held = release.pipeline.iter().filter_map(|run| run.held);
    let deployed = release.wanted.iter().filter_map(|wanted| wanted.given);
    attempts
        .chain(deployed)
        .chain(sized)
        .chain(scaled)
        .chain(weighed)
        .chain(held)
        .fold(release.phase_since, At::max)
        .plus_seconds(LATE_WRITE_SECONDS)
}

/// When no write can land any more, nor one of an abandoned deploy action.
fn settled_at(release: &Release, own: At) -> At {
    let until = release.pipeline.as_ref().and_then(barred::writes_until);
    until.map_or(own, |until| own.max(until))
}

/// Longest pause once all is right: what an abandoned deploy action still writes is to be repaired within a minute.
fn longest_pause(release: &Release, at: At) -> u32 {
    let runs = release.pipeline.iter().chain(&release.barred);
    match runs.filter_map(|run| run.abandoned).max() {
        Some(since) if at < since.plus_seconds(ABANDONED_ACTION_SECONDS) => LOOK_SECONDS,
        _ => LOOK_SECONDS_MAX,
    }
}

fn close(release: &mut Release, ways: [&Way; 2], at: At) {
    let left: Vec<&str> = ways.iter().filter_map(|way| way.left_to()).collect();
    let Some(cause) = release.phase.rolling_back().cloned() else {
        return;
    };
    let outcome = match cause {
        _ if !left.is_empty() => Outcome::Overtaken { by: left.join("; ") },
        // Somebody's intent ended it, on a service that it had not come to.
        Cause::Overtaken { .. } => Outcome::Overtaken { by: cause.to_string() },
        cause => Outcome::RolledBack { cause },
    };
    release.become_phase(Phase::Closed { outcome }, at);
}

#[cfg(test)]
mod closing_tests;
#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod tests;
