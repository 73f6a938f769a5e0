//! Law 4: each job that CodePipeline still waits for gets at most one distinct final answer, and none is left
//! without; "success" of an opening only where the release is open.

use super::Verdict;
use super::actions::ActionRun;
use super::evidence::{Evidence, is_ours, text};
use serde_json::Value;
use simulator::executor::Ended;
use simulator::world::Call;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Refusals by which CodePipeline says that it waits for no answer any more.
const OVER: [&str; 2] = ["InvalidJobStateException", "JobNotFoundException"];

/// Our answers and invocations, by job id.
#[derive(Default)]
struct Jobs<'a> {
    answers: BTreeMap<&'a str, Vec<&'a Call>>,
    invocations: BTreeMap<&'a str, Vec<&'a Ended>>,
}

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(4, "each job gets one final answer, and a true one");
    let jobs = Jobs::of(evidence);
    for (job, answers) in &jobs.answers {
        verdict.broken.extend(contradictions(job, answers));
    }
    let real = |job: &str| evidence.ending.job_actions.contains_key(job);
    for (job, invocations) in jobs.invocations.iter().filter(|(job, _)| real(job)) {
        let answered = jobs
            .answers
            .get(job)
            .is_some_and(|answers| answers.iter().any(|call| is_heard(call)));
        let left = invocations.iter().find(|end| end.outcome.is_ok() && !answered);
        verdict
            .broken
            .extend(left.map(|end| format!("{}: ended well and left job {job} without an answer", end.label)));
    }
    let of_action = jobs.by_action(evidence);
    for action in evidence.world.actions.iter().filter(|action| action.is_our_job()) {
        verdict.applied += 1;
        let own = of_action.get(action.id.as_str()).cloned().unwrap_or_default();
        verdict.broken.extend(of_run(evidence, &jobs, action, &own));
    }
    verdict
}

impl<'a> Jobs<'a> {
    fn of(evidence: &'a Evidence) -> Jobs<'a> {
        let mut jobs = Jobs::default();
        let put = ["PutJobSuccessResult", "PutJobFailureResult"];
        let answers = evidence
            .calls
            .iter()
            .filter(|call| put.contains(&call.operation.as_str()) && is_ours(call));
        for call in answers {
            let job = call.input["jobId"].as_str().unwrap_or_default();
            jobs.answers.entry(job).or_default().push(call);
        }
        for end in &evidence.ended {
            if let Some(job) = end.payload["CodePipeline.job"]["id"].as_str() {
                jobs.invocations.entry(job).or_default().push(end);
            }
        }
        jobs
    }

    /// Job ids of each action execution, in CodePipeline's words.
    fn by_action(&self, evidence: &'a Evidence) -> BTreeMap<&'a str, Vec<&'a str>> {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let known: BTreeSet<&str> = self.answers.keys().chain(self.invocations.keys()).copied().collect();
        for job in known {
            if let Some(action) = evidence.ending.job_actions.get(job) {
                found.entry(action).or_default().push(job);
            }
        }
        found
    }
}

/// Heard by CodePipeline, or told that nobody waits.
fn is_heard(call: &Call) -> bool {
    call.outcome
        .as_ref()
        .err()
        .is_none_or(|refusal| OVER.contains(&refusal.code))
}

/// What an answer says: another one of these is another answer.
fn said(call: &Call) -> (&str, &Value, &Value) {
    (
        &call.operation,
        &call.input["continuationToken"],
        &call.input["failureDetails"],
    )
}

/// One invocation that says two things about one job.
fn contradictions(job: &str, answers: &[&Call]) -> Vec<String> {
    let mut first: BTreeMap<&str, &Call> = BTreeMap::new();
    let mut broken = Vec::new();
    for call in answers {
        let before = *first.entry(&call.caller).or_insert(call);
        if said(before) != said(call) {
            broken.push(format!(
                "{}: answered job {job} with {} and then with {}",
                call.caller, before.operation, call.operation
            ));
        }
    }
    broken
}

/// What is wrong with one run of an action of ours.
fn of_run(evidence: &Evidence, jobs: &Jobs, action: &ActionRun, own: &[&str]) -> Vec<String> {
    let mut broken = Vec::new();
    let answers = own.iter().filter_map(|job| jobs.answers.get(job)).flatten();
    let taken: Vec<&&Call> = answers
        .filter(|call| call.outcome.is_ok() && !call.input["continuationToken"].is_string())
        .collect();
    if taken.windows(2).any(|pair| said(pair[0]) != said(pair[1])) {
        broken.push(format!(
            "action {} of execution {} was ended twice",
            action.id, action.execution
        ));
    }
    let success = taken.iter().find(|call| call.operation == "PutJobSuccessResult");
    if let Some(call) = success
        && !is_open_by(evidence, action, call)
    {
        broken.push(format!(
            "{}: let execution {} pass at {}, and no release of it is open",
            call.caller, action.execution, call.at
        ));
    }
    if let Some(call) = success.filter(|_| action.invokes("promote")) {
        broken.extend(untrue(evidence, action, call));
    }
    if action.met_silence() && !excused(evidence, jobs, action, own) {
        let (id, at) = (&action.id, action.updated);
        broken.push(format!(
            "action {id} was left without an answer until CodePipeline gave up at {at}"
        ));
    }
    broken
}

/// A release of the execution had been opened, under the policy that the job names.
fn is_open_by(evidence: &Evidence, action: &ActionRun, call: &Call) -> bool {
    let named = action.policy_named();
    evidence.releases.iter().any(|release| {
        release.execution() == Some(&action.execution)
            && named.as_deref() == Some(&release.policy)
            && release.opened().is_some_and(|opened| opened <= call.at)
    })
}

/// A promotion was called a success, and stable does not run what the canary was given.
fn untrue(evidence: &Evidence, action: &ActionRun, call: &Call) -> Option<String> {
    let world = &evidence.world;
    let named = action.policy_named();
    let mut runs = world.runs.iter();
    let run = runs.find(|run| run.id == action.execution && named.as_deref() == Some(&run.policy))?;
    let canary = run.service(&run.row.canary);
    let released: Vec<_> = world
        .given(run, &canary)
        .map(|write| world.digests(&write.definition))
        .collect();
    let running = evidence.running_at(&run.service(&run.row.name), call.at);
    let all = !running.is_empty() && running.iter().all(|images| released.contains(images));
    (!all).then(|| {
        format!(
            "{}: called the promotion of execution {} a success at {}, and stable does not run it",
            call.caller, run.id, call.at
        )
    })
}

/// It was never delivered, or whoever was to answer had trouble.
fn excused(evidence: &Evidence, jobs: &Jobs, action: &ActionRun, own: &[&str]) -> bool {
    let delivered = own.iter().any(|job| jobs.invocations.contains_key(job));
    !delivered || evidence.was_troubled(action.started, action.updated)
}

/// Ids of all jobs that we heard of, for [`Evidence`] to ask about.
pub(super) fn ids(calls: &[Arc<Call>], ended: &[Ended]) -> BTreeSet<String> {
    let answered = calls
        .iter()
        .filter(|call| call.service == "codepipeline" && is_ours(call));
    let answered = answered.map(|call| text(&call.input["jobId"]));
    let invoked = ended.iter().map(|end| text(&end.payload["CodePipeline.job"]["id"]));
    answered.chain(invoked).filter(|id| !id.is_empty()).collect()
}
