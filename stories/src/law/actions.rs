//! Runs of pipeline actions, by what CodePipeline lists of them.

use super::evidence::{ask, text};
use crate::Stage;
use crate::scene::RowA;
use serde_json::{Value, json};
use simulator::At;

/// What our functions are called, as in `template.yaml`.
const OUR_FUNCTIONS: &str = "serin-";

/// What its topic for manual approvals is called there.
const APPROVALS: &str = ":serin-approvals";

/// Codes and texts of CodePipeline for a function that never answered.
const SILENCE: [&str; 2] = ["failed to return a result", "did not complete the action within"];

/// One run of a pipeline action.
#[derive(Clone, Debug)]
pub struct ActionRun {
    /// Policy name.
    pub policy: String,
    /// Pipeline name.
    pub pipeline: String,
    /// Action execution id.
    pub id: String,
    /// Label of its calls.
    pub caller: String,
    /// Pipeline execution id.
    pub execution: String,
    /// Stage name.
    pub stage: String,
    /// Action name.
    pub action: String,
    /// Its status, in the end.
    pub status: String,
    /// When it began.
    pub started: At,
    /// When it changed last: where it is over, its end.
    pub updated: At,
    /// The ECS deployment it made, where it lived to tell.
    pub deployment: Option<String>,
    provider: String,
    /// Resolved configuration.
    configuration: Value,
    /// What CodePipeline says went wrong.
    error: String,
}

impl ActionRun {
    /// Deploys to this service with the standard ECS action.
    pub fn deploys(&self, service: &str) -> bool {
        self.provider == "ECS" && self.configuration["ServiceName"] == service
    }

    /// Invokes one of our functions.
    pub fn is_our_job(&self) -> bool {
        let function = text(&self.configuration["FunctionName"]);
        let name = function.rsplit(':').next().unwrap_or_default();
        self.provider == "Lambda" && name.starts_with(OUR_FUNCTIONS)
    }

    /// Invokes this one of our functions.
    pub fn invokes(&self, function: &str) -> bool {
        let named = text(&self.configuration["FunctionName"]);
        let name = named.rsplit(':').next().unwrap_or_default();
        self.is_our_job() && name.strip_prefix(OUR_FUNCTIONS) == Some(function)
    }

    /// Whether it was at work then.
    pub fn ran_at(&self, at: At) -> bool {
        self.started <= at && (self.status == "InProgress" || at <= self.updated)
    }

    /// Was a manual approval that waited at this moment.
    pub fn awaited_approval(&self, stage: &str, action: &str, at: At) -> bool {
        let open = self.status == "InProgress";
        self.provider == "Manual"
            && (self.stage.as_str(), self.action.as_str()) == (stage, action)
            && self.started <= at
            && (open || at <= self.updated)
    }

    /// A manual approval that notifies Serin.
    pub fn asks_serin(&self) -> bool {
        let topic = text(&self.configuration["NotificationArn"]);
        self.provider == "Manual" && topic.ends_with(APPROVALS)
    }

    /// Policy that a job of ours names.
    pub fn policy_named(&self) -> Option<String> {
        let parameters: Value = serde_json::from_str(self.configuration["UserParameters"].as_str()?).ok()?;
        parameters["policy"].as_str().map(str::to_owned)
    }

    /// CodePipeline ended it because nobody had answered.
    pub fn met_silence(&self) -> bool {
        SILENCE.iter().any(|said| self.error.contains(said))
    }
}

/// All runs of the actions of a policy's pipeline.
pub(super) fn runs(stage: &Stage, row: &RowA) -> Vec<ActionRun> {
    let listed = pages(
        stage,
        "ListActionExecutions",
        json!({"pipelineName": row.pipeline}),
        "actionExecutionDetails",
    );
    listed.iter().map(|listed| read(row, listed)).collect()
}

fn read(row: &RowA, listed: &Value) -> ActionRun {
    let (stage, action) = (text(&listed["stageName"]), text(&listed["actionName"]));
    let (input, result) = (&listed["input"], &listed["output"]["executionResult"]);
    let at = |time: &Value| At::from_seconds(time.as_f64().unwrap_or_default());
    ActionRun {
        policy: row.name.clone(),
        pipeline: row.pipeline.clone(),
        id: text(&listed["actionExecutionId"]),
        caller: format!("codepipeline:{}/{stage}/{action}", row.pipeline),
        execution: text(&listed["pipelineExecutionId"]),
        stage,
        action,
        status: text(&listed["status"]),
        started: at(&listed["startTime"]),
        updated: at(&listed["lastUpdateTime"]),
        deployment: result["externalExecutionId"].as_str().map(str::to_owned),
        provider: text(&input["actionTypeId"]["provider"]),
        configuration: input["resolvedConfiguration"].clone(),
        error: text(&result["errorDetails"]["message"]),
    }
}

/// All pages of a listing of CodePipeline.
pub(super) fn pages(stage: &Stage, operation: &str, mut input: Value, member: &str) -> Vec<Value> {
    let mut listed = Vec::new();
    loop {
        let reply = ask(stage, "codepipeline", operation, input.clone());
        listed.extend(reply[member].as_array().cloned().unwrap_or_default());
        if !reply["nextToken"].is_string() {
            return listed;
        }
        input["nextToken"] = reply["nextToken"].clone();
    }
}
