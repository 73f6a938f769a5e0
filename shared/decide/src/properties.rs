//! What holds of every decision, over states made by chance.

use crate::policy::{Check, CountedMetric, Ratio, Stop};
use crate::testing::{
    alarm_arn, alarm_fact, approval, armed, arn, at, execution, given_up, in_progress, meaning, on, opened, over,
    policy, right, rolling_back, seen_alarm, unknown, with_fact,
};
use crate::{
    Action, AlarmState, Approval, Comparison, DeadLetters, ExecutionStatus, Fact, Over, Part, Phase, Policy, Release,
    Seen, SeenComparison, SeenCount, SeenExecution, SeenOlder, SeenService, SeenServiceDeployment, SeenStopped,
    SeenTargets, StopCode, Suspended, decide,
};
use std::collections::BTreeMap;

const STATES: u64 = 20_000;

fn metric() -> CountedMetric {
    CountedMetric {
        namespace: "Orders".to_owned(),
        failed: "Failed".to_owned(),
        total: "Handled".to_owned(),
        dimension: "Revision".to_owned(),
    }
}

/// Judged by all that there is.
fn judged() -> Policy {
    let compare = Check::Compare {
        metric: metric(),
        ratio_max: Ratio::new(1.5).unwrap(),
        total_min: 100,
        window_minutes: 10,
    };
    let growth = Check::DlqGrowth {
        queue: "orders-dlq".to_owned(),
        messages_max: 20,
    };
    let health = Check::Health { failed_tasks_max: 2 };
    Policy {
        checks: [policy().checks, vec![compare, growth, health]].concat(),
        ..policy()
    }
}

