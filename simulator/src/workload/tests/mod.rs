//! The rules by which tasks take from queues, one sentence each.

mod stopping;
mod taking;

use super::{Failing, How, Metrics, OnSigterm, Revision, Source, Work, stage};
use crate::ecs::stage as services;
use crate::sqs::stage as queues;
use crate::world::World;
use serde_json::json;

const REPO: &str = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/orders";
const GOOD: &str = "sha256:600d";
const BAD: &str = "sha256:bad0";

/// Services `orders` and `orders-canary` on queue `orders`, both on the good image.
struct Scene {
    world: World,
    queue: usize,
    dlq: usize,
    work: usize,
}

/// What differs from scene to scene.
struct Plan {
    stable: i64,
    canary: i64,
    receives_max: u32,
    visibility_seconds: i64,
    batch: usize,
    per_second: f64,
    millis: i64,
    on_sigterm: OnSigterm,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            stable: 3,
            canary: 1,
            receives_max: 3,
            visibility_seconds: 30,
            batch: 1,
            per_second: 5.0,
            millis: 100,
            on_sigterm: OnSigterm::Finishes,
        }
    }
}

impl Scene {
    fn new(seed: u64, plan: &Plan) -> Scene {
        let mut world = World::new(seed);
        services::cluster(&mut world, "prod");
        for (tag, digest) in [("v1", GOOD), ("v2", BAD)] {
            world.ecs.push_image(&format!("{REPO}:{tag}"), digest);
        }
        let arns: Vec<String> = [("orders", plan.stable), ("orders-canary", plan.canary)]
            .into_iter()
            .map(|(name, tasks)| {
                let image = format!("{REPO}:v1");
                let definition = services::task_definition(&mut world, name, &[("worker", &image)], json!({}));
                services::service(&mut world, "prod", name, &definition, tasks, json!({}))
            })
            .collect();
        let attributes = json!({"VisibilityTimeout": plan.visibility_seconds.to_string()});
        let (queue, dlq) = queues::queue_with_dlq(&mut world, "orders", plan.receives_max, attributes);
        let work = stage::work(
            &mut world,
            Work {
                queue,
                services: arns,
                batch: plan.batch,
                handling_millis: plan.millis..=plan.millis,
                on_sigterm: plan.on_sigterm,
                failing: Vec::new(),
                metrics: Some(Metrics {
                    namespace: "Orders".to_owned(),
                    failed: "Failed".to_owned(),
                    total: "Handled".to_owned(),
                    dimension: "Revision".to_owned(),
                }),
            },
        );
        let source = Source {
            queue,
            per_second: plan.per_second,
            kinds: Vec::new(),
            groups: 0,
        };
        stage::source(&mut world, source);
        Scene {
            world,
            queue,
            dlq,
            work,
        }
    }

    fn fails(&mut self, kind: Option<&str>, permille: u32, after_seconds: i64, how: How) {
        let failing = Failing {
            digest: BAD.to_owned(),
            service: None,
            kind: kind.map(str::to_owned),
            permille,
            after_seconds,
            how,
        };
        stage::fails(&mut self.world, self.work, failing);
    }

    /// Gives a service the image of a tag.
    fn deploy(&mut self, service: &str, tag: &str) {
        let image = format!("{REPO}:{tag}");
        let definition = services::task_definition(&mut self.world, service, &[("worker", &image)], json!({}));
        let input = json!({"cluster": "prod", "service": service, "taskDefinition": definition});
        self.world
            .call("test", "ecs", "UpdateService", input)
            .expect("a deployment");
    }

    /// The same, over at once.
    fn settled(&mut self, service: &str, tag: &str) {
        self.deploy(service, tag);
        let arn = self.world.arn("ecs", &format!("service/prod/{service}"));
        services::settle(&mut self.world, &arn);
    }

    fn wait(&mut self, seconds: i64) {
        let until = self.world.now.plus_seconds(seconds);
        self.world.advance_to(until);
    }

    /// Nobody sends any more, and all comes to rest.
    fn rest(&mut self) {
        stage::rate(&mut self.world, self.queue, 0.0);
        self.wait(600);
    }

    fn of(&self, digest: &str) -> Revision {
        stage::tally(&self.world, self.work).of_image(digest)
    }

    fn letters(&mut self) -> usize {
        self.world.sqs.depth(self.dlq, self.world.now).total()
    }

    fn lost(&self) -> usize {
        stage::lost(&self.world, self.work, self.dlq)
    }
}
