//! Setting a scene: pipelines, what their actions do, releases. For tests and stories, never part of AWS's surface.

use super::state::{Execution, Pipeline};
use super::{pipelines, with_pipeline};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub use super::state::Failure;

/// How the ECS deploy action ends where AWS does not document it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// Goes on looking until `DeploymentTimeout`, then fails.
    #[default]
    TimesOut,
    /// Succeeds as soon as the service is steady, whatever it runs.
    Succeeds,
}

/// What the standard ECS deploy action shows as `externalExecutionId`, of which there is no capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExternalId {
    /// Id of the ECS deployment, as far as anybody remembers.
    #[default]
    Deployment,
    /// An id that ECS does not know.
    Other,
    /// None at all.
    Absent,
}

/// What is wrong with a topic that approvals notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicTrouble {
    /// There is no such topic.
    Missing,
    /// The pipeline's role may not publish to it.
    Denied,
}

/// What AWS does not document about the standard ECS deploy action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EcsRules {
    /// Once ECS itself (circuit breaker, alarms) has put the service back.
    pub after_rollback: Verdict,
    /// Once somebody else's UpdateService has replaced the deployment.
    pub after_foreign_update: Verdict,
    /// Seconds after which an abandoned action that has not called UpdateService yet still does.
    pub late_write_after_abandon: Option<i64>,
    /// Milliseconds, from two thousand up, within which an action calls UpdateService once it has begun.
    pub writes_within_millis: i64,
    /// What the action calls its deployment.
    pub external_id: ExternalId,
}

impl Default for EcsRules {
    fn default() -> EcsRules {
        EcsRules {
            after_rollback: Verdict::default(),
            after_foreign_update: Verdict::default(),
            late_write_after_abandon: None,
            writes_within_millis: 6_000,
            external_id: ExternalId::default(),
        }
    }
}

/// Who lets the canary pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    /// A manual approval action, with the topic it notifies.
    Manual {
        /// `NotificationArn`.
        topic: Option<String>,
    },
    /// A Lambda action that calls this function.
    Function(String),
}

/// Names and variants of a [`queue_worker_pipeline`]; an action is called like its stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Stage names: source, build, canary, gate, stable.
    pub stages: [String; 5],
    /// QUEUED instead of SUPERSEDED.
    pub queued: bool,
    /// Who lets the canary pass.
    pub gate: Gate,
    /// Function of a Lambda action `Open` in front of the canary's deploy action, in the same stage.
    pub before_canary: Option<String>,
    /// Function that promotes, instead of an ECS deploy action.
    pub promote: Option<String>,
    /// `UserParameters` of the Lambda actions.
    pub user_parameters: String,
    /// `DeploymentTimeout` of the ECS actions.
    pub deployment_timeout_minutes: Option<u32>,
    /// `timeoutInMinutes` of the manual approval.
    pub approval_timeout_minutes: Option<u32>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            stages: ["Source", "Build", "CanaryDeploy", "ManualApproval", "Deploy"].map(str::to_owned),
            queued: false,
            gate: Gate::Manual { topic: None },
            before_canary: None,
            promote: None,
            user_parameters: r##"{"execution":"#{codepipeline.PipelineExecutionId}"}"##.to_owned(),
            deployment_timeout_minutes: None,
            approval_timeout_minutes: None,
        }
    }
}

impl Options {
    fn lambda(&self, name: &str, function: &str) -> Value {
        json!({
            "name": name, "actionTypeId": type_id("Invoke", "Lambda"), "inputArtifacts": [{ "name": "BuildArtifact" }],
            "configuration": { "FunctionName": function, "UserParameters": self.user_parameters },
        })
    }

    fn deploy(&self, name: &str, cluster: &str, service: &str) -> Value {
        let mut configuration = json!({ "ClusterName": cluster, "ServiceName": service });
        if let Some(minutes) = self.deployment_timeout_minutes {
            configuration["DeploymentTimeout"] = json!(minutes.to_string());
        }
        json!({
            "name": name, "actionTypeId": type_id("Deploy", "ECS"), "configuration": configuration,
            "inputArtifacts": [{ "name": "BuildArtifact" }],
        })
    }

