//! Whether a metric stays within its bound: over the last whole periods, all of which must be above it to fail.
//!
//! Dimensions may name the revision that is judged, which no alarm can. No data is not 0: a period without a datum
//! neither passes nor fails.

use super::check::Verdict;
use super::forward::is_echo;
use crate::policy::{Bounded, Check};
use crate::{At, Cause, Measure, Part, Phase, Policy, Release, Seen, short};

const MINUTE_MILLIS: i64 = 60_000;

/// How long after its end a period is asked for.
const LAG_MILLIS: i64 = 60_000;

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
/// the canary's tasks ran; nothing where there are not so many yet.
pub fn measures(policy: &Policy, release: &Release, at: At) -> Vec<Measure> {
    let Some(Ok((since, revision))) = judged(release) else {
        return Vec::new();
    };
    let checks = policy.checks.iter().enumerate();
    let asked = checks.filter_map(|(place, check)| match check {
        Check::Metric { metric } | Check::Expression { metric } => {
            let period = i64::from(metric.period_minutes) * MINUTE_MILLIS;
            let until = (at.millis() - LAG_MILLIS).div_euclid(period) * period;
            let from = until - i64::from(metric.periods) * period;
            (from >= since.millis()).then(|| Measure {
                check: place,
                metric: metric.of_revision(revision),
                from: At::from_millis(from),
                until: At::from_millis(until),
            })
        }
        _ => None,
    });
    asked.collect()
}

/// What the check at this place of the policy says.
pub fn verdict(place: usize, metric: &Bounded, release: &Release, seen: &Seen) -> Verdict {
    let revision = match judged(release) {
        None => return Verdict::Silent,
        Some(Err(why)) => return Verdict::Unknown(why),
        Some(Ok((_, revision))) => revision,
    };
    let metric = metric.of_revision(revision);
    let known = match &seen.measured {
        Part::Known(known) => known,
        Part::Unknown(why) => return Verdict::Unknown(format!("{metric} is unknown: {why}")),
    };
    // What was asked of another revision is no answer any more.
    let answer = known
        .iter()
        .find(|answer| answer.asked.check == place && answer.asked.metric == metric);
    let Some(answer) = answer else {
        let (periods, minutes) = (metric.periods, metric.period_minutes);
        return Verdict::Unknown(format!(
            "{metric} is judged once {periods} times {minutes} min have ended"
        ));
    };
    let (from, until) = (answer.asked.from, answer.asked.until);
    let values: Option<Vec<f64>> = answer.values.iter().copied().collect();
    let Some(values) = values else {
        return Verdict::Undecided(format!("{metric} has not all its data from {from} to {until}"));
    };
    let told: Vec<String> = values.iter().map(|value| format!("{value:.3}")).map(trimmed).collect();
    let (told, max) = (told.join(", "), metric.max);
    if values.is_empty() || !values.iter().all(|value| *value > max.number()) {
        return Verdict::Passes(format!("{metric} was {told} until {until}, up to {max} would do"));
    }
    Verdict::Fails(Cause::Metric {
        metric: metric.to_string(),
        values: told,
        max,
        from,
        until,
    })
}

/// Without zeros that say nothing.
fn trimmed(number: String) -> String {
    number.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
