//! Law 16: with any one AWS service refusing, what depends only on the others is still restored.

use super::Verdict;
use super::evidence::{Evidence, is_ours};
use super::weighed::is_back;
use super::world::{Author, Run, short};
use simulator::At;
use simulator::faults::Rule;

/// How long the others may take.
const PATIENCE_SECONDS: i64 = 5 * 60;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(16, "what does not depend on a broken service is restored meanwhile");
    for outage in evidence.faults.iter().filter(|rule| is_outage(rule)) {
        for run in &evidence.world.runs {
            let failed = evidence
                .failed_checks(run)
                .into_iter()
                .find(|at| *at >= outage.from && at.plus_seconds(PATIENCE_SECONDS) <= outage.until);
            let down = outage.service.as_deref().unwrap_or_default();
            // Without the ledger nothing is known of any release, and what began in the outage could not be opened:
            // nobody could look at its services. Without alarms there is still the event, where that was not lost as well.
            let opened = run.release(evidence).and_then(|release| release.opened());
            let was_open = |failed: &At| opened.is_some_and(|opened| opened <= *failed);
            let alone = |failed: &At| evidence.faults.iter().all(|other| !disturbs(other, outage, *failed));
            let told = |failed: &At| down != "cloudwatch" || was_told(evidence, run, *failed);
            let judged = |failed: &At| down != "dynamodb" && was_open(failed) && alone(failed) && told(failed);
            let Some(failed) = failed.filter(judged) else {
                continue;
            };
            verdict.applied += 1;
            verdict.broken.extend(broken(evidence, run, down, failed));
        }
    }
    verdict
}

/// One of our functions was told that the alarm of an execution's policy had rung.
fn was_told(evidence: &Evidence, run: &Run, rang: At) -> bool {
    let by = rang.plus_seconds(PATIENCE_SECONDS);
    let mut told = evidence.ended.iter().filter(|end| end.function == "rollback");
    told.any(|end| (rang..=by).contains(&end.at) && end.payload.to_string().contains(&run.row.alarm))
}

/// A whole service fails every call, however it does.
fn is_outage(rule: &Rule) -> bool {
    rule.service.is_some()
        && rule.operation.is_none()
        && rule.caller.is_none()
        && rule.times.is_none()
        && rule.permille >= 1000
}

/// Another service fails many of its calls at the same time: the law is about one.
fn disturbs(other: &Rule, outage: &Rule, failed: At) -> bool {
    const MANY_PERMILLE: u32 = 500;
    let meanwhile = other.from < failed.plus_seconds(PATIENCE_SECONDS) && other.until > failed;
    other.service != outage.service && other.permille >= MANY_PERMILLE && meanwhile
}

fn broken(evidence: &Evidence, run: &Run, down: &str, failed: At) -> Vec<String> {
    let by = failed.plus_seconds(PATIENCE_SECONDS);
    let mut broken = Vec::new();
    if down != "ecs" && !evidence.keeps(run, by) {
        let touched = evidence.world.touched(run, failed);
        let left = touched
            .iter()
            .filter(|service| !sent_back(evidence, run, service, failed, by))
            .filter(|service| down != "codepipeline" || !was_given_another(evidence, service, failed, by));
        broken.extend(left.map(|service| {
            format!(
                "{down} was down, and {} was not sent back to its baseline by {by}",
                short(service)
            )
        }));
    }
    let weighed = run
        .releases(evidence)
        .find_map(|release| is_back(evidence, release, failed, by));
    if down != "elbv2" && weighed == Some(false) && !evidence.keeps(run, by) {
        broken.push(format!(
            "{down} was down, and the weights were not at rest again by {by}"
        ));
    }
    // What a person had begun has no execution that could be stopped.
    let by_hand = evidence.releases.iter().any(|release| release.id() == run.id);
    if down != "codepipeline" && !by_hand && !barred(evidence, run, failed, by) {
        broken.push(format!(
            "{down} was down, and execution {} was not stopped by {by}",
            run.id
        ));
    }
    broken
}

/// A person gave it a definition after the check had failed: that no execution did, CodePipeline alone tells, and what a
/// person gave it stays.
fn was_given_another(evidence: &Evidence, service: &str, failed: At, by: At) -> bool {
    let mut calls = evidence.calls.iter();
    calls.any(|call| {
        let named = call.input["service"].as_str().map(short);
        let gives = call.operation == "UpdateService" && call.input["taskDefinition"].is_string();
        // Executions and AWS's own services have such names.
        let by_person = !is_ours(call) && !call.caller.contains([':', '-']);
        gives && by_person && call.outcome.is_ok() && named == Some(short(service)) && (failed..=by).contains(&call.at)
    })
}

/// By us after the check had failed, or it runs nothing of the release by then anyway. Where a rollback had begun before the
/// check failed, also before that, if nobody else has given it anything since: its tasks may be drained for minutes more.
fn sent_back(evidence: &Evidence, run: &Run, service: &str, failed: At, by: At) -> bool {
    let world = &evidence.world;
    let begun = run
        .releases(evidence)
        .filter_map(|release| evidence.rollback_committed(release.id()))
        .find(|begun| *begun <= failed);
    let stays = |sent: At| {
        let mut since = world.writes.iter().filter(|write| (sent..=by).contains(&write.at));
        let mut undone = evidence.ending.undone.iter();
        // Where ECS was told to go back, that is its undoing of the release, and not of what we gave.
        let given = world
            .writes
            .iter()
            .any(|write| write.service == service && write.at == sent);
        let undone = given && undone.any(|(other, at)| other == service && (sent..=by).contains(at));
        !undone && !since.any(|write| write.service == service && write.by != Author::Ours)
    };
    let told = world.sent_back(service).iter().any(|at| {
        let early = begun.is_some_and(|begun| (begun..failed).contains(at)) && stays(*at);
        early || (failed..=by).contains(at)
    });
    let bad = world.bad(run);
    let runs_it = evidence
        .running_at(service, by)
        .iter()
        .any(|images| bad.contains(images));
    told || !runs_it
}

/// By us after the check had failed, or told to stop before that, or it was over by then anyway.
fn barred(evidence: &Evidence, run: &Run, failed: At, by: At) -> bool {
    let stopped = evidence.calls.iter().any(|call| {
        let (meant, since) = match call.operation.as_str() {
            "PutApprovalResult" => (call.input["result"]["status"] == "Rejected", failed),
            "StopPipelineExecution" => (call.input["pipelineExecutionId"] == run.id.as_str(), At::START),
            _ => (false, failed),
        };
        meant
            && is_ours(call)
            && call.outcome.is_ok()
            && call.input["pipelineName"] == run.row.pipeline.as_str()
            && (since..=by).contains(&call.at)
    });
    let over = evidence.over(run).is_some_and(|at| at <= by);
    stopped || over
}