    fn gate(&self, name: &str) -> Value {
        let topic = match &self.gate {
            Gate::Function(function) => return self.lambda(name, function),
            Gate::Manual { topic } => topic,
        };
        let mut action = json!({ "name": name, "actionTypeId": type_id("Approval", "Manual"), "configuration": {} });
        if let Some(topic) = topic {
            action["configuration"]["NotificationArn"] = json!(topic);
        }
        if let Some(minutes) = self.approval_timeout_minutes {
            action["timeoutInMinutes"] = json!(minutes);
        }
        action
    }
}

fn type_id(category: &str, provider: &str) -> Value {
    json!({ "category": category, "owner": "AWS", "provider": provider, "version": "1" })
}

/// Source → Build → canary → gate → stable, for a worker that takes its work from a queue. Does not run it.
///
/// # Panics
/// Where the options make a pipeline that AWS would refuse, or there is one of that name.
pub fn queue_worker_pipeline(
    world: &mut World,
    name: &str,
    cluster: &str,
    canary_service: &str,
    stable_service: &str,
    options: &Options,
) {
    let [source, build, canary, gate, stable] = &options.stages;
    let mut canary_actions = vec![options.deploy(canary, cluster, canary_service)];
    if let Some(function) = &options.before_canary {
        canary_actions[0]["runOrder"] = json!(2);
        canary_actions.insert(0, options.lambda("Open", function));
    }
    let promotion = match &options.promote {
        Some(function) => options.lambda(stable, function),
        None => options.deploy(stable, cluster, stable_service),
    };
    let source_action = json!({
        "name": source, "actionTypeId": type_id("Source", "CodeCommit"), "namespace": "SourceVariables",
        "outputArtifacts": [{ "name": "SourceArtifact" }],
    });
    let build_action = json!({
        "name": build, "actionTypeId": type_id("Build", "CodeBuild"), "configuration": { "ProjectName": name },
        "inputArtifacts": [{ "name": "SourceArtifact" }], "outputArtifacts": [{ "name": "BuildArtifact" }],
    });
    let declaration = json!({
        "name": name, "roleArn": format!("arn:aws:iam::{}:role/{name}-pipeline", world.home.account),
        "artifactStore": { "type": "S3", "location": format!("{name}-artifacts") }, "pipelineType": "V2",
        "executionMode": if options.queued { "QUEUED" } else { "SUPERSEDED" },
        "stages": [
            { "name": source, "actions": [source_action] },
            { "name": build, "actions": [build_action] },
            { "name": canary, "actions": canary_actions },
            { "name": gate, "actions": [options.gate(gate)] },
            { "name": stable, "actions": [promotion] },
        ],
    });
    pipeline(world, &declaration);
}

/// Any pipeline, not run.
///
/// # Panics
/// Where AWS would refuse the declaration.
pub fn pipeline(world: &mut World, declaration: &Value) {
    if let Err(refusal) = pipelines::declare(world, declaration) {
        panic!("this pipeline cannot be: {refusal}");
    }
}

/// Gives a pipeline a tag, as `TagResource` would.
pub fn tag(world: &mut World, pipeline: &str, key: &str, value: &str) {
    let tags = world.codepipeline.tags.entry(pipeline.to_owned()).or_default();
    tags.insert(key.to_owned(), value.to_owned());
}

/// Takes a tag from a pipeline, as `UntagResource` would.
pub fn untag(world: &mut World, pipeline: &str, key: &str) {
    if let Some(tags) = world.codepipeline.tags.get_mut(pipeline) {
        tags.remove(key);
    }
}

