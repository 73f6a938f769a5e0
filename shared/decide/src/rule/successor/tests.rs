use crate::policy::OnNewRelease;
use crate::testing::{
    OTHER, armed, at, at_approval, by_deployment, by_execution, failing, gated, images, lanes, meaning, newcomer, on,
    over, policy, promoted, promoting, rolling_back, unknown, watching,
};
use crate::{
    Cause, Decision, Part, Phase, Policy, Release, Seen, SeenService, Start, StartedBy, Weighed, Weights, decide,
};

fn seen(canary: SeenService, stable: SeenService) -> Seen {
    Seen {
        canary: Part::Known(canary),
        stable: Part::Known(stable),
        ..at_approval()
    }
}

fn start() -> Start {
    Start::Action {
        execution: OTHER.to_owned(),
        action_execution: format!("{OTHER} deploys"),
    }
}

fn with(on_new_release: OnNewRelease) -> Policy {
    Policy {
        on_new_release,
        ..policy()
    }
}

fn successor(decision: &Decision) -> &Release {
    decision.successor.as_deref().unwrap()
}

#[test]
fn a_second_execution_that_overwrites_the_canary_takes_the_place_of_what_may_give_it_up() {
    use OnNewRelease::{Continue, Hold};
    let stable_1 = || on("orders", 1, 3);
    let cases = [
        (armed(), Hold, stable_1(), "superseded"),
        (armed(), Continue, stable_1(), "superseded"),
        (gated(), Hold, stable_1(), "superseded"),
        (
            promoting(),
            Hold,
            by_deployment(on("orders", 2, 0), "stable-2", 190),
            "promoting",
        ),
        (
            promoting(),
            Continue,
            by_deployment(on("orders", 2, 0), "stable-2", 190),
            "promoting",
        ),
        (watching(), Hold, promoted(), "superseded"),
        (watching(), Continue, promoted(), "superseded"),
        (rolling_back(), Hold, stable_1(), "rolling back"),
        (failing(), Hold, stable_1(), "rollback failed"),
    ];
    for (release, rule, stable, expected) in cases {
        let case = format!("{} {rule:?}", release.phase.name());
        let decision = decide(&with(rule), &release, &seen(newcomer(), stable), at(500));
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
        let closed = matches!(decision.next.phase, Phase::Closed { .. });
        assert_eq!(decision.successor.is_some(), closed, "{case}");
        assert_eq!(decision.look_again_seconds.is_none(), closed, "{case}");
        if closed {
            let next = successor(&decision);
            assert_eq!(
                (next.id.clone(), &next.phase),
                (start().release_id("orders"), &Phase::Baking { step: 0 }),
                "{case}"
            );
            assert_eq!(next.start, start().key(), "{case}");
            let given = next.canary.given.as_ref().unwrap();
            assert_eq!(
                (given.deployment.as_str(), given.created),
                ("ecs-svc/canary-7", at(300)),
                "{case}"
            );
            assert_eq!(next.images, Some(images("v3")), "{case}");
            assert_eq!(next.pipeline.as_ref().unwrap().execution, OTHER, "{case}");
            assert_eq!(
                next.watched.is_some(),
                expected == "superseded" && release.phase.name() == "watching",
                "{case}"
            );
            assert_eq!(decision.next.closed_on.as_deref(), Some("ecs-svc/canary-7"), "{case}");
        }
    }
}

#[test]
fn a_rollback_that_ends_well_hands_the_canary_to_the_release_that_was_given_it_meanwhile() {
    let mut seen = seen(newcomer(), on("orders", 1, 3));
    seen.pipeline = Part::Known(over());
    let early = decide(&policy(), &rolling_back(), &seen, at(219));
    assert_eq!((early.next.phase.name(), early.successor), ("rolling back", None));
    let settled = decide(&policy(), &rolling_back(), &seen, at(220));
    assert_eq!(settled.next.phase.name(), "overtaken", "{}", settled.because);
    assert_eq!(successor(&settled).canary.baseline, rolling_back().canary.baseline);
    assert_eq!(successor(&settled).id, start().release_id("orders"));
    let barred: Vec<_> = successor(&settled)
        .barred
        .iter()
        .map(|run| run.execution.as_str())
        .collect();
    assert_eq!(barred, ["1a2b3c4d-0000-4000-8000-000000000000"]);
}

