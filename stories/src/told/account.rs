//! The account in which a story plays, and what is in it.

use super::{Played, Told, pipeline, seconds, whole};
use crate::whole::{self as all, Cut};
use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use simulator::ecs::Behaviour;
use simulator::eventbridge::{self, stage as bus};
use simulator::{World, ecr, ssm};
use std::sync::Arc;

impl Told {
    pub(super) fn account(&mut self, words: &[&str]) -> Played {
        Some(match *words {
            // The whole of Serin: from here on nothing is opened or ticked by hand.
            ["serin", "deployed"] => {
                self.stage = all::deployed(self.seed, Arc::clone(&self.decide));
                self.whole = true;
                Ok(())
            }
            // Where the time of the year matters.
            ["serin", "deployed", "at", time] => self.deployed_at(time),
            ["policy", name, "before", "its", "services", "exist"] if self.whole => {
                self.policy_alone(name, Cut::Plain);
                Ok(())
            }
            ["policy", name, "with", "open", "before", "its", "services", "exist"] if self.whole => {
                self.policy_alone(name, Cut::WithOpen);
                Ok(())
            }
            ["policy", name, ref how @ ..] if self.whole => self.policy(name, &how.join(" ")),
            ["policy", name] => {
                self.stage.row_a(name);
                Ok(())
            }
            ["policies", ref names @ ..] if self.whole => names.iter().try_for_each(|name| self.policy(name, "")),
            ["the", "policy", "of", name, "is", "deleted"] => self.deletes(name),
            ["the", "policy", "of", name, "becomes", ref text @ ..] => {
                let (name, text) = (format!("/serin/policies/{name}"), text.join(" "));
                ssm::stage::put(&mut self.stage.sim.world(), &name, &text);
                Ok(())
            }
            ["topic", topic, "of", name] => {
                simulator::sns::stage::tag(&mut self.stage.sim.world(), topic, "serin:policy", name);
                Ok(())
            }
            ["pushes", "start", "releases"] if self.whole => {
                bus::enable(&mut self.stage.sim.world(), "ImagePushed", true);
                Ok(())
            }
            ["the", "last", "push", "is", "told", "again"] => self.told_again(),
            ["push", name, version] => self.push(name, version, None),
            ["push", name, version, "which", "cannot", "start"] => {
                self.push(name, version, Some(Behaviour::FailsToStart))
            }
            ["push", name, version, "which", "ends", "after", time] => {
                seconds(time).and_then(|seconds| self.push(name, version, Some(Behaviour::ExitsAfter { seconds })))
            }
            // Its environment does not go with that version.
            ["at", service, version, "cannot", "start"] => self.cannot_start(service, version),
            ["tag", version, "of", name, "moves", "to", other] => self.moves(name, version, other),
            ["image", version, "of", name, "is", "deleted"] => self.deleted(name, version),
            ["the", "build", "of", name, "takes", time] => seconds(time)
                .map(|seconds| pipelines::action_takes(&mut self.stage.sim.world(), name, "Build", "Build", seconds)),
            ["action", action, "of", name, "takes", time] => seconds(time)
                .map(|seconds| pipelines::action_takes(&mut self.stage.sim.world(), name, action, action, seconds)),
            ["late-write", seconds] => whole(seconds)
                .map(|seconds| self.stage.sim.world().codepipeline.ecs.late_write_after_abandon = Some(seconds)),
            ["undo", times, "restores", "of", service] => self.undo(times, service),
            ["deregister", "the", "baseline", "of", service] => self.deregister(service),
            _ => return None,
        })
    }

    /// The bus delivers at least once.
    fn told_again(&mut self) -> Result<(), String> {
        let mut world = self.stage.sim.world();
        let pushes = world.eventbridge.seen.iter();
        let last = pushes.rev().find(|event| event["source"] == "aws.ecr").cloned();
        eventbridge::put(&mut world, last.ok_or("nothing was pushed")?);
        Ok(())
    }

    fn deployed_at(&mut self, time: &str) -> Result<(), String> {
        let at: decide::At = serde_json::from_value(json!(time)).map_err(|error| error.to_string())?;
        self.stage = all::deployed_at(simulator::At(at.millis()), self.seed, Arc::clone(&self.decide));
        self.whole = true;
        Ok(())
    }

