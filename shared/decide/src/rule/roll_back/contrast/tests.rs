use super::{asks_whose, contrast};
use crate::policy::{Bounded, Check, Measured, Named, Ratio, Statistic};
use crate::rule::compare::tests::{compare, metric as counted_metric};
use crate::testing::{at, at_approval, cause, in_progress, on, policy, promoting, seen_alarm, unknown, watching};
use crate::{
    AlarmState, At, Cause, Comparison, Part, Phase, Policy, Release, Seen, SeenComparison, SeenCount, SeenStopped,
    StopCode, comparisons, services_by_health,
};

fn ended(cause: Cause, release: Release) -> Release {
    let mut release = Release {
        phase: Phase::RollingBack { cause },
        phase_since: at(1_000),
        ..release
    };
    release.canary.given.as_mut().unwrap().reached = Some(at(60));
    release
}

fn failing(service: &str, release: Release) -> Release {
    let service = service.to_owned();
    ended(Cause::GivenUp { service, why: None }, release)
}

/// A watch that has begun at 400 s, ended so at 1000 s.
fn watch(cause: Cause) -> Release {
    let mut release = ended(cause, watching());
    release.stable.given.as_mut().unwrap().reached = Some(at(400));
    release
}

fn rang(since: i64) -> Cause {
    Cause::Alarm {
        name: "dlq".to_owned(),
        since: at(since),
        reason: "too many".to_owned(),
    }
}

fn grew() -> Cause {
    Cause::DlqGrowth {
        queue: "orders-dlq".to_owned(),
        gained: 30,
        since: at(0),
        messages_max: 20,
    }
}

/// Judged by health, too.
fn judged() -> Policy {
    Policy {
        checks: [policy().checks, vec![Check::Health { failed_tasks_max: 2 }]].concat(),
        ..policy()
    }
}

/// Judged by comparison, too.
fn compared() -> Policy {
    Policy {
        checks: [judged().checks, vec![compare()]].concat(),
        ..policy()
    }
}

fn stopped_of(service: &str, created: At) -> SeenStopped {
    let release = promoting();
    let given = [&release.canary, &release.stable].into_iter();
    let given = given
        .filter(|own| own.name == service)
        .find_map(|own| own.given.clone());
    SeenStopped {
        task: "7".to_owned(),
        task_definition: given.unwrap().task_definition,
        created,
        code: StopCode::ContainerExited,
        reason: "it ended".to_owned(),
    }
}

fn with_stopped(mut seen: Seen, service: &str, tasks: Vec<SeenStopped>) -> Seen {
    seen.stopped.insert(service.to_owned(), Part::Known(tasks));
    seen
}

/// No task of the canary has failed.
fn well() -> Seen {
    with_stopped(at_approval(), "orders-canary", Vec::new())
}

fn stopped(created: At) -> Seen {
    with_stopped(
        at_approval(),
        "orders-canary",
        vec![stopped_of("orders-canary", created)],
    )
}

#[test]
fn only_what_the_canary_runs_well_speaks_against_stable() {
    let with = |canary| Seen { canary, ..well() };
    let stable = || failing("orders", watching());
    let mut other = stable();
    other.stable.given.as_mut().unwrap().images = Some(crate::testing::images("v9"));
    let mut never = stable();
    never.canary.given.as_mut().unwrap().reached = None;
    let cases = [
        ("stable alone", stable(), well(), true),
        ("while it is promoted", failing("orders", promoting()), well(), true),
        ("the canary itself", failing("orders-canary", watching()), well(), false),
        ("other images", other, well(), false),
        ("the canary's tasks never ran", never, well(), false),
        ("the canary is unknown", stable(), with(unknown()), false),
        (
            "it is back already",
            stable(),
            with(Part::Known(on("orders-canary", 1, 1))),
            false,
        ),
        (
            "not all of its tasks run",
            stable(),
            with(Part::Known(in_progress(on("orders-canary", 2, 1), 0, 1))),
            false,
        ),
        ("nobody has looked at its tasks", stable(), at_approval(), false),
        ("its tasks fail as well", stable(), stopped(at(500)), false),
        ("a task from before", stable(), stopped(at(-500)), true),
    ];
    for (case, release, seen, says) in cases {
        let said = contrast(&judged(), &release, &seen);
        assert_eq!(said.is_some(), says, "{case}: {said:?}");
    }
}

