//! Whether images that somebody has Serin release can be released under a policy.

use super::Standing;
use crate::policy::{Approver, Promotion};
use crate::rule::images_from;
use crate::{Images, Outcome, Phase, Policy, Release, Start, Wanted};

/// What a start is answered whose release has been opened, now or long ago: that it is open, or why not any more. Where that
/// is over and went well, whoever waits for it has nothing more to wait for.
pub fn again(release: &Release, wanted: &Wanted) -> (Standing, String) {
    let id = &release.id;
    let first = release.wanted.as_ref();
    if first.is_none_or(|first| first.images != wanted.images) {
        let why = format!(
            "start {} has had other images released, as {id}; give this one an id of its own",
            wanted.id
        );
        return (Standing::Refused, why);
    }
    match (&release.phase, release.phase.rolling_back()) {
        (Phase::Closed { outcome }, _) => {
            let standing = match outcome {
                Outcome::Promoted | Outcome::Abandoned { .. } => Standing::Over,
                _ => Standing::Refused,
            };
            let why = format!(
                "release {id} of this start was {} at {}; to release the same images once more, start under an id of its own",
                outcome.name(),
                release.phase_since
            );
            (standing, why)
        }
        (_, Some(cause)) => (Standing::Refused, format!("release {id} is rolled back: {cause}")),
        (_, None) => (Standing::Open, format!("release {id} is open")),
    }
}

/// Why an explicit start is released no more: the release that is open, or was closed last, was asked for after it. What
/// waits for long, as in a freeze, may be asked for again after what is newer.
pub fn outrun(start: &Start, latest: &Release) -> Option<String> {
    let asked = start.wanted()?.asked?;
    let theirs = latest.wanted.as_ref()?.asked?;
    (latest.start != start.key() && theirs > asked).then(|| {
        format!(
            "release {} was asked for at {theirs}, after this start at {asked}; start it anew if it is wanted still",
            latest.id
        )
    })
}

/// What is wrong with an explicit start, if anything is; `canary` are the images that the canary's definition names.
pub fn unfit(policy: &Policy, wanted: &Wanted, canary: &Images) -> Option<String> {
    let name = &policy.name;
    if policy.dry_run {
        return Some(format!(
            "policy {name} is a dry run, so Serin gives the canary nothing; take dry_run out of it, or start the pipeline"
        ));
    }
    if policy.promotion == Promotion::Pipeline || policy.approval == Approver::Pipeline {
        return Some(format!(
            "policy {name} leaves approval or promotion to a pipeline, and no execution would be behind this release; \
             start the pipeline, or write \"approval\": \"automatic\" or \"human\" and \"promotion\": \"roll_stable\" or \"swap\""
        ));
    }
    if wanted.images.is_empty() {
        return Some("no image is named; name one for each container that is to change".to_owned());
    }
    let canary_name = &policy.two_services.canary;
    if let Some(container) = wanted.images.keys().find(|container| !canary.contains_key(*container)) {
        let known: Vec<&str> = canary.keys().map(String::as_str).collect();
        return Some(format!(
            "{canary_name} has no container {container}; it has {}",
            known.join(", ")
        ));
    }
    if let Some((container, image)) = wanted.images.iter().find(|(_, image)| !is_pinned(image)) {
        return Some(format!(
            "image {image} of container {container} names no digest; write repository@sha256: and 64 hexadecimal digits, \
             since a tag may mean another image by the time that stable is given it"
        ));
    }
    let foreign = wanted
        .images
        .iter()
        .find(|(_, image)| !images_from::is_allowed(policy, image));
    foreign.map(|(container, image)| {
        format!(
            "image {image} of container {container} is from no repository that policy {name} names in images_from: {}",
            policy.images_from.join(", ")
        )
    })
}

