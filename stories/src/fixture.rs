//! Opens releases: what the functions will do themselves is done by hand here, through the same
//! client library and the same ledger.

use crate::Stage;
use crate::scene::{self, RowA};
use crate::whole::{self, Cut};
use aws::Serin;
use aws::ledger::Commit;
use decide::{Approval, Execution, Given, Home, Phase, Policy, Release, Role, SCHEMA, Service};
use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use simulator::executor::Running;
use simulator::{At, World, cloudwatch};
use simulator::{Delivery, Functions, Invocation};
use std::rc::Rc;
use std::sync::Arc;

/// Puts a release into the ledger before its canary changes.
///
/// # Errors
/// Where a baseline cannot be read or the slot is taken, as text.
pub async fn open(serin: &Serin, row: &RowA, execution: &str) -> Result<Release, String> {
    let release = opened(serin, row, execution).await?;
    write(serin, row, &release, "opened before the canary changes").await?;
    Ok(release)
}

/// Puts a release into the ledger whose canary was given its revision, and whose approval waits with
/// a token that somebody told us.
///
/// # Errors
/// As [`open`].
pub async fn open_at_approval(
    serin: &Serin,
    row: &RowA,
    baseline: Release,
    given: Given,
    approval: Approval,
) -> Result<Release, String> {
    let mut release = baseline;
    release.phase = Phase::Baking { step: 0 };
    release.canary.given = Some(given);
    if let Some(run) = release.pipeline.as_mut() {
        run.approval = Some(approval);
    }
    write(serin, row, &release, "opened while its approval waits").await?;
    Ok(release)
}

/// A release as it is opened, not written anywhere.
///
/// # Errors
/// Where a baseline cannot be read, as text.
pub async fn opened(serin: &Serin, row: &RowA, execution: &str) -> Result<Release, String> {
    let at = serin.now();
    Ok(Release {
        gone_since: None,
        dry_run: false,
        schema: SCHEMA,
        id: format!("{}-{}", row.name, execution.split('-').next().unwrap_or(execution)),
        home: Home {
            account: serin.account.clone(),
            region: "eu-central-1".to_owned(),
            partition: serin.partition.clone(),
        },
        cluster: row.cluster.clone(),
        opened: at,
        phase: Phase::Deploying,
        phase_since: at,
        images: None,
        canary: service(serin, row, Role::Canary).await?,
        stable: service(serin, row, Role::Stable).await?,
        pipeline: Some(Execution::unseen(
            row.name.clone(),
            execution.to_owned(),
            Some("Deploy".to_owned()),
        )),
        wanted: None,
        start: format!("fixture {execution}"),
        size: None,
        scaling: None,
        weights: None,
        swaps: false,
        old_scaling: None,
        retired: None,
        refilled: None,
        step_reached: None,
        barred: Vec::new(),
        watched: None,
        left_bad: false,
        bad_on_stable: false,
        closed_on: None,
        freeze: None,
        facts: Default::default(),
    })
}

async fn service(serin: &Serin, row: &RowA, role: Role) -> Result<Service, String> {
    let name = match role {
        Role::Canary => &row.canary,
        Role::Stable => &row.name,
    };
    let baseline = serin
        .deployed(&row.cluster, name)
        .await
        .map_err(|refused| refused.to_string())?;
    Ok(Service::untouched(name.clone(), baseline))
}

async fn write(serin: &Serin, row: &RowA, release: &Release, because: &str) -> Result<(), String> {
    let text = row.policy().to_string();
    let policy = Policy::read(&text)
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let slot = serin.ledger.slot(&row.name).await.map_err(|error| error.to_string())?;
    let opened = serin
        .ledger
        .open(&policy, release, slot.generation, because, serin.now())
        .await;
    match opened {
        Ok(Commit::Written(_)) => Ok(()),
        Ok(Commit::Lost) => Err(format!("policy {} has an open release already", policy.name)),
        Err(error) => Err(error.to_string()),
    }
}

