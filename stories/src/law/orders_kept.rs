//! Law 6: a person's order is never undone silently. Who has an execution tried again after its rollback gets it, and
//! a watch with it that the journal tells of; what somebody gave a service by hand is theirs; and nobody of ours
//! approves what a person refused. What they ordered of Serin is judged in [`super::ordered`].
//!
//! What was ordered is taken from AWS's own log. That a revision which is being released, or was, is taken back
//! wherever it runs is no undoing of an order: see law 1.

use super::Verdict;
use super::evidence::{Evidence, Release, is_ours, text};
use super::world::{Author, Run, Write, short};
use simulator::At;

/// Within which a watch must be armed, whatever events were lost.
const ARMED_SECONDS: i64 = 30 * 60;

/// How old the look may be on which a service was sent back: what somebody gave it since was not seen.
const LOOK_SECONDS: i64 = 120;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(6, "a person's order is never undone silently");
    for run in evidence.world.runs.iter().filter(|run| !run.rollback) {
        for order in orders(evidence, run) {
            verdict.applied += 1;
            verdict.broken.extend(unwatched(evidence, run, &order));
        }
    }
    for (place, write) in evidence.world.writes.iter().enumerate() {
        if write.by == Author::Other {
            verdict.applied += 1;
            verdict.broken.extend(overwritten(evidence, place, write));
        }
    }
    verdict.broken.extend(approved_against(evidence));
    super::ordered::check(evidence, &mut verdict);
    verdict
}

/// What a person had done to stable by having an execution tried again.
struct Order<'a> {
    /// The release that had been rolled back.
    release: &'a Release,
    /// What stable was given by that.
    write: &'a Write,
}

/// What an execution gave stable that a person had tried again when its release was rolled back and closed, and no
/// other release was open.
fn orders<'a>(evidence: &'a Evidence, run: &'a Run) -> Vec<Order<'a>> {
    let stable = run.service(&run.row.name);
    let world = &evidence.world;
    let idle = |at: At| {
        let own = |release: &&Release| release.policy == run.policy;
        let open = |release: &Release| {
            release.opened().is_some_and(|opened| opened <= at) && release.closed.is_none_or(|closed| closed >= at)
        };
        !evidence.releases.iter().filter(own).any(open)
    };
    let rolled_back = run.releases(evidence).filter_map(|release| {
        let closed = release
            .closed
            .filter(|_| evidence.rollback_committed(release.id()).is_some())?;
        Some((release, evidence.retried(run, closed)?))
    });
    let rolled_back: Vec<(&Release, At)> = rolled_back.collect();
    let changes = |write: &Write| {
        let before = write.before.as_ref().map(|before| world.digests(before));
        before.is_some_and(|before| before != world.digests(&write.definition))
    };
    let given: Vec<&Write> = world.writes.iter().filter(|write| write.service == stable).collect();
    let by = Author::Execution(run.id.clone());
    let own = given
        .into_iter()
        .filter(|write| write.by == by && changes(write) && idle(write.at));
    own.filter_map(|write| {
        let mut before = rolled_back.iter().filter(|(_, retried)| *retried <= write.at);
        let (release, _) = before.next_back()?;
        Some(Order { release, write })
    })
    .collect()
}

