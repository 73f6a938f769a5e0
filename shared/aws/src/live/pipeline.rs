//! The pipeline: what its actions do, in which order, and whether Serin may stop it.

use super::unread;
use crate::observe::POLICY_TAG;
use crate::refused::Refused;
use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::types::{ActionCategory, ActionDeclaration};
use decide::live::{Action, Does, Pipeline, Stage};
use decide::{Part, Policy};
use serde_json::Value;

pub(super) async fn pipeline(client: &Client, policy: &Policy) -> Part<Option<Pipeline>> {
    let Some(named) = &policy.pipeline else {
        return Part::Known(None);
    };
    let reply = match client.get_pipeline().name(&named.name).send().await {
        Ok(reply) => reply,
        Err(error) => {
            let refused = Refused::from_sdk("GetPipeline", &named.name, &error);
            return match refused.is("PipelineNotFoundException") {
                true => Part::Known(None),
                false => unread("codepipeline", &refused),
            };
        }
    };
    let arn = reply.metadata().and_then(|metadata| metadata.pipeline_arn());
    let policy_tag = match tag(client, arn.unwrap_or(&named.name)).await {
        Ok(tag) => Part::Known(tag),
        Err(refused) => unread("codepipeline", &refused),
    };
    let declared = reply.pipeline();
    let mode = declared.and_then(|pipeline| pipeline.execution_mode());
    let stages = declared.map(|pipeline| pipeline.stages()).unwrap_or_default().iter();
    Part::Known(Some(Pipeline {
        // AWS CodePipeline API reference, PipelineDeclaration: the default.
        mode: mode.map_or("SUPERSEDED", |mode| mode.as_str()).to_owned(),
        policy_tag,
        stages: stages
            .map(|stage| Stage {
                name: stage.name().to_owned(),
                actions: stage.actions().iter().map(action).collect(),
            })
            .collect(),
    }))
}

fn action(declared: &ActionDeclaration) -> Action {
    let configured = |name: &str| declared.configuration()?.get(name).cloned();
    let kind = declared.action_type_id();
    let (category, provider) = (
        kind.map(|kind| kind.category()),
        kind.map_or("", |kind| kind.provider()),
    );
    Action {
        name: declared.name().to_owned(),
        // AWS CodePipeline user guide, action structure requirements: the default.
        run_order: declared
            .run_order()
            .and_then(|order| u32::try_from(order).ok())
            .unwrap_or(1),
        does: match (category, provider) {
            (Some(ActionCategory::Deploy), "ECS") => Does::Deploys {
                cluster: configured("ClusterName").unwrap_or_default(),
                service: configured("ServiceName").unwrap_or_default(),
            },
            (Some(ActionCategory::Approval), _) => Does::Approval {
                topic: configured("NotificationArn"),
            },
            (Some(ActionCategory::Invoke), "Lambda") => Does::Job {
                function: configured("FunctionName").unwrap_or_default(),
                policy: configured("UserParameters").and_then(|parameters| named(&parameters)),
            },
            (_, provider) => Does::Other(provider.to_owned()),
        },
        timeout_minutes: declared
            .timeout_in_minutes()
            .and_then(|minutes| u32::try_from(minutes).ok()),
    }
}

/// The policy that parameters of an action of ours name.
fn named(parameters: &str) -> Option<String> {
    let parameters: Value = serde_json::from_str(parameters).ok()?;
    parameters["policy"].as_str().map(str::to_owned)
}

async fn tag(client: &Client, arn: &str) -> Result<Option<String>, Refused> {
    let mut pages = client
        .list_tags_for_resource()
        .resource_arn(arn)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Refused::from_sdk("ListTagsForResource", arn, &error))?;
        if let Some(tag) = page.tags().iter().find(|tag| tag.key() == POLICY_TAG) {
            return Ok(Some(tag.value().to_owned()));
        }
    }
    Ok(None)
}
