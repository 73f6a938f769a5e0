//! Law 14: echoes open no releases, and a rollback never starts another: every release has a start of its own in
//! the world, and every start has one release.
//!
//! A start is a run of a pipeline action that gives the canary something, or that goes before it, or that gives stable
//! alone something, or somebody's own deployment. What our functions or ECS itself put onto the canary is none.

use super::Verdict;
use super::evidence::{Evidence, Release};
use super::world::{Author, Digests, Run, service_arn, short};
use crate::scene::RowA;
use serde_json::Value;
use simulator::At;
use simulator::ecs::RanAt;
use std::collections::BTreeMap;

/// What a release that is opened by hand has instead of a start.
const BY_HAND: &str = "fixture";

/// How a start at stable begins.
const AT_STABLE: &str = "promotion ";

/// Within which a start that nothing is in the way of must have its release, whatever events were lost.
const HEARD_SECONDS: i64 = 30 * 60;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(14, "every release has a start of its own, and every start one release");
    let mut starts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let mut executions: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for release in &evidence.releases {
        verdict.applied += 1;
        let start = release.document["start"].as_str().unwrap_or_default();
        *starts.entry((&release.policy, start)).or_default() += 1;
        // What stable alone was given begins at no canary.
        let execution = release.execution().filter(|_| !start.starts_with(AT_STABLE));
        if let Some(execution) = execution {
            *executions.entry((&release.policy, execution)).or_default() += 1;
        }
        let what = no_start(evidence, release, start);
        verdict
            .broken
            .extend(what.map(|what| format!("{} was opened for {start:?}: {what}", release.id())));
    }
    let twice = starts.iter().filter(|(_, count)| **count > 1);
    verdict
        .broken
        .extend(twice.map(|((_, start), count)| format!("{start:?} has {count} releases")));
    for ((policy, execution), count) in executions {
        let tries = tries(evidence, policy, execution);
        if count > tries.max(1) + written_late(evidence, policy, execution) {
            verdict.broken.push(format!(
                "execution {execution} reached the canary {tries} times and has {count} releases"
            ));
        }
    }
    let missed = evidence.world.runs.iter().filter_map(|run| unheard(evidence, run));
    verdict.broken.extend(missed);
    let by_hand = evidence
        .rows
        .iter()
        .filter_map(|(policy, row)| unheard_by_hand(evidence, policy, row));
    verdict.broken.extend(by_hand);
    verdict
}

/// Why what a release was opened for is no start.
fn no_start(evidence: &Evidence, release: &Release, start: &str) -> Option<String> {
    let row = evidence.rows.get(&release.policy)?;
    let world = &evidence.world;
    let canary = service_arn(&row.cluster, &row.canary);
    match start.split_once(' ')? {
        (BY_HAND, _) => None,
        ("explicit", id) => {
            let wanted = release.document["wanted"]["id"].as_str() == Some(id);
            (!wanted || !was_asked_for(evidence, release, id)).then(|| "nobody wanted that".to_owned())
        }
        ("deployment", id) => {
            let write = world
                .writes
                .iter()
                .find(|write| write.deployment.as_deref() == Some(id));
            match write {
                None => Some("ECS made that deployment by itself".to_owned()),
                Some(write) if write.by == Author::Ours => Some("that deployment is our own".to_owned()),
                Some(_) => None,
            }
        }
        (kind, id) => {
            let Some(run) = world.runs.iter().find(|run| run.is_of(release)) else {
                return Some("there is no such execution".to_owned());
            };
            let action = world
                .actions
                .iter()
                .find(|action| action.id == id && action.execution == run.id);
            let stable = service_arn(&row.cluster, &row.name);
            let at_stable = AT_STABLE.trim_end() == kind;
            let (service, arn) = if at_stable {
                (&row.name, &stable)
            } else {
                (&row.canary, &canary)
            };
            let ours = |at: At| release.opened().is_some_and(|opened| at <= opened);
            let mut given = world.given(run, arn);
            match action {
                _ if run.automated => Some("that execution is a rollback of CodePipeline's".to_owned()),
                None => Some("its execution ran no such action".to_owned()),
                Some(action) if kind == "job" => (!action.is_our_job()).then(|| "it is no job of ours".to_owned()),
                Some(action) if !action.deploys(service) || !ours(action.started) => {
                    Some(format!("it had not begun to deploy {service}"))
                }
                Some(_) if given.next().is_none() => Some(format!("it never gave {service} anything")),
                Some(_) => None,
            }
        }
    }
}

