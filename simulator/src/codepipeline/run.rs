//! One run of one action: how it starts, what happens when it is due, how it ends.

use super::ecs_deploy::{Deployment, Scene, Source, Turn};
use super::stage::ExternalId;
use super::state::{Artifact, Failure, Pipeline, Run, RunStatus, Work};
use super::structure::{Action, Kind};
use super::{approval, events, job, machine, variables};
use crate::time::At;
use crate::world::World;

/// Seconds a build, test or compute action takes where nothing else is staged.
const WORK_SECONDS: i64 = 60;

/// Starts an action of an execution.
pub(crate) fn start(world: &mut World, pipeline: &mut Pipeline, execution: usize, stage: &str, action: &Action) {
    let resolved = variables::resolve(pipeline, execution, action);
    let bucket = pipeline.structure_of(execution).bucket.clone();
    let inputs = action.inputs.iter();
    let run = Run {
        id: world.uuid(),
        execution,
        stage: stage.to_owned(),
        resolved: resolved.clone().unwrap_or_default(),
        status: RunStatus::InProgress,
        started: world.now,
        updated: world.now,
        due: None,
        work: Work::Timed(Ok(())),
        inputs: inputs
            .filter_map(|name| pipeline.executions[execution].artifacts.get(name))
            .cloned()
            .collect(),
        outputs: action
            .outputs
            .iter()
            .map(|name| place(world, &pipeline.name, &bucket, name))
            .collect(),
        variables: Default::default(),
        summary: None,
        failure: None,
        external_id: None,
        external_url: None,
        updated_by: None,
        action: action.clone(),
    };
    pipeline.runs.push(run);
    let index = pipeline.runs.len() - 1;
    if let Some(visit) = pipeline.executions[execution].visits.get_mut(stage) {
        visit.runs.insert(action.name.clone(), index);
    }
    events::action(world, pipeline, index, "STARTED");
    match resolved {
        Ok(_) => begin(world, pipeline, index),
        Err(failure) => finish(world, pipeline, index, Err(failure)),
    }
}

/// Where CodePipeline keeps an artifact: first 20 characters of the pipeline's name, first 10 of the artifact's.
fn place(world: &mut World, pipeline: &str, bucket: &str, name: &str) -> Artifact {
    let suffix: String = (0..7).map(|_| world.rng.alphanumeric()).collect();
    let head = |text: &str, n: usize| text.chars().take(n).collect::<String>();
    Artifact {
        name: name.to_owned(),
        bucket: bucket.to_owned(),
        key: format!("{}/{}/{suffix}", head(pipeline, 20), head(name, 10)),
        revision: None,
    }
}

fn begin(world: &mut World, pipeline: &mut Pipeline, index: usize) {
    match pipeline.runs[index].action.kind {
        Kind::Source => {
            let seconds = world.rng.i64(2..=5);
            begin_timed(world, pipeline, index, seconds);
        }
        Kind::Work => begin_timed(world, pipeline, index, WORK_SECONDS),
        Kind::EcsDeploy => {
            let deployment = Deployment::new(world, &pipeline.runs[index].resolved);
            pipeline.runs[index].due = Some(deployment.first_look());
            pipeline.runs[index].work = Work::Deploy(deployment);
        }
        Kind::Approval => approval::begin(world, pipeline, index),
        Kind::Lambda => job::begin(world, pipeline, index),
        Kind::Machine => machine::begin(world, pipeline, index),
    }
}

fn begin_timed(world: &World, pipeline: &mut Pipeline, index: usize, seconds: i64) {
    let run = &mut pipeline.runs[index];
    let key = (run.stage.clone(), run.action.name.clone());
    let staged = pipeline.behaviours.get(&key).cloned().unwrap_or_default();
    run.due = Some(world.now.plus_seconds(staged.seconds.unwrap_or(seconds)));
    run.variables.extend(staged.variables);
    run.work = Work::Timed(staged.failure.map_or(Ok(()), Err));
}

/// Does what is due in a run.
pub(crate) fn wake(world: &mut World, pipeline: &mut Pipeline, index: usize) {
    pipeline.runs[index].due = None;
    match pipeline.runs[index].work.clone() {
        Work::Timed(outcome) => finish(world, pipeline, index, outcome),
        Work::Deploy(deployment) => deploy(world, pipeline, index, deployment),
        Work::Approval { .. } => approval::expire(world, pipeline, index),
        Work::Job { .. } => job::wake(world, pipeline, index),
        Work::Machine { execution } => machine::wake(world, pipeline, index, &execution),
    }
}

