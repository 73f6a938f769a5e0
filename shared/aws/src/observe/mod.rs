//! Looks at the world: ECS, CodePipeline and CloudWatch at the same time, each known or unknown by itself.
//!
//! # Guarantees
//! Reads only. What one service refuses leaves the others' answers as they are.

mod alarms;
mod baseline;
mod ecs;
mod execution;
mod revision;

use crate::{Refused, Serin};
use decide::{Part, Policy, Release, Seen};
use futures_util::future::join3;

impl Serin {
    /// Looks at everything a release depends on.
    pub async fn observe(&self, policy: &Policy, release: &Release) -> Seen {
        let services = ecs::services(&self.clients.ecs, release);
        let execution = execution::execution(&self.clients.codepipeline, release);
        let alarms = alarms::alarms(&self.clients.cloudwatch, policy);
        let ((canary, stable), pipeline, alarms) = join3(services, execution, alarms).await;
        Seen {
            canary,
            stable,
            pipeline,
            alarms,
        }
    }
}

fn unknown<T>(refused: &Refused) -> Part<T> {
    Part::Unknown(refused.to_string())
}
