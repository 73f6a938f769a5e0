//! An Application Load Balancer: the share is the weights of two target groups in one listener rule.
//!
//! The weights are written down before they are set, and bake once they were read back. What somebody else sets meanwhile
//! is said and holds the release, and is not overwritten; but a rollback returns both groups to rest, whoever had changed
//! them, and once they were seen there they are anybody's again.
//!
//! # Source
//! Elastic Load Balancing, Application Load Balancers, "Listener rules": weights are relative to one another; a group that
//! no rule forwards to has its targets `unused`, and they never become healthy. So the canary's group is put into the
//! rule with weight 0 before its health is awaited.

mod back;
pub mod swap;
mod words;

pub use back::{rest, rested, serves, unrest};

use super::{AGAIN_SECONDS, Can, Served, SharesBy, Way};
use crate::policy::Alb;
use crate::rule::forward::is_echo;
use crate::rule::roll_back::LATE_WRITE_SECONDS;
use crate::seen::{SeenForward, SeenTargets};
use crate::{Action, At, Part, Phase, Policy, Release, Seen, Weighed, Weights, freeze, order};
use words::{answers, gone, group, rule_name, said_of_theirs, tail};

/// What weights can do.
pub(super) const CAN: Can = Can {
    by: SharesBy::Weights,
    exchanges: Ok(()),
    rests_at_a_share: true,
};

/// Whether somebody looks at the rule: of every release behind a load balancer that is not over.
pub fn is_asked(policy: &Policy, release: &Release) -> bool {
    policy.alb().is_some() && !matches!(release.phase, Phase::Closed { .. })
}

/// Whether somebody asks whose the rule is: as long as more may be given.
pub fn asks_for_owner(policy: &Policy, release: &Release) -> bool {
    is_asked(policy, release) && (release.phase == Phase::Deploying || is_forward(release))
}

/// Whether somebody asks for the health of the canary's targets: only while more may be given to them.
pub fn asks_for_health(policy: &Policy, release: &Release) -> bool {
    is_asked(policy, release) && release.canary.given.is_some() && is_forward(release)
}

fn is_forward(release: &Release) -> bool {
    let hands_over = release.swaps && release.phase == Phase::Promoting;
    hands_over || matches!(release.phase, Phase::Baking { .. } | Phase::Gated { .. })
}

/// What there is of the rule before anything is changed, and later; on the way back, since when it sends the canary nobody.
pub fn note(policy: &Policy, alb: &Alb, release: &mut Release, seen: &Seen, at: At) {
    note_weights(policy, alb, release, seen, at);
    back::note_rest(release, seen, at);
}

/// The weights that are there before anything is changed, and what they go back to; later, whose they are.
fn note_weights(policy: &Policy, alb: &Alb, release: &mut Release, seen: &Seen, at: At) {
    let Part::Known(Some(there)) = &seen.forwards else {
        return;
    };
    let has = weights_of(there);
    let back = release.phase.rolling_back().is_some();
    if let Some(state) = release.weights.as_mut() {
        // Where nothing is shared out there are no weights that anybody could have set.
        if there.answers.is_none() {
            judge(state, has, is_in(there, state), at, back);
        }
        return;
    }
    // Whoever may write a policy must not thereby command another team's rule. Where nobody is served, that is no state
    // to go back to.
    let own = there.tagged.as_deref() == Some(policy.name.as_str());
    if own && (release.phase == Phase::Deploying || is_forward(release)) && has.permille().is_some() {
        let rest = match alb.resting_share_permille {
            Some(share) if !has.are_of_share(share) => Weights::of_share(share),
            _ => has,
        };
        release.weights = Some(Weighed::found(has, rest, at));
    }
}

/// A group that is not in the rule has no weight.
fn weights_of(there: &SeenForward) -> Weights {
    Weights {
        canary: there.canary.unwrap_or_default(),
        stable: there.stable.unwrap_or_default(),
    }
}

/// Whether the canary's group is in the rule, if it is to be. Until we have put it in, it need not.
fn is_in(there: &SeenForward, state: &Weighed) -> bool {
    there.canary.is_some() || state.is_untouched()
}

/// Whether somebody has taken the canary's group out of the rule since it was seen there.
fn is_taken_out(there: &SeenForward, release: &Release) -> bool {
    let state = release.weights.as_ref();
    there.canary.is_none() && state.is_some_and(|state| !state.is_untouched() && state.seen)
}