/// Starts an execution whose ECS deploy actions use these images; answers with its id.
///
/// # Panics
/// Where there is no such pipeline.
pub fn release(world: &mut World, pipeline: &str, images: &[(&str, &str)]) -> String {
    let input = json!({ "name": pipeline });
    let started = world.call("stage", "codepipeline", "StartPipelineExecution", input);
    let reply = started.unwrap_or_else(|refusal| panic!("{pipeline} does not start: {refusal}"));
    let id = reply["pipelineExecutionId"].as_str().unwrap_or_default().to_owned();
    let text = definitions(images);
    on(world, pipeline, |pipeline| {
        let actions = pipeline.current().stages.iter().flat_map(|stage| &stage.actions);
        let names: Vec<String> = actions.flat_map(|action| action.inputs.clone()).collect();
        let files = &mut execution(pipeline, &id).files;
        files.extend(names.into_iter().map(|name| (name, text.clone())));
    });
    id
}

/// Puts an image definition file into an artifact: of one execution, or of every later one.
///
/// # Panics
/// Where there is no such pipeline or execution.
pub fn image_definitions(
    world: &mut World,
    pipeline: &str,
    execution_id: Option<&str>,
    artifact: &str,
    images: &[(&str, &str)],
) {
    artifact_text(world, pipeline, execution_id, artifact, Some(&definitions(images)));
}

/// The same with any text, or with no file at all.
///
/// # Panics
/// Where there is no such pipeline or execution.
pub fn artifact_text(
    world: &mut World,
    pipeline: &str,
    execution_id: Option<&str>,
    artifact: &str,
    text: Option<&str>,
) {
    on(world, pipeline, |pipeline| {
        let files: &mut BTreeMap<String, String> = match execution_id {
            Some(id) => &mut execution(pipeline, id).files,
            None => &mut pipeline.files,
        };
        match text {
            Some(text) => files.insert(artifact.to_owned(), text.to_owned()),
            None => files.remove(artifact),
        };
    });
}

fn definitions(images: &[(&str, &str)]) -> String {
    let entries: Vec<Value> = images
        .iter()
        .map(|(name, uri)| json!({ "name": name, "imageUri": uri }))
        .collect();
    json!(entries).to_string()
}

/// From now on a source, build or test action takes this long.
///
/// # Panics
/// Where there is no such pipeline.
pub fn action_takes(world: &mut World, pipeline: &str, stage: &str, action: &str, seconds: i64) {
    let key = (stage.to_owned(), action.to_owned());
    on(world, pipeline, |pipeline| {
        pipeline.behaviours.entry(key).or_default().seconds = Some(seconds)
    });
}

/// From now on a build exports this variable, for later actions to name.
///
/// # Panics
/// Where there is no such pipeline.
pub fn action_exports(world: &mut World, pipeline: &str, stage: &str, action: &str, name: &str, value: &str) {
    let key = (stage.to_owned(), action.to_owned());
    on(world, pipeline, |pipeline| {
        let staged = pipeline.behaviours.entry(key).or_default();
        staged.variables.insert(name.to_owned(), value.to_owned());
    });
}

/// From now on a source, build or test action fails like this, or succeeds again.
///
/// # Panics
/// Where there is no such pipeline.
pub fn action_fails(world: &mut World, pipeline: &str, stage: &str, action: &str, failure: Option<Failure>) {
    let key = (stage.to_owned(), action.to_owned());
    on(world, pipeline, |pipeline| {
        pipeline.behaviours.entry(key).or_default().failure = failure
    });
}

/// From now on this ECS deploy action, abandoned before it has called UpdateService, still does so this much later
/// (`Some`), or as [`EcsRules::late_write_after_abandon`] says.
///
/// # Panics
/// Where there is no such pipeline.
pub fn late_write_seconds(world: &mut World, pipeline: &str, stage: &str, action: &str, seconds: Option<i64>) {
    let key = (stage.to_owned(), action.to_owned());
    on(world, pipeline, |pipeline| {
        pipeline.behaviours.entry(key).or_default().late_write_seconds = seconds
    });
}

