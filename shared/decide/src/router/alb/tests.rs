use super::{confirm, note, read, rest, set, unrest};
use crate::order::tests::frozen;
use crate::policy::{Alb, Approver, Step, Traffic};
use crate::testing::{
    alarm_arn, alarm_fact, armed, at, at_approval, gated, lanes, on, opened, policy, promoting, rolling_back, unknown,
    watching, with_fact,
};
use crate::{
    Action, Part, Phase, Policy, Release, Seen, SeenForward, SeenService, SeenTargets, Weighed, Weights, decide,
};

mod gone;
mod served;
mod sticky;
mod stops;

const RULE: &str = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener-rule/app/orders/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee";

fn alb() -> Alb {
    let group = |name: &str| {
        format!("arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/{name}/73e2d6bc24d8a067")
    };
    Alb {
        rule: RULE.to_owned(),
        stable_target_group: group("orders"),
        canary_target_group: group("orders-canary"),
        resting_share_permille: None,
    }
}

/// A tenth for ten minutes, then a half for twenty.
fn steps() -> Policy {
    let step = |share, bake_minutes| Step {
        share_permille: Some(share),
        bake_minutes,
    };
    Policy {
        approval: Approver::Automatic,
        traffic: Traffic::Alb(alb()),
        steps: vec![step(100, 10), step(500, 20)],
        ..policy()
    }
}

/// The same with a share of its own at rest.
fn resting(permille: u32) -> Policy {
    Policy {
        traffic: Traffic::Alb(Alb {
            resting_share_permille: Some(permille),
            ..alb()
        }),
        ..steps()
    }
}

const fn weights(canary: u32, stable: u32) -> Weights {
    Weights { canary, stable }
}

/// One of a hundred, as it is found.
const REST: Weights = weights(1, 99);
const TENTH: Weights = weights(100, 900);
const HALF: Weights = weights(500, 500);

fn tag() -> Option<String> {
    Some("orders".to_owned())
}

fn there(canary: Option<u32>, stable: Option<u32>) -> Part<Option<SeenForward>> {
    Part::Known(Some(SeenForward {
        canary,
        stable,
        tagged: tag(),
        ..SeenForward::default()
    }))
}

/// The rule with these weights, two tasks of the canary, and their targets healthy.
fn sees(weights: Weights) -> Seen {
    Seen {
        canary: Part::Known(on("orders-canary", 2, 2)),
        stable: Part::Known(on("orders", 1, 3)),
        forwards: there(Some(weights.canary), Some(weights.stable)),
        targets: targets(2, 2),
        ..at_approval()
    }
}

fn targets(healthy: u32, all: u32) -> Part<SeenTargets> {
    Part::Known(SeenTargets {
        healthy,
        all,
        why: (healthy < all).then(|| "initial, Elb.InitialHealthChecking".to_owned()),
    })
}

/// In this step, its tasks run since 60 s.
fn in_step(step: u32) -> Release {
    let mut release = armed();
    release.phase = Phase::Baking { step };
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release
}

/// Weights given at 100 s, after those found; not seen yet.
fn weighed(release: Release, given: Weights) -> Release {
    let earlier = if given == REST { vec![HALF] } else { vec![REST] };
    Release {
        weights: Some(Weighed {
            rest: REST,
            before: None,
            given,
            at: at(100),
            seen: false,
            earlier,
            rested: None,
            theirs: None,
        }),
        ..release
    }
}

fn found(release: Release) -> Release {
    Release {
        weights: Some(Weighed::found(REST, REST, at(0))),
        ..release
    }
}

fn unreached(step: u32) -> Release {
    let mut release = in_step(step);
    release.canary.given.as_mut().unwrap().reached = None;
    release
}

fn gated_since() -> Release {
    let mut release = gated();
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release
}

/// What is set, what it must still be, and whether nothing is left to do.
type Does = (Option<Shift>, bool);

/// Weights, and what they must still be.
type Shift = (Weights, Option<Weights>);

