//! Told stories: a script a person can read, and what came of it, one line per step with its reason.
//!
//! # Shape
//! One command per line; `#` begins a remark, which is told too. [`Told::perform`] lists the commands.

use crate::Stage;
use crate::handlers::Line;
use crate::law;
use aws::Decide;
use serde_json::{Value, json};
use simulator::At;
use simulator::codepipeline::stage as pipelines;
use simulator::ecs::Behaviour;
use simulator::faults::{Fault, Rule};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A story as it was played.
pub struct Told {
    /// The stage as the story left it.
    pub stage: Stage,
    /// What was told.
    pub text: String,
    /// What each law says, once the story has been finished.
    pub verdicts: Vec<law::Verdict>,
    executions: BTreeMap<String, String>,
    printed: usize,
    before: BTreeMap<String, String>,
}

/// Plays a script.
///
/// # Errors
/// The line that cannot be played, and why.
pub fn play(script: &str, seed: u64, decide: Decide) -> Result<Told, String> {
    let mut told = Told::new(seed, decide);
    for (index, line) in script.lines().enumerate() {
        told.line(line)
            .map_err(|error| format!("line {}: {line}: {error}", index + 1))?;
    }
    told.finish();
    Ok(told)
}

impl Told {
    /// An empty stage.
    pub fn new(seed: u64, decide: Decide) -> Told {
        Told {
            stage: Stage::new(seed, decide),
            text: String::new(),
            verdicts: Vec::new(),
            executions: BTreeMap::new(),
            printed: 0,
            before: BTreeMap::new(),
        }
    }

    /// Plays one line.
    ///
    /// # Errors
    /// Why it cannot be played.
    pub fn line(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() {
            return Ok(());
        }
        if let Some(remark) = line.strip_prefix('#') {
            let _ = writeln!(self.text, "#{remark}");
            return Ok(());
        }
        let _ = writeln!(self.text, "> {line}");
        let words: Vec<&str> = line.split_whitespace().collect();
        let performed = self.perform(&words);
        self.print();
        performed
    }

    /// The commands.
    fn perform(&mut self, words: &[&str]) -> Result<(), String> {
        match *words {
            // Scenery.
            ["policy", name] => drop(self.stage.row_a(name)),
            ["push", name, version] => self.push(name, version, None)?,
            ["push", name, version, "which", "cannot", "start"] => {
                self.push(name, version, Some(Behaviour::FailsToStart))?
            }
            ["the", "build", "of", name, "takes", time] => {
                pipelines::action_takes(&mut self.stage.sim.world(), name, "Build", "Build", seconds(time)?);
            }
            ["late-write", seconds] => {
                self.stage.sim.world().codepipeline.ecs.late_write_after_abandon = Some(whole(seconds)?);
            }
            ["undo", times, "restores", "of", service] => {
                let arn = self.service_arn(service);
                let times = u32::try_from(whole(times)?).map_err(|error| error.to_string())?;
                self.stage.sim.world().ecs.rollback_next_deployment(&arn, times);
            }
            ["deregister", "the", "baseline", "of", service] => self.deregister(service)?,
            // Time.
            ["run", time] => self.stage.run_for(seconds(time)?),
            ["at", clock] => self.at(clock)?,
            ["clock", "off"] => self.stage.clock = false,
            ["clock", "on"] => self.stage.clock = true,
            ["until", ref what @ ..] => self.until(what)?,
            // The pipeline and people.
            ["release", name, version] => {
                let row = self.row(name)?;
                let id = crate::scene::release(&mut self.stage.sim.world(), &row, version);
                self.executions.insert(name.to_owned(), id);
            }
            ["open", name] => {
                let execution = self.execution(name)?;
                let release = self.stage.open(name, &execution)?;
                let _ = writeln!(self.text, "  release {} is open, execution {execution}", release.id);
            }
            [person, "approves", name] => {
                let answered = pipelines::approve(&mut self.stage.sim.world(), name, person);
                self.person(answered);
            }
            [person, "rejects", name] => {
                let answered = pipelines::reject(&mut self.stage.sim.world(), name, person, "no");
                self.person(answered);
            }
            [person, "deploys", version, "to", service, "of", name] => self.deploys(person, version, service, name)?,
            // Trouble.
            ["dlq", name, messages] => {
                let row = self.row(name)?;
                self.stage
                    .dlq
                    .insert(row.dlq, messages.parse().map_err(|_| "how many messages?".to_owned())?);
            }
            ["down", service, "for", time] => self.broken(service, Fault::ServerError, seconds(time)?),
            ["throttled", service, "for", time] => self.broken(service, Fault::Throttle, seconds(time)?),
            ["deaf", service, "for", time] => self.broken(service, Fault::HangBefore, seconds(time)?),
            ["mute", service, "for", time] => self.broken(service, Fault::HangAfter, seconds(time)?),
            ["before", function, operation, person, "approves", name] => {
                let (person, name) = (person.to_owned(), name.to_owned());
                let caller = format!("{}#", function.trim_end_matches("'s"));
                self.stage
                    .sim
                    .world()
                    .ambushes
                    .before(&caller, operation, move |world| {
                        // A refusal is part of the story: the approval was answered already.
                        let _ = pipelines::approve(world, &name, &person);
                    });
            }
            ["before", function, operation, person, "rejects", name, "and", "retries"] => {
                self.retries(function, operation, person, name)?;
            }
            ["let", function, "die", "after", calls] => {
                let calls = u32::try_from(whole(calls)?).map_err(|error| error.to_string())?;
                self.stage.sim.let_die(function, calls);
            }
            // Events.
            ["event", file] => self.event(file, "111122223333")?,
            ["event", file, "from", account] => self.event(file, account)?,
            ["alarm", "again", times] => self.again(whole(times)?)?,
            ["tick", name] => self.stage.sim.start("advance", json!({"policy": name})),
            ["sweep"] => self.stage.sim.start("advance", json!({"sweep": true})),
            _ => return Err("no such command".to_owned()),
        }
        Ok(())
    }

