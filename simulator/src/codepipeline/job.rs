//! `Invoke/AWS/Lambda/1`: jobs, and how functions answer them.
//!
//! Texts and the table of repeated answers are captures of AWS; see "Invoke an AWS Lambda function in a pipeline".

use super::state::{Artifact, Failure, Pipeline, RunStatus, Work};
use super::structure::present;
use super::{check, flow, run};
use crate::lambda;
use crate::refusal::Refusal;
use crate::time::At;
use crate::world::World;
use serde_json::{Value, json};

/// Without any PutJob* an action fails after this.
const SILENCE_SECONDS: i64 = 20 * 60;
/// The action fails after this in any case.
const TOTAL_SECONDS: i64 = 24 * 3600;
/// Artifact credentials live this long.
const CREDENTIAL_SECONDS: i64 = 15 * 60;
/// Greatest size of an action's output variables, in bytes.
const VARIABLES_BYTES_MAX: usize = 122_880;

/// How a job was answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    Succeeded(Value),
    Failed(Value),
    /// By nobody; the action has failed.
    TimedOut,
}

/// One invocation of a function and what it said.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) pipeline: String,
    /// Action execution id.
    pub(crate) run: String,
    /// `JobDetails`.
    pub(crate) details: Value,
    pub(crate) answer: Option<Answer>,
}

/// Starts the action: the first invocation.
pub(crate) fn begin(world: &mut World, pipeline: &mut Pipeline, index: usize) {
    let function = function_of(pipeline, index);
    pipeline.runs[index].external_id = Some(function.clone());
    if world.codepipeline.missing_functions.contains(&function) {
        let text = format!("The AWS Lambda function {function} does not exist.");
        return run::finish(world, pipeline, index, Err(Failure::new("ConfigurationError", text)));
    }
    let gives_up = world.now.plus_seconds(TOTAL_SECONDS);
    invoke(world, pipeline, index, gives_up, None);
}

fn function_of(pipeline: &Pipeline, index: usize) -> String {
    let name = pipeline.runs[index].resolved.get("FunctionName");
    // Both a name and an ARN are taken.
    name.and_then(|name| name.rsplit(':').next())
        .unwrap_or_default()
        .to_owned()
}

fn invoke(world: &mut World, pipeline: &mut Pipeline, index: usize, gives_up: At, token: Option<&str>) {
    let id = world.uuid();
    let data = data(world, pipeline, index, token);
    let event = json!({ "CodePipeline.job": { "id": id, "accountId": world.home.account, "data": data } });
    let job = Job {
        pipeline: pipeline.name.clone(),
        run: pipeline.runs[index].id.clone(),
        details: details(world, pipeline, index, &id, data),
        answer: None,
    };
    world.codepipeline.jobs.insert(id.clone(), job);
    let function = function_of(pipeline, index);
    lambda::invoke_async(world, &function, event);
    let run = &mut pipeline.runs[index];
    run.due = Some(world.now.plus_seconds(SILENCE_SECONDS).min(gives_up));
    run.work = Work::Job {
        job: id,
        resume: None,
        gives_up,
    };
}

/// `data` of the event: without pipeline, stage, action or execution, as AWS sends it.
fn data(world: &mut World, pipeline: &Pipeline, index: usize, token: Option<&str>) -> Value {
    let run = &pipeline.runs[index];
    let artifacts = |artifacts: &[Artifact]| -> Vec<Value> { artifacts.iter().map(located).collect() };
    let mut random = |n: usize| -> String { (0..n).map(|_| world.rng.alphanumeric()).collect() };
    let credentials = json!({
        "accessKeyId": format!("ASIA{}", random(16).to_uppercase()), "secretAccessKey": random(40),
        "sessionToken": random(64), "expirationTime": world.now.plus_seconds(CREDENTIAL_SECONDS).0,
    });
    present(json!({
        "actionConfiguration": { "configuration": run.resolved },
        "inputArtifacts": artifacts(&run.inputs), "outputArtifacts": artifacts(&run.outputs),
        "artifactCredentials": credentials, "continuationToken": token,
        "encryptionKey": pipeline.structure_of(run.execution).encryption_key,
    }))
}

fn located(artifact: &Artifact) -> Value {
    let place = json!({ "bucketName": artifact.bucket, "objectKey": artifact.key });
    json!({ "name": artifact.name, "revision": artifact.revision, "location": { "type": "S3", "s3Location": place } })
}

/// `JobDetails`: the event's data, and what the event keeps to itself.
fn details(world: &World, pipeline: &Pipeline, index: usize, id: &str, mut data: Value) -> Value {
    let run = &pipeline.runs[index];
    data["actionTypeId"] = run.action.type_id.clone();
    data["pipelineContext"] = json!({
        "pipelineName": pipeline.name, "pipelineArn": world.arn("codepipeline", &pipeline.name),
        "pipelineExecutionId": pipeline.executions[run.execution].id, "stage": { "name": run.stage },
        "action": { "name": run.action.name, "actionExecutionId": run.id },
    });
    if let Some(credentials) = data["artifactCredentials"].as_object_mut() {
        credentials.remove("expirationTime");
    }
    for side in ["inputArtifacts", "outputArtifacts"] {
        for artifact in data[side].as_array_mut().into_iter().flatten() {
            *artifact = present(artifact.take());
        }
    }
    json!({ "id": id, "accountId": world.home.account, "data": data })
}

