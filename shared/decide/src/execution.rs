//! The pipeline execution behind a release, and the approval that waits in it.

use crate::At;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The pipeline execution behind a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// Pipeline name.
    pub name: String,
    /// Execution id.
    pub execution: String,
    /// Stage whose ECS deploy action gives stable the revision, if the pipeline has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promoting_stage: Option<String>,
    /// The approval that waits, with its token, where it was told to us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// That Serin lets it go on. Written down before the pipeline is told: whatever fails the release since then comes
    /// first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approved>,
    /// When the execution was abandoned in the middle of promoting, or before its canary had been given anything; its
    /// deploy action may still write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abandoned: Option<At>,
    /// When it was first seen to be over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_since: Option<At>,
    /// When the way into the promoting stage was to be closed once more than the rollback itself says: a call that may
    /// land late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<At>,
}

/// Serin's word that an execution may go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// When it was given.
    pub at: At,
    /// On what it was given, for people.
    pub evidence: String,
    /// The canary's share at that moment, in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_permille: Option<u32>,
    /// The manual approval that was told so last; none where an action of ours passes the word on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
}

/// A manual approval that was answered, written down before the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Marks its token.
    pub token: String,
    /// When.
    pub at: At,
}

/// An open manual approval of the execution.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Stage name.
    pub stage: String,
    /// Action name.
    pub action: String,
    /// Token of this request. Whoever has it may answer, so it never appears in logs.
    pub token: String,
    /// When it was opened, by CodePipeline's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<At>,
    /// For how many minutes it waits, where its action notifies Serin's topic: whoever wrote that asks Serin. None where
    /// it does not, or that was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks_minutes: Option<u32>,
    /// Whether its stage was tried again: somebody may have refused before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retried: bool,
}

impl fmt::Debug for Approval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Approval({}/{})", self.stage, self.action)
    }
}

impl Execution {
    /// An execution of which nothing has been seen yet.
    pub fn unseen(name: String, execution: String, promoting_stage: Option<String>) -> Execution {
        Execution {
            name,
            execution,
            promoting_stage,
            approval: None,
            approved: None,
            abandoned: None,
            over_since: None,
            held: None,
        }
    }
}
