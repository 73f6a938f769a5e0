//! Whether something that has begun is a release, and which place it takes.

mod blocked;
mod explicit;
mod moved;
mod open_one;
mod pushed;
mod retried;
mod shape;
mod standing;

use self::open_one::{began_it, failed, may_land, may_promote, was_there_before};
use crate::freeze::{self, Hold};
use crate::policy::{OnNewRelease, TwoServices};
use crate::rule::identify::{Runs, identify};
use crate::rule::{arm, forward, successor, told};
use crate::{
    At, Decision, Deployed, Execution, Freeze, Home, Outcome, Part, Phase, Policy, Release, Revision, Role, Rollout,
    SCHEMA, Seen, SeenService, Service, Start, short,
};

pub use blocked::{Blocked, blocked, in_the_way};
pub use explicit::{again, unfit};
pub use moved::policy_of_successor;
pub use pushed::{Push, Pushed, foreign, pushed};
pub use shape::{Shape, misplaced, unsound};
pub use standing::{Progress, Standing, progress};

/// A service as it is found when something begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is seen of it, with images and configuration read.
    pub seen: SeenService,
    /// What the deployment it runs started from; nothing where it was the very first.
    pub source: Part<Option<Deployed>>,
}

/// What begins, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// What starts it.
    pub start: Start,
    /// The canary's ECS deployment that this was told from, where it was.
    pub told_from: Option<String>,
    /// Account and region.
    pub home: Home,
    /// Stage whose ECS deploy action gives stable the revision, if the pipeline has one.
    pub promoting_stage: Option<String>,
    /// The small service.
    pub canary: Found,
    /// The large one.
    pub stable: Found,
    /// The release of the policy that was closed last.
    pub last: Option<Release>,
    /// Since when the policy is known: what was deployed before that is not ours to judge.
    pub known_since: At,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A release.
    Release(Box<Release>),
    /// No release, for the reason given: an echo of ECS's or our own doing, or a first deployment.
    None(String),
    /// Not yet, for the reason given.
    Wait(String),
}

/// Judges a beginning while no release of the policy is open.
pub fn open(policy: &Policy, beginning: &Beginning, at: At) -> Opening {
    let Beginning {
        start, canary, stable, ..
    } = beginning;
    if let Start::Promotion { began, .. } = start {
        return retried::open(policy, beginning, *began, at);
    }
    let last = beginning.last.as_ref();
    if let Some(why) = last.and_then(|last| explicit::outrun(start, last)) {
        return Opening::None(why);
    }
    let (services, told_from) = (&policy.two_services, beginning.told_from.as_deref());
    if let Some(why) = is_another(services, told_from, (&services.cluster, &services.canary), &canary.seen) {
        return Opening::Wait(why);
    }
    let job = start.comes_before();
    let canary_baseline = if job {
        ahead(policy, canary)
    } else {
        behind(policy, canary)
    };
    let came_from = match canary_baseline {
        Ok(came_from) => came_from,
        Err(opening) => return opening,
    };
    let canary_baseline = sound(beginning, came_from.clone(), &policy.two_services.canary);
    if !job && let Some(echo) = echo(beginning, &policy.two_services.canary, &canary_baseline) {
        return Opening::None(echo);
    }
    let later = stable.seen.primary.created >= canary.seen.primary.created;
    let stable_baseline = match (&stable.source, !job && later || is_under_way(stable)) {
        // Given something after the canary was, perhaps by the very execution that began this.
        (Part::Known(Some(source)), true) => Ok(source.clone()),
        _ => now(&policy.two_services.stable, stable),
    };
    let stable_baseline = match stable_baseline {
        Ok(baseline) => sound(beginning, baseline, &policy.two_services.stable),
        Err(opening) => return opening,
    };
    let is_bad = came_from.task_definition != canary_baseline.task_definition;
    let mut release = nothing_given(policy, beginning, [canary_baseline, stable_baseline], at);
    if !job && is_bad {
        // It is no way back, and still what ECS puts back where it gives the deployment up.
        release.canary.earlier.push(came_from.task_definition);
    }
    Opening::Release(Box::new(release))
}

/// Why what a canary runs by now is not what a start was told from, where it is not: ECS had answered with what was
/// there before, or somebody was quicker. Whose that is, the next look tells. Of a canary that the policy does not name
/// any more nothing was told.
pub fn is_another(
    services: &TwoServices,
    told_from: Option<&str>,
    (cluster, name): (&str, &str),
    canary: &SeenService,
) -> Option<String> {
    let deployment = told_from?;
    let named = (cluster, name) == (services.cluster.as_str(), services.canary.as_str());
    (named && deployment != canary.primary.id).then(|| {
        let runs = short(&canary.primary.task_definition);
        format!("{name} was given {runs} meanwhile, which is none of {deployment}")
    })
}

