//! AWS CodePipeline: what is asked for is the pipeline, one of its stages, or one of its actions.

use super::{ANY, Demand, text};
use crate::world::World;
use serde_json::Value;

pub(super) fn demands(world: &World, operation: &str, input: &Value) -> Option<Vec<Demand>> {
    let action = format!("codepipeline:{operation}");
    let on = |path: String| vec![Demand::new(action.as_str(), world.arn("codepipeline", &path))];
    // Tags lie on pipelines. That they count for stages and actions as well is not documented.
    let tagged = |name: &str| {
        let demand = Demand::new(action.as_str(), world.arn("codepipeline", name));
        let tags = world.codepipeline.tags_of(name).into_iter();
        vec![tags.fold(demand, |demand, (key, value)| {
            demand.with(format!("aws:ResourceTag/{key}"), value)
        })]
    };
    let pipeline = || match text(input, "pipelineName") {
        "" => text(input, "name"),
        name => name,
    };
    Some(match operation {
        "CreatePipeline" | "UpdatePipeline" => {
            let declared = &input["pipeline"];
            let pass = Demand::pass_role(world, text(declared, "roleArn"), "codepipeline.amazonaws.com");
            on(text(declared, "name").to_owned())
                .into_iter()
                .chain([pass])
                .collect()
        }
        "DeletePipeline"
        | "GetPipeline"
        | "GetPipelineExecution"
        | "GetPipelineState"
        | "ListActionExecutions"
        | "ListPipelineExecutions"
        | "StartPipelineExecution"
        | "StopPipelineExecution" => tagged(pipeline()),
        "DisableStageTransition" | "EnableStageTransition" | "RetryStageExecution" | "RollbackStage" => {
            on(format!("{}/{}", pipeline(), text(input, "stageName")))
        }
        "PutApprovalResult" => on(format!(
            "{}/{}/{}",
            pipeline(),
            text(input, "stageName"),
            text(input, "actionName")
        )),
        "ListTagsForResource" | "TagResource" => {
            let name = text(input, "resourceArn").rsplit(':').next().unwrap_or_default();
            tagged(name)
        }
        // Jobs are no resources.
        "GetJobDetails" | "ListPipelines" | "PutJobFailureResult" | "PutJobSuccessResult" => {
            vec![Demand::new(action, ANY)]
        }
        _ => return None,
    })
}