/// A small linear congruential generator: the same states on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn seconds(&mut self) -> i64 {
        i64::try_from(self.below(6_000)).unwrap() - 100
    }

    fn service(&mut self, name: &str) -> Part<SeenService> {
        let revision = u32::try_from(self.below(4)).unwrap();
        let mut seen = on(name, revision, 2);
        if self.below(2) == 0 {
            seen = meaning(
                seen,
                ["v1", "v2", "v3"][self.below(3) as usize],
                &format!("{name}-settings"),
            );
        }
        seen = match self.below(4) {
            0 => in_progress(seen, 1, 1),
            1 => given_up(seen, 2, 0),
            2 => given_up(seen, 0, 2),
            _ => seen,
        };
        if self.below(3) == 0 {
            seen.in_flight = Some(SeenServiceDeployment {
                arn: "deployment/1".to_owned(),
                stoppable: self.below(2) == 0,
                rolling_back: false,
                sources: vec![format!("revision/{name}/1")],
            });
        }
        if seen.older_running > 0 {
            let revision = u32::try_from(self.below(4)).unwrap();
            seen.older = vec![SeenOlder {
                id: format!("ecs-svc/old-{revision}"),
                task_definition: arn(name, revision),
                tasks: seen.older_running,
            }];
        }
        if self.below(5) == 0 {
            unknown()
        } else {
            Part::Known(seen)
        }
    }

    fn stop(&mut self) -> Option<Stop> {
        [None, Some(Stop::Now), Some(Stop::Drain { seconds: 300 })][self.below(3) as usize]
    }

    fn scaling(&mut self) -> Part<Option<Suspended>> {
        let part = |drawn: &mut Self| drawn.below(2) == 0;
        match self.below(4) {
            0 => unknown(),
            1 => Part::Known(Some(Suspended::ALL)),
            2 => Part::Known(Some(Suspended {
                scale_in: part(self),
                scale_out: part(self),
                scheduled: part(self),
            })),
            _ => Part::Known(None),
        }
    }

    fn seen(&mut self) -> Seen {
        let status = [
            ExecutionStatus::InProgress,
            ExecutionStatus::Stopping,
            ExecutionStatus::Over(Over::Failed),
            ExecutionStatus::Over(Over::Succeeded),
        ][self.below(4) as usize];
        let pipeline = SeenExecution {
            approval: (self.below(3) == 0).then(|| self.approval()),
            promoting: self.below(3) == 0,
            held: (self.below(3) == 0).then(|| "Serin release orders-1a2b3c4d rolls back".to_owned()),
            ..execution(status)
        };
        let state = [AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData][self.below(3) as usize];
        let since = at(self.seconds());
        Seen {
            canary: self.service("orders-canary"),
            stable: self.service("orders"),
            pipeline: if self.below(5) == 0 {
                unknown()
            } else {
                Part::Known(pipeline)
            },
            alarms: if self.below(5) == 0 {
                unknown()
            } else {
                Part::Known(vec![seen_alarm(state, since)])
            },
            compared: self.compared(),
            measured: Part::Known(Vec::new()),
            scaling: self.scaling(),
            old_scaling: Part::Known(None),
            forwards: Part::Known(None),
            targets: Part::Known(SeenTargets::default()),
            dead_letters: self.dead_letters(),
            stopped: self.stopped(),
            barred: Default::default(),
            sibling: None,
            shared_with: if self.below(4) == 0 {
                unknown()
            } else {
                Part::Known((self.below(4) == 0).then(|| "invoices".to_owned()))
            },
        }
    }

    fn approval(&mut self) -> Approval {
        Approval {
            asks_minutes: (self.below(2) == 0).then_some(10_080),
            retried: self.below(4) == 0,
            ..approval()
        }
    }

    fn compared(&mut self) -> Part<Vec<SeenComparison>> {
        let mut count = || SeenCount {
            failed: (self.below(8) > 0).then(|| self.below(200)),
            total: (self.below(8) > 0).then(|| self.below(2_000)),
        };
        let (canary, stable) = (count(), count());
        let asked = Comparison {
            check: 1,
            metric: metric(),
            canary: "orders-canary:2".to_owned(),
            stable: "orders:1".to_owned(),
            from: at(60),
            until: at(660),
        };
        match self.below(5) {
            0 => unknown(),
            1 => Part::Known(Vec::new()),
            _ => Part::Known(vec![SeenComparison { asked, canary, stable }]),
        }
    }

    fn dead_letters(&mut self) -> BTreeMap<String, Part<u64>> {
        let depth = match self.below(5) {
            0 => return BTreeMap::new(),
            1 => unknown(),
            _ => Part::Known(self.below(40)),
        };
        BTreeMap::from([("orders-dlq".to_owned(), depth)])
    }

    fn stopped(&mut self) -> BTreeMap<String, Part<Vec<SeenStopped>>> {
        let codes = [
            StopCode::FailedToStart,
            StopCode::ContainerExited,
            StopCode::Scheduler,
            StopCode::Other,
        ];
        let mut services = BTreeMap::new();
        for service in ["orders-canary", "orders"] {
            let tasks = (0..self.below(5)).map(|task| SeenStopped {
                task: format!("t{task}"),
                task_definition: arn(service, u32::try_from(self.below(3)).unwrap()),
                created: at(self.seconds()),
                code: codes[self.below(4) as usize],
                reason: "Task failed container health checks".to_owned(),
            });
            let tasks = Part::Known(tasks.collect());
            match self.below(6) {
                0 => None,
                1 => services.insert(service.to_owned(), unknown()),
                _ => services.insert(service.to_owned(), tasks),
            };
        }
        services
    }

    fn release(&mut self) -> Release {
        let mut release = [opened(), armed(), rolling_back()][self.below(3) as usize].clone();
        if let Some(given) = release.canary.given.as_mut().filter(|_| self.below(2) == 0) {
            let letters = DeadLetters {
                depth: self.below(40),
                gained: self.below(20),
                since: (self.below(2) == 0).then(|| at(self.seconds())),
            };
            given.reached = Some(at(self.seconds()));
            given.dead_letters.insert("orders-dlq".to_owned(), letters);
        }
        if self.below(2) == 0 {
            release = with_fact(release, alarm_fact(&alarm_arn(), at(self.seconds())));
        }
        if self.below(4) == 0 {
            release = with_fact(
                release,
                Fact::Inactive {
                    task_definition: arn("orders-canary", 1),
                },
            );
        }
        if self.below(6) == 0 {
            release.pipeline = None;
        }
        if self.below(6) == 0
            && let Phase::RollingBack { cause } = release.phase.clone()
        {
            release.phase = Phase::RollbackFailed { cause };
        }
        release
    }
}

