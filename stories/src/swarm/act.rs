//! What happens, done to the account by whoever does such things; never by Serin.

use super::plan::{Act, FirstDay, Nature};
use crate::Stage;
use crate::queue::Queue;
use crate::scene::{self, RowA};
use crate::whole;
use decide::Role;
use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use simulator::ecs::Behaviour;
use simulator::{Refusal, World, ecr, ssm};

/// Does it; why it could not be done, where AWS refuses.
pub fn perform(stage: &mut Stage, policy: &str, act: &Act) -> Result<(), String> {
    let row = stage.rows[policy].clone();
    let original = stage.policies[policy].clone();
    if let Act::Release { version, nature } = act {
        return release(stage, &row, *version, *nature);
    }
    if super::people::orders(stage, policy, act) {
        return Ok(());
    }
    if let Act::StartAgain { back } = act {
        return super::starts::again(stage, policy, *back);
    }
    if *act == Act::Upgrade {
        return crate::told::upgrade::next_writes(stage, policy);
    }
    if is_of_a_rule(act) {
        return super::balanced::perform(stage, policy, act);
    }
    if super::starts::is_of_a_pipeline(act) && super::starts::are_by_hand(stage, policy) {
        return Err("there is no pipeline".to_owned());
    }
    let mut world = stage.sim.world();
    let world = &mut *world;
    let parameter = format!("/serin/policies/{policy}");
    match act {
        Act::Create { how } => create(world, &row, *how)?,
        Act::BringUp => bring_up(world, &row)?,
        Act::Approve => pipelines::approve(world, policy, "ann").map_err(said)?,
        Act::ApproveFirst => {
            let policy = policy.to_owned();
            world.ambushes.before("rollback", "PutApprovalResult", move |world| {
                // Perhaps it was another policy's rollback, and nothing waits here.
                let _ = pipelines::approve(world, &policy, "ann");
            });
        }
        Act::Reject => pipelines::reject(world, policy, "bob", "not this one").map_err(said)?,
        Act::Stop { abandon } => stop(world, policy, *abandon)?,
        Act::Retry => retry(world, policy)?,
        Act::Deploy { role, version } => {
            let image = row.image(&name_of(*version));
            deploy(world, &row, *role, &[("worker", &image)], &json!({}))?;
        }
        Act::Reconfigure { role } => reconfigure(world, &row, *role)?,
        Act::Deregister { role } => {
            let definition = runs(world, &row, *role)?;
            call(
                world,
                "ecs",
                "DeregisterTaskDefinition",
                json!({"taskDefinition": definition}),
            )?;
        }
        Act::MoveTag { version } => {
            let tag = name_of(*version);
            let digest = row.digest(&format!("{tag}-again"));
            world.ecs.push_image(&row.image(&tag), &digest);
            ecr::stage::push(world, policy, &tag, &digest);
        }
        Act::DeleteImage { version } => {
            let digest = row.digest(&name_of(*version));
            let known = json!({"repositoryName": policy, "imageIds": [{"imageDigest": digest}]});
            call(world, "ecr", "DescribeImages", known)?;
            ecr::stage::delete(world, policy, &digest);
        }
        Act::SpoilPolicy => drop(ssm::stage::put(world, &parameter, "{\"name\": 7")),
        Act::MendPolicy => drop(ssm::stage::put(world, &parameter, &original.to_string())),
        Act::StopClock => stop_clock(world)?,
        Act::Undo { role, times } => {
            let arn = world.arn("ecs", &format!("service/{}/{}", row.cluster, service(&row, *role)));
            world.ecs.rollback_next_deployment(&arn, *times);
        }
        Act::RollBackStage => roll_back_stage(world, policy)?,
        Act::Purge => Queue::purge(world, &row).map_err(said)?,
        // Done above.
        Act::Release { .. } | Act::Order { .. } | Act::Freeze { .. } | Act::Thaw | Act::StartAgain { .. } => {}
        Act::Upgrade => {}
        Act::Weigh { .. } | Act::TakeOut { .. } | Act::CloseRule | Act::MendRule | Act::DeleteRule => {}
    }
    Ok(())
}

