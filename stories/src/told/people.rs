//! What people do in a story.

use super::{Played, Told, whole};
use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use std::fmt::Write as _;

impl Told {
    pub(super) fn people(&mut self, words: &[&str]) -> Played {
        Some(match *words {
            ["release", name, version] => self.release(name, version),
            ["open", name] => self.open(name),
            [person, "approves", name] => {
                let answered = pipelines::approve(&mut self.stage.sim.world(), name, person);
                self.person(answered);
                Ok(())
            }
            [person, "rejects", name] => {
                let answered = pipelines::reject(&mut self.stage.sim.world(), name, person, "no");
                self.person(answered);
                Ok(())
            }
            [person, "deploys", version, "to", service, "of", name] => self.deploys(person, version, service, name),
            [person, "scales", service, "to", tasks] => self.scales(person, service, tasks),
            [service, "scales", "automatically", "from", least, "to", most] => self.scaled(service, least, most),
            ["automatic", "scaling", "gives", service, tasks] => self.scaling_wants(service, tasks),
            [person, "edits", "the", "pipeline", "of", name] => self.edits_pipeline(person, name),
            [person, "resumes", "the", "scaling", "of", service] => self.resumes(person, service),
            [person, "gives", version, "to", service, "by", "hand"] => self.gives(person, version, service),
            [person, "creates", "the", "services", "of", name, "with", version] => {
                self.creates(person, name, version, true)
            }
            [
                person,
                "creates",
                "the",
                "services",
                "of",
                name,
                "with",
                version,
                "and",
                "no",
                "tasks",
            ] => self.creates(person, name, version, false),
            [person, "changes", "only", "the", "environment", "of", service] => self.environment(person, service),
            [person, "stops", name] => self.stops(person, name, false),
            [person, "stops", name, "and", "abandons", "what", "runs"] => self.stops(person, name, true),
            [person, "stops", version, "of", name, "and", "abandons", "what", "runs"] => {
                self.stops(person, &format!("{name} {version}"), true)
            }
            [person, "retries", stage, "of", name] => self.retried(person, stage, name),
            [person, "rolls", "back", stage, "of", name, "to", version] => {
                self.rolled_back(person, stage, name, version)
            }
            ["before", function, operation, person, "approves", name] => {
                let (person, name) = (person.to_owned(), name.to_owned());
                let caller = format!("{}#", function.trim_end_matches("'s"));
                let mut world = self.stage.sim.world();
                world.ambushes.before(&caller, operation, move |world| {
                    // A refusal is part of the story: the approval was answered already.
                    let _ = pipelines::approve(world, &name, &person);
                });
                Ok(())
            }
            ["before", function, operation, person, "rejects", name, "and", "retries"] => {
                self.retries(function, operation, person, name)
            }
            _ => return None,
        })
    }

    fn release(&mut self, name: &str, version: &str) -> Result<(), String> {
        let row = self.row(name)?;
        let id = crate::scene::release(&mut self.stage.sim.world(), &row, version);
        self.executions.insert(format!("{name} {version}"), id.clone());
        self.executions.insert(name.to_owned(), id);
        Ok(())
    }

    fn open(&mut self, name: &str) -> Result<(), String> {
        if self.whole {
            return Err("Serin is deployed here and opens its releases itself".to_owned());
        }
        let execution = self.execution(name)?;
        let release = self.stage.open(name, &execution)?;
        let _ = writeln!(self.text, "  release {} is open, execution {execution}", release.id);
        Ok(())
    }

    /// A call that somebody makes, which AWS must not refuse.
    fn does(&self, person: &str, service: &'static str, operation: &str, input: Value) -> Result<Value, String> {
        let mut world = self.stage.sim.world();
        world
            .call(person, service, operation, input)
            .map_err(|refusal| refusal.to_string())
    }

    /// A definition with none of the service's own settings.
    fn deploys(&mut self, person: &str, version: &str, service: &str, name: &str) -> Result<(), String> {
        let row = self.row(name)?;
        let definition = {
            let mut world = self.stage.sim.world();
            let image = row.image(version);
            simulator::ecs::stage::task_definition(&mut world, service, &[("worker", &image)], json!({}))
        };
        let input = json!({"cluster": row.cluster, "service": service, "taskDefinition": definition});
        self.does(person, "ecs", "UpdateService", input).map(drop)
    }

    /// Both services of a policy, for the first time.
    fn creates(&mut self, person: &str, name: &str, version: &str, with_tasks: bool) -> Result<(), String> {
        let row = self.row(name)?;
        let created = crate::scene::create(&mut self.stage.sim.world(), person, &row, version, with_tasks);
        created.map_err(|refusal| refusal.to_string())
    }

    /// The description of its last stage's first action changes: what is under way cannot go on.
    fn edits_pipeline(&mut self, person: &str, name: &str) -> Result<(), String> {
        let pipeline = self.row(name)?.pipeline;
        let mut declared =
            self.does(person, "codepipeline", "GetPipeline", json!({"name": pipeline}))?["pipeline"].take();
        let stages = declared["stages"].as_array_mut().and_then(|stages| stages.last_mut());
        let stage = stages.ok_or("there is no stage")?;
        stage["actions"][0]["namespace"] = json!("Edited");
        self.does(person, "codepipeline", "UpdatePipeline", json!({"pipeline": declared}))
            .map(drop)
    }

    /// A team has registered a service with Application Auto Scaling.
    fn scaled(&mut self, service: &str, least: &str, most: &str) -> Result<(), String> {
        let row = self.row_of(service)?;
        let limits = (whole(least)?, whole(most)?);
        simulator::autoscaling::stage::scale(&mut self.stage.sim.world(), &row.cluster, service, limits);
        Ok(())
    }