/// Whether `open` was asked for that start under this policy, with the very images that the ledger says were wanted: by
/// whoever invoked it, by the state machine for them, or by a push to the repository that the policy starts on.
fn was_asked_for(evidence: &Evidence, release: &Release, id: &str) -> bool {
    let wanted = release.wanted().filter(|wanted| !wanted.is_empty());
    let asked = evidence.ended.iter().filter(|end| end.function == "open");
    wanted.is_some_and(|wanted| {
        asked.map(|end| &end.payload).any(|payload| match payload.get("asked") {
            Some(asked) => {
                let of = payload["execution"].as_str();
                was_pushed(release, &wanted, asked) || asks(release, &wanted, asked, id, of)
            }
            None => was_pushed(release, &wanted, payload) || asks(release, &wanted, payload, id, None),
        })
    })
}

/// Whether an explicit start asks for this release. Without an id of its own it has that of the execution which brings it,
/// or else of whichever invocation took it.
fn asks(release: &Release, wanted: &Digests, start: &Value, id: &str, execution: Option<&str>) -> bool {
    let is_its_own = match (start["start"]["id"].as_str(), execution) {
        (Some(named), _) => named == id,
        (None, Some(execution)) => {
            let fits = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
            execution.chars().filter(fits).collect::<String>().ends_with(id)
        }
        (None, None) => true,
    };
    let named = start["images"].as_object();
    let named = named.is_some_and(|named| {
        let of = |container: &String| named.get(container).and_then(Value::as_str);
        let same = |(container, digest): (&String, &String)| of(container).is_some_and(|image| image.ends_with(digest));
        named.len() == wanted.len() && wanted.iter().all(same)
    });
    start["policy"] == release.policy.as_str() && is_its_own && named
}

/// Whether a push is of what this release wanted, to the repository that its policy starts on.
fn was_pushed(release: &Release, wanted: &Digests, event: &Value) -> bool {
    let detail = &event["detail"];
    let repository = detail["repository-name"].as_str();
    let starts_on = release.frozen["starts_on_push"]["repository"].as_str();
    let same = wanted.values().all(|digest| detail["image-digest"] == digest.as_str());
    event["source"] == "aws.ecr" && repository.is_some() && repository == starts_on && same
}

/// How often an execution reached the canary: our job in front of it and its deploy action are one.
fn tries(evidence: &Evidence, policy: &str, execution: &str) -> u32 {
    let Some(row) = evidence.rows.get(policy) else { return 0 };
    let own = || {
        evidence
            .world
            .actions
            .iter()
            .filter(|action| action.policy == policy && action.execution == execution)
    };
    let jobs = own().filter(|action| action.is_our_job() && action.policy_named().as_deref() == Some(policy));
    let deploys = own().filter(|action| action.deploys(&row.canary));
    u32::try_from(jobs.count().max(deploys.count())).unwrap_or(u32::MAX)
}

/// How often an abandoned action of an execution gave the canary something when somebody had overtaken its release: that
/// was closed, and what comes so late is released, and taken back, anew.
fn written_late(evidence: &Evidence, policy: &str, execution: &str) -> u32 {
    let mut runs = evidence.world.runs.iter();
    let Some(run) = runs.find(|run| run.policy == policy && run.id == execution) else {
        return 0;
    };
    let abandoned =
        evidence.world.actions.iter().any(|action| {
            action.execution == run.id && action.deploys(&run.row.canary) && action.status == "Abandoned"
        });
    let overtaken = run
        .releases(evidence)
        .filter(|release| release.outcome() == Some("overtaken"));
    let Some(closed) = overtaken
        .filter_map(|release| release.closed)
        .min()
        .filter(|_| abandoned)
    else {
        return 0;
    };
    let canary = run.service(&run.row.canary);
    let late = evidence.world.given(run, &canary).filter(|write| write.at > closed);
    u32::try_from(late.count()).unwrap_or(u32::MAX)
}

