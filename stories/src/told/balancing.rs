//! The load balancer before a policy's services in a story: who is given which weights, and whose targets are healthy.

use super::expect::told;
use super::messages::{VERSIONS, number, permille};
use super::{Played, Told, seconds, whole};
use crate::balancer::{Balancer, Plan};
use crate::queue::{rang, service_arn};
use simulator::elb::stage as elb;
use simulator::workload::web::{Manner, Server, stage as web};
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
            [person, "has", "the", "rule", "of", name, "answer", "by", "itself"] => self
                .balancer_of(name)
                .and_then(|balancer| balancer.answers(&mut self.stage.sim.world(), person)),
            [
                person,
                "takes",
                "the",
                "group",
                "of",
                service,
                "out",
                "of",
                "the",
                "rule",
                "of",
                name,
            ] => self.takes_out(person, service, name),
            [
                person,
                "gives",
                "a",
                "third",
                "group",
                weight,
                "beside",
                canary,
                "and",
                stable,
                "in",
                "the",
                "rule",
                "of",
                name,
            ] => self.adds_third(person, name, [weight, canary, stable]),
            ["ECS", "itself", "sets", "the", "weights", "of", name, "for", service] => self.hands_to_ecs(name, service),
            ["ECS", "ends", "no", "deployment", "of", service, "by", "itself"] => self.has_no_breaker(service),
            ["health", "checks", "of", version, "of", name, "fail"] => self.row(name).map(|row| {
                elb::fails_checks(&mut self.stage.sim.world(), &row.digest(version));
            }),
            ["health", "checks", "of", version, "of", name, "pass"] => self.row(name).map(|row| {
                elb::passes_checks(&mut self.stage.sim.world(), &row.digest(version));
            }),
            ["health", "checks", "take", time, "of", name] => self.checks_take(name, time),
            ["answers", "of", version, "of", name, "take", least, "to", most, "ms"] => {
                self.answers_take(name, version, (1_000, least, most))
            }
            [
                some,
                "answer" | "answers",
                "of",
                all,
                "of",
                version,
                "of",
                name,
                "takes" | "take",
                least,
                "to",
                most,
                "ms",
            ] => permille(some, all).and_then(|slow| self.answers_take(name, version, (slow, least, most))),
            [
                some,
                "answers" | "answer",
                "of",
                all,
                "of",
                version,
                "of",
                name,
                "is" | "are",
                "an" | "errors",
                ref rest @ ..,
            ] if matches!(rest, [] | ["error"]) => self.answers_are_errors(name, version, some, all),
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
                ["behind", "a", "sign-in", "by", "Cognito"] => plan.cognito = true,
                ["by", "default"] => plan.by_default = true,
                ["visited", times, "times", "a", "second"] => plan.visitors = number(times)?,
                ["watched", "for", "slow", "answers"] => plan.watched = true,
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

    fn takes_out(&mut self, person: &str, service: &str, name: &str) -> Result<(), String> {
        let balancer = self.balancer_of(name)?;
        let group = match service == self.row(name)?.canary {
            true => &balancer.canary,
            false => &balancer.stable,
        };
        balancer.takes_out(&mut self.stage.sim.world(), person, group)
    }

    fn adds_third(&mut self, person: &str, name: &str, weights: [&str; 3]) -> Result<(), String> {
        let balancer = self.balancer_of(name)?;
        let [third, canary, stable] = weights.map(weight);
        let mut world = self.stage.sim.world();
        let other = elb::target_group(&mut world, &format!("{name}-third"));
        let groups = [
            (other.as_str(), third?),
            (balancer.canary.as_str(), canary?),
            (balancer.stable.as_str(), stable?),
        ];
        balancer.forwards(&mut world, person, &groups)
    }

    fn hands_to_ecs(&mut self, name: &str, service: &str) -> Result<(), String> {
        let balancer = self.balancer_of(name)?;
        let row = self.row(name)?;
        if ![&row.name, &row.canary].contains(&&service.to_owned()) {
            return Err(format!("{service} is no service of {name}"));
        }
        let mut world = self.stage.sim.world();
        let service = service_arn(&world, &row, service);
        balancer.set_by_ecs(&mut world, &service)
    }

    /// Without a circuit breaker a deployment whose tasks never become healthy goes on and on.
    fn has_no_breaker(&mut self, service: &str) -> Result<(), String> {
        let row = self.row_of(service)?;
        let off = serde_json::json!({
            "cluster": row.cluster, "service": service,
            "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": false, "rollback": false}},
        });
        let reply = self.stage.sim.world().call("story", "ecs", "UpdateService", off);
        reply.map(drop).map_err(|refusal| refusal.to_string())
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

    /// So many of a thousand answers are slow, and take so long.
    fn answers_take(
        &mut self,
        name: &str,
        version: &str,
        (slow_permille, least, most): (u32, &str, &str),
    ) -> Result<(), String> {
        let manner = Manner {
            slow_permille,
            slow_millis: whole(least)?..=whole(most)?,
            ..Manner::fast(50..=150)
        };
        self.answers(name, version, manner)
    }

    fn answers_are_errors(&mut self, name: &str, version: &str, some: &str, all: &str) -> Result<(), String> {
        let error_permille = permille(some, all)?;
        let manner = Manner {
            error_permille,
            ..Manner::fast(50..=150)
        };
        self.answers(name, version, manner)
    }

    fn answers(&mut self, name: &str, version: &str, manner: Manner) -> Result<(), String> {
        let digest = self.row(name)?.digest(version);
        web::answers(&mut self.stage.sim.world(), &digest, manner);
        Ok(())
    }

    pub(super) fn expect_weights(&self, what: &[&str]) -> Played {
        Some(match *what {
            [
                version,
                "of",
                name,
                "served",
                least,
                "to",
                most,
                "of",
                "1000",
                "requests",
            ] => self.expect_share(name, version, least, most),
            [
                version,
                "of",
                name,
                "served",
                "nothing",
                "from",
                time,
                "after",
                "the",
                "alarm",
                "on",
            ] => seconds(time).and_then(|seconds| self.expect_nothing(name, version, seconds)),
            ["the", "weights", "of", name, "are", canary, "to", stable] => self.expect_these(name, canary, stable),
            ["no", "request", "before", name, "is", "answered", "with", "503"] => self.expect_answered(name),
            ["people", "still", "sign", "in", "before", name] => self.expect_sign_in(name),
            _ => return None,
        })
    }

    fn expect_these(&self, name: &str, canary: &str, stable: &str) -> Result<(), String> {
        let is = self.balancer_of(name)?.weights(&self.stage.sim.world());
        told(is == format!("{canary} to {stable}"), || format!("they are {is}"))
    }

    /// By some task of one of both services: the load balancer itself answers whom it finds none for.
    fn expect_answered(&self, name: &str) -> Result<(), String> {
        let balancer = self.balancer_of(name)?;
        let world = self.stage.sim.world();
        let alone = balancer.served(&world).answered.get(&503).copied().unwrap_or_default();
        told(alone == 0, || format!("{alone} were"))
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

    /// Of a thousand requests between the first and the last that a version answered, those that it answered.
    fn expect_share(&self, name: &str, version: &str, least: &str, most: &str) -> Result<(), String> {
        let (least, most) = (whole(least)? as usize, whole(most)? as usize);
        let own = self.answered(name, version)?;
        let (Some(first), Some(last)) = (own.first, own.last) else {
            return Err("it served nothing at all".to_owned());
        };
        let all = {
            let world = self.stage.sim.world();
            let visits = self.balancer_of(name)?.served(&world).visits.clone();
            visits.iter().filter(|visit| (first..=last).contains(&visit.at)).count()
        };
        let share = own.requests as usize * 1_000 / all.max(1);
        told((least..=most).contains(&share), || {
            format!("it served {share} of 1000, {} of {all}", own.requests)
        })
    }

    fn expect_nothing(&self, name: &str, version: &str, seconds: i64) -> Result<(), String> {
        let row = self.row(name)?;
        let rang = rang(&self.stage.sim.world(), &row.alarm);
        let (Some(rang), Some(last)) = (rang.last().copied(), self.answered(name, version)?.last) else {
            return Err("there was no alarm, or it served nothing at all".to_owned());
        };
        told(last < rang.plus_seconds(seconds), || {
            format!("it served at {}, alarm at {}", last.clock(), rang.clock())
        })
    }

    fn answered(&self, name: &str, version: &str) -> Result<Server, String> {
        self.balancer_of(name)?;
        self.row(name)?;
        Ok(self.stage.answered(name, version))
    }

    /// What the weights are in the end, and who served how many.
    pub(super) fn tell_weights(&mut self) {
        let balancers = self.stage.balancers.clone();
        for (name, balancer) in balancers {
            let (weights, requests, alone) = {
                let world = self.stage.sim.world();
                let served = balancer.served(&world);
                let alone: u64 = served.answered.values().sum();
                (balancer.weights(&world), served.requests, alone)
            };
            let _ = writeln!(self.text, "  the weights of {name} are {weights}");
            let _ = writeln!(
                self.text,
                "  visitors of {name}: {requests} requests, {alone} answered by the load balancer itself"
            );
            for version in VERSIONS.iter().filter(|_| self.stage.rows.contains_key(&name)) {
                let did = self.stage.answered(&name, version);
                let (Some(first), Some(last)) = (did.first, did.last) else {
                    continue;
                };
                let _ = writeln!(
                    self.text,
                    "  {name}/{version} answered {} from {} to {}, {} of them errors, the slowest after {} ms",
                    did.requests,
                    first.clock(),
                    last.clock(),
                    did.errors,
                    did.slowest_millis
                );
            }
        }
    }
}

fn weight(text: &str) -> Result<u32, String> {
    u32::try_from(whole(text)?).map_err(|error| error.to_string())
}
