//! A release of row A and what may be seen of it, for the tables of cases.

use crate::policy::{
    Approver, Check, InsufficientData, OnNewRelease, Promotion, Rollback, Step, Traffic, TwoServices, WhenStale,
};
use crate::{
    AlarmState, Approval, At, Attempts, Cause, Deployed, Execution, ExecutionStatus, Fact, Given, Home, Images,
    Outcome, Over, Part, Phase, Policy, Release, Revision, Role, Rollout, SCHEMA, Seen, SeenAlarm, SeenDeployment,
    SeenExecution, SeenService, SeenTargets, Service, StartedBy, Wanted,
};

/// Seconds after the canary's deployment was created.
pub fn at(seconds: i64) -> At {
    At::from_millis(1_795_230_000_000 + seconds * 1000)
}

pub fn images(digest: &str) -> Images {
    Images::from([("worker".to_owned(), format!("sha256:{digest}"))])
}

pub fn names(tag: &str) -> Images {
    Images::from([("worker".to_owned(), format!("repo/orders:{tag}"))])
}

pub fn policy() -> Policy {
    Policy {
        name: "orders".to_owned(),
        two_services: TwoServices {
            cluster: "prod".to_owned(),
            stable: "orders".to_owned(),
            canary: "orders-canary".to_owned(),
        },
        traffic: Traffic::ConsumerShare { tasks_max: 40 },
        checks: vec![Check::Alarm {
            name: "dlq".to_owned(),
            when_stale: WhenStale::ArmOnRecovery,
            insufficient_data: InsufficientData::Ok,
        }],
        pipeline: Some(crate::policy::Pipeline {
            name: "orders".to_owned(),
        }),
        steps: Vec::new(),
        linear: None,
        approval: Approver::Pipeline,
        promotion: Promotion::Pipeline,
        retire: None,
        watch_minutes: 30,
        on_new_release: OnNewRelease::Hold,
        rollback: Rollback::Allowed,
        when_undecided: None,
        images_from: Vec::new(),
        deadline_minutes: 30,
        freeze: Vec::new(),
        stop: None,
        notify: None,
        dry_run: false,
        starts_on_push: None,
    }
}

/// Ten minutes of bake, then Serin approves.
pub fn automatic() -> Policy {
    Policy {
        approval: Approver::Automatic,
        steps: vec![Step {
            share_permille: None,
            bake_minutes: 10,
        }],
        ..policy()
    }
}

/// A person has v2 released.
pub fn wanted() -> Wanted {
    Wanted {
        id: "start-1".to_owned(),
        images: Images::from([("worker".to_owned(), format!("repo/orders@sha256:{}", "2".repeat(64)))]),
        by: "arn:aws:sts::111122223333:assumed-role/team/ann".to_owned(),
        why: "the fix".to_owned(),
        asked: None,
        given: None,
    }
}

/// ARN of a revision of a service's family.
pub fn arn(service: &str, revision: u32) -> String {
    format!("arn:aws:ecs:eu-central-1:111122223333:task-definition/{service}:{revision}")
}

fn service(name: &str) -> Service {
    let baseline = Deployed {
        task_definition: arn(name, 1),
        revision: Revision {
            images: images("v1"),
            configuration: format!("{name}-settings"),
        },
        service_revision: Some(format!("revision/{name}/1")),
    };
    Service::untouched(name.to_owned(), baseline)
}

