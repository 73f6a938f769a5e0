//! The rules of the simulated load balancers, one sentence each.

mod acting;
mod health;
mod routing;

use super::stage;
use crate::world::World;
use serde_json::{Value, json};

crate::asked::asks!("elbv2");

/// A load balancer with one listener, which answers 404 by default, and one rule for `/shop/*`.
struct Shop {
    world: World,
    listener: String,
    rule: String,
    stable: String,
    canary: String,
}

/// The rule forwards to `stable` alone; `canary` is in no rule.
fn shop(protocol: &str) -> Shop {
    let mut world = World::new(1);
    let balancer = stage::load_balancer(&mut world, "shop");
    let (stable, canary) = (
        stage::target_group(&mut world, "stable"),
        stage::target_group(&mut world, "canary"),
    );
    let none = json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }]);
    let listener = stage::listener(&mut world, &balancer, 443, protocol, &none);
    let path = json!([{ "Field": "path-pattern", "Values": ["/shop/*"] }]);
    let rule = stage::rule(&mut world, &listener, 10, &path, &stage::forward(&[(&stable, 1)]));
    Shop {
        world,
        listener,
        rule,
        stable,
        canary,
    }
}

impl Shop {
    fn later(&mut self, seconds: i64) {
        let until = self.world.now.plus_seconds(seconds);
        self.world.advance_to(until);
    }

    /// State and reason of every target of a group.
    fn health(&mut self, group: &str) -> Vec<(String, String)> {
        let reply = get(
            &mut self.world,
            "DescribeTargetHealth",
            json!({ "TargetGroupArn": group }),
        );
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let told = reply["TargetHealthDescriptions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        told.iter()
            .map(|one| {
                (
                    text(&one["TargetHealth"]["State"]),
                    text(&one["TargetHealth"]["Reason"]),
                )
            })
            .collect()
    }

    /// The rule's actions, as they are told.
    fn actions(&mut self) -> Value {
        let input = json!({ "RuleArns": [self.rule] });
        get(&mut self.world, "DescribeRules", input)["Rules"][0]["Actions"].clone()
    }
}
