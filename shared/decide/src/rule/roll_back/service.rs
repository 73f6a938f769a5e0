//! One service on its way back.

use super::super::arm;
use super::super::identify::{Runs, identify};
use super::tasks::{self, Left};
use super::{LATE_WRITE_SECONDS, may_go_back};
use crate::policy::Rollback;
use crate::{Action, At, Attempts, Part, Phase, Policy, Release, Role, Rollout, Seen, SeenService, StartedBy, short};

/// First pause between two attempts; it doubles with each.
const BACK_OFF_SECONDS: u32 = 30;

/// After which the same act counts as done anew.
const AGAIN_SECONDS: u32 = 25;

/// Longest pause between two attempts.
const BACK_OFF_SECONDS_MAX: u32 = 300;

/// Where a service is on its way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The release never touched it.
    Untouched,
    /// It runs its baseline again, seen under this name.
    Back(String),
    /// ECS is going there; left alone.
    Going(String),
    /// To be sent there now.
    Send(Vec<Action>, String),
    /// ECS is going there; what it leaves running meanwhile is to be stopped.
    Clear(Action, String),
    /// Somebody gave it a third revision; it is theirs.
    Left(String),
    /// It runs the bad revision, and the policy allows no way back.
    Kept(String),
    /// To be looked at again, for the reason given.
    Unsure(String),
}

impl Way {
    /// Nothing is left to do here.
    pub fn is_right(&self) -> bool {
        matches!(self, Way::Untouched | Way::Back(_) | Way::Left(_))
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
            Way::Send(actions, _) => actions.clone(),
            Way::Clear(action, _) => vec![action.clone()],
            _ => Vec::new(),
        }
    }

    /// For people.
    pub fn text(&self, release: &Release, role: Role) -> Option<String> {
        let name = &release.service(role).name;
        match self {
            Way::Untouched => None,
            Way::Back(here) => Some(format!(
                "{name} runs its baseline {} again{}",
                release.service(role).baseline,
                known_as(release, role, here)
            )),
            Way::Going(text) | Way::Left(text) | Way::Kept(text) | Way::Unsure(text) => Some(text.clone()),
            Way::Send(_, text) | Way::Clear(_, text) => Some(text.clone()),
        }
    }
}

/// Notes that stable was given the revision, where nothing may go back from then on: before the canary is sent back.
pub fn note_stable(policy: &Policy, release: &mut Release, seen: &Seen, at: At) {
    let Some(stable) = seen.stable.known() else { return };
    let matters = policy.rollback == Rollback::UntilPromoting && release.stable.given.is_none();
    let given = match identify(release, Role::Stable, &stable.primary) {
        Runs::Released => true,
        Runs::Third(_) => arm::is_own(release, &stable.primary),
        _ => false,
    };
    if matters && given {
        touch(release, Role::Stable, stable, at);
    }
}

/// Notes since when no task of the release runs, on any service that was given it; anew, where it is given it again. Only
/// once the services are right, with what is written down then in any case: nobody who restores waits for it.
pub fn note_gone(release: &mut Release, seen: &Seen, is_right: bool, at: At) {
    let touched = |role: &Role| release.service(*role).given.is_some();
    let touched: Vec<Role> = [Role::Canary, Role::Stable].into_iter().filter(touched).collect();
    let runs = |role: Role| {
        let service = seen.service(role).known()?;
        // An older state than was seen before says nothing either.
        let given = release.service(role).given.as_ref();
        given.filter(|given| given.created <= service.primary.created)?;
        let bad = |runs: Runs| matches!(runs, Runs::Released | Runs::Earlier(_) | Runs::Unsure(_));
        Some(service.older_running > 0 || bad(identify(release, role, &service.primary)))
    };
    let all: Option<Vec<bool>> = touched.iter().map(|role| runs(*role)).collect();
    // What cannot be seen says nothing.
    if let Some(all) = all.filter(|all| !all.is_empty()) {
        let gone = is_right && !all.contains(&true);
        release.gone_since = gone.then(|| release.gone_since.unwrap_or(at));
    }
}

