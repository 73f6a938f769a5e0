//! How many messages a dead-letter queue has gained since the canary changed.
//!
//! What is counted is what the queue has more of from one look to the next, seen and unseen messages together, so that
//! neither a redrive nor a purge nor somebody who looks into the queue hides anything, but for what comes and goes
//! between two looks. What lay there before counts for nothing: a fix is judged by what it adds.

use super::alarm::judged;
use super::check::Verdict;
use super::forward::is_echo;
use crate::{At, Cause, DeadLetters, Given, Part, Phase, Policy, Release, Seen};

/// After a deployment has come to rest: what the replaced tasks had in hand has died by then, and SQS's counts have
/// caught up.
///
/// # Source
/// Amazon SQS API Reference, GetQueueAttributes: counts are right "at least 1 minute after the producers stop sending".
const SETTLE_SECONDS: u32 = 60;

/// How long tasks that were told to go may take until what they held has died: their stop time-out, and the time until
/// it is handed out again.
const GONE_SECONDS: u32 = 300;

/// From when on looks count; never while tasks are being replaced.
fn counts_from(release: &Release) -> Option<At> {
    let rested = match release.phase {
        // Whose they are cannot be told.
        Phase::Baking { .. } | Phase::Gated { .. } if release.shares_with_what_failed() => return None,
        Phase::Baking { .. } | Phase::Gated { .. } => release.canary.given.as_ref()?.reached?,
        Phase::Watching => release.phase_since,
        // The watch of the release before runs on, and nothing is deployed yet.
        Phase::Deploying if release.watched.is_some() => release.phase_since,
        // It runs on while the next one is taken back, whose tasks drop what they hold until they are gone.
        Phase::RollingBack { .. } | Phase::RollbackFailed { .. } if release.watched.is_some() => {
            let attempts = [&release.canary, &release.stable]
                .into_iter()
                .filter_map(|service| service.attempts.last);
            attempts.fold(release.phase_since, At::max).plus_seconds(GONE_SECONDS)
        }
        _ => return None,
    };
    let shrunk = release.size.as_ref().filter(|size| size.has_shrunk());
    let gone = shrunk.map_or(rested, |size| size.at.plus_seconds(GONE_SECONDS));
    Some(rested.max(gone).plus_seconds(SETTLE_SECONDS))
}

/// Notes what the queues hold. It stands with what a service was given, and begins anew when that is something else; in
/// a watch that runs on inside the next release, with what is watched.
pub fn note(policy: &Policy, release: &mut Release, seen: &Seen, at: At) {
    let counts = counts_from(release).is_some_and(|from| at >= from);
    let Some(given) = judged_mut(release) else {
        return;
    };
    for queue in policy.dead_letter_queues() {
        let Some(depth) = seen.dead_letters.get(queue).and_then(Part::known).copied() else {
            continue;
        };
        let letters = given.dead_letters.entry(queue.to_owned()).or_insert(DeadLetters {
            depth,
            gained: 0,
            since: None,
        });
        match letters.since {
            Some(_) if counts => letters.gained += depth.saturating_sub(letters.depth),
            _ => letters.since = counts.then_some(at),
        }
        letters.depth = depth;
    }
}

fn judged_mut(release: &mut Release) -> Option<&mut Given> {
    let watched = release.watched.as_mut();
    let watched = watched.and_then(|watched| watched.canary.given.as_mut().or(watched.stable.given.as_mut()));
    watched
        .or(release.canary.given.as_mut())
        .or(release.stable.given.as_mut())
}

/// What the check on this queue says.
pub fn verdict(queue: &str, messages_max: u32, release: &Release, seen: &Seen, at: At) -> Verdict {
    let given = judged(release).filter(|_| is_judged(release));
    let Some(given) = given else {
        return Verdict::Silent;
    };
    let letters = given.dead_letters.get(queue);
    if let Some(letters) = letters
        && letters.gained > u64::from(messages_max)
    {
        return Verdict::Fails(Cause::DlqGrowth {
            queue: queue.to_owned(),
            gained: letters.gained,
            since: given.created,
            messages_max,
        });
    }
    if release.shares_with_what_failed() && !matches!(release.phase, Phase::Watching) {
        return Verdict::Passes(format!(
            "what {queue} gains is not held against it: {} runs what failed before",
            release.stable.name
        ));
    }
    match (counts_from(release), seen.dead_letters.get(queue), letters) {
        (None, ..) => Verdict::Unknown(format!(
            "what {queue} gains counts once the deployment has come to rest"
        )),
        (Some(from), ..) if at < from => Verdict::Unknown(format!("what {queue} gains counts from {from} on")),
        (_, Some(Part::Unknown(why)), _) => Verdict::Unknown(format!("what {queue} holds is unknown: {why}")),
        (_, Some(Part::Known(_)), Some(letters)) if letters.since.is_some_and(|since| since < at) => {
            Verdict::Passes(format!(
                "{queue} gained {} messages, up to {messages_max} would do",
                letters.gained
            ))
        }
        _ => Verdict::Unknown(format!("what {queue} gains shows at the next look")),
    }
}

/// Whether what the queue gains says something about what is released or watched.
fn is_judged(release: &Release) -> bool {
    let goes_back = release.phase.rolling_back().is_some();
    let watch_runs_on =
        release.watched.is_some() && (goes_back || release.phase == Phase::Deploying && !release.left_bad);
    let own = matches!(
        release.phase,
        Phase::Baking { .. } | Phase::Gated { .. } | Phase::Watching
    );
    watch_runs_on || own && !is_echo(release)
}

#[cfg(test)]
mod tests;