/// Continues a job, or gives up on it.
pub(crate) fn wake(world: &mut World, pipeline: &mut Pipeline, index: usize) {
    let Work::Job { job, resume, gives_up } = pipeline.runs[index].work.clone() else {
        return;
    };
    if let (Some(token), true) = (&resume, world.now < gives_up) {
        return invoke(world, pipeline, index, gives_up, Some(token));
    }
    if let Some(job) = world.codepipeline.jobs.get_mut(&job).filter(|job| job.answer.is_none()) {
        job.answer = Some(Answer::TimedOut);
    }
    let function = function_of(pipeline, index);
    let text = if world.now < gives_up {
        format!(
            "The AWS Lambda function {function} failed to return a result. Check the function to verify that it has permission to call the PutJobSuccessResult action and that it made a call to PutJobSuccessResult."
        )
    } else {
        format!("The AWS Lambda function {function} did not complete the action within 24 hours")
    };
    run::finish(world, pipeline, index, Err(Failure::new("JobFailed", text)));
}

/// GetJobDetails.
pub(crate) fn get_details(world: &World, input: &Value) -> Result<Value, Refusal> {
    let id = input["jobId"].as_str().unwrap_or_default();
    check::uuid("jobId", id)?;
    let job = world.codepipeline.jobs.get(id).ok_or_else(|| unknown(id))?;
    Ok(json!({ "jobDetails": job.details }))
}

/// PutJobSuccessResult.
pub(crate) fn put_success(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let variables = &input["outputVariables"];
    let id = input["jobId"].as_str().unwrap_or_default();
    check::uuid("jobId", id)?;
    let token = input["continuationToken"].as_str();
    if token.is_some() && !variables.is_null() {
        let text = "A job can not contain both a continuation token and output variables.";
        return Err(Refusal::new("ValidationException", text));
    }
    let sizes = variables.as_object().into_iter().flatten();
    if sizes
        .map(|(key, value)| key.len() + value.as_str().map_or(0, str::len))
        .sum::<usize>()
        > VARIABLES_BYTES_MAX
    {
        let text = "Exceeded the total size limit for all variables in the pipeline.";
        return Err(Refusal::new("OutputVariablesSizeExceededException", text));
    }
    if !settle(world, id, Answer::Succeeded(input.clone()))? {
        return Ok(json!({}));
    }
    with_run(world, id, |world, pipeline, index| match token {
        Some(token) => {
            let wait = world.rng.i64(28_000..=30_000);
            let run = &mut pipeline.runs[index];
            if let Work::Job { resume, gives_up, .. } = &mut run.work {
                *resume = Some(token.to_owned());
                run.due = Some(At(world.now.0 + wait).min(*gives_up));
            }
        }
        None => {
            let entries = variables.as_object().into_iter().flatten();
            pipeline.runs[index].variables = entries
                .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect();
            run::finish(world, pipeline, index, Ok(()));
        }
    });
    Ok(json!({}))
}

/// PutJobFailureResult.
pub(crate) fn put_failure(world: &mut World, input: &Value) -> Result<Value, Refusal> {
    let id = input["jobId"].as_str().unwrap_or_default();
    check::uuid("jobId", id)?;
    let said = &input["failureDetails"];
    let message = said["message"].as_str().unwrap_or_default();
    check::not_empty("failureDetails.message", message)?;
    check::length("failureDetails.message", message, 5000)?;
    if settle(world, id, Answer::Failed(input.clone()))? {
        let failure = Failure::new(said["type"].as_str().unwrap_or("JobFailed"), message);
        with_run(world, id, |world, pipeline, index| {
            run::finish(world, pipeline, index, Err(failure));
        });
    }
    Ok(json!({}))
}

/// Writes an answer down; false where it repeats the one that is there.
fn settle(world: &mut World, id: &str, answer: Answer) -> Result<bool, Refusal> {
    let job = world.codepipeline.jobs.get_mut(id).ok_or_else(|| unknown(id))?;
    let text = match (&job.answer, &answer) {
        (None, _) => {
            job.answer = Some(answer);
            return Ok(true);
        }
        (Some(old), new) if old == new => return Ok(false),
        (Some(Answer::Succeeded(_)), Answer::Succeeded(_)) | (Some(Answer::Failed(_)), Answer::Failed(_)) => {
            format!(
                "The status of job with id {id} is already set to the desired value. It cannot be updated with the same status, but different result or output variables."
            )
        }
        (Some(_), _) => format!("Job with id {id} has already terminated"),
    };
    Err(Refusal::new("InvalidJobStateException", text))
}

fn unknown(id: &str) -> Refusal {
    Refusal::new("JobNotFoundException", format!("Job with id '{id}' does not exist"))
}

/// Lets an answered job act on its run, if that still waits for it.
fn with_run(world: &mut World, id: &str, act: impl FnOnce(&mut World, &mut Pipeline, usize)) {
    let Some(job) = world.codepipeline.jobs.get(id).cloned() else {
        return;
    };
    super::with_pipeline(world, &job.pipeline, |world, pipeline| {
        let waits = |run: &super::state::Run| run.id == job.run && run.status == RunStatus::InProgress;
        if let Some(index) = pipeline.runs.iter().position(waits) {
            act(world, pipeline, index);
            flow::progress(world, pipeline);
        }
    });
}
