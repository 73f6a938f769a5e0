use crate::At;
use serde::{Deserialize, Serialize};

/// How many tasks the canary has, as far as steps change that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Tasks that it had before the first change: what it goes back to.
    pub rest: u32,
    /// Tasks that it was given last.
    pub given: u32,
    /// When that was authorised last.
    pub at: At,
    /// Whether it was seen with them.
    pub seen: bool,
    /// Tasks that it had before, at rest or given by us: any of them may be seen a while longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<u32>,
    /// Tasks that somebody else gave it since: its size is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<u32>,
}

impl Size {
    /// A canary as it was found, before anything is changed.
    pub fn found(tasks: u32, at: At) -> Size {
        Size {
            rest: tasks,
            given: tasks,
            at,
            seen: true,
            earlier: Vec::new(),
            theirs: None,
        }
    }

    /// It is given another number.
    pub fn give(&mut self, tasks: u32, at: At) {
        if !self.earlier.contains(&self.given) {
            self.earlier.push(self.given);
        }
        (self.given, self.at, self.seen) = (tasks, at, false);
    }

    /// Whether nothing was ever changed.
    pub fn is_untouched(&self) -> bool {
        self.earlier.is_empty()
    }

    /// Whether the last change took tasks away.
    pub fn has_shrunk(&self) -> bool {
        self.earlier.iter().any(|tasks| *tasks > self.given)
    }
}