fn measure(dimension: &str) -> Bounded {
    Bounded {
        of: Measured::One(Statistic {
            namespace: "Orders".to_owned(),
            name: "Late".to_owned(),
            statistic: "p90".to_owned(),
            dimensions: vec![Named {
                name: "Of".to_owned(),
                value: dimension.to_owned(),
            }],
        }),
        max: Ratio::new(2.0).unwrap(),
        period_minutes: 1,
        periods: 3,
    }
}

fn measured(dimension: &str) -> (Policy, Cause) {
    let metric = measure(dimension);
    let cause = Cause::Metric {
        metric: metric.of_revision("orders-canary:2").to_string(),
        values: "3, 3, 3".to_owned(),
        max: metric.max,
        from: at(600),
        until: at(780),
    };
    let policy = Policy {
        checks: [judged().checks, vec![Check::Metric { metric }]].concat(),
        ..policy()
    };
    (policy, cause)
}

/// What does not tell whose doing it is says so, with what is known of the canary; and nothing where that is not known, or
/// not so.
#[test]
fn beside_what_does_not_tell_whose_doing_it_is_stands_what_the_canary_does_on_the_same_images() {
    let seen_on = |queue: Option<&str>| {
        let mut alarm = seen_alarm(AlarmState::Alarm, at(900));
        alarm.depth_of = queue.map(str::to_owned);
        Seen {
            alarms: Part::Known(vec![alarm]),
            ..well()
        }
    };
    let never_all = ended(rang(900), watching());
    let mut other = watch(rang(900));
    other.stable.given.as_mut().unwrap().images = Some(crate::testing::images("v9"));
    let mut scaled = watch(rang(900));
    scaled.canary.given.as_mut().unwrap().reached = None;
    let untaken = ended(rang(900), crate::testing::gated());
    let whose = "does not tell whose doing it is, but orders-canary has run the same images on all its tasks since \
                 2026-11-21T03:01:00Z, and ECS shows none of those that failed";
    let look = "where orders is to blame alone, look at what differs in orders's definition, size and place";
    let says = |of: &str| Some(format!("{of} {whose}: {look}"));
    let dead = Some(format!(
        "the dead letters of orders-dlq may be anybody's{}: {look}",
        whose.trim_start_matches("does not tell whose doing it is")
    ));
    let two = with_stopped(well(), "orders", vec![stopped_of("orders", at(500)); 2]);
    let two_says = Some(format!("alarm dlq {whose}, while 2 of orders's did: {look}"));
    let gone = Seen {
        canary: Part::Known(on("orders-canary", 1, 1)),
        ..well()
    };
    let few = Seen {
        canary: Part::Known(in_progress(on("orders-canary", 2, 1), 0, 1)),
        ..well()
    };
    let came = says("alarm dlq").map(|said| {
        let came = "came to run the same images on all its tasks at";
        said.replace("has run the same images on all its tasks since", came)
    });
    let ((policy, shared), (own_policy, own)) = (measured("orders"), measured("{revision}"));
    let cases = [
        ("an alarm", judged(), watch(rang(900)), well(), says("alarm dlq")),
        (
            "of no queue",
            judged(),
            watch(rang(900)),
            seen_on(None),
            says("alarm dlq"),
        ),
        (
            "on a queue",
            judged(),
            watch(rang(900)),
            seen_on(Some("orders-dlq")),
            dead.clone(),
        ),
        ("dead letters", judged(), watch(grew()), well(), dead),
        ("a metric of both", policy, watch(shared), well(), says("that metric")),
        ("stable's tasks fail as well", judged(), watch(rang(900)), two, two_says),
        ("the canary's own metric", own_policy, watch(own), well(), None),
        ("it rang before stable had it", judged(), watch(rang(150)), well(), None),
        ("not all of stable ran it", judged(), never_all, well(), None),
        ("stable was never given it", judged(), untaken, well(), None),
        ("other images", judged(), other, well(), None),
        ("the canary's tasks never ran", judged(), scaled, well(), None),
        (
            "its tasks fail as well",
            judged(),
            watch(rang(900)),
            stopped(at(500)),
            None,
        ),
        ("nobody has looked", judged(), watch(rang(900)), at_approval(), None),
        ("it is back already", judged(), watch(rang(900)), gone, came),
        ("not all of its tasks run", judged(), watch(rang(900)), few, None),
        ("a person's order", judged(), watch(ordered()), well(), None),
    ];
    for (case, policy, release, seen, says) in cases {
        assert_eq!(contrast(&policy, &release, &seen), says, "{case}");
    }
}

fn ordered() -> Cause {
    Cause::Ordered {
        by: "ann".to_owned(),
        why: "I know it".to_owned(),
    }
}

fn count(failed: Option<u64>, total: u64) -> SeenCount {
    SeenCount {
        failed,
        total: Some(total),
    }
}

