use super::is_anothers;
use super::{Runs, identify};
use crate::order::tests::frozen;
use crate::policy::Promotion;
use crate::testing::{
    armed, arn, at, at_approval, automatic, by_nobody, cause, lanes, meaning, on, opened, rolling_back, unknown, wanted,
};
use crate::{At, Decision, Fact, Part, Phase, Policy, Release, Role, Seen, SeenService, decide};

fn policy() -> Policy {
    Policy {
        promotion: Promotion::RollStable,
        ..automatic()
    }
}

/// Opened by somebody at 0, no pipeline behind it.
fn started() -> Release {
    Release {
        opened: at(0),
        pipeline: None,
        wanted: Some(wanted()),
        ..opened()
    }
}

fn registered() -> Release {
    let mut release = started();
    let fact = Fact::Deploys {
        task_definition: arn("orders-canary", 5),
    };
    release.facts.insert(fact.key(), fact);
    release
}

fn told(seconds: i64) -> Release {
    let mut release = registered();
    release.wanted.as_mut().unwrap().given = Some(at(seconds));
    release
}

fn looking(release: &Release, canary: Part<SeenService>, when: At) -> Decision {
    let seen = Seen {
        canary,
        stable: Part::Known(on("orders", 1, 3)),
        ..at_approval()
    };
    decide(&policy(), release, &seen, when)
}

fn before() -> Part<SeenService> {
    Part::Known(on("orders-canary", 1, 1))
}

fn somebodys() -> Part<SeenService> {
    Part::Known(by_nobody(meaning(
        on("orders-canary", 9, 1),
        "v9",
        "orders-canary-settings",
    )))
}

/// What is known, the canary, the moment, what is done, and when the canary was told.
type Case<'a> = (&'a str, Release, Part<SeenService>, i64, &'a str, Option<At>);

#[test]
fn it_registers_then_gives_and_says_when() {
    let register = "register for the canary orders-canary:1";
    let deploy = "deploy orders-canary:5 to orders-canary";
    let cases: [Case<'_>; 8] = [
        ("nothing is registered", started(), before(), 10, register, None),
        ("it is registered", registered(), before(), 10, deploy, Some(at(10))),
        ("it was told a moment ago", told(10), before(), 30, "", Some(at(10))),
        ("it was told a minute ago", told(10), before(), 70, deploy, Some(at(70))),
        ("the canary is unknown", registered(), unknown(), 10, "", None),
        ("somebody was quicker", registered(), somebodys(), 10, "", None),
        ("the deadline is over", registered(), before(), 1_800, "", None),
        (
            "the deadline is over, and it may land yet",
            told(1_790),
            before(),
            1_800,
            "",
            Some(at(1_790)),
        ),
    ];
    for (case, release, canary, seconds, expected, given) in cases {
        let decision = looking(&release, canary, at(seconds));
        assert_eq!(lanes(&decision), expected, "{case}: {}", decision.because);
        let wanted = decision.next.wanted.as_ref().unwrap();
        assert_eq!(wanted.given, given, "{case}");
    }
}