/// The share that the weights give.
pub fn read(policy: &Policy, alb: &Alb, release: &Release, seen: &Seen) -> Result<Served, String> {
    let there = match &seen.forwards {
        Part::Unknown(why) => return Err(format!("the weights are unknown: {why}")),
        Part::Known(there) => there.as_ref(),
    };
    if let Some(why) = obstacle(policy, alb, release, seen, there) {
        return Err(why);
    }
    if let Some(theirs) = release.weights.as_ref().and_then(|weights| weights.theirs) {
        return Err(said_of_theirs(release, theirs));
    }
    let Some(there) = there else {
        return Err(gone(alb));
    };
    let weights = weights_of(there);
    if weights.canary > 0 && is_forward(release) {
        unhealthy(alb, seen).map_or(Ok(()), Err)?;
    }
    let mut said = format!("the weights are {weights}");
    if let Some(seconds) = there.sticky_seconds {
        said = format!("{said}, for new sessions: they stick to their group for {seconds} s");
    }
    Ok(Served {
        permille: weights.permille(),
        text: Some(said),
    })
}

/// Why no share can be given at all, however long one waits.
fn obstacle(policy: &Policy, alb: &Alb, release: &Release, seen: &Seen, there: Option<&SeenForward>) -> Option<String> {
    let Some(there) = there else {
        return Some(gone(alb));
    };
    if let Some(kind) = &there.answers {
        return Some(answers(alb, kind));
    }
    if let Some(service) = of_ecs(alb, release, seen) {
        return Some(format!(
            "ECS itself sets the weights of {} for {service}; two masters would undo each other",
            rule_name(alb)
        ));
    }
    let name = &policy.name;
    match there.tagged.as_deref() {
        _ if !asks_for_owner(policy, release) => {}
        Some(tag) if tag == name => {}
        Some(other) => {
            return Some(format!(
                "{} is tagged serin:policy={other}, and not {name}",
                rule_name(alb)
            ));
        }
        None => return Some(format!("{} has no tag serin:policy={name}; tag it", rule_name(alb))),
    }
    if there.stable.is_none() {
        return Some(format!(
            "{} does not forward to {}",
            rule_name(alb),
            group(&alb.stable_target_group)
        ));
    }
    if is_forward(release) && is_taken_out(there, release) {
        return Some(format!(
            "somebody has taken {} out of {}; put it back, or abort",
            group(&alb.canary_target_group),
            rule_name(alb)
        ));
    }
    (there.others > 0).then(|| {
        format!(
            "{} gives {} to other target groups than {} and {}",
            rule_name(alb),
            there.others,
            group(&alb.canary_target_group),
            group(&alb.stable_target_group)
        )
    })
}

/// The service for whose deployments ECS sets the weights of this rule.
fn of_ecs<'a>(alb: &Alb, release: &'a Release, seen: &Seen) -> Option<&'a str> {
    let services = [(&release.canary, &seen.canary), (&release.stable, &seen.stable)];
    let shifts = |part: &Part<crate::SeenService>| {
        let service = part.known();
        service.is_some_and(|service| service.shifted_by_ecs.iter().any(|rule| alb.is_set_by(rule)))
    };
    services
        .into_iter()
        .find_map(|(service, part)| shifts(part).then_some(service.name.as_str()))
}

/// Why nothing more is given to the canary's targets; nothing, where all of them are healthy.
fn unhealthy(alb: &Alb, seen: &Seen) -> Option<String> {
    let name = group(&alb.canary_target_group);
    let tasks = seen.canary.known().map_or(1, |canary| canary.desired.max(1));
    match &seen.targets {
        Part::Unknown(why) => Some(format!("the health of {name} is unknown: {why}")),
        Part::Known(targets) if targets.healthy < targets.all || targets.healthy < tasks => {
            let SeenTargets { healthy, all, why } = targets;
            let why = why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            Some(format!(
                "{healthy} of {} targets of {name} are healthy{why}",
                (*all).max(tasks)
            ))
        }
        Part::Known(_) => None,
    }
}

