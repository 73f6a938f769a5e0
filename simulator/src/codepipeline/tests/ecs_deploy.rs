//! The standard ECS deploy action.

use super::super::ecs_deploy::{
    Deployment, Scene, Source, Step, Turn, Watched, gave_up, images, next_step, registration,
};
use super::super::state::Artifact;
use super::*;
use crate::time::At;
use stage::{EcsRules, Failure, Verdict};
use std::collections::BTreeMap;

const OURS: &str = "arn:aws:ecs:eu-central-1:111122223333:task-definition/app:8";
const BASE: &str = "arn:aws:ecs:eu-central-1:111122223333:task-definition/app:7";

fn deployment(status: &str, definition: &str, rollout: &str) -> Value {
    json!({ "id": "ecs-svc/1", "status": status, "taskDefinition": definition, "rolloutState": rollout })
}

fn service(deployments: Value) -> Value {
    json!({ "serviceName": "canary", "status": "ACTIVE", "taskDefinition": BASE, "deployments": deployments })
}

fn artifact() -> Artifact {
    Artifact {
        name: "Image".to_owned(),
        bucket: "bucket".to_owned(),
        key: "orders/Image/AbC".to_owned(),
        revision: None,
    }
}

#[test]
fn a_look_at_the_service_is_judged_by_the_primary_deployment() {
    let done = |definition| deployment("PRIMARY", definition, "COMPLETED");
    let (wait, success) = (Step::Wait, Step::Succeed);
    let cases = [
        (json!([done(OURS)]), &success, &success, &success),
        (json!([deployment("PRIMARY", OURS, "IN_PROGRESS")]), &wait, &wait, &wait),
        (json!([deployment("PRIMARY", OURS, "FAILED")]), &wait, &wait, &wait),
        (json!([]), &wait, &wait, &wait),
        // Ours is behind somebody else's that has not settled.
        (
            json!([
                deployment("PRIMARY", BASE, "IN_PROGRESS"),
                deployment("ACTIVE", OURS, "IN_PROGRESS")
            ]),
            &wait,
            &wait,
            &wait,
        ),
        (
            json!([done(BASE), deployment("ACTIVE", OURS, "IN_PROGRESS")]),
            &wait,
            &wait,
            &success,
        ),
        (
            json!([done(BASE), deployment("ACTIVE", OURS, "FAILED")]),
            &wait,
            &success,
            &wait,
        ),
    ];
    let rules = |after_rollback, after_foreign_update| EcsRules {
        after_rollback,
        after_foreign_update,
        ..EcsRules::default()
    };
    use Verdict::{Succeeds, TimesOut};
    for (deployments, by_default, rolled_back, foreign) in cases {
        let seen = service(deployments);
        let mut watched = Watched {
            definition: OURS.to_owned(),
            ..Watched::default()
        };
        watched.failed = gave_up(&seen, &watched);
        assert_eq!(next_step(&seen, &watched, &EcsRules::default()), *by_default, "{seen}");
        assert_eq!(
            next_step(&seen, &watched, &rules(Succeeds, TimesOut)),
            *rolled_back,
            "{seen}"
        );
        assert_eq!(
            next_step(&seen, &watched, &rules(TimesOut, Succeeds)),
            *foreign,
            "{seen}"
        );
    }
}

#[test]
fn without_a_rollout_state_one_full_deployment_is_complete() {
    let look = |running: u32, others: usize| {
        let primary =
            json!({ "status": "PRIMARY", "taskDefinition": OURS, "desiredCount": 2, "runningCount": running });
        let mut deployments = vec![json!({ "status": "ACTIVE", "taskDefinition": BASE }); others];
        deployments.push(primary);
        let watched = Watched {
            definition: OURS.to_owned(),
            ..Watched::default()
        };
        next_step(&service(json!(deployments)), &watched, &EcsRules::default())
    };
    assert_eq!(
        [look(2, 0), look(1, 0), look(2, 1)],
        [Step::Succeed, Step::Wait, Step::Wait]
    );
}