/// Judges one service, and authorises a further attempt where one is due.
pub fn way(policy: &Policy, release: &mut Release, role: Role, seen: &Seen, at: At) -> Way {
    let name = release.service(role).name.clone();
    let service = match seen.service(role) {
        Part::Known(service) => service,
        Part::Unknown(why) => return Way::Unsure(format!("{name} unknown: {why}")),
    };
    let given = release.service(role).given.as_ref();
    if given.is_some_and(|given| service.primary.created < given.created) {
        return Way::Unsure(format!("{name}: ECS shows an older state than was seen before"));
    }
    let touched = given.is_some();
    if role == Role::Canary && !touched && release.is_of_stable_alone() {
        return Way::Untouched;
    }
    match identify(release, role, &service.primary) {
        Runs::Baseline if !touched => Way::Untouched,
        Runs::Baseline => {
            if !may_go_back(policy, release) {
                // ECS or somebody has taken it back: the next release begins there.
                let attempts = &mut release.service_mut(role).attempts;
                attempts.count = attempts.count.max(1);
            }
            going_back(policy, release, role, service, seen, at)
        }
        Runs::Third(_) if role == Role::Stable && arm::is_own(release, &service.primary) => {
            if !touched {
                touch(release, role, service, at);
            }
            send_back(policy, release, role, service, seen, at)
        }
        // It was taken back before its own execution, or Serin itself, had given the canary anything, which has been done
        // since.
        Runs::Third(_) | Runs::Unsure(_)
            if role == Role::Canary
                && !touched
                && (arm::is_own(release, &service.primary)
                    || release.has_registered(&service.primary.task_definition)) =>
        {
            touch(release, role, service, at);
            release.images = service.primary.images.known().cloned();
            send_back(policy, release, role, service, seen, at)
        }
        // Not ours and never was: a release only answers for what it touched.
        Runs::Third(_) if !touched => Way::Untouched,
        Runs::Third(_) | Runs::Unsure(_) if touched && whose(release, role, service) == Whose::Own => {
            touch(release, role, service, at);
            release.images = service.primary.images.known().cloned();
            send_back(policy, release, role, service, seen, at)
        }
        Runs::Third(what) => match whose(release, role, service) {
            Whose::Unknown(why) => Way::Unsure(format!("{name} was given {what}, by whom is unknown: {why}")),
            Whose::Own | Whose::Others => Way::Left(format!(
                "{name} was given {what}, which is neither this release nor its baseline; left alone"
            )),
        },
        Runs::Unsure(why) => Way::Unsure(format!("{name}: {why}")),
        Runs::Released | Runs::Earlier(_) => {
            if !touched {
                touch(release, role, service, at);
            }
            let is_its_own = release.has_registered(&service.primary.task_definition);
            if role == Role::Canary && is_its_own && release.images.is_none() {
                // Nobody had seen it there before.
                release.images = service.primary.images.known().cloned();
            }
            note_what_is_kept(policy, release, role, service);
            send_back(policy, release, role, service, seen, at)
        }
    }
}

/// Its tasks are what counts, not what ECS thinks of the deployment: one that ECS has given up after
/// all tasks were replaced is back, one it has given up before needs another.
fn going_back(policy: &Policy, release: &mut Release, role: Role, service: &SeenService, seen: &Seen, at: At) -> Way {
    let primary = &service.primary;
    let replaced = primary.running == service.desired && service.older_running == 0;
    let way = format!(
        "{} of {} tasks run it, {} others still run",
        primary.running, service.desired, service.older_running
    );
    match primary.rollout {
        Rollout::Completed | Rollout::Failed if replaced => {
            let here = primary.task_definition.clone();
            let kept = !may_go_back(policy, release);
            let attempts = &mut release.service_mut(role).attempts;
            if kept && attempts.count == 0 {
                // An attempt that was thought to be lost has brought it back all the same.
                attempts.count = 1;
            }
            Way::Back(here)
        }
        Rollout::Failed if !may_go_back(policy, release) => Way::Kept(format!(
            "{}: ECS has given up going to its baseline, {way}; left so by the policy's rollback {}",
            release.service(role).name,
            policy.rollback
        )),
        Rollout::Failed => again(release, role, service, &way, at),
        Rollout::Completed | Rollout::InProgress => {
            let record = release.service(role);
            let (name, here) = (&record.name, known_as(release, role, &primary.task_definition));
            let text = format!("{name} is on its way to its baseline {}{here}: {way}", record.baseline);
            match tasks::left(policy, release, role, service, seen, at) {
                Left::None => Way::Going(text),
                Left::May(until) => Way::Going(format!("{text}; the bad ones may finish until {until}")),
                Left::Serve(why) => Way::Going(format!("{text}; {why}")),
                Left::Stop(action) => Way::Clear(action, format!("{text}; the bad ones are stopped")),
            }
        }
    }
}

