use super::{Push, Pushed, foreign, pushed};
use crate::policy::{Promotion, StartsOnPush};
use crate::testing::{armed, at, automatic, closed, opened, wanted};
use crate::{Home, Images, Outcome, Policy, Release, Start, Wanted};

const REGISTRY: &str = "111122223333.dkr.ecr.eu-central-1.amazonaws.com";

fn policy() -> Policy {
    Policy {
        promotion: Promotion::RollStable,
        starts_on_push: Some(StartsOnPush {
            repository: "team/orders".to_owned(),
            tag_pattern: "release-*".to_owned(),
        }),
        ..automatic()
    }
}

fn push() -> Push {
    Push {
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
        repository: "team/orders".to_owned(),
        digest: format!("sha256:{}", "2".repeat(64)),
        tag: Some("release-7".to_owned()),
        at: at(0),
    }
}

fn image(rest: &str) -> String {
    format!("{REGISTRY}/{rest}")
}

fn pinned() -> String {
    image(&format!("team/orders@{}", push().digest))
}

fn named(images: &[(&str, String)]) -> Images {
    images
        .iter()
        .map(|(container, image)| ((*container).to_owned(), image.clone()))
        .collect()
}

/// A worker and what stands beside it.
fn canary() -> Images {
    named(&[
        ("worker", image("team/orders:release-6")),
        ("proxy", "public.ecr.aws/proxy:3".to_owned()),
    ])
}

