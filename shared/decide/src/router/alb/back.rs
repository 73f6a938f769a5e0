//! The way back to rest. It waits for nothing: whoever is served by a bad revision cannot.
//!
//! We never take a group out of a rule, and never have a rule answer by itself. Where somebody else has, there is no weight
//! to return: that is said, and left so.

use super::swap::refill;
use super::words::{answers, gone, group, rule_name, tail};
use super::{authorise, of_ecs, says, shift, weights_of};
use crate::policy::Alb;
use crate::rule::roll_back::LATE_WRITE_SECONDS;
use crate::seen::SeenForward;
use crate::{At, Part, Phase, Policy, Release, Seen, Weighed};

use super::Way;

/// What somebody else has set meanwhile is overwritten: who is served by the bad revision cannot wait for them.
pub fn rest(release: &mut Release, at: At) {
    let Some(state) = release.weights.as_mut() else {
        return;
    };
    if let Some(theirs) = state.theirs.take() {
        state.remember(theirs);
    }
    state.undo();
    if state.given != state.rest {
        state.give(state.rest, at);
    }
    // Whatever is there until it was seen at rest is put right.
    (state.at, state.seen, state.rested) = (at, false, None);
}

/// Whether nobody is sent to the canary beyond what it is sent at rest. Once that was seen, what somebody sets is theirs.
fn is_at_rest(state: &Weighed, seen: &Seen) -> bool {
    let nobody = match &seen.forwards {
        Part::Known(there) => there
            .as_ref()
            .is_none_or(|there| there.answers.is_some() || there.canary.is_none()),
        Part::Unknown(_) => false,
    };
    nobody || state.seen && state.given == state.rest
}

/// Since when that was seen while it is taken back: what is still at work there may finish, counted from then.
pub(super) fn note_rest(release: &mut Release, seen: &Seen, at: At) {
    let back = release.phase.rolling_back().is_some();
    let Some(state) = release.weights.as_mut().filter(|_| back) else {
        return;
    };
    if is_at_rest(state, seen) {
        state.rested.get_or_insert(at);
    } else if seen.forwards.known().is_some() {
        // It is sent requests again, before its weights were returned.
        state.rested = None;
    }
}

/// Why there is no weight to return in a rule as it is.
fn nothing_to_return(alb: &Alb, there: &SeenForward) -> Option<String> {
    if let Some(kind) = &there.answers {
        return Some(answers(alb, kind));
    }
    let rule = rule_name(alb);
    let out = |arn: &str| Some(format!("{} is not in {rule} any more", group(arn)));
    match (there.canary, there.stable) {
        (Some(_), Some(_)) => None,
        (None, None) => Some(format!("{rule} forwards to neither target group any more")),
        (None, Some(_)) => out(&alb.canary_target_group),
        (Some(_), None) => out(&alb.stable_target_group),
    }
}

/// What there is to say where nothing is returned: they are at rest, or are not ours any more.
fn left_as_they_are(alb: &Alb, release: &Release, there: &Result<&SeenForward, &String>, at: At) -> Option<Way> {
    let state = release.weights.as_ref()?;
    let rest = state.rest;
    match there {
        Ok(there) => {
            let nothing = nothing_to_return(alb, there);
            if weights_of(there) == rest && state.given == rest && there.answers.is_none() {
                let text = format!("the weights are {rest} again, as at rest{}", tail(release, there, at));
                return Some(Way {
                    is_right: true,
                    text: (!state.is_untouched()).then_some(text),
                    ..Way::default()
                });
            }
            if let Some(why) = nothing {
                let text = format!("{why}, so no weights are returned; whoever puts it back sets them");
                return Some(says(true, text));
            }
            let theirs = state.theirs?;
            let text =
                format!("somebody else has set the weights to {theirs} since they were returned to {rest}; left so");
            Some(says(true, text))
        }
        // Nothing of ours is there to be taken away.
        Err(_) if state.is_untouched() => Some(super::right()),
        // They were there already: what anybody sets since is theirs.
        Err(why) if state.theirs.is_some() || state.seen && state.given == rest => Some(says(
            true,
            format!("the weights were {rest} again, and are unknown: {why}"),
        )),
        Err(_) => None,
    }
}