/// Whether this is done to the rule of a load balancer.
fn is_of_a_rule(act: &Act) -> bool {
    matches!(
        act,
        Act::Weigh { .. } | Act::TakeOut { .. } | Act::CloseRule | Act::MendRule | Act::DeleteRule
    )
}

/// Puts a policy back as it was written first.
pub fn mend_policy(stage: &mut Stage, policy: &str) {
    let original = stage.policies[policy].to_string();
    ssm::stage::put(&mut stage.sim.world(), &format!("/serin/policies/{policy}"), &original);
}

fn said(refusal: Refusal) -> String {
    refusal.to_string()
}

fn call(world: &mut World, service: &'static str, operation: &str, input: Value) -> Result<Value, String> {
    world.call("ann", service, operation, input).map_err(said)
}

fn name_of(version: u32) -> String {
    format!("v{version}")
}

fn service(row: &RowA, role: Role) -> &str {
    match role {
        Role::Canary => &row.canary,
        Role::Stable => &row.name,
    }
}

fn release(stage: &mut Stage, row: &RowA, version: u32, nature: Nature) -> Result<(), String> {
    let name = name_of(version);
    let digest = row.digest(&name);
    let queue = stage.queues[&row.name];
    let mut guard = stage.sim.world();
    let world = &mut *guard;
    let known = json!({"repositoryName": row.name, "imageIds": [{"imageTag": name}]});
    if call(world, "ecr", "DescribeImages", known).is_err() {
        whole::push(world, row, &name);
        let behaviour = match nature {
            Nature::Good | Nature::Errs | Nature::ErrsSeldom | Nature::Slow => Behaviour::Healthy,
            Nature::Poisonous => {
                queue.fails(world, &digest, None, 1000, 0);
                Behaviour::Healthy
            }
            Nature::FailsToStart => Behaviour::FailsToStart,
            Nature::Crashes => Behaviour::ExitsAfter { seconds: 20 },
        };
        super::balanced::answers(world, &digest, nature);
        world.ecs.behaviour.insert(digest, behaviour);
    }
    drop(guard);
    super::starts::release(stage, row, &name);
    Ok(())
}

fn state(world: &mut World, policy: &str) -> Result<Vec<Value>, String> {
    let state = call(world, "codepipeline", "GetPipelineState", json!({"name": policy}))?;
    Ok(state["stageStates"].as_array().cloned().unwrap_or_default())
}

fn newest(world: &mut World, policy: &str) -> Result<Value, String> {
    let listed = call(
        world,
        "codepipeline",
        "ListPipelineExecutions",
        json!({"pipelineName": policy}),
    )?;
    Ok(listed["pipelineExecutionSummaries"][0].clone())
}

fn stop(world: &mut World, policy: &str, abandon: bool) -> Result<(), String> {
    let execution = newest(world, policy)?["pipelineExecutionId"].clone();
    let input = json!({"pipelineName": policy, "pipelineExecutionId": execution, "abandon": abandon});
    call(world, "codepipeline", "StopPipelineExecution", input).map(drop)
}

fn retry(world: &mut World, policy: &str) -> Result<(), String> {
    let stages = state(world, policy)?;
    let failed = stages
        .iter()
        .find(|stage| stage["latestExecution"]["status"] == "Failed")
        .ok_or("nothing failed")?;
    let input = json!({
        "pipelineName": policy, "stageName": failed["stageName"], "retryMode": "FAILED_ACTIONS",
        "pipelineExecutionId": failed["latestExecution"]["pipelineExecutionId"],
    });
    call(world, "codepipeline", "RetryStageExecution", input).map(drop)
}

/// An earlier execution's canary stage once more, as CodePipeline's own rollback.
fn roll_back_stage(world: &mut World, policy: &str) -> Result<(), String> {
    let listed = call(
        world,
        "codepipeline",
        "ListPipelineExecutions",
        json!({"pipelineName": policy}),
    )?;
    let summaries = listed["pipelineExecutionSummaries"].as_array().cloned();
    let target = summaries
        .unwrap_or_default()
        .into_iter()
        .find(|summary| summary["status"] == "Succeeded")
        .ok_or("nothing to roll back to")?;
    let input = json!({
        "pipelineName": policy, "stageName": "CanaryDeploy",
        "targetPipelineExecutionId": target["pipelineExecutionId"],
    });
    call(world, "codepipeline", "RollbackStage", input).map(drop)
}