/// A release that has given neither service anything yet, with what canary and stable go back to.
fn nothing_given(policy: &Policy, beginning: &Beginning, [canary, stable]: [Deployed; 2], at: At) -> Release {
    let start = &beginning.start;
    Release {
        schema: SCHEMA,
        id: start.release_id(&policy.name),
        home: beginning.home.clone(),
        cluster: policy.two_services.cluster.clone(),
        opened: at,
        phase: Phase::Deploying,
        phase_since: at,
        images: None,
        canary: Service::untouched(policy.two_services.canary.clone(), canary),
        stable: Service::untouched(policy.two_services.stable.clone(), stable),
        pipeline: match (&policy.pipeline, start.execution()) {
            (Some(pipeline), Some(execution)) => Some(Execution::unseen(
                pipeline.name.clone(),
                execution.to_owned(),
                beginning.promoting_stage.clone(),
            )),
            _ => None,
        },
        size: None,
        scaling: None,
        weights: None,
        swaps: policy.swaps(),
        old_scaling: None,
        retired: None,
        refilled: None,
        step_reached: None,
        start: start.key(),
        wanted: start.wanted().cloned(),
        barred: Vec::new(),
        watched: None,
        left_bad: false,
        bad_on_stable: is_left(policy, beginning),
        gone_since: None,
        dry_run: false,
        closed_on: None,
        freeze: None,
        facts: Default::default(),
    }
}

/// Whether stable still runs what had failed before the last release, which never came so far as to take its place.
fn is_left(policy: &Policy, beginning: &Beginning) -> bool {
    let stable = &beginning.stable.seen.primary;
    beginning.last.as_ref().is_some_and(|last| {
        let same = last.stable.name == policy.two_services.stable;
        same && last.bad_on_stable && identify(last, Role::Stable, stable) == Runs::Baseline
    })
}

/// Before the canary changes: what it runs now is its baseline, once it has come to rest.
fn ahead(policy: &Policy, canary: &Found) -> Result<Deployed, Opening> {
    let name = &policy.two_services.canary;
    if is_under_way(canary) {
        let to = short(&canary.seen.primary.task_definition);
        return Err(Opening::Wait(format!("{name} is still being deployed to {to}")));
    }
    now(name, canary)
}

fn is_under_way(found: &Found) -> bool {
    found.seen.primary.rollout == Rollout::InProgress
}

/// After the canary has changed: its baseline is what the deployment started from.
fn behind(policy: &Policy, canary: &Found) -> Result<Deployed, Opening> {
    let name = &policy.two_services.canary;
    match &canary.source {
        Part::Known(Some(source)) => Ok(source.clone()),
        Part::Known(None) => Err(Opening::None(format!(
            "{} is the first deployment of {name}: there is nothing to go back to, so it is no release",
            short(&canary.seen.primary.task_definition)
        ))),
        Part::Unknown(why) => Err(Opening::Wait(format!("what {name} ran before cannot be told: {why}"))),
    }
}

fn now(name: &str, found: &Found) -> Result<Deployed, Opening> {
    let primary = &found.seen.primary;
    match (&primary.images, &primary.configuration) {
        (Part::Known(images), Part::Known(configuration)) => Ok(Deployed {
            task_definition: primary.task_definition.clone(),
            revision: Revision {
                images: images.clone(),
                configuration: configuration.clone(),
            },
            service_revision: found.seen.service_revision.clone(),
        }),
        (Part::Unknown(why), _) | (_, Part::Unknown(why)) => {
            Err(Opening::Wait(format!("what {name} runs cannot be told: {why}")))
        }
    }
}

