//! Law 3: the target of a rollback is the baseline; never "revision − 1", never "what stable runs now".
//!
//! What the baseline was is taken from AWS's own log. A copy of it will do, if tasks made from it are alike.

use super::Verdict;
use super::evidence::Evidence;
use super::world::{Author, World, short};
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

/// Of an execution that had touched the service by then.
fn is_baseline(world: &World, service: &str, to: &str, at: At) -> bool {
    world
        .runs
        .iter()
        .filter(|run| world.given(run, service).any(|write| write.at <= at))
        .flat_map(|run| world.baselines(run, service))
        .any(|baseline| world.same(&baseline, to))
}
