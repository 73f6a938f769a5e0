//! A pipeline in words: `source Fetch, build Bake, open Ask Serin, ...`.

use super::ask::ask;
use super::{Told, seconds};
use crate::scene::RowA;
use serde_json::{Value, json};

/// The topic by which manual approvals ask Serin, as `template.yaml` names it in the stack of stories.
pub const APPROVALS: &str = "arn:aws:sns:eu-central-1:111122223333:serin-approvals";

/// Stages apart by commas, actions of one stage by `+`, in order; each says its kind and its name, an approval (`asks`: one that
/// notifies Serin) also for how long it waits, and what belongs to another policy on the same pipeline of which. A stage is called like
/// its first action. `or rolled back` has CodePipeline roll back the stage by itself where it fails.
///
/// # Errors
/// Where a word is none of the kinds.
pub fn declaration(row: &RowA, stages: &str) -> Result<Value, String> {
    let stages = stages.split(',').map(|stage| {
        let (stage, back) = match stage.strip_suffix(" or rolled back") {
            Some(stage) => (stage, true),
            None => (stage, false),
        };
        let actions: Vec<Value> = stage
            .split('+')
            .enumerate()
            .map(|(order, action)| self::action(row, action, order + 1))
            .collect::<Result<_, String>>()?;
        let mut declared = json!({"name": actions[0]["name"], "actions": actions});
        if back {
            declared["onFailure"] = json!({"result": "ROLLBACK"});
        }
        Ok(declared)
    });
    let stages: Vec<Value> = stages.collect::<Result<_, String>>()?;
    Ok(json!({
        "name": row.pipeline, "roleArn": format!("arn:aws:iam::111122223333:role/{}-pipeline", row.name),
        "artifactStore": {"type": "S3", "location": format!("{}-artifacts", row.name)}, "pipelineType": "V2",
        "executionMode": "SUPERSEDED", "stages": stages,
    }))
}

fn action(row: &RowA, words: &str, order: usize) -> Result<Value, String> {
    let words: Vec<&str> = words.split_whitespace().collect();
    match *words {
        [kind, name] => declared(row, kind, name, None, order),
        [kind, name, "of", policy] => declared(&RowA::named(policy), kind, name, None, order),
        [kind, name, time] => declared(row, kind, name, Some(time), order),
        _ => Err(format!("{words:?}: say a kind and a name")),
    }
}

fn declared(row: &RowA, kind: &str, name: &str, time: Option<&str>, order: usize) -> Result<Value, String> {
    let built = json!([{"name": "BuildArtifact"}]);
    let deploy = |service: &str| json!({"ClusterName": row.cluster, "ServiceName": service});
    let (category, provider, configuration) = match kind {
        "source" => ("Source", "CodeCommit", json!({})),
        "build" => ("Build", "CodeBuild", json!({"ProjectName": row.name})),
        "test" => ("Test", "CodeBuild", json!({"ProjectName": row.name})),
        "canary" => ("Deploy", "ECS", deploy(&row.canary)),
        "stable" => ("Deploy", "ECS", deploy(&row.name)),
        "approval" => ("Approval", "Manual", json!({})),
        "asks" => ("Approval", "Manual", json!({"NotificationArn": APPROVALS})),
        "open" | "approve" | "promote" => (
            "Invoke",
            "Lambda",
            json!({
                "FunctionName": format!("serin-{kind}"),
                "UserParameters": json!({"policy": row.name, "execution": "#{codepipeline.PipelineExecutionId}"}).to_string(),
            }),
        ),
        other => return Err(format!("{other} is no kind of action")),
    };
    let mut action = json!({
        "name": name, "runOrder": order, "configuration": configuration,
        "actionTypeId": {"category": category, "owner": "AWS", "provider": provider, "version": "1"},
    });
    match kind {
        "source" => {
            action["outputArtifacts"] = json!([{"name": "SourceArtifact"}]);
            action["namespace"] = json!("SourceVariables");
        }
        "build" => {
            action["inputArtifacts"] = json!([{"name": "SourceArtifact"}]);
            action["outputArtifacts"] = built;
        }
        "approval" | "asks" => {}
        _ => action["inputArtifacts"] = built,
    }
    if let Some(time) = time {
        action["timeoutInMinutes"] = json!(seconds(time)? / 60);
    }
    Ok(action)
}

impl Told {
    /// Whether the last run of an action failed, and says these words of it.
    pub(super) fn expect_failure(&self, name: &str, action: &str, words: &str) -> Result<(), String> {
        let input = json!({"pipelineName": self.row(name)?.pipeline});
        let reply = ask(&self.stage, "codepipeline", "ListActionExecutions", input);
        let runs = reply["actionExecutionDetails"].as_array().into_iter().flatten();
        // Newest first.
        let run = runs.into_iter().find(|run| run["actionName"] == action);
        let run = run.ok_or_else(|| format!("{action} never ran"))?;
        let said = &run["output"]["executionResult"]["errorDetails"]["message"];
        match said
            .as_str()
            .filter(|said| run["status"] == "Failed" && said.contains(words))
        {
            Some(_) => Ok(()),
            None => Err(format!("it is {}, and says {said}", run["status"])),
        }
    }
}
