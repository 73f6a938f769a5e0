//! The next release takes the place of this one.

use super::identify::{Runs, identify};
use super::{arm, roll_back, unseen};
use crate::opening::needs_copy;
use crate::{
    At, Attempts, Decision, Execution, Fact, Given, Outcome, Part, Phase, Policy, Release, Role, SCHEMA, Seen,
    SeenDeployment, SeenService, Service, Start, StartedBy, Watched, Weighed,
};

/// Closes a release whose canary was given the next one by the pipeline, in the moment that opens it.
///
/// While this one is promoting or rolling back, the next waits; see `roll_back`.
pub fn decision(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<Decision> {
    let may = match release.phase {
        Phase::Deploying | Phase::Baking { .. } | Phase::Gated { .. } => true,
        // `hold` keeps a job from going on. Here the canary has been given the next one already, and
        // nobody would judge it while it waits.
        Phase::Watching => true,
        _ => false,
    };
    if !may {
        return None;
    }
    let successor = of(policy, release, seen, at)?;
    Some(supersede(release, successor, at))
}

/// The release that takes the place of this one, in this decision.
pub fn supersede(release: &Release, successor: Release, at: At) -> Decision {
    let mut next = release.clone();
    let by = successor.id.clone();
    let because = format!("{} opened: the next release takes the place of this one", successor.id);
    next.become_phase(
        Phase::Closed {
            outcome: Outcome::Superseded { by },
        },
        at,
    );
    Decision {
        next,
        because,
        lanes: Vec::new(),
        notices: Vec::new(),
        successor: Some(Box::new(successor)),
        look_again_seconds: None,
    }
}

/// The release that a pipeline has begun on this one's canary, if one has.
pub fn of(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<Release> {
    let canary = seen.canary.known()?;
    match identify(release, Role::Canary, &canary.primary) {
        _ if unseen::is_the_nexts(release, &canary.primary, seen) => {}
        _ if release.armed().is_none() => return None,
        Runs::Third(_) => {}
        // The same once more, by another execution, whose approval would promote what this one is judged for.
        Runs::Released if release.phase != Phase::Watching && is_later(release, &canary.primary) => {}
        // The next release may bring the very images that stable alone was given.
        Runs::Released if release.is_of_stable_alone() => {}
        // No task has pulled them yet, but they are called otherwise: a person may approve any moment.
        Runs::Unsure(_) if has_other_names(release, &canary.primary) => {}
        _ => return None,
    }
    let Part::Known(StartedBy::Execution {
        execution,
        action_execution,
        rollback: false,
    }) = &canary.primary.started_by
    else {
        return None;
    };
    let ours = release.pipeline.as_ref();
    if ours.is_some_and(|run| run.execution == *execution) {
        return None;
    }
    let start = Start::Action {
        execution: execution.clone(),
        action_execution: action_execution.clone(),
    };
    let mut successor = bound(after(policy, release, &start, at), canary, at);
    successor.keep_what_concerns(policy);
    Some(successor)
}

/// Whether a deployment is later than what the release was given.
fn is_later(release: &Release, primary: &SeenDeployment) -> bool {
    release.armed().is_some_and(|given| primary.created > given.created)
}

/// Whether the images of a later deployment go by other names than those that were given.
fn has_other_names(release: &Release, primary: &SeenDeployment) -> bool {
    let names = primary.image_names.known();
    let given = release.armed().and_then(|given| given.image_names.as_ref());
    let differ = names.is_some_and(|names| given.is_some_and(|ours| ours != names));
    differ && is_later(release, primary)
}

/// A release that follows another in its policy, nothing given to it yet.
///
/// It answers for what it takes over: what the canary was given stays given, the way back leads to where
/// the first of them began, and the executions before it must not promote any more.
pub fn after(policy: &Policy, release: &Release, start: &Start, at: At) -> Release {
    let watched = (release.phase == Phase::Watching).then(|| watched(policy, release));
    let failed = matches!(release.phase, Phase::RollbackFailed { .. });
    let kept = failed && !roll_back::may_go_back(policy, release);
    let (canary, stable) = if watched.is_some() {
        (promoted(&release.canary), promoted(&release.stable))
    } else if kept {
        (kept_by(release, Role::Canary), kept_by(release, Role::Stable))
    } else {
        (carried(release, Role::Canary), carried(release, Role::Stable))
    };
    // What was kept is no longer bad: the fix is held against it. But for what nobody could tell the images of.
    let left_bad = failed && (!kept || canary.given.is_some() || stable.given.is_some());
    // Stable was given it, and was not sent back: that is its baseline from here on.
    let judged = matches!(&release.phase, Phase::RollbackFailed { cause } if cause.is_of_a_check());
    let left_there = kept && judged && release.stable.given.is_some() && release.stable.attempts.count == 0;
    // Or what failed before it is there again, or still.
    let back_there = release.stable.given.is_none() || kept && release.stable.attempts.count > 0;
    let mut barred = release.barred.clone();
    let promoted = watched.is_some();
    barred.extend(release.pipeline.iter().filter(|_| !promoted).cloned());
    let mut successor = Release {
        schema: SCHEMA,
        id: start.release_id(&policy.name),
        home: release.home.clone(),
        cluster: release.cluster.clone(),
        opened: at,
        phase: Phase::Deploying,
        phase_since: at,
        images: None,
        canary,
        stable,
        pipeline: match (start.execution(), &policy.pipeline) {
            (Some(execution), Some(pipeline)) => Some(Execution::unseen(
                pipeline.name.clone(),
                execution.to_owned(),
                release.pipeline.as_ref().and_then(|run| run.promoting_stage.clone()),
            )),
            _ => None,
        },
        // What was changed is given back by whoever comes last.
        size: release.size.clone().filter(|size| size.theirs.is_none()),
        scaling: release.scaling.clone().filter(|scaling| !scaling.theirs),
        // Somebody else's as well: the way back leads to where they were at rest.
        weights: release.weights.clone().filter(|weights| !took_less(release, weights)),
        swaps: policy.swaps(),
        old_scaling: release.old_scaling.clone().filter(|scaling| !scaling.theirs),
        retired: None,
        refilled: None,
        step_reached: None,
        start: start.key(),
        wanted: start.wanted().cloned(),
        barred,
        watched: watched.or_else(|| release.watched.clone()),
        left_bad: left_bad || release.phase == Phase::Deploying && release.left_bad,
        bad_on_stable: left_there || release.bad_on_stable && back_there,
        gone_since: None,
        dry_run: false,
        closed_on: None,
        freeze: release.freeze.clone(),
        // An alarm that rang may be the successor's: by its time it is told apart.
        facts: release.facts.clone(),
    };
    successor.keep_what_concerns(policy);
    successor
}

/// Armed with what the canary runs now.
fn bound(mut release: Release, canary: &SeenService, at: At) -> Release {
    release.canary.given = Some(arm::given(&canary.primary));
    release.images = canary.primary.images.known().cloned();
    release.phase = Phase::Baking { step: 0 };
    release.phase_since = at;
    release
}

/// A service on its way from one release to the next: the way back stays where the first one began.
fn carried(release: &Release, role: Role) -> Service {
    let mut service = release.service(role).clone();
    if let Some(given) = service.given.as_mut() {
        // Whoever gave it that: it was judged, and the next one answers for it.
        given.by_hand = false;
    }
    let mut earlier = service.earlier.clone();
    let before = &service.baseline.revision;
    // What it ran before under another name is none of what must go.
    let same = |given: &&Given| {
        given.images.as_ref() == Some(&before.images) && given.configuration.as_ref() == Some(&before.configuration)
    };
    let given = service.given.as_ref().filter(|given| !same(given));
    let given = given.map(|given| given.task_definition.clone());
    // ECS may put back what it was given by any of them.
    earlier.extend(given.filter(|given| !service.earlier.contains(given)));
    if role == Role::Canary {
        // What was registered may be given yet, by a call that is still under way.
        let registered = release.facts.values().filter_map(|fact| match fact {
            Fact::Deploys { task_definition } => Some(task_definition.clone()),
            _ => None,
        });
        let registered: Vec<String> = registered.filter(|arn| !earlier.contains(arn)).collect();
        earlier.extend(registered);
    }
    let restore = release.restore_target(role).to_owned();
    Service {
        unprepared: service.unprepared && restore == service.restore,
        restore,
        attempts: Attempts::default(),
        earlier,
        ..service
    }
}

/// A service that cannot go back: what it was given is what it runs from here on, and the fix is held against that. One
/// that was sent back before anybody could tell goes on from there.
fn kept_by(release: &Release, role: Role) -> Service {
    let service = release.service(role);
    if service.attempts.count > 0 {
        // None of what it was given is the next one's to answer for.
        return Service {
            given: None,
            ..carried(release, role)
        };
    }
    match service.promoted() {
        Some(_) => promoted(service),
        None => carried(release, role),
    }
}

/// A service that was promoted: from here the way back is what it was given.
fn promoted(service: &Service) -> Service {
    match service.promoted() {
        Some(baseline) => {
            let names = service.given.as_ref().and_then(|given| given.image_names.as_ref());
            Service {
                // What the pipeline gave it is called by a tag, which may be moved.
                unprepared: names.is_none_or(|names| needs_copy(names, true)),
                ..Service::untouched(service.name.clone(), baseline)
            }
        }
        None => Service {
            given: None,
            attempts: Attempts::default(),
            ..service.clone()
        },
    }
}

/// Whether somebody has given the canary less than it has at rest, once its weights were returned there on the way back.
/// That is theirs, as it is once a release has closed: the next one finds it, and goes back to no more than that.
fn took_less(release: &Release, weights: &Weighed) -> bool {
    let theirs = weights.theirs.filter(|theirs| theirs.permille().is_some());
    let returned = release.phase.rolling_back().is_some() && weights.given == weights.rest;
    returned && theirs.is_some_and(|theirs| weights.rest.give_more_than(theirs))
}

fn watched(policy: &Policy, release: &Release) -> Watched {
    Watched {
        release: release.id.clone(),
        until: release.phase_since.plus_seconds(policy.watch_minutes * 60),
        canary: carried(release, Role::Canary),
        stable: carried(release, Role::Stable),
        images: release.images.clone(),
    }
}

#[cfg(test)]
mod tests;
