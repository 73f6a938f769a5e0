//! The standard ECS deploy action and ECS itself.

use super::*;
use crate::ecs;
use stage::{Options, Verdict};

/// `canary` and `stable` on `app:1`, steady, and a pipeline that deploys to both within 15 minutes.
pub(super) fn two_services() -> World {
    let mut world = World::new(5);
    for n in 1..=3 {
        let digest = format!("sha256:{}", n.to_string().repeat(64));
        world.ecs.push_image(
            &format!("111122223333.dkr.ecr.eu-central-1.amazonaws.com/app:{n}"),
            &digest,
        );
    }
    ecs::stage::cluster(&mut world, "prod");
    for name in ["canary", "stable"] {
        let definition = ecs::stage::task_definition(&mut world, name, &[("app", &image(1))], json!({}));
        ecs::stage::service(&mut world, "prod", name, &definition, 2, json!({}));
    }
    let options = Options {
        deployment_timeout_minutes: Some(15),
        ..Options::default()
    };
    stage::queue_worker_pipeline(&mut world, "orders", "prod", "canary", "stable", &options);
    stage::action_takes(&mut world, "orders", "Source", "Source", 3);
    world
}

pub(super) fn image(n: u32) -> String {
    format!("111122223333.dkr.ecr.eu-central-1.amazonaws.com/app:{n}")
}

/// Image and revision the service is set to.
pub(super) fn deployed(world: &mut World, service: &str) -> (Value, Value) {
    let input = json!({ "cluster": "prod", "services": [service] });
    let reply = world.call("test", "ecs", "DescribeServices", input).unwrap();
    let input = json!({ "taskDefinition": reply["services"][0]["taskDefinition"] });
    let reply = world.call("test", "ecs", "DescribeTaskDefinition", input).unwrap();
    let definition = &reply["taskDefinition"];
    (
        definition["containerDefinitions"][0]["image"].clone(),
        definition["revision"].clone(),
    )
}

fn canary_action(world: &mut World) -> Value {
    action_state(world, "CanaryDeploy", "CanaryDeploy")
}

#[test]
fn a_release_gives_each_service_its_own_new_revision_even_for_the_same_images() {
    let mut world = two_services();
    for revision in [2, 3] {
        let execution = stage::release(&mut world, "orders", &[("app", &image(2))]);
        wait(&mut world, 800);
        assert_eq!(deployed(&mut world, "canary"), (json!(image(2)), json!(revision)));
        assert_eq!(
            deployed(&mut world, "stable").1,
            json!(revision - 1),
            "not before the approval"
        );
        stage::approve(&mut world, "orders", "ann").unwrap();
        wait(&mut world, 800);
        assert_eq!(deployed(&mut world, "stable"), (json!(image(2)), json!(revision)));
        assert_eq!(status(&mut world, &execution), "Succeeded");
    }
}

#[test]
fn a_deployment_ecs_has_undone_ends_as_staged() {
    for (verdict, expected) in [(Verdict::TimesOut, "Failed"), (Verdict::Succeeds, "Succeeded")] {
        let mut world = two_services();
        world.codepipeline.ecs.after_rollback = verdict;
        world
            .ecs
            .rollback_next_deployment("arn:aws:ecs:eu-central-1:111122223333:service/prod/canary", 1);
        stage::release(&mut world, "orders", &[("app", &image(2))]);
        wait(&mut world, 63 + 900);
        assert_eq!(deployed(&mut world, "canary"), (json!(image(1)), json!(1)));
        assert_eq!(canary_action(&mut world)["status"], expected);
    }
}

#[test]
fn a_deployment_somebody_else_has_replaced_ends_as_staged() {
    for (verdict, expected) in [(Verdict::TimesOut, "Failed"), (Verdict::Succeeds, "Succeeded")] {
        let mut world = two_services();
        world.codepipeline.ecs.after_foreign_update = verdict;
        stage::release(&mut world, "orders", &[("app", &image(2))]);
        wait(&mut world, 63 + 10);
        assert_eq!(deployed(&mut world, "canary").1, json!(2));
        let input = json!({ "cluster": "prod", "service": "canary", "taskDefinition": "canary:1" });
        world.call("someone", "ecs", "UpdateService", input).unwrap();
        wait(&mut world, 889);
        assert_eq!(
            canary_action(&mut world)["status"].as_str().unwrap() == "Succeeded",
            expected == "Succeeded"
        );
        wait(&mut world, 1);
        assert_eq!(canary_action(&mut world)["status"], expected);
        assert_eq!(deployed(&mut world, "canary").1, json!(1));
    }
}

#[test]
fn an_action_abandoned_before_it_wrote_changes_the_service_later() {
    let mut world = two_services();
    world.codepipeline.ecs.late_write_after_abandon = Some(45);
    let execution = stage::release(&mut world, "orders", &[("app", &image(2))]);
    wait(&mut world, 64);
    ask(&mut world, "StopPipelineExecution", stop(&execution, true));
    wait(&mut world, 44);
    assert_eq!(deployed(&mut world, "canary").1, json!(1));
    wait(&mut world, 1);
    assert_eq!(deployed(&mut world, "canary"), (json!(image(2)), json!(2)));
    assert_eq!(status(&mut world, &execution), "Stopped");
}

#[test]
fn an_action_abandoned_after_it_wrote_leaves_ecs_to_go_on() {
    let mut world = two_services();
    let execution = stage::release(&mut world, "orders", &[("app", &image(2))]);
    wait(&mut world, 63 + 7);
    ask(&mut world, "StopPipelineExecution", stop(&execution, true));
    wait(&mut world, 800);
    assert_eq!(deployed(&mut world, "canary"), (json!(image(2)), json!(2)));
    assert_eq!(canary_action(&mut world)["status"], "Abandoned");
}

#[test]
fn one_action_may_be_late_while_all_others_are_not() {
    let mut world = two_services();
    stage::late_write_seconds(&mut world, "orders", "CanaryDeploy", "CanaryDeploy", Some(45));
    let execution = stage::release(&mut world, "orders", &[("app", &image(2))]);
    wait(&mut world, 64);
    ask(&mut world, "StopPipelineExecution", stop(&execution, true));
    wait(&mut world, 45);
    assert_eq!(deployed(&mut world, "canary"), (json!(image(2)), json!(2)));
    stage::late_write_seconds(&mut world, "orders", "CanaryDeploy", "CanaryDeploy", None);
    let execution = stage::release(&mut world, "orders", &[("app", &image(3))]);
    wait(&mut world, 64);
    ask(&mut world, "StopPipelineExecution", stop(&execution, true));
    wait(&mut world, 10_000);
    assert_eq!(deployed(&mut world, "canary"), (json!(image(2)), json!(2)));
}

#[test]
fn what_the_action_calls_its_deployment_is_as_staged() {
    use stage::ExternalId;
    for known in [ExternalId::Deployment, ExternalId::Other, ExternalId::Absent] {
        let mut world = two_services();
        world.codepipeline.ecs.external_id = known;
        stage::release(&mut world, "orders", &[("app", &image(2))]);
        wait(&mut world, 63 + 7);
        let input = json!({ "cluster": "prod", "services": ["canary"] });
        let service = world.call("test", "ecs", "DescribeServices", input).unwrap()["services"][0].clone();
        let deployments = service["deployments"].as_array().unwrap();
        let shown = canary_action(&mut world)["externalExecutionId"].clone();
        assert_eq!(shown.is_null(), known == ExternalId::Absent);
        let is_known = deployments.iter().any(|deployment| deployment["id"] == shown);
        assert_eq!(is_known, known == ExternalId::Deployment);
    }
}