#[test]
fn the_next_release_waits_neither_for_an_abandoned_action_nor_for_the_watch_of_the_one_before() {
    let mut seen = seen(newcomer(), on("orders", 1, 3));
    seen.pipeline = Part::Known(over());
    let mut abandoned = rolling_back();
    abandoned.pipeline.as_mut().unwrap().abandoned = Some(at(110));
    let mut barring = rolling_back();
    let another = crate::Execution {
        execution: "5e5e5e5e-0000-4000-8000-000000000000".to_owned(),
        ..barring.pipeline.clone().unwrap()
    };
    barring.barred.push(another);
    let mut watched = rolling_back();
    watched.watched = Some(crate::Watched {
        release: "orders-0".to_owned(),
        until: at(9_000),
        canary: watching().canary,
        stable: watching().stable,
        images: watching().images,
    });
    for (case, release) in [("abandoned", abandoned), ("barring", barring), ("watched", watched)] {
        let early = decide(&policy(), &release, &seen, at(219));
        assert_eq!(
            (early.next.phase.name(), early.successor),
            ("rolling back", None),
            "{case}"
        );
        let settled = decide(&policy(), &release, &seen, at(220));
        assert_eq!(settled.next.phase.name(), "overtaken", "{case}: {}", settled.because);
        let next = successor(&settled);
        assert_eq!(next.watched, release.watched, "{case}");
        let own = release.pipeline.iter().chain(&release.barred);
        for run in own {
            assert!(next.barred.contains(run), "{case}: {run:?}");
        }
    }
}

#[test]
fn what_another_execution_gives_the_canary_is_a_successor_unless_it_undoes_this_one() {
    let own = armed().pipeline.unwrap().execution;
    let third = || newcomer();
    let started = |by: Part<StartedBy>| {
        let mut seen = third();
        seen.primary.started_by = by;
        seen
    };
    let rollback = StartedBy::Execution {
        execution: OTHER.to_owned(),
        action_execution: "a".to_owned(),
        rollback: true,
    };
    let mut unread = third();
    (unread.primary.images, unread.primary.image_names) = (unknown(), unknown());
    let echo = meaning(on("orders-canary", 9, 1), "v1", "orders-canary-settings");
    let same = meaning(on("orders-canary", 9, 1), "v2", "orders-canary-settings");
    let by_other = |seen| by_execution(by_deployment(seen, "canary-9", 300), OTHER);
    let cases = [
        ("another execution", armed(), third(), "superseded"),
        (
            "another execution gave it only another configuration",
            armed(),
            by_other(meaning(on("orders-canary", 9, 1), "v2", "more-memory")),
            "superseded",
        ),
        (
            "another execution gave it what this one is",
            armed(),
            by_other(same),
            "superseded",
        ),
        (
            "another execution gave it its baseline: that undoes this one",
            armed(),
            by_other(echo),
            "rolling back",
        ),
        (
            "its own, by a stage that was retried",
            armed(),
            by_execution(third(), &own),
            "baking",
        ),
        (
            "an execution of type ROLLBACK",
            armed(),
            started(Part::Known(rollback)),
            "rolling back",
        ),
        (
            "nobody's pipeline",
            armed(),
            started(Part::Known(StartedBy::Nobody)),
            "rolling back",
        ),
        ("nobody knows by whom", armed(), started(unknown()), "baking"),
        ("nobody knows what it is", armed(), unread, "baking"),
    ];
    for (case, release, canary, expected) in cases {
        let decision = decide(&policy(), &release, &seen(canary, on("orders", 1, 3)), at(500));
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
        assert_eq!(decision.successor.is_some(), expected == "superseded", "{case}");
    }
}

#[test]
fn an_alarm_that_rang_before_is_the_successors_to_judge() {
    use crate::testing::{alarm_arn, alarm_fact, with_fact};
    let cases = [(299, "baking"), (300, "rolling back")];
    for (seconds, expected) in cases {
        let told = with_fact(armed(), alarm_fact(&alarm_arn(), at(seconds)));
        let seen = seen(newcomer(), on("orders", 1, 3));
        let superseded = decide(&policy(), &told, &seen, at(310));
        assert_eq!(superseded.next.phase.name(), "superseded", "{seconds}");
        let next = decide(&policy(), successor(&superseded), &seen, at(310));
        assert_eq!(next.next.phase.name(), expected, "{seconds}: {}", next.because);
    }
}

#[test]
fn a_successor_whose_canary_is_put_back_before_its_own_deployment_came_is_abandoned() {
    let superseded = super::after(&policy(), &armed(), &start(), at(100));
    let seen = Seen {
        pipeline: Part::Known(over()),
        ..seen(
            by_deployment(on("orders-canary", 1, 1), "back", 110),
            on("orders", 1, 3),
        )
    };
    let mut seen = seen;
    seen.barred
        .insert(armed().pipeline.unwrap().execution, Part::Known(over()));
    let first = decide(&policy(), &superseded, &seen, at(120));
    assert_eq!(
        (first.next.canary.given.clone(), first.next.phase.name()),
        (None, "deploying"),
        "{}",
        first.because
    );
    let later = decide(&policy(), &first.next, &seen, at(180));
    assert_eq!(later.next.phase.name(), "abandoned", "{}", later.because);
}

