use super::super::{note as note_weights, set};
use super::{handed_over, note, sized};
use crate::policy::{Alb, Approver, OnNewRelease, Promotion, Retire, Step, Stop, Traffic};
use crate::testing::{armed, at, at_approval, lanes, on, policy, rolling_back, unknown};
use crate::{
    Cause, Outcome, Part, Phase, Policy, Release, Seen, SeenForward, SeenService, SeenTargets, Size, Weighed, Weights,
    decide,
};

/// A tenth for ten minutes, then everything, watched for half an hour.
pub(crate) fn swapping() -> Policy {
    Policy {
        pipeline: None,
        approval: Approver::Automatic,
        promotion: Promotion::Swap,
        retire: Some(Retire::ScaleToZero),
        stop: Some(Stop::Now),
        on_new_release: OnNewRelease::Hold,
        traffic: Traffic::Alb(Alb {
            rule: "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener-rule/app/orders/50/f2/96".to_owned(),
            stable_target_group: "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/orders/73"
                .to_owned(),
            canary_target_group: "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/canary/73"
                .to_owned(),
            resting_share_permille: None,
        }),
        steps: vec![Step {
            share_permille: Some(100),
            bake_minutes: 10,
        }],
        ..policy()
    }
}

const fn weights(canary: u32, stable: u32) -> Weights {
    Weights { canary, stable }
}

const REST: Weights = weights(0, 1);
const TENTH: Weights = weights(100, 900);
const EVERYTHING: Weights = weights(999, 0);

/// The canary on v2 and stable on v1, with so many tasks, all of the canary's targets healthy.
pub(crate) fn sees(canary: u32, stable: u32, weights: Weights) -> Seen {
    Seen {
        canary: Part::Known(on("orders-canary", 2, canary)),
        stable: Part::Known(on("orders", 1, stable)),
        pipeline: unknown(),
        forwards: Part::Known(Some(SeenForward {
            answers: None,
            canary: Some(weights.canary),
            stable: Some(weights.stable),
            others: 0,
            sticky_seconds: None,
            tagged: Some("orders".to_owned()),
        })),
        targets: healthy(canary, canary),
        ..at_approval()
    }
}

fn healthy(healthy: u32, all: u32) -> Part<SeenTargets> {
    Part::Known(SeenTargets {
        healthy,
        all,
        why: None,
    })
}

/// The release in a phase since 400 s, its canary found with no task and given three, these weights set at 100 s.
pub(crate) fn swap_in(phase: Phase, given: Weights) -> Release {
    let mut size = Size::found(0, at(10));
    size.give(3, at(20));
    size.seen = true;
    let mut weighed = Weighed::found(REST, REST, at(0));
    if given != REST {
        weighed.give(given, at(100));
        weighed.seen = true;
    }
    let mut release = match phase {
        Phase::RollingBack { .. } => rolling_back(),
        _ => armed(),
    };
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    Release {
        phase,
        phase_since: at(400),
        pipeline: None,
        swaps: true,
        size: Some(size),
        weights: Some(weighed),
        ..release
    }
}

pub(crate) fn watched() -> Release {
    let mut release = swap_in(Phase::Watching, EVERYTHING);
    release.weights.as_mut().unwrap().exchange();
    release
}

fn baking() -> Phase {
    Phase::Baking { step: 0 }
}

fn back() -> Phase {
    Phase::RollingBack {
        cause: crate::testing::cause(),
    }
}

/// What is done about weights and numbers of tasks.
fn does(mut release: Release, seen: &Seen, seconds: i64) -> String {
    let policy = swapping();
    let alb = policy.alb().unwrap();
    note_weights(&policy, alb, &mut release, seen, at(seconds));
    note(&mut release, seen, at(seconds));
    let way = set(&policy, alb, &mut release, seen, at(seconds));
    let way = sized(&policy, &mut release, seen, at(seconds), way);
    let of = |lane| crate::Decision {
        next: release.clone(),
        because: String::new(),
        lanes: vec![lane],
        notices: Vec::new(),
        successor: None,
        look_again_seconds: None,
    };
    [way.beside, way.with_canary]
        .map(|lane| lanes(&of(lane)))
        .into_iter()
        .filter(|lane| !lane.is_empty())
        .collect::<Vec<_>>()
        .join(" | ")
}

/// What is seen, with something else of the rule.
fn forwarding(mut seen: Seen, change: impl FnOnce(&mut SeenForward)) -> Seen {
    if let Part::Known(Some(forward)) = &mut seen.forwards {
        change(forward);
    }
    seen
}

/// The canary with so many tasks, and these weights, where its group and stable's are in the rule.
fn sent(tasks: u32, canary: Option<u32>, stable: Option<u32>) -> Seen {
    forwarding(sees(tasks, 3, REST), |forward| {
        (forward.canary, forward.stable) = (canary, stable);
    })
}

