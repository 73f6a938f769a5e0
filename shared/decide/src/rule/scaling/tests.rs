use super::{is_asked, unrest, way};
use crate::policy::Step;
use crate::testing::{
    alarm_arn, alarm_fact, armed, at, at_approval, gated, lanes, on, opened, over, policy, promoting, rolling_back,
    unknown, watching, with_fact,
};
use crate::{Part, Phase, Policy, Release, Scaling, Seen, Size, Suspended, decide};

const NOTHING: Suspended = Suspended {
    scale_in: false,
    scale_out: false,
    scheduled: false,
};

/// What a team had suspended itself.
const SCHEDULED: Suspended = Suspended {
    scheduled: true,
    ..NOTHING
};

fn steps() -> Policy {
    Policy {
        steps: vec![Step {
            share_permille: Some(500),
            bake_minutes: 20,
        }],
        ..policy()
    }
}

fn is(suspended: Option<Suspended>) -> Seen {
    Seen {
        scaling: Part::Known(suspended),
        ..at_approval()
    }
}

/// Changed by us at 100 s.
fn changed(release: Release, given: Suspended, seen: bool) -> Release {
    let scaling = Scaling {
        rest: SCHEDULED,
        given,
        at: at(100),
        seen,
        theirs: false,
    };
    Release {
        scaling: Some(scaling),
        ..release
    }
}

/// What is suspended by an act, at this second; and what is written down: given, seen, theirs.
fn does(mut release: Release, seen: &Seen, seconds: i64) -> (Option<Suspended>, Option<(Suspended, bool, bool)>) {
    let (act, _) = way(&steps(), &mut release, seen, at(seconds));
    let suspended = act.map(|act| match act {
        crate::Action::Suspend { service, suspended, .. } if service == "orders-canary" => suspended,
        other => panic!("{other:?}"),
    });
    let written = release
        .scaling
        .map(|scaling| (scaling.given, scaling.seen, scaling.theirs));
    (suspended, written)
}

#[test]
fn while_steps_give_a_share_nobody_else_scales() {
    let all = Suspended::ALL;
    let on_hold = |given, seen| changed(armed(), given, seen);
    let cases = [
        (
            "scaled by its team",
            armed(),
            Some(SCHEDULED),
            110,
            Some(all),
            Some((all, false, false)),
        ),
        (
            "at its approval as well",
            gated(),
            Some(NOTHING),
            110,
            Some(all),
            Some((all, false, false)),
        ),
        ("by nobody", armed(), None, 110, None, None),
        ("suspended by its team", armed(), Some(all), 110, None, None),
        (
            "sent, and not seen",
            on_hold(all, false),
            Some(SCHEDULED),
            110,
            Some(all),
            Some((all, false, false)),
        ),
        (
            "seen, and a call may still land late",
            on_hold(all, false),
            Some(all),
            219,
            None,
            Some((all, false, false)),
        ),
        (
            "seen, and none can",
            on_hold(all, false),
            Some(all),
            220,
            None,
            Some((all, true, false)),
        ),
        (
            "resumed by somebody",
            on_hold(all, true),
            Some(SCHEDULED),
            220,
            None,
            Some((all, true, true)),
        ),
        (
            "changed by somebody",
            on_hold(all, false),
            Some(NOTHING),
            110,
            None,
            Some((all, false, true)),
        ),
        ("deregistered", on_hold(all, true), None, 110, None, None),
        (
            "stable is given it",
            changed(promoting(), all, true),
            Some(all),
            220,
            None,
            Some((all, true, false)),
        ),
        (
            "taken over while given back",
            on_hold(SCHEDULED, true),
            Some(SCHEDULED),
            220,
            Some(all),
            Some((all, false, false)),
        ),
    ];
    for (case, release, suspended, seconds, act, written) in cases {
        assert_eq!(does(release, &is(suspended), seconds), (act, written), "{case}");
    }
}

