//! Whether the canary fails more of its messages than stable does: the check that works where both take from one queue.
//!
//! A message that only the canary fails is handed to whoever asks next, stable most often, and is handled there. So
//! hardly any of them dies, and an alarm on the dead-letter queue stays silent. What each revision did is counted
//! by the workers themselves.
//!
//! # Guarantees
//! No data is not 0: where CloudWatch knows nothing of one of the four numbers, or one side has handled too little,
//! this neither passes nor fails. Where a step has to speak for itself, it fails by what was counted since the canary's
//! tasks run, or by the step's own, and passes only by both.

use super::check::Verdict;
use super::forward::is_echo;
use super::{roll_back, step};
use crate::policy::{Check, CountedMetric, Ratio};
use crate::{
    At, Cause, Comparison, Counted, Part, Phase, Policy, Release, Role, Seen, SeenComparison, SeenCount, short,
};

const MINUTE_MILLIS: i64 = 60_000;

/// How long after its end a minute is asked for. One that has not arrived by then is missing on its side until the next
/// look: that takes away evidence, and no truth, as shares of failures are compared and not their numbers.
const LAG_MILLIS: i64 = 60_000;

/// How much more than what is expected is still chance, in standard deviations of a count.
const CHANCE: f64 = 4.0;

/// What a policy asks of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many times stable's share of failures the canary may have.
    pub ratio_max: Ratio,
    /// Messages that each side must have handled.
    pub total_min: u64,
}

/// What there is to compare: canary and stable by `family:revision`, since the canary's tasks run.
struct Sides<'a> {
    canary: &'a str,
    stable: &'a str,
    reached: At,
}

/// Who is compared with whom; none where stable runs the same, or is about to. Else what the check says instead.
fn sides(release: &Release) -> Option<Result<Sides<'_>, Verdict>> {
    let given = release.canary.given.as_ref()?;
    if !matches!(release.phase, Phase::Baking { .. } | Phase::Gated { .. }) || is_echo(release) {
        return None;
    }
    let canary = short(&given.task_definition);
    let stable = short(release.stable.baseline_runs_as());
    Some(match given.reached {
        _ if canary == stable => Err(Verdict::Undecided(format!(
            "canary and stable both run {canary}, and cannot be told apart"
        ))),
        None => Err(Verdict::Unknown(format!(
            "nothing is compared before all tasks of {} run {canary}",
            release.canary.name
        ))),
        Some(reached) => Ok(Sides {
            canary,
            stable,
            reached,
        }),
    })
}

/// What the policy's `compare` checks want to know at this moment: whole minutes that are over, the same for both
/// sides, and none from before the canary's tasks were seen to run. Where a step has to speak for itself and these reach
/// back further, its own besides.
pub fn comparisons(policy: &Policy, release: &Release, at: At) -> Vec<Comparison> {
    let of_watch = watched(release).filter(|_| roll_back::asks_whose(policy, release, at));
    let Some(sides) = of_watch.or_else(|| sides(release)?.ok()) else {
        return Vec::new();
    };
    let until = (at.millis() - LAG_MILLIS).div_euclid(MINUTE_MILLIS) * MINUTE_MILLIS;
    let until = match release.phase.rolling_back() {
        // What comes after that is said of tasks that are leaving.
        Some(_) => until.min(minute_from(release.phase_since)),
        None => until,
    };
    let own = step::own(policy, release).and_then(|step| step.since);
    let mut asked = Vec::new();
    for (check, asks) in policy.checks.iter().enumerate() {
        let Check::Compare {
            metric, window_minutes, ..
        } = asks
        else {
            continue;
        };
        let since = |since: At| {
            let from = minute_from(since).max(until - i64::from(*window_minutes) * MINUTE_MILLIS);
            (from < until).then(|| Comparison {
                check,
                metric: metric.clone(),
                canary: sides.canary.to_owned(),
                stable: sides.stable.to_owned(),
                from: At::from_millis(from),
                until: At::from_millis(until),
            })
        };
        let all = since(sides.reached);
        let own = own.and_then(since).filter(|own| all.as_ref() != Some(own));
        asked.extend(all.into_iter().chain(own));
    }
    asked
}

/// The same two in a watch that has ended badly: both ran the images since stable was seen to run them.
fn watched(release: &Release) -> Option<Sides<'_>> {
    release.phase.rolling_back()?;
    let (canary, stable) = (release.canary.given.as_ref()?, release.stable.given.as_ref()?);
    let sides = Sides {
        canary: short(&canary.task_definition),
        stable: short(&stable.task_definition),
        reached: stable.reached?,
    };
    (sides.canary != sides.stable).then_some(sides)
}

/// What both sides did with their messages in a watch that has ended badly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The numbers, for people.
    pub text: String,
    /// Who fails more than the other and chance explain; nobody, where both fail alike, or too little was handled.
    pub worse: Option<Role>,
}