/// Sets the weights that are to be now, where they are others.
pub fn set(policy: &Policy, alb: &Alb, release: &mut Release, seen: &Seen, at: At) -> Way {
    match release.phase.rolling_back().is_some() {
        true => back::back(alb, release, seen, at),
        false => forward(policy, alb, release, seen, at),
    }
}

fn right() -> Way {
    Way {
        is_right: true,
        ..Way::default()
    }
}

fn says(is_right: bool, text: impl Into<String>) -> Way {
    Way {
        is_right,
        text: Some(text.into()),
        ..Way::default()
    }
}

fn forward(policy: &Policy, alb: &Alb, release: &mut Release, seen: &Seen, at: At) -> Way {
    let there = match &seen.forwards {
        Part::Unknown(_) if seen.is_nothing() => return Way::default(),
        Part::Unknown(why) => return says(false, format!("the weights are unknown: {why}")),
        Part::Known(there) => there.as_ref(),
    };
    if let Some(why) = obstacle(policy, alb, release, seen, there) {
        return says(false, why);
    }
    let Some(there) = there else { return right() };
    let has = weights_of(there);
    let Some(state) = release.weights.clone() else {
        return match has.permille() {
            Some(_) => right(),
            None => says(
                false,
                format!("{} serves nobody: its weights sum to nothing", rule_name(alb)),
            ),
        };
    };
    if let Some(theirs) = state.theirs {
        return says(false, said_of_theirs(release, theirs));
    }
    // Its targets never become healthy as long as nothing forwards to them.
    if there.canary.is_none() && is_forward(release) {
        let weights = Weights { canary: 0, ..has };
        release.weights = Some(authorised(state, weights, at));
        let text = format!("{} is put into the rule with weight 0", group(&alb.canary_target_group));
        return Way {
            beside: vec![shift(alb, weights, Some(has))],
            text: Some(text),
            ..Way::default()
        };
    }
    let Some(wanted) = wanted(policy, alb, release, seen).map(|wanted| held(policy, release, has, wanted, at)) else {
        return right();
    };
    if wanted == has && state.given == wanted {
        return right();
    }
    release.weights = Some(authorised(state, wanted, at));
    let share = wanted.permille().unwrap_or_default();
    let sticky = match wanted.give_more_than(has) {
        true => String::new(),
        false => tail(release, there, at),
    };
    Way {
        is_right: false,
        beside: vec![shift(alb, wanted, Some(has))],
        text: Some(format!(
            "{} is given {share} of 1000 by weights {wanted} instead of {has}{sticky}",
            release.canary.name
        )),
        ..Way::default()
    }
}

fn shift(alb: &Alb, weights: Weights, instead_of: Option<Weights>) -> Action {
    Action::Shift {
        rule: alb.rule.clone(),
        canary: alb.canary_target_group.clone(),
        stable: alb.stable_target_group.clone(),
        weights,
        instead_of,
    }
}

/// In a freeze no more than it has, or was given before that.
fn held(policy: &Policy, release: &Release, has: Weights, wanted: Weights, at: At) -> Weights {
    // What has begun is finished.
    let grows = is_forward(release) && release.phase != Phase::Promoting;
    let frozen = grows && freeze::in_force(&policy.freeze, release.freeze.as_ref(), at).is_some();
    let given = release.weights.as_ref().map_or(has, |weights| weights.given);
    match frozen && wanted.give_more_than(has) && wanted.give_more_than(given) {
        true => given,
        false => wanted,
    }
}

/// Whose the weights are. What we set earlier may be seen until what was set last was: a shift names what it replaces, so
/// none that lands late brings it back. On the way back, which names nothing, everything is put right a while longer.
fn judge(state: &mut Weighed, has: Weights, is_in: bool, at: At, back: bool) {
    state.seen |= has == state.given && is_in;
    let late = state.seen && at >= state.at.plus_seconds(LATE_WRITE_SECONDS);
    let ours = match state.theirs {
        None if back => has == state.given || !late,
        None => has == state.given || !state.seen && state.earlier.contains(&has),
        // Whoever set them has put them back.
        Some(_) => has == state.given,
    };
    state.theirs = (!ours).then_some(has);
}

/// Written down before it is done, once more where it has to be done again: closing waits for the last.
fn authorise(state: &mut Weighed, weights: Weights, at: At) {
    if state.given != weights {
        state.give(weights, at);
    } else if at >= state.at.plus_seconds(AGAIN_SECONDS) {
        state.at = at;
    }
}

