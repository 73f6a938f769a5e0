//! Law 9: missing data neither passes nor fails a check, except where the policy says so by name. What passes here is
//! the word that lets an execution go on: only after the bake, by somebody who has just read the services and every
//! alarm, and never once a check has failed.

use super::Verdict;
use super::actions::ActionRun;
use super::evidence::{Evidence, documents, is_ours, text};
use super::ordered::{answered_for, skipped_minutes};
use super::world::{Author, Run};
use serde_json::Value;
use simulator::At;
use simulator::world::Call;

/// Minutes that it may take ECS to replace a canary's only task.
const IDLE_MINUTES_MAX: usize = 3;

/// How long it may take from a failed check until whoever answers a job must have heard of it: a look of the clock.
const HEARD_SECONDS: i64 = 120;

/// How long a service may take to come to rest on what it was given.
const REST_SECONDS: i64 = 180;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(9, "nothing is approved on missing data");
    let calls = evidence.calls.iter();
    let passes = calls.flat_map(|call| {
        let job = is_success(call).then(|| answered(evidence, call)).flatten();
        let approval = if is_approval(call) {
            approved(evidence, call)
        } else {
            Vec::new()
        };
        // What is approved in spite of its rollback is for law 2.
        let approval = approval.into_iter().filter(|(_, run)| {
            let mut own = run.releases(evidence);
            !own.any(|release| {
                evidence
                    .rollback_committed(release.id())
                    .is_some_and(|at| at <= call.at)
            })
        });
        let of = move |(action, run)| (call, action, run);
        job.into_iter().chain(approval).map(of)
    });
    for (call, action, run) in passes {
        verdict.applied += 1;
        let ahead = went_ahead(evidence, run, call.at) || answered_for(evidence, run, call.at);
        let broken = [
            unbaked(evidence, run, call.at).filter(|_| !ahead),
            failed_before(evidence, run, action, call.at),
            unread(evidence, run, call.at).filter(|_| !ahead),
        ];
        let at = |what: String| format!("{} let execution {} go on at {}: {what}", call.caller, run.id, call.at);
        verdict.broken.extend(broken.into_iter().flatten().map(at));
    }
    verdict
}

fn is_success(call: &Call) -> bool {
    let ends = call.operation == "PutJobSuccessResult" && !call.input["continuationToken"].is_string();
    ends && is_ours(call) && call.outcome.is_ok()
}

/// We answered a manual approval.
pub(super) fn is_approval(call: &Call) -> bool {
    let approves = call.operation == "PutApprovalResult" && call.input["result"]["status"] == "Approved";
    approves && is_ours(call) && call.outcome.is_ok()
}

/// The manual approval that was answered, and its execution as every policy knows it that it lets go on.
pub(super) fn approved<'a>(evidence: &'a Evidence, call: &Call) -> Vec<(&'a ActionRun, &'a Run)> {
    let named = |member: &str| text(&call.input[member]);
    let (stage, action) = (named("stageName"), named("actionName"));
    let mut actions = evidence.world.actions.iter();
    let waited =
        actions.find(|run| run.pipeline == named("pipelineName") && run.awaited_approval(&stage, &action, call.at));
    let runs = evidence.world.runs.iter();
    let of = |action: &'a ActionRun| {
        runs.filter(|run| run.id == action.execution)
            .map(move |run| (action, run))
    };
    waited.map(|action| of(action).collect()).unwrap_or_default()
}

/// The run of our approve action, and the execution as its policy knows it.
fn answered<'a>(evidence: &'a Evidence, call: &Call) -> Option<(&'a ActionRun, &'a Run)> {
    let id = evidence.ending.job_actions.get(call.input["jobId"].as_str()?)?;
    let mut actions = evidence.world.actions.iter();
    let action = actions.find(|action| action.id == *id && action.invokes("approve"))?;
    let named = action.policy_named();
    let mut runs = evidence.world.runs.iter();
    let run = runs.find(|run| run.id == action.execution && named.as_deref() == Some(&run.policy))?;
    Some((action, run))
}

/// The canary's tasks had not run it for as long as the policy says. What it ran before is nothing to bake.
fn unbaked(evidence: &Evidence, run: &Run, at: At) -> Option<String> {
    let steps = run.document["steps"].as_array().into_iter().flatten();
    let minutes: i64 = steps.filter_map(|step| step["bake_minutes"].as_i64()).sum();
    let minutes = minutes - skipped_minutes(evidence, run, at);
    let canary = run.service(&run.row.canary);
    let begun = at.plus_seconds(-minutes * 60);
    evidence.world.armed(run)?;
    let given = evidence.world.given(run, &canary);
    let released: Vec<_> = given.map(|write| evidence.world.digests(&write.definition)).collect();
    let running = evidence.running_at(&canary, begun);
    let began = !running.is_empty() && running.iter().all(|images| released.contains(images));
    // A task may be replaced meanwhile; that none is there for minutes on end is another thing.
    let empty = |minute: &i64| evidence.running_at(&canary, begun.plus_seconds(minute * 60)).is_empty();
    let idle = (1..minutes).filter(empty).count();
    (!began || idle > IDLE_MINUTES_MAX)
        .then(|| format!("the canary did not run it {minutes} minutes before, or had no task for {idle} of them"))
}