fn again(release: &mut Release, role: Role, service: &SeenService, way: &str, at: At) -> Way {
    let name = release.service(role).name.clone();
    let given_up = format!("{name}: ECS has given up going to its baseline, {way}");
    let attempts = &release.service(role).attempts;
    let again_from = attempts.last.map_or(at, |last| last.plus_seconds(AGAIN_SECONDS));
    if attempts.against.as_deref() == Some(&service.primary.id) && at < again_from {
        // Each forced deployment is another one, and what ECS shows may be older than the last.
        return Way::Unsure(format!("{given_up}; it was deployed once more a moment ago"));
    }
    match authorise(release, role, &service.primary.id, at) {
        Err(due) => Way::Unsure(format!("{given_up}; next attempt at {due}")),
        Ok(count) => {
            let cluster = release.cluster.clone();
            let task_definition = service.primary.task_definition.clone();
            let action = Action::Redeploy {
                role,
                cluster,
                service: name,
                task_definition,
            };
            Way::Send(
                vec![action],
                format!("{given_up}; deployed once more (attempt {count})"),
            )
        }
    }
}

/// Who gave a service what is neither known to be released nor its baseline.
#[derive(PartialEq, Eq)]
enum Whose {
    /// The release's own execution: the alarm was quicker than anybody's look at the canary.
    Own,
    /// A person, another execution, or ECS.
    Others,
    /// Not told yet, for the reason given.
    Unknown(String),
}

