//! The load balancer of a policy: a rule of its own, or a listener's default action, and the target groups of both
//! services.

use crate::Stage;
use crate::scene::RowA;
use serde_json::{Value, json};
use simulator::World;
use simulator::elb::{Forward, stage as elb};

/// What is said of a load balancer.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Weights of canary and stable; no weight of the canary where its group is not in the rule.
    pub weights: (Option<u32>, u32),
    /// For how long sessions stick to their group.
    pub sticky_seconds: Option<i64>,
    /// Whether people sign in first.
    pub signs_in: bool,
    /// Whether both services are behind the listener's default action.
    pub by_default: bool,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            weights: (Some(1), 99),
            sticky_seconds: None,
            signs_in: false,
            by_default: false,
        }
    }
}

/// Where a policy's load balancer is to be found, by ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balancer {
    /// The rule, or the listener whose default action it is.
    pub rule: String,
    /// Stable's target group.
    pub stable: String,
    /// The canary's.
    pub canary: String,
}

impl Balancer {
    /// Puts a load balancer before both services of a policy.
    pub fn before(world: &mut World, row: &RowA, plan: &Plan) -> Balancer {
        let balancer = elb::load_balancer(world, &row.name);
        let [stable, canary] = [&row.name, &row.canary].map(|service| elb::target_group(world, service));
        let actions = actions(plan, &stable, &canary);
        let rule = if plan.by_default {
            elb::listener(world, &balancer, 443, "HTTPS", &actions)
        } else {
            let fixed = json!([{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]);
            let listener = elb::listener(world, &balancer, 443, "HTTPS", &fixed);
            let conditions = json!([{"Field": "path-pattern", "Values": ["/*"]}]);
            elb::rule(world, &listener, 10, &conditions, &actions)
        };
        if plan.weights.0.is_none() {
            // ECS takes no group that is behind no load balancer at all.
            elb::listener(world, &balancer, 8443, "HTTPS", &elb::forward(&[(&canary, 1)]));
        }
        elb::tag(world, &rule, "serin:policy", &row.name);
        Balancer { rule, stable, canary }
    }

    /// What a policy says of it.
    pub fn traffic(&self) -> Value {
        json!({
            "kind": "alb", "rule": self.rule,
            "stable_target_group": self.stable, "canary_target_group": self.canary,
        })
    }

    /// What it forwards to.
    pub fn forward<'w>(&self, world: &'w World) -> Option<&'w Forward> {
        world
            .elb
            .forward(&self.rule)
            .or_else(|| world.elb.default_forward(&self.rule))
    }

    /// The weights, the canary's first, as people write them.
    pub fn weights(&self, world: &World) -> String {
        let Some(forward) = self.forward(world) else {
            return "of no rule".to_owned();
        };
        let weight = |arn: &str| match forward.groups.iter().find(|(group, _)| group == arn) {
            Some((_, weight)) => weight.to_string(),
            None => "none".to_owned(),
        };
        format!("{} to {}", weight(&self.canary), weight(&self.stable))
    }

    /// Somebody gives both groups other weights; everything else of the rule stays.
    ///
    /// # Errors
    /// Where there is no such rule.
    pub fn weigh(&self, world: &mut World, person: &str, canary: u32, stable: u32) -> Result<(), String> {
        let (read, write, named, list) = match self.rule.contains(":listener/") {
            true => ("DescribeListeners", "ModifyListener", "ListenerArn", "DefaultActions"),
            false => ("DescribeRules", "ModifyRule", "RuleArn", "Actions"),
        };
        let mut call = |operation: &str, input: Value| {
            let reply = world.call(person, "elbv2", operation, input);
            reply.map_err(|refusal| refusal.to_string())
        };
        let plural = format!("{named}s");
        let found = call(read, json!({plural: [self.rule]}))?;
        let holder = if list == "Actions" { "Rules" } else { "Listeners" };
        let mut actions = found[holder][0][list].clone();
        for action in actions.as_array_mut().into_iter().flatten() {
            if action["Type"] == "forward" {
                action["ForwardConfig"]["TargetGroups"] = json!([
                    {"TargetGroupArn": self.canary, "Weight": canary}, {"TargetGroupArn": self.stable, "Weight": stable},
                ]);
                action.as_object_mut().map(|action| action.remove("TargetGroupArn"));
            }
        }
        call(write, json!({named: self.rule, list: actions})).map(drop)
    }
}

fn actions(plan: &Plan, stable: &str, canary: &str) -> Value {
    let (small, large) = plan.weights;
    let groups: Vec<(&str, u32)> = [(stable, Some(large)), (canary, small)]
        .into_iter()
        .filter_map(|(group, weight)| Some((group, weight?)))
        .collect();
    let mut actions = match plan.sticky_seconds {
        Some(seconds) => elb::forward_sticky(&groups, seconds),
        None => elb::forward(&groups),
    };
    if plan.signs_in {
        let sign_in = json!({
            "Type": "authenticate-oidc", "Order": 1,
            "AuthenticateOidcConfig": {
                "Issuer": "https://id.example.com", "AuthorizationEndpoint": "https://id.example.com/authorize",
                "TokenEndpoint": "https://id.example.com/token", "UserInfoEndpoint": "https://id.example.com/me",
                "ClientId": "shop", "ClientSecret": "secret",
            },
        });
        actions[0]["Order"] = json!(2);
        actions = json!([sign_in, actions[0]]);
    }
    actions
}

impl Stage {
    /// Puts a load balancer before both services of a policy that is still to come.
    pub fn balancer(&mut self, name: &str, plan: &Plan) {
        let row = RowA::named(name);
        let balancer = Balancer::before(&mut self.sim.world(), &row, plan);
        self.balancers.insert(name.to_owned(), balancer);
    }
}