#[test]
fn every_decision_is_legal_stable_and_readable() {
    let mut chance = Chance(7);
    let mut moves = std::collections::BTreeMap::<(String, String), u32>::new();
    for state in 0..STATES {
        let (release, seen, now) = (chance.release(), chance.seen(), at(chance.seconds().abs()));
        let policy = Policy {
            stop: chance.stop(),
            ..judged()
        };
        let decision = decide(&policy, &release, &seen, now);
        let (from, to) = (release.phase.name(), decision.next.phase.name());
        *moves.entry((from.to_owned(), to.to_owned())).or_default() += 1;
        assert!(
            release.phase.may_become(&decision.next.phase) || from == "deploying",
            "{state}: {from} to {to}"
        );
        if release.phase.rolling_back().is_some() {
            let back =
                decision.next.phase.rolling_back().is_some() || matches!(decision.next.phase, Phase::Closed { .. });
            assert!(back, "{state}: a rollback was taken back: {from} to {to}");
        }
        let closed = matches!(decision.next.phase, Phase::Closed { .. });
        assert_eq!(decision.look_again_seconds.is_none(), closed, "{state}");
        assert!(
            decision
                .look_again_seconds
                .is_none_or(|seconds| (1..=300).contains(&seconds)),
            "{state}"
        );
        assert!(
            !decision.because.is_empty() && !decision.because.contains(char::is_control),
            "{state}"
        );
        assert!(!decision.because.contains(&approval().token), "{state}");
        let again = decide(&policy, &decision.next, &seen, now);
        assert_eq!(
            again.next, decision.next,
            "{state}: deciding again on what was decided changes it"
        );
        if !closed {
            // A forced deployment is the one act that is not the same when it is done twice.
            let forced = |lane: &&Vec<Action>| lane.iter().any(|act| matches!(act, Action::Redeploy { .. }));
            let acts: Vec<_> = decision.lanes.iter().filter(|lane| !forced(lane)).cloned().collect();
            assert_eq!(again.lanes, acts, "{state}: and so do its acts");
        }
    }
    let seen: Vec<_> = moves.keys().map(|(from, to)| format!("{from} to {to}")).collect();
    for expected in [
        "deploying to baking",
        "baking to rolling back",
        "rolling back to rolled back",
        "rolling back to overtaken",
        "rollback failing to rolled back",
    ] {
        assert!(
            seen.iter().any(|made| made == expected),
            "no state led from {expected}: {seen:?}"
        );
    }
}

#[test]
fn unknown_never_keeps_a_failed_release_from_rolling_back() {
    let mut chance = Chance(11);
    for _ in 0..2_000 {
        let mut seen = chance.seen();
        let told = with_fact(armed(), alarm_fact(&alarm_arn(), at(50)));
        match chance.below(4) {
            0 => seen.canary = unknown(),
            1 => seen.stable = unknown(),
            2 => seen.pipeline = unknown(),
            _ => seen.alarms = unknown(),
        }
        assert_ne!(decide(&policy(), &told, &seen, at(60)).next.phase.rolling_back(), None);
    }
    assert_ne!(
        decide(
            &policy(),
            &with_fact(armed(), alarm_fact(&alarm_arn(), at(50))),
            &Seen::nothing(),
            at(60)
        )
        .next
        .phase
        .rolling_back(),
        None
    );
}

#[test]
fn a_document_survives_and_so_does_one_of_the_next_schema() {
    for release in [opened(), armed(), rolling_back()] {
        let text = serde_json::to_string(&release).unwrap();
        assert_eq!(serde_json::from_str::<Release>(&text).unwrap(), release);
        let mut later: serde_json::Value = serde_json::from_str(&text).unwrap();
        later["schema"] = (crate::SCHEMA + 1).into();
        later["added_later"] = "x".into();
        later["canary"]["added_later"] = 7.into();
        let read: Release = serde_json::from_value(later).unwrap();
        assert_eq!(
            Release {
                schema: crate::SCHEMA,
                ..read
            },
            release
        );
    }
}

#[test]
fn the_functions_time_out_is_the_one_in_the_template() {
    let template = include_str!("../../../template.yaml");
    let timeouts: Vec<&str> = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Timeout: "))
        .collect();
    assert_eq!(timeouts, [crate::FUNCTION_TIMEOUT_SECONDS.to_string()]);
}

#[test]
fn what_is_right_stays_right() {
    let decision = decide(
        &policy(),
        &rolling_back(),
        &Seen {
            pipeline: Part::Known(over()),
            ..right()
        },
        at(110),
    );
    assert_eq!(decision.lanes.len(), 0, "{}", decision.because);
}
