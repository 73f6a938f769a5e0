//! Law 3: the target of a rollback is the baseline; never "revision − 1", never "what stable runs now". Where the policy
//! allows no way back, or none any more, there is no target at all.
//!
//! What the baseline was is taken from AWS's own log. A copy of it will do, if tasks made from it are alike.

use super::Verdict;
use super::evidence::Evidence;
use super::world::{Author, Run, World, short};
use simulator::At;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(3, "a rollback goes to the service's own baseline");
    let world = &evidence.world;
    let given = world
        .writes
        .iter()
        .filter(|write| write.by == Author::Ours)
        .map(|write| (write.at, &write.service, &write.definition, "was given"));
    verdict.broken.extend(not_allowed(evidence));
    let stopped = world.stops.iter().filter_map(|stop| {
        let to = stop.to.as_ref()?;
        Some((stop.at, &stop.service, to, "was told to go back, which led to"))
    });
    for (at, service, to, how) in given.chain(stopped) {
        verdict.applied += 1;
        if !is_baseline(world, service, to, at) {
            let (service, to) = (short(service), short(to));
            verdict
                .broken
                .push(format!("{service} {how} {to} at {at}, which was never its baseline"));
        }
    }
    verdict
}

/// What was sent back though its policy allows no way back, or none any more.
fn not_allowed(evidence: &Evidence) -> Vec<String> {
    let world = &evidence.world;
    let given = world.writes.iter().filter(|write| write.by == Author::Ours);
    let given = given.map(|write| (write.at, &write.service, &write.caller));
    let stopped = world.stops.iter().map(|stop| (stop.at, &stop.service, &stop.caller));
    let sent = given.chain(stopped).filter_map(|(at, service, caller)| {
        let release = evidence.kept_by(service, caller, at)?;
        let (name, id, mode) = (short(service), release.id(), release.rollback());
        Some(format!(
            "{caller} sent {name} back at {at}, and the policy of {id} says rollback {mode}"
        ))
    });
    sent.collect()
}

/// Of an execution that had touched the service by then, or of a person who had given it the very images that an
/// execution released, or something that was a release of its own.
fn is_baseline(world: &World, service: &str, to: &str, at: At) -> bool {
    let by_hand = world.writes.iter().filter(|write| {
        let given = world.digests(&write.definition);
        // Also where a person had given the canary that before the execution did.
        let released = |run: &Run| {
            let canary = run.service(&run.row.canary);
            !given.is_empty()
                && world
                    .given(run, &canary)
                    .any(|own| world.digests(&own.definition) == given)
        };
        write.by == Author::Other && write.service == service && write.at <= at && world.runs.iter().any(released)
    });
    let before_that = by_hand.flat_map(|write| world.before_by_hand(write));
    let released = world.baselines_by_hand(service, at);
    let mut before_that = before_that.chain(released.iter().map(String::as_str));
    if before_that.any(|before| world.same(before, to)) {
        return true;
    }
    world
        .runs
        .iter()
        .filter(|run| world.given(run, service).any(|write| write.at <= at))
        .any(|run| {
            let bad = world.bad(run).contains(&world.digests(to));
            let mut baselines = world.baselines(run, service).into_iter();
            baselines.any(|baseline| world.same(&baseline, to) || !bad && world.never_ran_as(&baseline, to))
        })
}