    /// What a scaling policy wants; nothing comes of it while that is suspended.
    fn scaling_wants(&mut self, service: &str, tasks: &str) -> Result<(), String> {
        let row = self.row_of(service)?;
        let tasks = whole(tasks)?;
        let did = simulator::autoscaling::stage::want(&mut self.stage.sim.world(), &row.cluster, service, tasks);
        let became = if did { "did" } else { "did nothing" };
        let _ = writeln!(self.text, "  automatic scaling {became}");
        Ok(())
    }

    fn resumes(&mut self, person: &str, service: &str) -> Result<(), String> {
        let row = self.row_of(service)?;
        let state = json!({
            "DynamicScalingInSuspended": false, "DynamicScalingOutSuspended": false, "ScheduledScalingSuspended": false,
        });
        let input = json!({
            "ServiceNamespace": "ecs", "ResourceId": format!("service/{}/{service}", row.cluster),
            "ScalableDimension": "ecs:service:DesiredCount", "SuspendedState": state,
        });
        self.does(person, "application-autoscaling", "RegisterScalableTarget", input)
            .map(drop)
    }

    /// The service's own definition with another image.
    fn gives(&mut self, person: &str, version: &str, service: &str) -> Result<(), String> {
        let image = self.row_of(service)?.image(version);
        self.edits(person, service, |container| container["image"] = json!(image))
    }

    /// The service's own definition with another environment.
    fn environment(&mut self, person: &str, service: &str) -> Result<(), String> {
        self.edits(person, service, |container| {
            container["environment"] = json!([{"name": "SERVICE", "value": "changed"}]);
        })
    }

    fn edits(&mut self, person: &str, service: &str, edit: impl FnOnce(&mut Value)) -> Result<(), String> {
        let cluster = self.row_of(service)?.cluster;
        let input = json!({"cluster": cluster, "services": [service]});
        let found = self.does(person, "ecs", "DescribeServices", input)?;
        let input = json!({"taskDefinition": found["services"][0]["taskDefinition"]});
        let mut described = self.does(person, "ecs", "DescribeTaskDefinition", input)?["taskDefinition"].take();
        edit(&mut described["containerDefinitions"][0]);
        let kept = [
            "family",
            "containerDefinitions",
            "cpu",
            "memory",
            "networkMode",
            "requiresCompatibilities",
            "taskRoleArn",
            "executionRoleArn",
        ];
        let members = described.as_object().into_iter().flatten();
        let registration: serde_json::Map<String, Value> = members
            .filter(|(name, _)| kept.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let registered = self.does(person, "ecs", "RegisterTaskDefinition", Value::Object(registration))?;
        let definition = &registered["taskDefinition"]["taskDefinitionArn"];
        let input = json!({"cluster": cluster, "service": service, "taskDefinition": definition});
        self.does(person, "ecs", "UpdateService", input).map(drop)
    }

    fn scales(&mut self, person: &str, service: &str, tasks: &str) -> Result<(), String> {
        let tasks: u32 = tasks.parse().map_err(|_| format!("{tasks}: say how many tasks"))?;
        let input = json!({"cluster": "prod", "service": service, "desiredCount": tasks});
        self.does(person, "ecs", "UpdateService", input).map(drop)
    }

    /// The newest execution of a pipeline, or that of a version: `orders`, `orders v2`.
    fn stops(&mut self, person: &str, which: &str, abandon: bool) -> Result<(), String> {
        let name = which.split(' ').next().unwrap_or_default();
        let input = json!({
            "pipelineName": name, "pipelineExecutionId": self.execution(which)?, "abandon": abandon, "reason": "not today",
        });
        self.does(person, "codepipeline", "StopPipelineExecution", input)
            .map(drop)
    }

    fn retried(&mut self, person: &str, stage: &str, name: &str) -> Result<(), String> {
        let input = json!({
            "pipelineName": name, "stageName": stage, "pipelineExecutionId": self.execution(name)?,
            "retryMode": "FAILED_ACTIONS",
        });
        let retried = self
            .stage
            .sim
            .world()
            .call(person, "codepipeline", "RetryStageExecution", input);
        self.person(retried.map(drop));
        Ok(())
    }

    fn rolled_back(&mut self, person: &str, stage: &str, name: &str, version: &str) -> Result<(), String> {
        let input = json!({
            "pipelineName": name, "stageName": stage,
            "targetPipelineExecutionId": self.execution(&format!("{name} {version}"))?,
        });
        self.does(person, "codepipeline", "RollbackStage", input).map(drop)
    }

    /// Right before a call of ours a person rejects and has the stage tried again: another approval waits then.
    fn retries(&mut self, function: &str, operation: &str, person: &str, name: &str) -> Result<(), String> {
        let execution = self.execution(name)?;
        let (person, name) = (person.to_owned(), name.to_owned());
        let caller = format!("{}#", function.trim_end_matches("'s"));
        let act = move |world: &mut simulator::World| {
            let retry = json!({
                "pipelineName": name, "stageName": "ManualApproval", "pipelineExecutionId": execution,
                "retryMode": "FAILED_ACTIONS",
            });
            let answered = pipelines::reject(world, &name, &person, "once more, please").and_then(|()| {
                world
                    .call(&person, "codepipeline", "RetryStageExecution", retry)
                    .map(drop)
            });
            if let Err(refusal) = answered {
                world.defects.push(format!("the story's ambush failed: {refusal}"));
            }
        };
        self.stage.sim.world().ambushes.before(&caller, operation, act);
        Ok(())
    }
}
