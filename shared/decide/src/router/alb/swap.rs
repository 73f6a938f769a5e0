//! Two sides behind one load balancer that exchange their roles: the canary is given as many tasks as stable has before it
//! is given a share, and has its own number again only once nobody is sent to it any more.
//!
//! While it is watched it carries everything, and its number is whoever's scales it. Stable's is never set here: until the
//! watch is over it is the way back; see [`crate::rule::retire`].

pub(super) mod refill;
pub mod scaling;

use super::super::Way;
use super::super::consumer_share::{authorise, counted, held, theirs, unrest_of_tasks};
use super::{obstacle, of_ecs, unhealthy, weights_of};
use crate::policy::Alb;
use crate::router::alb::words::{rule_name, said_of_theirs};
use crate::rule::forward::is_echo;
use crate::rule::roll_back::LATE_WRITE_SECONDS;
use crate::{Action, At, Part, Phase, Policy, Release, Role, Seen, SeenService, Size, Weighed, Weights};

/// All of it, in thousandths.
const EVERYTHING: u32 = 1_000;

/// How much of the deadline of a rollback is left for the canary to be emptied.
const TO_EMPTY_SECONDS: u32 = 300;

/// How many tasks the canary has before anything is changed.
pub fn note(release: &mut Release, seen: &Seen, at: At) {
    let (Some(canary), Some(given)) = (seen.canary.known(), release.canary.given.as_ref()) else {
        return;
    };
    let own = given.deployment == canary.primary.id;
    if release.swaps && own && matches!(release.phase, Phase::Baking { .. }) && release.size.is_none() {
        release.size = Some(Size::found(canary.desired, at));
    }
}

/// Why the canary could not carry more than it does: as much as everything, should stable fail.
pub(super) fn unready(alb: &Alb, release: &Release, seen: &Seen) -> Option<String> {
    let tasks = |part: &Part<SeenService>| part.known().map(|service| service.desired);
    match (tasks(&seen.canary), tasks(&seen.stable)) {
        (Some(canary), Some(stable)) if canary >= stable.max(1) => unhealthy(alb, seen),
        (Some(canary), Some(stable)) => Some(format!(
            "{} has {}, and {} has {stable}",
            release.canary.name,
            counted(canary),
            release.stable.name
        )),
        _ => Some("how many tasks both have is unknown".to_owned()),
    }
}

/// The weights of a promotion: everything, once the canary can carry it.
pub(super) fn weights(alb: &Alb, release: &Release, seen: &Seen, state: &Weighed) -> Weights {
    match state.given.are_of_share(EVERYTHING) || unready(alb, release, seen).is_none() {
        true => Weights::of_share(EVERYTHING),
        false => state.given,
    }
}

/// Whether the weights were read back with everything at the canary; else why not.
pub fn handed_over(policy: &Policy, alb: &Alb, release: &Release, seen: &Seen) -> Result<(), String> {
    let there = match &seen.forwards {
        Part::Unknown(why) => return Err(format!("the weights are unknown: {why}")),
        Part::Known(there) => there.as_ref(),
    };
    if let Some(why) = obstacle(policy, alb, release, seen, there) {
        return Err(why);
    }
    let (Some(there), Some(state)) = (there, release.weights.as_ref()) else {
        return Err(format!("what {} forwards to is not known yet", rule_name(alb)));
    };
    if let Some(theirs) = state.theirs {
        return Err(said_of_theirs(release, theirs));
    }
    if let Some(why) = unready(alb, release, seen) {
        return Err(why);
    }
    let has = weights_of(there);
    match has == state.given && has.are_of_share(EVERYTHING) {
        true => Ok(()),
        false => Err(format!("the weights are {has}")),
    }
}

/// Whether nobody is sent to the old side, and somebody is to the canary; else why that is not known to be so.
pub fn everybody_at_canary(seen: &Seen) -> Result<(), String> {
    let there = match &seen.forwards {
        Part::Unknown(why) => return Err(format!("the weights are unknown: {why}")),
        Part::Known(None) => return Err("the rule is not there any more".to_owned()),
        Part::Known(Some(there)) => there,
    };
    if let Some(kind) = &there.answers {
        return Err(format!("the rule answers by itself ({kind})"));
    }
    let has = weights_of(there);
    match has.canary > 0 && has.stable == 0 {
        true => Ok(()),
        false => Err(format!("the weights are {has}")),
    }
}

