//! Stable was given something by the policy's pipeline while no release was open: a person had an execution tried
//! again, after its release was rolled back. That is their order; what follows from it is watched.

use super::{Beginning, Opening, nothing_given, now, sound};
use crate::rule::{arm, forward};
use crate::{At, Deployed, Part, Phase, Policy, Release, short};

/// Judges what stable was given by a run of the deploy action. The canary is no part of it.
///
/// A run of the last release's own execution that began while that was open was its matter: what a person deploys by
/// hand while the run still waits for ECS looks as if the run had done it.
pub(super) fn open(policy: &Policy, beginning: &Beginning, began: At, at: At) -> Opening {
    let services = &policy.two_services;
    let own = |last: &&Release| {
        let run = last.pipeline.as_ref().map(|run| run.execution.as_str());
        run.is_some() && run == beginning.start.execution() && began < last.phase_since
    };
    if let Some(last) = beginning.last.as_ref().filter(own) {
        let (stable, last) = (&services.stable, &last.id);
        return Opening::None(format!(
            "the pipeline had begun to deploy {stable} while release {last} was open"
        ));
    }
    let stable = &beginning.stable;
    let before = match source(&services.stable, beginning) {
        Ok(before) => sound(beginning, before, &services.stable),
        Err(opening) => return opening,
    };
    let given = match now(&services.stable, stable) {
        Ok(given) => given,
        Err(opening) => return opening,
    };
    if given.revision.images == before.revision.images {
        return Opening::None(format!("{given} has the images that {} ran before", services.stable));
    }
    let canary = match now(&services.canary, &beginning.canary) {
        Ok(canary) => canary,
        Err(opening) => return opening,
    };
    let mut release = nothing_given(policy, beginning, [canary, before], at);
    release.stable.given = Some(arm::given(&stable.seen.primary));
    release.images = Some(given.revision.images);
    release.phase = if forward::is_reached(&stable.seen) {
        Phase::Watching
    } else {
        Phase::Promoting
    };
    Opening::Release(Box::new(release))
}

fn source(name: &str, beginning: &Beginning) -> Result<Deployed, Opening> {
    match &beginning.stable.source {
        Part::Known(Some(source)) => Ok(source.clone()),
        Part::Known(None) => Err(Opening::None(format!(
            "{} is the first deployment of {name}: there is nothing to go back to",
            short(&beginning.stable.seen.primary.task_definition)
        ))),
        Part::Unknown(why) => Err(Opening::Wait(format!("what {name} ran before cannot be told: {why}"))),
    }
}

/// What a person did, as far as it can be told: an execution that is over goes on only where somebody has it retried.
pub(super) fn because(execution: &str, release: &Release, last: Option<&Release>) -> String {
    let mark = execution.split('-').next().unwrap_or(execution);
    let name = &release.stable.name;
    let own = |last: &&Release| last.pipeline.as_ref().is_some_and(|run| run.execution == execution);
    match last.filter(own) {
        Some(last) => format!(
            "opened as {name} was given something by execution {mark}, which a person had tried again after release {} \
             was {}: their order, and watched",
            last.id,
            last.phase.name()
        ),
        None => format!("opened as {name} was given something by execution {mark} while no release was open"),
    }
}
