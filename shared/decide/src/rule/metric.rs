//! Whether a metric stays within its bound: over the last whole periods, all of which must be above it to fail.
//!
//! Dimensions may name the revision that is judged, which no alarm can. No data is not 0: a period without a datum
//! neither passes nor fails.
//!
//! What fails is above it since the canary's tasks run, whatever the step. What passes is within it there, and in the step
//! by itself: over as many minutes, or as many as the step bakes.

use super::check::Verdict;
use super::forward::is_echo;
use super::step::{self, Step};
use crate::policy::{Bounded, Check};
use crate::{At, Cause, Measure, Part, Phase, Policy, Release, Seen, SeenMeasure, short};

const MINUTE_MILLIS: i64 = 60_000;

/// How long after its end a period is asked for.
const LAG_MILLIS: i64 = 60_000;

/// The same for what AWS's own services measure: the last minute of that comes late, and not of all metrics at once, so
/// that an expression over several would be judged by half of it.
///
/// # Source
/// Amazon CloudWatch API Reference, GetMetricData: the newest data lag by one to three minutes.
const LAG_OF_AWS_MILLIS: i64 = 120_000;

/// Since when the metric says something, and of which revision of the canary.
fn judged(release: &Release) -> Option<Result<(At, &str), String>> {
    let given = release.canary.given.as_ref().or(release.stable.given.as_ref())?;
    let since = match release.phase {
        Phase::Baking { .. } | Phase::Gated { .. } if !is_echo(release) => given.reached,
        Phase::Watching => Some(release.phase_since),
        _ => return None,
    };
    let revision = short(&given.task_definition);
    let unreached = || {
        format!(
            "nothing is measured before all tasks of {} run {revision}",
            release.canary.name
        )
    };
    Some(since.map(|since| (since, revision)).ok_or_else(unreached))
}

/// What the policy's `metric` checks want to know at this moment: the last whole periods that are over, none from before
/// the canary's tasks ran; nothing where there are not so many yet. Where a step has to speak for itself, and that is not
/// the same, its own besides.
pub fn measures(policy: &Policy, release: &Release, at: At) -> Vec<Measure> {
    let Some(Ok((since, revision))) = judged(release) else {
        return Vec::new();
    };
    let own = step::own(policy, release).and_then(|step| Some((step.since?, step.bake_minutes)));
    let mut asked: Vec<Measure> = Vec::new();
    for (check, metric) in bounded(policy) {
        let metric = metric.of_revision(revision);
        let all = last(check, metric.clone(), since, at);
        let own = own.and_then(|(since, minutes)| last(check, metric.within(minutes), since, at));
        let own = own.filter(|own| all.as_ref() != Some(own));
        asked.extend(all.into_iter().chain(own));
    }
    asked
}

fn bounded(policy: &Policy) -> impl Iterator<Item = (usize, &Bounded)> {
    let checks = policy.checks.iter().enumerate();
    checks.filter_map(|(place, check)| match check {
        Check::Metric { metric } | Check::Expression { metric } => Some((place, metric)),
        _ => None,
    })
}

/// The last whole periods, where all of them lie behind that moment.
fn last(check: usize, metric: Bounded, since: At, at: At) -> Option<Measure> {
    let period = i64::from(metric.period_minutes) * MINUTE_MILLIS;
    let lag = if metric.is_of_aws() {
        LAG_OF_AWS_MILLIS
    } else {
        LAG_MILLIS
    };
    let until = (at.millis() - lag).div_euclid(period) * period;
    let from = until - i64::from(metric.periods) * period;
    (from >= since.millis()).then(|| Measure {
        check,
        metric,
        from: At::from_millis(from),
        until: At::from_millis(until),
    })
}

