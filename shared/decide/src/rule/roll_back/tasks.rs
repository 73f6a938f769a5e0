//! The bad tasks of a queue worker go on receiving until they are gone. Behind a load balancer nobody is sent to them once
//! its weights are at rest, and they are not stopped before that.

use crate::policy::Stop;
use crate::{Action, At, Policy, Release, Role, Seen, SeenService, router};

/// Longest reason for a stop, in characters: as much as the containers' reasons hold.
///
/// # Source
/// Amazon ECS API, `StopTask.reason` and `Container.reason`.
const REASON_MAX: usize = 1_024;

/// What becomes of those that are left while ECS goes back.
pub enum Left {
    /// There are none, or ECS alone replaces them.
    None,
    /// They may finish until then.
    May(At),
    /// They are left for now, for the reason given.
    Serve(String),
    /// They are stopped.
    Stop(Action),
}

/// Stops those of the deployment that a service is about to be taken from, in the same step.
pub fn with(
    policy: &Policy,
    release: &Release,
    role: Role,
    service: &SeenService,
    action: &Action,
    (seen, at): (&Seen, At),
) -> Option<Action> {
    // What ECS rolls back itself it has not replaced yet: a task that is stopped then comes back the same.
    let given = matches!(action, Action::Restore { .. });
    let now = policy.stop == Some(Stop::Now);
    let primary = (service.primary.running > 0).then(|| service.primary.id.clone());
    let deployments = primary.into_iter().chain(older(release, role, service)).collect();
    if given && now && router::serves(policy, release, seen, at).is_none() {
        stop(release, role, deployments)
    } else {
        None
    }
}

/// Judges those that are left once ECS is going back.
pub fn left(policy: &Policy, release: &Release, role: Role, service: &SeenService, seen: &Seen, at: At) -> Left {
    let Some(rule) = policy.stop else { return Left::None };
    let Some(action) = stop(release, role, older(release, role, service)) else {
        return Left::None;
    };
    if let Some(why) = router::serves(policy, release, seen, at) {
        return Left::Serve(why);
    }
    let attempt = release.service(role).attempts.last.unwrap_or(release.phase_since);
    let begun = router::rested(policy, release).map_or(attempt, |rested| rested.max(attempt));
    match rule {
        Stop::Drain { seconds } if at < begun.plus_seconds(seconds) => Left::May(begun.plus_seconds(seconds)),
        Stop::Now | Stop::Drain { .. } => Left::Stop(action),
    }
}

/// Deployments of what the release gave, or one whose place it took, that ECS is replacing. Where nothing gets healthy, ECS
/// keeps the tasks of any of them.
fn older(release: &Release, role: Role, service: &SeenService) -> Vec<String> {
    let record = release.service(role);
    let given = record.given.as_ref().map(|given| &given.task_definition);
    let is_bad = |arn: &String| given == Some(arn) || record.earlier.contains(arn);
    let way_back = [
        record.baseline.task_definition.as_str(),
        &record.restore,
        release.restore_target(role),
    ];
    let is_way_back = |arn: &String| way_back.contains(&arn.as_str());
    let older = service.older.iter().filter(|older| older.tasks > 0);
    let of_bad = older.filter(|older| is_bad(&older.task_definition) && !is_way_back(&older.task_definition));
    of_bad.map(|older| older.id.clone()).collect()
}

/// Only the canary's: stable carries the work, and ECS replaces its tasks without leaving the queue unattended.
fn stop(release: &Release, role: Role, deployments: Vec<String>) -> Option<Action> {
    let cause = release.phase.rolling_back()?;
    if role != Role::Canary || deployments.is_empty() {
        return None;
    }
    let reason = format!("Serin release {} is rolled back: {cause}", release.id);
    Some(Action::StopTasks {
        role,
        cluster: release.cluster.clone(),
        service: release.service(role).name.clone(),
        deployments,
        reason: reason.chars().take(REASON_MAX).collect(),
    })
}

#[cfg(test)]
mod tests {
    use crate::policy::Stop;
    use crate::testing::{
        armed, arn, at, at_approval, in_progress, lanes, meaning, on, over, policy, promoting, right, rolling_back,
    };
    use crate::{Action, Part, Phase, Policy, Release, Seen, SeenOlder, SeenService, SeenServiceDeployment, decide};

    fn stopping(stop: Option<Stop>) -> Policy {
        Policy { stop, ..policy() }
    }

    fn canary(seen: SeenService) -> Seen {
        Seen {
            canary: Part::Known(seen),
            pipeline: Part::Known(over()),
            ..at_approval()
        }
    }

    /// On its way to its baseline, so many tasks of a revision left of another deployment.
    fn leaving(revision: u32, tasks: u32) -> SeenService {
        let mut seen = in_progress(on("orders-canary", 1, 1), 0, tasks);
        seen.older = vec![SeenOlder {
            id: format!("ecs-svc/old-{revision}"),
            task_definition: arn("orders-canary", revision),
            tasks,
        }];
        seen
    }

    /// The bad revision, still replacing the baseline.
    fn halfway() -> SeenService {
        let mut seen = in_progress(on("orders-canary", 2, 1), 1, 1);
        seen.older = leaving(1, 1).older;
        seen
    }

