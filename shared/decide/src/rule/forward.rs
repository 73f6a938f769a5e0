//! Where a release goes that nothing stops, and what it waits for. Waiting is a decision too.

use super::identify::{Runs, identify};
use super::retire::Retiring;
use super::roll_back::{ABANDONED_ACTION_SECONDS, LATE_WRITE_SECONDS};
use super::{approve, asked, barred, check, deploy, images_from, prepare, promote, retire, scaling};
use crate::policy::Promotion;
use crate::{
    Action, At, Decision, ExecutionStatus, Outcome, Over, Part, Phase, Policy, Release, Role, Rollout, Seen,
    SeenService, Weighed, freeze, order, router,
};

/// Between two looks where nothing is due.
const LOOK_SECONDS: u32 = 60;

/// Longest time between two looks at an open release.
const LOOK_SECONDS_MAX: u32 = 300;

/// For how long an execution must be over before the canary is believed to stay as it is.
const BELIEVED_SECONDS: u32 = 60;

/// Goes on where it can, and says what it waits for.
pub fn decision(policy: &Policy, mut next: Release, seen: &Seen, at: At) -> Decision {
    let (mut parts, mut deployed) = (Vec::new(), Vec::new());
    let text = match next.phase.clone() {
        Phase::Deploying if next.wanted.is_some() => {
            let way = deploy::way(policy, &mut next, seen, at);
            deployed.extend(way.lane);
            way.text
        }
        Phase::Deploying => deploying(policy, &mut next, seen, at),
        Phase::Baking { .. } => baking(policy, &mut next, seen, at),
        Phase::Promoting => promoting(policy, &mut next, seen, at),
        Phase::Watching => watching(policy, &mut next, seen, at),
        phase => phase.name().to_owned(),
    };
    // A step of its own where the last one ended: gated is said with what it waits for.
    parts.push(match &next.phase {
        Phase::Gated { why } => format!("waiting for {why}"),
        _ => text,
    });
    let approval = approve::way(policy, &mut next, seen, at);
    parts.extend(approval.iter().map(|way| way.text.clone()));
    let notice = asked::say(policy, &next, seen, at);
    let promotion = promote::way(policy, &mut next, seen, at);
    parts.extend(promotion.iter().map(|way| way.text.clone()));
    let size = router::set(policy, &mut next, seen, at);
    parts.extend(size.text);
    let (copies, texts): (Vec<Action>, Vec<String>) = prepare::ahead(&next).into_iter().unzip();
    parts.extend(texts);
    let shut = left_shut(&next, seen);
    parts.extend(
        shut.iter()
            .map(|(stage, _)| format!("the way into stage {stage} is opened again")),
    );
    let remarks = [ordered(policy, &next, at), check::remarks(policy, &next, seen, at)].concat();
    let unsaid = |remark: &String| !parts.iter().any(|part| part.contains(remark.as_str()));
    let remarks: Vec<String> = remarks.into_iter().filter(unsaid).collect();
    parts.extend(remarks);
    let unknown = [
        ("canary", seen.canary.unknown()),
        ("stable", seen.stable.unknown()),
        ("alarms", seen.alarms.unknown()),
    ];
    parts.extend(
        unknown
            .into_iter()
            .filter_map(|(what, why)| Some(format!("{what} unknown: {}", why?))),
    );
    let open = !matches!(next.phase, Phase::Closed { .. });
    let retired = retire::lane(&next, seen);
    Decision {
        look_again_seconds: open.then(|| look(policy, &next, at)),
        next,
        because: parts.join("; "),
        lanes: [
            approval.and_then(|way| way.act).into_iter().collect(),
            promotion.map(|way| way.lane).unwrap_or_default(),
            deployed,
            size.with_canary,
            size.beside,
            retired,
        ]
        .into_iter()
        .filter(|lane| !lane.is_empty())
        .chain(copies.into_iter().map(|copy| vec![copy]))
        .chain(shut.map(|(_, open)| vec![open]))
        .collect(),
        notices: notice.into_iter().collect(),
        successor: None,
    }
}