fn counted(canary: SeenCount, stable: SeenCount, of: &str) -> Seen {
    let asked = Comparison {
        check: 2,
        metric: counted_metric(),
        canary: "orders-canary:2".to_owned(),
        stable: of.to_owned(),
        from: at(420),
        until: at(900),
    };
    Seen {
        compared: Part::Known(vec![SeenComparison { asked, canary, stable }]),
        ..at_approval()
    }
}

/// Counted by revision it points to a side, where one fails more than the other and chance explain.
#[test]
fn what_was_counted_by_revision_in_the_watch_points_to_one_side_or_to_none() {
    let whole = count(Some(0), 300);
    let half = count(Some(450), 900);
    let most = count(Some(150), 300);
    let (away, none) = (
        "points away from the images",
        "from 2026-11-21T03:07:00Z to 2026-11-21T03:15:00Z",
    );
    let runs = "has run the same images";
    let with_tasks = |seen| with_stopped(seen, "orders-canary", Vec::new());
    let of = |canary, stable| counted(canary, stable, "orders:2");
    let missing = of(count(None, 300), half);
    let few = of(count(Some(0), 30), half);
    let earlier = counted(whole, half, "orders:1");
    let alike = of(most, half);
    let cases = [
        ("only stable fails", of(whole, half), Some((away, ""))),
        (
            "and the canary's tasks are known",
            with_tasks(of(whole, half)),
            Some((away, runs)),
        ),
        ("both fail alike", alike.clone(), Some((none, ""))),
        ("both fail alike, and tasks run", with_tasks(alike), Some((none, runs))),
        ("only the canary fails", of(most, count(Some(0), 900)), Some((none, ""))),
        ("too few", few, Some((none, ""))),
        ("a number is missing", missing, None),
        ("of another revision", earlier, None),
        ("nothing was counted", at_approval(), None),
    ];
    for (case, seen, says) in cases {
        let said = contrast(&compared(), &watch(rang(900)), &seen);
        let as_told = match (&said, says) {
            (None, None) => true,
            (Some(said), Some((one, other))) => {
                let points = said.contains(away) == (one == away);
                points && said.contains(one) && said.contains(other) && !said.contains("to blame alone")
            }
            _ => false,
        };
        assert!(as_told, "{case}: {said:?}");
    }
    // The tasks of a canary that fails more are no praise.
    let worse = with_tasks(of(most, count(Some(0), 900)));
    let said = contrast(&compared(), &watch(rang(900)), &worse).unwrap();
    assert!(!said.contains(runs), "{said}");
    let mut other = watch(rang(900));
    other.stable.given.as_mut().unwrap().images = Some(crate::testing::images("v9"));
    assert_eq!(contrast(&compared(), &other, &of(whole, half)), None);
}

/// Both sides are looked at for so long as it can tell anything, and only where it does not say itself whose it is.
#[test]
fn both_sides_are_looked_at_only_where_a_watch_was_ended_by_what_does_not_tell() {
    let asks = |release: &Release, seconds| {
        let compares = comparisons(&compared(), release, at(seconds));
        let services = services_by_health(&compared(), release, at(seconds));
        let asks = asks_whose(&compared(), release, at(seconds));
        assert_eq!(
            (services.len(), compares.len()),
            if asks { (2, 1) } else { (0, 0) },
            "at {seconds}"
        );
        compares.first().map(|one| (one.from, one.until))
    };
    let counts = |from, until| Some((at(from), at(until)));
    let release = watch(rang(900));
    // Nothing waits for it as the rollback begins.
    assert_eq!(asks(&release, 1_000), None);
    assert_eq!(asks(&release, 1_004), None);
    assert_eq!(asks(&release, 1_005), counts(420, 900));
    // Not beyond the minute in which it was ended.
    assert_eq!(asks(&release, 1_100), counts(420, 1_020));
    assert_eq!(asks(&release, 1_149), counts(420, 1_020));
    assert_eq!(asks(&release, 1_150), None);
    assert_eq!(asks(&watch(grew()), 1_030), counts(420, 960));
    assert_eq!(asks(&watch(ordered()), 1_030), None);
    assert_eq!(asks(&ended(cause(), watching()), 1_030), None);
    assert_eq!(asks(&failing("orders", watch(rang(900))), 1_030), None);
    // Nobody asks where no check does.
    let none: [String; 0] = [];
    assert_eq!(services_by_health(&policy(), &release, at(1_030)), none);
    assert_eq!(comparisons(&judged(), &release, at(1_030)), []);
}