fn authorised(mut state: Weighed, weights: Weights, at: At) -> Weighed {
    authorise(&mut state, weights, at);
    state
}

/// Whether all of the canary's tasks have shown that they run the revision.
fn runs(release: &Release) -> bool {
    let given = release.canary.given.as_ref();
    given.is_some_and(|given| given.reached.is_some())
}

/// Weights of a step; those at rest where it says nothing.
fn of_step(policy: &Policy, state: &Weighed, step: usize) -> Weights {
    let share = policy.steps().get(step).and_then(|step| step.share_permille);
    match share {
        // As they are written in the rule, where that is this share already.
        Some(share) if state.rest.are_of_share(share) => state.rest,
        Some(share) => Weights::of_share(share),
        None => state.rest,
    }
}

/// Weights that are to be; none where they are left as they are.
fn wanted(policy: &Policy, alb: &Alb, release: &Release, seen: &Seen) -> Option<Weights> {
    let state = release.weights.as_ref()?;
    let step = match &release.phase {
        Phase::Baking { step } if runs(release) && !is_echo(release) => *step as usize,
        // Whoever answers for what is left of the bake does so with the share that it has.
        Phase::Gated { .. } if order::lets_go(release).is_some() => return None,
        Phase::Gated { .. } if runs(release) => policy.steps().len().checked_sub(1)?,
        Phase::Promoting if release.swaps => return Some(swap::weights(alb, release, seen, state)),
        Phase::Gated { .. } | Phase::Promoting | Phase::Closed { .. } => return None,
        // What was found is left so until there is a revision to share, but for more than the canary has at rest.
        Phase::Deploying | Phase::Baking { .. } if state.is_untouched() && !state.given.give_more_than(state.rest) => {
            return None;
        }
        _ => return Some(state.rest),
    };
    let weights = of_step(policy, state, step);
    // Healthy targets are asked for by whoever gives them more, not by who leaves them what they have.
    match weights.give_more_than(state.given) && takes_no_more(alb, release, seen).is_some() {
        true => Some(state.given),
        false => Some(weights),
    }
}

/// Why nothing more is given to the canary. In a swap it has as many tasks as stable before that.
fn takes_no_more(alb: &Alb, release: &Release, seen: &Seen) -> Option<String> {
    match release.swaps {
        true => swap::unready(alb, release, seen),
        false => unhealthy(alb, seen),
    }
}

/// Since when the weights of the step were read back.
pub fn confirm(policy: &Policy, alb: &Alb, release: &mut Release, seen: &Seen, at: At) -> Result<At, String> {
    let not_yet = || "it does not have the share yet".to_owned();
    let Phase::Baking { step } = release.phase else {
        return Err(not_yet());
    };
    let Part::Known(there) = &seen.forwards else {
        // What was read back stays so for all that is known.
        return release.step_reached.ok_or_else(not_yet);
    };
    let why = obstacle(policy, alb, release, seen, there.as_ref());
    let why = why.map(|why| format!("it cannot have the share: {why}"));
    let (Some(there), Some(state), None) = (there, release.weights.clone(), &why) else {
        release.step_reached = None;
        return Err(why.unwrap_or_else(not_yet));
    };
    let has = weights_of(there);
    if let Some(theirs) = state.theirs {
        release.step_reached = None;
        return Err(said_of_theirs(release, theirs));
    }
    let begun = release.canary.given.as_ref().and_then(|given| given.reached);
    let weights = of_step(policy, &state, step as usize);
    let (Some(begun), true) = (begun, has == weights && state.given == weights) else {
        release.step_reached = None;
        let why = takes_no_more(alb, release, seen).filter(|_| begun.is_some() && weights.give_more_than(has));
        return Err(why.unwrap_or_else(not_yet));
    };
    let nobody = matches!(&seen.targets, Part::Known(targets) if targets.healthy == 0);
    if weights.canary > 0 && nobody {
        release.step_reached = None;
        return Err(unhealthy(alb, seen).unwrap_or_else(not_yet));
    }
    // Where nothing had to be changed it bakes since its tasks run.
    let since = if step == 0 && state.is_untouched() { begun } else { at };
    Ok(*release.step_reached.get_or_insert(since))
}

#[cfg(test)]
mod tests;
