//! Application Auto Scaling, as far as it scales ECS services: who is scaled, between which numbers, and whether that is
//! suspended.
//!
//! | file | question it answers |
//! |---|---|
//! | `target` | what is registered, and what registering anew changes |
//! | `stage` | what a scaling policy or a schedule does |
//!
//! There are no policies here: what they would want is said by the test. Every change is seen at once, where AWS is
//! eventually consistent.

pub mod stage;
mod target;

pub use target::{Suspended, Target};

use crate::refusal::Refusal;
use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;

/// State of the service: targets by resource id (`service/<cluster>/<service>`).
#[derive(Clone, Debug, Default)]
pub struct AutoScaling {
    targets: BTreeMap<String, Target>,
}

impl AutoScaling {
    /// What is registered for this service.
    pub fn target(&self, cluster: &str, service: &str) -> Option<&Target> {
        self.targets.get(&format!("service/{cluster}/{service}"))
    }
}

/// The ARN of what a request to register is about.
pub fn arn(world: &World, resource: &str) -> String {
    target::named(world, resource)
}

/// Answers one request.
///
/// # Errors
/// As AWS refuses.
pub fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, Refusal> {
    match operation {
        "DescribeScalableTargets" => target::describe(world, input),
        "RegisterScalableTarget" => target::register(world, input),
        _ => Err(Refusal::new(
            "UnknownOperationException",
            format!("application-autoscaling has no {operation} here"),
        )),
    }
}