fn whose(release: &Release, role: Role, service: &SeenService) -> Whose {
    let Some(run) = release.pipeline.as_ref().filter(|_| role == Role::Canary) else {
        return Whose::Others;
    };
    match &service.primary.started_by {
        Part::Known(StartedBy::Execution {
            execution,
            rollback: false,
            ..
        }) if *execution == run.execution => Whose::Own,
        Part::Known(_) => Whose::Others,
        Part::Unknown(why) => Whose::Unknown(why.clone()),
    }
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
fn send_back(policy: &Policy, release: &mut Release, role: Role, service: &SeenService, seen: &Seen, at: At) -> Way {
    let name = release.service(role).name.clone();
    if is_on_its_way(release, role, service) {
        return Way::Going(format!("{name} is being rolled back by ECS to its baseline"));
    }
    if !may_go_back(policy, release) {
        let attempts = &mut release.service_mut(role).attempts;
        // No attempt has brought it back, or can yet: the next release is held against what it runs. What this look
        // authorised is not sent.
        let lands = |last: At| last != at && at < last.plus_seconds(LATE_WRITE_SECONDS);
        if !attempts.last.is_some_and(lands) {
            *attempts = Attempts::default();
        }
        let runs = short(&service.primary.task_definition);
        return Way::Kept(format!(
            "{name} runs {runs}, and is left so by the policy's rollback {}",
            policy.rollback
        ));
    }
    let before = release.service(role).attempts.count;
    if before == 1 && was_there(release, role, service) {
        release.service_mut(role).attempts.against = Some(service.primary.id.clone());
    }
    match authorise(release, role, &service.primary.id, at) {
        Err(due) => Way::Unsure(format!(
            "{name} runs the bad revision again after attempt {before} ({}); next attempt at {due}",
            service.primary.id
        )),
        Ok(count) => {
            let (action, text) = action(release, role, service);
            let remark = if count > before {
                format!(" (attempt {count}: it was given the bad revision again)")
            } else {
                String::new()
            };
            let stop = tasks::with(policy, release, role, service, &action, (seen, at));
            let stopped = if stop.is_some() {
                ", its bad tasks are stopped"
            } else {
                ""
            };
            let actions = [action].into_iter().chain(stop).collect();
            Way::Send(actions, format!("{name} {text}{stopped}{remark}"))
        }
    }
}

/// What was there before the release was taken back at all has undone nothing: somebody had given it the same once more.
fn was_there(release: &Release, role: Role, service: &SeenService) -> bool {
    let before = |moment: At| service.primary.created < moment;
    let attempted = release.service(role).attempts.last.is_some_and(before);
    matches!(release.phase, Phase::RollingBack { .. }) && before(release.phase_since) && attempted
}

/// Where nothing goes back, what a service runs is what the next release is held against: ECS may have put there what a
/// release before this one had given.
fn note_what_is_kept(policy: &Policy, release: &mut Release, role: Role, service: &SeenService) {
    let primary = &service.primary;
    let given = release.service(role).given.as_ref();
    let another = given.is_some_and(|given| given.task_definition != primary.task_definition);
    if another && !may_go_back(policy, release) && primary.images.known().is_some() {
        release.service_mut(role).given = Some(arm::given(primary));
    }
}

/// ECS rolls its deployment back by itself, to where we want it; disturbing it would only begin anew.
fn is_on_its_way(release: &Release, role: Role, service: &SeenService) -> bool {
    let source = release.service(role).baseline.service_revision.as_ref();
    service.in_flight.as_ref().is_some_and(|deployment| {
        deployment.rolling_back && source.is_some_and(|source| deployment.sources == [source.clone()])
    })
}

/// The attempt against this deployment: the one already authorised, a new one, or when one is due.
///
/// Another deployment than the one that was meant to be replaced means that the attempt failed: ECS
/// undid it (breaker or alarm), or a pipeline action wrote late.
fn authorise(release: &mut Release, role: Role, deployment: &str, at: At) -> Result<u32, At> {
    let attempts = &release.service(role).attempts;
    if attempts.against.as_deref() == Some(deployment) {
        let count = attempts.count;
        // Doing it again is one more write that may land late, and closing waits for the last.
        if attempts.last.is_none_or(|last| at >= last.plus_seconds(AGAIN_SECONDS)) {
            release.service_mut(role).attempts.last = Some(at);
        }
        return Ok(count);
    }
    let due = attempts
        .last
        .map_or(at, |last| last.plus_seconds(pause_seconds(attempts.count)));
    if at < due {
        return Err(due);
    }
    let count = attempts.count.saturating_add(1);
    release.service_mut(role).attempts = Attempts {
        count,
        last: Some(at),
        against: Some(deployment.to_owned()),
    };
    Ok(count)
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
    let in_flight = service
        .in_flight
        .as_ref()
        .filter(|deployment| deployment.stoppable && !release.known_unstoppable(&deployment.arn));
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
    let copy = match target == record.baseline.task_definition {
        true => String::new(),
        false => format!(", {} by digest", record.baseline),
    };
    (action, format!("is given {}{copy}", short(target)))
}

/// By what other name a service runs its baseline, where it does not do so by the baseline's own.
fn known_as(release: &Release, role: Role, here: &str) -> String {
    if here == release.service(role).baseline.task_definition {
        String::new()
    } else if here == release.restore_target(role) {
        format!(", by digest as {}", short(here))
    } else {
        format!(", as {}", short(here))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{arn, at, at_approval, in_progress, meaning, on, over, policy, rolling_back};
    use crate::{Part, Seen, decide};

    #[test]
    fn a_copy_is_said_to_be_one_wherever_it_is_named() {
        let mut release = rolling_back();
        release.canary.restore = arn("orders-canary", 3);
        let copy = || meaning(on("orders-canary", 3, 1), "v1", "orders-canary-settings");
        let cases = [
            (
                on("orders-canary", 2, 1),
                "orders-canary is given orders-canary:3, orders-canary:1 by digest",
            ),
            (
                in_progress(copy(), 0, 1),
                "on its way to its baseline orders-canary:1, by digest as orders-canary:3: 0 of 1",
            ),
            (
                copy(),
                "orders-canary runs its baseline orders-canary:1 again, by digest as orders-canary:3",
            ),
            (
                on("orders-canary", 1, 1),
                "orders-canary runs its baseline orders-canary:1 again;",
            ),
        ];
        for (seen, says) in cases {
            let seen = Seen {
                canary: Part::Known(seen),
                pipeline: Part::Known(over()),
                ..at_approval()
            };
            let decision = decide(&policy(), &release, &seen, at(500));
            assert!(decision.because.contains(says), "{says}: {}", decision.because);
        }
    }
}