/// The way into the promoting stage, where a call of a release that has closed since has shut it, and nothing of that
/// one may promote any more.
fn left_shut(release: &Release, seen: &Seen) -> Option<(String, Action)> {
    let (run, seen) = (release.pipeline.as_ref()?, seen.pipeline.known()?);
    let none_before = release.barred.is_empty() && !matches!(release.phase, Phase::Closed { .. });
    barred::left_closed(&release.id, run, seen).filter(|_| none_before)
}

/// When something is due by itself, at most a few minutes ahead.
fn look(policy: &Policy, release: &Release, at: At) -> u32 {
    let due = match (&release.phase, &release.canary.given) {
        (Phase::Baking { step }, Some(_)) => {
            let begun = release.step_reached.unwrap_or(at);
            begun.plus_seconds(policy.bake_seconds(*step))
        }
        (Phase::Watching, _) => release.phase_since.plus_seconds(policy.watch_minutes * 60),
        _ => return LOOK_SECONDS,
    };
    match at.seconds_until(due) {
        0 => LOOK_SECONDS,
        seconds => seconds.clamp(LOOK_SECONDS / 2, LOOK_SECONDS).min(LOOK_SECONDS_MAX),
    }
}

fn deploying(policy: &Policy, next: &mut Release, seen: &Seen, at: At) -> String {
    let name = next.canary.name.clone();
    let over = next.pipeline.as_ref().and_then(|run| run.over_since);
    let unchanged = seen
        .canary
        .known()
        .is_some_and(|canary| identify(next, Role::Canary, &canary.primary) == Runs::Baseline);
    let (Some(over), true, None) = (over, unchanged, &next.canary.given) else {
        return format!("waiting for {name} to be given a revision");
    };
    let stable = seen.stable.known();
    if let Some(Runs::Unsure(why)) = stable.map(|stable| identify(next, Role::Stable, &stable.primary)) {
        return format!("the execution is over and {name} still runs its baseline; {why}");
    }
    let writes = next.pipeline.as_ref().is_some_and(|run| run.abandoned.is_some());
    let late = over.plus_seconds(ABANDONED_ACTION_SECONDS + LATE_WRITE_SECONDS);
    if writes && at < late {
        return format!(
            "the execution is over and {name} still runs its baseline; its deploy action was abandoned and may write \
             until {late}"
        );
    }
    if at < over.plus_seconds(BELIEVED_SECONDS) || !next.barred.is_empty() {
        return format!("the execution is over and {name} still runs its baseline; waiting whether that stays so");
    }
    if let Some(why) = router::unrest(policy, next, seen, at) {
        return format!("the execution is over and {name} was never given anything else, but {why}");
    }
    let why = format!("the execution is over and {name} was never given anything else");
    let outcome = Outcome::Abandoned { why: why.clone() };
    next.become_phase(Phase::Closed { outcome }, at);
    why
}

fn baking(policy: &Policy, next: &mut Release, seen: &Seen, at: At) -> String {
    let Some(given) = next.canary.given.clone() else {
        return "nothing given to the canary yet".to_owned();
    };
    if is_echo(next) {
        let canary = seen.canary.known();
        if !canary.is_some_and(is_steady) {
            return format!(
                "{} is being given what it ran before, under another name",
                next.canary.name
            );
        }
        if let Some(why) = router::unrest(policy, next, seen, at) {
            return format!(
                "{} was given what it ran before, under another name, but {why}",
                next.canary.name
            );
        }
        let why = format!("{} was given what it ran before, under another name", next.canary.name);
        let outcome = Outcome::Abandoned { why: why.clone() };
        next.become_phase(Phase::Closed { outcome }, at);
        return why;
    }
    if next.keeps_images() && succeeded(seen) {
        next.become_phase(Phase::Watching, at);
        return format!("the execution succeeded; {} keeps its images", next.stable.name);
    }
    let runs = format!(
        "{} runs the revision since {}; no check has failed",
        next.canary.name, given.created
    );
    if !policy.awaits_a_bake() {
        return runs;
    }
    if given.reached.is_none() {
        // It begins anew, with the first share.
        next.step_reached = None;
        next.phase = Phase::Baking { step: 0 };
        return format!("{runs}; not all of its tasks run, so it does not bake yet");
    }
    if let Some(text) = answered_for(policy, next, &runs, seen, at) {
        return text;
    }
    if let Some(text) = stepping(policy, next, &runs, seen, at) {
        return text;
    }
    let why = awaited(next, seen);
    next.become_phase(Phase::Gated { why }, at);
    runs
}