/// From now on approvals that notify this topic fail, or no longer do.
pub fn topic_trouble(world: &mut World, topic: &str, trouble: Option<TopicTrouble>) {
    match trouble {
        Some(trouble) => world.codepipeline.topics.insert(topic.to_owned(), trouble),
        None => world.codepipeline.topics.remove(topic),
    };
}

/// Whether a job of this pipeline waits for its answer.
pub fn awaits_job(world: &World, pipeline: &str) -> bool {
    let mut jobs = world.codepipeline.jobs.values();
    jobs.any(|job| job.pipeline == pipeline && job.answer.is_none())
}

/// Gives the job that waits for its answer another id, so that an event on file can speak of it.
///
/// # Panics
/// Where no job of this pipeline waits.
pub fn name_job(world: &mut World, pipeline: &str, id: &str) {
    let waits = |(_, job): &(&String, &super::job::Job)| job.pipeline == pipeline && job.answer.is_none();
    let found = world.codepipeline.jobs.iter().find(waits).map(|(id, _)| id.clone());
    let Some(mut job) = found.and_then(|id| world.codepipeline.jobs.remove(&id)) else {
        panic!("no job of {pipeline} waits");
    };
    job.details["id"] = json!(id);
    let run = job.run.clone();
    world.codepipeline.jobs.insert(id.to_owned(), job);
    on(world, pipeline, |pipeline| {
        let mut runs = pipeline.runs.iter_mut();
        if let Some(run) = runs.find(|found| found.id == run)
            && let super::state::Work::Job { job, .. } = &mut run.work
        {
            id.clone_into(job);
        }
    });
}

/// From now on Lambda has no function of this name.
pub fn missing_function(world: &mut World, function: &str) {
    world.codepipeline.missing_functions.insert(function.to_owned());
}

/// A person approves whatever approval is pending.
///
/// # Errors
/// AWS's refusal; ActionNotFoundException where nothing is pending.
pub fn approve(world: &mut World, pipeline: &str, user: &str) -> Result<(), Refusal> {
    answer(world, pipeline, user, "Approved", "")
}

/// A person rejects whatever approval is pending, and says why.
///
/// # Errors
/// As [`approve`].
pub fn reject(world: &mut World, pipeline: &str, user: &str, summary: &str) -> Result<(), Refusal> {
    answer(world, pipeline, user, "Rejected", summary)
}

fn answer(world: &mut World, pipeline: &str, user: &str, status: &str, summary: &str) -> Result<(), Refusal> {
    let pending = with_pipeline(world, pipeline, |_, pipeline| {
        let mut runs = pipeline.runs.iter();
        runs.find_map(|run| {
            Some((
                run.stage.clone(),
                run.action.name.clone(),
                run.pending_token()?.to_owned(),
            ))
        })
    });
    let Some((stage, action, token)) = pending.flatten() else {
        let text = format!("{pipeline} waits for no approval");
        return Err(Refusal::new("ActionNotFoundException", text));
    };
    let input = json!({
        "pipelineName": pipeline, "stageName": stage, "actionName": action, "token": token,
        "result": { "status": status, "summary": summary },
    });
    let arn = format!("arn:aws:iam::{}:user/{user}", world.home.account);
    let before = world.codepipeline.caller_arn.replace(arn);
    let answered = world.call(user, "codepipeline", "PutApprovalResult", input);
    world.codepipeline.caller_arn = before;
    answered.map(|_| ())
}

fn on<T>(world: &mut World, name: &str, work: impl FnOnce(&mut Pipeline) -> T) -> T {
    with_pipeline(world, name, |_, pipeline| work(pipeline)).unwrap_or_else(|| panic!("there is no pipeline {name}"))
}

fn execution<'a>(pipeline: &'a mut Pipeline, id: &str) -> &'a mut Execution {
    let found = pipeline.executions.iter_mut().find(|execution| execution.id == id);
    found.unwrap_or_else(|| panic!("there is no execution {id}"))
}