    fn until(&mut self, what: &[&str]) -> Result<(), String> {
        let limit = 3 * 3_600;
        let reached = match *what {
            ["approval", name] => {
                let name = name.to_owned();
                self.stage.run_until(limit, move |stage| approval_open(stage, &name))
            }
            ["closed", name] => {
                let name = name.to_owned();
                self.stage.run_until(limit, move |stage| !is_open(stage, &name))
            }
            [service, "of", name, "is", "given", version] => {
                let digest_of = self.row(name)?.image(version);
                let (cluster, service) = (self.row(name)?.cluster, service.to_owned());
                self.stage.run_until(limit, move |stage| {
                    primary_image(stage, &cluster, &service).as_deref() == Some(&digest_of)
                })
            }
            [service, "of", name, "runs", version] => {
                let row = self.row(name)?;
                let (digest, cluster, service) = (row.digest(version), row.cluster, service.to_owned());
                self.stage
                    .run_until(limit, move |stage| runs_only(stage, &cluster, &service, &digest))
            }
            ["alarm", name] => {
                let alarm = self.row(name)?.alarm;
                self.stage.run_until(limit, move |stage| in_alarm(stage, &alarm))
            }
            _ => return Err("until what?".to_owned()),
        };
        if reached {
            Ok(())
        } else {
            Err(format!("did not happen within {} minutes", limit / 60))
        }
    }

    /// Runs until the clock shows this.
    fn at(&mut self, clock: &str) -> Result<(), String> {
        let of_day: Vec<i64> = clock.split(':').map(whole).collect::<Result<_, _>>()?;
        let [hours, minutes, seconds] = of_day.as_slice() else {
            return Err("say 03:08:00".to_owned());
        };
        let now = self.stage.sim.world().now;
        let wanted = (hours * 60 + minutes) * 60 + seconds - now.0.div_euclid(1000) % 86_400;
        if wanted < 0 {
            return Err(format!("it is {} already", now.clock()));
        }
        self.stage.run_for(wanted);
        Ok(())
    }

    fn row(&self, name: &str) -> Result<crate::scene::RowA, String> {
        self.stage
            .rows
            .get(name)
            .cloned()
            .ok_or(format!("no policy {name} on this stage"))
    }

    fn execution(&self, name: &str) -> Result<String, String> {
        self.executions
            .get(name)
            .cloned()
            .ok_or(format!("{name} releases nothing"))
    }

    fn service_arn(&self, service: &str) -> String {
        self.stage.sim.world().arn("ecs", &format!("service/prod/{service}"))
    }

