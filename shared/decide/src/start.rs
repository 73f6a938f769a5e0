use crate::revision::hex;
use crate::{At, Images};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What starts a release. The same start heard twice, late or from another side is the same release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// Our own pipeline action, before the canary changes.
    Job {
        /// Execution id.
        execution: String,
        /// Id of this run of the action: a retried action is a new attempt.
        action_execution: String,
    },
    /// The pipeline's own deploy action on the canary, where none of ours came before it.
    Action {
        /// Execution id.
        execution: String,
        /// Id of this run of the action.
        action_execution: String,
    },
    /// The pipeline's deploy action on stable, where no release was open: a person had it tried again.
    Promotion {
        /// Execution id.
        execution: String,
        /// Id of this run of the action; a retry has another.
        action_execution: String,
        /// When it began.
        began: At,
    },
    /// A person, or another tool, has Serin release these images: it gives them to the canary itself.
    Explicit(Wanted),
    /// A deployment of the canary with no pipeline behind it.
    Deployment {
        /// ECS deployment id.
        deployment: String,
    },
}

/// What an explicit start asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Its own id: the same start sent twice is one.
    pub id: String,
    /// Image by container, each `repository@digest`.
    pub images: Images,
    /// Who starts it; bounded and escaped.
    pub by: String,
    /// Their reason; bounded and escaped.
    pub why: String,
    /// When it was asked for first; not known, where nobody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<At>,
    /// When the canary was told to run them last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<At>,
}

/// What begins the key of a start at stable.
const PROMOTION: &str = "promotion ";

/// Bytes of the hash in a release id: 16 digits.
const HASH_BYTES: usize = 8;

impl Start {
    /// The execution behind it.
    pub fn execution(&self) -> Option<&str> {
        match self {
            Start::Job { execution, .. } | Start::Action { execution, .. } | Start::Promotion { execution, .. } => {
                Some(execution)
            }
            Start::Deployment { .. } | Start::Explicit(_) => None,
        }
    }

    /// Kind and id, as the release keeps them.
    pub fn key(&self) -> String {
        match self {
            Start::Job { action_execution, .. } => format!("job {action_execution}"),
            Start::Action { action_execution, .. } => format!("action {action_execution}"),
            Start::Promotion { action_execution, .. } => format!("{PROMOTION}{action_execution}"),
            Start::Deployment { deployment } => format!("deployment {deployment}"),
            Start::Explicit(wanted) => format!("explicit {}", wanted.id),
        }
    }

    /// Whether it comes before its canary changes, so that it can be held.
    pub fn comes_before(&self) -> bool {
        matches!(self, Start::Job { .. } | Start::Explicit(_))
    }

    /// What Serin gives the canary itself.
    pub fn wanted(&self) -> Option<&Wanted> {
        match self {
            Start::Explicit(wanted) => Some(wanted),
            _ => None,
        }
    }

    /// Whether this is the key of a start at stable.
    pub(crate) fn is_promotion(key: &str) -> bool {
        key.starts_with(PROMOTION)
    }

    /// Id of the release: at most 49 characters, so that `<id>-<lap>` fits into the 80 of Step Functions.
    pub fn release_id(&self, policy: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(policy);
        hash.update("\0");
        hash.update(self.execution().unwrap_or_default());
        hash.update("\0");
        hash.update(self.key());
        format!("{policy}-{}", hex(&hash.finalize()[..HASH_BYTES]))
    }
}

#[cfg(test)]
mod tests {
    use super::Start;

    #[test]
    fn every_start_has_an_id_of_its_own_and_the_same_start_the_same() {
        let job = |action: &str| Start::Job {
            execution: "e".to_owned(),
            action_execution: action.to_owned(),
        };
        let action = Start::Action {
            execution: "e".to_owned(),
            action_execution: "a".to_owned(),
        };
        let promotion = Start::Promotion {
            execution: "e".to_owned(),
            action_execution: "a".to_owned(),
            began: crate::At::from_millis(0),
        };
        let deployment = Start::Deployment {
            deployment: "a".to_owned(),
        };
        let explicit = Start::Explicit(super::Wanted {
            id: "a".to_owned(),
            images: Default::default(),
            by: String::new(),
            why: String::new(),
            asked: None,
            given: None,
        });
        let ids: std::collections::BTreeSet<String> =
            [job("a"), job("b"), action.clone(), promotion, deployment, explicit]
                .iter()
                .flat_map(|start| [start.release_id("orders"), start.release_id("orders-eu")])
                .collect();
        assert_eq!(ids.len(), 12);
        assert_eq!(action.release_id("orders"), action.release_id("orders"));
        assert_eq!(job("a").release_id(&"p".repeat(32)).len(), 49);
    }
}
