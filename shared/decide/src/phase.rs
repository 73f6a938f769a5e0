use crate::policy::Ratio;
use crate::{At, Counted};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a release is in its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum Phase {
    /// The canary is about to be given the revision.
    Deploying,
    /// The canary runs the revision and is judged.
    Baking {
        /// Index into the policy's steps.
        step: u32,
    },
    /// Something has to happen first.
    Gated {
        /// What is awaited, for people.
        why: String,
    },
    /// Stable is being given the revision.
    Promoting,
    /// Stable runs the revision and is watched.
    Watching,
    /// The world is being put right.
    RollingBack {
        /// Why.
        cause: Cause,
    },
    /// The world could not be put right by the deadline; still being tried.
    RollbackFailed {
        /// Why it was rolled back.
        cause: Cause,
    },
    /// Over.
    Closed {
        /// How it ended.
        outcome: Outcome,
    },
}

/// Why a release is rolled back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// An alarm of the policy went to ALARM after the canary was given the revision.
    Alarm {
        /// Alarm name.
        name: String,
        /// When it went to ALARM, by CloudWatch's clock.
        since: At,
        /// CloudWatch's reason, bounded and escaped.
        reason: String,
    },
    /// A `compare` check: the canary failed more of its messages than stable did.
    Compare {
        /// The metrics, in words.
        metric: String,
        /// What the canary did.
        canary: Counted,
        /// What stable did.
        stable: Counted,
        /// From this minute on.
        from: At,
        /// Until this one.
        until: At,
        /// Most failures that the canary could have had.
        failed_max: u64,
    },
    /// A `dlq_growth` check: a dead-letter queue gained too many messages.
    DlqGrowth {
        /// Queue name.
        queue: String,
        /// Messages that it gained.
        gained: u64,
        /// Since when they count.
        since: At,
        /// Most that it could have gained.
        messages_max: u32,
    },
    /// A `metric` check: all of its last periods were above the bound.
    Metric {
        /// The metric, in words.
        metric: String,
        /// Its values, period by period.
        values: String,
        /// The highest that would have been good.
        max: Ratio,
        /// From this moment on.
        from: At,
        /// Until this one.
        until: At,
    },
    /// A `health` check: too many tasks of the revision failed.
    Health {
        /// Service name.
        service: String,
        /// Tasks that failed.
        failed: u32,
        /// Most that could have failed.
        failed_tasks_max: u32,
        /// The one that was begun last.
        task: String,
        /// Why that one stopped, bounded and escaped.
        reason: String,
    },
    /// The checks could not tell, for longer than the policy waits for that.
    Undecided {
        /// What was lacking.
        why: String,
        /// Until when it was waited for.
        until: At,
    },
    /// The pipeline execution ended without promoting.
    PipelineEnded {
        /// Execution id.
        execution: String,
        /// How it ended, in a word.
        how: String,
    },
    /// The release of another policy on the same execution was rolled back, which ended that.
    Sibling {
        /// Execution id.
        execution: String,
        /// The other release's id.
        release: String,
    },
    /// A service that was given the revision runs what it ran before: ECS rolled it back, or a person did.
    Undone {
        /// Service name.
        service: String,
        /// What ECS says of it, bounded and escaped, where it says anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// ECS gave the deployment of the revision up.
    GivenUp {
        /// Service name.
        service: String,
        /// What ECS says of it, bounded and escaped, where it says anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// Serin gave a service the revision, and it did not come to run it in time.
    NotReached {
        /// Service name.
        service: String,
        /// The policy's deadline.
        minutes: u32,
        /// It was scaled to no tasks by then.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        no_tasks: bool,
    },
    /// The canary was not given everything in time.
    NotHandedOver {
        /// Service name.
        service: String,
        /// The policy's deadline.
        minutes: u32,
    },
    /// Stable was given other images than the canary had: by the release's own execution, as a tag was moved between
    /// the two, or late by one before it.
    Unjudged {
        /// Service name.
        service: String,
        /// What it was given.
        runs: String,
    },
    /// The canary was given an image from a repository that the policy does not name.
    ForeignImage {
        /// Service name.
        service: String,
        /// The image, as the definition spells it.
        image: String,
    },
    /// A person ordered it.
    Ordered {
        /// Who, bounded and escaped.
        by: String,
        /// Their reason, bounded and escaped.
        why: String,
    },
    /// Somebody gave a service something else in the middle of the release.
    Overtaken {
        /// Service name.
        service: String,
        /// What it runs now.
        runs: String,
    },
}

/// How a release ended; exactly one of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Stable runs the revision and it outlived its watch.
    Promoted,
    /// Every service it touched runs its baseline again.
    RolledBack {
        /// Why.
        cause: Cause,
    },
    /// A successor took its place.
    Superseded {
        /// The successor's release id.
        by: String,
    },
    /// Somebody gave a service a third revision; it was left alone.
    Overtaken {
        /// Which service, and what it runs now.
        by: String,
    },
    /// The canary never changed.
    Abandoned {
        /// Why.
        why: String,
    },
    /// The world could not be put right and a successor took over.
    RollbackFailed {
        /// Why it was rolled back.
        cause: Cause,
    },
    /// A dry run that would have been rolled back; nothing was done about it.
    WouldRollBack {
        /// Why.
        cause: Cause,
    },
}