/// What the check at this place of the policy says.
pub fn verdict(policy: &Policy, place: usize, metric: &Bounded, release: &Release, seen: &Seen) -> Verdict {
    let revision = match judged(release) {
        None => return Verdict::Silent,
        Some(Err(why)) => return Verdict::Unknown(why),
        Some(Ok((_, revision))) => revision,
    };
    if release.shares_with_what_failed() && metric.is_of_both() && release.phase != Phase::Watching {
        let stable = &release.stable.name;
        return Verdict::Passes(format!(
            "{metric} is not held against it: {stable} runs what failed before"
        ));
    }
    let metric = metric.of_revision(revision);
    let known = match &seen.measured {
        Part::Known(known) => known,
        Part::Unknown(why) => return Verdict::Unknown(format!("{metric} is unknown: {why}")),
    };
    // What was asked of another revision is no answer any more.
    let answers = |metric: &Bounded| {
        let same = known
            .iter()
            .filter(|answer| answer.asked.check == place && answer.asked.metric == *metric);
        same.collect::<Vec<_>>()
    };
    let Some(answer) = answers(&metric).first().copied() else {
        let (periods, minutes) = (metric.periods, metric.period_minutes);
        return Verdict::Unknown(format!(
            "{metric} is judged once {periods} times {minutes} min have ended"
        ));
    };
    let values = match values(&metric, answer) {
        Ok(values) => values,
        Err(verdict) => return *verdict,
    };
    let (from, until, max) = (answer.asked.from, answer.asked.until, metric.max);
    if is_above(&metric, &values) {
        return Verdict::Fails(Cause::Metric {
            metric: metric.to_string(),
            values: told(&values),
            max,
            from,
            until,
        });
    }
    let was = format!("{metric} was {} until {until}", told(&values));
    let step = step::own(policy, release);
    let own = step.map_or_else(|| metric.clone(), |step| metric.within(step.bake_minutes));
    // All that was asked is the step's, or there is no such step.
    let all_own = |step: Step| own == metric && step.since.is_some_and(|since| from >= since);
    let Some(step) = step.filter(|step| !all_own(*step)) else {
        return Verdict::Passes(format!("{was}, up to {max} would do"));
    };
    let behind = |answer: &&SeenMeasure| step.since.is_some_and(|since| answer.asked.from >= since);
    let answer = answers(&own).into_iter().find(behind);
    of_step(&own, step, answer, &was)
}

/// What the step says by itself, where the canary has done well so far. That it is above the bound for as long as the step
/// bakes is no failure yet: the policy asks for more of it.
fn of_step(metric: &Bounded, step: Step, answer: Option<&SeenMeasure>, was: &str) -> Verdict {
    let (number, max) = (step.number, metric.max);
    let Some(answer) = answer else {
        let (periods, minutes) = (metric.periods, metric.period_minutes);
        return Verdict::Unknown(match step.since {
            Some(_) => {
                format!("{was}, and step {number} is judged once {periods} times {minutes} min of it have ended")
            }
            None => format!("{was}, and step {number} is judged once it has its share"),
        });
    };
    match values(metric, answer) {
        Err(verdict) => *verdict,
        Ok(values) if is_above(metric, &values) => Verdict::Unknown(format!(
            "{was}, and {} in step {number} until {}, more than {max}",
            told(&values),
            answer.asked.until
        )),
        Ok(values) => Verdict::Passes(format!(
            "{was}, and {} in step {number} until {}, up to {max} would do",
            told(&values),
            answer.asked.until
        )),
    }
}

/// One datum for each period; else what the check says without them.
fn values(metric: &Bounded, answer: &SeenMeasure) -> Result<Vec<f64>, Box<Verdict>> {
    let (from, until) = (answer.asked.from, answer.asked.until);
    let values = match &answer.values {
        Part::Known(values) => values,
        Part::Unknown(why) => return Err(Verdict::Unknown(format!("{metric} is unknown: {why}")).into()),
    };
    let all: Option<Vec<f64>> = values.iter().copied().collect();
    all.ok_or_else(|| Verdict::Undecided(format!("{metric} has not all its data from {from} to {until}")).into())
}

fn is_above(metric: &Bounded, values: &[f64]) -> bool {
    !values.is_empty() && values.iter().all(|value| *value > metric.max.number())
}

fn told(values: &[f64]) -> String {
    let told: Vec<String> = values.iter().map(|value| format!("{value:.3}")).map(trimmed).collect();
    told.join(", ")
}

/// Without zeros that say nothing.
fn trimmed(number: String) -> String {
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
