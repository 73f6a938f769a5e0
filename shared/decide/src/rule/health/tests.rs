use super::{services, verdict};
use crate::policy::Check;
use crate::rule::check::Verdict;
use crate::testing::{
    armed, arn, at, at_approval, gated, meaning, on, opened, policy, promoting, rolling_back, watching,
};
use crate::{Cause, Part, Phase, Policy, Release, Seen, SeenStopped, StopCode, Watched, decide};

fn health() -> Policy {
    Policy {
        checks: [policy().checks, vec![Check::Health { failed_tasks_max: 2 }]].concat(),
        ..policy()
    }
}

/// A task of this definition, begun then.
fn task(definition: &str, created: i64, code: StopCode, reason: &str) -> SeenStopped {
    SeenStopped {
        task: format!("task-{created}"),
        task_definition: definition.to_owned(),
        created: at(created),
        code,
        reason: reason.to_owned(),
    }
}

/// Three tasks of what the canary was given at 0.
fn three(code: StopCode, reason: &str) -> Vec<SeenStopped> {
    let canary = arn("orders-canary", 2);
    [10, 20, 30].map(|created| task(&canary, created, code, reason)).into()
}

fn canary_has(stopped: Vec<SeenStopped>) -> Seen {
    Seen {
        stopped: [("orders-canary".to_owned(), Part::Known(stopped))].into(),
        ..at_approval()
    }
}

/// What the check makes of it, in a word.
fn says(release: &Release, seen: &Seen) -> String {
    match verdict(2, release, seen) {
        Verdict::Silent => "silent".to_owned(),
        Verdict::Passes(text) => format!("passes: {text}"),
        Verdict::Undecided(text) => format!("undecided: {text}"),
        Verdict::Unknown(text) => format!("unknown: {text}"),
        Verdict::Fails(cause) => format!("fails: {cause}"),
    }
}

#[test]
fn only_tasks_that_nobody_told_to_go_have_failed() {
    let cases = [
        (StopCode::FailedToStart, "CannotPullContainerError", true),
        (StopCode::ContainerExited, "Essential container in task exited", true),
        (
            StopCode::Scheduler,
            "Task failed ELB health checks in (target-group x)",
            true,
        ),
        (StopCode::Scheduler, "Task failed container health checks", true),
        (
            StopCode::Scheduler,
            "Scaling activity initiated by (deployment ecs-svc/1)",
            false,
        ),
        (StopCode::Other, "Your Spot Task was interrupted.", false),
        (StopCode::Other, "Task stopped by user", false),
        // Only the scheduler says of a task that it was unhealthy.
        (StopCode::Other, "Task failed container health checks", false),
    ];
    for (code, reason, failed) in cases {
        let expected = match failed {
            true => format!("fails: 3 tasks of orders-canary failed, more than 2; the last one, task-30: {reason}"),
            false => "passes: 0 of orders-canary's tasks failed, up to 2 would do".to_owned(),
        };
        assert_eq!(
            says(&armed(), &canary_has(three(code, reason))),
            expected,
            "{code:?} {reason}"
        );
    }
}

#[test]
fn only_tasks_of_what_was_given_count_and_only_since() {
    let canary = arn("orders-canary", 2);
    let fails = |definition: &str, created| task(definition, created, StopCode::ContainerExited, "x");
    let cases: [(&str, Vec<SeenStopped>, &str); 5] = [
        ("none", vec![], "passes: 0"),
        (
            "as many as may",
            vec![fails(&canary, 10), fails(&canary, 20)],
            "passes: 2",
        ),
        (
            "one of the baseline's",
            vec![
                fails(&canary, 10),
                fails(&canary, 20),
                fails(&arn("orders-canary", 1), 30),
            ],
            "passes: 2",
        ),
        (
            "one of the same definition, of an earlier release",
            vec![fails(&canary, -1), fails(&canary, 20), fails(&canary, 30)],
            "passes: 2",
        ),
        (
            "one in the moment it was given",
            vec![fails(&canary, 0), fails(&canary, 20), fails(&canary, 30)],
            "fails: 3",
        ),
    ];
    for (name, stopped, expected) in cases {
        let said = says(&armed(), &canary_has(stopped));
        assert!(said.starts_with(expected), "{name}: {said}");
    }
}

#[test]
fn what_was_not_read_neither_passes_nor_fails() {
    let unasked = says(&armed(), &at_approval());
    assert_eq!(
        unasked,
        "unknown: which tasks of orders-canary failed shows at the next look"
    );
    let refused = Seen {
        stopped: [(
            "orders-canary".to_owned(),
            Part::Unknown("ListTasks: throttled".to_owned()),
        )]
        .into(),
        ..at_approval()
    };
    assert_eq!(
        says(&armed(), &refused),
        "unknown: which tasks of orders-canary failed is unknown: ListTasks: throttled"
    );
}

/// The watch of a release before runs on in it.
fn with_watch(release: Release) -> Release {
    let before = watching();
    Release {
        watched: Some(Watched {
            release: before.id.clone(),
            until: at(9_000),
            canary: before.canary,
            stable: before.stable,
            images: before.images,
        }),
        ..release
    }
}