fn deploy(world: &mut World, pipeline: &mut Pipeline, index: usize, mut deployment: Deployment) {
    let run = &pipeline.runs[index];
    let caller = format!("codepipeline:{}/{}/{}", pipeline.name, run.stage, run.action.name);
    let source = run.inputs.first().map(|artifact| Source {
        artifact,
        text: pipeline.executions[run.execution]
            .files
            .get(&artifact.name)
            .map(String::as_str),
    });
    let rules = world.codepipeline.ecs.clone();
    let scene = Scene {
        now: world.now,
        rules: &rules,
        source,
    };
    let declared = pipeline
        .versions
        .last()
        .and_then(|(declared, _)| declared["roleArn"].as_str());
    world.ecs.in_role = run.action.role.clone().or_else(|| declared.map(str::to_owned));
    let mut ecs = |operation: &str, input| world.call(&caller, "ecs", operation, input);
    let turn = match run.status {
        RunStatus::InProgress => deployment.turn(&scene, &mut ecs),
        // The execution has gone, the provider has not heard.
        _ => deployment.write_late(&scene, &mut ecs),
    };
    world.ecs.in_role = None;
    let run = &mut pipeline.runs[index];
    if let Some((id, url)) = deployment.external(world) {
        run.external_id = match rules.external_id {
            ExternalId::Deployment => Some(id),
            ExternalId::Other => Some(run.id.clone()),
            ExternalId::Absent => None,
        };
        run.external_url = Some(url);
    }
    run.work = Work::Deploy(deployment);
    match turn {
        Turn::Again(at) => run.due = Some(at),
        Turn::Ended(outcome) if run.status == RunStatus::InProgress => finish(world, pipeline, index, outcome),
        Turn::Ended(_) => {}
    }
}

/// Ends a run, and passes on what it made.
pub(crate) fn finish(world: &mut World, pipeline: &mut Pipeline, index: usize, outcome: Result<(), Failure>) {
    if pipeline.runs[index].is(Kind::Source) && outcome.is_ok() {
        take_revision(world, pipeline, index);
    }
    let run = &mut pipeline.runs[index];
    run.due = None;
    run.updated = world.now;
    run.status = match outcome {
        Ok(()) => RunStatus::Succeeded,
        Err(failure) => {
            run.failure = Some(failure);
            RunStatus::Failed
        }
    };
    let execution = &mut pipeline.executions[run.execution];
    execution.updated = world.now;
    if run.status == RunStatus::Succeeded {
        for artifact in &run.outputs {
            execution.artifacts.insert(artifact.name.clone(), artifact.clone());
        }
    }
    let state = if run.status == RunStatus::Succeeded {
        "SUCCEEDED"
    } else {
        "FAILED"
    };
    events::action(world, pipeline, index, state);
}

fn take_revision(world: &mut World, pipeline: &mut Pipeline, index: usize) {
    let run = &mut pipeline.runs[index];
    let execution = &mut pipeline.executions[run.execution];
    let fresh: String = (0..40).map(|_| world.rng.digit(16)).collect();
    let revision = execution.overrides.get(&run.action.name).cloned().unwrap_or(fresh);
    run.external_id = Some(revision.clone());
    run.variables.insert("CommitId".to_owned(), revision.clone());
    execution.revisions.retain(|(action, _, _)| *action != run.action.name);
    for artifact in &mut run.outputs {
        artifact.revision = Some(revision.clone());
        execution
            .revisions
            .push((run.action.name.clone(), artifact.clone(), world.now));
    }
}

/// Lets go of every running action of an execution: they are `Abandoned`, `state` is how events call it.
///
/// The provider is not told; an ECS deployment that has not written yet may still do so (see
/// [`super::stage::EcsRules`]).
pub(crate) fn abandon(world: &mut World, pipeline: &mut Pipeline, execution: usize, state: &str) {
    for index in 0..pipeline.runs.len() {
        let run = &mut pipeline.runs[index];
        if run.execution != execution || run.status != RunStatus::InProgress {
            continue;
        }
        run.status = RunStatus::Abandoned;
        run.updated = world.now;
        let key = (run.stage.clone(), run.action.name.clone());
        let staged = pipeline
            .behaviours
            .get(&key)
            .and_then(|staged| staged.late_write_seconds);
        run.due = late_write(world, &run.work, staged);
        events::action(world, pipeline, index, state);
    }
}

/// When an abandoned run still writes: as staged for the action, else as for all.
fn late_write(world: &World, work: &Work, staged: Option<i64>) -> Option<At> {
    match work {
        Work::Deploy(deployment) if !deployment.has_written() => {
            let seconds = staged.or(world.codepipeline.ecs.late_write_after_abandon)?;
            Some(world.now.plus_seconds(seconds))
        }
        _ => None,
    }
}
