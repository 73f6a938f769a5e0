//! Targets of rules: what is called, with what, and how often it is tried.

use crate::refusal::Refusal;
use serde_json::Value;

/// Who is called, by name, in the account's own Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A Lambda function, asynchronously.
    Function(String),
    /// A Step Functions state machine: `StartExecution`.
    Machine(String),
    /// An SNS topic.
    Topic(String),
}

/// What the target is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The whole event.
    Event,
    /// Always the same.
    Fixed(Value),
}

/// `RetryPolicy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// `MaximumEventAgeInSeconds`: 60 to 86 400.
    pub max_age_seconds: u32,
    /// `MaximumRetryAttempts`: how often a failed delivery is tried again, 0 to 185.
    pub attempts: u32,
}

impl Default for Retry {
    fn default() -> Retry {
        Retry {
            max_age_seconds: 86_400,
            attempts: 185,
        }
    }
}

/// A target of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Who is called.
    pub destination: Destination,
    /// With what.
    pub input: Input,
    /// How often.
    pub retry: Retry,
    /// Queue for what could not be delivered, by name.
    pub dead_letter: Option<String>,
    /// Role in which the target is called; without one the target's own policy is taken to allow it.
    pub role: Option<String>,
}

impl Target {
    /// The whole event, AWS's own retries, no dead-letter queue.
    pub fn new(destination: Destination) -> Target {
        Target {
            destination,
            input: Input::Event,
            retry: Retry::default(),
            dead_letter: None,
            role: None,
        }
    }

    /// A function.
    pub fn function(name: &str) -> Target {
        Target::new(Destination::Function(name.to_owned()))
    }

    /// A state machine.
    pub fn machine(name: &str) -> Target {
        Target::new(Destination::Machine(name.to_owned()))
    }

    /// A topic.
    pub fn topic(name: &str) -> Target {
        Target::new(Destination::Topic(name.to_owned()))
    }

    /// The same with a constant instead of the event.
    pub fn given(mut self, input: Value) -> Target {
        self.input = Input::Fixed(input);
        self
    }

    /// The same with another retry policy.
    pub fn retried(mut self, max_age_seconds: u32, attempts: u32) -> Target {
        self.retry = Retry {
            max_age_seconds,
            attempts,
        };
        self
    }

    /// The same with a dead-letter queue.
    pub fn dead_letters_to(mut self, queue: &str) -> Target {
        self.dead_letter = Some(queue.to_owned());
        self
    }

    /// The same, called in a role.
    pub fn called_in(mut self, role: &str) -> Target {
        self.role = Some(role.to_owned());
        self
    }

    /// What `PutTargets` refuses.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let Retry {
            max_age_seconds,
            attempts,
        } = self.retry;
        if !(60..=86_400).contains(&max_age_seconds) {
            let text = format!("MaximumEventAgeInSeconds is {max_age_seconds}; it must be between 60 and 86400.");
            return Err(Refusal::new("ValidationException", text));
        }
        if attempts > 185 {
            let text = format!("MaximumRetryAttempts is {attempts}; it must be between 0 and 185.");
            return Err(Refusal::new("ValidationException", text));
        }
        Ok(())
    }
}
