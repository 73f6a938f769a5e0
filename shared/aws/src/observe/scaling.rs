//! Whether the canary is scaled automatically, and what of that is suspended.

use super::unknown;
use crate::Clients;
use crate::refused::Refused;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use decide::{Part, Policy, Release, Suspended, asks_for_scaling};

/// Nobody, where nobody asks.
///
/// # Source
/// Application Auto Scaling API Reference, DescribeScalableTargets: what is not registered is left out.
pub(super) async fn scaling(clients: &Clients, policy: &Policy, release: &Release) -> Part<Option<Suspended>> {
    if !asks_for_scaling(policy, release) {
        return Part::Known(None);
    }
    let request = clients
        .autoscaling()
        .describe_scalable_targets()
        .service_namespace(ServiceNamespace::Ecs)
        .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
        .resource_ids(resource(&release.cluster, &release.canary.name));
    let reply = match request.send().await {
        Ok(reply) => reply,
        Err(error) => {
            return unknown(&Refused::from_sdk(
                "DescribeScalableTargets",
                &release.canary.name,
                &error,
            ));
        }
    };
    let target = reply.scalable_targets().first();
    Part::Known(target.map(|target| {
        let state = target.suspended_state();
        let is = |part: Option<bool>| part.unwrap_or_default();
        Suspended {
            scale_in: is(state.and_then(|state| state.dynamic_scaling_in_suspended())),
            scale_out: is(state.and_then(|state| state.dynamic_scaling_out_suspended())),
            scheduled: is(state.and_then(|state| state.scheduled_scaling_suspended())),
        }
    }))
}

/// How a service is called there.
pub(crate) fn resource(cluster: &str, service: &str) -> String {
    format!("service/{cluster}/{service}")
}
