//! Looks at the world: ECS, CodePipeline, CloudWatch, SQS and load balancers at the same time, each known or unknown by itself.
//!
//! # Guarantees
//! Reads only. What one service refuses leaves the others' answers as they are.

pub(crate) mod alarms;
mod asking;
mod baseline;
mod beginning;
mod compared;
mod dead_letters;
pub(crate) mod ecs;
mod execution;
mod measured;
mod revision;
pub(crate) mod scaling;
pub(crate) mod series;
mod siblings;
pub(crate) mod starter;
mod stopped;
pub(crate) mod weights;

use crate::{Refused, Serin};
pub use beginning::POLICY_TAG;
use decide::{
    Part, Policy, Release, Seen, SeenAlarm, SeenComparison, SeenExecution, SeenForward, SeenMeasure, SeenService,
    SeenStopped, SeenTargets, Suspended, asks_deployed, asks_whose, comparisons, measures,
};
use futures_util::future::{Either, join, join4, join5, select};
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
        // What is watched goes on being judged while the next release is taken back, whose restore waits for no metric.
        let quiet = back && release.watched.is_none();
        let judged = async {
            let asked = async {
                match quiet {
                    true => self.told_apart(policy, release).await,
                    false => self.judged(policy, release).await,
                }
            };
            if !back {
                return asked.await;
            }
            match select(pin!(asked), pin!(self.pause(PATIENCE))).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => Judged::unasked(&unanswered()),
            }
        };
        let share = async {
            // On the heap, as it is seldom asked: an SDK call that waits is large.
            let asked = Box::pin(self.share(policy, release));
            if !back {
                return asked.await;
            }
            match select(pin!(asked), pin!(self.pause(PATIENCE))).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => Share::unanswered(),
            }
        };
        let executions = async {
            let (mut own, barred) = executions.await;
            let sibling = self.sibling(policy, release, &own).await;
            let shared_with = self.asking(policy, release, &mut own).await;
            (own, barred, sibling, shared_with)
        };
        let ((canary, stable), (mut pipeline, barred, sibling, shared_with), judged, share) =
            join4(services, executions, judged, share).await;
        self.is_through(policy, release, &canary, &mut pipeline).await;
        Seen {
            canary,
            stable,
            pipeline,
            alarms: judged.alarms,
            compared: judged.compared,
            measured: judged.measured,
            scaling: share.scaling,
            old_scaling: share.old_scaling,
            forwards: share.forwards,
            targets: share.targets,
            dead_letters: judged.dead_letters,
            stopped: judged.stopped,
            barred,
            sibling,
            shared_with,
        }
    }

    /// Whether the execution's own action on the canary is through, where nobody has seen there what it gave.
    async fn is_through(
        &self,
        policy: &Policy,
        release: &Release,
        canary: &Part<SeenService>,
        seen: &mut Part<SeenExecution>,
    ) {
        let (Part::Known(execution), Some(run)) = (seen, &release.pipeline) else {
            return;
        };
        if !asks_deployed(release, canary, self.now()) {
            return;
        }
        // On the heap, as it is seldom asked.
        match Box::pin(starter::through(&self.clients.codepipeline, policy, run)).await {
            Ok(through) => execution.deployed = through,
            Err(refused) => {
                tracing::warn!(policy = policy.name, %refused, "whether the canary's action is through is unknown");
            }
        }
    }

    /// What the canary's share is made of, all at the same time.
    async fn share(&self, policy: &Policy, release: &Release) -> Share {
        let scaling = scaling::scaling(&self.clients, policy, release);
        let weights = weights::weights(&self.clients, policy, release);
        let ((scaling, old_scaling), (forwards, targets)) = join(scaling, weights).await;
        Share {
            scaling,
            old_scaling,
            forwards,
            targets,
        }
    }

    /// What tells canary and stable apart where a watch has ended, and nothing else of what is judged.
    async fn told_apart(&self, policy: &Policy, release: &Release) -> Judged {
        let (unasked, now) = (Judged::unasked("not asked while rolling back"), self.now());
        if !asks_whose(policy, release, now) {
            return unasked;
        }
        let compared = compared::compared(&self.clients.cloudwatch, comparisons(policy, release, now));
        let stopped = stopped::stopped(&self.clients.ecs, policy, release, now);
        // On the heap, as it is seldom asked.
        let (compared, stopped) = Box::pin(join(compared, stopped)).await;
        Judged {
            compared,
            stopped,
            ..unasked
        }
    }

    /// What the policy's checks look at, all at the same time.
    async fn judged(&self, policy: &Policy, release: &Release) -> Judged {
        let (cloudwatch, now) = (&self.clients.cloudwatch, self.now());
        let alarms = alarms::alarms(cloudwatch, policy, release.answers_since());
        let compared = compared::compared(cloudwatch, comparisons(policy, release, now));
        let measured = measured::measured(cloudwatch, measures(policy, release, now));
        let depths = dead_letters::depths(&self.clients, policy, release);
        let stopped = stopped::stopped(&self.clients.ecs, policy, release, now);
        let (alarms, compared, measured, dead_letters, stopped) =
            join5(alarms, compared, measured, depths, stopped).await;
        Judged {
            alarms,
            compared,
            measured,
            dead_letters,
            stopped,
        }
    }
}

/// What the canary's share is made of.
struct Share {
    scaling: Part<Option<Suspended>>,
    old_scaling: Part<Option<Suspended>>,
    forwards: Part<Option<SeenForward>>,
    targets: Part<SeenTargets>,
}

impl Share {
    fn unanswered() -> Share {
        Share {
            scaling: Part::Unknown(unanswered()),
            old_scaling: Part::Unknown(unanswered()),
            forwards: Part::Unknown(unanswered()),
            targets: Part::Unknown(unanswered()),
        }
    }
}

/// What the policy's checks look at.
struct Judged {
    alarms: Part<Vec<SeenAlarm>>,
    compared: Part<Vec<SeenComparison>>,
    measured: Part<Vec<SeenMeasure>>,
    dead_letters: BTreeMap<String, Part<u64>>,
    stopped: BTreeMap<String, Part<Vec<SeenStopped>>>,
}

impl Judged {
    fn unasked(why: &str) -> Judged {
        Judged {
            alarms: Part::Unknown(why.to_owned()),
            compared: Part::Known(Vec::new()),
            measured: Part::Known(Vec::new()),
            dead_letters: BTreeMap::new(),
            stopped: BTreeMap::new(),
        }
    }
}

/// Why something is not known that was asked for while rolling back.
fn unanswered() -> String {
    let waited = PATIENCE.as_millis();
    format!("not answered within {waited} ms, and rolling back waits for nobody")
}

fn unknown<T>(refused: &Refused) -> Part<T> {
    Part::Unknown(refused.to_string())
}
