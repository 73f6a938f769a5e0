//! Bind the release to what the canary was given.

use super::identify::{Runs, identify};
use super::{deploy, unseen};
use crate::opening::needs_copy;
use crate::{
    At, Deployed, Execution, ExecutionStatus, Given, Over, Part, Phase, Policy, Release, Revision, Role, Seen,
    SeenDeployment, SeenService, StartedBy,
};

/// Arms the release once the canary is seen with something else than its baseline, and fills in
/// image digests as they become known. Arming does not wait for digests: the alarm may be first.
pub fn bind(release: &mut Release, seen: &Seen, at: At) {
    if let Part::Known(canary) = &seen.canary {
        arm(release, &canary.primary, seen, at);
        learn(release, Role::Canary, &canary.primary);
    }
    if let Part::Known(stable) = &seen.stable {
        adopt(release, stable);
        promoting(release, &stable.primary, at);
        slipped_by(release, &stable.primary, seen);
        learn(release, Role::Stable, &stable.primary);
        note_name(release, &stable.primary);
    }
}

/// Notes by which definition stable runs its baseline, as long as the canary is compared with that: after a rollback it
/// is a copy of ours.
fn note_name(release: &mut Release, stable: &SeenDeployment) {
    let judged = matches!(
        release.phase,
        Phase::Deploying | Phase::Baking { .. } | Phase::Gated { .. }
    );
    if judged && identify(release, Role::Stable, stable) == Runs::Baseline {
        let runs = &stable.task_definition;
        release.stable.runs_as = (*runs != release.stable.baseline.task_definition).then(|| runs.clone());
    }
}

fn arm(release: &mut Release, primary: &SeenDeployment, seen: &Seen, at: At) {
    let again = matches!(release.phase, Phase::Baking { .. } | Phase::Gated { .. }) && is_own(release, primary);
    if release.phase != Phase::Deploying && !again {
        return;
    }
    let asked_for = deploy::is_there_already(release, primary);
    let before = release.canary.given.as_ref();
    let same =
        before.is_some_and(|given| given.deployment == primary.id && !asked_for || primary.created < given.created);
    if same {
        return;
    }
    if release.phase == Phase::Deploying && identify(release, Role::Canary, primary) == Runs::Baseline {
        // What the release before had left there is gone.
        release.canary.given = None;
        return;
    }
    if again && !matches!(identify(release, Role::Canary, primary), Runs::Third(_)) || unseen::is_left(release, primary)
    {
        return;
    }
    if is_somebodys(release, primary, seen)
        || unseen::is_anothers(release, primary)
        || deploy::is_anothers(release, primary)
    {
        return;
    }
    release.images = None;
    release.step_reached = None;
    release.canary.given = Some(given(primary));
    let written = release.phase == Phase::Deploying && is_own(release, primary);
    if let Some(run) = release.pipeline.as_mut() {
        // It was given for what the canary ran then.
        run.approved = None;
        // What an abandoned action may still have written, it has.
        run.abandoned.take_if(|_| written);
    }
    release.become_phase(Phase::Baking { step: 0 }, at);
}

/// The release's own execution gave a service that: to a canary something else than before, where a stage was retried,
/// or a person had been quicker than the pipeline.
pub fn is_own(release: &Release, primary: &SeenDeployment) -> bool {
    let run = release.pipeline.as_ref().map(|run| run.execution.as_str());
    match &primary.started_by {
        Part::Known(StartedBy::Execution {
            execution,
            rollback: false,
            ..
        }) => run == Some(execution),
        _ => false,
    }
}

/// Somebody gave the canary something over what the release's own action had given it while that was at work; or in
/// place of that, where the execution ended before its action had given it anything, or nobody had seen what it gave.
pub fn is_somebodys(release: &Release, primary: &SeenDeployment, seen: &Seen) -> bool {
    let Some(run) = &release.pipeline else { return false };
    let seen_run = seen.pipeline.known();
    let failed =
        seen_run.is_some_and(|run| matches!(run.status, ExecutionStatus::Over(over) if over != Over::Succeeded));
    // What comes after its action is through is none of its.
    let through = seen_run
        .and_then(|run| run.deployed)
        .is_some_and(|through| primary.created > through);
    match &primary.started_by {
        Part::Known(StartedBy::SomebodyAfter { execution, .. }) => run.execution == *execution,
        Part::Known(StartedBy::Nobody) => {
            let unseen = release.phase == Phase::Deploying && release.canary.given.is_none();
            unseen && (failed || through) && identify(release, Role::Canary, primary) != Runs::Baseline
        }
        _ => false,
    }
}