fn does(policy: &Policy, mut release: Release, seen: &Seen, seconds: i64) -> Does {
    let alb = policy.alb().unwrap();
    note(policy, alb, &mut release, seen, at(seconds));
    let way = set(policy, alb, &mut release, seen, at(seconds));
    assert!(way.with_canary.is_empty(), "weights wait for no service");
    let shifts = way.beside.into_iter().map(|act| match act {
        Action::Shift {
            rule,
            weights,
            instead_of,
            ..
        } if rule == RULE => (weights, instead_of),
        other => panic!("{other:?}"),
    });
    let shifts: Vec<_> = shifts.collect();
    assert!(shifts.len() <= 1, "{shifts:?}");
    (shifts.first().copied(), way.is_right)
}

#[test]
fn each_phase_has_its_weights() {
    let sick = || Seen {
        targets: targets(1, 2),
        ..sees(REST)
    };
    let to = |weights, instead_of| Some((weights, Some(instead_of)));
    let back = Some((REST, None));
    let cases: Vec<(&str, Release, Seen, Option<Shift>)> = vec![
        ("nothing is given yet", found(opened()), sees(REST), None),
        ("the first step", found(in_step(0)), sees(REST), to(TENTH, REST)),
        (
            "the first step, found at the same look",
            in_step(0),
            sees(REST),
            to(TENTH, REST),
        ),
        ("it has it", weighed(in_step(0), TENTH), sees(TENTH), None),
        (
            "the second step",
            weighed(in_step(1), TENTH),
            sees(TENTH),
            to(HALF, TENTH),
        ),
        ("nobody has seen its tasks run", found(unreached(0)), sees(REST), None),
        (
            "its tasks are gone",
            weighed(unreached(0), HALF),
            sees(HALF),
            to(REST, HALF),
        ),
        ("its targets are not healthy yet", found(in_step(0)), sick(), None),
        (
            "they are no more, which takes nothing from it",
            weighed(in_step(1), HALF),
            Seen {
                targets: targets(1, 2),
                ..sees(HALF)
            },
            None,
        ),
        (
            "nobody knows whether they are",
            found(in_step(0)),
            Seen {
                targets: unknown(),
                ..sees(REST)
            },
            None,
        ),
        (
            "fewer targets than tasks",
            found(in_step(0)),
            Seen {
                targets: targets(1, 1),
                ..sees(REST)
            },
            None,
        ),
        (
            "not seen yet, set again",
            weighed(in_step(1), HALF),
            sees(REST),
            to(HALF, REST),
        ),
        (
            "the last share while it is gated",
            weighed(gated_since(), HALF),
            sees(HALF),
            None,
        ),
        ("promoting leaves it", weighed(promoting(), HALF), sees(HALF), None),
        (
            "watching returns it",
            weighed(watching(), HALF),
            sees(HALF),
            to(REST, HALF),
        ),
        ("returned", weighed(watching(), REST), sees(REST), None),
        (
            "its successor returns it",
            weighed(opened(), HALF),
            sees(HALF),
            to(REST, HALF),
        ),
        (
            "rolling back returns it",
            weighed(rolling_back(), HALF),
            sees(HALF),
            back,
        ),
        (
            "what nobody knows is returned as well",
            weighed(rolling_back(), HALF),
            Seen {
                forwards: unknown(),
                ..sees(HALF)
            },
            back,
        ),
        (
            "nothing was ever changed",
            found(rolling_back()),
            Seen {
                forwards: unknown(),
                ..sees(HALF)
            },
            None,
        ),
        ("and nothing was found", rolling_back(), sees(HALF), None),
    ];
    for (name, release, seen, expected) in cases {
        assert_eq!(does(&steps(), release, &seen, 110).0, expected, "{name}");
    }
}