#[test]
fn each_phase_judges_what_was_given_by_then() {
    let left_bad = Release {
        left_bad: true,
        ..with_watch(opened())
    };
    let baking = Release {
        phase: Phase::Baking { step: 0 },
        ..with_watch(armed())
    };
    let cases: [(&str, Release, &[&str]); 10] = [
        ("deploying", opened(), &[]),
        ("baking", armed(), &["orders-canary"]),
        ("gated", gated(), &["orders-canary"]),
        ("promoting", promoting(), &["orders-canary", "orders"]),
        ("watching", watching(), &["orders-canary", "orders"]),
        ("rolling back", rolling_back(), &[]),
        (
            "rolling back while a watch runs on",
            with_watch(rolling_back()),
            &["orders-canary", "orders"],
        ),
        (
            "a watch runs on before the canary changes",
            with_watch(opened()),
            &["orders-canary", "orders"],
        ),
        ("what was left bad is known", left_bad, &[]),
        (
            "a watch runs on while the canary bakes",
            baking,
            &["orders-canary", "orders"],
        ),
    ];
    for (name, release, expected) in cases {
        assert_eq!(services(&health(), &release, at(900)), expected, "{name}");
        assert_eq!(
            services(&policy(), &release, at(900)),
            [] as [&str; 0],
            "{name}, and nobody asks"
        );
    }
}

#[test]
fn stable_is_judged_by_itself_once_it_has_the_revision() {
    let stable = |created: &[i64]| {
        let tasks = created
            .iter()
            .map(|created| task(&arn("orders", 2), *created, StopCode::ContainerExited, "x"));
        let tasks = (tasks.collect(), three(StopCode::Other, "Spot"));
        Seen {
            stopped: [
                ("orders".to_owned(), Part::Known(tasks.0)),
                ("orders-canary".to_owned(), Part::Known(tasks.1)),
            ]
            .into(),
            ..at_approval()
        }
    };
    assert_eq!(
        says(&watching(), &stable(&[200, 300])),
        "passes: 0 of orders-canary's tasks failed and 2 of orders's tasks failed, up to 2 would do"
    );
    assert!(says(&watching(), &stable(&[200, 300, 400])).starts_with("fails: 3 tasks of orders failed"));
    // One side known to fail is enough.
    let half = Seen {
        stopped: [
            ("orders".to_owned(), stable(&[200, 300, 400]).stopped["orders"].clone()),
            ("orders-canary".to_owned(), Part::Unknown("throttled".to_owned())),
        ]
        .into(),
        ..at_approval()
    };
    assert!(says(&watching(), &half).starts_with("fails: 3 tasks of orders failed"));
}

#[test]
fn tasks_that_fail_roll_the_release_back_before_any_of_them_bakes() {
    let mut release = armed();
    release.canary.given.as_mut().unwrap().reached = None;
    let crashing = Seen {
        canary: Part::Known(on("orders-canary", 2, 0)),
        ..canary_has(three(StopCode::ContainerExited, "Essential container in task exited"))
    };
    let decision = decide(&health(), &release, &crashing, at(120));
    let Some(Cause::Health { service, failed: 3, .. }) = decision.next.phase.rolling_back() else {
        panic!("{}", decision.because);
    };
    assert_eq!(service, "orders-canary");
    // Under a policy that does not ask, the same is nothing but slow.
    assert_eq!(
        decide(&policy(), &release, &crashing, at(120)).next.phase.name(),
        "baking"
    );
}

#[test]
fn what_fails_in_a_watch_that_runs_on_takes_back_what_is_watched() {
    let stable = |created: &[i64]| {
        let failed = created
            .iter()
            .map(|created| task(&arn("orders", 2), *created, StopCode::ContainerExited, "x"));
        Seen {
            stopped: [
                ("orders".to_owned(), Part::Known(failed.collect())),
                ("orders-canary".to_owned(), Part::Known(Vec::new())),
            ]
            .into(),
            ..at_approval()
        }
    };
    for (name, release) in [("deploying", with_watch(opened())), ("baking", with_watch(armed()))] {
        let next = decide(&health(), &release, &stable(&[500, 510, 520]), at(600)).next;
        assert!(next.phase.rolling_back().is_some(), "{name}");
        assert!(
            next.watched.is_none(),
            "{name}: the way back leads to where the watched release began"
        );
        assert!(next.stable.given.is_some(), "{name}");
    }
    // The canary's own tasks say nothing of stable.
    let mut own = with_watch(armed());
    own.canary.given.as_mut().unwrap().task_definition = arn("orders-canary", 3);
    let failed = [10, 20, 30].map(|created| task(&arn("orders-canary", 3), created, StopCode::ContainerExited, "x"));
    let seen = Seen {
        canary: Part::Known(on("orders-canary", 3, 1)),
        ..canary_has(failed.into())
    };
    let next = decide(&health(), &own, &seen, at(600)).next;
    assert!(
        next.phase.rolling_back().is_some() && next.watched.is_some(),
        "{:?}",
        next.phase
    );
    // While that is taken back, what is watched goes on being judged.
    let next = decide(&health(), &next, &stable(&[500, 510, 520]), at(700)).next;
    assert!(
        next.phase.rolling_back().is_some() && next.watched.is_none(),
        "{:?}",
        next.phase
    );
}

#[test]
fn what_it_ran_before_under_another_name_is_nobodys_failure() {
    let mut echo = armed();
    let baseline = echo.canary.baseline.revision.clone();
    let given = echo.canary.given.as_mut().unwrap();
    given.images = Some(baseline.images);
    given.configuration = Some(baseline.configuration);
    let seen = Seen {
        canary: Part::Known(meaning(on("orders-canary", 2, 1), "v1", "orders-canary-settings")),
        ..canary_has(three(StopCode::ContainerExited, "x"))
    };
    assert_eq!(says(&echo, &seen), "silent");
    assert_eq!(services(&health(), &echo, at(900)), [] as [&str; 0]);
}
