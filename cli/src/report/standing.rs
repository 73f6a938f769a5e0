//! How a release ended, what its services run, and what else is known of it.

use super::definition;
use crate::page::{seconds_between, span};
use crate::release;
use ::report::{Tone, Verdict};
use aws::ledger::{Entry, Reviewed};
use decide::{Outcome, Phase, Release, Role, Service};

/// One sentence.
pub fn verdict(of: &Reviewed, last: Option<&Entry>) -> Verdict {
    let release = &of.release;
    let took = of.closed.map(|closed| span(seconds_between(release.opened, closed)));
    let after = took.map(|took| format!(" after {took}")).unwrap_or_default();
    let stable = &release.stable.name;
    let (text, tone) = match &release.phase {
        Phase::Closed { outcome } => match outcome {
            Outcome::Promoted => (
                format!("Promoted{after}: {stable} runs the revision, and no check failed in its watch."),
                Tone::Good,
            ),
            Outcome::RolledBack { cause } => (format!("Rolled back{after}: {cause}."), Tone::Bad),
            Outcome::RollbackFailed { cause } => (
                format!("The rollback failed{after}; what was wrong: {cause}. See by hand what the services run."),
                Tone::Bad,
            ),
            Outcome::WouldRollBack { cause } => (
                format!("Would have been rolled back{after}: {cause}. Nothing was done about it."),
                Tone::Bad,
            ),
            Outcome::Superseded { by } => (
                format!("Superseded{after}: release {by} took its place."),
                Tone::Neutral,
            ),
            Outcome::Overtaken { by } => (format!("Overtaken{after}: {by}."), Tone::Neutral),
            Outcome::Abandoned { why } => (format!("Abandoned{after}: {why}."), Tone::Neutral),
        },
        open => {
            let because = last.map(|entry| format!(": {}", entry.because)).unwrap_or_default();
            let tone = open.rolling_back().map_or(Tone::Neutral, |_| Tone::Bad);
            (
                format!("Not over: {} since {}{because}.", open.name(), release.phase_since),
                tone,
            )
        }
    };
    let dry = if of.policy.dry_run { "A dry run. " } else { "" };
    Verdict {
        text: format!("{dry}{text}"),
        tone,
    }
}

/// What each service runs, by what the release last verified.
pub fn runs(release: &Release) -> Vec<(String, String)> {
    let each = [Role::Canary, Role::Stable].map(|role| {
        let service = release.service(role);
        (
            service.name.clone(),
            run(release, service, release.restore_target(role)),
        )
    });
    each.into()
}

fn run(release: &Release, service: &Service, restore: &str) -> String {
    let baseline = definition(&service.baseline.task_definition);
    let Some(given) = &service.given else {
        return format!("{}, untouched by this release", definition(service.baseline_runs_as()));
    };
    let given = definition(&given.task_definition);
    match &release.phase {
        Phase::Closed { outcome } => match outcome {
            Outcome::Promoted => format!("{given}, the revision of this release"),
            Outcome::RolledBack { .. } if restore == service.baseline.task_definition => {
                format!("{baseline} again, its baseline, instead of {given}")
            }
            Outcome::RolledBack { .. } => {
                let copy = definition(restore);
                format!("{copy}, its baseline {baseline} by digest, instead of {given}")
            }
            Outcome::RollbackFailed { .. } => format!("not seen to run its baseline {baseline} again after {given}"),
            Outcome::WouldRollBack { .. } => format!("{given}, left as it was; its baseline is {baseline}"),
            Outcome::Superseded { .. } => format!("{given}, until the next release gave it something else"),
            Outcome::Overtaken { .. } => format!("was given {given}; see above for what somebody else gave"),
            Outcome::Abandoned { .. } => given,
        },
        _ => format!("was given {given}; its baseline is {baseline}"),
    }
}

/// What else is known.
pub fn facts(of: &Reviewed) -> Vec<(String, String)> {
    let release = &of.release;
    let home = &release.home;
    let mut facts = vec![
        ("policy", of.policy.name.clone()),
        ("opened", release.opened.to_string()),
    ];
    facts.push(match of.closed {
        Some(closed) => ("closed", closed.to_string()),
        None => ("closed", "not yet".to_owned()),
    });
    facts.push(("revision", release::revision(release)));
    facts.extend(release::roles(release).map(|roles| ("roles", roles)));
    facts.push(("execution", release::execution(release)));
    facts.extend(release::approval(release).map(|waits| ("approval", waits)));
    let place = format!("cluster {}, account {}, {}", release.cluster, home.account, home.region);
    facts.push(("where", place));
    let heard = release::transitions(release)
        .into_iter()
        .map(|(_, told)| ("heard", told));
    facts.extend(heard);
    facts
        .into_iter()
        .map(|(label, text)| (label.to_owned(), text))
        .collect()
}