/// The release before had given the canary something at 0 s, and a person gave stable a hot fix since; this one begins at
/// 2 000 s, nothing given for it yet.
#[test]
fn a_hot_fix_of_before_it_began_is_what_a_successor_goes_back_to() {
    let next = super::after(&policy(), &gated(), &start(), at(2_000));
    // What it is given later ends the release, and is left alone as well.
    for (given, phase) in [(1_500, "deploying"), (2_005, "rolling back")] {
        let mut hot_fix = by_deployment(meaning(on("orders", 9, 3), "v9", "orders-settings"), "hot-fix", given);
        hot_fix.primary.started_by = Part::Known(StartedBy::Nobody);
        let decision = decide(&policy(), &next, &seen(on("orders-canary", 2, 1), hot_fix), at(2_010));
        let found = crate::short(&decision.next.stable.baseline.task_definition).to_owned();
        let found = (decision.next.phase.name(), found.as_str());
        assert_eq!(found, (phase, "orders:9"), "{}", decision.because);
    }
}

/// A person gave the canary that, and a release judged it until this one took its place: nobody would judge it any more.
#[test]
fn what_was_judged_is_taken_out_where_the_next_execution_ends_without_giving_the_canary_anything() {
    let mut before = armed();
    before.canary.given.as_mut().unwrap().by_hand = true;
    let superseded = super::after(&policy(), &before, &start(), at(100));
    let seen = Seen {
        pipeline: Part::Known(over()),
        ..seen(on("orders-canary", 2, 1), on("orders", 1, 3))
    };
    let decision = decide(&policy(), &superseded, &seen, at(120));
    let Some(cause) = decision.next.phase.rolling_back() else {
        panic!("{}", decision.because);
    };
    assert!(matches!(cause, Cause::PipelineEnded { .. }), "{cause:?}");
    assert!(
        lanes(&decision).contains("restore orders-canary orders-canary:1"),
        "{}",
        lanes(&decision)
    );
}

#[test]
fn what_a_release_before_it_had_given_is_taken_off_too() {
    let decision = decide(
        &with(OnNewRelease::Hold),
        &armed(),
        &seen(newcomer(), on("orders", 1, 3)),
        at(500),
    );
    let next = successor(&decision).clone();
    let before = armed().canary.given.unwrap().task_definition;
    assert_eq!(
        (&next.canary.earlier, &next.stable.earlier),
        (&vec![before], &Vec::new())
    );
    // ECS gives the newcomer up and goes back to what it completed last.
    let back = by_deployment(on("orders-canary", 2, 1), "canary-8", 600);
    let undone = decide(
        &with(OnNewRelease::Hold),
        &next,
        &seen(back.clone(), on("orders", 1, 3)),
        at(610),
    );
    let Phase::RollingBack { cause } = &undone.next.phase else {
        panic!("{}: {}", undone.next.phase.name(), undone.because);
    };
    assert_eq!(
        *cause,
        crate::Cause::Undone {
            service: "orders-canary".to_owned(),
            why: None,
        }
    );
    // The attempt was meant for what the pipeline gave; this is another deployment, after a pause.
    let sent = decide(
        &with(OnNewRelease::Hold),
        &undone.next,
        &seen(back, on("orders", 1, 3)),
        at(640),
    );
    let lanes = crate::testing::lanes(&sent);
    assert!(lanes.contains("restore orders-canary orders-canary:1"), "{lanes}");
    // A third release in a row remembers both, each once.
    let again = super::after(&policy(), &next, &start(), at(900));
    assert_eq!(again.canary.earlier.len(), 2, "{:?}", again.canary.earlier);
    assert_eq!(
        super::after(&policy(), &again, &start(), at(950)).canary.earlier,
        again.canary.earlier
    );
}

#[test]
fn other_names_tell_the_next_release_before_any_task_has_pulled_its_images() {
    let unread = |names: Option<&str>| {
        let mut canary = newcomer();
        canary.primary.images = unknown();
        canary.primary.image_names = names.map_or_else(unknown, |names| Part::Known(crate::testing::names(names)));
        canary
    };
    let mut named = armed();
    named.canary.given.as_mut().unwrap().image_names = Some(crate::testing::names("v2"));
    let mut nameless = armed();
    nameless.canary.given.as_mut().unwrap().image_names = None;
    let mut of_a_person = unread(Some("v3"));
    of_a_person.primary.started_by = Part::Known(StartedBy::Nobody);
    let cases = [
        ("other names", named.clone(), unread(Some("v3")), "superseded"),
        ("the same names", named.clone(), unread(Some("v2")), "baking"),
        ("names not read", named.clone(), unread(None), "baking"),
        ("our own names were never read", nameless, unread(Some("v3")), "baking"),
        ("not by a pipeline", named, of_a_person, "baking"),
    ];
    for (case, release, canary, expected) in cases {
        let decision = decide(
            &with(OnNewRelease::Hold),
            &release,
            &seen(canary, on("orders", 1, 3)),
            at(500),
        );
        assert_eq!(decision.next.phase.name(), expected, "{case}: {}", decision.because);
    }
}

