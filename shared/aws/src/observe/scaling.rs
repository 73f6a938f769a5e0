//! Whether the canary is scaled automatically, and stable where they exchange their roles; what of that is suspended.

use super::unknown;
use crate::Clients;
use crate::refused::Refused;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ScalableTarget, ServiceNamespace};
use decide::{Part, Policy, Release, Suspended, asks_for_scaling};

/// What of a service's scaling is suspended, where it is scaled at all.
type Scaled = Part<Option<Suspended>>;

/// Of the canary and of stable; nobody, where nobody asks.
///
/// # Source
/// Application Auto Scaling API Reference, DescribeScalableTargets: what is not registered is left out.
pub(super) async fn scaling(clients: &Clients, policy: &Policy, release: &Release) -> (Scaled, Scaled) {
    if !asks_for_scaling(policy, release) {
        return (Part::Known(None), Part::Known(None));
    }
    let [canary, stable] = [&release.canary, &release.stable].map(|side| resource(&release.cluster, &side.name));
    let request = clients
        .autoscaling()
        .describe_scalable_targets()
        .service_namespace(ServiceNamespace::Ecs)
        .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
        .resource_ids(&canary);
    let request = match policy.swaps() {
        true => request.resource_ids(&stable),
        false => request,
    };
    let reply = match request.send().await {
        Ok(reply) => reply,
        Err(error) => {
            let refused = Refused::from_sdk("DescribeScalableTargets", &release.canary.name, &error);
            return (unknown(&refused), unknown(&refused));
        }
    };
    let of = |resource: &str| {
        let mut targets = reply.scalable_targets().iter();
        Part::Known(targets.find(|target| target.resource_id() == resource).map(suspended))
    };
    (of(&canary), of(&stable))
}

fn suspended(target: &ScalableTarget) -> Suspended {
    let state = target.suspended_state();
    let is = |part: Option<bool>| part.unwrap_or_default();
    Suspended {
        scale_in: is(state.and_then(|state| state.dynamic_scaling_in_suspended())),
        scale_out: is(state.and_then(|state| state.dynamic_scaling_out_suspended())),
        scheduled: is(state.and_then(|state| state.scheduled_scaling_suspended())),
    }
}

/// How a service is called there.
pub(crate) fn resource(cluster: &str, service: &str) -> String {
    format!("service/{cluster}/{service}")
}
