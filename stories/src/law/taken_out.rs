//! Law 1: after an armed release's check fails, every service it touched runs its baseline, and no
//! pipeline action can promote the revision. Where the policy allows no way back, or none any more, what failed is left,
//! and the journal says so.
//!
//! What was released, to what and when is taken from AWS's own log, so that a release that never arms or
//! never learns its images breaks this law. Judged when the release closes and, where there was time
//! enough, in the end.

use super::Verdict;
use super::evidence::{Evidence, Release};
use super::world::{Author, Digests, Run, short};
use simulator::At;
use std::collections::BTreeSet;

/// How long a rollback may be under way before it must be right, where nothing is broken any more.
const PATIENCE_SECONDS: i64 = 30 * 60;

/// Within which time of a failure somebody has to keep the execution from promoting, where nothing is broken any more:
/// every open release is looked at that often. What stable is given later was not to be had any more.
pub(super) const BARRED_SECONDS: i64 = 10 * 60;

/// How long what was told to stop may go on behind a load balancer (Elastic Load Balancing API, default of
/// `deregistration_delay.timeout_seconds`), and the signal and the last word after it.
const DRAINS_SECONDS: i64 = 300 + 60;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(1, "a failed release is taken out, everywhere");
    // A stage that somebody has CodePipeline roll back is a person's order, and no release.
    for run in evidence.world.runs.iter().filter(|run| !run.rollback) {
        for part in parts(evidence, run) {
            let Some(failed) = part.failed(evidence, run) else {
                continue;
            };
            let whole = mended(evidence).map_or(failed, |until| until.max(failed));
            let due = whole.plus_seconds(PATIENCE_SECONDS);
            let barred = whole.plus_seconds(BARRED_SECONDS);
            // What could not be put right is its successor's when it closes, and so is what nobody could hear of before the
            // next release took its place; that is judged in the end.
            let put_right = |release: &&Release| match release.outcome() {
                Some("rollback_failed") => false,
                Some("superseded") => !release
                    .closed
                    .is_some_and(|closed| evidence.was_troubled(failed, closed)),
                _ => true,
            };
            let closed = run
                .releases(evidence)
                .filter(put_right)
                .filter_map(|release| release.closed);
            let closed = closed.filter(|closed| *closed >= failed && part.holds(*closed)).min();
            let in_the_end = (evidence.now >= due && part.until.is_none()).then_some(evidence.now);
            verdict.applied += u32::from(closed.or(in_the_end).is_some());
            let moments = [closed, in_the_end].into_iter().flatten();
            if let Some(broken) = moments
                .map(|at| broken(evidence, run, &part, at, barred))
                .find(|broken| !broken.is_empty())
            {
                verdict.broken.extend(broken);
            }
        }
    }
    verdict
}

/// A part of an execution's life: a person may have it tried again when its release is closed. That is their order,
/// and what stable gets by it is judged anew.
struct Part {
    from: Option<At>,
    until: Option<At>,
}

fn parts(evidence: &Evidence, run: &Run) -> Vec<Part> {
    let closed = run.releases(evidence).filter_map(|release| release.closed);
    let retried: BTreeSet<At> = closed.filter_map(|closed| evidence.retried(run, closed)).collect();
    let bounds: Vec<Option<At>> = [None].into_iter().chain(retried.into_iter().map(Some)).collect();
    let nexts = bounds.iter().skip(1).copied().chain([None]);
    bounds
        .iter()
        .zip(nexts)
        .map(|(from, until)| Part { from: *from, until })
        .collect()
}

impl Part {
    fn holds(&self, at: At) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// The first check that failed, an alarm, failed tasks, dead letters or a comparison that nobody could doubt; after a person's order only what
    /// failed when a service had been given something.
    fn failed(&self, evidence: &Evidence, run: &Run) -> Option<At> {
        let services = run.services();
        let mut given = services.iter().flat_map(|service| evidence.world.given(run, service));
        let since = match self.from {
            None => At(i64::MIN),
            Some(_) => given.find(|write| self.holds(write.at))?.at,
        };
        let failed = evidence
            .failed_checks(run)
            .into_iter()
            .chain(evidence.compared_badly(run))
            .chain(evidence.unhealthy(run))
            .chain(evidence.letters_gained(run))
            .chain(evidence.told_by_measure(run));
        failed.filter(|at| *at >= since && self.holds(*at)).min()
    }
}

