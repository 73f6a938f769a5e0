//! Gives the canary the images that somebody has Serin release: its own definition with these, registered first.
//!
//! Each time that the canary is told is written down before it: what comes late is waited for, and taken back where the
//! release has ended meanwhile.

use super::identify::{Runs, identify};
use super::roll_back::{self, LATE_WRITE_SECONDS};
use crate::{
    Action, At, Cause, Outcome, Phase, Policy, Release, Role, Seen, SeenDeployment, SeenOlder, SeenService, Wanted,
    freeze, router, short,
};

/// After which the same call is made anew.
const AGAIN_SECONDS: u32 = 60;

/// What is done, and what there is to say about it.
pub struct Way {
    /// Calls, one after the other.
    pub lane: Vec<Action>,
    /// For people.
    pub text: String,
}

fn says(text: String) -> Way {
    Way { lane: Vec::new(), text }
}

fn is_about_to(release: &Release) -> bool {
    release.phase == Phase::Deploying && release.wanted.is_some()
}

/// What was given by anybody else while this release was about to give the canary its own.
pub fn is_anothers(release: &Release, primary: &SeenDeployment) -> bool {
    is_about_to(release) && !release.has_registered(&primary.task_definition)
}

/// What the canary was left with by the release before is the very definition that this one was to give it: ECS begins
/// no deployment for that, so this one is judged from here on.
pub fn is_there_already(release: &Release, primary: &SeenDeployment) -> bool {
    is_about_to(release) && release.has_registered(&primary.task_definition)
}

/// The canary is not given the revision in time while it runs what a release before had given it, whose place this one
/// took: nobody else would take that out. What a person had left there stays.
pub fn late(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<Cause> {
    if !is_about_to(release) || !release.barred.is_empty() || !roll_back::may_go_back(policy, release) {
        return None;
    }
    let wanted = release.wanted.as_ref()?;
    let canary = &seen.canary.known()?.primary;
    // ECS may have put it there once more since.
    let ours = release.canary.earlier.contains(&canary.task_definition)
        && matches!(
            identify(release, Role::Canary, canary),
            Runs::Released | Runs::Earlier(_)
        );
    (ours && at >= due(policy, release) && has_landed(wanted, at)).then(|| Cause::NotReached {
        service: release.canary.name.clone(),
        minutes: policy.deadline_minutes,
        no_tasks: false,
    })
}

fn due(policy: &Policy, release: &Release) -> At {
    release.opened.plus_seconds(policy.deadline_minutes * 60)
}

/// Whether nothing that it was told is under way any more.
fn has_landed(wanted: &Wanted, at: At) -> bool {
    wanted
        .given
        .is_none_or(|told| at >= told.plus_seconds(LATE_WRITE_SECONDS))
}

/// Registers and gives, while the canary is seen to run what it ran before; gives up where that does not come about.
pub fn way(policy: &Policy, release: &mut Release, seen: &Seen, at: At) -> Way {
    let name = release.canary.name.clone();
    let Some(canary) = seen.canary.known() else {
        return says(format!("{name} is to be given the revision"));
    };
    let landed = release.wanted.as_ref().is_none_or(|wanted| has_landed(wanted, at));
    let due = due(policy, release);
    let runs = identify(release, Role::Canary, &canary.primary);
    let free = match &runs {
        Runs::Baseline | Runs::Earlier(_) => None,
        // What the release before had given it stays given until this one's comes, and ECS puts it back where that does not
        // start; what is older is a look of before.
        _ if release.canary.given.as_ref().is_some_and(|left| {
            let same = left.task_definition == canary.primary.task_definition;
            left.deployment == canary.primary.id
                || canary.primary.created < left.created
                || same && is_put_back_by_ecs(release, canary)
        }) =>
        {
            None
        }
        _ => Some(format!(
            "{name} was given {} by somebody else meanwhile",
            short(&canary.primary.task_definition)
        )),
    };
    // Its own way back, by digest: somebody asked for what it runs. Where it runs what a release before had given it, it
    // is given that first.
    let same = matches!(runs, Runs::Baseline)
        && release.deploys().is_some_and(|arn| {
            [
                release.canary.baseline.task_definition.as_str(),
                release.restore_target(Role::Canary),
            ]
            .contains(&arn)
        });
    if same && release.barred.is_empty() && router::unrest(policy, release, seen, at).is_none() {
        let why = format!("{name} runs these images already");
        let outcome = Outcome::Abandoned { why: why.clone() };
        release.become_phase(Phase::Closed { outcome }, at);
        return says(why);
    }
    let late = (at >= due).then(|| {
        format!(
            "{name} could not be given the revision within {} minutes",
            policy.deadline_minutes
        )
    });
    if let Some(why) = free.clone().or(late).filter(|_| landed && release.barred.is_empty()) {
        let rest = router::unrest(policy, release, seen, at);
        if rest.is_none() {
            let outcome = match free {
                Some(by) => Outcome::Overtaken { by },
                None => Outcome::Abandoned { why: why.clone() },
            };
            release.become_phase(Phase::Closed { outcome }, at);
        }
        return says([vec![why], rest.into_iter().collect()].concat().join("; "));
    }
    if let Some(why) = free {
        return says(why);
    }
    if let Some(hold) = freeze::in_force(&policy.freeze, release.freeze.as_ref(), at) {
        return says(format!("{name} is not given the revision: {hold}"));
    }
    if at >= due {
        return says(format!("{name} is not given the revision any more"));
    }
    give(release, at)
}

/// ECS has given up what this release deploys, and says so: a person who deploys the same makes it give up nothing.
fn is_put_back_by_ecs(release: &Release, canary: &SeenService) -> bool {
    let goes_back = canary
        .in_flight
        .as_ref()
        .is_some_and(|deployment| deployment.rolling_back);
    let failed = |older: &SeenOlder| canary.given_up.contains_key(&older.id);
    let ours = |older: &SeenOlder| release.deploys() == Some(older.task_definition.as_str());
    goes_back || canary.older.iter().any(|older| failed(older) && ours(older))
}

fn give(release: &mut Release, at: At) -> Way {
    let name = release.canary.name.clone();
    let Some(registered) = release.deploys().map(str::to_owned) else {
        let images = release
            .wanted
            .as_ref()
            .map(|wanted| wanted.images.clone())
            .unwrap_or_default();
        return Way {
            text: format!("{name}'s definition is registered with the images that were asked for"),
            lane: vec![Action::RegisterRelease {
                task_definition: release.canary.baseline.task_definition.clone(),
                images,
            }],
        };
    };
    let wanted = release.wanted.as_mut();
    let again = |wanted: &&mut Wanted| wanted.given.is_none_or(|told| at >= told.plus_seconds(AGAIN_SECONDS));
    let Some(wanted) = wanted.filter(again) else {
        return says(format!("{name} is being given {}", short(&registered)));
    };
    wanted.given = Some(at);
    Way {
        text: format!("{name} is given {}", short(&registered)),
        lane: vec![Action::Deploy {
            cluster: release.cluster.clone(),
            service: name,
            task_definition: registered,
        }],
    }
}

#[cfg(test)]
mod tests;