/// A check had failed long enough before.
fn failed_before(evidence: &Evidence, run: &Run, action: &ActionRun, at: At) -> Option<String> {
    let heard = at.plus_seconds(-HEARD_SECONDS);
    let failed = evidence.failed_checks(run).into_iter().min()?;
    (failed <= heard && !evidence.was_troubled(action.started, at)).then(|| format!("a check had failed at {failed}"))
}

/// Whoever wrote the word down had not read the services and the alarms, or had read that one does not pass.
fn unread(evidence: &Evidence, run: &Run, at: At) -> Option<String> {
    let release = run.releases(evidence).last()?;
    let Some(word) = evidence
        .calls
        .iter()
        .find(|call| is_word(call, release.id()) && call.at <= at)
    else {
        // There was nothing to release: what runs is what ran before.
        return (release.outcome() != Some("abandoned")).then(|| "nobody had written it down".to_owned());
    };
    let own = |operation: &'static str| {
        let calls = evidence.calls.iter();
        calls.filter(move |other| {
            other.caller == word.caller && other.operation == operation && other.at <= word.at && other.outcome.is_ok()
        })
    };
    if own("DescribeServices").next().is_none() {
        return Some(format!("{} had not read the services", word.caller));
    }
    let replies = own("DescribeAlarms").filter_map(|read| read.outcome.as_ref().ok());
    let alarms: Vec<&Value> = replies
        .flat_map(|reply| ["MetricAlarms", "CompositeAlarms"].map(|kind| reply[kind].as_array()))
        .flatten()
        .flatten()
        .collect();
    let checks = run.document["checks"].as_array().into_iter().flatten();
    let mut checks = checks.filter(|check| check["kind"] == "alarm");
    checks.find_map(|check| {
        let name = text(&check["name"]);
        let Some(found) = alarms.iter().rfind(|alarm| alarm["AlarmName"] == name.as_str()) else {
            return Some(format!("{} had not read alarm {name}", word.caller));
        };
        let state = text(&found["StateValue"]);
        let passes = match state.as_str() {
            "OK" => true,
            "INSUFFICIENT_DATA" => {
                let by_name = run.document["when_undecided"]["then"] == "go_on";
                by_name || check["insufficient_data"] == "ok"
            }
            _ => check["when_stale"] == "ignore" || defers(evidence, run, found),
        };
        (!passes).then(|| format!("alarm {name} was in {state}"))
    })
}

/// It rang before the canary was given anything, and tells how much lies in a queue whose growth is a check as well.
fn defers(evidence: &Evidence, run: &Run, alarm: &Value) -> bool {
    let rang = alarm["StateTransitionedTimestamp"].as_f64().map(At::from_seconds);
    // What it was given may have been released before, and be no news to the canary.
    let canary = run.service(&run.row.canary);
    let given = || evidence.world.given(run, &canary).map(|write| write.at).next();
    let armed = evidence.world.armed(run).or_else(given);
    let stale = armed.is_some_and(|armed| rang.is_some_and(|rang| rang < armed));
    let queue = &alarm["Dimensions"][0]["Value"];
    let depth = alarm["MetricName"] == "ApproximateNumberOfMessagesVisible";
    let checks = run.document["checks"].as_array().into_iter().flatten();
    let mut grows = checks.filter(|check| check["kind"] == "dlq_growth");
    stale && depth && grows.any(|check| check["queue"] == *queue)
}

/// The excuse of somebody who had given stable by hand what the canary runs: there is nothing left to keep from it. Or was
/// giving it that when the release was opened, which is what stable goes back from and not to.
fn went_ahead(evidence: &Evidence, run: &Run, at: At) -> bool {
    let world = &evidence.world;
    let (canary, stable) = (run.service(&run.row.canary), run.service(&run.row.name));
    let Some(given) = world.given(run, &canary).last() else {
        return false;
    };
    let opened = run.releases(evidence).filter_map(|release| release.opened()).max();
    let under_way = opened.map(|opened| opened.plus_seconds(-REST_SECONDS));
    let from = under_way.map_or(given.at, |under_way| under_way.min(given.at));
    let released = world.digests(&given.definition);
    let mut since = world.writes.iter().rev().filter(|write| write.service == stable);
    let last = since.find(|write| write.at <= at);
    let by_hand = last.filter(|write| write.by == Author::Other && write.at > from);
    by_hand.is_some_and(|write| !released.is_empty() && world.digests(&write.definition) == released)
}

/// The transaction by which a release was let go on.
fn is_word(call: &Call, release: &str) -> bool {
    let transaction = is_ours(call) && call.operation == "TransactWriteItems" && call.outcome.is_ok();
    transaction
        && documents(&call.input["TransactItems"])
            .iter()
            .any(|document| document["id"] == release && document["pipeline"]["approved"].is_object())
}
