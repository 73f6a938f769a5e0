//! Law 15: an execution whose canary has been given something else is never promoted by Serin: it approves nothing,
//! and ends the execution before the pipeline promotes by itself. What a person orders afterwards is theirs.

use super::Verdict;
use super::evidence::{Evidence, is_ours, text};
use super::world::{Author, Run, short};
use simulator::At;
use simulator::world::Call;

/// How long it may take until an execution is kept from promoting, while nothing is broken.
const BARRED_SECONDS: i64 = 15 * 60;

/// What passes at most between a look and what is done by it.
const DECIDES_SECONDS: i64 = 5;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(15, "an execution whose canary was given away is not promoted");
    for run in &evidence.world.runs {
        let Some(taken) = given_away(evidence, run) else {
            continue;
        };
        verdict.applied += 1;
        verdict.broken.extend(broken(evidence, run, taken));
    }
    verdict
}

/// When the canary of an open release was given something else, before its execution had begun to promote.
fn given_away(evidence: &Evidence, run: &Run) -> Option<At> {
    let world = &evidence.world;
    let release = run.release(evidence)?;
    let armed = world.armed(run)?;
    let canary = run.service(&run.row.canary);
    let own = Author::Execution(run.id.clone());
    let mut runs = None;
    let taken = world
        .writes
        .iter()
        .filter(|write| write.service == canary && write.at >= armed)
        .find(|write| {
            let foreign = write.by != own && write.by != Author::Ours;
            let other = runs.is_some_and(|runs: &str| !world.same(runs, &write.definition));
            runs = Some(write.definition.as_str());
            foreign && other
        })?;
    let promoting = world
        .actions
        .iter()
        .any(|action| action.execution == run.id && action.deploys(&run.row.name) && action.started <= taken.at);
    let open = release.closed.is_none_or(|closed| closed >= taken.at);
    (open && !promoting && !run.rollback).then_some(taken.at)
}

fn broken(evidence: &Evidence, run: &Run, taken: At) -> Vec<String> {
    let world = &evidence.world;
    // Nobody who had looked before could know.
    let known = taken.plus_seconds(DECIDES_SECONDS + evidence.behind_seconds);
    let mut broken: Vec<String> = answers(evidence, run, known)
        .filter(|call| is_ours(call))
        .map(|call| {
            format!(
                "{} approved execution {} at {}, whose canary was given away",
                call.caller, run.id, call.at
            )
        })
        .collect();
    let due = |at: At| {
        let seconds = (at.0 - taken.0) / 1000;
        seconds > BARRED_SECONDS && seconds > BARRED_SECONDS + evidence.broken_seconds(taken, at)
    };
    let ordered = orders(evidence, run, taken);
    let by_order = |at: At| ordered.is_some_and(|ordered| ordered <= at);
    let stable = run.service(&run.row.name);
    let promoted = world
        .given(run, &stable)
        .find(|write| due(write.at) && !by_order(write.at));
    broken.extend(promoted.map(|write| {
        let name = short(&stable);
        format!(
            "execution {} gave {name} its revision at {}, its canary was given away at {taken}",
            run.id, write.at
        )
    }));
    if run.status == "InProgress" && due(evidence.now) && ordered.is_none() && evidence.calm_since().is_some() {
        broken.push(format!(
            "execution {} could still promote at {}, its canary was given away at {taken}",
            run.id, evidence.now
        ));
    }
    broken
}

/// Approvals that were given to an execution after a moment.
fn answers<'a>(evidence: &'a Evidence, run: &'a Run, after: At) -> impl Iterator<Item = &'a Call> {
    let given = evidence.calls.iter().map(AsRef::as_ref).filter(move |call: &&Call| {
        call.operation == "PutApprovalResult"
            && call.at > after
            && call.outcome.is_ok()
            && call.input["pipelineName"] == run.row.pipeline.as_str()
            && call.input["result"]["status"] == "Approved"
    });
    given.filter(move |call| {
        let (stage, action) = (text(&call.input["stageName"]), text(&call.input["actionName"]));
        let mut own = evidence
            .world
            .actions
            .iter()
            .filter(|action| action.execution == run.id);
        own.any(|waited| waited.awaited_approval(&stage, &action, call.at))
    })
}

/// When a person first ordered that it go on all the same: by an approval, or by trying a stage again.
fn orders(evidence: &Evidence, run: &Run, after: At) -> Option<At> {
    let approved = answers(evidence, run, after)
        .find(|call| !is_ours(call))
        .map(|call| call.at);
    [approved, evidence.retried(run, after)].into_iter().flatten().min()
}