/// An account in which a release of row A waits at its manual approval, its canary bad, its alarm
/// about to fire; the ledger holds the release and the approval's token.
///
/// # Errors
/// Where the scene cannot be set, as text.
pub fn at_approval(start: At) -> Result<World, String> {
    let mut stage = Stage::new(1, Arc::new(decide::decide));
    stage.sim.world().now = start;
    stage.begin();
    let row = stage.row_a("orders");
    scene::push(&mut stage.sim.world(), &row, "v2");
    let execution = scene::release(&mut stage.sim.world(), &row, "v2");
    let serin = stage.serin("open");
    let release = stage.sim.block_on(opened(&serin, &row, &execution))?;
    let waits = stage.run_until(3_600, |stage| pending(stage, &row).is_some());
    let approval = pending(&stage, &row)
        .filter(|_| waits)
        .ok_or("the approval never opened")?;
    let services = stage.sim.world().call(
        "open",
        "ecs",
        "DescribeServices",
        json!({"cluster": row.cluster, "services": [row.canary]}),
    );
    let primary = services.map_err(|refusal| refusal.to_string())?["services"][0]["deployments"][0].clone();
    let deployed = stage
        .sim
        .block_on(serin.deployed(&row.cluster, &row.canary))
        .map_err(|refused| refused.to_string())?;
    let given = Given {
        task_definition: deployed.task_definition,
        deployment: primary["id"].as_str().unwrap_or_default().to_owned(),
        created: decide::At::from_millis(At::from_seconds(primary["createdAt"].as_f64().unwrap_or_default()).0),
        configuration: Some(deployed.revision.configuration),
        reached: None,
        image_names: None,
        images: Some(deployed.revision.images.clone()),
        by_hand: false,
        dead_letters: Default::default(),
    };
    let release = Release {
        images: Some(deployed.revision.images),
        ..release
    };
    stage
        .sim
        .block_on(open_at_approval(&serin, &row, release, given, approval))?;
    stage.dlq.insert(row.dlq.clone(), 25.0);
    // The queue's metric says so, once it is published; the alarm has not looked yet.
    let now = stage.sim.world().now;
    let dimensions = [("QueueName", row.dlq.as_str())];
    cloudwatch::put(
        &mut stage.sim.world(),
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        &dimensions,
        now,
        25.0,
    );
    Ok(stage.sim.take_world())
}

/// An account in which no function runs.
struct Nobody;

impl Functions for Nobody {
    fn invoke(&self, _: Invocation) -> Running {
        Box::pin(std::future::pending())
    }

    fn route(&self, _: &Delivery) -> Vec<(String, Value)> {
        Vec::new()
    }
}

/// An account in which the first action of the canary's stage, a job of our `open`, waits for its answer: under
/// this id, if one is given, and calling this function. Nothing has been opened; the policy is in Parameter Store, its
/// services are tagged.
///
/// # Errors
/// Where the scene cannot be set, as text.
pub fn at_open(start: At, job: Option<&str>, function: &str) -> Result<Stage, String> {
    let mut stage = Stage::new(1, Arc::new(decide::decide));
    stage.sim.world().now = start;
    stage.begin();
    // Whoever answers comes from outside.
    stage.sim.set_functions(Rc::new(Nobody));
    let options = pipelines::Options {
        before_canary: Some(function.to_owned()),
        // Letter by letter as the events on file have it: a job is known by these parameters.
        user_parameters: r##"{"policy":"orders","execution":"#{codepipeline.PipelineExecutionId}"}"##.to_owned(),
        ..Cut::WithOpen.options("orders")
    };
    let row = RowA::named("orders");
    scene::row_a_with(&mut stage.sim.world(), &row, &options);
    scene::push(&mut stage.sim.world(), &row, "v2");
    // First of all that is named by chance: so it has the name that the events on file give it.
    scene::release(&mut stage.sim.world(), &row, "v2");
    stage.dlq.insert(row.dlq.clone(), 0.0);
    whole::registered(&mut stage.sim.world(), &row, &["v1", "v2"]);
    whole::tagged(&mut stage.sim.world(), &row);
    whole::clock(&mut stage.sim.world());
    let parameter = format!("/serin/policies/{}", row.name);
    simulator::ssm::stage::put(&mut stage.sim.world(), &parameter, &row.policy().to_string());
    let asked = |stage: &Stage| pipelines::awaits_job(&stage.sim.world(), &row.name);
    if !stage.run_until(3_600, asked) {
        return Err("the job never came".to_owned());
    }
    if let Some(id) = job {
        pipelines::name_job(&mut stage.sim.world(), &row.name, id);
    }
    Ok(stage)
}

fn pending(stage: &Stage, row: &RowA) -> Option<Approval> {
    let state = stage
        .sim
        .world()
        .call("open", "codepipeline", "GetPipelineState", json!({"name": row.name}))
        .ok()?;
    state["stageStates"].as_array()?.iter().find_map(|stage| {
        let action = stage["actionStates"]
            .as_array()?
            .iter()
            .find(|action| action["latestExecution"]["token"].is_string())?;
        Some(Approval {
            since: None,
            asks_minutes: None,
            retried: false,
            stage: stage["stageName"].as_str()?.to_owned(),
            action: action["actionName"].as_str()?.to_owned(),
            token: action["latestExecution"]["token"].as_str()?.to_owned(),
        })
    })
}