#[test]
fn a_group_is_put_into_the_rule_with_no_weight_before_its_health_is_awaited() {
    let absent = Seen {
        forwards: there(None, Some(1)),
        targets: Part::Known(SeenTargets {
            healthy: 0,
            all: 2,
            why: Some("unused, Target.NotInUse".to_owned()),
        }),
        ..sees(REST)
    };
    let alone = weights(0, 1);
    for release in [unreached(0), in_step(0)] {
        let (shift, _) = does(&steps(), release, &absent, 110);
        assert_eq!(shift, Some((alone, Some(alone))));
    }
    assert_eq!(
        does(&steps(), opened(), &absent, 110).0,
        None,
        "not before it has anything new"
    );
    let there = Seen {
        forwards: there(Some(0), Some(1)),
        ..absent
    };
    assert_eq!(
        does(&steps(), in_step(0), &there, 110).0,
        None,
        "and then its health is awaited"
    );
}

#[test]
fn what_it_rests_with_is_what_was_found_or_what_the_policy_says() {
    let cases = [
        (steps(), REST, Some(REST)),
        (resting(10), REST, Some(REST)),
        (resting(10), weights(0, 1), Some(weights(10, 990))),
        (resting(0), REST, Some(weights(0, 999))),
        (resting(1_000), REST, Some(weights(999, 0))),
        (steps(), weights(0, 0), None),
    ];
    for (policy, there, expected) in cases {
        for mut release in [opened(), in_step(0)] {
            note(&policy, policy.alb().unwrap(), &mut release, &sees(there), at(110));
            let rest = release.weights.map(|weights| weights.rest);
            assert_eq!(rest, expected, "{there}");
        }
    }
    let mut late = watching();
    note(&steps(), &alb(), &mut late, &sees(HALF), at(110));
    assert_eq!(
        late.weights, None,
        "what is found once it is over is no state to go back to"
    );
}

#[test]
fn a_release_without_steps_has_what_it_rests_with() {
    let plain = Policy {
        steps: Vec::new(),
        ..resting(10)
    };
    let none = weights(0, 1);
    let one = weights(10, 990);
    assert_eq!(does(&plain, in_step(0), &sees(none), 110).0, Some((one, Some(none))));
    assert_eq!(does(&plain, opened(), &sees(none), 110).0, None);
    assert_eq!(
        does(&plain, in_step(0), &sees(REST), 110),
        (None, true),
        "1 to 99 is that already"
    );
    let same = Policy {
        steps: vec![Step {
            share_permille: Some(10),
            bake_minutes: 5,
        }],
        ..resting(10)
    };
    assert_eq!(does(&same, in_step(0), &sees(REST), 110), (None, true));
    assert_eq!(
        confirm(&same, same.alb().unwrap(), &mut found(in_step(0)), &sees(REST), at(110)),
        Ok(at(60))
    );
}

#[test]
fn what_somebody_else_sets_is_said_and_holds_and_is_not_overwritten() {
    let theirs = weights(300, 700);
    let mut release = weighed(in_step(1), HALF);
    release.step_reached = Some(at(105));
    note(&steps(), &alb(), &mut release, &sees(theirs), at(110));
    assert_eq!(release.weights.as_ref().unwrap().theirs, Some(theirs));
    assert_eq!(does(&steps(), release.clone(), &sees(theirs), 110).0, None);
    let said = "somebody else has set the weights to 300 to 700 instead of 500 to 500; put them back, or abort";
    assert_eq!(read(&steps(), &alb(), &release, &sees(theirs)), Err(said.to_owned()));
    assert_eq!(
        confirm(&steps(), &alb(), &mut release, &sees(theirs), at(110)),
        Err(said.to_owned())
    );
    assert_eq!(release.step_reached, None, "and bakes anew");
    // Other weights of theirs are no more ours than the first.
    note(&steps(), &alb(), &mut release, &sees(REST), at(111));
    assert_eq!(release.weights.as_ref().unwrap().theirs, Some(REST));
    note(&steps(), &alb(), &mut release, &sees(HALF), at(112));
    assert_eq!(release.weights.as_ref().unwrap().theirs, None, "put back");
    assert_eq!(
        confirm(&steps(), &alb(), &mut release, &sees(HALF), at(112)),
        Ok(at(112))
    );
    // Over: left so, and it keeps nobody from closing.
    let mut over = weighed(watching(), HALF);
    note(&steps(), &alb(), &mut over, &sees(theirs), at(110));
    assert_eq!(does(&steps(), over.clone(), &sees(theirs), 110).0, None);
    assert_eq!(unrest(&alb(), &over, &sees(theirs), at(110)), None);
}