#[test]
fn afterwards_it_is_as_it_was() {
    let all = Suspended::ALL;
    let back = Some(SCHEDULED);
    let cases = [
        (
            "once stable has it",
            changed(watching(), all, true),
            Some(all),
            500,
            back,
            Some((SCHEDULED, false, false)),
        ),
        (
            "on a rollback",
            changed(rolling_back(), all, true),
            Some(all),
            500,
            back,
            Some((SCHEDULED, false, false)),
        ),
        (
            "sent, and not seen",
            changed(watching(), SCHEDULED, false),
            Some(all),
            110,
            back,
            Some((SCHEDULED, false, false)),
        ),
        (
            "seen a moment ago",
            changed(watching(), SCHEDULED, false),
            back,
            110,
            None,
            Some((SCHEDULED, false, false)),
        ),
        (
            "seen, and nothing can come late",
            changed(watching(), SCHEDULED, true),
            back,
            220,
            None,
            None,
        ),
        (
            "a suspension that came late",
            changed(watching(), SCHEDULED, false),
            Some(all),
            219,
            back,
            Some((SCHEDULED, false, false)),
        ),
        (
            "suspended by somebody since",
            changed(watching(), SCHEDULED, true),
            Some(all),
            220,
            None,
            Some((SCHEDULED, true, true)),
        ),
        ("never changed by us", watching(), Some(NOTHING), 500, None, None),
    ];
    for (case, release, suspended, seconds, act, written) in cases {
        assert_eq!(does(release, &is(suspended), seconds), (act, written), "{case}");
    }
}

#[test]
fn nobody_asks_where_no_step_gives_a_share() {
    let asked = |policy: &Policy, release: &Release| is_asked(policy, release);
    assert!(asked(&steps(), &armed()) && asked(&steps(), &gated()) && asked(&steps(), &opened()));
    assert!(!asked(&policy(), &armed()) && !asked(&policy(), &opened()) && !asked(&steps(), &watching()));
    assert!(asked(&policy(), &changed(watching(), Suspended::ALL, true)));
}

#[test]
fn what_cannot_be_read_is_said_and_holds_no_step() {
    let seen = Seen {
        scaling: unknown(),
        ..at_approval()
    };
    let decision = decide(&steps(), &armed(), &seen, at(110));
    let says = "whether orders-canary scales automatically is unknown: AWS failed";
    assert!(decision.because.contains(says), "{}", decision.because);
    assert_eq!(decision.next.scaling, None);
}

#[test]
fn a_release_waits_with_closing_until_it_is_given_back() {
    let closing = |given, seen, suspended, seconds| {
        let release = changed(watching(), given, seen);
        unrest(&release, &is(suspended), at(seconds))
    };
    let all = Suspended::ALL;
    assert!(closing(all, true, Some(all), 500).is_some());
    assert!(closing(SCHEDULED, false, Some(all), 500).is_some());
    assert!(closing(SCHEDULED, true, Some(SCHEDULED), 219).is_some());
    assert_eq!(closing(SCHEDULED, true, Some(SCHEDULED), 220), None);
    assert_eq!(closing(SCHEDULED, true, None, 110), None);
    let unread = Seen {
        scaling: unknown(),
        ..at_approval()
    };
    assert!(unrest(&changed(watching(), SCHEDULED, true), &unread, at(500)).is_some());
    let mut theirs = changed(watching(), all, true);
    theirs.scaling.as_mut().unwrap().theirs = true;
    assert_eq!(unrest(&theirs, &is(Some(all)), at(500)), None);
}

/// Registering puts the number of tasks between fewest and most.
#[test]
fn it_is_suspended_before_the_canary_has_more_and_given_back_after_it_has_less() {
    let mut release = armed();
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    let baking = decide(&steps(), &release, &is(Some(NOTHING)), at(110));
    assert_eq!(lanes(&baking), "suspend orders-canary", "{}", baking.because);
    let larger = decide(&steps(), &baking.next, &is(Some(Suspended::ALL)), at(140));
    assert_eq!(lanes(&larger), "scale orders-canary 3", "{}", larger.because);
    let back_on = |canary, suspended| Seen {
        canary: Part::Known(canary),
        pipeline: Part::Known(over()),
        ..is(Some(suspended))
    };
    let rung = with_fact(larger.next, alarm_fact(&alarm_arn(), at(200)));
    let blind = decide(&steps(), &rung, &Seen::nothing(), at(210)).next;
    let back = decide(
        &steps(),
        &blind,
        &back_on(on("orders-canary", 2, 3), Suspended::ALL),
        at(211),
    );
    assert_eq!(
        lanes(&back),
        "restore orders-canary orders-canary:1 > scale orders-canary 1",
        "{}",
        back.because
    );
    assert_eq!(back.next, blind, "nothing more is written before the restore");
    let own = back_on(on("orders-canary", 1, 1), Suspended::ALL);
    let early = decide(&steps(), &back.next, &own, at(240));
    assert_eq!(lanes(&early), "", "a share may land yet: {}", early.because);
    let scaled = decide(&steps(), &early.next, &own, at(340));
    assert_eq!(lanes(&scaled), "give back orders-canary", "{}", scaled.because);
    let size = scaled.next.size.as_ref();
    assert!(
        size.is_some_and(|size| size.seen),
        "what it is scaled to from now on is told from our own"
    );
}