/// Until when sessions go on at the side that carried them before the weights were set last.
pub fn stuck_until(release: &Release, seen: &Seen, at: At) -> Option<At> {
    let Part::Known(Some(there)) = &seen.forwards else {
        return None;
    };
    let state = release.weights.as_ref().filter(|state| !state.is_untouched())?;
    let until = state.at.plus_seconds(there.sticky_seconds?);
    (at < until).then_some(until)
}

/// What is done about the canary's number of tasks, beside what is done about the weights.
pub fn sized(policy: &Policy, release: &mut Release, seen: &Seen, at: At, weighed: Way) -> Way {
    if !release.swaps || seen.is_nothing() {
        return weighed;
    }
    let kept = policy.alb().and_then(|alb| kept(policy, alb, release, seen, at));
    let empties = weighed.is_right && kept.is_none();
    let (scale, sized) = match seen.canary.known() {
        Some(canary) => tasks(policy, release, canary, (seen, at), empties),
        None => (None, None),
    };
    let awaits = kept.as_ref().is_some_and(|kept| kept.awaits);
    let said = sized.or(kept.filter(|_| weighed.is_right).map(|kept| kept.text));
    let own = scaling::canary(release, seen, at);
    let old = scaling::old(policy, release, seen, at);
    let texts = [weighed.text, said, own.text, old.text];
    let texts: Vec<String> = texts.into_iter().flatten().collect();
    Way {
        is_right: weighed.is_right && scale.is_none() && !awaits && scaling::is_right(release, seen),
        beside: weighed.beside.into_iter().chain(old.act).collect(),
        with_canary: scale.into_iter().chain(own.act).collect(),
        text: (!texts.is_empty()).then(|| texts.join("; ")),
    }
}

fn tasks(
    policy: &Policy,
    release: &mut Release,
    canary: &SeenService,
    (seen, at): (&Seen, At),
    at_rest: bool,
) -> (Option<Action>, Option<String>) {
    let name = release.canary.name.clone();
    if release.phase == Phase::Watching {
        // Whoever scales it: should it be taken back, any of that is to be told from what somebody gives it then.
        let size = release.size.as_mut().filter(|size| size.given != canary.desired);
        size.into_iter().for_each(|size| size.give(canary.desired, at));
        return (None, None);
    }
    note_what_it_was_scaled_to(release, canary, at);
    let Some(mut tasks) = wanted(release, seen, at_rest) else {
        return (None, None);
    };
    if !shares(release) {
        tasks = held(policy, release, canary, tasks, (seen, at));
    }
    if let Some(has) = theirs(release, canary, at) {
        let text = format!("{name} has {}, as somebody else gave it; left so", counted(has));
        return (None, Some(text));
    }
    let given = release.size.as_ref().is_none_or(|size| size.given == tasks);
    if given && canary.desired == tasks {
        return (None, None);
    }
    authorise(release, canary.desired, tasks, at);
    let text = format!("{name} is given {} instead of {}", counted(tasks), canary.desired);
    let action = Action::Scale {
        cluster: release.cluster.clone(),
        service: name,
        tasks,
    };
    (Some(action), Some(text))
}

/// Notes how many tasks it had when it carried everything, where that is first seen when it is taken back: whoever scaled
/// it then did not say what it is to have when nobody is sent to it.
fn note_what_it_was_scaled_to(release: &mut Release, canary: &SeenService, at: At) {
    let is_soon = at < release.phase_since.plus_seconds(LATE_WRITE_SECONDS);
    let state = release.weights.as_ref();
    let carried = state.is_some_and(|state| state.earlier.iter().any(|weights| weights.are_of_share(EVERYTHING)));
    if release.phase.rolling_back().is_none() || !is_soon || !carried {
        return;
    }
    let size = release.size.as_mut().filter(|size| size.theirs.is_none());
    if let Some(size) = size.filter(|size| size.given != canary.desired && size.given != size.rest) {
        size.give(canary.desired, at);
    }
}