/// Stable was given what nobody judged: ECS, or somebody else, had taken the canary off it before anybody saw it
/// there. Either the execution is known to have given it that, or it is through, and no canary was seen changed.
fn slipped_by(release: &mut Release, stable: &SeenDeployment, seen: &Seen) {
    let status = seen.pipeline.known().map(|run| run.status);
    let unseen = release.phase == Phase::Deploying && release.canary.given.is_none();
    let through = unseen
        && status == Some(ExecutionStatus::Over(Over::Succeeded))
        && stable.images.known() != Some(&release.stable.baseline.revision.images);
    // Where no canary was seen changed yet, the pipeline may give both the same at the same time.
    let judged = matches!(release.phase, Phase::Baking { .. } | Phase::Gated { .. });
    if (through || judged && is_own(release, stable))
        && release.stable.given.is_none()
        && stable.created > release.opened
        && matches!(identify(release, Role::Stable, stable), Runs::Third(_))
    {
        release.stable.given = Some(given(stable));
        if release.canary.given.take_if(|given| given.by_hand).is_some() {
            // It was none of the execution's, and stays whose it is.
            release.images = None;
        }
    }
}

/// Stable is somebody's third revision, and the release has not touched it: where that is older than what the canary
/// was given, or the release is being taken back in any case, it is what stable has to go back to, should the
/// execution give it something yet. The baseline noted at opening would undo somebody's hot fix. Only what it has
/// come to rest on: what ECS may still give up is no way back. And only where the release has images to give it, and
/// has not given it this.
pub fn adopt(release: &mut Release, stable: &SeenService) {
    let primary = &stable.primary;
    let nobody_is_in_the_way = release.phase.rolling_back().is_some() || was_there_before(release, primary);
    let third = release.is_third(Role::Stable, primary) && !is_own(release, primary);
    let (Part::Known(images), Part::Known(configuration)) = (&primary.images, &primary.configuration) else {
        return;
    };
    let proven = super::forward::is_reached(stable) && !release.keeps_images();
    if release.stable.given.is_none()
        && nobody_is_in_the_way
        && third
        && proven
        && !may_be_a_promotion(release, primary)
    {
        release.stable.baseline = Deployed {
            task_definition: primary.task_definition.clone(),
            revision: Revision {
                images: images.clone(),
                configuration: configuration.clone(),
            },
            service_revision: stable.service_revision.clone(),
        };
        // Whatever failed there is gone.
        release.bad_on_stable = false;
        release.stable.restore.clone_from(&primary.task_definition);
        let names = primary.image_names.known();
        release.stable.unprepared = names.is_none_or(|names| needs_copy(names, true));
    }
}

/// Whether an execution has given stable that, or nobody can say that none did: it is promoted, and whether that was well
/// is for the release to judge which that execution began.
fn may_be_a_promotion(release: &Release, primary: &SeenDeployment) -> bool {
    match &primary.started_by {
        Part::Known(StartedBy::Execution { rollback, .. }) => !rollback,
        Part::Known(StartedBy::SomebodyAfter { .. } | StartedBy::Nobody) => false,
        // What is older than the release is nobody asked about.
        Part::Unknown(_) => release.pipeline.is_some() && primary.created > release.opened,
    }
}

/// Whether stable was given something before the canary changed: no hot fix of what is released, though it may come to
/// rest only since. As long as nothing was given for it, what the canary has is what the release before had left there, and
/// it is the opening that counts.
pub fn was_there_before(release: &Release, stable: &SeenDeployment) -> bool {
    let given = release.canary.given.as_ref();
    let given = given.filter(|_| release.phase != Phase::Deploying);
    stable.created < given.map_or(release.opened, |given| given.created)
}