/// Opened, nothing given yet.
pub fn opened() -> Release {
    Release {
        schema: SCHEMA,
        id: "orders-1a2b3c4d".to_owned(),
        home: Home {
            account: "111122223333".to_owned(),
            region: "eu-central-1".to_owned(),
            partition: "aws".to_owned(),
        },
        cluster: "prod".to_owned(),
        opened: at(-60),
        phase: Phase::Deploying,
        phase_since: at(-60),
        images: None,
        canary: service("orders-canary"),
        stable: service("orders"),
        pipeline: Some(Execution::unseen(
            "orders".to_owned(),
            "1a2b3c4d-0000-4000-8000-000000000000".to_owned(),
            Some("Deploy".to_owned()),
        )),
        size: None,
        scaling: None,
        weights: None,
        swaps: false,
        old_scaling: None,
        retired: None,
        refilled: None,
        step_reached: None,
        wanted: None,
        start: "job 1".to_owned(),
        barred: Vec::new(),
        watched: None,
        left_bad: false,
        bad_on_stable: false,
        gone_since: None,
        dry_run: false,
        closed_on: None,
        freeze: None,
        facts: Default::default(),
    }
}

/// The canary was given v2 and is judged.
pub fn armed() -> Release {
    let mut release = opened();
    release.phase = Phase::Baking { step: 0 };
    release.phase_since = at(10);
    release.images = Some(images("v2"));
    release.canary.given = Some(Given {
        task_definition: arn("orders-canary", 2),
        deployment: "ecs-svc/canary-2".to_owned(),
        created: at(0),
        configuration: Some("orders-canary-settings".to_owned()),
        reached: None,
        image_names: Some(names("v2")),
        images: Some(images("v2")),
        by_hand: false,
        dead_letters: Default::default(),
    });
    release
}

/// Baked since 60 s, and the approval is awaited.
pub fn gated() -> Release {
    Release {
        phase: Phase::Gated {
            why: "approval Gate/Ok".to_owned(),
        },
        phase_since: at(60),
        ..armed()
    }
}

/// The pipeline's own action gave stable v2 at 190 s.
pub fn promoting() -> Release {
    let mut release = armed();
    release.phase = Phase::Promoting;
    release.phase_since = at(200);
    release.stable.given = Some(Given {
        task_definition: arn("orders", 2),
        deployment: "ecs-svc/stable-2".to_owned(),
        created: at(190),
        configuration: Some("orders-settings".to_owned()),
        reached: None,
        image_names: Some(names("v2")),
        images: Some(images("v2")),
        by_hand: false,
        dead_letters: Default::default(),
    });
    release
}

/// Stable runs v2 since 400 s, watched for the half hour of the policy.
pub fn watching() -> Release {
    Release {
        phase: Phase::Watching,
        phase_since: at(400),
        ..promoting()
    }
}

/// Could not be put right by its deadline.
pub fn failing() -> Release {
    Release {
        phase: Phase::RollbackFailed { cause: cause() },
        phase_since: at(1_900),
        ..rolling_back()
    }
}

/// Over since 5 000 s, in a way of its own.
pub fn closed(release: Release, outcome: Outcome) -> Release {
    Release {
        phase: Phase::Closed { outcome },
        phase_since: at(5_000),
        ..release
    }
}

/// Rolling back since 100 s, the first attempt authorised.
pub fn rolling_back() -> Release {
    let mut release = armed();
    release.phase = Phase::RollingBack { cause: cause() };
    release.phase_since = at(100);
    release.canary.attempts = Attempts {
        count: 1,
        last: Some(at(100)),
        against: Some("ecs-svc/canary-2".to_owned()),
    };
    release
}

pub fn cause() -> Cause {
    Cause::Alarm {
        name: "dlq".to_owned(),
        since: at(90),
        reason: "too deep".to_owned(),
    }
}

pub fn alarm_arn() -> String {
    "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:dlq".to_owned()
}

pub fn alarm_fact(arn: &str, since: At) -> Fact {
    Fact::Alarm {
        arn: arn.to_owned(),
        name: "dlq".to_owned(),
        since,
        reason: "too deep".to_owned(),
    }
}

pub fn with_fact(mut release: Release, fact: Fact) -> Release {
    release.facts.insert(fact.key(), fact);
    release
}

