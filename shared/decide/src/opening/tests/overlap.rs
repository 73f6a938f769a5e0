//! Something begins while another release is open.

use super::super::{Overlap, overlap};
use super::{action, deployment, job};
use crate::policy::OnNewRelease;
use crate::testing::{
    OTHER, alarm_arn, alarm_fact, armed, arn, at, at_approval, by_deployment, by_nobody, closed, execution, failing,
    gated, images, meaning, on, opened, over, policy, promoted, promoting, rolling_back, unknown, watching, with_fact,
};
use crate::{
    Decision, ExecutionStatus, Fact, Outcome, Over, Part, Phase, Policy, Release, Seen, SeenExecution, SeenService,
    Start,
};

pub fn other() -> Start {
    Start::Job {
        execution: OTHER.to_owned(),
        action_execution: "j2".to_owned(),
    }
}

pub fn next_action() -> Start {
    Start::Action {
        execution: OTHER.to_owned(),
        action_execution: "a2".to_owned(),
    }
}

fn third() -> Start {
    Start::Job {
        execution: "third".to_owned(),
        action_execution: "j3".to_owned(),
    }
}

pub fn with(on_new_release: OnNewRelease) -> Policy {
    Policy {
        on_new_release,
        ..policy()
    }
}

fn taken(policy: &Policy, open: &Release, start: &Start) -> (Decision, Release) {
    match overlap(policy, policy, open, &at_approval(), start, at(500)) {
        Overlap::TakesOver(decision) => {
            let next = decision.successor.clone().map(|next| *next).unwrap();
            (*decision, next)
        }
        waits => panic!("{waits:?}"),
    }
}

#[test]
fn only_what_comes_before_the_canary_changes_can_be_held() {
    let cases = [(job(), "held"), (action(), "taken over"), (deployment(), "taken over")];
    for (start, expected) in cases {
        let start = match start {
            Start::Job { action_execution, .. } => Start::Job {
                execution: OTHER.to_owned(),
                action_execution,
            },
            Start::Action { action_execution, .. } => Start::Action {
                execution: OTHER.to_owned(),
                action_execution,
            },
            other => other,
        };
        let said = match overlap(
            &with(OnNewRelease::Hold),
            &with(OnNewRelease::Hold),
            &watching(),
            &at_approval(),
            &start,
            at(500),
        ) {
            Overlap::Wait(_) => "held",
            Overlap::TakesOver(_) => "taken over",
            Overlap::Afresh(_) | Overlap::Same | Overlap::Outrun(_) => "something else",
        };
        assert_eq!(said, expected, "{start:?}");
    }
}

#[test]
fn each_phase_says_whether_the_next_release_may_take_its_place() {
    use OnNewRelease::{Continue, Hold};
    let cases = [
        (opened(), Hold, "superseded"),
        (opened(), Continue, "superseded"),
        (armed(), Hold, "superseded"),
        (armed(), Continue, "superseded"),
        (gated(), Hold, "superseded"),
        (gated(), Continue, "superseded"),
        (promoting(), Hold, "wait: release orders-1a2b3c4d is promoting"),
        (promoting(), Continue, "wait: release orders-1a2b3c4d is promoting"),
        (watching(), Hold, "wait: release orders-1a2b3c4d is watching"),
        (watching(), Continue, "superseded"),
        (rolling_back(), Hold, "wait: release orders-1a2b3c4d is rolling back"),
        (
            rolling_back(),
            Continue,
            "wait: release orders-1a2b3c4d is rolling back",
        ),
        (failing(), Hold, "rollback failed"),
        (failing(), Continue, "rollback failed"),
    ];
    for (release, rule, expected) in cases {
        let case = format!("{} {rule:?}", release.phase.name());
        let said = match overlap(&with(rule), &with(rule), &release, &at_approval(), &other(), at(500)) {
            Overlap::Same => "same".to_owned(),
            Overlap::Afresh(_) => "afresh".to_owned(),
            Overlap::Wait(why) | Overlap::Outrun(why) => format!("wait: {why}"),
            Overlap::TakesOver(decision) => {
                let next = decision.successor.unwrap();
                assert_eq!(next.id, other().release_id("orders"), "{case}");
                assert_eq!(
                    (next.phase.clone(), next.opened, next.phase_since),
                    (Phase::Deploying, at(500), at(500)),
                    "{case}"
                );
                assert_eq!((decision.lanes.len(), decision.look_again_seconds), (0, None), "{case}");
                assert_eq!(decision.next.phase_since, at(500), "{case}");
                let failed = decision.next.phase.name() == "rollback failed";
                assert_eq!(next.left_bad, failed, "{case}");
                // Whoever comes next, before the canary has changed, finds it as it was left.
                let (_, further) = taken(&with(rule), &next, &third());
                assert_eq!(further.left_bad, failed, "{case}");
                decision.next.phase.name().to_owned()
            }
        };
        assert_eq!(said, expected, "{case}");
    }
}