/// A revision that was rolled back and not promoted since is no baseline: the one before it is.
///
/// One that was overtaken in its watch was not rolled back: the canary was left on it.
fn sound(beginning: &Beginning, baseline: Deployed, name: &str) -> Deployed {
    let Some(last) = &beginning.last else { return baseline };
    let taken_back = [Role::Canary, Role::Stable]
        .into_iter()
        .any(|role| last.service(role).attempts.count > 0);
    let bad = match &last.phase {
        Phase::Closed { outcome } => match outcome {
            Outcome::RolledBack { .. } | Outcome::RollbackFailed { .. } => true,
            // Whoever has promoted it all the same has not told Serin.
            Outcome::WouldRollBack { .. } => {
                let stable = beginning.stable.seen.primary.images.known();
                !stable.is_some_and(|images| last.is_carried_by(images))
            }
            Outcome::Overtaken { .. } => taken_back,
            _ => false,
        },
        _ => false,
    };
    let service = last.service(last.role_of(name));
    let given = service.given.as_ref();
    let is_bad = given.is_some_and(|given| {
        given.task_definition == baseline.task_definition
            || given.images.as_ref() == Some(&baseline.revision.images)
                && given.configuration.as_ref() == Some(&baseline.revision.configuration)
    });
    if bad && is_bad {
        Deployed {
            task_definition: last.restore_target_of(service).to_owned(),
            ..service.baseline.clone()
        }
    } else {
        baseline
    }
}

/// Why a deployment is ECS's or our own doing, if it is.
fn echo(beginning: &Beginning, name: &str, baseline: &Deployed) -> Option<String> {
    let primary = &beginning.canary.seen.primary;
    let here = short(&primary.task_definition);
    if primary.task_definition == baseline.task_definition {
        return Some(format!("{here} is what the service ran before: an echo"));
    }
    let (images, configuration) = (primary.images.known(), primary.configuration.known());
    let same = |revision: &Revision| images == Some(&revision.images) && configuration == Some(&revision.configuration);
    if same(&baseline.revision) {
        return Some(format!(
            "{here} has the images and the configuration that ran before: an echo"
        ));
    }
    let last = beginning.last.as_ref()?;
    let before = last.service(last.role_of(name));
    let ours = last.restore_target_of(before) == primary.task_definition
        || before.baseline.task_definition == primary.task_definition
        || same(&before.baseline.revision);
    let restored = !matches!(
        last.phase,
        Phase::Closed {
            outcome: Outcome::Promoted
        }
    );
    let given = before.given.as_ref().map(|given| given.deployment.as_str());
    let closed_on = last.closed_on.as_deref();
    let known = [given, closed_on].contains(&Some(primary.id.as_str()))
        || closed_on.is_none() && primary.created <= last.phase_since;
    if known {
        return Some(format!("{here} belongs to release {}, which is closed", last.id));
    }
    (ours && restored).then(|| format!("{here} is what release {} was taken back to: an echo", last.id))
}

/// Whether a deployment of a service is known from the release that closed last, so that nothing has begun with it.
pub fn is_old(last: &Release, name: &str, deployment: &str, task_definition: &str) -> bool {
    let role = last.role_of(name);
    let service = last.service(role);
    let given = service.given.as_ref();
    if given.is_some_and(|given| given.deployment == deployment) {
        return true;
    }
    match role {
        Role::Canary => last.closed_on.as_deref() == Some(deployment),
        // The pipeline's deploy action registers a definition of its own on every run.
        Role::Stable => {
            let restored = [
                service.baseline.task_definition.as_str(),
                last.restore_target_of(service),
            ];
            restored.contains(&task_definition) || given.is_some_and(|given| given.task_definition == task_definition)
        }
    }
}

/// Why a release was opened, for people.
pub fn because(start: &Start, release: &Release, last: Option<&Release>) -> String {
    match start {
        Start::Job { .. } => "opened before the canary changes".to_owned(),
        Start::Action { .. } => format!("opened as {} was given something by the pipeline", release.canary.name),
        Start::Explicit(wanted) => format!("started by {}: {}", wanted.by, wanted.why),
        Start::Deployment { .. } => format!("opened as {} was given something", release.canary.name),
        Start::Promotion { execution, .. } => retried::because(execution, release, last),
    }
}

/// What becomes of a beginning while another release of the policy is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// It is that very release.
    Same,
    /// It takes the other's place, in this decision.
    TakesOver(Box<Decision>),
    /// It takes the other's place and nothing over from it: it begins as if nothing were open, and this decision holds
    /// once it can.
    Afresh(Box<Decision>),
    /// It waits, for the reason given.
    Wait(String),
    /// It came too late, for the reason given.
    Outrun(String),
}

/// Why nothing is opened in a freeze. Only a job comes before the canary changes, so only a job can be held: what has the
/// canary is judged.
pub fn frozen(policy: &Policy, freeze: Option<&Freeze>, start: &Start, at: At) -> Option<Hold> {
    let held = start.comes_before();
    freeze::in_force(&policy.freeze, freeze, at).filter(|_| held)
}