/// Tasks that the canary is to have; none where that is left as it is.
fn wanted(release: &Release, seen: &Seen, at_rest: bool) -> Option<u32> {
    let rest = release.size.as_ref()?.rest;
    match &release.phase {
        Phase::Watching | Phase::Closed { .. } => None,
        _ if is_forward(release) => seen.stable.known().map(|stable| stable.desired.max(rest)),
        // Nobody is sent to what has no tasks: first the weights, then these.
        _ => at_rest.then_some(rest),
    }
}

/// Whether the canary carries more than at rest: then it follows stable also in a freeze, as it is scaled by nobody else.
fn shares(release: &Release) -> bool {
    let state = release.weights.as_ref();
    state.is_some_and(|state| state.given.give_more_than(state.rest))
}

/// Whether the canary is to take over from stable, and has not yet.
fn is_forward(release: &Release) -> bool {
    let forward = matches!(
        release.phase,
        Phase::Baking { .. } | Phase::Gated { .. } | Phase::Promoting
    );
    forward && !is_echo(release)
}

/// Why the canary keeps its tasks though its own number is another again.
struct Kept {
    /// For people.
    text: String,
    /// Whether that passes, and the release waits for it; else somebody else has it so.
    awaits: bool,
}

/// Somebody may still be sent to the canary, where its tasks are to be taken away.
fn kept(policy: &Policy, alb: &Alb, release: &Release, seen: &Seen, at: At) -> Option<Kept> {
    let size = release.size.as_ref()?;
    let has = seen.canary.known()?.desired;
    let stays = matches!(release.phase, Phase::Watching | Phase::Closed { .. }) || is_forward(release);
    if stays || size.theirs.is_some() || has <= size.rest {
        return None;
    }
    let name = &release.canary.name;
    let says = |awaits: bool, why: String| {
        let text = format!("{name} keeps its {}: {why}", counted(has));
        Some(Kept { text, awaits })
    };
    if let Some(why) = sent(alb, release, seen) {
        return says(seen.forwards.known().is_none(), why);
    }
    // It runs its baseline by then. What is left of the deadline is for the last of its tasks to end.
    let given_up = release.phase_since.plus_seconds(policy.deadline_minutes * 60);
    let until = stuck_until(release, seen, at)?;
    let waits = at.plus_seconds(TO_EMPTY_SECONDS) < given_up;
    waits.then(|| says(true, format!("sessions stick to it until {until}")))?
}

/// Who sends somebody to the canary beyond what it is sent at rest, or may.
fn sent(alb: &Alb, release: &Release, seen: &Seen) -> Option<String> {
    let there = match &seen.forwards {
        Part::Unknown(why) => return Some(format!("whether somebody is sent to it is unknown: {why}")),
        Part::Known(there) => there.as_ref()?,
    };
    if let Some(service) = of_ecs(alb, release, seen) {
        return Some(format!("ECS sets the weights for {service}"));
    }
    let has = weights_of(there);
    let rests = release.weights.as_ref().is_some_and(|state| state.rest == has);
    (has.canary > 0 && !rests).then(|| format!("the weights are {has}"))
}

/// Why it cannot close: the canary does not have its own number of tasks again. Once it carries everything, that is nobody's.
pub fn unrest(policy: &Policy, alb: &Alb, release: &Release, seen: &Seen, at: At) -> Option<String> {
    if !release.swaps {
        return None;
    }
    let exchanged = release.phase == Phase::Watching;
    // Whoever sends somebody to it has it so, for as long as they like.
    let left = kept(policy, alb, release, seen, at).is_some_and(|kept| !kept.awaits);
    let tasks = unrest_of_tasks(release, seen, at).filter(|_| !exchanged && !left);
    let own = || scaling::unrest(release, seen, Role::Canary, at);
    // What becomes of the old side's once the roles are exchanged is asked when it is retired.
    let old = || scaling::unrest(release, seen, Role::Stable, at).filter(|_| !exchanged);
    tasks.or_else(own).or_else(old)
}

#[cfg(test)]
pub(crate) mod tests;