/// No release watches what a person had stable given, or none that says why, or not for long enough.
fn unwatched(evidence: &Evidence, run: &Run, order: &Order<'_>) -> Option<String> {
    if !evidence.ending.deployed || !evidence.is_known(run, order.write.at) {
        return None;
    }
    let (at, name) = (order.write.at, short(&order.write.service));
    let due = at.plus_seconds(ARMED_SECONDS + evidence.broken_seconds(at, at.plus_seconds(ARMED_SECONDS)));
    let after = |write: &&Write| write.service == order.write.service && write.at > at && write.at <= due;
    let gone = |(service, undone): &(String, At)| *service == order.write.service && *undone >= at && *undone <= due;
    let is_over = evidence
        .world
        .writes
        .iter()
        .any(|write| after(&write) && write.by != Author::Ours)
        || evidence.ending.undone.iter().any(gone);
    let watched = run.releases(evidence).find(|release| {
        let opened = release.opened();
        opened.is_some_and(|opened| at <= opened && opened <= due)
    });
    let Some(watched) = watched else {
        let another = evidence.releases.iter().any(|release| {
            let opened = release.opened();
            release.policy == run.policy && opened.is_some_and(|opened| at <= opened && opened <= due)
        });
        return (evidence.now >= due && !is_over && !another && evidence.calm_since().is_some())
            .then(|| format!("{name} was given a revision at {at} that was rolled back, and nobody watches it"));
    };
    let rows = evidence.journal.get(watched.id()).into_iter().flatten();
    let told = rows.map(|row| text(&row["because"])).next().unwrap_or_default();
    let mark = run.id.split('-').next().unwrap_or_default();
    if !told.contains(mark) {
        let (watched, before) = (watched.id(), order.release.id());
        return Some(format!(
            "the journal of {watched} does not say what was tried again after {before}"
        ));
    }
    let until = at.plus_seconds(run.watch_seconds());
    let promoted = watched.outcome() == Some("promoted");
    let short_of = watched.closed.filter(|closed| promoted && *closed < until)?;
    Some(format!(
        "{} was watched until {short_of} only, given at {at}",
        watched.id()
    ))
}

/// We gave a service something else than what a person had given it by hand, and that was no release.
fn overwritten(evidence: &Evidence, place: usize, write: &Write) -> Option<String> {
    let world = &evidence.world;
    let next = world.writes[place + 1..]
        .iter()
        .find(|next| next.service == write.service)?;
    let blind = (next.at.0 - write.at.0) / 1000 <= LOOK_SECONDS + evidence.broken_seconds(write.at, next.at);
    let taken_back =
        |(service, undone): &(String, At)| *service == write.service && write.at <= *undone && *undone <= next.at;
    if next.by != Author::Ours || blind || evidence.ending.undone.iter().any(taken_back) {
        return None;
    }
    let start = write.deployment.as_ref().map(|id| format!("deployment {id}"));
    let was_a_release = start.is_some_and(|start| world.heard.contains(&start));
    let given = world.digests(&write.definition);
    let was_released = world.runs.iter().any(|run| world.bad(run).contains(&given));
    (!was_a_release && !was_released).then(|| {
        let name = short(&write.service);
        format!(
            "{name} was given something by hand at {}, and sent away from it at {}",
            write.at, next.at
        )
    })
}

/// We approved an execution after a person had refused it.
fn approved_against(evidence: &Evidence) -> Vec<String> {
    let world = &evidence.world;
    let answers = || {
        let calls = evidence.calls.iter().map(AsRef::as_ref);
        calls.filter(|call| call.operation == "PutApprovalResult" && call.outcome.is_ok())
    };
    let of = |call: &simulator::world::Call| {
        let named = |member: &str| text(&call.input[member]);
        let (stage, action) = (named("stageName"), named("actionName"));
        let own = world.actions.iter().filter(|run| run.pipeline == named("pipelineName"));
        let waited = own.filter(|run| run.awaited_approval(&stage, &action, call.at));
        // The next one waits in the same second in which this one is answered.
        let answered = waited.min_by_key(|run| run.started);
        answered.map(|action| action.execution.clone())
    };
    let said = |call: &simulator::world::Call, word: &str| call.input["result"]["status"] == word;
    let refused: Vec<(At, String)> = answers()
        .filter(|call| !is_ours(call) && said(call, "Rejected"))
        .filter_map(|call| Some((call.at, of(call)?)))
        .collect();
    let approved = || answers().filter(|call| is_ours(call) && said(call, "Approved"));
    let against = approved().filter_map(|call| {
        let execution = of(call)?;
        let refusal = refused
            .iter()
            .find(|(at, refused)| *refused == execution && *at < call.at)?;
        Some(format!(
            "{} approved execution {execution}, refused at {}",
            call.caller, refusal.0
        ))
    });
    let place = |call: &simulator::world::Call| ["stageName", "actionName"].map(|member| text(&call.input[member]));
    let mut given = std::collections::BTreeSet::new();
    let twice = approved().filter_map(|call| {
        let execution = of(call)?;
        let first = given.insert((execution.clone(), place(call)));
        (!first).then(|| format!("{} approved execution {execution} a second time", call.caller))
    });
    against.chain(twice).collect()
}
