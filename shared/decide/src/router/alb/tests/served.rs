//! What is confirmed, held and closed on.

use super::*;

#[test]
fn a_step_bakes_from_when_its_weights_were_read_back() {
    let cases: Vec<(&str, Release, Seen, Result<i64, &str>)> = vec![
        (
            "not set yet",
            found(in_step(0)),
            sees(REST),
            Err("it does not have the share yet"),
        ),
        ("read back", weighed(in_step(0), TENTH), sees(TENTH), Ok(500)),
        (
            "the step before",
            weighed(in_step(1), TENTH),
            sees(TENTH),
            Err("it does not have the share yet"),
        ),
        (
            "authorised and not there",
            weighed(in_step(1), HALF),
            sees(TENTH),
            Err("somebody else has set the weights to 100 to 900 instead of 500 to 500; put them back, or abort"),
        ),
        (
            "its targets are not healthy",
            found(in_step(0)),
            Seen {
                targets: targets(1, 2),
                ..sees(REST)
            },
            Err("1 of 2 targets of orders-canary are healthy: initial, Elb.InitialHealthChecking"),
        ),
        (
            "nobody is left to be served by it",
            weighed(in_step(0), TENTH),
            Seen {
                targets: targets(0, 2),
                ..sees(TENTH)
            },
            Err("0 of 2 targets of orders-canary are healthy: initial, Elb.InitialHealthChecking"),
        ),
        (
            "one of them is being replaced",
            weighed(in_step(0), TENTH),
            Seen {
                targets: targets(1, 2),
                ..sees(TENTH)
            },
            Ok(500),
        ),
        (
            "gated",
            gated_since(),
            sees(HALF),
            Err("it does not have the share yet"),
        ),
    ];
    for (name, mut release, seen, expected) in cases {
        note(&steps(), &alb(), &mut release, &seen, at(500));
        let told = confirm(&steps(), &alb(), &mut release, &seen, at(500));
        assert_eq!(told, expected.map(at).map_err(str::to_owned), "{name}");
        let kept = confirm(&steps(), &alb(), &mut release, &seen, at(900));
        assert_eq!(kept.ok(), expected.ok().map(at), "{name}: it stays so");
    }
    let mut baking = weighed(in_step(0), TENTH);
    baking.step_reached = Some(at(110));
    let unread = Seen {
        forwards: unknown(),
        ..sees(TENTH)
    };
    let since = confirm(&steps(), &alb(), &mut baking, &unread, at(500));
    assert_eq!(since, Ok(at(110)), "what was read back stays so for all that is known");
}

#[test]
fn a_share_that_cannot_be_had_is_not_given_and_says_why() {
    let other = |others| {
        Part::Known(Some(SeenForward {
            canary: Some(1),
            stable: Some(99),
            others,
            tagged: tag(),
            ..SeenForward::default()
        }))
    };
    let of_ecs = || {
        let stable = SeenService {
            shifted_by_ecs: vec![RULE.to_owned()],
            ..on("orders", 1, 3)
        };
        Seen {
            stable: Part::Known(stable),
            ..sees(REST)
        }
    };
    let cases = [
        (
            Seen {
                forwards: Part::Known(None),
                ..sees(REST)
            },
            "is not there any more",
        ),
        (
            Seen {
                forwards: super::gone::answering(),
                ..sees(REST)
            },
            "answers by itself (fixed-response) and forwards to no target group: there are no weights",
        ),
        (
            Seen {
                forwards: there(Some(1), None),
                ..sees(REST)
            },
            "does not forward to orders",
        ),
        (
            Seen {
                forwards: other(5),
                ..sees(REST)
            },
            "gives 5 to other target groups than orders-canary and orders",
        ),
        (of_ecs(), "ECS itself sets the weights of"),
    ];
    for (seen, why) in cases {
        let release = found(in_step(0));
        let told = confirm(&steps(), &alb(), &mut release.clone(), &seen, at(500)).unwrap_err();
        assert!(
            told.starts_with("it cannot have the share: ") && told.contains(why),
            "{told}"
        );
        assert_eq!(does(&steps(), release.clone(), &seen, 110).0, None, "{why}");
        assert!(
            read(&steps(), &alb(), &release, &seen).unwrap_err().contains(why),
            "{why}"
        );
    }
    let held = weighed(rolling_back(), HALF);
    assert_eq!(
        does(&steps(), held, &of_ecs(), 110),
        (None, true),
        "never a rule that ECS manages"
    );
}

