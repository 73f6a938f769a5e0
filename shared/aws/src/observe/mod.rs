//! Looks at the world: ECS, CodePipeline, CloudWatch and SQS at the same time, each known or unknown by itself.
//!
//! # Guarantees
//! Reads only. What one service refuses leaves the others' answers as they are.

pub(crate) mod alarms;
mod baseline;
mod beginning;
mod compared;
mod dead_letters;
mod ecs;
mod execution;
mod revision;
mod siblings;
pub(crate) mod starter;
mod stopped;

use crate::{Refused, Serin};
pub use beginning::POLICY_TAG;
use decide::{Part, Policy, Release, Seen, comparisons};
use futures_util::future::{Either, join3, join4, select};
use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

/// How long a rollback waits for CodePipeline before it goes on without.
const PATIENCE: Duration = Duration::from_millis(2_500);

impl Serin {
    /// Looks at everything a release depends on.
    pub async fn observe(&self, policy: &Policy, release: &Release) -> Seen {
        let services = ecs::services(&self.clients, policy, release);
        let back = release.phase.rolling_back().is_some();
        let executions = async {
            let asked = execution::executions(&self.clients.codepipeline, release);
            if !back {
                return asked.await;
            }
            // The restore must not wait for a pipeline that does not answer; the next look asks again.
            match select(pin!(asked), pin!(self.pause(PATIENCE))).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => execution::unanswered(release, PATIENCE),
            }
        };
        let alarms = async {
            if back {
                return Part::Unknown("not asked while rolling back".to_owned());
            }
            alarms::alarms(&self.clients.cloudwatch, policy).await
        };
        let measured = async {
            if back {
                return (Part::Known(Vec::new()), BTreeMap::new(), BTreeMap::new());
            }
            let asked = comparisons(policy, release, self.now());
            let compared = compared::compared(&self.clients.cloudwatch, asked);
            let depths = dead_letters::depths(&self.clients, policy, release);
            let stopped = stopped::stopped(&self.clients.ecs, policy, release);
            join3(compared, depths, stopped).await
        };
        let executions = async {
            let (own, barred) = executions.await;
            let sibling = self.sibling(policy, release, &own).await;
            (own, barred, sibling)
        };
        let ((canary, stable), (pipeline, barred, sibling), alarms, (compared, dead_letters, stopped)) =
            join4(services, executions, alarms, measured).await;
        Seen {
            canary,
            stable,
            pipeline,
            alarms,
            compared,
            dead_letters,
            stopped,
            barred,
            sibling,
        }
    }
}

fn unknown<T>(refused: &Refused) -> Part<T> {
    Part::Unknown(refused.to_string())
}
