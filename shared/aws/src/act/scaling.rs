//! Suspends a service's automatic scaling, or gives it back.

use super::Did;
use crate::observe::scaling::resource;
use crate::refused::Refused;
use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace, SuspendedState};
use decide::{Action, Suspended};

/// Sends all three parts, and neither fewest nor most tasks: a target that is gone meanwhile is not made anew.
///
/// # Source
/// Application Auto Scaling API Reference, RegisterScalableTarget: what is not named is not changed, and what is not
/// registered needs both.
pub(super) async fn suspend(
    client: &Client,
    action: &Action,
    (cluster, service): (&str, &str),
    suspended: Suspended,
) -> Did {
    let state = SuspendedState::builder()
        .dynamic_scaling_in_suspended(suspended.scale_in)
        .dynamic_scaling_out_suspended(suspended.scale_out)
        .scheduled_scaling_suspended(suspended.scheduled);
    let request = client
        .register_scalable_target()
        .service_namespace(ServiceNamespace::Ecs)
        .resource_id(resource(cluster, service))
        .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
        .suspended_state(state.build());
    let text = match suspended {
        Suspended::ALL => format!("the automatic scaling of {service} was suspended"),
        Suspended { scale_in: true, .. } => format!("the automatic scaling of {service} takes no tasks away"),
        Suspended { .. } => format!("the automatic scaling of {service} was given back"),
    };
    match request.send().await {
        Ok(_) => Did::done(action, text),
        Err(error) => {
            let on = format!("{service} in cluster {cluster}");
            let refused = Refused::from_sdk("RegisterScalableTarget", on, &error);
            // Not registered any more, or the service is gone.
            match refused.is("ValidationException") {
                true => Did::outdated(action, &refused),
                false => Did::refused(action, &refused),
            }
        }
    }
}