#[test]
fn an_image_definition_file_is_an_array_of_name_and_image() {
    let artifact = artifact();
    let read = |text: Option<&str>| {
        images(
            "images.json",
            Some(&Source {
                artifact: &artifact,
                text,
            }),
        )
    };
    let pairs = read(Some(
        r#"[{"name":"app","imageUri":"repo@sha256:1"},{"name":"log","imageUri":"httpd:2.4"}]"#,
    ));
    let expected = [("app", "repo@sha256:1"), ("log", "httpd:2.4")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(pairs, Ok(expected.to_vec()));
    let missing = "Did not find the image definition file images.json in the input artifacts ZIP file. Verify the file is stored in your pipeline's Amazon S3 artifact bucket: bucket key: orders/Image/AbC";
    let invalid = "The image definition file images.json contents invalid JSON format";
    let long = format!("[{}]", " ".repeat(100 * 1024));
    let cases = [
        (None, missing),
        (Some("{}"), invalid),
        (Some("nonsense"), invalid),
        (Some(r#"[{"name":"app"}]"#), invalid),
        (
            Some(long.as_str()),
            "The image definition file images.json is larger than 100 KB",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(read(text), Err(Failure::new("ConfigurationError", message)));
    }
}

fn described() -> Value {
    json!({
        "taskDefinition": {
            "taskDefinitionArn": BASE, "family": "app", "revision": 7, "status": "ACTIVE", "cpu": "256",
            "requiresAttributes": [], "compatibilities": ["EC2"], "registeredAt": 1.0, "registeredBy": "me",
            "containerDefinitions": [{ "name": "app", "image": "old", "memory": 64 }, { "name": "log", "image": "fluent" }],
        },
        "tags": [{ "key": "team", "value": "orders" }],
    })
}

#[test]
fn a_registration_is_the_described_definition_with_the_images_put_in() {
    let images = [("app".to_owned(), "new".to_owned())];
    let expected = json!({
        "family": "app", "cpu": "256", "tags": [{ "key": "team", "value": "orders" }],
        "containerDefinitions": [{ "name": "app", "image": "new", "memory": 64 }, { "name": "log", "image": "fluent" }],
    });
    assert_eq!(registration(&described(), &images), Ok(expected));
    let unknown = [("ghost".to_owned(), "new".to_owned())];
    assert_eq!(
        registration(&described(), &unknown).unwrap_err().code,
        "ConfigurationError"
    );
}

/// The part of ECS a deployment talks to: one service whose rollout is as the test says.
struct FakeEcs {
    rollout: &'static str,
    refuses: Option<Refusal>,
    calls: Vec<(String, Value)>,
    revision: u32,
}

impl FakeEcs {
    fn new(rollout: &'static str) -> FakeEcs {
        FakeEcs {
            rollout,
            refuses: None,
            calls: Vec::new(),
            revision: 7,
        }
    }

    fn answer(&mut self, operation: &str, input: Value) -> Result<Value, Refusal> {
        self.calls.push((operation.to_owned(), input));
        if let Some(refusal) = &self.refuses {
            return Err(refusal.clone());
        }
        let arn = |revision: u32| format!("arn:aws:ecs:eu-central-1:111122223333:task-definition/app:{revision}");
        let shown = || json!([deployment("PRIMARY", &arn(self.revision), self.rollout)]);
        match operation {
            "DescribeServices" => Ok(json!({ "services": [service(shown())], "failures": [] })),
            "DescribeTaskDefinition" => Ok(described()),
            "RegisterTaskDefinition" => {
                self.revision += 1;
                Ok(json!({ "taskDefinition": { "taskDefinitionArn": arn(self.revision) } }))
            }
            "UpdateService" => Ok(json!({ "service": service(shown()) })),
            other => panic!("{other} is not asked by the action"),
        }
    }

    fn operations(&self) -> Vec<&str> {
        self.calls.iter().map(|(operation, _)| operation.as_str()).collect()
    }
}

/// A deployment under way, and the moment of its start.
fn deploying(minutes: &str) -> (Deployment, At) {
    let mut world = World::new(3);
    let pairs = [
        ("ClusterName", "prod"),
        ("ServiceName", "canary"),
        ("DeploymentTimeout", minutes),
    ];
    let configuration: BTreeMap<String, String> = pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    (Deployment::new(&mut world, &configuration), world.now)
}

/// Turns until the end; with the times of the turns in milliseconds after the start.
fn run(deployment: &mut Deployment, start: At, ecs: &mut FakeEcs) -> (Vec<i64>, Result<(), Failure>) {
    let artifact = artifact();
    let mut now = deployment.first_look();
    let mut turns = Vec::new();
    loop {
        turns.push(now.0 - start.0);
        let text = Some(r#"[{"name":"app","imageUri":"new"}]"#);
        let source = Some(Source {
            artifact: &artifact,
            text,
        });
        let rules = EcsRules::default();
        let scene = Scene {
            now,
            rules: &rules,
            source,
        };
        match deployment.turn(&scene, &mut |operation, input| ecs.answer(operation, input)) {
            Turn::Again(at) => {
                assert!(at > now, "time must pass between two turns");
                now = at;
            }
            Turn::Ended(outcome) => return (turns, outcome),
        }
    }
}

#[test]
fn a_deployment_reads_registers_writes_and_looks_every_fifteen_seconds() {
    let (mut deployment, start) = deploying("15");
    let mut ecs = FakeEcs::new("COMPLETED");
    let (turns, outcome) = run(&mut deployment, start, &mut ecs);
    assert_eq!(outcome, Ok(()));
    let expected = [
        "DescribeServices",
        "DescribeTaskDefinition",
        "RegisterTaskDefinition",
        "UpdateService",
        "DescribeServices",
    ];
    assert_eq!(ecs.operations(), expected);
    assert_eq!(ecs.calls[1].1, json!({ "taskDefinition": BASE, "include": ["TAGS"] }));
    assert_eq!(ecs.calls[2].1["containerDefinitions"][0]["image"], "new");
    assert_eq!(
        ecs.calls[3].1,
        json!({ "cluster": "prod", "service": "canary", "taskDefinition": OURS })
    );
    assert_eq!(turns[0], 1000);
    assert!((2000..=6000).contains(&turns[1]), "{turns:?}");
    assert_eq!(turns[2], turns[1] + 15_000);
    let (id, url) = deployment.external(&World::new(1)).unwrap();
    assert_eq!(id, "ecs-svc/1");
    assert!(url.contains("/clusters/prod/services/canary/"), "{url}");
}

#[test]
fn a_deployment_that_does_not_complete_fails_when_its_time_is_over() {
    for minutes in ["1", "60"] {
        let (mut deployment, start) = deploying(minutes);
        let (turns, outcome) = run(&mut deployment, start, &mut FakeEcs::new("IN_PROGRESS"));
        assert_eq!(outcome.unwrap_err().code, "JobFailed");
        assert_eq!(*turns.last().unwrap(), minutes.parse::<i64>().unwrap() * 60_000);
    }
}

#[test]
fn a_refusal_of_ecs_becomes_the_actions_error_unless_it_passes() {
    let cases = [
        ("AccessDeniedException", "PermissionError", 1),
        ("ClusterNotFoundException", "ConfigurationError", 1),
        ("ThrottlingException", "JobFailed", 5),
        ("ServerException", "JobFailed", 5),
    ];
    for (refusal, code, turns) in cases {
        let (mut deployment, start) = deploying("1");
        let mut ecs = FakeEcs::new("COMPLETED");
        ecs.refuses = Some(Refusal::new(refusal, "no"));
        let (seen, outcome) = run(&mut deployment, start, &mut ecs);
        assert_eq!(
            (outcome.unwrap_err().code.as_str(), seen.len()),
            (code, turns),
            "{refusal}"
        );
    }
}

#[test]
fn an_abandoned_deployment_may_still_write_but_looks_no_more() {
    let (mut deployment, start) = deploying("15");
    let mut ecs = FakeEcs::new("IN_PROGRESS");
    let artifact = artifact();
    let text = Some(r#"[{"name":"app","imageUri":"new"}]"#);
    let rules = EcsRules::default();
    let scene = Scene {
        now: start.plus_seconds(90),
        rules: &rules,
        source: Some(Source {
            artifact: &artifact,
            text,
        }),
    };
    assert!(!deployment.has_written());
    let turn = deployment.write_late(&scene, &mut |operation, input| ecs.answer(operation, input));
    assert_eq!(turn, Turn::Ended(Ok(())));
    assert!(deployment.has_written());
    assert_eq!(ecs.operations()[3..], ["UpdateService"]);
}

fn deploying_world() -> (World, String) {
    let mut world = World::new(5);
    stage::queue_worker_pipeline(
        &mut world,
        "orders",
        "prod",
        "canary",
        "stable",
        &stage::Options::default(),
    );
    stage::action_takes(&mut world, "orders", "Source", "Source", 3);
    let execution = stage::release(&mut world, "orders", &[("app", "repo:2")]);
    wait(&mut world, 63);
    (world, execution)
}

/// Calls to ECS with their caller and their second after the start.
fn ecs_calls(world: &World) -> Vec<(String, String, f64)> {
    let calls = world.calls.iter().filter(|call| call.service == "ecs");
    calls
        .map(|call| {
            (
                call.caller.clone(),
                call.operation.clone(),
                call.at.seconds() - At::START.seconds(),
            )
        })
        .collect()
}

#[test]
fn the_action_speaks_to_ecs_under_its_own_name_and_fails_where_there_is_no_service() {
    let (mut world, execution) = deploying_world();
    assert_eq!(ecs_calls(&world), []);
    wait(&mut world, 1);
    let expected = (
        "codepipeline:orders/CanaryDeploy/CanaryDeploy".to_owned(),
        "DescribeServices".to_owned(),
        64.0,
    );
    assert_eq!(ecs_calls(&world), [expected]);
    assert_eq!(status(&mut world, &execution), "Failed");
    let error = action_state(&mut world, "CanaryDeploy", "CanaryDeploy")["errorDetails"].clone();
    assert_eq!(error["code"], "ConfigurationError");
}

#[test]
fn an_abandoned_action_writes_late_only_where_that_is_staged() {
    for (late, calls) in [(None, 0), (Some(120), 1)] {
        let (mut world, execution) = deploying_world();
        world.codepipeline.ecs.late_write_after_abandon = late;
        ask(&mut world, "StopPipelineExecution", stop(&execution, true));
        assert_eq!(status(&mut world, &execution), "Stopped");
        wait(&mut world, 119);
        assert_eq!(ecs_calls(&world).len(), 0);
        wait(&mut world, 1);
        assert_eq!(ecs_calls(&world).len(), calls);
        wait(&mut world, 10_000);
        assert_eq!(ecs_calls(&world).len(), calls);
        assert_eq!(
            action_state(&mut world, "CanaryDeploy", "CanaryDeploy")["status"],
            "Abandoned"
        );
    }
}

#[test]
fn a_missing_image_definition_file_fails_the_action_before_it_asks_ecs() {
    let mut world = World::new(5);
    stage::queue_worker_pipeline(
        &mut world,
        "orders",
        "prod",
        "canary",
        "stable",
        &stage::Options::default(),
    );
    start(&mut world);
    wait(&mut world, 70);
    let error = action_state(&mut world, "CanaryDeploy", "CanaryDeploy")["errorDetails"].clone();
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("Did not find the image definition file imagedefinitions.json")
    );
    assert_eq!(ecs_calls(&world), []);
}
