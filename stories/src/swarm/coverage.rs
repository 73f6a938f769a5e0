//! How often what can happen did happen, over all histories.

use super::plan::{ASKING, SHAPES};
use std::collections::BTreeMap;
use std::fmt;

/// Counts by kind and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage(BTreeMap<(&'static str, String), u64>);

/// Kinds of counts.
pub const LAW: &str = "law";
/// A phase and the one after it.
pub const MOVE: &str = "move";
/// How releases ended.
pub const OUTCOME: &str = "outcome";
/// What people and AWS did.
pub const ACT: &str = "act";
/// What broke.
pub const CHAOS: &str = "chaos";
/// Pipelines that are none of the usual.
pub const SHAPE: &str = "pipeline";
/// What became of messages.
pub const MESSAGE: &str = "message";
/// What became of weights and requests.
pub const BALANCED: &str = "balanced";
/// What became of services that exchange their roles.
pub const SWAP: &str = "swap";
/// What became of services that had never run anything.
pub const FIRST: &str = "first";
/// Where releases were when somebody ordered something.
pub const ORDER: &str = "order";
/// What became of starts by hand.
pub const START: &str = "start";
/// By what releases were held where nothing moves forward.
pub const HELD: &str = "held";
/// What became of releases that failed, by what their policies say of going back.
pub const WAY_BACK: &str = "way back";
/// Why releases were taken back.
pub const CAUSE: &str = "cause";

/// Moves between phases that histories must make.
const MOVES: [&str; 19] = [
    "deploying -> baking",
    "deploying -> rolling back",
    "deploying -> abandoned",
    "baking -> gated",
    "baking -> promoting",
    "baking -> rolling back",
    "baking -> superseded",
    "gated -> promoting",
    "gated -> rolling back",
    "gated -> superseded",
    "promoting -> watching",
    "promoting -> rolling back",
    "watching -> promoted",
    "watching -> rolling back",
    "watching -> superseded",
    "rolling back -> rolled back",
    "rolling back -> rollback failing",
    "rolling back -> overtaken",
    "rollback failing -> rollback failed",
];

/// Ways in which releases must end.
const OUTCOMES: [&str; 7] = [
    "would_roll_back",
    "promoted",
    "rolled_back",
    "superseded",
    "overtaken",
    "abandoned",
    "rollback_failed",
];

/// What people and AWS must do.
const ACTS: [&str; 49] = [
    super::rare::LAPS,
    super::rare::MANY,
    super::rare::WAITED,
    "Upgrade",
    "somebody deregisters what Canary runs",
    "a start is sent again",
    "somebody orders to abort",
    "somebody orders to approve",
    "somebody orders to promote",
    "somebody orders to skip",
    "Freeze",
    "Thaw",
    super::scaling::SUSPENDED,
    super::scaling::GIVEN_BACK,
    super::scaling::SCALED,
    "services are created: JustCreated",
    "services are created: Placeholder",
    "services are created: WithoutTasks",
    "BringUp",
    "release of a version: Good",
    "release of a version: Poisonous",
    "release of a version: FailsToStart",
    "release of a version: Crashes",
    "release of a version: Errs",
    "release of a version: ErrsSeldom",
    "release of a version: Slow",
    "Weigh",
    "TakeOut",
    "CloseRule",
    "MendRule",
    "DeleteRule",
    "Approve",
    "ApproveFirst",
    "Reject",
    "Retry",
    "RollBackStage",
    "Purge",
    "MoveTag",
    "DeleteImage",
    "SpoilPolicy",
    "StopClock",
    "somebody stops the execution, abandoning: true",
    "somebody stops the execution, abandoning: false",
    "somebody deploys to Canary",
    "somebody deploys to Stable",
    "somebody changes the environment of Canary",
    "somebody changes the environment of Stable",
    "ECS undoes deployments of Canary",
    "ECS undoes deployments of Stable",
];

/// An execution gave something to a canary that had never run a task.
pub const NOTHING_BEFORE: &str = "given to a canary that had nothing to go back to";
/// A release of services that were created in this history.
pub const RELEASED_SINCE: &str = "released where services had just been created";

/// What must break.
const TROUBLES: [&str; 22] = [
    "Throttle of ecs",
    "ServerError of ecs",
    "HangBefore of ecs",
    "HangAfter of ecs",
    "AccessDenied of ecs",
    "HangBefore of dynamodb",
    "HangAfter of dynamodb",
    "Throttle of dynamodb",
    "ServerError of dynamodb",
    "HangBefore of codepipeline",
    "HangAfter of codepipeline",
    "Throttle of codepipeline",
    "ServerError of codepipeline",
    "Throttle of cloudwatch",
    "events doubled",
    "events late and reordered",
    "events lost",
    "durable events lost",
    "ServerError of ssm",
    "ServerError of ecr",
    "stale reads",
    "functions died",
];

impl Coverage {
    /// Counts one.
    pub fn count(&mut self, kind: &'static str, name: impl Into<String>) {
        self.add(kind, name, 1);
    }

    /// Counts several, or notes that there was none.
    pub fn add(&mut self, kind: &'static str, name: impl Into<String>, times: u64) {
        *self.0.entry((kind, name.into())).or_default() += times;
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Coverage) {
        for ((kind, name), times) in &other.0 {
            self.add(kind, name.clone(), *times);
        }
    }

    /// How often it was counted.
    pub fn of(&self, kind: &'static str, name: &str) -> u64 {
        self.0.get(&(kind, name.to_owned())).copied().unwrap_or_default()
    }

    /// What must happen and did not, of everything that a swarm is for.
    pub fn missing(&self) -> Vec<String> {
        let idle = self.0.iter().filter(|(_, times)| **times == 0);
        let idle = idle.map(|((kind, name), _)| format!("{kind} {name}"));
        let shapes: Vec<&str> = SHAPES.iter().chain(&ASKING).map(|(name, _)| *name).collect();
        let floors = [
            (MOVE, MOVES.as_slice()),
            (OUTCOME, OUTCOMES.as_slice()),
            (ACT, ACTS.as_slice()),
            (CHAOS, TROUBLES.as_slice()),
            (SHAPE, shapes.as_slice()),
            (FIRST, [NOTHING_BEFORE, RELEASED_SINCE].as_slice()),
            (BALANCED, super::balanced::FLOORS.as_slice()),
            (SWAP, super::swaps::BECAME.as_slice()),
            (WAY_BACK, super::modes::WAYS.as_slice()),
            (CAUSE, super::modes::CAUSES.as_slice()),
            (ORDER, super::people::PHASES.as_slice()),
            (START, super::starts::BECAME.as_slice()),
            (HELD, super::starts::HOLDS.as_slice()),
        ];
        let never = floors.iter().flat_map(|(kind, names)| {
            let unseen = names.iter().filter(move |name| self.of(kind, name) == 0);
            unseen.map(move |name| format!("{kind} {name}"))
        });
        idle.chain(never).collect()
    }

    /// Everything of a kind.
    pub fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
        let of_kind = self.0.iter().filter(move |((found, _), _)| *found == kind);
        of_kind.map(|((_, name), times)| (name.as_str(), *times))
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((kind, name), times) in &self.0 {
            writeln!(f, "{kind:<8} {times:>9}  {name}")?;
        }
        Ok(())
    }
}