/// A person answers for what is left of the bake: the gate comes next, whatever the step.
fn answered_for(policy: &Policy, next: &mut Release, runs: &str, seen: &Seen, at: At) -> Option<String> {
    let ordered = order::lets_go(next)?.to_string();
    if let Some(why) = approve::not_yet(policy, next, seen, at) {
        return Some(format!("{runs}; {ordered}, but {why}"));
    }
    let why = awaited(next, seen);
    next.become_phase(Phase::Gated { why }, at);
    Some(runs.to_owned())
}

/// How far the step has baked, and what keeps the next one or the gate; nothing once all of them have baked.
fn stepping(policy: &Policy, next: &mut Release, runs: &str, seen: &Seen, at: At) -> Option<String> {
    let Phase::Baking { step } = next.phase else {
        return None;
    };
    let (steps, seconds) = (policy.steps().len(), policy.bake_seconds(step));
    let runs = match steps {
        1 => runs.to_owned(),
        _ => format!("{runs}; step {} of {steps}", step + 1),
    };
    match router::confirm(policy, next, seen, at) {
        Err(why) => return Some(format!("{runs}; {why}, so it does not bake")),
        Ok(reached) if at < reached.plus_seconds(seconds) && order::skipped(next, step).is_none() => {
            let baked = reached.seconds_until(at);
            return Some(format!("{runs}; baked {baked} s of {seconds} s"));
        }
        Ok(_) => {}
    }
    if let Some(why) = undecided(policy, next, seen, at) {
        return Some(format!("{runs}; baked, but {why}"));
    }
    if step as usize + 1 < steps {
        if let Some(hold) = freeze::in_force(&policy.freeze, next.freeze.as_ref(), at) {
            return Some(format!("{runs}; baked, but {hold}"));
        }
        next.step_reached = None;
        next.become_phase(Phase::Baking { step: step + 1 }, at);
        return Some(format!("{runs}; baked, and the next step begins"));
    }
    None
}

/// What comes next, for people.
fn awaited(release: &Release, seen: &Seen) -> String {
    let judged = match order::lets_go(release) {
        Some(_) => "",
        None => ", baked without a failed check",
    };
    match seen.pipeline.known().and_then(|run| run.approval.as_ref()) {
        Some(approval) => format!("approval {}/{}{judged}", approval.stage, approval.action),
        None if release.swaps => format!("{} to carry everything{judged}", release.canary.name),
        None => format!("{} to be given the revision{judged}", release.stable.name),
    }
}

/// What was ordered of the phase that it is in, and what holds it, for people.
fn ordered(policy: &Policy, release: &Release, at: At) -> Vec<String> {
    let skipped = match release.phase {
        Phase::Baking { step } => order::skipped(release, step),
        Phase::Watching => order::watch_skipped(release),
        _ => None,
    };
    let moves = matches!(
        release.phase,
        Phase::Deploying | Phase::Baking { .. } | Phase::Gated { .. }
    );
    let hold = freeze::in_force(&policy.freeze, release.freeze.as_ref(), at).filter(|_| moves);
    let skipped = skipped.map(ToString::to_string);
    skipped.into_iter().chain(hold.map(|hold| hold.to_string())).collect()
}

/// Known only since its tasks have pulled their images: there is nothing to judge and nothing to take back. Not where
/// stable runs something else: then it is a release to stable, though somebody had given it to the canary before.
pub fn is_echo(release: &Release) -> bool {
    let baseline = &release.canary.baseline.revision;
    let same = release.canary.given.as_ref().is_some_and(|given| {
        given.images.as_ref() == Some(&baseline.images) && given.configuration.as_ref() == Some(&baseline.configuration)
    });
    let images = release.canary.given.as_ref().and_then(|given| given.images.as_ref());
    let stable = &release.stable.baseline.revision.images;
    let runs = |(container, digest): (&String, &String)| stable.get(container).is_none_or(|runs| runs == digest);
    let everywhere = images.is_some_and(|images| images.iter().all(runs));
    same && everywhere && release.watched.is_none() && release.barred.is_empty()
}

