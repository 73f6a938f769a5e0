//! Law 2: no release is both promoted and rolled back, and none is approved by us once its rollback is committed.
//!
//! What "promoted" must mean is taken from the world: stable runs what the execution released, and nobody of ours
//! has sent anything of it back.

use super::Verdict;
use super::approved_rightly::is_approval;
use super::evidence::{Evidence, Release, documents, text};
use super::world::{Digests, Run, short};
use serde_json::Value;
use simulator::At;
use simulator::world::Call;

/// How old a look may be on which a release was closed: answers of ECS may be stale.
const LOOK_SECONDS: i64 = 60;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(2, "no release is both promoted and rolled back");
    for closing in evidence.closings.iter().filter(|closing| closing.outcome == "promoted") {
        verdict.applied += 1;
        let Some(release) = evidence.releases.iter().find(|release| release.id() == closing.release) else {
            continue;
        };
        verdict.broken.extend(undone(evidence, release, closing.at));
    }
    for closing in evidence
        .closings
        .iter()
        .filter(|closing| closing.outcome == "rolled back")
    {
        verdict.applied += 1;
        if evidence.good.contains(&closing.release) {
            let id = &closing.release;
            verdict.broken.push(format!("{id} was rolled back, and counts as good"));
        }
    }
    let approvals = evidence.calls.iter().filter(|call| is_approval(call));
    for call in approvals {
        verdict.applied += 1;
        verdict.broken.extend(approved_after(evidence, call));
    }
    verdict
}

/// Why a release that was closed as promoted is not, or was taken back before.
fn undone(evidence: &Evidence, release: &Release, closed: At) -> Vec<String> {
    let id = release.id();
    let mut broken = Vec::new();
    if let Some(at) = evidence.rollback_committed(id) {
        broken.push(format!(
            "{id} was to be rolled back from {at} on, and was closed as promoted"
        ));
    }
    let Some(run) = evidence.world.runs.iter().find(|run| run.is_of(release)) else {
        return broken;
    };
    let opened = release.opened().unwrap_or(closed);
    for service in run.services() {
        let sent = evidence.world.sent_back(&service);
        let sent = sent.into_iter().find(|at| (opened..=closed).contains(at));
        broken.extend(sent.map(|at| format!("{} was sent back at {at}, and {id} counts as promoted", short(&service))));
    }
    broken
        .extend(not_there(evidence, (run, release), closed).map(|what| format!("{id} counts as promoted, and {what}")));
    broken
}

/// Stable runs nothing of what was released, and nobody else has given it something since.
fn not_there(evidence: &Evidence, (run, release): (&Run, &Release), closed: At) -> Option<String> {
    let world = &evidence.world;
    let stable = run.service(run.carries());
    let released = if release.is_of_stable_alone() {
        // Tried again by a person: what its tags meant by then.
        world
            .given(run, &stable)
            .map(|write| world.digests(&write.definition))
            .collect()
    } else {
        world.changed(run)
    };
    let taken_over = world.taken_over(run, &stable).is_some_and(|taken| taken <= closed);
    if released.is_empty() || taken_over {
        return None;
    }
    let looked = At(closed.0 - LOOK_SECONDS * 1000);
    let runs = |at: At| evidence.running_at(&stable, at);
    let there = |at: At| runs(at).iter().any(|images| carries(images, &released));
    (!runs(closed).is_empty() && !there(closed) && !there(looked))
        .then(|| format!("{} does not run what was released at {closed}", short(&stable)))
}

/// All images of one of these, as far as there are such containers.
fn carries(images: &Digests, released: &[Digests]) -> bool {
    released.iter().any(|released| {
        let mut shared = released
            .iter()
            .filter(|(name, _)| images.contains_key(*name))
            .peekable();
        shared.peek().is_some() && shared.all(|(name, digest)| images.get(name) == Some(digest))
    })
}

/// For how long whoever has written down that it approves may take until its call has landed: a function's time-out.
const UNDER_WAY_SECONDS: i64 = 60;

/// The very last thing that this caller had written down before the rollback was committed is that it approves: its
/// call was on its way, and CodePipeline does not know what has been committed since.
fn was_under_way(evidence: &Evidence, call: &Call, id: &str, committed: At) -> bool {
    let mut own = evidence.calls.iter().filter(|other| {
        other.caller == call.caller
            && other.operation == "TransactWriteItems"
            && other.outcome.is_ok()
            && other.at <= call.at
    });
    let mark: String = text(&call.input["token"]).chars().take(8).collect();
    own.next_back().is_some_and(|word| {
        let said = documents(&word.input["TransactItems"]);
        let approves = |document: &Value| {
            document["id"] == id
                && document["pipeline"]["approved"]["told"]["token"] == mark.as_str()
                && !text(&document["phase"]).starts_with("roll")
        };
        said.iter().any(approves) && word.at <= committed && call.at <= word.at.plus_seconds(UNDER_WAY_SECONDS)
    })
}

/// We approved an execution whose rollback was committed.
fn approved_after(evidence: &Evidence, call: &Call) -> Option<String> {
    let named = |member: &str| text(&call.input[member]);
    let (stage, action) = (named("stageName"), named("actionName"));
    let world = &evidence.world;
    let answered = world
        .actions
        .iter()
        .find(|run| run.pipeline == named("pipelineName") && run.awaited_approval(&stage, &action, call.at))?;
    let committed = evidence
        .releases
        .iter()
        .filter(|release| release.execution() == Some(&answered.execution))
        .find_map(|release| Some((release.id(), evidence.rollback_committed(release.id())?)))?;
    let (id, at) = committed;
    (at <= call.at && !was_under_way(evidence, call, id, at)).then(|| {
        format!(
            "{} approved {id} at {}, to be rolled back since {at}",
            call.caller, call.at
        )
    })
}