fn of_ecs(seen: Seen) -> Seen {
    let policy = swapping();
    let mut stable = on("orders", 1, 3);
    stable.shifted_by_ecs.push(policy.alb().unwrap().rule.clone());
    Seen {
        stable: Part::Known(stable),
        ..seen
    }
}

/// At rest again, while sessions stick for so long.
fn sticky(seconds: u32) -> Seen {
    forwarding(sees(3, 3, REST), |forward| forward.sticky_seconds = Some(seconds))
}

/// Taken back, the weights returned at this moment.
fn returned_at(seconds: i64) -> Release {
    let mut release = swap_in(back(), TENTH);
    let weights = release.weights.as_mut().unwrap();
    weights.give(REST, at(seconds));
    weights.seen = true;
    release
}

#[test]
fn the_canary_has_as_many_tasks_as_stable_before_it_has_a_share_and_its_own_only_when_nobody_is_sent_to_it() {
    let unsized_yet = |phase| Release {
        size: None,
        ..swap_in(phase, REST)
    };
    let sick = Seen {
        targets: healthy(2, 3),
        ..sees(3, 3, TENTH)
    };
    let gone = Seen {
        forwards: Part::Known(None),
        ..sees(3, 3, TENTH)
    };
    let unread = Seen {
        forwards: unknown(),
        ..sees(3, 3, EVERYTHING)
    };
    let cases: Vec<(&str, Release, Seen, &str)> = vec![
        (
            "it has none yet",
            unsized_yet(baking()),
            sees(0, 3, REST),
            "scale orders-canary 3",
        ),
        (
            "it has more already",
            unsized_yet(baking()),
            sees(5, 3, REST),
            "shift 100 to 900",
        ),
        (
            "it has as many",
            swap_in(baking(), REST),
            sees(3, 3, REST),
            "shift 100 to 900",
        ),
        (
            "it has fewer than stable, as somebody else gave it",
            swap_in(baking(), REST),
            sees(2, 3, REST),
            "",
        ),
        (
            "stable grows",
            swap_in(baking(), TENTH),
            sees(3, 4, TENTH),
            "scale orders-canary 4",
        ),
        (
            "everything",
            swap_in(Phase::Promoting, TENTH),
            sees(3, 3, TENTH),
            "shift 999 to 0",
        ),
        (
            "everything, once it is healthy",
            swap_in(Phase::Promoting, TENTH),
            sick,
            "",
        ),
        (
            "everything, once it has enough tasks",
            swap_in(Phase::Promoting, TENTH),
            sees(3, 4, TENTH),
            "scale orders-canary 4",
        ),
        (
            "it has everything",
            swap_in(Phase::Promoting, EVERYTHING),
            sees(3, 3, EVERYTHING),
            "",
        ),
        ("watched", watched(), sees(3, 3, EVERYTHING), ""),
        ("watched, and somebody scales it", watched(), sees(7, 3, EVERYTHING), ""),
        (
            "taken back: first the weights",
            swap_in(back(), TENTH),
            sees(3, 3, TENTH),
            "shift 0 to 1",
        ),
        (
            "taken back, and the weights cannot be read",
            swap_in(back(), EVERYTHING),
            unread,
            "shift 0 to 1",
        ),
        (
            "then its tasks",
            swap_in(back(), REST),
            sees(3, 3, REST),
            "scale orders-canary 0",
        ),
        (
            "nothing forwards to it any more",
            swap_in(back(), TENTH),
            gone,
            "scale orders-canary 0",
        ),
        (
            "somebody sends everybody to it",
            swap_in(back(), TENTH),
            sent(3, Some(999), None),
            "",
        ),
        (
            "somebody has taken it out",
            swap_in(back(), TENTH),
            sent(3, None, Some(1)),
            "scale orders-canary 0",
        ),
        (
            "whether it is sent anybody is unknown",
            swap_in(back(), REST),
            Seen {
                forwards: unknown(),
                ..sees(3, 3, REST)
            },
            "",
        ),
        (
            "ECS sets the weights",
            swap_in(back(), TENTH),
            of_ecs(sees(3, 3, REST)),
            "",
        ),
        ("sessions stick to it", returned_at(450), sticky(3_000), ""),
        (
            "sessions stick to it no more",
            returned_at(450),
            sticky(49),
            "scale orders-canary 0",
        ),
        ("all is as it was", swap_in(back(), REST), sees(0, 3, REST), ""),
    ];
    for (name, release, seen, expected) in cases {
        assert_eq!(does(release, &seen, 500), expected, "{name}");
    }
}

#[test]
fn a_number_of_tasks_that_somebody_else_gave_is_theirs_and_too_few_are_given_no_more() {
    let policy = swapping();
    let seen = sees(2, 3, TENTH);
    let decision = decide(&policy, &swap_in(Phase::Promoting, TENTH), &seen, at(500));
    assert_eq!(lanes(&decision), "", "{}", decision.because);
    for said in [
        "orders-canary has 2 tasks, as somebody else gave it; left so",
        "orders-canary is to carry everything, but orders-canary has 2 tasks, and orders has 3",
    ] {
        assert!(decision.because.contains(said), "{}", decision.because);
    }
}