/// The canary carries everything: from here on the roles are exchanged, and stable is the way back.
fn handing_over(policy: &Policy, next: &mut Release, seen: &Seen, at: At) -> String {
    let (new, old) = (next.canary.name.clone(), next.stable.name.clone());
    if let Err(why) = router::handed_over(policy, next, seen) {
        return format!("{new} is to carry everything, but {why}");
    }
    next.weights.as_mut().into_iter().for_each(Weighed::exchange);
    next.become_phase(Phase::Watching, at);
    let minutes = policy.watch_minutes;
    format!("{new} carries everything, and {old} keeps its tasks as the way back; watched for {minutes} minutes")
}

fn promoting(policy: &Policy, next: &mut Release, seen: &Seen, at: At) -> String {
    if next.swaps {
        return handing_over(policy, next, seen, at);
    }
    let name = next.stable.name.clone();
    let Part::Known(stable) = &seen.stable else {
        return format!("{name} is being given the revision");
    };
    let ungiven = next.stable.given.is_none() && policy.promotion == Promotion::RollStable;
    if ungiven || next.left_on_stable().is_some() {
        return format!("{name} is to be given the revision");
    }
    let progress = format!(
        "{name} is being given the revision: {} of {} tasks run it, {} others still run",
        stable.primary.running, stable.desired, stable.older_running
    );
    if stable.desired == 0 {
        let due = next.phase_since.plus_seconds(policy.deadline_minutes * 60);
        if at < due || !succeeded(seen) {
            return format!("{progress}; a service with no tasks proves nothing");
        }
        // Its pipeline is through: whoever scaled it to nothing must not keep the next release waiting for ever.
        next.become_phase(Phase::Watching, at);
        return format!(
            "{name} was given the revision and has no tasks; its execution succeeded; watched for {} minutes",
            policy.watch_minutes
        );
    }
    if !carries(next, stable) {
        return progress;
    }
    if let Some(given) = next.stable.given.as_mut() {
        given.reached.get_or_insert(at);
    }
    next.become_phase(Phase::Watching, at);
    format!("{name} runs the revision; watched for {} minutes", policy.watch_minutes)
}

/// Whether a service has come to rest on what it was given, and with tasks that prove it.
pub fn is_reached(service: &SeenService) -> bool {
    service.desired > 0 && is_steady(service)
}

/// Whether stable has come to rest on what the release gave it, and on nothing that one before had left there.
pub fn carries(release: &Release, stable: &SeenService) -> bool {
    let given = release.stable.given.is_some() && release.left_on_stable().is_none();
    given && is_reached(stable) && identify(release, Role::Stable, &stable.primary) == Runs::Released
}

fn is_steady(service: &SeenService) -> bool {
    let primary = &service.primary;
    primary.rollout == Rollout::Completed && primary.running >= service.desired && service.older_running == 0
}

fn watching(policy: &Policy, next: &mut Release, seen: &Seen, at: At) -> String {
    if let Some(by) = taken_over(next, seen) {
        let unrest = router::unrest(policy, next, seen, at).or_else(|| retire::left(policy, next, seen, at));
        if let Some(why) = unrest {
            return format!("{by}; left alone, and {why}");
        }
        let outcome = Outcome::Overtaken { by: by.clone() };
        next.become_phase(Phase::Closed { outcome }, at);
        return format!("{by}; left alone");
    }
    let until = next.phase_since.plus_seconds(policy.watch_minutes * 60);
    if at < until && order::watch_skipped(next).is_none() {
        return format!(
            "{} runs the revision; watched until {until}; no check has failed",
            next.live().name
        );
    }
    // What is being retired is judged no more.
    if let Some(why) = undecided(policy, next, seen, at).filter(|_| next.retired.is_none()) {
        return format!("the watch is over, but {why}");
    }
    let unrest = router::unrest(policy, next, seen, at);
    // That it is not scaled would be nobody's business any more once it is closed.
    let unscaled = scaling::unrest(next, seen, at).is_some();
    let patient = at < patience(policy, next);
    if let Some(why) = unrest.as_ref().filter(|_| patient || unscaled) {
        return format!("the watch is over, but {why}");
    }
    if let Some(why) = unclear(next, seen) {
        return format!("the watch is over, but {why}");
    }
    let live = if next.swaps { &seen.canary } else { &seen.stable };
    if live.known().is_some_and(|live| live.desired == 0) {
        let by = format!(
            "{} was scaled to no tasks: what it was given was never proven",
            next.live().name
        );
        let outcome = Outcome::Overtaken { by: by.clone() };
        next.become_phase(Phase::Closed { outcome }, at);
        return by;
    }
    let name = next.live().name.clone();
    let retiring = retire::judge(policy, next, seen, at);
    if let Retiring::Awaits(why) = retiring {
        return format!("{name} runs the revision and its watch is over; {why}");
    }
    next.become_phase(
        Phase::Closed {
            outcome: Outcome::Promoted,
        },
        at,
    );
    let left = unrest.map(|why| format!("; left so after {} minutes: {why}", policy.deadline_minutes));
    format!(
        "{name} runs the revision and no check failed in its watch{}{}",
        left.unwrap_or_default(),
        retiring.said()
    )
}

