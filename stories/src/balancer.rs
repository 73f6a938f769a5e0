//! The load balancer of a policy: a rule of its own, or a listener's default action, and the target groups of both
//! services.

use crate::Stage;
use crate::scene::RowA;
use serde_json::{Value, json};
use simulator::World;
use simulator::ecs::stage as ecs;
use simulator::elb::{Forward, stage as elb};
use simulator::workload::web::{Manner, Served, Server, Visitors, stage as web};

/// What is said of a load balancer.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Weights of canary and stable; no weight of the canary where its group is not in the rule.
    pub weights: (Option<u32>, u32),
    /// For how long sessions stick to their group.
    pub sticky_seconds: Option<i64>,
    /// Whether people sign in first.
    pub signs_in: bool,
    /// Whether they do so by Cognito.
    pub cognito: bool,
    /// Whether both services are behind the listener's default action.
    pub by_default: bool,
    /// How many ask for something in a second.
    pub visitors: f64,
    /// Whether the policy's alarm is on the slowest tenth of the canary's answers, and not on dead letters.
    pub watched: bool,
}

/// Of a thousand requests so many come from somebody who was there before.
const RETURNING_PERMILLE: u32 = 300;

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            weights: (Some(1), 99),
            sticky_seconds: None,
            signs_in: false,
            cognito: false,
            by_default: false,
            visitors: 20.0,
            watched: false,
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
    /// Place of what is counted of its visitors.
    pub site: usize,
    /// Whether an alarm is on how soon the canary answers.
    pub watched: bool,
    /// Weights of canary and stable in the beginning.
    pub weights_at_first: (u32, u32),
}