#[test]
fn what_was_set_earlier_is_somebody_elses_once_what_was_set_last_was_seen() {
    let judged = |seen: bool, shown: Weights, seconds: i64| {
        let mut release = weighed(in_step(1), HALF);
        release.weights.as_mut().unwrap().seen = seen;
        note(&steps(), &alb(), &mut release, &sees(shown), at(seconds));
        release.weights.unwrap().theirs
    };
    // Half was set at 100 s, instead of what was there at rest.
    let cases = [
        ("seen, and set back at once", true, REST, 101, Some(REST)),
        ("half a minute later", true, REST, 130, Some(REST)),
        ("an hour later", true, REST, 3_700, Some(REST)),
        ("seen, and still there", true, HALF, 130, None),
        ("not seen yet, and not there yet", false, REST, 130, None),
        (
            "until it was seen, the call may have been lost",
            false,
            REST,
            9_000,
            None,
        ),
        ("not seen yet, and neither ours", false, TENTH, 130, Some(TENTH)),
    ];
    for (name, seen, shown, seconds, theirs) in cases {
        assert_eq!(judged(seen, shown, seconds), theirs, "{name}");
    }
}

#[test]
fn a_rollback_returns_whatever_is_there_and_leaves_what_is_set_after_that() {
    let theirs = weights(300, 700);
    let mut release = weighed(in_step(1), HALF);
    note(&steps(), &alb(), &mut release, &sees(theirs), at(110));
    release.phase = rolling_back().phase;
    rest(&mut release, at(120));
    let state = release.weights.clone().unwrap();
    assert_eq!((state.given, state.theirs, state.at), (REST, None, at(120)));
    for shown in [theirs, HALF, weights(7, 13)] {
        let mut release = release.clone();
        note(&steps(), &alb(), &mut release, &sees(shown), at(121));
        assert_eq!(
            does(&steps(), release, &sees(shown), 121).0,
            Some((REST, None)),
            "{shown}"
        );
    }
    let mut back = release.clone();
    note(&steps(), &alb(), &mut back, &sees(REST), at(130));
    assert_eq!(does(&steps(), back.clone(), &sees(REST), 130), (None, true));
    // A call of ours that lands late is put right; what comes when none can any more is theirs.
    assert_eq!(does(&steps(), back.clone(), &sees(HALF), 239).0, Some((REST, None)));
    assert_eq!(does(&steps(), back, &sees(HALF), 240), (None, true));
}

#[test]
fn a_rollback_has_the_way_to_rest_written_down_before_anybody_looks_and_goes_there_beside_the_restores() {
    let rung = with_fact(weighed(in_step(1), HALF), alarm_fact(&alarm_arn(), at(150)));
    let blind = decide(&steps(), &rung, &Seen::nothing(), at(160));
    let state = blind.next.weights.clone().unwrap();
    assert_eq!(
        (state.earlier, state.given, state.at),
        (vec![REST, HALF], REST, at(160))
    );
    let seen = decide(&steps(), &blind.next, &sees(HALF), at(160));
    assert_eq!(seen.next.weights, blind.next.weights, "one write is enough");
    let did = lanes(&seen);
    assert!(did.starts_with("shift 1 to 99 | restore orders-canary"), "{did}");
    let unread = Seen {
        forwards: unknown(),
        ..sees(HALF)
    };
    let did = lanes(&decide(&steps(), &blind.next, &unread, at(160)));
    assert!(did.starts_with("shift 1 to 99 | restore orders-canary"), "{did}");
}
