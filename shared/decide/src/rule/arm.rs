//! Bind the release to what the canary was given.

use super::identify::{Runs, identify};
use crate::{At, Given, Part, Phase, Release, Role, Seen, SeenDeployment};

/// Arms the release once the canary is seen with something else than its baseline, and fills in
/// image digests as they become known. Arming does not wait for digests: the alarm may be first.
pub fn bind(release: &mut Release, seen: &Seen, at: At) {
    let Part::Known(canary) = &seen.canary else { return };
    let primary = &canary.primary;
    if release.phase == Phase::Deploying && release.canary.given.is_none() {
        if identify(release, Role::Canary, primary) == Runs::Baseline {
            return;
        }
        release.canary.given = Some(given(primary));
        release.become_phase(Phase::Baking { step: 0 }, at);
    }
    learn(release, primary);
}

/// What a service was given, as far as it is seen.
pub fn given(primary: &SeenDeployment) -> Given {
    Given {
        task_definition: primary.task_definition.clone(),
        deployment: primary.id.clone(),
        created: primary.created,
        configuration: primary.configuration.known().cloned(),
        image_names: primary.image_names.known().cloned(),
    }
}

/// Digests appear only when the first task has pulled its images.
fn learn(release: &mut Release, primary: &SeenDeployment) {
    let Some(given) = release
        .canary
        .given
        .as_mut()
        .filter(|given| given.task_definition == primary.task_definition)
    else {
        return;
    };
    if given.configuration.is_none() {
        given.configuration = primary.configuration.known().cloned();
    }
    if given.image_names.is_none() {
        given.image_names = primary.image_names.known().cloned();
    }
    if release.images.is_none() {
        release.images = primary.images.known().cloned();
    }
}

#[cfg(test)]
mod tests;