    /// `[with open] [[in CLUSTER] through STAGES] [on the pipeline of POLICY] [{MEMBERS}]`: what the policy says differently comes last, as JSON.
    fn policy(&mut self, name: &str, how: &str) -> Result<(), String> {
        let (how, members) = how.split_at(how.find('{').unwrap_or(how.len()));
        let members: Value = match members {
            "" => json!({}),
            text => serde_json::from_str(&self.filled(name, text)).map_err(|error| error.to_string())?,
        };
        let how = how.trim();
        let change = |policy: &mut Value| {
            for (member, value) in members.as_object().into_iter().flatten() {
                match (member.as_str(), policy["traffic"]["kind"] == "alb") {
                    // Nothing is what is not written.
                    (member, _) if value.is_null() => {
                        drop(policy.as_object_mut().and_then(|policy| policy.remove(member)))
                    }
                    // Beside what the load balancer is called.
                    ("traffic", true) => value.as_object().into_iter().flatten().for_each(|(member, value)| {
                        policy["traffic"][member.as_str()] = value.clone();
                    }),
                    (member, _) => policy[member] = value.clone(),
                }
            }
        };
        let (row, how) = match how.strip_prefix("in ").and_then(|rest| rest.split_once(' ')) {
            Some((cluster, how)) => (crate::scene::RowA::named(name).in_cluster(cluster), how),
            None => (crate::scene::RowA::named(name), how),
        };
        if let Some(stages) = how.strip_prefix("through ") {
            let declared = pipeline::declaration(&row, stages)?;
            self.stage
                .service_of(row, |world, _| pipelines::pipeline(world, &declared), change);
            return Ok(());
        }
        if let Some(other) = how.strip_prefix("on the pipeline of ") {
            let pipeline = self.row(other)?.pipeline;
            self.stage.service_of(
                crate::scene::RowA {
                    pipeline,
                    ..crate::scene::RowA::named(name)
                },
                |_, _| {},
                change,
            );
            return Ok(());
        }
        let cut = match how {
            "" => Cut::Plain,
            "with open" => Cut::WithOpen,
            _ => {
                return Err(format!(
                    "{how}: say with open, through STAGES, or on the pipeline of POLICY"
                ));
            }
        };
        self.stage.service_with(name, cut, change);
        Ok(())
    }

    /// `{balancer}` and `{canary group}` stand for the dimensions of what CloudWatch is told of a load balancer.
    fn filled(&self, name: &str, text: &str) -> String {
        let Some(balancer) = self.stage.balancers.get(name) else {
            return text.to_owned();
        };
        let [load_balancer, group] = balancer.dimensions();
        text.replace("{balancer}", &load_balancer)
            .replace("{canary group}", &group)
    }

    fn policy_alone(&mut self, name: &str, cut: Cut) {
        let options = cut.options(name);
        let pipeline = |world: &mut World, row: &crate::scene::RowA| crate::scene::pipeline(world, row, &options);
        self.stage.policy_alone(name, pipeline, |_| {});
    }

    fn deletes(&mut self, name: &str) -> Result<(), String> {
        let input = serde_json::json!({"Name": format!("/serin/policies/{name}")});
        let deleted = self.stage.sim.world().call("ann", "ssm", "DeleteParameter", input);
        deleted.map(drop).map_err(|refusal| refusal.to_string())
    }

    fn push(&mut self, name: &str, version: &str, behaviour: Option<Behaviour>) -> Result<(), String> {
        let row = self.row(name)?;
        let mut world = self.stage.sim.world();
        if self.whole {
            all::push(&mut world, &row, version);
        } else {
            crate::scene::push(&mut world, &row, version);
        }
        if let Some(behaviour) = behaviour {
            world.ecs.behaviour.insert(row.digest(version), behaviour);
        }
        Ok(())
    }

    /// Somebody pushes over a tag: its name now means what another one means.
    fn moves(&mut self, name: &str, version: &str, other: &str) -> Result<(), String> {
        let row = self.row(name)?;
        let mut world = self.stage.sim.world();
        world.ecs.push_image(&row.image(version), &row.digest(other));
        ecr::stage::push(&mut world, &row.name, version, &row.digest(other));
        Ok(())
    }

    fn deleted(&mut self, name: &str, version: &str) -> Result<(), String> {
        let row = self.row(name)?;
        let mut world = self.stage.sim.world();
        world.ecs.delete_image(&row.image(version), &row.digest(version));
        ecr::stage::delete(&mut world, &row.name, &row.digest(version));
        Ok(())
    }

    fn cannot_start(&mut self, service: &str, version: &str) -> Result<(), String> {
        let row = self.row_of(service)?;
        let mut world = self.stage.sim.world();
        let arn = crate::queue::service_arn(&world, &row, service);
        let here = (arn, row.digest(version));
        world.ecs.behaviour_at.insert(here, Behaviour::FailsToStart);
        Ok(())
    }

    fn undo(&mut self, times: &str, service: &str) -> Result<(), String> {
        let times = u32::try_from(whole(times)?).map_err(|error| error.to_string())?;
        let mut world = self.stage.sim.world();
        let arn = world.arn("ecs", &format!("service/prod/{service}"));
        world.ecs.rollback_next_deployment(&arn, times);
        Ok(())
    }

    fn deregister(&mut self, service: &str) -> Result<(), String> {
        let mut world = self.stage.sim.world();
        // What it ran when the scene was set.
        let family = format!("{service}:1");
        let done = world.call(
            "somebody",
            "ecs",
            "DeregisterTaskDefinition",
            json!({"taskDefinition": family}),
        );
        done.map(|_| ()).map_err(|refusal| refusal.to_string())
    }
}
