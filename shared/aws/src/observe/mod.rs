//! Looks at the world: ECS, CodePipeline and CloudWatch at the same time, each known or unknown by itself.
//!
//! # Guarantees
//! Reads only. What one service refuses leaves the others' answers as they are.

pub(crate) mod alarms;
mod baseline;
mod beginning;
mod ecs;
mod execution;
mod revision;
pub(crate) mod starter;

use crate::{Refused, Serin};
pub use beginning::POLICY_TAG;
use decide::{Part, Policy, Release, Seen};
use futures_util::future::join3;

impl Serin {
    /// Looks at everything a release depends on.
    pub async fn observe(&self, policy: &Policy, release: &Release) -> Seen {
        let services = ecs::services(&self.clients, policy, release);
        let executions = execution::executions(&self.clients.codepipeline, release);
        let alarms = alarms::alarms(&self.clients.cloudwatch, policy);
        let ((canary, stable), (pipeline, barred), alarms) = join3(services, executions, alarms).await;
        Seen {
            canary,
            stable,
            pipeline,
            alarms,
            barred,
        }
    }
}

fn unknown<T>(refused: &Refused) -> Part<T> {
    Part::Unknown(refused.to_string())
}
