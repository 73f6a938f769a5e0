//! Takes the next step of a release: on the tick of its clock, or of every open release on the sweep.
//!
//! # Shape
//! `{"policy": "orders"}` is a tick and answers [`Ticked`]; `{"sweep": true}` is the sweep and answers
//! [`Swept`]. The clock's state machine reads `done` and `wait_seconds`.

#![deny(missing_docs)]

use aws::Serin;
use aws::ledger::LedgerError;
use aws::step::Stepped;
use serde::Serialize;
use serde_json::Value;

/// Seconds until the next look where the ledger could not be used; no reason to roll anything back.
const LEDGER_WAIT_SECONDS: u32 = 60;

/// Where a release stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ticked {
    /// Phase, by name.
    pub phase: &'static str,
    /// The reason of the last decision.
    pub because: String,
    /// Whether the clock may stop.
    pub done: bool,
    /// How the release ended, if it did.
    pub outcome: Option<String>,
    /// When to look again.
    pub wait_seconds: u32,
    /// What was done, line by line.
    pub did: Vec<String>,
}

/// What a sweep found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Swept {
    /// Open releases that were stepped.
    pub stepped: Vec<Stepped>,
    /// Policies whose step failed, with the reason.
    pub failed: Vec<String>,
}

/// The event is none that this function takes. Nothing was done, and trying again does not help.
#[derive(Debug, thiserror::Error)]
#[error("{problem}; send {{\"policy\": \"<name>\"}} for a tick or {{\"sweep\": true}} for the sweep")]
pub struct NotATick {
    /// What is wrong with it.
    pub problem: String,
}

/// Handles one event.
///
/// # Errors
/// Only for an event that this function does not take. Trouble with the ledger is answered with
/// another wait, so that the clock goes on.
pub async fn handle(serin: &Serin, event: &Value, invocation: &str) -> Result<Value, NotATick> {
    let answer = match (event.get("policy"), event.get("sweep")) {
        (Some(Value::String(policy)), None) => serde_json::to_value(tick(serin, policy, invocation).await),
        (None, Some(Value::Bool(true))) => serde_json::to_value(sweep(serin, invocation).await),
        (Some(_), _) => return Err(refuse("the field policy must be a text, and stand alone")),
        (None, _) => return Err(refuse("the event has neither a policy nor a sweep")),
    };
    answer.map_err(|error| NotATick {
        problem: error.to_string(),
    })
}

fn refuse(problem: &str) -> NotATick {
    NotATick {
        problem: problem.to_owned(),
    }
}

async fn tick(serin: &Serin, policy: &str, invocation: &str) -> Ticked {
    match serin.tick(policy, invocation).await {
        Ok(Some(stepped)) => Ticked {
            phase: stepped.phase,
            because: stepped.because,
            done: stepped.wait_seconds.is_none(),
            outcome: stepped.outcome.map(|outcome| outcome.name().to_owned()),
            wait_seconds: stepped.wait_seconds.unwrap_or(0),
            did: stepped.did,
        },
        Ok(None) => Ticked {
            phase: "empty",
            because: format!("no release of policy {policy} is open"),
            done: true,
            outcome: None,
            wait_seconds: 0,
            did: Vec::new(),
        },
        Err(error) => waiting(policy, &error),
    }
}

fn waiting(policy: &str, error: &LedgerError) -> Ticked {
    tracing::error!(policy, %error, "the step failed; the clock goes on");
    Ticked {
        phase: "unknown",
        because: error.to_string(),
        done: false,
        outcome: None,
        wait_seconds: LEDGER_WAIT_SECONDS,
        did: Vec::new(),
    }
}

async fn sweep(serin: &Serin, invocation: &str) -> Swept {
    let mut swept = Swept {
        stepped: Vec::new(),
        failed: Vec::new(),
    };
    let policies = match serin.ledger.open_policies().await {
        Ok(policies) => policies,
        Err(error) => {
            tracing::error!(%error, "the list of open releases cannot be read; the next sweep tries again");
            swept.failed.push(error.to_string());
            return swept;
        }
    };
    for policy in policies {
        match serin.tick(&policy, invocation).await {
            Ok(stepped) => swept.stepped.extend(stepped),
            Err(error) => {
                tracing::error!(policy, %error, "the step failed; the next sweep tries again");
                swept.failed.push(format!("{policy}: {error}"));
            }
        }
    }
    swept
}