/// The legal moves between phases, each read as "from the first to any of the second".
///
/// Staying in a phase is always legal. This is the only list; nothing else knows an order.
const MOVES: [(&str, &[&str]); 7] = [
    (
        "deploying",
        &[
            "baking",
            "gated",
            "promoting",
            "watching",
            "rolling back",
            "superseded",
            "overtaken",
            "abandoned",
            "would roll back",
        ],
    ),
    (
        "baking",
        &[
            "gated",
            "promoting",
            "watching",
            "rolling back",
            "superseded",
            "overtaken",
            "abandoned",
            "would roll back",
        ],
    ),
    (
        "gated",
        &[
            "baking",
            "promoting",
            "watching",
            "rolling back",
            "superseded",
            "overtaken",
            "abandoned",
            "would roll back",
        ],
    ),
    (
        "promoting",
        &["watching", "rolling back", "overtaken", "would roll back"],
    ),
    (
        "watching",
        &["promoted", "rolling back", "superseded", "overtaken", "would roll back"],
    ),
    (
        "rolling back",
        &["rolled back", "rollback failing", "overtaken", "would roll back"],
    ),
    ("rollback failing", &["rolled back", "rollback failed", "overtaken"]),
];

impl Phase {
    /// The name used in the table of moves, in logs and in the ledger.
    pub fn name(&self) -> &'static str {
        match self {
            Phase::Deploying => "deploying",
            Phase::Baking { .. } => "baking",
            Phase::Gated { .. } => "gated",
            Phase::Promoting => "promoting",
            Phase::Watching => "watching",
            Phase::RollingBack { .. } => "rolling back",
            Phase::RollbackFailed { .. } => "rollback failing",
            Phase::Closed { outcome } => outcome.name(),
        }
    }

    /// Whether this move is on the list.
    pub fn may_become(&self, next: &Phase) -> bool {
        let (from, to) = (self.name(), next.name());
        let stays = from == to && !matches!(self, Phase::Closed { .. });
        stays || self == next || MOVES.iter().any(|(name, nexts)| *name == from && nexts.contains(&to))
    }

    /// Why it is being rolled back, if it is.
    pub fn rolling_back(&self) -> Option<&Cause> {
        match self {
            Phase::RollingBack { cause } | Phase::RollbackFailed { cause } => Some(cause),
            _ => None,
        }
    }

    /// Why it is being rolled back, or was.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Phase::Closed {
                outcome:
                    Outcome::RolledBack { cause } | Outcome::RollbackFailed { cause } | Outcome::WouldRollBack { cause },
            } => Some(cause),
            phase => phase.rolling_back(),
        }
    }
}

impl Outcome {
    /// The name used in the table of moves, in logs and in the ledger.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Promoted => "promoted",
            Outcome::RolledBack { .. } => "rolled back",
            Outcome::Superseded { .. } => "superseded",
            Outcome::Overtaken { .. } => "overtaken",
            Outcome::Abandoned { .. } => "abandoned",
            Outcome::RollbackFailed { .. } => "rollback failed",
            Outcome::WouldRollBack { .. } => "would roll back",
        }
    }
}