impl Balancer {
    /// Puts a load balancer before both services of a policy.
    pub fn before(world: &mut World, row: &RowA, plan: &Plan) -> Balancer {
        let balancer = elb::load_balancer(world, &row.name);
        let [stable, canary] = [&row.name, &row.canary].map(|service| elb::target_group(world, service));
        let mut actions = actions(plan, &stable, &canary);
        if plan.cognito {
            let pool = pool(world, &row.name);
            elb::tag(world, &pool, "serin:policy", &row.name);
            actions = behind(by_cognito(&pool), &actions);
        }
        let (listener, rule) = if plan.by_default {
            let listener = elb::listener(world, &balancer, 443, "HTTPS", &actions);
            (listener.clone(), listener)
        } else {
            let fixed = json!([{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]);
            let listener = elb::listener(world, &balancer, 443, "HTTPS", &fixed);
            let conditions = json!([{"Field": "path-pattern", "Values": ["/*"]}]);
            let rule = elb::rule(world, &listener, 10, &conditions, &actions);
            (listener, rule)
        };
        if plan.weights.0.is_none() {
            // ECS takes no group that is behind no load balancer at all.
            elb::listener(world, &balancer, 8443, "HTTPS", &elb::forward(&[(&canary, 1)]));
        }
        elb::tag(world, &rule, "serin:policy", &row.name);
        let visitors = Visitors {
            listener,
            host: format!("{}.example.com", row.name),
            path: "/".to_owned(),
            per_second: plan.visitors,
            returning_permille: RETURNING_PERMILLE,
            manner: Manner::fast(50..=150),
        };
        let site = web::visitors(world, visitors);
        Balancer {
            rule,
            stable,
            canary,
            site,
            watched: plan.watched,
            weights_at_first: (plan.weights.0.unwrap_or_default(), plan.weights.1),
        }
    }

    /// What became of its visitors until now.
    pub fn served<'w>(&self, world: &'w World) -> &'w Served {
        web::served(world, self.site)
    }

    /// Dimensions `LoadBalancer` and `TargetGroup` of what CloudWatch is told of the canary's group.
    pub fn dimensions(&self) -> [String; 2] {
        let last = |arn: &str, after: &str| arn.split_once(after).map_or(String::new(), |(_, last)| last.to_owned());
        let path = last(&self.rule, ":listener");
        let parts: Vec<&str> = path.split('/').skip(1).take(3).collect();
        let group = last(&self.canary, ":targetgroup/");
        [parts.join("/"), format!("targetgroup/{group}")]
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
        self.forwards(world, person, &[(&self.canary, canary), (&self.stable, stable)])
    }

    /// Somebody has the rule forward to these groups and no others; everything else of the rule stays.
    ///
    /// # Errors
    /// Where there is no such rule, or it forwards to nobody.
    pub fn forwards(&self, world: &mut World, person: &str, groups: &[(&str, u32)]) -> Result<(), String> {
        let tuple = |(arn, weight): &(&str, u32)| json!({"TargetGroupArn": arn, "Weight": weight});
        let groups: Vec<Value> = groups.iter().map(tuple).collect();
        self.changes(world, person, |actions| {
            for action in actions.iter_mut().filter(|action| action["Type"] == "forward") {
                action["ForwardConfig"]["TargetGroups"] = json!(groups);
                action.as_object_mut().map(|action| action.remove("TargetGroupArn"));
            }
        })
    }

    /// Somebody has the rule answer by itself, as when a service is being looked after.
    ///
    /// # Errors
    /// Where there is no such rule.
    pub fn answers(&self, world: &mut World, person: &str) -> Result<(), String> {
        self.changes(world, person, |actions| {
            *actions = vec![json!({"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}})];
        })
    }

    /// Somebody has the rule forward to both groups again, whatever it does, with these weights.
    ///
    /// # Errors
    /// Where there is no such rule.
    pub fn opens(&self, world: &mut World, person: &str, (canary, stable): (u32, u32)) -> Result<(), String> {
        let forward = elb::forward(&[(&self.stable, stable), (&self.canary, canary)]);
        self.changes(world, person, |actions| {
            if !actions.iter().any(|action| action["Type"] == "forward") {
                *actions = forward.as_array().cloned().unwrap_or_default();
            }
        })?;
        self.weigh(world, person, canary, stable)
    }

    /// Somebody takes one of both groups out of the rule; the other keeps its weight.
    ///
    /// # Errors
    /// Where there is no such rule, or no such group in it.
    pub fn takes_out(&self, world: &mut World, person: &str, group: &str) -> Result<(), String> {
        let forward = self.forward(world).ok_or("there is no rule that forwards")?;
        let left: Vec<(String, u32)> = forward.groups.iter().filter(|(arn, _)| arn != group).cloned().collect();
        let left: Vec<(&str, u32)> = left.iter().map(|(arn, weight)| (arn.as_str(), *weight)).collect();
        self.forwards(world, person, &left)
    }

    /// ECS sets the weights itself from now on, in the deployments of a service: by a rule, which is the listener's default
    /// one where nobody else has made one.
    ///
    /// # Errors
    /// Where there is no such listener.
    pub fn set_by_ecs(&self, world: &mut World, service: &str) -> Result<(), String> {
        let mut rule = self.rule.clone();
        if rule.contains(":listener/") {
            let reply = world.call("story", "elbv2", "DescribeRules", json!({"ListenerArn": rule}));
            let reply = reply.map_err(|refusal| refusal.to_string())?;
            let mut rules = reply["Rules"].as_array().into_iter().flatten();
            let default = rules.find(|rule| rule["IsDefault"] == true);
            rule = default
                .and_then(|rule| rule["RuleArn"].as_str())
                .ok_or("no default rule")?
                .to_owned();
        }
        ecs::shifts(world, service, &rule);
        Ok(())
    }

    fn changes(&self, world: &mut World, person: &str, change: impl FnOnce(&mut Vec<Value>)) -> Result<(), String> {
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
        let mut actions = found[holder][0][list].as_array().cloned().unwrap_or_default();
        change(&mut actions);
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
        actions = behind(sign_in, &actions);
    }
    actions
}

fn behind(sign_in: Value, forward: &Value) -> Value {
    let mut forward = forward[0].clone();
    forward["Order"] = json!(2);
    json!([sign_in, forward])
}

/// ARN of the user pool of a policy's visitors.
fn pool(world: &World, name: &str) -> String {
    let region = &world.home.region;
    world.arn("cognito-idp", &format!("userpool/{region}_{name}"))
}

fn by_cognito(pool: &str) -> Value {
    json!({
        "Type": "authenticate-cognito", "Order": 1,
        "AuthenticateCognitoConfig": {
            "UserPoolArn": pool, "UserPoolClientId": "1example23456789", "UserPoolDomain": "shop",
        },
    })
}

impl Stage {
    /// Puts a load balancer before both services of a policy that is still to come.
    pub fn balancer(&mut self, name: &str, plan: &Plan) {
        let row = RowA::named(name);
        let balancer = Balancer::before(&mut self.sim.world(), &row, plan);
        self.balancers.insert(name.to_owned(), balancer);
    }

    /// What all tasks with a version of a policy's image answered.
    pub fn answered(&self, name: &str, version: &str) -> Server {
        let digest = self.rows[name].digest(version);
        let world = self.sim.world();
        self.balancers[name].served(&world).of_image(&digest)
    }
}