    #[test]
    fn bad_tasks_are_stopped_once_ecs_replaces_them_and_nothing_else_is() {
        let now = Some(Stop::Now);
        let drain = Some(Stop::Drain { seconds: 60 });
        let restore = "restore orders-canary orders-canary:1";
        let stop = "stop tasks of orders-canary ecs-svc/old-2";
        let flying = || {
            let mut seen = halfway();
            seen.in_flight = Some(SeenServiceDeployment {
                arn: "deployment/1".to_owned(),
                stoppable: true,
                rolling_back: false,
                sources: vec!["revision/orders-canary/1".to_owned()],
            });
            seen
        };
        let both = format!("{restore} > stop tasks of orders-canary ecs-svc/canary-2");
        // When, how it is to be done, what is seen 50 s after it was given back, and what is done.
        let cases = [
            ("with the restore", now, on("orders-canary", 2, 1), 150, both.as_str()),
            ("what it ran before goes on", now, halfway(), 150, &both),
            (
                "nothing runs of it",
                now,
                in_progress(on("orders-canary", 2, 1), 0, 1),
                150,
                restore,
            ),
            (
                "ECS rolls it back, and would start the same again",
                now,
                flying(),
                150,
                "roll back canary",
            ),
            ("left over", now, leaving(2, 1), 150, stop),
            ("gone", now, leaving(2, 0), 150, ""),
            ("somebody else's left over", now, leaving(7, 1), 150, ""),
            (
                "left over of the release before",
                now,
                leaving(3, 1),
                150,
                "stop tasks of orders-canary ecs-svc/old-3",
            ),
            ("may finish as well", drain, leaving(3, 1), 159, ""),
            ("left over of the way back", now, leaving(1, 1), 150, ""),
            ("back", now, on("orders-canary", 1, 1), 150, ""),
            (
                "somebody else's by now",
                now,
                meaning(on("orders-canary", 7, 1), "v3", "x"),
                150,
                "",
            ),
            (
                "they may finish, with the restore",
                drain,
                on("orders-canary", 2, 1),
                150,
                restore,
            ),
            ("they may finish", drain, leaving(2, 1), 159, ""),
            ("they might have finished", drain, leaving(2, 1), 160, stop),
            ("frozen before there was a choice", None, leaving(2, 1), 1_000, ""),
            (
                "frozen before, with the restore",
                None,
                on("orders-canary", 2, 1),
                150,
                restore,
            ),
        ];
        let mut release = rolling_back();
        // Of the release whose place this one took; the last is what it goes back to, which an action had given once more.
        release.canary.earlier = vec![arn("orders-canary", 3), arn("orders-canary", 1)];
        for (case, rule, seen, seconds, expected) in cases {
            let decision = decide(&stopping(rule), &release, &canary(seen), at(seconds));
            assert_eq!(lanes(&decision), expected, "{case}: {}", decision.because);
        }
    }

    #[test]
    fn people_read_until_when_tasks_may_finish_and_why_they_were_stopped() {
        let drain = stopping(Some(Stop::Drain { seconds: 60 }));
        let decision = decide(&drain, &rolling_back(), &canary(leaving(2, 1)), at(159));
        let until = format!("the bad ones may finish until {}", at(160));
        assert!(decision.because.contains(&until), "{}", decision.because);
        let decision = decide(&drain, &rolling_back(), &canary(leaving(2, 1)), at(160));
        assert!(
            decision.because.contains("the bad ones are stopped"),
            "{}",
            decision.because
        );
        let reason = decision.lanes.iter().flatten().find_map(|action| match action {
            Action::StopTasks { reason, .. } => Some(reason.clone()),
            _ => None,
        });
        let expected = format!(
            "Serin release orders-1a2b3c4d is rolled back: alarm dlq in ALARM since {}",
            at(90)
        );
        assert_eq!(reason, Some(expected));
    }

    #[test]
    fn stables_tasks_are_left_to_ecs() {
        let rolling = Release {
            phase: Phase::RollingBack {
                cause: crate::testing::cause(),
            },
            phase_since: at(300),
            ..promoting()
        };
        let mut stable = in_progress(on("orders", 1, 3), 0, 3);
        stable.primary.created = at(310);
        stable.older = vec![SeenOlder {
            id: "ecs-svc/stable-2".to_owned(),
            task_definition: arn("orders", 2),
            tasks: 3,
        }];
        let seen = Seen {
            stable: Part::Known(stable),
            ..right()
        };
        let decision = decide(&stopping(Some(Stop::Now)), &rolling, &seen, at(320));
        assert_eq!(lanes(&decision), "", "{}", decision.because);
    }

    #[test]
    fn a_release_that_is_not_rolled_back_stops_nothing() {
        let seen = Seen {
            canary: Part::Known(halfway()),
            ..at_approval()
        };
        let decision = decide(&stopping(Some(Stop::Now)), &armed(), &seen, at(20));
        assert_eq!((decision.next.phase.name(), lanes(&decision).as_str()), ("baking", ""));
    }
}