fn starts(policy: &Policy, push: &Push, canary: &Images, latest: Option<&Release>) -> Wanted {
    match pushed(policy, push, Some(canary), latest) {
        Pushed::Starts(wanted) => wanted,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_canary_runs_of_the_repository_is_given_what_was_pushed() {
    let cases = [
        ("one of two", canary(), vec!["worker"]),
        (
            "several of one repository",
            named(&[
                ("web", image("team/orders:release-6")),
                ("migrate", image("team/orders")),
                ("older", image(&format!("team/orders@sha256:{}", "1".repeat(64)))),
            ]),
            vec!["migrate", "older", "web"],
        ),
        (
            "one of them runs it already",
            named(&[("web", pinned()), ("migrate", image("team/orders:release-6"))]),
            vec!["migrate", "web"],
        ),
    ];
    for (case, canary, containers) in cases {
        let wanted = starts(&policy(), &push(), &canary, None);
        let given: Vec<&String> = wanted.images.keys().collect();
        assert_eq!(given, containers, "{case}");
        assert!(wanted.images.values().all(|image| *image == pinned()), "{case}");
        assert_eq!(
            wanted.why,
            format!("team/orders:release-7 was pushed at {}", at(0)),
            "{case}"
        );
    }
}

#[test]
fn the_host_that_the_service_pulls_from_stays() {
    for host in [
        "111122223333.dkr.ecr.eu-central-1.amazonaws.com",
        "111122223333.dkr.ecr-fips.eu-central-1.amazonaws.com",
        "111122223333.dkr-ecr.eu-central-1.on.aws",
    ] {
        let canary = named(&[("worker", format!("{host}/team/orders:release-6"))]);
        let wanted = starts(&policy(), &push(), &canary, None);
        assert_eq!(wanted.images["worker"], format!("{host}/team/orders@{}", push().digest));
    }
}

#[test]
fn a_push_of_another_account_or_region_is_none_of_this_stacks() {
    let home = Home {
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
        partition: "aws".to_owned(),
    };
    let of = |account: &str, region: &str| Push {
        account: account.to_owned(),
        region: region.to_owned(),
        ..push()
    };
    let cases = [
        ("its own", push(), None),
        (
            "another account",
            of("444455556666", "eu-central-1"),
            Some("444455556666 in eu-central-1"),
        ),
        (
            "another region",
            of("111122223333", "eu-central-2"),
            Some("111122223333 in eu-central-2"),
        ),
        (
            "a region that begins alike",
            of("111122223333", "eu-central-10"),
            Some("111122223333 in eu-central-10"),
        ),
        ("nothing at all", of("", ""), Some("remove the rule that forwards it")),
    ];
    for (case, push, expected) in cases {
        match (foreign(&push, &home), expected) {
            (None, None) => {}
            (Some(why), Some(text)) => assert!(why.contains(text), "{case}: {why}"),
            (found, _) => panic!("{case}: {found:?}"),
        }
    }
    let arn = "arn:aws:ecr:eu-central-1:111122223333:repository/team/orders";
    assert_eq!(home.repository_arn("team/orders"), arn);
}

#[test]
fn what_starts_nothing_says_why() {
    type Case = (&'static str, fn(&mut Policy, &mut Push), &'static str);
    let cases: [Case; 8] = [
        (
            "no such field",
            |policy, _| policy.starts_on_push = None,
            "policy orders starts nothing on a push to team/orders",
        ),
        (
            "another repository",
            |_, push| push.repository = "orders".to_owned(),
            "policy orders starts nothing on a push to orders",
        ),
        (
            "one platform's image of an index",
            |_, push| push.tag = None,
            "an image without a tag starts nothing",
        ),
        (
            "another tag",
            |_, push| push.tag = Some("test-7".to_owned()),
            "tag test-7 is not what policy orders starts on, release-*",
        ),
        (
            "a signature",
            |policy, push| {
                policy.starts_on_push.as_mut().unwrap().tag_pattern = "*".to_owned();
                push.tag = Some(format!("sha256-{}.sig", "a".repeat(64)));
            },
            "belongs to another image",
        ),
        (
            "a list of contents",
            |policy, push| {
                policy.starts_on_push.as_mut().unwrap().tag_pattern = "*".to_owned();
                push.tag = Some(format!("sha256-{}", "a".repeat(64)));
            },
            "belongs to another image",
        ),
        (
            "a tag in upper case",
            |_, push| push.tag = Some("Release-7".to_owned()),
            "tag Release-7 is not what policy orders starts on",
        ),
        (
            "an empty tag",
            |_, push| push.tag = Some(String::new()),
            "is not what policy orders starts on",
        ),
    ];
    for (case, change, text) in cases {
        let (mut policy, mut push) = (policy(), push());
        change(&mut policy, &mut push);
        let Pushed::Nothing(why) = pushed(&policy, &push, Some(&canary()), None) else {
            panic!("{case}");
        };
        assert!(why.contains(text), "{case}: {why}");
    }
    let short = Push {
        tag: Some("sha256-abc".to_owned()),
        ..push()
    };
    let mut any = policy();
    any.starts_on_push.as_mut().unwrap().tag_pattern = "*".to_owned();
    starts(&any, &short, &canary(), None);
}

#[test]
fn what_the_canary_runs_decides_whether_there_is_anything_to_give() {
    let first = pushed(&policy(), &push(), None, None);
    assert!(
        matches!(&first, Pushed::Nothing(why) if why.contains("no deployment yet")),
        "the first image comes before the services: {first:?}"
    );
    let runs = pushed(&policy(), &push(), Some(&named(&[("worker", pinned())])), None);
    assert!(
        matches!(&runs, Pushed::Nothing(why) if why.contains("already")),
        "{runs:?}"
    );
    let elsewhere = [
        image("orders:release-6"),
        image("team/orders2:release-6"),
        "team/orders:release-6".to_owned(),
        "444455556666.dkr.ecr.eu-central-1.amazonaws.com/team/orders:release-6".to_owned(),
        "111122223333.dkr.ecr.eu-central-2.amazonaws.com/team/orders:release-6".to_owned(),
        "111122223333.dkr.ecr.eu-central-10.amazonaws.com/team/orders:release-6".to_owned(),
    ];
    for other in elsewhere {
        let found = pushed(&policy(), &push(), Some(&named(&[("worker", other.clone())])), None);
        assert!(
            matches!(&found, Pushed::Refused(why) if why.contains(&other)),
            "{found:?}"
        );
    }
    assert!(matches!(
        pushed(&policy(), &push(), Some(&Images::new()), None),
        Pushed::Refused(_)
    ));
}

/// A release that was opened so many seconds after the push, and what it gives.
fn release(seconds: i64, images: Option<Images>) -> Release {
    let mut release = opened();
    release.opened = at(seconds);
    release.wanted = images.map(|images| Wanted { images, ..wanted() });
    release
}

#[test]
fn a_push_takes_no_place_that_was_taken_after_it() {
    let same = || Some(named(&[("worker", pinned())]));
    let over = |release| closed(release, Outcome::Promoted);
    let asked = |seconds, release| Release {
        wanted: Some(Wanted {
            asked: Some(at(seconds)),
            ..wanted()
        }),
        ..release
    };
    let cases = [
        ("open since before the push", release(-60, None), None),
        ("opened in the second of the push", release(0, None), None),
        ("closed since before the push", over(release(-60, None)), None),
        (
            "opened after it",
            release(60, None),
            Some("was started after this push, and not by one"),
        ),
        (
            "opened after it, and asked for before",
            asked(-1, release(60, None)),
            None,
        ),
        (
            "opened after it, and asked for after it",
            asked(1, release(60, None)),
            Some("was started after this push, and not by one"),
        ),
        (
            "opened after it, and closed",
            over(release(60, None)),
            Some("was started after this push, and not by one"),
        ),
        (
            "open, of these images",
            release(-1, same()),
            Some("is of these images already"),
        ),
        (
            "closed, of these images: they are to come once more",
            over(release(-60, same())),
            None,
        ),
    ];
    for (case, latest, expected) in cases {
        match (pushed(&policy(), &push(), Some(&canary()), Some(&latest)), expected) {
            (Pushed::Starts(_), None) => {}
            (Pushed::Nothing(why), Some(text)) if text.ends_with("already") => {
                assert!(why.contains(text), "{case}: {why}");
            }
            // Whoever did that may not know of the push: it is told by the failed execution.
            (Pushed::Refused(why), Some(text)) => assert!(why.contains(text), "{case}: {why}"),
            (other, _) => panic!("{case}: {other:?}"),
        }
    }
}

#[test]
fn of_two_pushes_that_wait_the_newer_one_wins_whichever_is_opened_first() {
    let by_push = |seconds: i64| {
        let other = Push {
            at: at(seconds),
            digest: format!("sha256:{}", "9".repeat(64)),
            ..push()
        };
        let wanted = starts(&policy(), &other, &canary(), None);
        let mut release = release(600, Some(wanted.images.clone()));
        release.start = Start::Explicit(wanted).key();
        release
    };
    let judged = |latest: &Release| pushed(&policy(), &push(), Some(&canary()), Some(latest));
    assert!(
        matches!(judged(&by_push(-1)), Pushed::Starts(_)),
        "an older one was opened first"
    );
    assert!(
        matches!(judged(&by_push(0)), Pushed::Starts(_)),
        "one of the same second"
    );
    assert!(matches!(judged(&by_push(1)), Pushed::Nothing(why) if why.contains("of a newer push")));
}

#[test]
fn a_push_told_twice_is_one_start() {
    let first = starts(&policy(), &push(), &canary(), None);
    let mut own = armed();
    own.opened = at(60);
    own.start = Start::Explicit(first.clone()).key();
    own.wanted = Some(first.clone());
    assert_eq!(starts(&policy(), &push(), &canary(), Some(&own)), first);
    let id = |change: fn(&mut Push)| {
        let mut push = push();
        change(&mut push);
        starts(&policy(), &push, &canary(), None).id
    };
    assert_eq!(
        id(|push| push.tag = Some("release-8".to_owned())),
        first.id,
        "two tags of one push"
    );
    assert_ne!(id(|push| push.at = at(1)), first.id, "pushed again");
    assert_ne!(id(|push| push.digest = format!("sha256:{}", "3".repeat(64))), first.id);
    assert!(
        first.id.len() <= 64 && first.id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'),
        "{}",
        first.id
    );
}
