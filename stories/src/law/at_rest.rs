//! Law 13: when a release closes, the canary has as many tasks again as it had before anybody of ours changed that, but
//! where somebody else has given it a number since.
//!
//! What it had is what ECS showed to whoever changed it first.

use super::Verdict;
use super::evidence::{Evidence, is_ours, text};
use super::unscaled::target as scaled;
use super::weighed::begun;
use serde_json::Value;
use simulator::At;
use simulator::world::Call;

/// How long a call may be under way: a function's time-out, and as long again.
const LATE_SECONDS: i64 = 120;

/// Who scales a service by its policies.
const AUTOMATIC_SCALING: &str = "application-autoscaling";

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(13, "a closed release leaves the canary with its own number of tasks");
    for release in &evidence.releases {
        // The next release takes over what this one had changed.
        let Some(closed) = release
            .closed
            .filter(|_| !matches!(release.outcome(), Some("superseded" | "rollback_failed")))
            .filter(|closed| !evidence.has_swapped(release) && !evidence.sends_to_canary(release, *closed))
        else {
            continue;
        };
        // In the release before, this may have been the other side.
        let since = begun(evidence, release).filter(|_| release.swaps());
        let canary = text(&release.document["canary"]["name"]);
        let cluster = text(&release.document["cluster"]);
        let sized = |call: &&Call| {
            let within = since.is_none_or(|since| since <= call.at) && call.at <= closed;
            within && sizes(call, &cluster, &canary)
        };
        let calls = || evidence.calls.iter().map(AsRef::as_ref);
        let mut run = calls().filter(sized).collect::<Vec<&Call>>();
        let target = scaled(release, "canary");
        let suspended = |until: At| {
            let mut suspended = calls().filter(|call| is_ours(call) && call.operation == "RegisterScalableTarget");
            let opened = release.opened();
            suspended.any(|call| {
                let within = opened.is_some_and(|opened| opened <= call.at) && call.at <= until;
                within && call.outcome.is_ok() && call.input["ResourceId"] == *target
            })
        };
        // What was changed since somebody else last did. Who scales what carries everything says nothing of what it has
        // when it carries nothing again.
        let everything = evidence.carried_everything(release);
        let meant = |(place, call): (usize, &&Call)| {
            let carried = everything.as_ref().is_some_and(|time| {
                // A moment later nobody can tell it from what was done before, until it has its own number again: of us, or
                // as one of us has seen.
                let emptied = |ours: &&Call| is_ours(ours) && ours.at >= time.end;
                let before = &run[..place];
                let home = before.iter().any(emptied) || was_home(evidence, before, time.end, call, &canary);
                let late = call.at < time.end.plus_seconds(LATE_SECONDS) && !home;
                time.start <= call.at && (call.at < time.end || late)
            });
            (!is_ours(call) && !carried && !looks_late(&run[..place], call, suspended)).then_some(place + 1)
        };
        let others = run.iter().enumerate().filter_map(meant).next_back().unwrap_or_default();
        run.drain(..others);
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        if !run.iter().any(|call| is_ours(call)) {
            continue;
        }
        verdict.applied += 1;
        let rest = shown_before(evidence, first.at, &canary);
        let left = last.input["desiredCount"].as_i64();
        if rest != left {
            verdict.broken.push(format!(
                "{} closed at {closed} and left {canary} with {left:?} tasks, which had {rest:?} before {}",
                release.id(),
                first.at
            ));
        }
    }
    verdict
}

/// Whether somebody gives it what one of us had given it before, so soon after the last of us that nobody could tell it from
/// a call of ours that lands late. Automatic scaling that was suspended is given back once no such call can land any more, and
/// has its number then; that of a swap that fails before that was suspended goes on all the time.
fn looks_late(before: &[&Call], call: &Call, suspended: impl Fn(At) -> bool) -> bool {
    if call.caller == AUTOMATIC_SCALING && suspended(call.at) {
        return false;
    }
    let mut ours = before.iter().filter(|other| is_ours(other));
    let last = ours.clone().next_back();
    let soon = last.is_some_and(|last| call.at < last.at.plus_seconds(LATE_SECONDS));
    soon && ours.any(|other| other.input["desiredCount"] == call.input["desiredCount"])
}

/// Whether what scales the canary by itself gives it a number, once one of us has seen it with its own, since it carried
/// everything: whoever scales it goes on doing so, and nothing of ours is under way.
fn was_home(evidence: &Evidence, before: &[&Call], since: At, call: &Call, canary: &str) -> bool {
    let first = before.iter().find(|other| is_ours(other));
    let rest = first.and_then(|first| shown_before(evidence, first.at, canary));
    if call.caller != AUTOMATIC_SCALING || rest.is_none() {
        return false;
    }
    let mut looks = evidence
        .calls
        .iter()
        .filter(|look| is_ours(look) && look.operation == "DescribeServices");
    looks.any(|look| since <= look.at && look.at < call.at && shown(look, canary) == rest)
}

impl Evidence {
    /// Whether a call gives the canary of an open release a number of tasks and nothing else, where its policy has steps.
    pub fn is_share(&self, call: &Call) -> bool {
        let mut open = self.releases.iter().filter(|release| {
            let opened = release.opened().is_some_and(|opened| opened <= call.at);
            opened && release.closed.is_none_or(|closed| call.at <= closed)
        });
        call.input["taskDefinition"].is_null()
            && open.any(|release| {
                let policy = self.policies.get(&release.policy);
                let has_steps = |policy: &Value| policy["steps"].is_array() || policy["linear"].is_object();
                let document = &release.document;
                let (cluster, canary) = (text(&document["cluster"]), text(&document["canary"]["name"]));
                policy.is_some_and(has_steps) && sizes(call, &cluster, &canary)
            })
    }
}

pub(super) fn sizes(call: &Call, cluster: &str, service: &str) -> bool {
    let named = |field: &str, name: &str| {
        call.input[field]
            .as_str()
            .is_some_and(|found| found.rsplit('/').next() == Some(name))
    };
    let sizes = call.operation == "UpdateService" && call.input["desiredCount"].is_i64() && call.outcome.is_ok();
    sizes && named("cluster", cluster) && named("service", service)
}

pub(super) fn shown_before(evidence: &Evidence, at: At, service: &str) -> Option<i64> {
    let shown = evidence
        .calls
        .iter()
        .rev()
        .filter(|call| call.operation == "DescribeServices" && call.at <= at);
    let mut shown = shown.filter_map(|call| self::shown(call, service));
    shown.next()
}

/// How many tasks an answer says that a service is to have.
fn shown(call: &Call, service: &str) -> Option<i64> {
    let services = call.outcome.as_ref().ok()?["services"].as_array()?;
    let service = services.iter().find(|found| found["serviceName"] == service)?;
    service["desiredCount"].as_i64()
}