/// ECS's own words, after ours.
fn said(why: Option<&str>) -> String {
    why.map_or_else(String::new, |why| format!(": {why}"))
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Alarm { .. }
            | Cause::Compare { .. }
            | Cause::DlqGrowth { .. }
            | Cause::Metric { .. }
            | Cause::Health { .. }
            | Cause::Undecided { .. } => self.of_check(f),
            Cause::PipelineEnded { execution, how } => {
                let mark = execution.split('-').next().unwrap_or(execution);
                write!(f, "execution {mark} {how} without promoting")
            }
            Cause::Sibling { execution, release } => {
                let mark = execution.split('-').next().unwrap_or(execution);
                write!(
                    f,
                    "execution {mark} was ended by its sibling, release {release}, which was rolled back"
                )
            }
            Cause::Undone { service, why } => {
                write!(f, "{service} no longer runs the revision{}", said(why.as_deref()))
            }
            Cause::GivenUp { service, why } => {
                write!(
                    f,
                    "ECS gave up deploying the revision to {service}{}",
                    said(why.as_deref())
                )
            }
            Cause::NotReached {
                service,
                minutes,
                no_tasks,
            } => {
                let why = if *no_tasks { ": it is scaled to no tasks" } else { "" };
                write!(
                    f,
                    "{service} did not come to run the revision within {minutes} minutes{why}"
                )
            }
            Cause::NotHandedOver { service, minutes } => {
                write!(f, "{service} could not be given everything within {minutes} minutes")
            }
            Cause::Unjudged { service, runs } => {
                write!(
                    f,
                    "{service} was given {runs}, whose images the canary was never seen to run"
                )
            }
            Cause::ForeignImage { service, image } => write!(
                f,
                "{service} was given {image}, which comes from no repository that the policy names"
            ),
            Cause::Ordered { by, why } => write!(f, "aborted by {by}: {why}"),
            Cause::Overtaken { service, runs } => {
                write!(
                    f,
                    "{service} was given {runs}, which is neither this release nor its baseline"
                )
            }
        }
    }
}

impl Cause {
    /// Whether a check has failed, so that something was measured.
    pub fn is_of_a_check(&self) -> bool {
        matches!(
            self,
            Cause::Alarm { .. }
                | Cause::Compare { .. }
                | Cause::DlqGrowth { .. }
                | Cause::Metric { .. }
                | Cause::Health { .. }
        )
    }

    /// What a check has to say.
    fn of_check(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Alarm { name, since, .. } => write!(f, "alarm {name} in ALARM since {since}"),
            Cause::Compare {
                canary,
                stable,
                until,
                failed_max,
                ..
            } => write!(
                f,
                "{canary} and {stable} until {until}, where {failed_max} would have been the most"
            ),
            Cause::DlqGrowth {
                queue,
                gained,
                since,
                messages_max,
            } => write!(
                f,
                "{queue} gained {gained} messages since {since}, more than {messages_max}"
            ),
            Cause::Metric {
                metric,
                values,
                max,
                from,
                until,
            } => write!(f, "{metric} was {values} from {from} to {until}, more than {max}"),
            Cause::Health {
                service,
                failed,
                failed_tasks_max,
                task,
                reason,
            } => write!(
                f,
                "{failed} tasks of {service} failed, more than {failed_tasks_max}; the last one, {task}: {reason}"
            ),
            Cause::Undecided { why, until } => write!(f, "undecided until {until}: {why}"),
            // Told above: named here so that a new cause is told somewhere.
            Cause::PipelineEnded { .. }
            | Cause::Sibling { .. }
            | Cause::Undone { .. }
            | Cause::GivenUp { .. }
            | Cause::NotReached { .. }
            | Cause::NotHandedOver { .. }
            | Cause::Unjudged { .. }
            | Cause::ForeignImage { .. }
            | Cause::Ordered { .. }
            | Cause::Overtaken { .. } => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
