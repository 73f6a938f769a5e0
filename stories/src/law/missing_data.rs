//! Law 9: missing data neither passes nor fails a check. Judged of `compare`: whoever goes forward and whoever is taken
//! back by it has met as many messages on both sides as the policy asks for, and failures were counted at all.
//!
//! What was counted is taken from CloudWatch in the end: more than anybody could know at that moment, never less.

use super::Verdict;
use super::counts::{Sum, comparison};
use super::evidence::{Evidence, Release, moment};
use super::steps::{self, Begun};
use super::world::Run;
use serde_json::Value;
use simulator::At;

const FORWARD: &str = "was let go forward";

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(9, "missing data neither passes nor fails a check");
    for release in &evidence.releases {
        let Some(policy) = evidence.policies.get(&release.policy) else {
            continue;
        };
        if release.cause() == "undecided" {
            verdict.applied += 1;
            verdict.broken.extend(taken_back_too_early(evidence, policy, release));
        }
        let Some(check) = comparison(policy) else {
            continue;
        };
        for (at, what) in moments(evidence, release) {
            verdict.applied += 1;
            let step = steps::last_before(evidence, release, at);
            let waited = extended_until(policy, release, step).is_some_and(|until| at >= until);
            if waited && policy["when_undecided"]["then"] == "go_on" && what == FORWARD {
                // The policy says so by name.
                continue;
            }
            if what == FORWARD && is_answered_for(evidence, release, at) {
                continue;
            }
            if release.document["canary"]["given"].is_null() {
                // What was judged turned out to be somebody's: the row names it no more.
                continue;
            }
            let sides = evidence.counts.before(&release.policy, check, release, at);
            let missing = ["canary", "stable"]
                .iter()
                .zip(sides)
                .filter_map(|(side, sum)| missing(check, side, sum));
            let found = missing.map(|missing| format!("{} {what} at {at}, and {missing}", release.id()));
            verdict.broken.extend(found);
        }
    }
    verdict
}

/// When a release went forward by its own judgement, and when it was taken back by a comparison.
fn moments(evidence: &Evidence, release: &Release) -> Vec<(At, &'static str)> {
    let decisions = evidence.decisions(release.id());
    let gated = decisions.into_iter().find(|(_, phase)| phase == "gated");
    let mut moments: Vec<(At, &'static str)> = gated.map(|(at, _)| (at, FORWARD)).into_iter().collect();
    if release.cause() == "compare" {
        let began = evidence.rollback_committed(release.id());
        moments.extend(began.map(|at| (at, "was taken back by a comparison")));
    }
    moments
}

/// Whether somebody had approved or promoted what its canary ran when it went forward: they answer for missing data.
/// Whoever skips a bake does not, nor does whoever ordered before the canary was given that.
fn is_answered_for(evidence: &Evidence, release: &Release, at: At) -> bool {
    let mut written = steps::written(evidence, release).into_iter();
    let gated = written.find(|(_, document)| document["phase"] == "gated");
    let given = gated.and_then(|(_, document)| moment(&document["canary"]["given"]["created"]));
    evidence.orders.iter().any(|order| {
        let own = order.release.as_deref() == Some(release.id()) && order.policy == release.policy;
        let lets_go = order.accepted && ["approve", "promote"].contains(&order.kind.as_str());
        own && lets_go && order.at <= at && given.is_some_and(|given| given <= order.at)
    })
}

fn missing(check: &Value, side: &str, sum: Sum) -> Option<String> {
    let least = check["total_min"].as_u64().unwrap_or_default();
    match sum {
        Sum { failed: None, .. } => Some(format!("nobody had counted a failure of {side}, not even none")),
        Sum { total, .. } if total.unwrap_or_default() < least => {
            Some(format!("{side} had handled {total:?} of {least} messages"))
        }
        _ => None,
    }
}

/// Until when evidence is waited for at least, where the policy says: beyond the bakes of all steps, and beyond the bake
/// of the step by itself, from when it was written down.
pub(super) fn extended_until(policy: &Value, release: &Release, step: Option<Begun>) -> Option<At> {
    let reached = moment(&release.document["canary"]["given"]["reached"])?;
    let extended = policy["when_undecided"]["extend_minutes_max"].as_i64()?;
    let beyond = |since: At, minutes: i64| since.plus_seconds((minutes + extended) * 60);
    let all = beyond(reached, steps::bake_minutes_total(policy));
    let own = step.map(|(step, begun)| beyond(begun, steps::bake_minutes(policy, step)));
    Some(own.map_or(all, |own| own.max(all)))
}

fn taken_back_too_early(evidence: &Evidence, policy: &Value, release: &Release) -> Option<String> {
    let at = evidence.rollback_committed(release.id())?;
    let said = policy["when_undecided"]["then"] == "roll_back";
    let step = steps::last_before(evidence, release, at);
    let waited = extended_until(policy, release, step).is_none_or(|until| at >= until);
    (!said || !waited).then(|| {
        format!(
            "{} was taken back for want of evidence at {at}, before the policy says so",
            release.id()
        )
    })
}

impl Evidence {
    /// When a release of an execution was taken back for want of evidence.
    pub fn waited_in_vain(&self, run: &Run) -> Option<At> {
        let waited = |release: &&Release| self.cause_of(release)["cause"] == "undecided";
        let mut taken_back = run.releases(self).filter(waited);
        taken_back.find_map(|release| {
            let at = self.rollback_committed(release.id())?;
            let step = steps::last_before(self, release, at);
            extended_until(&run.document, release, step).filter(|until| at >= *until)
        })
    }
}
