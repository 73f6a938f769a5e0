//! How AWS says no.

use serde_json::{Map, Value};
use std::fmt;

/// An error reply: AWS's own error code and text.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Error shape name, as in AWS's model (`ServiceNotFoundException`).
    pub code: &'static str,
    /// Text for people.
    pub message: String,
    /// HTTP status; 400 unless the model says otherwise.
    pub status: u16,
    /// Further members of the error shape (`CancellationReasons`, `Item`, `resourceIds`).
    pub fields: Map<String, Value>,
}

impl Refusal {
    /// A client error with HTTP status 400.
    pub fn new(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal {
            code,
            message: message.into(),
            status: 400,
            fields: Map::new(),
        }
    }

    /// The same with another HTTP status.
    pub fn status(mut self, status: u16) -> Refusal {
        self.status = status;
        self
    }

    /// The same with one more member.
    pub fn with(mut self, name: &str, value: Value) -> Refusal {
        self.fields.insert(name.to_owned(), value);
        self
    }

    /// What every AWS service says when it is asked too often.
    pub fn throttled() -> Refusal {
        Refusal::new("ThrottlingException", "Rate exceeded")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}