#[test]
fn what_a_release_had_given_stable_is_none_of_the_next_ones_once_stable_is_back() {
    let mut release = rolling_back();
    release.stable.given = promoting().stable.given;
    let mut failing = failing();
    failing.stable.given = promoting().stable.given;
    let back = || on("orders", 1, 3);
    let hot_fix = meaning(on("orders", 4, 3), "v9", "orders-settings");
    let cases = [
        ("back", release.clone(), back(), None),
        ("somebody's", release, by_deployment(hot_fix, "stable-4", 250), None),
        (
            "still there",
            failing.clone(),
            promoted(),
            Some(crate::testing::arn("orders", 2)),
        ),
        ("back at last", failing, back(), None),
    ];
    for (case, release, stable, given) in cases {
        let mut seen = seen(newcomer(), by_deployment(stable, "stable-9", 250));
        seen.pipeline = Part::Known(over());
        let decision = decide(&policy(), &release, &seen, at(2_000));
        let next = successor(&decision);
        let left = next.stable.given.as_ref().map(|given| given.task_definition.clone());
        assert_eq!(left, given, "{case}: {}", decision.because);
        assert_eq!(next.stable.earlier, [crate::testing::arn("orders", 2)], "{case}");
    }
}

#[test]
fn what_goes_by_a_tag_has_to_be_copied_once_it_is_a_way_back() {
    let pinned = |tag: &str| {
        let names = crate::testing::names(tag).into_iter();
        names
            .map(|(container, _)| (container, format!("orders@sha256:{tag}")))
            .collect()
    };
    let named = |names: Option<crate::Images>| {
        let mut release = watching();
        for service in [&mut release.canary, &mut release.stable] {
            service.given.as_mut().unwrap().image_names.clone_from(&names);
        }
        release
    };
    let cases = [
        ("by a tag", named(Some(crate::testing::names("v2"))), true),
        ("by digest", named(Some(pinned("v2"))), false),
        ("nobody knows by what", named(None), true),
        ("nothing was promoted", armed(), false),
    ];
    for (case, release, unprepared) in cases {
        let next = super::after(&policy(), &release, &start(), at(500));
        assert_eq!(
            (next.canary.unprepared, next.stable.unprepared),
            (unprepared, unprepared),
            "{case}"
        );
    }
    // Handed on as long as there is no copy.
    let mut first = super::after(&policy(), &named(None), &start(), at(500));
    assert!(super::after(&policy(), &first, &start(), at(600)).canary.unprepared);
    let copy = crate::Fact::Prepared {
        instead_of: first.canary.restore.clone(),
        task_definition: crate::testing::arn("orders-canary", 8),
    };
    first.facts.insert(copy.key(), copy);
    let next = super::after(&policy(), &first, &start(), at(600));
    assert!(!next.canary.unprepared && next.stable.unprepared);
    assert_eq!(next.canary.restore, crate::testing::arn("orders-canary", 8));
}

#[test]
fn what_somebody_took_from_the_canary_after_its_weights_were_returned_is_where_the_next_release_begins() {
    let weights = |canary, stable| Weights { canary, stable };
    let (rest, tenth) = (weights(1, 99), weights(100, 900));
    let none = Some(weights(0, 1));
    let cases = [
        ("nobody has set others", failing(), rest, None, true),
        ("less, once they were returned", failing(), rest, none, false),
        ("less, and it is still in time", rolling_back(), rest, none, false),
        (
            "the same by other numbers",
            failing(),
            rest,
            Some(weights(2, 198)),
            true,
        ),
        (
            "more is taken back by whoever aborts",
            failing(),
            rest,
            Some(tenth),
            true,
        ),
        ("more, and it is still in time", rolling_back(), rest, Some(tenth), true),
        ("nobody is served", failing(), rest, Some(weights(0, 0)), true),
        ("in the middle of a step", armed(), tenth, none, true),
        ("before anything was shifted", gated(), rest, none, true),
    ];
    for (name, release, given, theirs, inherited) in cases {
        let state = Weighed {
            given,
            theirs,
            earlier: vec![rest, tenth],
            ..Weighed::found(rest, rest, at(100))
        };
        let release = Release {
            weights: Some(state.clone()),
            ..release
        };
        let next = super::after(&policy(), &release, &start(), at(2_000));
        assert_eq!(next.weights, inherited.then_some(state), "{name}");
    }
}
