//! Law 7: one release never touches another's services, pipeline or records, however similar the names.

use super::Verdict;
use super::actions::ActionRun;
use super::approved_rightly::{approved, is_approval};
use super::evidence::{Evidence, Release, is_ours, text};
use super::ordered::answered_for;
use super::world::{Author, Run, Write};
use crate::scene::RowA;
use simulator::At;
use simulator::world::Call;

/// Operations that change something outside the ledger.
const WRITES: [&str; 6] = [
    "UpdateService",
    "StopServiceDeployment",
    "PutApprovalResult",
    "StopPipelineExecution",
    "DisableStageTransition",
    "EnableStageTransition",
];

/// What a policy says that does not speak of its deadline.
const DEADLINE_MINUTES: i64 = 30;

/// How long a deployment may keep from being told what it deploys.
const UNREST_SECONDS: i64 = 60;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(7, "a release touches only what is its own");
    let several = evidence.rows.len() > 1;
    let failed: Vec<(&Run, At)> = evidence
        .world
        .runs
        .iter()
        .filter_map(|run| Some((run, failed(evidence, run)?)))
        .collect();
    for call in evidence
        .calls
        .iter()
        .filter(|call| is_ours(call) && call.outcome.is_ok() && WRITES.contains(&call.operation.as_str()))
    {
        verdict.applied += u32::from(several);
        let owned = failed.iter().any(|(run, at)| *at <= call.at && owns(run, call));
        if !owned
            && !by_hand(evidence, call)
            && !evidence.world.is_promotion(call)
            && !evidence.is_share(call)
            && !evidence.is_retirement(call)
            && !is_asked_for(evidence, call)
        {
            verdict.broken.push(format!(
                "{}: {} {} belongs to no failed release",
                call.caller, call.operation, call.input
            ));
        }
    }
    verdict
}

/// The answer to a manual approval that asks Serin, of an execution whose policies all leave it to Serin.
fn is_asked_for(evidence: &Evidence, call: &Call) -> bool {
    let answered = approved(evidence, call);
    let ours = |run: &Run| run.document["approval"] == "automatic" || answered_for(evidence, run, call.at);
    let asked = |(action, run): &(&ActionRun, &Run)| action.asks_serin() && ours(run);
    is_approval(call) && !answered.is_empty() && answered.iter().all(asked)
}

/// When there was first something to take back: a check failed, the execution ended without promoting, ECS
/// gave a deployment up, or somebody else gave one of its services something.
fn failed(evidence: &Evidence, run: &Run) -> Option<At> {
    let world = &evidence.world;
    let services = run.services();
    let given = services.iter().flat_map(|service| world.given(run, service));
    let Some(touched) = given.map(|write| write.at).min() else {
        return rang_on_what_was_left(evidence, run).or_else(|| took_the_place(evidence, run));
    };
    // What somebody did since the release was opened, before its execution gave anything, counts as well.
    let opened = run.release(evidence).and_then(|release| release.opened());
    let began = opened.map_or(touched, |opened| opened.min(touched));
    // What was deployed a moment before had not come to rest, and nobody could tell what it was.
    let began = began.plus_seconds(-UNREST_SECONDS);
    let foreign = world.writes.iter().filter(|write| {
        let other = match &write.by {
            Author::Ours => false,
            Author::Other => true,
            Author::Execution(id) => *id != run.id,
        };
        other && write.at > began && services.contains(&write.service)
    });
    let taken_over = foreign.map(|write| write.at).min();
    // An execution that was tried again shows only in its actions that it had failed.
    let ended = world.actions.iter().filter(|action| {
        let failed = ["Failed", "Abandoned"].contains(&action.status.as_str());
        action.execution == run.id && failed
    });
    let ended = ended.map(|action| action.updated);
    let without_promoting = world.promoted(run).is_none() || run.status != "Succeeded";
    let over = evidence.over(run).filter(|_| without_promoting);
    let undone = evidence
        .ending
        .undone
        .iter()
        .filter(|(service, at)| services.contains(service) && *at > touched)
        .map(|(_, at)| *at);
    evidence
        .failed_checks(run)
        .into_iter()
        .chain(evidence.told_by_comparison(run))
        .chain(evidence.told_by_letters(run))
        .chain(evidence.told_by_tasks(run))
        .chain(evidence.told_by_measure(run))
        .chain(evidence.waited_in_vain(run))
        .chain(super::ordered::aborted(evidence, run))
        .chain(foreign_image(evidence, run))
        .chain(unread(evidence, run))
        .chain(given_again(evidence, run))
        .chain(carried_on(evidence, run))
        .chain(told_to_stop(evidence, run))
        .chain(the_same(evidence, run))
        .chain(unjudged(evidence, run))
        .chain(rang_on_what_was_left(evidence, run).filter(|at| *at < touched))
        .chain(never_reached(evidence, run))
        .chain(succeeded_by(evidence, run))
        .chain(ended)
        .chain(undone)
        .chain(over)
        .chain(taken_over)
        .min()
}