/// When everything that was broken was whole again.
pub(super) fn mended(evidence: &Evidence) -> Option<At> {
    let faults = evidence.faults.iter().map(|fault| fault.until);
    faults.filter(|until| *until <= evidence.now).max()
}

fn broken(evidence: &Evidence, run: &Run, part: &Part, at: At, barred: At) -> Vec<String> {
    let bad = evidence.world.bad(run);
    let services = run.services();
    let mut broken: Vec<String> = services
        .iter()
        .filter_map(|service| still_bad(evidence, run, service, &bad, at))
        .collect();
    if evidence.keeps(run, at.min(barred)) {
        // Who has taken back and closed what was left there has more to answer for: law 13.
        let told = run.releases(evidence).any(|release| {
            let closed = release.closed.is_some() && evidence.rollback_committed(release.id()).is_some();
            closed || evidence.is_left(release)
        });
        broken.retain(|_| !told);
    }
    // One that a person has tried again since was over once: what it does then is theirs.
    let open = match part.until {
        Some(_) => evidence.over(run).is_none_or(|over| over > at),
        None => run.is_open(),
    };
    if open {
        broken.push(format!("execution {} is {} and could promote", run.id, run.status));
    }
    broken
}

fn still_bad(evidence: &Evidence, run: &Run, service: &str, bad: &[Digests], at: At) -> Option<String> {
    let world = &evidence.world;
    if world.taken_over(run, service).is_some_and(|taken| taken <= at) {
        // Whoever gave it something since answers for it.
        return None;
    }
    let mut given = world.writes.iter().rev();
    let last = given.find(|write| write.service == service && write.at <= at);
    if last.is_some_and(|write| write.by == Author::Other) && world.given(run, service).all(|write| write.at > at) {
        // The execution never gave it anything: what it runs, somebody gave it by hand.
        return None;
    }
    if let Some(Author::Execution(other)) = last.map(|write| &write.by)
        && *other != run.id
        && world.left.contains(other)
        && world.given(run, service).all(|write| write.at > at)
    {
        // Nor this: what it runs was left there by the policy of the one that gave it, which had failed before. Whoever gave
        // it after the canary was given this has taken it over.
        return None;
    }
    let of_run = run.services();
    let mut touched = of_run.iter().flat_map(|service| world.given(run, service));
    let untouched = world.given(run, service).all(|write| write.at > at);
    if untouched && last.is_some_and(|last| touched.all(|write| write.at > last.at)) {
        // Nor is what it has run since before the execution gave anything to anybody: that was promoted, and is what is
        // released to the other side of a swap once more.
        return None;
    }
    let name = short(service);
    let baselines: Vec<Digests> = world
        .baselines(run, service)
        .iter()
        .map(|baseline| world.digests(baseline))
        .collect();
    // Of several ways back the one that was taken may be gone.
    let taken = last
        .filter(|write| write.by == Author::Ours)
        .map(|write| world.digests(&write.definition));
    let taken = taken.filter(|images| baselines.contains(images));
    if evidence.has_no_way_back(&baselines) || taken.is_some_and(|images| evidence.has_no_way_back(&[images])) {
        return None;
    }
    // What was sent back behind a load balancer ends once its target groups have let it finish.
    let sent_back = last.is_some_and(|write| baselines.contains(&world.digests(&write.definition)));
    let running = match run.document["traffic"]["kind"] == "alb" && sent_back {
        true => evidence.running_until(service, at, DRAINS_SECONDS),
        false => evidence.running_at(service, at),
    };
    // What stable ran before may be what is released to the canary once more.
    if running
        .iter()
        .any(|images| bad.contains(images) && !baselines.contains(images))
    {
        return Some(format!("{name} still runs what execution {} released at {at}", run.id));
    }
    let foreign = running.iter().any(|images| !baselines.contains(images));
    let touched = world.given(run, service).any(|write| write.at <= at);
    // The new side of a swap had no tasks, and has none again.
    let emptied = running.is_empty() && !(run.swaps() && service == run.service(&run.row.canary));
    (touched && (foreign || emptied)).then(|| format!("{name} does not run its baseline at {at}"))
}