#[test]
fn what_does_not_come_about_is_over_once_nothing_can_land_any_more() {
    let cases: [(&str, Release, Part<SeenService>, i64, &str); 6] = [
        ("in time", registered(), before(), 1_799, "deploying"),
        ("never told", started(), before(), 1_800, "abandoned"),
        ("told long ago", told(1_600), before(), 1_800, "abandoned"),
        ("told just now", told(1_790), before(), 1_800, "deploying"),
        (
            "somebody was quicker, nothing told",
            registered(),
            somebodys(),
            10,
            "overtaken",
        ),
        (
            "somebody was quicker, told just now",
            told(5),
            somebodys(),
            10,
            "deploying",
        ),
    ];
    for (case, release, canary, seconds, expected) in cases {
        let decision = looking(&release, canary, at(seconds));
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn what_was_registered_arms_it_and_nothing_else() {
    let given = |number: u32| {
        Part::Known(by_nobody(meaning(
            on("orders-canary", number, 1),
            "v2",
            "orders-canary-settings",
        )))
    };
    let armed = looking(&told(5), given(5), at(60)).next;
    assert_eq!(armed.phase.name(), "baking");
    let task_definition = armed.canary.given.as_ref().map(|given| given.task_definition.clone());
    assert_eq!(task_definition, Some(arn("orders-canary", 5)));
    let other = looking(&told(5), given(9), at(60)).next;
    assert_eq!((other.phase.name(), other.canary.given), ("deploying", None));
    let Part::Known(seen) = given(9) else { unreachable!() };
    assert!(
        !is_anothers(&armed, &seen.primary),
        "what comes later is judged like any other"
    );
}

#[test]
fn nothing_is_given_in_a_freeze() {
    let decision = looking(&frozen(registered(), None), before(), at(10));
    assert_eq!(lanes(&decision), "");
    assert!(
        decision.because.contains("is not given the revision"),
        "{}",
        decision.because
    );
}

#[test]
fn what_has_baked_is_promoted_without_a_pipeline() {
    let canary = || {
        Part::Known(by_nobody(meaning(
            on("orders-canary", 5, 1),
            "v2",
            "orders-canary-settings",
        )))
    };
    let armed = looking(&told(5), canary(), at(60)).next;
    let gated = looking(&armed, canary(), at(700));
    assert_eq!(gated.next.phase.name(), "promoting", "{}", gated.because);
    assert_eq!(lanes(&gated), "register for stable orders:1");
    let human = Policy {
        approval: crate::policy::Approver::Human,
        ..policy()
    };
    let seen = Seen {
        canary: canary(),
        stable: Part::Known(on("orders", 1, 3)),
        ..at_approval()
    };
    let waits = decide(&human, &armed, &seen, at(700));
    assert_eq!((waits.next.phase.name(), lanes(&waits)), ("gated", String::new()));
    assert!(waits.because.contains("serin approve orders"), "{}", waits.because);
}

#[test]
fn a_call_that_may_land_yet_keeps_a_rollback_from_closing() {
    let mut release = rolling_back();
    release.wanted = Some(wanted());
    let seen = || Seen {
        stable: Part::Known(on("orders", 1, 3)),
        canary: before(),
        ..crate::testing::right()
    };
    release.wanted.as_mut().unwrap().given = Some(at(1_000));
    let open = decide(&policy(), &release, &seen(), at(1_100));
    assert!(open.next.phase.rolling_back().is_some(), "{}", open.because);
    let closed = decide(&policy(), &release, &seen(), at(1_121));
    assert!(matches!(closed.next.phase, Phase::Closed { .. }), "{}", closed.because);
}

/// Somebody aborts it in the second between the call and the first look that shows what it gave.
#[test]
fn what_lands_after_an_abort_is_taken_back() {
    let mut release = rolling_back();
    release.canary.given = None;
    release.images = None;
    release.pipeline = None;
    release.wanted = told(5).wanted;
    for number in [5, 6] {
        let fact = Fact::Deploys {
            task_definition: arn("orders-canary", number),
        };
        release.facts.insert(fact.key(), fact);
    }
    for number in [5, 6, 9] {
        let digest = if number == 9 { "v9" } else { "v2" };
        let canary = by_nobody(meaning(
            on("orders-canary", number, 1),
            digest,
            "orders-canary-settings",
        ));
        let decision = looking(&release, Part::Known(canary), at(400));
        let back = lanes(&decision).contains("orders-canary:1");
        assert_eq!(
            back,
            number != 9,
            "{number}: {}: {}",
            lanes(&decision),
            decision.because
        );
        let open = decision.next.phase.rolling_back().is_some();
        assert_eq!(open, number != 9, "{number}: {}", decision.because);
    }
}

#[test]
fn what_was_registered_at_the_same_time_twice_is_its_own_whichever_is_given() {
    let mut release = told(5);
    let fact = Fact::Deploys {
        task_definition: arn("orders-canary", 6),
    };
    release.facts.insert(fact.key(), fact);
    for number in [5, 6] {
        let canary = by_nobody(meaning(on("orders-canary", number, 1), "v2", "orders-canary-settings"));
        let decision = looking(&release, Part::Known(canary), at(60));
        assert_eq!(decision.next.phase.name(), "baking", "{number}: {}", decision.because);
    }
}

#[test]
fn whoever_asks_for_what_runs_already_hears_that_at_once() {
    let mut release = started();
    let fact = Fact::Deploys {
        task_definition: release.canary.restore.clone(),
    };
    release.facts.insert(fact.key(), fact);
    let decision = looking(&release, before(), at(10));
    assert_eq!(decision.next.phase.name(), "abandoned");
    assert!(
        decision.because.contains("runs these images already"),
        "{}",
        decision.because
    );
}

#[test]
fn whoever_asks_for_what_ran_before_the_release_before_is_given_it() {
    let left = || {
        Part::Known(by_nobody(meaning(
            on("orders-canary", 2, 1),
            "v2",
            "orders-canary-settings",
        )))
    };
    let mut release = started();
    release.canary = armed().canary;
    let fact = Fact::Deploys {
        task_definition: release.canary.restore.clone(),
    };
    release.facts.insert(fact.key(), fact);
    let Part::Known(seen) = left() else { unreachable!() };
    if let Some(given) = release.canary.given.as_mut() {
        given.deployment.clone_from(&seen.primary.id);
    }
    let decision = looking(&release, left(), at(10));
    assert_eq!(decision.next.phase.name(), "deploying", "{}", decision.because);
    assert_eq!(lanes(&decision), "deploy orders-canary:1 to orders-canary");
    let landed = looking(&decision.next, before(), at(60));
    assert_eq!(landed.next.phase.name(), "abandoned", "{}", landed.because);
}

/// The release before had given the canary that, and this one took its place.
fn after_one_before(gave: u32, registered: u32) -> (Release, Part<SeenService>) {
    let left = by_nobody(meaning(on("orders-canary", gave, 1), "v2", "orders-canary-settings"));
    let mut release = started();
    release.canary = armed().canary;
    release.canary.earlier = vec![arn("orders-canary", gave)];
    let given = release.canary.given.as_mut().unwrap();
    given.deployment.clone_from(&left.primary.id);
    given.task_definition = arn("orders-canary", gave);
    given.created = left.primary.created;
    given.reached = Some(at(0));
    let fact = Fact::Deploys {
        task_definition: arn("orders-canary", registered),
    };
    release.facts.insert(fact.key(), fact);
    (release, Part::Known(left))
}

/// ECS begins no deployment where a service is given what it runs: there is nothing to wait for.
#[test]
fn whoever_asks_for_what_the_release_before_was_judged_for_has_it_judged_from_here_on() {
    let (release, left) = after_one_before(5, 5);
    let decision = looking(&release, left.clone(), at(10));
    assert_eq!(decision.next.phase.name(), "baking", "{}", decision.because);
    assert_eq!(lanes(&decision), "");
    let given = decision.next.canary.given.clone().unwrap();
    assert_eq!(given.reached, Some(at(10)), "its bake is its own");
    let again = looking(&decision.next, left.clone(), at(20));
    assert_eq!(again.next.canary.given, Some(given), "and begins once");

    let cases: [(&str, Release, &str); 3] = [
        (
            "nothing is registered yet",
            {
                let mut release = release.clone();
                release.facts.clear();
                release
            },
            "deploying",
        ),
        ("another definition is", after_one_before(5, 6).0, "deploying"),
        (
            "an older look than what was noted",
            {
                let mut release = release.clone();
                let given = release.canary.given.as_mut().unwrap();
                given.created = given.created.plus_seconds(60);
                given.deployment = "ecs-svc/later".to_owned();
                release
            },
            "deploying",
        ),
    ];
    for (case, release, phase) in cases {
        let decision = looking(&release, left.clone(), at(10));
        assert_eq!(decision.next.phase.name(), phase, "{case}: {}", decision.because);
    }
}

/// What it is about, the policy, the release, the canary, the moment, the phase then, and what is done.
type Late<'a> = (&'a str, Policy, Release, Part<SeenService>, i64, &'a str, &'a str);

#[test]
fn what_the_release_before_left_is_taken_out_where_this_one_never_comes() {
    let never = Policy {
        rollback: crate::policy::Rollback::Never,
        ..policy()
    };
    let told = |seconds: i64| {
        let mut release = after_one_before(5, 6).0;
        release.wanted.as_mut().unwrap().given = Some(at(seconds));
        release
    };
    let persons = || {
        let mut release = told(1_600);
        release.canary.earlier.clear();
        release
    };
    let (_, left) = after_one_before(5, 6);
    let mut put_back = told(1_600);
    put_back.canary.given = None;
    let cases: [Late<'_>; 8] = [
        (
            "in time",
            policy(),
            told(1_600),
            left.clone(),
            1_700,
            "deploying",
            "deploy orders-canary:6 to orders-canary",
        ),
        (
            "too late",
            policy(),
            told(1_600),
            left.clone(),
            1_800,
            "rolling back",
            "restore orders-canary",
        ),
        (
            "it may land yet",
            policy(),
            told(1_790),
            left.clone(),
            1_800,
            "deploying",
            "",
        ),
        (
            "ECS put it there once more",
            policy(),
            put_back,
            left.clone(),
            1_800,
            "rolling back",
            "restore orders-canary",
        ),
        (
            "a person had left it there",
            policy(),
            persons(),
            left.clone(),
            1_800,
            "abandoned",
            "",
        ),
        (
            "nothing may go back",
            never,
            told(1_600),
            left.clone(),
            1_800,
            "abandoned",
            "",
        ),
        ("it is gone", policy(), told(1_600), before(), 1_800, "abandoned", ""),
        (
            "nobody can tell",
            policy(),
            told(1_600),
            unknown(),
            1_800,
            "deploying",
            "",
        ),
    ];
    for (case, policy, release, canary, seconds, phase, done) in cases {
        let seen = Seen {
            canary,
            stable: Part::Known(on("orders", 1, 3)),
            ..at_approval()
        };
        let decision = decide(&policy, &release, &seen, at(seconds));
        assert_eq!(decision.next.phase.name(), phase, "{case}: {}", decision.because);
        assert!(lanes(&decision).contains(done), "{case}: {}", lanes(&decision));
    }
}

/// It has to go back before it was ever seen with what it was given.
#[test]
fn what_was_registered_for_a_release_is_taken_back_though_nobody_had_seen_it() {
    let (mut release, _) = after_one_before(5, 6);
    release.phase = Phase::RollingBack { cause: cause() };
    let runs = |definition: u32| {
        let seen = meaning(on("orders-canary", definition, 1), "v3", "orders-canary-settings");
        identify(&release, Role::Canary, &by_nobody(seen).primary)
    };
    assert_eq!(runs(6), Runs::Released);
    assert_eq!(runs(7), Runs::Third("orders-canary:7".to_owned()));
}

mod put_back;