/// Whether what is open is looked at before it is judged who takes whose place: not, where nothing that is seen lets a
/// job go on.
pub fn is_looked_at(policy: &Policy, open: &Release, start: &Start, at: At) -> bool {
    match open.phase {
        Phase::Watching => !start.comes_before() || at >= forward::patience(policy, open),
        Phase::Promoting | Phase::RollingBack { .. } | Phase::Closed { .. } => false,
        Phase::Deploying | Phase::Baking { .. } | Phase::Gated { .. } | Phase::RollbackFailed { .. } => true,
    }
}

/// Judges a beginning before its canary changes, while another release is open.
///
/// What the ledger calls baking may be promoted at this moment: a person has approved, and nobody has looked
/// since. So a job only takes the place of what is seen to promote nothing. The open release goes on under the policy
/// it was opened under; one on other services is none that could be followed.
pub fn overlap(policy: &Policy, wanted: &Policy, open: &Release, seen: &Seen, start: &Start, at: At) -> Overlap {
    if open.start != start.key() && matches!(start, Start::Promotion { .. }) {
        // Whatever is open decides what becomes of stable; what it leaves there is looked at when it has closed.
        return Overlap::Wait(format!("release {} is {}", open.id, open.phase.name()));
    }
    if began_it(open, start) {
        return Overlap::Same;
    }
    if let Some(why) = explicit::outrun(start, open) {
        return Overlap::Outrun(why);
    }
    if let Some(elsewhere) = moved::elsewhere(policy, wanted, open, at) {
        return elsewhere;
    }
    let job = start.comes_before();
    let next = || {
        let mut next = successor::after(policy, open, start, at);
        // What a release under watch has left there is its way back.
        if let (true, Part::Known(canary)) = (job && open.phase != Phase::Watching, &seen.canary) {
            arm::found(&mut next, &canary.primary);
            // Whatever a release has left there that could not be put right is known to be bad, also where ECS has put it
            // there since.
            next.left_bad |= matches!(open.phase, Phase::RollbackFailed { .. }) && next.armed().is_some();
        }
        next
    };
    if !job && was_there_before(open, seen) {
        // It was opened in the moment in which somebody else still looked for what was new.
        let (name, id) = (&open.canary.name, &open.id);
        return Overlap::Wait(format!("{name} was given nothing since release {id} was opened"));
    }
    if let Some(why) = may_land(open, at).filter(|_| job) {
        return Overlap::Wait(why);
    }
    match &open.phase {
        Phase::Deploying | Phase::Baking { .. } | Phase::Gated { .. } => {
            if let Some(why) = failed(policy, open, seen, at)
                .or_else(|| may_promote(open, seen, at))
                .filter(|_| job)
            {
                return Overlap::Wait(why);
            }
            Overlap::TakesOver(Box::new(successor::supersede(open, next(), at)))
        }
        // Its old side is the way back, and no canary.
        Phase::Watching if open.swaps => Overlap::Wait(format!("release {} is {}", open.id, open.phase.name())),
        // Only a job comes before the canary changes, so only a job can be held.
        Phase::Watching if policy.on_new_release == OnNewRelease::Continue || !job => {
            Overlap::TakesOver(Box::new(successor::supersede(open, next(), at)))
        }
        Phase::Watching if forward::owes_scaling_alone(policy, open, seen, at) => {
            match failed(policy, open, seen, at) {
                Some(why) => Overlap::Wait(why),
                None => Overlap::TakesOver(Box::new(successor::supersede(open, next(), at))),
            }
        }
        Phase::RollbackFailed { cause } => {
            if let Some(why) = seen.canary.unknown().filter(|_| job) {
                return Overlap::Wait(format!("{} is unknown: {why}", open.canary.name));
            }
            let mut decision = successor::supersede(open, next(), at);
            decision.next = open.clone();
            let outcome = Outcome::RollbackFailed { cause: cause.clone() };
            decision.next.become_phase(Phase::Closed { outcome }, at);
            decision.notices = told::say(policy, open, &decision.next, at);
            Overlap::TakesOver(Box::new(decision))
        }
        phase => Overlap::Wait(format!("release {} is {}", open.id, phase.name())),
    }
}

/// Whether a task definition must be copied before it is a way back: a tag may mean something else by then.
pub fn needs_copy(images: &crate::Images, active: bool) -> bool {
    !active || images.values().any(|image| !image.contains("@sha256:"))
}

#[cfg(test)]
mod tests;