/// `repository@sha256:<64 hexadecimal digits>`.
fn is_pinned(image: &str) -> bool {
    let digest = image
        .split_once("@sha256:")
        .map(|(name, digest)| (name.is_empty(), digest));
    digest.is_some_and(|(nameless, digest)| {
        !nameless && digest.len() == 64 && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::Standing::{self, Open, Over, Refused};
    use super::{again, outrun, unfit};
    use crate::policy::{Approver, Promotion};
    use crate::testing::{
        armed, at, automatic, cause, closed, failing, gated, opened, promoting, rolling_back, wanted, watching,
    };
    use crate::{Images, Outcome, Policy, Release, Start, Wanted};

    fn policy() -> Policy {
        Policy {
            promotion: Promotion::RollStable,
            images_from: vec!["repo/orders".to_owned()],
            ..automatic()
        }
    }

    fn of(container: &str, image: &str) -> Wanted {
        Wanted {
            images: Images::from([(container.to_owned(), image.to_owned())]),
            ..wanted()
        }
    }

    #[test]
    fn a_start_that_comes_again_is_answered_with_what_became_of_it() {
        let of = |release: Release| Release {
            wanted: Some(wanted()),
            ..release
        };
        let superseded = Outcome::Superseded {
            by: "orders-2".to_owned(),
        };
        let rolled_back = Outcome::RolledBack { cause: cause() };
        let other = Wanted {
            images: Images::from([("worker".to_owned(), "repo/orders@sha256:99".to_owned())]),
            ..wanted()
        };
        let stopped = Outcome::Abandoned {
            why: "somebody stopped it".to_owned(),
        };
        let open = "release orders-1a2b3c4d is open";
        let cases: [(&str, Release, Wanted, Standing, &str); 12] = [
            ("just opened", of(opened()), wanted(), Open, open),
            ("baking", of(armed()), wanted(), Open, open),
            ("gated", of(gated()), wanted(), Open, open),
            ("promoting", of(promoting()), wanted(), Open, open),
            ("watching", of(watching()), wanted(), Open, open),
            (
                "rolling back",
                of(rolling_back()),
                wanted(),
                Refused,
                "is rolled back: alarm",
            ),
            ("failing", of(failing()), wanted(), Refused, "is rolled back: alarm"),
            (
                "promoted",
                of(closed(watching(), Outcome::Promoted)),
                wanted(),
                Over,
                "was promoted at",
            ),
            (
                "abandoned",
                of(closed(opened(), stopped)),
                wanted(),
                Over,
                "was abandoned at",
            ),
            (
                "rolled back",
                of(closed(rolling_back(), rolled_back)),
                wanted(),
                Refused,
                "was rolled back at",
            ),
            (
                "superseded",
                of(closed(armed(), superseded)),
                wanted(),
                Refused,
                "was superseded at",
            ),
            (
                "other images",
                of(closed(watching(), Outcome::Promoted)),
                other,
                Refused,
                "give this one an id of its own",
            ),
        ];
        for (case, release, wanted, standing, text) in cases {
            let (found, said) = again(&release, &wanted);
            assert_eq!(found, standing, "{case}");
            assert!(said.contains(text), "{case}: {said}");
        }
        // Whoever names a start as a job or a deployment is named has none of its own.
        assert_eq!(again(&armed(), &wanted()).0, Refused);
    }

    #[test]
    fn of_two_starts_that_wait_the_one_that_was_asked_for_last_is_released_whichever_comes_first() {
        let asked = |id: &str, seconds: Option<i64>| Wanted {
            id: id.to_owned(),
            asked: seconds.map(at),
            ..wanted()
        };
        let of = |wanted: Wanted, release: Release| Release {
            start: Start::Explicit(wanted.clone()).key(),
            wanted: Some(wanted),
            ..release
        };
        let job = Start::Job {
            execution: "e".to_owned(),
            action_execution: "j".to_owned(),
        };
        let first = || Start::Explicit(asked("first", Some(100)));
        let second = |seconds| asked("second", seconds);
        let over = |wanted| of(wanted, closed(watching(), Outcome::Promoted));
        let cases: [(&str, Start, Release, bool); 9] = [
            ("a newer one is open", first(), of(second(Some(101)), armed()), true),
            (
                "a newer one is promoting",
                first(),
                of(second(Some(101)), promoting()),
                true,
            ),
            ("a newer one was released", first(), over(second(Some(101))), true),
            ("of one moment", first(), of(second(Some(100)), armed()), false),
            ("an older one is open", first(), of(second(Some(99)), armed()), false),
            (
                "when that was asked for is not known",
                first(),
                of(second(None), armed()),
                false,
            ),
            (
                "when this was asked for is not known",
                Start::Explicit(second(None)),
                of(asked("first", Some(101)), armed()),
                false,
            ),
            (
                "the same, asked for again",
                first(),
                of(asked("first", Some(101)), armed()),
                false,
            ),
            ("a pipeline's own", job, of(second(Some(101)), armed()), false),
        ];
        for (case, start, latest, expected) in cases {
            let found = outrun(&start, &latest);
            assert_eq!(found.is_some(), expected, "{case}: {found:?}");
            let said = "release orders-1a2b3c4d was asked for at 2026-11-21T03:01:41Z, after this start at 2026-11-21T03:01:40Z";
            assert!(found.is_none_or(|found| found.starts_with(said)), "{case}");
        }
        // What nobody knows the time of is none, whatever it is compared with.
        let unknown = Release {
            wanted: None,
            ..armed()
        };
        assert_eq!(outrun(&first(), &unknown), None);
    }

    #[test]
    fn a_start_that_cannot_work_is_refused_with_what_to_write_instead() {
        let digest = "0".repeat(64);
        let pinned = format!("repo/orders@sha256:{digest}");
        let (good, policy) = (|| of("worker", &pinned), policy());
        let dry = Policy {
            dry_run: true,
            ..policy.clone()
        };
        let pipelines = Policy {
            approval: Approver::Pipeline,
            ..policy.clone()
        };
        let gives = Policy {
            promotion: Promotion::Pipeline,
            ..policy.clone()
        };
        let none = Wanted {
            images: Images::new(),
            ..wanted()
        };
        let cases: [(&str, &Policy, Wanted, Option<&str>); 11] = [
            ("good", &policy, good(), None),
            ("dry run", &dry, good(), Some("is a dry run")),
            (
                "approved elsewhere",
                &pipelines,
                good(),
                Some("leaves approval or promotion to a pipeline"),
            ),
            (
                "promoted elsewhere",
                &gives,
                good(),
                Some("leaves approval or promotion to a pipeline"),
            ),
            ("nothing", &policy, none, Some("no image is named")),
            (
                "no such container",
                &policy,
                of("proxy", &pinned),
                Some("has no container proxy; it has worker"),
            ),
            (
                "a tag",
                &policy,
                of("worker", "repo/orders:v2"),
                Some("names no digest"),
            ),
            (
                "half a digest",
                &policy,
                of("worker", "repo/orders@sha256:00"),
                Some("names no digest"),
            ),
            (
                "no name",
                &policy,
                of("worker", &format!("@sha256:{digest}")),
                Some("names no digest"),
            ),
            (
                "upper case",
                &policy,
                of("worker", &format!("repo/orders@sha256:{}", "A".repeat(64))),
                Some("names no digest"),
            ),
            (
                "from elsewhere",
                &policy,
                of("worker", &format!("repo/orders2@sha256:{digest}")),
                Some("is from no repository that policy orders names in images_from: repo/orders"),
            ),
        ];
        let canary = Images::from([("worker".to_owned(), "repo/orders:v1".to_owned())]);
        for (case, policy, wanted, expected) in cases {
            let found = unfit(policy, &wanted, &canary);
            match expected {
                None => assert_eq!(found, None, "{case}"),
                Some(text) => assert!(
                    found.as_ref().is_some_and(|found| found.contains(text)),
                    "{case}: {found:?}"
                ),
            }
        }
    }
}
