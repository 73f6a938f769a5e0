//! Both services, in one call, and the containers of each.

use super::unread;
use crate::observe::POLICY_TAG;
use crate::observe::ecs::shifted_by_ecs;
use crate::refused::Refused;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::operation::describe_services::DescribeServicesOutput;
use aws_sdk_ecs::types::ServiceField;
use decide::live::Service;
use decide::{Part, Policy};
use futures_util::future::join;
use std::collections::BTreeSet;

pub(super) async fn services(client: &Client, policy: &Policy) -> (Part<Option<Service>>, Part<Option<Service>>) {
    let names = &policy.two_services;
    let request = client
        .describe_services()
        .cluster(&names.cluster)
        .services(&names.canary)
        .services(&names.stable)
        .include(ServiceField::Tags);
    match request.send().await {
        Ok(reply) => join(one(client, &reply, &names.canary), one(client, &reply, &names.stable)).await,
        Err(error) => {
            let on = format!("{} and {} in cluster {}", names.canary, names.stable, names.cluster);
            let refused = Refused::from_sdk("DescribeServices", on, &error);
            if refused.is("ClusterNotFoundException") {
                return (Part::Known(None), Part::Known(None));
            }
            (unread("ecs", &refused), unread("ecs", &refused))
        }
    }
}

async fn one(client: &Client, reply: &DescribeServicesOutput, name: &str) -> Part<Option<Service>> {
    let mut services = reply.services().iter();
    let Some(service) = services.find(|service| service.service_name() == Some(name)) else {
        return Part::Known(None);
    };
    let controller = service.deployment_controller();
    let tag = service.tags().iter().find(|tag| tag.key() == Some(POLICY_TAG));
    let count = |number: i32| u32::try_from(number).unwrap_or(0);
    Part::Known(Some(Service {
        status: service.status().unwrap_or_default().to_owned(),
        // One that says nothing is ECS's own.
        controller: controller
            .map_or("ECS", |controller| controller.r#type().as_str())
            .to_owned(),
        policy_tag: tag.map(|tag| tag.value().unwrap_or_default().to_owned()),
        running: count(service.running_count()),
        desired: count(service.desired_count()),
        target_groups: service
            .load_balancers()
            .iter()
            .filter_map(|balancer| balancer.target_group_arn().map(str::to_owned))
            .collect(),
        shifted_by_ecs: shifted_by_ecs(service),
        containers: containers(client, service.task_definition().unwrap_or_default()).await,
    }))
}

async fn containers(client: &Client, definition: &str) -> Part<BTreeSet<String>> {
    let reply = client
        .describe_task_definition()
        .task_definition(definition)
        .send()
        .await;
    match reply {
        Ok(reply) => {
            let definition = reply.task_definition();
            let containers = definition
                .map(|definition| definition.container_definitions())
                .unwrap_or_default();
            Part::Known(
                containers
                    .iter()
                    .filter_map(|container| container.name().map(str::to_owned))
                    .collect(),
            )
        }
        Err(error) => unread("ecs", &Refused::from_sdk("DescribeTaskDefinition", definition, &error)),
    }
}