/// What was counted of both in the watch, by the first comparison of the policy that has an answer; nothing where a number
/// is missing.
pub fn beside(policy: &Policy, release: &Release, seen: &Seen) -> Option<Beside> {
    let sides = watched(release)?;
    let answers = seen.compared.known()?;
    answers.iter().find_map(|answer| {
        let asked = &answer.asked;
        let Some(Check::Compare {
            metric,
            ratio_max,
            total_min,
            ..
        }) = policy.checks.get(asked.check)
        else {
            return None;
        };
        if (asked.canary.as_str(), asked.stable.as_str()) != (sides.canary, sides.stable) {
            return None;
        }
        let canary = counted(metric, &asked.canary, answer.canary).ok()?;
        let stable = counted(metric, &asked.stable, answer.stable).ok()?;
        let enough = canary.total.min(stable.total) >= u64::from(*total_min);
        let is_worse =
            |one: &Counted, other: &Counted| one.failed > failed_max(*ratio_max, one.total, other.failed, other.total);
        let worse = match (is_worse(&canary, &stable), is_worse(&stable, &canary)) {
            (true, _) => Some(Role::Canary),
            (_, true) => Some(Role::Stable),
            _ => None,
        };
        Some(Beside {
            text: format!("{canary} and {stable} from {} to {}", asked.from, asked.until),
            worse: worse.filter(|_| enough),
        })
    })
}

/// The first whole minute from there on.
fn minute_from(since: At) -> i64 {
    -(-since.millis()).div_euclid(MINUTE_MILLIS) * MINUTE_MILLIS
}

/// What the check at this place of the policy says.
pub fn verdict(
    policy: &Policy,
    place: usize,
    metric: &CountedMetric,
    bounds: Bounds,
    release: &Release,
    seen: &Seen,
) -> Verdict {
    let sides = match sides(release) {
        None => return Verdict::Silent,
        Some(Err(verdict)) => return verdict,
        Some(Ok(sides)) => sides,
    };
    let known = match &seen.compared {
        Part::Known(known) => known,
        Part::Unknown(why) => return Verdict::Unknown(format!("{metric} is unknown: {why}")),
    };
    // What was asked before the canary was given something else is no answer any more.
    let answers = known.iter().filter(|answer| {
        let asked = &answer.asked;
        asked.check == place && (asked.canary.as_str(), asked.stable.as_str()) == (sides.canary, sides.stable)
    });
    let answers: Vec<&SeenComparison> = answers.collect();
    let Some(all) = answers.iter().min_by_key(|answer| answer.asked.from) else {
        return Verdict::Unknown(format!(
            "{metric} of {} is compared once a minute has ended since {}",
            sides.canary, sides.reached
        ));
    };
    let passes = match judged(metric, bounds, all) {
        Verdict::Passes(text) => text,
        verdict => return verdict,
    };
    let Some(step) = step::own(policy, release) else {
        return Verdict::Passes(passes);
    };
    let behind = |answer: &&&SeenComparison| step.since.is_some_and(|since| answer.asked.from >= since);
    match answers.iter().find(behind) {
        Some(own) => judged(metric, bounds, own),
        None => {
            let awaited = step.since.map_or("it has its share", |_| "a minute of it has ended");
            Verdict::Unknown(format!("{passes}; step {} is compared once {awaited}", step.number))
        }
    }
}

fn judged(metric: &CountedMetric, bounds: Bounds, answer: &SeenComparison) -> Verdict {
    let asked = &answer.asked;
    let sides = [(&asked.canary, answer.canary), (&asked.stable, answer.stable)];
    let counted = sides.map(|(revision, count)| counted(metric, revision, count));
    let [canary, stable] = match counted {
        [Ok(canary), Ok(stable)] => [canary, stable],
        [Err(why), _] | [_, Err(why)] => {
            return Verdict::Undecided(format!("{why} from {} to {}", asked.from, asked.until));
        }
    };
    let text = format!("{canary} and {stable} until {}", asked.until);
    if canary.total.min(stable.total) < bounds.total_min {
        return Verdict::Undecided(format!("{text}, and {} are needed of each", bounds.total_min));
    }
    let failed_max = failed_max(bounds.ratio_max, canary.total, stable.failed, stable.total);
    if canary.failed <= failed_max {
        return Verdict::Passes(format!("{text}, up to {failed_max} would do"));
    }
    Verdict::Fails(Cause::Compare {
        metric: metric.to_string(),
        canary,
        stable,
        from: asked.from,
        until: asked.until,
        failed_max,
    })
}

/// What a revision did, or which number is missing or cannot be.
fn counted(metric: &CountedMetric, revision: &str, count: SeenCount) -> Result<Counted, String> {
    let missing = |name: &str| format!("{} has no data of {name} for {revision}", metric.namespace);
    let total = count.total.ok_or_else(|| missing(&metric.total))?;
    let failed = count.failed.ok_or_else(|| missing(&metric.failed))?;
    if failed > total {
        return Err(format!(
            "{revision} failed {failed} of {total} messages, which cannot be; is {} the metric that counts all",
            metric.total
        ));
    }
    Ok(Counted {
        revision: revision.to_owned(),
        failed,
        total,
    })
}

/// Most failures that a canary may have which is no worse than the policy allows.
///
/// Expected is `ratio_max` times stable's share of failures, and stable is taken to have failed one message more than it
/// did: that it failed none is no proof that it never will, and nothing is divided by nothing. On top comes what chance
/// gives, on both sides: counts scatter by their square root, stable's as much larger as the canary has more of the
/// work. So a canary never fails for fewer than five messages, and with a `ratio_max` of 1.5 one that is as good as
/// stable fails in one of ten thousand windows at most, whatever both fail.
fn failed_max(ratio_max: Ratio, canary_total: u64, stable_failed: u64, stable_total: u64) -> u64 {
    let for_each_of_stables = ratio_max.number() * canary_total as f64 / stable_total.max(1) as f64;
    let expected = for_each_of_stables * (stable_failed as f64 + 1.0);
    let scatter = (expected * (1.0 + for_each_of_stables) + 1.0).sqrt();
    (expected + CHANCE * scatter).floor() as u64
}

#[cfg(test)]
pub mod tests;