#[test]
fn nothing_is_approved_on_weights_that_nobody_can_tell_or_that_are_somebody_elses() {
    let theirs = weights(300, 700);
    let cases = [
        (sees(HALF), None),
        (
            Seen {
                forwards: unknown(),
                ..sees(HALF)
            },
            Some("the weights are unknown: AWS failed"),
        ),
        (sees(theirs), Some("somebody else has set the weights to 300 to 700")),
        (
            Seen {
                targets: targets(1, 2),
                ..sees(HALF)
            },
            Some("1 of 2 targets of orders-canary are healthy"),
        ),
    ];
    for (seen, why) in cases {
        let release = weighed(gated_since(), HALF);
        let decision = decide(&steps(), &release, &seen, at(4_000));
        let held = crate::rule::forward::undecided(&steps(), &decision.next, &seen, at(4_000));
        match why {
            None => assert_eq!(held, None),
            Some(why) => assert!(held.as_ref().is_some_and(|held| held.contains(why)), "{held:?}"),
        }
    }
    let sticky = Part::Known(Some(SeenForward {
        canary: Some(1),
        stable: Some(1),
        sticky_seconds: Some(60),
        tagged: tag(),
        ..SeenForward::default()
    }));
    let served = read(
        &steps(),
        &alb(),
        &found(in_step(0)),
        &Seen {
            forwards: sticky,
            ..sees(HALF)
        },
    )
    .unwrap();
    assert_eq!(served.permille, Some(500));
    let text = served.text.unwrap();
    assert!(text.contains("stick to their group for 60 s"), "{text}");
}

#[test]
fn a_rule_that_its_owner_has_not_tagged_for_this_policy_is_left_alone() {
    let tagged = |tag: Option<&str>| Seen {
        forwards: Part::Known(Some(SeenForward {
            canary: Some(1),
            stable: Some(99),
            tagged: tag.map(str::to_owned),
            ..SeenForward::default()
        })),
        ..sees(REST)
    };
    for (tag, why) in [
        (None, "has no tag serin:policy=orders; tag it"),
        (Some("bills"), "is tagged serin:policy=bills, and not orders"),
    ] {
        assert_eq!(does(&steps(), in_step(0), &tagged(tag), 110).0, None, "{why}");
        let mut release = in_step(0);
        note(&steps(), &alb(), &mut release, &tagged(tag), at(110));
        assert_eq!(release.weights, None, "{why}");
        let told = confirm(&steps(), &alb(), &mut release, &tagged(tag), at(500)).unwrap_err();
        assert!(told.contains(why), "{told}");
        assert_eq!(does(&steps(), rolling_back(), &tagged(tag), 110), (None, true), "{why}");
    }
    // Whoever takes the tag away holds what is to come, and not what is over or taken back, when nobody asks any more.
    assert_eq!(does(&steps(), weighed(in_step(1), TENTH), &tagged(None), 110).0, None);
    let back = Some((REST, Some(REST)));
    assert_eq!(does(&steps(), weighed(watching(), HALF), &tagged(None), 110).0, back);
    assert_eq!(
        does(&steps(), weighed(rolling_back(), HALF), &tagged(None), 110).0,
        Some((REST, None))
    );
}

#[test]
fn in_a_freeze_the_weights_give_no_more_than_they_do() {
    let cases = [
        (weighed(in_step(1), TENTH), TENTH, None),
        // It was given that before, and is shown what it had then.
        (weighed(in_step(1), HALF), REST, Some((HALF, Some(REST)))),
        (weighed(unreached(0), HALF), HALF, Some((REST, Some(HALF)))),
        (weighed(watching(), HALF), HALF, Some((REST, Some(HALF)))),
        (weighed(rolling_back(), HALF), HALF, Some((REST, None))),
    ];
    for (release, shown, expected) in cases {
        assert_eq!(
            does(&steps(), frozen(release, None), &sees(shown), 110).0,
            expected,
            "{shown}"
        );
    }
}

#[test]
fn nothing_closes_before_the_weights_are_at_rest_for_as_long_as_a_call_may_be_late() {
    let release = weighed(watching(), REST);
    let cases = [
        (HALF, 1_000, true),
        (REST, 219, true),
        (REST, 220, false),
        (REST, 1_000, false),
    ];
    for (shown, seconds, holds) in cases {
        let why = unrest(&alb(), &release, &sees(shown), at(seconds));
        assert_eq!(why.is_some(), holds, "{shown} at {seconds}: {why:?}");
    }
    let unread = Seen {
        forwards: unknown(),
        ..sees(REST)
    };
    assert!(unrest(&alb(), &release, &unread, at(1_000)).is_some());
    assert_eq!(
        unrest(&alb(), &found(watching()), &unread, at(1_000)),
        None,
        "nothing of ours is there"
    );
    assert_eq!(unrest(&alb(), &watching(), &sees(HALF), at(1_000)), None);
}

#[test]
fn one_step_follows_the_other_each_from_its_own_weights() {
    let mut release = in_step(0);
    let mut said = Vec::new();
    let looks = [
        (100, REST),
        (101, TENTH),
        (700, TENTH),
        (701, TENTH),
        (702, HALF),
        (1_901, HALF),
        (1_902, HALF),
    ];
    for (seconds, shown) in looks {
        let decision = decide(&steps(), &release, &sees(shown), at(seconds));
        said.push(format!("{seconds} {} {}", decision.next.phase.name(), lanes(&decision)));
        release = decision.next;
    }
    let expected = [
        "100 baking shift 100 to 900",
        "101 baking ",
        "700 baking ",
        "701 baking shift 500 to 500",
        "702 baking ",
        "1901 baking ",
        "1902 gated ",
    ];
    assert_eq!(said, expected);
    assert_eq!(release.weights.unwrap().rest, REST);
}