#[test]
fn a_job_takes_no_place_where_something_may_be_promoted_at_this_moment() {
    let stage = |promoting, only_status, status| {
        let run = SeenExecution {
            promoting,
            only_status,
            ..execution(status)
        };
        Seen {
            pipeline: Part::Known(run),
            ..at_approval()
        }
    };
    let given = || Seen {
        canary: Part::Known(meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings")),
        stable: Part::Known(meaning(promoted(), "v2", "orders-settings")),
        ..at_approval()
    };
    let running = ExecutionStatus::InProgress;
    let unasked = || Seen {
        pipeline: unknown(),
        ..at_approval()
    };
    let blind = || Seen {
        stable: unknown(),
        ..at_approval()
    };
    let promoting = Some("release orders-1a2b3c4d is promoting");
    let pipeline = Some("whether release orders-1a2b3c4d is promoting is unknown: orders: AWS failed");
    let cases = [
        ("at its approval", armed(), at_approval(), None),
        ("approved a moment ago", armed(), stage(true, false, running), promoting),
        ("approved while gated", gated(), stage(true, false, running), promoting),
        (
            "the canary not seen yet",
            opened(),
            stage(true, false, running),
            promoting,
        ),
        ("between two stages", armed(), stage(false, false, running), None),
        ("stable has it already", armed(), given(), promoting),
        (
            "nobody looked at anything yet, stable has it",
            opened(),
            given(),
            promoting,
        ),
        ("CodePipeline does not answer", armed(), unasked(), pipeline),
        (
            "CodePipeline does not answer, nothing was given",
            opened(),
            unasked_on_v1(),
            None,
        ),
        (
            "CodePipeline says only that it runs",
            armed(),
            stage(false, true, running),
            Some("whether release orders-1a2b3c4d is promoting is unknown: orders: only its status could be read"),
        ),
        (
            "CodePipeline says only that it is over",
            armed(),
            stage(false, true, ExecutionStatus::Over(Over::Failed)),
            None,
        ),
        (
            "stable does not answer",
            gated(),
            blind(),
            Some("whether release orders-1a2b3c4d is promoting is unknown: orders: AWS failed"),
        ),
    ];
    for (case, release, seen, waits) in cases {
        match overlap(&policy(), &policy(), &release, &seen, &other(), at(500)) {
            Overlap::Wait(why) => assert_eq!(Some(why.as_str()), waits, "{case}"),
            Overlap::TakesOver(_) => assert_eq!(None, waits, "{case}"),
            other => panic!("{case}: {other:?}"),
        }
        // What has the canary already is judged, not held.
        let given = overlap(&policy(), &policy(), &release, &seen, &deployment(), at(500));
        assert!(matches!(given, Overlap::TakesOver(_)), "{case}");
    }
}

fn unasked_on_v1() -> Seen {
    Seen {
        pipeline: unknown(),
        canary: Part::Known(on("orders-canary", 1, 1)),
        ..at_approval()
    }
}

#[test]
fn a_job_takes_no_place_of_what_has_failed_and_was_not_seen_to() {
    let rang = |seconds| Seen {
        alarms: Part::Known(vec![crate::testing::seen_alarm(crate::AlarmState::Alarm, at(seconds))]),
        ..at_approval()
    };
    let told = with_fact(gated(), alarm_fact(&alarm_arn(), at(90)));
    let cases = [
        ("seen", gated(), rang(90), true),
        ("told", told, at_approval(), true),
        ("from before its canary", gated(), rang(-1), false),
        (
            "its canary has not changed",
            opened(),
            Seen {
                canary: Part::Known(on("orders-canary", 1, 1)),
                ..rang(90)
            },
            false,
        ),
    ];
    for (case, open, seen, waits) in cases {
        let found = overlap(&policy(), &policy(), &open, &seen, &other(), at(500));
        let failed = format!(
            "release {} is to be rolled back: alarm dlq in ALARM since 2026-11-21T03:01:30Z",
            open.id
        );
        assert_eq!(found == Overlap::Wait(failed), waits, "{case}: {found:?}");
    }
}

#[test]
fn what_is_open_already_is_not_opened_again() {
    let own = armed().pipeline.unwrap().execution;
    let retried = Start::Job {
        execution: own,
        action_execution: "j9".to_owned(),
    };
    let mut by_deployment = armed();
    by_deployment.pipeline = None;
    by_deployment.start = deployment().key();
    let cases = [
        ("its own job", armed(), job(), true),
        ("its execution's deploy action", armed(), action(), true),
        ("its action, run once more", armed(), retried, true),
        ("another execution", armed(), other(), false),
        ("nobody's deployment", armed(), deployment(), false),
        ("its own deployment", by_deployment.clone(), deployment(), true),
        (
            "an execution, while nobody's deployment is open",
            by_deployment,
            other(),
            false,
        ),
        ("its own job, while it is rolled back", rolling_back(), job(), true),
        ("its own job, while it is watched", watching(), job(), true),
    ];
    for (case, release, start, same) in cases {
        let found = overlap(
            &with(OnNewRelease::Continue),
            &with(OnNewRelease::Continue),
            &release,
            &at_approval(),
            &start,
            at(500),
        );
        assert_eq!(found == Overlap::Same, same, "{case}: {found:?}");
    }
}

#[test]
fn a_successor_answers_for_what_was_given_before_it_and_goes_back_to_where_it_all_began() {
    let mut open = gated();
    open.barred = vec![crate::Execution {
        execution: "first".to_owned(),
        ..open.pipeline.clone().unwrap()
    }];
    open.canary.attempts.count = 3;
    let copy = Fact::Prepared {
        instead_of: arn("orders-canary", 1),
        task_definition: arn("orders-canary", 3),
    };
    let stale = with_fact(with_fact(open, copy), alarm_fact(&alarm_arn(), at(-1)));
    let open = with_fact(stale, alarm_fact(&alarm_arn(), at(0)));
    let (decision, next) = taken(&policy(), &open, &next_action());
    assert_eq!(
        next.canary.given, open.canary.given,
        "it still runs what the one before gave it"
    );
    assert_eq!(next.canary.baseline, open.canary.baseline);
    assert_eq!(
        next.canary.restore,
        arn("orders-canary", 3),
        "the copy stays the way back"
    );
    assert_eq!(
        (next.canary.attempts.count, &next.stable.given, &next.images),
        (0, &None, &None)
    );
    let barred: Vec<&str> = next.barred.iter().map(|run| run.execution.as_str()).collect();
    assert_eq!(barred, ["first", "1a2b3c4d-0000-4000-8000-000000000000"]);
    let run = next.pipeline.as_ref().unwrap();
    assert_eq!(
        (run.execution.as_str(), run.promoting_stage.as_deref()),
        (OTHER, Some("Deploy"))
    );
    let facts: Vec<&Fact> = next.facts.values().collect();
    assert_eq!(
        facts,
        [&alarm_fact(&alarm_arn(), at(0))],
        "of facts only alarms are its own, and only about what the canary was given"
    );
    let by = Outcome::Superseded { by: next.id.clone() };
    assert_eq!(
        decision.next,
        Release {
            phase_since: at(500),
            ..closed(open, by)
        }
    );
}

#[test]
fn nothing_is_barred_where_no_pipeline_was_behind() {
    let mut open = armed();
    open.pipeline = None;
    open.start = deployment().key();
    let (_, next) = taken(&policy(), &open, &other());
    assert_eq!(next.barred, []);
    let (_, next) = taken(&policy(), &armed(), &deployment());
    assert_eq!((next.pipeline, next.barred.len()), (None, 1));
}

#[test]
fn the_watch_runs_on_inside_the_successor() {
    let (_, next) = taken(&with(OnNewRelease::Continue), &watching(), &other());
    let watched = next.watched.unwrap();
    assert_eq!(
        (watched.release.as_str(), watched.until),
        ("orders-1a2b3c4d", at(400 + 1_800))
    );
    assert_eq!(
        (watched.images, &watched.stable.given),
        (Some(images("v2")), &watching().stable.given)
    );
    assert_eq!(watched.canary.restore, arn("orders-canary", 1));
    for (service, name) in [(&next.canary, "orders-canary"), (&next.stable, "orders")] {
        assert_eq!(
            service.baseline.task_definition,
            arn(name, 2),
            "what was promoted is the way back"
        );
        assert_eq!((&service.restore, &service.given), (&arn(name, 2), &None));
    }
    assert_eq!(next.barred, [], "what was promoted needs not be kept from it");
}

#[test]
fn a_successors_successor_keeps_the_watch() {
    let policy = with(OnNewRelease::Continue);
    let (_, second) = taken(&policy, &watching(), &other());
    let third = Start::Job {
        execution: "third".to_owned(),
        action_execution: "j3".to_owned(),
    };
    let (_, last) = taken(&policy, &second, &third);
    assert_eq!(last.watched, second.watched);
    let barred: Vec<&str> = last.barred.iter().map(|run| run.execution.as_str()).collect();
    assert_eq!(barred, [OTHER]);
}

#[test]
fn what_was_promoted_but_never_read_is_no_way_back() {
    let mut open = watching();
    open.canary.given.as_mut().unwrap().images = None;
    open.stable.given.as_mut().unwrap().configuration = None;
    let (_, next) = taken(&with(OnNewRelease::Continue), &open, &other());
    for (service, name) in [(&next.canary, "orders-canary"), (&next.stable, "orders")] {
        assert_eq!(
            (&service.baseline.task_definition, &service.given),
            (&arn(name, 1), &None)
        );
    }
}

#[test]
fn what_somebody_has_left_on_the_canary_is_not_the_doing_of_the_release_that_a_job_opens() {
    let left = |by: &str| by_nobody(by_deployment(meaning(on("orders-canary", 7, 1), "v9", "x"), by, 400));
    let over = || over_at_the_approval(Part::Known(left("canary-7")));
    let found =
        |open: &Release, seen: &Seen, start: &Start| match overlap(&policy(), &policy(), open, seen, start, at(500)) {
            Overlap::TakesOver(decision) => {
                let next = decision.successor.unwrap();
                next.canary.given.map_or("nothing".to_owned(), |given| given.deployment)
            }
            Overlap::Wait(why) => why,
            other => panic!("{other:?}"),
        };
    let cases = [
        ("still failing", failing(), over(), other(), "ecs-svc/canary-7"),
        ("judged", armed(), over(), other(), "ecs-svc/canary-7"),
        ("nothing given yet", opened(), over(), other(), "ecs-svc/canary-7"),
        (
            "by an action, which comes after the canary has changed",
            failing(),
            over(),
            action_of(OTHER),
            "ecs-svc/canary-2",
        ),
        (
            "the canary cannot be asked",
            failing(),
            over_at_the_approval(unknown()),
            other(),
            "orders-canary is unknown: AWS failed",
        ),
        (
            "it runs its baseline again",
            opened(),
            over_at_the_approval(Part::Known(on("orders-canary", 1, 1))),
            other(),
            "nothing",
        ),
    ];
    for (case, open, seen, start, expected) in cases {
        assert_eq!(found(&open, &seen, &start), expected, "{case}");
    }
}

fn over_at_the_approval(canary: Part<SeenService>) -> Seen {
    Seen {
        canary,
        pipeline: Part::Known(over()),
        ..at_approval()
    }
}

fn action_of(execution: &str) -> Start {
    Start::Action {
        execution: execution.to_owned(),
        action_execution: "a2".to_owned(),
    }
}

#[test]
fn what_is_open_on_other_services_is_followed_by_nothing() {
    let mut wanted = policy();
    wanted.two_services.canary = "orders-small".to_owned();
    let failed = overlap(&policy(), &wanted, &failing(), &at_approval(), &other(), at(500));
    let Overlap::Afresh(closing) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(
        (closing.next.phase.name(), closing.successor),
        ("rollback failed", None),
        "what follows begins afresh, on its own services"
    );
    for open in [armed(), gated(), watching(), rolling_back()] {
        let found = overlap(&policy(), &wanted, &open, &at_approval(), &other(), at(500));
        let expected = format!(
            "release {} is {} on the services that the policy named before",
            open.id,
            open.phase.name()
        );
        assert_eq!(found, Overlap::Wait(expected));
        let own = Start::Job {
            execution: open.pipeline.clone().unwrap().execution,
            action_execution: "j1".to_owned(),
        };
        let same = overlap(&policy(), &wanted, &open, &at_approval(), &own, at(500));
        assert_eq!(same, Overlap::Same, "its own job is answered");
    }
}