/// An execution whose revision the canary still runs, long after nothing was in the way of a release of it any more.
fn unheard(evidence: &Evidence, run: &Run) -> Option<String> {
    let world = &evidence.world;
    let canary = run.service(&run.row.canary);
    let armed = world.armed(run)?;
    let answers_from = evidence.answers_from(run)?;
    let known = evidence
        .known_since
        .get(&run.policy)
        .is_some_and(|since| *since < armed);
    let a_way_back = !world.baselines(run, &canary).is_empty();
    if !evidence.ending.deployed || run.rollback || !known || !a_way_back || run.release(evidence).is_some() {
        return None;
    }
    let mut before = evidence.releases.iter().filter(|release| release.policy == run.policy);
    if before.clone().any(|release| release.closed.is_none()) {
        return None;
    }
    let free = before.by_ref().filter_map(|release| release.closed).max();
    let from = Some(answers_from).max(free).max(evidence.calm_since())?;
    let due = from.plus_seconds(HEARD_SECONDS);
    let bad = world.bad(run);
    let runs_it = evidence
        .running_at(&canary, evidence.now)
        .iter()
        .any(|images| bad.contains(images));
    let its_own = world.taken_over(run, &canary).is_none() && evidence.calm_since().is_some();
    (its_own && runs_it && evidence.now >= due).then(|| {
        let name = short(&canary);
        format!(
            "execution {} gave {name} something at {armed}, and no release was opened for it",
            run.id
        )
    })
}

/// What somebody gave the canary by hand, that nothing had run before and that it still runs, long after nothing was in
/// the way of a release of it any more.
fn unheard_by_hand(evidence: &Evidence, policy: &str, row: &RowA) -> Option<String> {
    let world = &evidence.world;
    let [canary, stable] = &[&row.canary, &row.name].map(|name| service_arn(&row.cluster, name));
    let write = world.writes.iter().rfind(|write| write.service == *canary)?;
    let known = evidence.known_since.get(policy)?;
    if write.by != Author::Other || write.deployment.is_none() || !evidence.ending.deployed {
        return None;
    }
    let given = world.digests(&write.definition);
    // What stable ever runs as well, or was given, there is nothing to release of.
    let ran = |ran: &RanAt| {
        let before = ran.service == *canary && ran.at <= write.at;
        (before || ran.service == *stable) && ran.images == given
    };
    let mut last = world.writes.iter().rev();
    let last = last.find(|other| other.service == *stable);
    let alike = last.is_some_and(|last| world.digests(&last.definition) == given);
    // Nor of what a canary gets that has never had a task: there is nothing to go back to.
    let a_way_back = evidence
        .timeline
        .iter()
        .any(|ran| ran.service == *canary && ran.at <= write.at);
    if given.is_empty() || alike || !a_way_back || evidence.timeline.iter().any(ran) {
        return None;
    }
    // A release that was open then has seen it, and left it alone; one that is open has to be over first.
    let names = |release: &Release| {
        let deployment = write.deployment.as_deref().unwrap_or_default();
        release.document.to_string().contains(deployment)
    };
    let of_it = || evidence.releases.iter().filter(|release| release.policy == policy);
    if of_it().any(|release| release.closed.is_none() || names(release)) {
        return None;
    }
    let over = of_it().filter_map(|release| release.closed).max().unwrap_or(write.at);
    let from = write.at.max(*known).max(over).max(evidence.calm_since()?);
    let runs_it = evidence.running_at(canary, evidence.now).contains(&given);
    (runs_it && evidence.now >= from.plus_seconds(HEARD_SECONDS)).then(|| {
        let (name, by) = (short(canary), &write.caller);
        format!(
            "{by} gave {name} something at {}, and no release was opened for it",
            write.at
        )
    })
}