pub fn seen_alarm(state: AlarmState, since: At) -> SeenAlarm {
    SeenAlarm {
        name: "dlq".to_owned(),
        state,
        since,
        reason: "too deep".to_owned(),
        suppressed: false,
        depth_of: None,
        rang: Part::Known(Vec::new()),
    }
}

/// A service at rest on one revision of its family, known by its ARN.
pub fn on(service: &str, revision: u32, tasks: u32) -> SeenService {
    let unread = || "known by its ARN, so not read".to_owned();
    SeenService {
        primary: SeenDeployment {
            id: format!(
                "ecs-svc/{}-{revision}",
                service.strip_prefix("orders-").unwrap_or("stable")
            ),
            task_definition: arn(service, revision),
            created: at(0),
            rollout: Rollout::Completed,
            running: tasks,
            images: Part::Unknown(unread()),
            image_names: Part::Unknown(unread()),
            configuration: Part::Unknown(unread()),
            started_by: Part::Unknown(unread()),
        },
        older_running: 0,
        older: Vec::new(),
        given_up: Default::default(),
        desired: tasks,
        service_revision: None,
        in_flight: None,
        shifted_by_ecs: Vec::new(),
    }
}

/// The same with its meaning read.
pub fn meaning(mut seen: SeenService, digest: &str, configuration: &str) -> SeenService {
    seen.primary.images = Part::Known(images(digest));
    seen.primary.image_names = Part::Known(names(digest));
    seen.primary.configuration = Part::Known(configuration.to_owned());
    seen
}

/// The same by a deployment of its own.
pub fn by_deployment(mut seen: SeenService, id: &str, seconds: i64) -> SeenService {
    seen.primary.id = format!("ecs-svc/{id}");
    seen.primary.created = at(seconds);
    seen
}

/// Execution of another release than the one of the tables.
pub const OTHER: &str = "9f8e7d6c-0000-4000-8000-000000000000";

/// Given by a deploy action of an execution.
pub fn by_execution(mut seen: SeenService, execution: &str) -> SeenService {
    seen.primary.started_by = Part::Known(StartedBy::Execution {
        execution: execution.to_owned(),
        action_execution: format!("{execution} deploys"),
        rollback: false,
    });
    seen
}

/// Given by no action of the pipeline.
pub fn by_nobody(mut seen: SeenService) -> SeenService {
    seen.primary.started_by = Part::Known(StartedBy::Nobody);
    seen
}

/// v3 on the canary at 300 s, given by another execution.
pub fn newcomer() -> SeenService {
    let third = meaning(on("orders-canary", 7, 1), "v3", "orders-canary-settings");
    by_execution(by_deployment(third, "canary-7", 300), OTHER)
}

/// Stable on v2, as it is while and after it was promoted.
pub fn promoted() -> SeenService {
    by_deployment(on("orders", 2, 3), "stable-2", 190)
}

pub fn in_progress(mut seen: SeenService, running: u32, older: u32) -> SeenService {
    seen.primary.rollout = Rollout::InProgress;
    seen.primary.running = running;
    seen.older_running = older;
    seen
}

pub fn given_up(mut seen: SeenService, running: u32, older: u32) -> SeenService {
    seen.primary.rollout = Rollout::Failed;
    seen.primary.running = running;
    seen.older_running = older;
    seen
}

pub fn execution(status: ExecutionStatus) -> SeenExecution {
    SeenExecution {
        status,
        approval: None,
        deployed: None,
        promoting: false,
        abandoned: false,
        abandoned_before: false,
        held: None,
        only_status: false,
    }
}

pub fn over() -> SeenExecution {
    execution(ExecutionStatus::Over(Over::Failed))
}

pub fn approval() -> Approval {
    Approval {
        stage: "Gate".to_owned(),
        action: "Ok".to_owned(),
        token: "c0ffee00-1111-4222-8333-444455556666".to_owned(),
        since: Some(at(20)),
        asks_minutes: None,
        retried: false,
    }
}

