//! How executions go through a pipeline: entering stages, waiting for each other, ending.
//!
//! One stage is held by one execution at a time, but in PARALLEL mode by nobody; see "How pipeline executions work" in the CodePipeline user guide.

use super::events::{self, spelling};
use super::state::{Execution, Pipeline, Place, Retries, RunStatus, Status, Visit};
use super::structure::{Action, Mode, Stage};
use super::{aftermath, run};
use crate::world::World;
use std::collections::BTreeMap;

/// Starts an execution in front of a stage. Does not yet let it in: see [`progress`].
pub(crate) fn start(world: &mut World, pipeline: &mut Pipeline, execution: Execution) -> usize {
    pipeline.executions.push(execution);
    let index = pipeline.executions.len() - 1;
    events::pipeline(world, pipeline, index, spelling(Status::InProgress));
    index
}

/// Does everything that can happen at this moment, until nothing can.
pub(crate) fn progress(world: &mut World, pipeline: &mut Pipeline) {
    loop {
        let mut moved = false;
        for execution in 0..pipeline.executions.len() {
            moved |= advance(world, pipeline, execution);
            moved |= aftermath::answer_failure(world, pipeline, execution);
        }
        for stage in 0..pipeline.current().stages.len() {
            moved |= supersede(world, pipeline, stage);
            moved |= admit(world, pipeline, stage);
        }
        if !moved {
            return;
        }
    }
}

/// One step of one execution inside its stage; false where it has to wait.
fn advance(world: &mut World, pipeline: &mut Pipeline, execution: usize) -> bool {
    let it = &pipeline.executions[execution];
    let (Place::In(index), true) = (it.place, it.status.is_open()) else {
        return false;
    };
    let stopping = it.status == Status::Stopping;
    let stage = pipeline.structure_of(execution).stages[index].clone();
    let runs = &it.visits[&stage.name].runs;
    let any = |status| runs.values().any(|run| pipeline.runs[*run].status == status);
    let (failed, running) = (any(RunStatus::Failed), any(RunStatus::InProgress));
    // A stop waits for every action, a failure for none: "all actions that are still in progress continue working".
    match (stopping, failed, running) {
        (false, true, _) => {
            end_in_stage(world, pipeline, execution, Status::Failed);
            if let Some(visit) = pipeline.executions[execution].visits.get_mut(&stage.name) {
                visit.unanswered = true;
            }
        }
        (true, _, true) => return false,
        (true, _, false) => end_in_stage(world, pipeline, execution, Status::Stopped),
        (false, false, _) => {
            let group = next_group(pipeline, &stage, runs);
            if group.is_empty() && running {
                return false;
            }
            if group.is_empty() {
                leave(world, pipeline, execution, index);
            }
            for action in group {
                run::start(world, pipeline, execution, &stage.name, &action);
            }
        }
    }
    true
}

/// Actions that may start: those of the lowest run order left, once none of a lower order runs.
///
/// Neighbours of the same order do not hold them up: a retried action joins those that still run.
fn next_group(pipeline: &Pipeline, stage: &Stage, runs: &BTreeMap<String, usize>) -> Vec<Action> {
    let left = || stage.actions.iter().filter(|action| !runs.contains_key(&action.name));
    let Some(order) = left().map(|action| action.run_order).min() else {
        return Vec::new();
    };
    let runs = runs.values().map(|run| &pipeline.runs[*run]);
    let mut running = runs.filter(|run| run.status == RunStatus::InProgress);
    if running.any(|run| run.action.run_order < order) {
        return Vec::new();
    }
    left().filter(|action| action.run_order == order).cloned().collect()
}

fn leave(world: &mut World, pipeline: &mut Pipeline, execution: usize, index: usize) {
    set_stage(world, pipeline, execution, index, Status::Succeeded);
    let last = pipeline.structure_of(execution).stages.len() - 1;
    let it = &mut pipeline.executions[execution];
    it.updated = world.now;
    // A rollback is about its one stage.
    if index < last && it.rollback_to.is_none() {
        it.place = Place::Before(index + 1);
    } else {
        it.place = Place::Through;
        set_execution(world, pipeline, execution, Status::Succeeded);
    }
}

