//! The rules of the simulated ECS, one sentence each.

mod balanced;
mod definitions;
mod failing;
mod history;
mod images;
mod protection;
mod reads;
mod rolling;
mod tags;
mod tasks;

use super::{Behaviour, stage};
use crate::refusal::Refusal;
use crate::world::{Delivery, World};
use serde_json::{Value, json};

const REPO: &str = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop";
const GOOD: &str = "sha256:1111";
const BETTER: &str = "sha256:2222";
const BAD: &str = "sha256:bad0";

/// A world with cluster `prod`, family `shop` (revisions 1 good, 2 better, 3 broken) and service `web` on revision 1.
struct Scene {
    world: World,
    service: String,
    good: String,
    better: String,
    broken: String,
}

impl Scene {
    fn new(desired: i64, extra: Value) -> Scene {
        let mut world = World::new(7);
        for (tag, digest) in [("v1", GOOD), ("v2", BETTER), ("v3", BAD)] {
            world.ecs.push_image(&format!("{REPO}:{tag}"), digest);
        }
        world.ecs.behaviour.insert(BAD.to_owned(), Behaviour::FailsToStart);
        stage::cluster(&mut world, "prod");
        let mut definition =
            |tag: &str| stage::task_definition(&mut world, "shop", &[("app", &format!("{REPO}:{tag}"))], json!({}));
        let (good, better, broken) = (definition("v1"), definition("v2"), definition("v3"));
        let service = stage::service(&mut world, "prod", "web", &good, desired, extra);
        Scene {
            world,
            service,
            good,
            better,
            broken,
        }
    }

    fn ask(&mut self, operation: &str, input: Value) -> Result<Value, Refusal> {
        self.world.call("test", "ecs", operation, input)
    }

    fn get(&mut self, operation: &str, input: Value) -> Value {
        self.ask(operation, input)
            .unwrap_or_else(|refusal| panic!("{operation}: {refusal}"))
    }

    fn refused(&mut self, operation: &str, input: Value) -> (&'static str, String) {
        match self.ask(operation, input) {
            Ok(reply) => panic!("{operation} was not refused: {reply}"),
            Err(refusal) => (refusal.code, refusal.message),
        }
    }

    fn update(&mut self, extra: Value) -> Value {
        let mut input = json!({ "cluster": "prod", "service": "web" });
        for (key, value) in extra.as_object().into_iter().flatten() {
            input[key.as_str()] = value.clone();
        }
        self.get("UpdateService", input)["service"].clone()
    }

    fn deploy(&mut self, definition: &str) -> Value {
        self.update(json!({ "taskDefinition": definition }))
    }

    fn describe(&mut self) -> Value {
        self.get("DescribeServices", json!({ "cluster": "prod", "services": ["web"] }))["services"][0].clone()
    }

    fn wait(&mut self, seconds: i64) {
        let until = self.world.now.plus_seconds(seconds);
        self.world.advance_to(until);
    }

    /// Advances event by event until this holds.
    fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Scene) -> bool) {
        while !holds(self) {
            let due = self
                .world
                .next_due()
                .unwrap_or_else(|| panic!("nothing left to happen before {what}"));
            assert!(
                due < crate::At::START.plus_seconds(7200),
                "{what} takes more than two hours"
            );
            self.world.advance_to(due);
        }
    }

    fn until_over(&mut self) {
        self.until("the deployment is over", |scene| {
            let status = scene.deployment()["status"].as_str().unwrap_or_default().to_owned();
            ["SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"].contains(&status.as_str())
        });
    }

    fn briefs(&mut self) -> Vec<Value> {
        let input = json!({ "cluster": "prod", "service": "web", "maxResults": 100 });
        self.get("ListServiceDeployments", input)["serviceDeployments"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }

    /// The newest service deployment.
    fn deployment(&mut self) -> Value {
        let arn = self.briefs()[0]["serviceDeploymentArn"].clone();
        self.deployment_by(&arn)
    }

    fn deployment_by(&mut self, arn: &Value) -> Value {
        self.get("DescribeServiceDeployments", json!({ "serviceDeploymentArns": [arn] }))["serviceDeployments"][0]
            .clone()
    }

    fn revision(&mut self, arn: &Value) -> Value {
        self.get("DescribeServiceRevisions", json!({ "serviceRevisionArns": [arn] }))["serviceRevisions"][0].clone()
    }

    fn digests(&self) -> Vec<String> {
        let running = self.world.ecs.running("prod", "web");
        running.into_iter().map(|(_, images)| images["app"].clone()).collect()
    }

    /// Events sent so far of this kind, as `eventName: reason`.
    fn sent(&self, kind: &str) -> Vec<String> {
        let events = self.world.outbox.iter().filter_map(|delivery| match delivery {
            Delivery::Event(event) if event["detail-type"] == kind => Some(&event["detail"]),
            _ => None,
        });
        events
            .map(|detail| {
                let name = detail["eventName"]
                    .as_str()
                    .or(detail["lastStatus"].as_str())
                    .unwrap_or_default();
                let reason = detail["reason"].as_str().unwrap_or_default();
                let id = detail["deploymentId"].as_str().unwrap_or("nothing");
                format!("{name}: {}", reason.replace(id, "ID"))
            })
            .collect()
    }
}

fn breaker(rollback: bool) -> Value {
    json!({ "deploymentConfiguration": { "deploymentCircuitBreaker": { "enable": true, "rollback": rollback } } })
}