/// At the approval: canary on v2, stable on v1, the execution waiting, the alarm OK.
pub fn at_approval() -> Seen {
    Seen {
        canary: Part::Known(on("orders-canary", 2, 1)),
        stable: Part::Known(on("orders", 1, 3)),
        pipeline: Part::Known(SeenExecution {
            approval: Some(approval()),
            ..execution(ExecutionStatus::InProgress)
        }),
        alarms: Part::Known(vec![seen_alarm(AlarmState::Ok, at(-600))]),
        compared: Part::Known(Vec::new()),
        measured: Part::Known(Vec::new()),
        scaling: Part::Known(None),
        old_scaling: Part::Known(None),
        forwards: Part::Known(None),
        targets: Part::Known(SeenTargets::default()),
        dead_letters: Default::default(),
        stopped: Default::default(),
        barred: Default::default(),
        sibling: None,
        shared_with: Part::Known(None),
    }
}

pub fn unknown<T>() -> Part<T> {
    Part::Unknown("AWS failed".to_owned())
}

/// Everything put right.
pub fn right() -> Seen {
    Seen {
        canary: Part::Known(on("orders-canary", 1, 1)),
        pipeline: Part::Known(over()),
        ..at_approval()
    }
}

/// Names of the actions, lane by lane, with what they are done to.
pub fn lanes(decision: &crate::Decision) -> String {
    let lane = |lane: &Vec<crate::Action>| lane.iter().map(action).collect::<Vec<_>>().join(" > ");
    decision.lanes.iter().map(lane).collect::<Vec<_>>().join(" | ")
}

/// Keys of the notices, those of a kind.
pub fn tells(decision: &crate::Decision, kinds: &[crate::notice::Kind]) -> String {
    let notices = decision.notices.iter().filter(|notice| kinds.contains(&notice.kind()));
    notices.map(crate::Notice::key).collect::<Vec<_>>().join(" ")
}

fn action(action: &crate::Action) -> String {
    use crate::{Action, short};
    match action {
        Action::Restore {
            service,
            task_definition,
            ..
        } => format!("restore {service} {}", short(task_definition)),
        Action::Redeploy {
            service,
            task_definition,
            ..
        } => format!("redeploy {service} {}", short(task_definition)),
        Action::RollBackDeployment { role: Role::Canary, .. } => "roll back canary".to_owned(),
        Action::RollBackDeployment { role: Role::Stable, .. } => "roll back stable".to_owned(),
        Action::StopTasks {
            service, deployments, ..
        } => format!("stop tasks of {service} {}", deployments.join(" ")),
        Action::RegisterAgain { task_definition, .. } => format!("register {}", short(task_definition)),
        Action::RegisterRelease { task_definition, .. } => {
            format!("register for the canary {}", short(task_definition))
        }
        Action::Deploy {
            service,
            task_definition,
            ..
        } => format!("deploy {} to {service}", short(task_definition)),
        Action::RegisterPromotion { task_definition, .. } => format!("register for stable {}", short(task_definition)),
        Action::Promote {
            service,
            task_definition,
            ..
        } => format!("promote {service} {}", short(task_definition)),
        Action::Scale { service, tasks, .. } => format!("scale {service} {tasks}"),
        Action::Shift { weights, .. } => format!("shift {weights}"),
        Action::Approve { approval, .. } => format!("approve {}/{}", approval.stage, approval.action),
        Action::Suspend { service, suspended, .. } if *suspended == crate::Suspended::ALL => {
            format!("suspend {service}")
        }
        Action::Suspend { service, .. } => format!("give back {service}"),
        Action::Reject { approval, .. } => format!("reject {}/{}", approval.stage, approval.action),
        Action::Hold { stage, .. } => format!("hold {stage}"),
        Action::Release { stage, .. } => format!("release {stage}"),
        Action::Stop { abandon: true, .. } => "abandon".to_owned(),
        Action::Stop { abandon: false, .. } => "stop".to_owned(),
    }
}