/// When the canary was given an image from where the policy has none come from.
fn foreign_image(evidence: &Evidence, run: &Run) -> Option<At> {
    let allowed = run.document["images_from"].as_array()?;
    let canary = run.service(&run.row.canary);
    let mut given = evidence.world.given(run, &canary);
    let release = run.release(evidence)?;
    let document = &release.document;
    let mut named = [&document["cause"]["image"], &document["outcome"]["cause"]["image"]].into_iter();
    let image = named.find_map(|image| image.as_str())?;
    let named = allowed.iter().filter_map(|name| name.as_str());
    let from = |name: &str| {
        image
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with([':', '@']) || rest.is_empty())
    };
    given
        .next()
        .filter(|_| !named.into_iter().any(from))
        .map(|write| write.at)
}

/// When the alarm rang for what the release before had left on the canary, whose place this one had taken: its own
/// execution had given nothing yet, and ends all the same.
fn rang_on_what_was_left(evidence: &Evidence, run: &Run) -> Option<At> {
    let opened = run.release(evidence)?.opened()?;
    let mut others = evidence
        .world
        .runs
        .iter()
        .filter(|other| other.policy == run.policy && other.id != run.id);
    let before = others.any(|other| {
        other
            .release(evidence)
            .and_then(Release::opened)
            .is_some_and(|at| at < opened)
    });
    let rang = evidence.ending.rang.get(&run.row.alarm).into_iter().flatten();
    rang.copied().filter(|at| before && *at >= opened).min()
}

/// When an execution ended that had given nothing yet: what it took the place of, a deployment that a release had judged,
/// is its to answer for.
fn took_the_place(evidence: &Evidence, run: &Run) -> Option<At> {
    let own = run.release(evidence)?;
    let before = evidence.releases.iter().find(|release| {
        let by_hand = release.document["start"]
            .as_str()
            .is_some_and(|start| start.starts_with("deployment "));
        by_hand && release.document["outcome"]["by"] == own.document["id"]
    })?;
    // Whoever has given either service something since then has it.
    let services = run.services();
    let since = |write: &&Write| before.closed.is_some_and(|closed| closed < write.at);
    let mut others = evidence.world.writes.iter().filter(since);
    let theirs = others.any(|write| write.by == Author::Other && services.contains(&write.service));
    evidence.over(run).filter(|_| !theirs)
}

/// When the next release of the policy was opened, which takes its place before its own canary changes.
fn succeeded_by(evidence: &Evidence, run: &Run) -> Option<At> {
    let own = run.release(evidence)?.opened()?;
    let next = evidence.releases.iter().filter(|release| release.policy == run.policy);
    next.filter_map(|release| release.opened())
        .filter(|opened| *opened > own)
        .min()
}

/// When stable had had what our promote action gave it for as long as the policy allows, and that action still waited.
fn never_reached(evidence: &Evidence, run: &Run) -> Option<At> {
    let world = &evidence.world;
    let minutes = run.document["deadline_minutes"].as_i64().unwrap_or(DEADLINE_MINUTES);
    let stable = run.service(&run.row.name);
    let given = world.given(run, &stable).next()?.at;
    let due = given.plus_seconds(minutes * 60);
    let waits = |action: &ActionRun| action.execution == run.id && action.invokes("promote") && action.ran_at(due);
    world.actions.iter().any(waits).then_some(due)
}

/// When it gave the canary what another execution had given it before: what becomes of that one becomes of both.
fn the_same(evidence: &Evidence, run: &Run) -> Option<At> {
    let world = &evidence.world;
    let canary = run.service(&run.row.canary);
    let first = world.given(run, &canary).next()?;
    let images = world.digests(&first.definition);
    let others = world
        .runs
        .iter()
        .filter(|other| other.id != run.id && other.policy == run.policy);
    let mut before = others.flat_map(|other| world.given(other, &canary));
    let same = before.any(|write| write.at < first.at && world.digests(&write.definition) == images);
    (same && !images.is_empty()).then_some(first.at)
}

/// When a person told it to stop: an approval that it waits for then is nobody's to answer.
fn told_to_stop(evidence: &Evidence, run: &Run) -> Option<At> {
    let stopped = evidence.calls.iter().find(|call| {
        call.operation == "StopPipelineExecution"
            && !is_ours(call)
            && call.outcome.is_ok()
            && call.input["pipelineExecutionId"] == run.id.as_str()
    });
    stopped.map(|call| call.at)
}