/// Registering would put the canary between its fewest and most, and that would look like somebody else's doing.
#[test]
fn what_already_has_more_tasks_goes_on_being_scaled() {
    let mut release = armed();
    release.size = Some(crate::Size {
        rest: 1,
        given: 3,
        at: at(100),
        seen: true,
        earlier: vec![1],
        theirs: None,
    });
    let larger = Seen {
        canary: Part::Known(on("orders-canary", 2, 3)),
        ..is(Some(NOTHING))
    };
    assert_eq!(does(release, &larger, 110), (None, None));
}

/// What its policies do as soon as they may is no older state of our own number.
#[test]
fn what_it_is_scaled_to_once_it_was_given_back_is_left_so() {
    let mut release = changed(watching(), SCHEDULED, false);
    release.size = Some(crate::Size {
        rest: 1,
        given: 1,
        at: at(100),
        seen: true,
        earlier: vec![1, 2],
        theirs: None,
    });
    let scaled = Seen {
        canary: Part::Known(on("orders-canary", 2, 2)),
        stable: Part::Known(on("orders", 2, 3)),
        ..is(Some(SCHEDULED))
    };
    let decision = decide(&steps(), &release, &scaled, at(130));
    assert_eq!(lanes(&decision), "", "{}", decision.because);
    assert!(
        decision.because.contains("as somebody else gave it"),
        "{}",
        decision.because
    );
}

#[test]
fn a_rollback_whose_services_are_right_closes_only_once_it_is_given_back() {
    let right = |suspended| Seen {
        canary: Part::Known(on("orders-canary", 1, 1)),
        pipeline: Part::Known(over()),
        ..is(Some(suspended))
    };
    let mut release = changed(rolling_back(), Suspended::ALL, true);
    let decision = decide(&steps(), &release, &right(Suspended::ALL), at(900));
    assert_eq!(decision.next.phase.name(), "rolling back", "{}", decision.because);
    release = decide(&steps(), &decision.next, &right(SCHEDULED), at(930)).next;
    assert_eq!(release.phase.name(), "rolling back");
    let closed = decide(&steps(), &release, &right(SCHEDULED), at(1_025)).next;
    assert!(matches!(closed.phase, Phase::Closed { .. }), "{:?}", closed.phase);
}

/// At 110 s its own number is authorised again; what ECS shows may be older than the share given before.
#[test]
fn it_is_given_back_once_no_share_can_land_any_more() {
    let all = Suspended::ALL;
    let tasks = at_approval().canary.known().unwrap().desired;
    let mut sized = Size::found(tasks, at(10));
    sized.give(tasks + 1, at(100));
    sized.give(tasks, at(110));
    let theirs = Size {
        theirs: Some(9),
        ..sized.clone()
    };
    let cases = [
        ("a share may land", sized.clone(), 229, None, all),
        ("none can", sized, 230, Some(SCHEDULED), SCHEDULED),
        (
            "never changed",
            Size::found(tasks, at(110)),
            120,
            Some(SCHEDULED),
            SCHEDULED,
        ),
        ("somebody else's", theirs, 120, Some(SCHEDULED), SCHEDULED),
    ];
    for (case, size, seconds, act, given) in cases {
        for release in [rolling_back(), watching()] {
            let mut release = changed(release, all, true);
            release.size = Some(size.clone());
            let (found, written) = does(release, &is(Some(all)), seconds);
            assert_eq!((found, written.map(|written| written.0)), (act, Some(given)), "{case}");
        }
    }
}

/// The services are right, and what is left is to wait: for a call that may land, and for what scales it to be given back.
#[test]
fn what_only_settles_has_time_of_its_own_beyond_the_deadline() {
    let policy = Policy {
        deadline_minutes: 5,
        ..steps()
    };
    let mut release = changed(rolling_back(), Suspended::ALL, true);
    let mut size = Size::found(1, at(100));
    size.give(3, at(290));
    size.give(1, at(300));
    release.size = Some(size);
    let cases = [
        ("it settles", on("orders-canary", 1, 1), 401, "rolling back"),
        ("longer than it may", on("orders-canary", 1, 1), 641, "rollback failing"),
        (
            "its tasks are not back",
            on("orders-canary", 2, 1),
            401,
            "rollback failing",
        ),
    ];
    for (case, canary, seconds, phase) in cases {
        let seen = Seen {
            canary: Part::Known(canary),
            pipeline: Part::Known(over()),
            ..is(Some(Suspended::ALL))
        };
        let decision = decide(&policy, &release, &seen, at(seconds));
        assert_eq!(decision.next.phase.name(), phase, "{case}: {}", decision.because);
    }
}