/// The pipeline's own deploy action gives stable the revision; nobody has to tell us.
fn promoting(release: &mut Release, primary: &SeenDeployment, at: At) {
    let ungiven = release.stable.given.is_none() || release.left_on_stable().is_some();
    let ours = release.phase == Phase::Promoting && ungiven;
    let forward = !release.swaps && (ours || matches!(release.phase, Phase::Baking { .. } | Phase::Gated { .. }));
    // A release that could not be put right has left there what it gave; that is none of this one.
    let left_there = release.stable.given.as_ref();
    let news = left_there
        .is_none_or(|given| given.deployment != primary.id && given.task_definition != primary.task_definition);
    if forward && release.canary.given.is_some() && news && identify(release, Role::Stable, primary) == Runs::Released {
        release.stable.given = Some(given(primary));
        release.become_phase(Phase::Promoting, at);
    }
}

/// While a release is taken back, another execution gives the canary the very same: it must not promote it either.
pub fn bar_the_same(release: &mut Release, seen: &Seen) {
    let Part::Known(canary) = &seen.canary else { return };
    let Part::Known(StartedBy::Execution {
        execution,
        rollback: false,
        ..
    }) = &canary.primary.started_by
    else {
        return;
    };
    let Some(own) = release.pipeline.as_ref().filter(|own| own.execution != *execution) else {
        return;
    };
    let barred = release.barred.iter().any(|barred| barred.execution == *execution);
    let same = matches!(
        identify(release, Role::Canary, &canary.primary),
        Runs::Released | Runs::Earlier(_)
    );
    if same && !barred {
        let run = Execution::unseen(own.name.clone(), execution.clone(), own.promoting_stage.clone());
        release.barred.push(run);
    }
}

/// What the canary runs when a job opens a release is none of that release's: neither its fault nor its success. A
/// person, or a release before it, has left it there.
pub fn found(release: &mut Release, primary: &SeenDeployment) {
    let given = release.canary.given.as_ref();
    let newer = given.is_none_or(|given| given.deployment != primary.id && given.created < primary.created);
    let runs = identify(release, Role::Canary, primary);
    if newer && runs != Runs::Baseline {
        let mut left = self::given(primary);
        // What a release before had given it ECS puts back as well, and nobody is named for that.
        left.by_hand &= matches!(runs, Runs::Third(_));
        release.canary.given = Some(left);
    }
}

/// What a service was given, as far as it is seen.
pub fn given(primary: &SeenDeployment) -> Given {
    Given {
        task_definition: primary.task_definition.clone(),
        deployment: primary.id.clone(),
        created: primary.created,
        reached: None,
        configuration: primary.configuration.known().cloned(),
        image_names: primary.image_names.known().cloned(),
        images: primary.images.known().cloned(),
        by_hand: primary.started_by == Part::Known(StartedBy::Nobody),
        dead_letters: Default::default(),
    }
}

/// The bake begins when the canary's tasks run, not when ECS was told of them. Nobody notes it where nothing
/// bakes and nothing is measured.
pub fn reached(policy: &Policy, release: &mut Release, seen: &Seen, at: At) {
    let Some(canary) = seen
        .canary
        .known()
        .filter(|_| policy.awaits_a_bake() || policy.measures())
    else {
        return;
    };
    let given = release.canary.given.as_mut();
    let Some(given) = given.filter(|given| given.deployment == canary.primary.id) else {
        return;
    };
    if canary.primary.running == 0 {
        // What nobody runs does not bake.
        given.reached = None;
    } else if super::forward::is_reached(canary) {
        given.reached.get_or_insert(at);
    }
}

/// Digests appear only when the first task has pulled its images.
fn learn(release: &mut Release, role: Role, primary: &SeenDeployment) {
    let Some(given) = release
        .service_mut(role)
        .given
        .as_mut()
        .filter(|given| given.task_definition == primary.task_definition)
    else {
        return;
    };
    let keep = |known: &mut Option<_>, seen: &Part<_>| {
        if known.is_none() {
            *known = seen.known().cloned();
        }
    };
    if given.configuration.is_none() {
        given.configuration = primary.configuration.known().cloned();
    }
    keep(&mut given.image_names, &primary.image_names);
    keep(&mut given.images, &primary.images);
    if role == Role::Canary && release.images.is_none() {
        release.images = primary.images.known().cloned();
    }
}

#[cfg(test)]
mod tests;