/// When the alarm rang before a task of what a service was given had run, or a moment after it was given: nobody could
/// tell yet that it is what the service ran before.
fn unread(evidence: &Evidence, run: &Run) -> Option<At> {
    let services = run.services();
    let given = services.iter().flat_map(|service| evidence.world.given(run, service));
    let told = |write: &Write| {
        let mut ran = evidence.timeline.iter();
        let first = ran.find(|ran| ran.at >= write.at && ran.task_definition == write.definition);
        first.map_or(evidence.now, |first| first.at)
    };
    let unread: Vec<(At, At)> = given
        .map(|write| (write.at, told(write).max(write.at).plus_seconds(UNREST_SECONDS)))
        .collect();
    let rang = evidence.ending.rang.get(&run.row.alarm)?.iter().copied();
    rang.filter(|at| unread.iter().any(|(given, until)| given <= at && at <= until))
        .min()
}

/// When the alarm rang for what the canary had run once, and not right before: a release like any other, also where nobody
/// had heard of the one between, whose letters these may be.
fn given_again(evidence: &Evidence, run: &Run) -> Option<At> {
    let world = &evidence.world;
    let canary = run.service(&run.row.canary);
    let once = |write: &&Write| {
        let another = write
            .before
            .as_ref()
            .is_some_and(|before| !world.same(before, &write.definition));
        let mut earlier = world
            .writes
            .iter()
            .filter(|earlier| earlier.service == canary && earlier.at < write.at);
        let is_same = |earlier: &Write| {
            let before = earlier
                .before
                .as_ref()
                .is_some_and(|before| world.same(before, &write.definition));
            before || world.same(&earlier.definition, &write.definition)
        };
        another && earlier.any(is_same)
    };
    let first = world.given(run, &canary).find(once)?.at;
    let until = evidence.judged_until(run, first);
    let rang = evidence.ending.rang.get(&run.row.alarm)?.iter().copied();
    rang.filter(|at| (first..=until).contains(at) && !evidence.was_silenced(&run.row.alarm, *at))
        .min()
}

/// When the alarm rang for what somebody had deployed by hand, whose release this one has followed: the way back leads to
/// where that began, also where the execution gave the canary the very same.
fn carried_on(evidence: &Evidence, run: &Run) -> Option<At> {
    let release = run.release(evidence)?;
    let followed = |other: &&Release| {
        let by = &other.document["outcome"]["by"];
        other.policy == run.policy && other.execution().is_none() && *by == release.id()
    };
    let opened = evidence.releases.iter().find(followed)?.opened()?;
    let rang = evidence.ending.rang.get(&run.row.alarm)?.iter().copied();
    rang.filter(|at| *at >= opened).min()
}

/// When stable was given what the canary never ran: a tag was moved between the two.
fn unjudged(evidence: &Evidence, run: &Run) -> Option<At> {
    let world = &evidence.world;
    let (canary, stable) = (run.service(&run.row.canary), run.service(&run.row.name));
    let judged: Vec<_> = world
        .given(run, &canary)
        .map(|write| world.digests(&write.definition))
        .collect();
    let mut given = world.given(run, &stable).filter(|_| !judged.is_empty());
    let found = given.find(|write| {
        let images = world.digests(&write.definition);
        !images.is_empty() && !judged.contains(&images)
    });
    found.map(|write| write.at)
}

/// Releases of a person's deployment belong to no execution: from when they were rolled back, their own services.
fn by_hand(evidence: &Evidence, call: &Call) -> bool {
    evidence
        .releases
        .iter()
        .filter(|release| release.execution().is_none())
        .any(|release| {
            let committed = evidence.rollback_committed(release.id());
            let row = evidence.rows.get(&release.policy);
            committed.is_some_and(|at| at <= call.at.plus_seconds(1)) && row.is_some_and(|row| names(row, call))
        })
}

fn names(row: &RowA, call: &Call) -> bool {
    let input = &call.input;
    let mut names = [row.canary.as_str(), row.name.as_str()].into_iter();
    match call.operation.as_str() {
        "UpdateService" => input["cluster"] == row.cluster.as_str() && names.any(|name| input["service"] == name),
        "StopServiceDeployment" => {
            let arn = text(&input["serviceDeploymentArn"]);
            names.any(|name| arn.contains(&format!(":service-deployment/{}/{name}/", row.cluster)))
        }
        _ => input["pipelineName"] == row.pipeline.as_str(),
    }
}

fn owns(run: &Run, call: &Call) -> bool {
    let stopped = call.operation == "StopPipelineExecution";
    names(&run.row, call) && (!stopped || call.input["pipelineExecutionId"] == run.id.as_str())
}