/// Whatever is seen, the way back does not wait for it: an answer that does not come holds back nobody's traffic.
pub(super) fn back(alb: &Alb, release: &mut Release, seen: &Seen, at: At) -> Way {
    let service = of_ecs(alb, release, seen).map(str::to_owned);
    let Some(rest) = release.weights.as_ref().map(|state| state.rest) else {
        return super::right();
    };
    if let Some(service) = service {
        let rule = rule_name(alb);
        return says(
            true,
            format!("the weights of {rule} are left to ECS, which sets them for {service}"),
        );
    }
    let there = match &seen.forwards {
        Part::Unknown(_) if seen.is_nothing() => return Way::default(),
        Part::Known(None) => return says(true, format!("{}, so no weights are to be returned", gone(alb))),
        Part::Known(Some(there)) => Ok(there),
        Part::Unknown(why) => Err(why),
    };
    if let Some(way) = left_as_they_are(alb, release, &there, at) {
        return way;
    }
    if let Some(turn) = refill::way(release, seen, at) {
        return Way {
            beside: turn.act.into_iter().collect(),
            text: turn.text,
            ..Way::default()
        };
    }
    if let Some(state) = release.weights.as_mut() {
        authorise(state, rest, at);
    }
    let text = match there {
        Ok(there) => format!(
            "the weights are returned to {rest} from {}{}",
            weights_of(there),
            tail(release, there, at)
        ),
        Err(why) => format!("the weights are returned to {rest}, though what they are is unknown: {why}"),
    };
    Way {
        is_right: false,
        beside: vec![shift(alb, rest, None)],
        text: Some(text),
        ..Way::default()
    }
}

/// Why none of the canary's bad tasks is stopped: it may still be sent people beyond what it is sent at rest, and a group
/// without a task answers them with 503, where a bad one might not. ECS replaces them meanwhile.
///
/// Not for longer than a rollback may take, should the load balancer answer nobody; but for as long as that takes where the
/// canary may be sent everybody.
pub fn serves(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    let state = release.weights.as_ref()?;
    if is_at_rest(state, seen) {
        return None;
    }
    let given_up = release.phase_since.plus_seconds(policy.deadline_minutes * 60);
    let patient = matches!(release.phase, Phase::RollingBack { .. }) && at < given_up;
    (release.swaps || patient).then(|| {
        format!(
            "the bad ones are not stopped before the weights are seen at {}",
            state.rest
        )
    })
}

/// Since when nobody is sent to the canary's bad tasks, as far as that was seen.
pub fn rested(release: &Release) -> Option<At> {
    release.weights.as_ref()?.rested
}

/// Why it cannot close: the weights are not at rest, or a call that is under way may change them once more.
pub fn unrest(alb: &Alb, release: &Release, seen: &Seen, at: At) -> Option<String> {
    let state = release.weights.as_ref().filter(|state| state.theirs.is_none())?;
    let rest = state.rest;
    let settled = state.at.plus_seconds(LATE_WRITE_SECONDS);
    let there = match &seen.forwards {
        Part::Unknown(why) => {
            return (!state.is_untouched()).then(|| format!("whether the weights are {rest} again is unknown: {why}"));
        }
        Part::Known(None) => return None,
        Part::Known(Some(_)) if state.is_untouched() => return None,
        Part::Known(Some(there)) => there,
    };
    let is_left = nothing_to_return(alb, there).is_some();
    if !is_left && (weights_of(there) != rest || state.given != rest) {
        return Some(format!("the weights are not {rest} again"));
    }
    (at < settled).then(|| format!("the weights were returned to {rest} a moment ago; settled at {settled}"))
}