/// Until when a release under watch waits for its canary to be as it was before.
pub fn patience(policy: &Policy, release: &Release) -> At {
    let watched = release.phase_since.plus_seconds(policy.watch_minutes * 60);
    watched.plus_seconds(policy.deadline_minutes * 60)
}

/// What would be lost if a release closed whose watch is over.
fn unclear(release: &Release, seen: &Seen) -> Option<String> {
    let canary = seen.canary.known();
    let runs = canary.map(|canary| identify(release, Role::Canary, &canary.primary));
    if let Some(Runs::Unsure(why)) = runs {
        // Perhaps the next release, which would be taken for a part of this one.
        return Some(why);
    }
    let barred = !release.barred.is_empty();
    barred.then(|| "an execution before it may still promote".to_owned())
}

/// Whether a release would have closed long ago, but for its canary that is not scaled as it was: whoever takes its place
/// sees to that as well, and need not wait for it.
pub fn owes_scaling_alone(policy: &Policy, release: &Release, seen: &Seen, at: At) -> bool {
    release.phase == Phase::Watching
        && !release.swaps
        && at >= patience(policy, release)
        && scaling::unrest(release, seen, at).is_some()
        && undecided(policy, release, seen, at).is_none()
        && unclear(release, seen).is_none()
        && taken_over(release, seen).is_none()
        && seen.stable.known().is_some_and(|stable| stable.desired > 0)
}

/// Stable belongs to somebody else: what was promoted is not there any more.
fn taken_over(release: &Release, seen: &Seen) -> Option<String> {
    let third = |role: Role| {
        let primary = &seen.service(role).known()?.primary;
        match identify(release, role, primary) {
            Runs::Third(runs) => Some(format!(
                "{} was given {runs}, which is neither this release nor its baseline",
                release.service(role).name
            )),
            _ => None,
        }
    };
    // Where roles were exchanged, the canary carries everything.
    third(Role::Stable).or_else(|| third(Role::Canary).filter(|_| release.swaps))
}

fn succeeded(seen: &Seen) -> bool {
    let status = seen.pipeline.known().map(|run| run.status);
    status == Some(ExecutionStatus::Over(Over::Succeeded))
}

/// What cannot be told, or does not let the release go forward. None of it is a failure.
pub fn undecided(policy: &Policy, release: &Release, seen: &Seen, at: At) -> Option<String> {
    if let Part::Unknown(why) = &seen.stable {
        return Some(format!("{} is unknown: {why}", release.stable.name));
    }
    if let Part::Unknown(why) = &seen.canary {
        return Some(format!("{} is unknown: {why}", release.canary.name));
    }
    images_from::unread(policy, release)
        .or_else(|| unserved(policy, release, seen))
        .or_else(|| check::undecided(policy, release, seen, at))
}

/// Why what is judged is not served as it is to be, as long as that matters.
fn unserved(policy: &Policy, release: &Release, seen: &Seen) -> Option<String> {
    let judged = matches!(release.phase, Phase::Baking { .. } | Phase::Gated { .. });
    router::read(policy, release, seen).err().filter(|_| judged)
}

#[cfg(test)]
mod tests;
