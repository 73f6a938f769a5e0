//! The same account without Serin: one function on the alarm, five calls one after the other.
//!
//! It does what row A's function does (`bench/python/function.py`, after AWS's "Guidance for Canary Deployments for
//! Queue Processing Workloads in Amazon ECS"): the newest execution is taken, its approval rejected by its token, or
//! the execution stopped and abandoned where none waits, and the canary is put back. Where that guidance gives the
//! canary whatever the main service runs, with the main service's role and environment, this one gives it the revision
//! before its own, as scripts of this kind do: here that is the right one. It is as good as such a function can be: the
//! SDK retries its calls, Lambda the event, ECS starts the new task before it stops the old.

use crate::Stage;
use crate::handlers::{Diary, Line, configuration};
use crate::scene::{self, RowA};
use crate::{diary, whole};
use aws_config::SdkConfig;
use aws_sdk_codepipeline::types::{ApprovalResult, ApprovalStatus};
use serde_json::Value;
use simulator::codepipeline::stage::Options;
use simulator::executor::Running;
use simulator::lambda::stage::{Config, function};
use simulator::{Delivery, Functions, Invocation};
use std::fmt::Display;
use std::rc::Rc;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// Name of the function.
const FUNCTION: &str = "orders-put-back";

/// Stage and action at which the pipeline waits.
const APPROVAL: &str = "ManualApproval";

/// An account with row A, whose alarm invokes the script.
pub(super) fn account(seed: u64, name: &str) -> (Stage, RowA) {
    let mut stage = Stage::new(seed, Arc::new(decide::decide));
    let row = RowA::named(name);
    let script = Script {
        row: row.clone(),
        diary: Rc::clone(&stage.diary),
        time: configuration(&stage.sim.invocation("script")),
    };
    stage.sim.set_functions(Rc::new(script));
    {
        let mut world = stage.sim.world();
        let world = &mut *world;
        function(world, FUNCTION, Config::default());
        scene::services(world, &row);
        scene::pipeline(world, &row, &Options::default());
        scene::alarm_for(world, &row, FUNCTION);
        whole::push(world, &row, "v1");
    }
    stage.rows.insert(name.to_owned(), row.clone());
    stage.dlq.insert(row.dlq.clone(), 0.0);
    // As long as Serin takes to know a policy: both accounts begin at the same moment.
    stage.run_for(whole::KNOWN_SECONDS);
    (stage, row)
}

struct Script {
    row: RowA,
    diary: Diary,
    time: SdkConfig,
}

impl Script {
    fn note(&self, who: &str, what: String) {
        let now = self
            .time
            .time_source()
            .and_then(|time| time.now().duration_since(UNIX_EPOCH).ok());
        let at = now.map_or(0, |now| i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
        let who = who.to_owned();
        self.diary.borrow_mut().push(Line { at, who, what });
    }
}

impl Functions for Script {
    fn invoke(&self, invocation: Invocation) -> Running {
        let script = Script {
            row: self.row.clone(),
            diary: Rc::clone(&self.diary),
            time: self.time.clone(),
        };
        Box::pin(async move {
            let done = put_back(&configuration(&invocation), &script.row).await;
            let what = done.clone().unwrap_or_else(|error| format!("failed: {error}"));
            script.note("script", format!("the script: {what}"));
            done.map(Value::String)
        })
    }

    fn route(&self, delivery: &Delivery) -> Vec<(String, Value)> {
        match delivery {
            Delivery::Invoke { function, payload, .. } if function == FUNCTION => {
                vec![(FUNCTION.to_owned(), payload.clone())]
            }
            Delivery::Event(event) => {
                if let Some((who, what)) = diary::happening(event) {
                    self.note(who, what);
                }
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}

/// Rejects or stops, and puts the canary back.
async fn put_back(config: &SdkConfig, row: &RowA) -> Result<String, String> {
    let pipelines = aws_sdk_codepipeline::Client::new(config);
    let services = aws_sdk_ecs::Client::new(config);

    let executions = pipelines
        .list_pipeline_executions()
        .pipeline_name(&row.name)
        .max_results(1);
    let executions = executions.send().await.map_err(said)?;
    let newest = executions.pipeline_execution_summaries().first();
    let newest = newest
        .and_then(|newest| newest.pipeline_execution_id())
        .unwrap_or_default();

    let state = pipelines
        .get_pipeline_state()
        .name(&row.name)
        .send()
        .await
        .map_err(said)?;
    let mut stages = state.stage_states().iter();
    let approval = stages.find(|stage| stage.stage_name() == Some(APPROVAL));
    let approval = approval.and_then(|stage| stage.action_states().first()?.latest_execution()?.token());
    let ended = match approval {
        Some(token) => {
            let rejected = ApprovalResult::builder()
                .status(ApprovalStatus::Rejected)
                .summary("alarm");
            let rejected = rejected.build().map_err(said)?;
            let answer = pipelines
                .put_approval_result()
                .pipeline_name(&row.name)
                .stage_name(APPROVAL);
            let answer = answer.action_name(APPROVAL).token(token).result(rejected);
            answer.send().await.map_err(said)?;
            "the approval was rejected"
        }
        None => {
            let stop = pipelines.stop_pipeline_execution().pipeline_name(&row.name);
            stop.pipeline_execution_id(newest)
                .abandon(true)
                .send()
                .await
                .map_err(said)?;
            "the execution was stopped"
        }
    };

    let found = services.describe_services().cluster(&row.cluster).services(&row.canary);
    let found = found.send().await.map_err(said)?;
    let runs = found
        .services()
        .first()
        .and_then(|service| service.task_definition())
        .unwrap_or_default();
    let before = one_before(runs).ok_or(format!("{runs} has no revision before it"))?;
    let update = services
        .update_service()
        .cluster(&row.cluster)
        .service(&row.canary)
        .task_definition(&before);
    update.send().await.map_err(said)?;
    let given = before.rsplit('/').next().unwrap_or_default();
    Ok(format!("{ended}, {} was given {given}", row.canary))
}

/// `family:n` becomes `family:n-1`.
fn one_before(definition: &str) -> Option<String> {
    let (family, revision) = definition.rsplit_once(':')?;
    let revision: u32 = revision.parse().ok()?;
    (revision > 1).then(|| format!("{family}:{}", revision - 1))
}

fn said(error: impl Display) -> String {
    error.to_string()
}