fn runs(world: &mut World, row: &RowA, role: Role) -> Result<String, String> {
    let input = json!({"cluster": row.cluster, "services": [service(row, role)]});
    let reply = call(world, "ecs", "DescribeServices", input)?;
    let definition = reply["services"][0]["taskDefinition"].as_str();
    Ok(definition.ok_or("no such service")?.to_owned())
}

fn deploy(world: &mut World, row: &RowA, role: Role, containers: &[(&str, &str)], extra: &Value) -> Result<(), String> {
    let name = service(row, role);
    let definition = simulator::ecs::stage::task_definition(world, name, containers, extra.clone());
    let input = json!({"cluster": row.cluster, "service": name, "taskDefinition": definition});
    call(world, "ecs", "UpdateService", input).map(drop)
}

/// The same image with another environment.
fn reconfigure(world: &mut World, row: &RowA, role: Role) -> Result<(), String> {
    let definition = runs(world, row, role)?;
    let input = json!({"taskDefinition": definition});
    let reply = call(world, "ecs", "DescribeTaskDefinition", input)?;
    let image = reply["taskDefinition"]["containerDefinitions"][0]["image"].clone();
    let flag = world.serial().to_string();
    let extra = json!({
        "containerDefinitions": [{"name": "worker", "environment": [{"name": "FLAG", "value": flag}]}],
    });
    deploy(
        world,
        row,
        role,
        &[("worker", image.as_str().unwrap_or_default())],
        &extra,
    )
}

/// Both services, as a team has them on its first day.
fn create(world: &mut World, row: &RowA, how: FirstDay) -> Result<(), String> {
    let (version, with_tasks) = match how {
        FirstDay::JustCreated => ("v1", true),
        // Nobody pushes this.
        FirstDay::Placeholder => ("v0", true),
        FirstDay::WithoutTasks => ("v1", false),
    };
    scene::create(world, "ann", row, version, with_tasks).map_err(said)
}

/// Gives services that have never run a task all their tasks, and the first version where theirs cannot run: it is
/// pushed once more, where it was deleted.
fn bring_up(world: &mut World, row: &RowA) -> Result<(), String> {
    whole::push(world, row, "v1");
    let mut done = Err("all have run something".to_owned());
    for (service, tasks) in scene::tasks(row) {
        let arn = world.arn("ecs", &format!("service/{}/{service}", row.cluster));
        if world.ecs.timeline().iter().any(|ran| ran.service == arn) {
            continue;
        }
        let input = json!({"cluster": row.cluster, "services": [service]});
        let found = call(world, "ecs", "DescribeServices", input)?["services"][0].take();
        let mut input = json!({"cluster": row.cluster, "service": service, "desiredCount": tasks});
        if found["desiredCount"] != 0 || !works(world, &found["taskDefinition"])? {
            input["taskDefinition"] = json!(scene::definition(world, row, service, "v1"));
        }
        done = call(world, "ecs", "UpdateService", input).map(drop);
    }
    done
}

/// Whether tasks of a definition would start and go on: what was deployed while a service had none has not shown that.
fn works(world: &mut World, definition: &Value) -> Result<bool, String> {
    let input = json!({"taskDefinition": definition});
    let reply = call(world, "ecs", "DescribeTaskDefinition", input)?;
    let image = &reply["taskDefinition"]["containerDefinitions"][0]["image"];
    let digest = world.ecs.resolve_image(image.as_str().unwrap_or_default());
    let behaviour = digest.map(|digest| world.ecs.behaviour.get(&digest).copied().unwrap_or_default());
    Ok(behaviour == Some(Behaviour::Healthy))
}

fn stop_clock(world: &mut World) -> Result<(), String> {
    let machine = world.arn("states", "stateMachine:serin-clock");
    let input = json!({"stateMachineArn": machine, "statusFilter": "RUNNING"});
    let listed = call(world, "stepfunctions", "ListExecutions", input)?;
    let running = listed["executions"][0]["executionArn"].clone();
    if running.is_null() {
        return Err("no clock runs".to_owned());
    }
    call(
        world,
        "stepfunctions",
        "StopExecution",
        json!({"executionArn": running}),
    )
    .map(drop)
}
