//! The load balancer before a policy's services in a story: who is given which weights, and whose targets are healthy.

use super::expect::told;
use super::{Played, Told, seconds, whole};
use crate::balancer::{Balancer, Plan};
use simulator::elb::stage as elb;
use std::fmt::Write as _;

impl Told {
    pub(super) fn balancing(&mut self, words: &[&str]) -> Played {
        Some(match *words {
            ["a", "load", "balancer", "before", name, ref plan @ ..] => self.balancer(name, &plan.join(" ")),
            [
                person,
                "sets",
                "the",
                "weights",
                "of",
                name,
                "to",
                canary,
                "and",
                stable,
            ] => self.weighs(person, name, canary, stable),
            ["somebody", "deletes", "the", "rule", "of", name] => self.balancer_of(name).map(|balancer| {
                elb::delete_rule(&mut self.stage.sim.world(), &balancer.rule);
            }),
            ["health", "checks", "of", version, "of", name, "fail"] => self.row(name).map(|row| {
                elb::fails_checks(&mut self.stage.sim.world(), &row.digest(version));
            }),
            ["health", "checks", "of", version, "of", name, "pass"] => self.row(name).map(|row| {
                elb::passes_checks(&mut self.stage.sim.world(), &row.digest(version));
            }),
            ["health", "checks", "take", time, "of", name] => self.checks_take(name, time),
            _ => return None,
        })
    }

    /// `1 to 99`, `sticky for 60s`, and so on, apart by commas.
    fn balancer(&mut self, name: &str, said: &str) -> Result<(), String> {
        let mut plan = Plan::default();
        for part in said.split(',').filter(|part| !part.trim().is_empty()) {
            let words: Vec<&str> = part.split_whitespace().collect();
            match *words {
                ["none", "to", stable] => plan.weights = (None, weight(stable)?),
                [canary, "to", stable] => plan.weights = (Some(weight(canary)?), weight(stable)?),
                ["sticky", "for", time] => plan.sticky_seconds = Some(seconds(time)?),
                ["behind", "a", "sign-in"] => plan.signs_in = true,
                ["by", "default"] => plan.by_default = true,
                _ => return Err(format!("{}: no such thing is said of a load balancer", part.trim())),
            }
        }
        self.stage.balancer(name, &plan);
        Ok(())
    }

    pub(super) fn balancer_of(&self, name: &str) -> Result<Balancer, String> {
        let balancer = self.stage.balancers.get(name).cloned();
        balancer.ok_or(format!("{name} has no load balancer"))
    }

    fn weighs(&mut self, person: &str, name: &str, canary: &str, stable: &str) -> Result<(), String> {
        let balancer = self.balancer_of(name)?;
        let (canary, stable) = (weight(canary)?, weight(stable)?);
        balancer.weigh(&mut self.stage.sim.world(), person, canary, stable)
    }

    /// Until a target is healthy.
    fn checks_take(&mut self, name: &str, time: &str) -> Result<(), String> {
        let balancer = self.balancer_of(name)?;
        let seconds = seconds(time)?;
        for group in [&balancer.canary, &balancer.stable] {
            elb::set(&mut self.stage.sim.world(), group, |group| {
                (group.healthy_threshold, group.interval_seconds) = (1, seconds);
            });
        }
        Ok(())
    }

    pub(super) fn expect_weights(&self, what: &[&str]) -> Played {
        Some(match *what {
            ["the", "weights", "of", name, "are", canary, "to", stable] => self.expect_these(name, canary, stable),
            ["people", "still", "sign", "in", "before", name] => self.expect_sign_in(name),
            _ => return None,
        })
    }

    fn expect_these(&self, name: &str, canary: &str, stable: &str) -> Result<(), String> {
        let is = self.balancer_of(name)?.weights(&self.stage.sim.world());
        told(is == format!("{canary} to {stable}"), || format!("they are {is}"))
    }

    /// As they did, with the secret that nobody shows.
    fn expect_sign_in(&self, name: &str) -> Result<(), String> {
        let balancer = self.balancer_of(name)?;
        let input = serde_json::json!({"RuleArns": [balancer.rule]});
        let rules = self.stage.sim.world().call("story", "elbv2", "DescribeRules", input);
        let rules = rules.map_err(|refusal| refusal.to_string())?;
        let actions = &rules["Rules"][0]["Actions"];
        let holds = actions[0]["Type"] == "authenticate-oidc"
            && actions[0]["AuthenticateOidcConfig"]["ClientId"] == "shop"
            && actions[1]["Type"] == "forward";
        told(holds, || actions.to_string())
    }

    /// What the weights are in the end.
    pub(super) fn tell_weights(&mut self) {
        let balancers = self.stage.balancers.clone();
        for (name, balancer) in balancers {
            let weights = balancer.weights(&self.stage.sim.world());
            let _ = writeln!(self.text, "  the weights of {name} are {weights}");
        }
    }
}

fn weight(text: &str) -> Result<u32, String> {
    u32::try_from(whole(text)?).map_err(|error| error.to_string())
}
