//! Law 12: ECS going to the wanted revision by itself is left alone; ECS undoing our restore is a
//! failed attempt and is repeated.

use super::Verdict;
use super::evidence::{Evidence, moment, text};
use super::world::{Author, Digests, Run, Write, short};
use serde_json::Value;
use simulator::At;

/// How long the next attempt may take.
const REPEAT_SECONDS: i64 = 10 * 60;

/// How old an answer of ECS may be: whoever acts on it does not know yet that ECS goes by itself.
const STALE_SECONDS: i64 = 20;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(
        12,
        "ECS is left alone when it goes the right way, and tried again when it goes back",
    );
    for run in &evidence.world.runs {
        for service in run.services() {
            for rollback in rollbacks(evidence, run, &service) {
                verdict.applied += 1;
                verdict.broken.extend(broken(evidence, run, &service, &rollback));
            }
        }
    }
    verdict
}

/// ECS rolled a service back by itself.
struct Rollback {
    at: At,
    /// Id of the deployment it went back to, as ECS named it.
    to: String,
    /// Somebody had it stopped.
    asked: bool,
}

fn broken(evidence: &Evidence, run: &Run, service: &str, rollback: &Rollback) -> Option<String> {
    let world = &evidence.world;
    let at = rollback.at;
    let ours = world.sent_back(service);
    let undone = ours.iter().any(|ours| *ours < at);
    // What somebody gives it later is another matter.
    let others = world
        .writes
        .iter()
        .filter(|write| write.service == service && write.by != Author::Ours);
    let next = others.map(|write| write.at).find(|other| *other >= at);
    let after = ours
        .iter()
        .any(|ours| *ours >= at && next.is_none_or(|next| *ours < next));
    let name = short(service);
    if undone && !after {
        let due = at.plus_seconds(REPEAT_SECONDS);
        let judged = evidence.now >= due && next.is_none_or(|next| next > due) && !evidence.keeps(run, due);
        return (judged && is_bad(evidence, run, service, due))
            .then(|| format!("{name}: ECS undid our restore at {at}, and it was not tried again by {due}"));
    }
    let given_up = given_up(evidence, service, at);
    let told = at.plus_seconds(STALE_SECONDS);
    let disturbed = ours
        .iter()
        .any(|ours| *ours >= told && [next, given_up].into_iter().flatten().all(|end| *ours < end));
    (!undone && disturbed && is_right(evidence, run, service, rollback))
        .then(|| format!("{name}: ECS went to the baseline by itself at {at}, and was disturbed"))
}

/// When ECS next gave a deployment of a service up: whoever tries it again then disturbs nobody.
fn given_up(evidence: &Evidence, service: &str, after: At) -> Option<At> {
    let failures = evidence.events.iter().filter(|event| {
        event["resources"][0] == service && event["detail"]["eventName"] == "SERVICE_DEPLOYMENT_FAILED"
    });
    let moments = failures.filter_map(|event| moment(&event["detail"]["updatedAt"]));
    moments.filter(|at| *at > after).min()
}

/// Whether what ECS went back to is where the service belongs: what it ran before this execution may be another
/// one's revision that was never promoted, and that is no way back.
fn is_right(evidence: &Evidence, run: &Run, service: &str, rollback: &Rollback) -> bool {
    let world = &evidence.world;
    let Some(write) = given_by(evidence, service, rollback) else {
        // From before anybody's time.
        return true;
    };
    // Where what it ran before was still watched there are two ways, and the longer one is no disturbance.
    let mut baselines = world.baselines(run, service).into_iter();
    baselines.all(|baseline| world.same(&baseline, &write.definition))
}

/// Who had once given a service what ECS goes back to. A deployment of ECS's own is what it went back to before.
fn given_by<'a>(evidence: &'a Evidence, service: &str, rollback: &Rollback) -> Option<&'a Write> {
    let mut writes = evidence.world.writes.iter();
    let found = writes.find(|write| write.deployment.as_deref() == Some(rollback.to.as_str()));
    found.or_else(|| {
        let events = evidence.events.iter().filter_map(|event| begun(event, service));
        let before = events.filter(|before| before.at < rollback.at);
        given_by(evidence, service, &before.max_by_key(|before| before.at)?)
    })
}

/// The event that tells that ECS begins to roll a service back.
fn begun(event: &Value, service: &str) -> Option<Rollback> {
    let detail = &event["detail"];
    let reason = text(&detail["reason"]);
    let begun = event["detail-type"] == "ECS Deployment State Change"
        && event["resources"][0] == service
        && detail["eventName"] == "SERVICE_DEPLOYMENT_IN_PROGRESS"
        && reason.contains("rolling back to");
    let to = reason.rsplit(' ').next().unwrap_or_default();
    Some(Rollback {
        at: moment(&detail["updatedAt"]).filter(|_| begun)?,
        to: to.trim_end_matches('.').to_owned(),
        asked: reason.starts_with("ECS deployment stopped"),
    })
}

/// When ECS began to roll a service back by itself, by what it says on the bus, after an execution had
/// given it something and before the next one did. What we asked for is not by itself.
fn rollbacks(evidence: &Evidence, run: &Run, service: &str) -> Vec<Rollback> {
    let world = &evidence.world;
    let Some(from) = world.given(run, service).map(|write| write.at).next() else {
        return Vec::new();
    };
    let until = world.taken_over(run, service);
    let mut asked: Vec<At> = world
        .stops
        .iter()
        .filter(|stop| stop.service == service)
        .map(|stop| stop.at)
        .collect();
    let mut found = Vec::new();
    for rollback in evidence.events.iter().filter_map(|event| begun(event, service)) {
        let at = rollback.at;
        if let Some(own) = asked.iter().position(|asked| rollback.asked && *asked <= at) {
            asked.remove(own);
        } else if at >= from && until.is_none_or(|until| at < until) {
            found.push(rollback);
        }
    }
    found
}

fn is_bad(evidence: &Evidence, run: &Run, service: &str, at: At) -> bool {
    let world = &evidence.world;
    let baselines: Vec<Digests> = world
        .baselines(run, service)
        .iter()
        .map(|baseline| world.digests(baseline))
        .collect();
    evidence
        .running_at(service, at)
        .iter()
        .any(|images| !baselines.contains(images))
}