/// Ends an execution where it is: the stage it is in, if it is in one, and the execution itself.
pub(crate) fn end_in_stage(world: &mut World, pipeline: &mut Pipeline, execution: usize, status: Status) {
    if let Place::In(index) = pipeline.executions[execution].place {
        set_stage(world, pipeline, execution, index, status);
    }
    set_execution(world, pipeline, execution, status);
}

/// Gives an execution a status and tells so.
pub(crate) fn set_execution(world: &mut World, pipeline: &mut Pipeline, execution: usize, status: Status) {
    let it = &mut pipeline.executions[execution];
    it.status = status;
    it.updated = world.now;
    events::pipeline(world, pipeline, execution, spelling(status));
}

/// Gives a stage of an execution a status and tells so.
pub(crate) fn set_stage(world: &mut World, pipeline: &mut Pipeline, execution: usize, index: usize, status: Status) {
    let name = pipeline.structure_of(execution).stages[index].name.clone();
    if let Some(visit) = pipeline.executions[execution].visits.get_mut(&name) {
        visit.status = status;
        events::stage(world, pipeline, execution, &name, spelling(status));
    }
}

/// Executions in front of a stage, oldest first.
pub(crate) fn waiting_before(pipeline: &Pipeline, stage: usize) -> Vec<usize> {
    let waits = |e: &Execution| e.status.is_open() && e.place == Place::Before(stage);
    let executions = pipeline.executions.iter().enumerate();
    executions.filter(|(_, e)| waits(e)).map(|(index, _)| index).collect()
}

fn supersede(world: &mut World, pipeline: &mut Pipeline, stage: usize) -> bool {
    let mut waiting = waiting_before(pipeline, stage);
    if pipeline.current().mode != Mode::Superseded || waiting.len() < 2 {
        return false;
    }
    waiting.pop();
    for execution in waiting {
        set_execution(world, pipeline, execution, Status::Superseded);
    }
    true
}

fn admit(world: &mut World, pipeline: &mut Pipeline, stage: usize) -> bool {
    let mut waiting = waiting_before(pipeline, stage).into_iter();
    let Some(execution) = waiting.find(|waiting| !pipeline.executions[*waiting].stranded) else {
        return false;
    };
    if is_shut(pipeline, stage) || is_held(pipeline, stage) {
        return false;
    }
    enter(world, pipeline, execution, stage);
    true
}

/// Lets an execution into a stage, whatever keeps others out.
pub(crate) fn enter(world: &mut World, pipeline: &mut Pipeline, execution: usize, stage: usize) {
    let name = pipeline.current().stages[stage].name.clone();
    let it = &mut pipeline.executions[execution];
    it.place = Place::In(stage);
    it.updated = world.now;
    it.visits.insert(
        name.clone(),
        Visit {
            status: Status::InProgress,
            started: world.now,
            retries: Retries::default(),
            unanswered: false,
            runs: BTreeMap::new(),
        },
    );
    pipeline.stages.entry(name.clone()).or_default().latest = Some(execution);
    events::stage(world, pipeline, execution, &name, spelling(Status::InProgress));
}

/// Whether a disabled transition keeps executions out of a stage.
fn is_shut(pipeline: &Pipeline, stage: usize) -> bool {
    let stages = &pipeline.current().stages;
    let memory = |index: usize| stages.get(index).and_then(|stage| pipeline.stages.get(&stage.name));
    let inbound = memory(stage).is_some_and(|memory| memory.inbound.disabled.is_some());
    let before = stage.checked_sub(1).and_then(memory);
    inbound || before.is_some_and(|memory| memory.outbound.disabled.is_some())
}

/// Whether somebody locks a stage.
fn is_held(pipeline: &Pipeline, stage: usize) -> bool {
    let structure = pipeline.current();
    structure.mode != Mode::Parallel && is_busy(pipeline, &structure.stages[stage].name)
}

/// Whether an execution is in a stage, or an action there has outlived its failed execution.
pub(crate) fn is_busy(pipeline: &Pipeline, stage: &str) -> bool {
    let index = pipeline.current().stage_index(stage);
    let mut executions = pipeline.executions.iter();
    executions.any(|e| e.status.is_open() && index.is_some_and(|index| e.place == Place::In(index)))
        || pipeline
            .runs
            .iter()
            .any(|run| run.stage == stage && run.status == RunStatus::InProgress)
}
