//! A release, as the answers of `status` and `history` show it.

use crate::page;
use decide::{Cause, Fact, Outcome, Phase, Release, Role, Service};
use serde_json::{Value, json};

/// What is said of it in JSON; never the approval's token, with which its reader could answer.
pub fn json(release: &Release) -> Value {
    let run = release.pipeline.as_ref();
    let services = [Role::Canary, Role::Stable].map(|role| service(release, role));
    json!({
        "id": release.id,
        "start": release.start,
        "opened": release.opened,
        "phase": release.phase.name(),
        "since": release.phase_since,
        "cause": cause(&release.phase).map(ToString::to_string),
        "cluster": release.cluster,
        "images": release.images,
        "pipeline": run.map(|run| json!({
            "name": run.name,
            "execution": run.execution,
            "approval": run.approval.as_ref().map(|open| format!("{}/{}", open.stage, open.action)),
            "approval_expires": run.approval.as_ref().and_then(|open| release.expires(open)),
            "approved": run.approved.as_ref().map(|approved| approved.at),
            "over_since": run.over_since,
        })),
        "services": services,
        "watched": release.watched.as_ref().map(|watched| json!({"release": watched.release, "until": watched.until})),
        "barred": release.barred.iter().map(|run| &run.execution).collect::<Vec<_>>(),
    })
}

fn service(release: &Release, role: Role) -> Value {
    let service = release.service(role);
    json!({
        "role": role,
        "name": service.name,
        "baseline": service.baseline.task_definition,
        "back_to": release.restore_target(role),
        "given": service.given.as_ref().map(|given| json!({
            "task_definition": given.task_definition, "deployment": given.deployment, "created": given.created,
            "images": given.images,
        })),
        "attempts": service.attempts.count,
    })
}

/// Why it is or was rolled back.
pub fn cause(phase: &Phase) -> Option<&Cause> {
    match phase {
        Phase::Closed { outcome } => match outcome {
            Outcome::RolledBack { cause } | Outcome::RollbackFailed { cause } | Outcome::WouldRollBack { cause } => {
                Some(cause)
            }
            Outcome::Promoted | Outcome::Superseded { .. } | Outcome::Overtaken { .. } | Outcome::Abandoned { .. } => {
                None
            }
        },
        open => open.rolling_back(),
    }
}

/// Why it ended as it did, in words.
pub fn why(phase: &Phase) -> Option<String> {
    match phase {
        Phase::Closed {
            outcome: Outcome::Superseded { by },
        } => Some(format!("release {by} took its place")),
        Phase::Closed {
            outcome: Outcome::Overtaken { by },
        } => Some(by.clone()),
        Phase::Closed {
            outcome: Outcome::Abandoned { why },
        } => Some(why.clone()),
        phase => cause(phase).map(ToString::to_string),
    }
}

/// The execution behind it.
pub fn execution(release: &Release) -> String {
    release.pipeline.as_ref().map_or_else(
        || "none".to_owned(),
        |run| format!("{} of pipeline {}", run.execution, run.name),
    )
}

/// The manual approval that waits, and until when, where that is known.
pub fn approval(release: &Release) -> Option<String> {
    let open = release.pipeline.as_ref()?.approval.as_ref()?;
    let until = release.expires(open).map(|until| format!(", until {until}"));
    Some(format!(
        "{}/{} waits{}",
        open.stage,
        open.action,
        until.unwrap_or_default()
    ))
}

/// What the services were given.
pub fn revision(release: &Release) -> String {
    let given = |service: &Service| {
        let given = service.given.as_ref()?;
        let images = given
            .images
            .as_ref()
            .map(|images| format!(" ({})", page::digests(images)));
        let definition = page::short(&given.task_definition);
        Some(format!(
            "{definition}{} since {}",
            images.unwrap_or_default(),
            given.created
        ))
    };
    let each: Vec<String> = [&release.canary, &release.stable]
        .into_iter()
        .filter_map(given)
        .collect();
    if each.is_empty() {
        format!("none yet: {} runs its baseline", release.canary.name)
    } else {
        each.join("; ")
    }
}

/// Which side is which, where a promotion exchanges that.
pub fn roles(release: &Release) -> Option<String> {
    let (canary, stable) = (&release.canary.name, &release.stable.name);
    let exchanged = release.weights.as_ref().is_some_and(|weights| weights.before.is_some());
    let said = match (exchanged, &release.retired) {
        (false, _) => format!("{stable} is stable, {canary} the canary"),
        (true, None) => format!("{canary} carries everything, {stable} is the way back"),
        (true, Some(_)) => format!("{canary} is stable, {stable} the old side"),
    };
    release.swaps.then_some(said)
}

/// What the services go back to.
pub fn baseline(release: &Release) -> String {
    let each = [Role::Canary, Role::Stable].map(|role| page::short(release.restore_target(role)));
    each.join(", ")
}

/// What was learned of alarms and ordered by people, the newest last.
pub fn transitions(release: &Release) -> Vec<(decide::At, String)> {
    let told = |fact: &Fact| match fact {
        Fact::Alarm { name, since, .. } => Some((*since, format!("alarm {name} went to ALARM at {since}"))),
        Fact::Muted { name, since, .. } => Some((*since, format!("alarm {name} went to ALARM at {since}, muted"))),
        Fact::Order(ordered) => Some((ordered.at, ordered.to_string())),
        Fact::Inactive { .. }
        | Fact::Unstoppable { .. }
        | Fact::Prepared { .. }
        | Fact::Asked { .. }
        | Fact::Promotes { .. }
        | Fact::Deploys { .. }
        | Fact::ApprovalAsked { .. }
        | Fact::Noticed { .. }
        | Fact::TokenSpent { .. } => None,
    };
    let mut transitions: Vec<_> = release.facts.values().filter_map(told).collect();
    transitions.sort();
    transitions
}