#[test]
fn everything_is_at_the_canary_once_that_was_read_back() {
    let policy = swapping();
    let alb = policy.alb().unwrap();
    let promoting = || swap_in(Phase::Promoting, EVERYTHING);
    let theirs = || {
        let mut release = promoting();
        release.weights.as_mut().unwrap().theirs = Some(TENTH);
        release
    };
    let cases: Vec<(&str, Release, Seen, Option<&str>)> = vec![
        ("read back", promoting(), sees(3, 3, EVERYTHING), None),
        (
            "another way to say it",
            promoting(),
            sees(3, 3, weights(1, 0)),
            Some("the weights are 1 to 0"),
        ),
        (
            "not yet",
            promoting(),
            sees(3, 3, TENTH),
            Some("the weights are 100 to 900"),
        ),
        (
            "somebody else's",
            theirs(),
            sees(3, 3, TENTH),
            Some("somebody else has set the weights"),
        ),
        (
            "fewer tasks",
            promoting(),
            sees(2, 3, EVERYTHING),
            Some("orders-canary has 2 tasks, and orders has 3"),
        ),
        (
            "unknown",
            promoting(),
            Seen {
                forwards: unknown(),
                ..sees(3, 3, EVERYTHING)
            },
            Some("the weights are unknown"),
        ),
    ];
    for (name, release, seen, expected) in cases {
        match (handed_over(&policy, alb, &release, &seen), expected) {
            (Ok(()), None) => {}
            (Err(why), Some(says)) => assert!(why.starts_with(says), "{name}: {why}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// Everything at its place, but for one service.
fn with_stable(seen: SeenService, canary: u32) -> Seen {
    Seen {
        stable: Part::Known(seen),
        ..sees(canary, 3, EVERYTHING)
    }
}

#[test]
fn a_swap_is_promoted_by_the_weights_alone_and_taken_back_by_them() {
    let policy = swapping();
    let gated = swap_in(
        Phase::Gated {
            why: "orders-canary to carry everything".to_owned(),
        },
        TENTH,
    );
    let begun = decide(&policy, &gated, &sees(3, 3, TENTH), at(1_000));
    assert_eq!(
        (begun.next.phase.name(), lanes(&begun).as_str()),
        ("promoting", "shift 999 to 0")
    );
    assert!(begun.next.stable.given.is_none());
    let carried = decide(&policy, &begun.next, &sees(3, 3, EVERYTHING), at(1_030));
    assert_eq!((carried.next.phase.name(), lanes(&carried).as_str()), ("watching", ""));
    let state = carried.next.weights.as_ref().unwrap();
    assert_eq!((state.rest, state.before), (EVERYTHING, Some(REST)));
    let again = decide(&policy, &carried.next, &sees(3, 3, EVERYTHING), at(1_090));
    assert_eq!((again.next.phase.name(), lanes(&again).as_str()), ("watching", ""));
    let failed = crate::testing::with_fact(
        carried.next.clone(),
        crate::testing::alarm_fact(&crate::testing::alarm_arn(), at(1_100)),
    );
    let back = decide(&policy, &failed, &sees(3, 3, EVERYTHING), at(1_101));
    assert_eq!(
        lanes(&back),
        "shift 0 to 1 | restore orders-canary orders-canary:1",
        "{}: no task is stopped that may still be sent somebody",
        back.because
    );
    assert_eq!(back.next.weights.as_ref().unwrap().rest, REST);
}

#[test]
fn what_was_not_handed_over_in_time_is_taken_back() {
    let policy = swapping();
    let late = 400 + i64::from(policy.deadline_minutes) * 60;
    let decision = decide(&policy, &swap_in(Phase::Promoting, TENTH), &sees(2, 3, TENTH), at(late));
    let expected = Cause::NotHandedOver {
        service: "orders-canary".to_owned(),
        minutes: policy.deadline_minutes,
    };
    assert_eq!(decision.next.phase.rolling_back(), Some(&expected));
}

#[test]
fn whoever_gives_either_side_something_else_in_the_watch_has_it() {
    let policy = swapping();
    let third = |service: &str| crate::testing::meaning(on(service, 9, 3), "v9", "other");
    let canary = Seen {
        canary: Part::Known(third("orders-canary")),
        ..sees(3, 3, EVERYTHING)
    };
    for seen in [with_stable(third("orders"), 3), canary] {
        let decision = decide(&policy, &watched(), &seen, at(700));
        let overtaken = matches!(
            decision.next.phase,
            Phase::Closed {
                outcome: Outcome::Overtaken { .. }
            }
        );
        assert!(overtaken, "{}", decision.because);
        assert_eq!(lanes(&decision), "", "the weights stay where everything is");
    }
}

mod frozen;
mod kept;
mod scaled;