    fn push(&mut self, name: &str, version: &str, behaviour: Option<Behaviour>) -> Result<(), String> {
        let row = self.row(name)?;
        let mut world = self.stage.sim.world();
        crate::scene::push(&mut world, &row, version);
        if let Some(behaviour) = behaviour {
            world.ecs.behaviour.insert(row.digest(version), behaviour);
        }
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

    fn deploys(&mut self, person: &str, version: &str, service: &str, name: &str) -> Result<(), String> {
        let row = self.row(name)?;
        let mut world = self.stage.sim.world();
        let image = row.image(version);
        let definition = simulator::ecs::stage::task_definition(&mut world, service, &[("worker", &image)], json!({}));
        let input = json!({"cluster": row.cluster, "service": service, "taskDefinition": definition});
        world
            .call(person, "ecs", "UpdateService", input)
            .map(|_| ())
            .map_err(|refusal| refusal.to_string())
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

    /// A service fails every call: it says so, asks for patience, hears nothing, or acts and says nothing.
    fn broken(&mut self, service: &str, fault: Fault, for_seconds: i64) {
        let mut world = self.stage.sim.world();
        let now = world.now;
        let rule = Rule {
            from: now,
            until: now.plus_seconds(for_seconds),
            ..Rule::service(service, fault)
        };
        world.faults.rules.push(rule);
    }

    fn event(&mut self, file: &str, account: &str) -> Result<(), String> {
        let path = format!("{}/../events/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let text = text.replace("111122223333", account);
        let payload = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
        self.stage.sim.start("rollback", payload);
        self.stage.run_for(5);
        Ok(())
    }

    fn again(&mut self, times: i64) -> Result<(), String> {
        let payload = self
            .stage
            .sim
            .ended
            .borrow()
            .iter()
            .rev()
            .find(|end| end.function == "rollback")
            .map(|end| end.payload.clone());
        let payload = payload.ok_or("no alarm was delivered yet")?;
        for _ in 0..times {
            self.stage.sim.start("rollback", payload.clone());
        }
        self.stage.run_for(5);
        Ok(())
    }

    fn person(&mut self, answered: Result<(), simulator::Refusal>) {
        if let Err(refusal) = answered {
            let _ = writeln!(self.text, "  refused: {refusal}");
        }
    }

    /// Tells what was seen since the last line. Steps that say the same again are told once.
    fn print(&mut self) {
        let mut lines: Vec<Line> = self.stage.diary.borrow()[self.printed..].to_vec();
        self.printed += lines.len();
        lines.sort_by_key(|line| line.at);
        for line in lines {
            let said = self.before.insert(line.who.clone(), line.what.clone());
            if line.who != "advance" || said.as_deref() != Some(&line.what) {
                let _ = writeln!(self.text, "{} {:<12} {}", At(line.at).clock(), line.who, line.what);
            }
        }
    }

    /// Tells how the world looks in the end, and what the laws say; answers with those that were broken.
    pub fn finish(&mut self) -> Vec<law::Verdict> {
        self.stage.run_for(1);
        self.print();
        let evidence = law::Evidence::of(&self.stage);
        let _ = writeln!(self.text, "in the end:");
        for line in evidence.summary() {
            let _ = writeln!(self.text, "  {line}");
        }
        for defect in &self.stage.sim.world().defects {
            let _ = writeln!(self.text, "  DEFECT of the simulator: {defect}");
        }
        let verdicts = law::judge(&evidence);
        for verdict in verdicts
            .iter()
            .filter(|verdict| verdict.applied > 0 || !verdict.broken.is_empty())
        {
            let _ = writeln!(self.text, "  {verdict}");
        }
        self.verdicts = verdicts.clone();
        verdicts
            .into_iter()
            .filter(|verdict| !verdict.broken.is_empty())
            .collect()
    }
}

/// `10m`, `30s`, `2h`.
fn seconds(time: &str) -> Result<i64, String> {
    let (number, unit) = time.split_at(time.len().saturating_sub(1));
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => return Err(format!("{time}: say 30s, 10m or 2h")),
    };
    Ok(whole(number)? * factor)
}

fn whole(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("{text} is no whole number"))
}

fn ask(stage: &Stage, service: &'static str, operation: &str, input: Value) -> Value {
    stage
        .sim
        .world()
        .call("story", service, operation, input)
        .unwrap_or(Value::Null)
}

fn approval_open(stage: &Stage, name: &str) -> bool {
    let state = ask(stage, "codepipeline", "GetPipelineState", json!({"name": name}));
    let stages = state["stageStates"].as_array().cloned().unwrap_or_default();
    let mut actions = stages
        .iter()
        .flat_map(|stage| stage["actionStates"].as_array().cloned().unwrap_or_default());
    actions.any(|action| action["latestExecution"]["token"].is_string())
}

fn is_open(stage: &Stage, name: &str) -> bool {
    let key = json!({"pk": {"S": format!("policy#{name}")}, "sk": {"S": "release"}});
    let item = ask(
        stage,
        "dynamodb",
        "GetItem",
        json!({"TableName": crate::scene::TABLE, "Key": key, "ConsistentRead": true}),
    );
    item["Item"]["document"].is_object()
}

fn primary_image(stage: &Stage, cluster: &str, service: &str) -> Option<String> {
    let reply = ask(
        stage,
        "ecs",
        "DescribeServices",
        json!({"cluster": cluster, "services": [service]}),
    );
    let definition = reply["services"][0]["taskDefinition"].as_str()?.to_owned();
    let reply = ask(
        stage,
        "ecs",
        "DescribeTaskDefinition",
        json!({"taskDefinition": definition}),
    );
    reply["taskDefinition"]["containerDefinitions"][0]["image"]
        .as_str()
        .map(str::to_owned)
}

fn runs_only(stage: &Stage, cluster: &str, service: &str, digest: &str) -> bool {
    let running = stage.sim.world().ecs.running(cluster, service);
    !running.is_empty()
        && running
            .iter()
            .all(|(_, images)| images.values().all(|found| found == digest))
}

fn in_alarm(stage: &Stage, alarm: &str) -> bool {
    let reply = ask(stage, "cloudwatch", "DescribeAlarms", json!({"AlarmNames": [alarm]}));
    reply["MetricAlarms"][0]["StateValue"] == "ALARM"
}
