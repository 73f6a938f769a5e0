//! Takes the next step of a release: on the tick of its clock, of every open release on the sweep, or because a person
//! ordered something.
//!
//! # Shape
//! `{"policy": "orders"}` is a tick and answers [`Ticked`]; `{"sweep": true}` is the sweep and answers
//! [`Swept`](aws::sweep::Swept). The clock's state machine also names `release` and `lap`, and reads `done` and
//! `wait_seconds`: a clock whose release has closed, or that another lap has followed, is told to end.
//! `{"policy": "orders", "order": {…}}` is what a person orders, of which events/order has one for each kind, and answers
//! [`Answered`].

#![deny(missing_docs)]

use aws::Serin;
use aws::event::{Undecodable, is_order, order};
use aws::ledger::LedgerError;
use aws::orders::Taken;
use aws::step::Stepped;
use serde::Serialize;
use serde_json::Value;

/// Seconds until the next look where the ledger could not be used; no reason to roll anything back.
const LEDGER_WAIT_SECONDS: u32 = 60;

/// Where a release stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ticked {
    /// Release id, where one is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub release_id: Option<String>,
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

/// What became of an order, and where the release stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answered {
    /// Id of the order.
    pub order: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// What was accepted, or why it was refused.
    pub answer: String,
    /// As after a tick: of the step that followed.
    #[serde(flatten)]
    pub ticked: Ticked,
}

/// Why an event is no answer's worth.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The event is none that this function takes. Nothing was done, and trying again does not help.
    #[error("{problem}; send {{\"policy\": \"<name>\"}} for a tick or {{\"sweep\": true}} for the sweep")]
    NotATick {
        /// What is wrong with it.
        problem: String,
    },
    /// What should be an order is none. Nothing was done, and trying again does not help.
    #[error(transparent)]
    NotAnOrder(#[from] Undecodable),
    /// An order could not be written down, or not be acted upon.
    #[error("{0}; give the order again: under the same id it is the same order")]
    Ledger(#[from] LedgerError),
}

/// Handles one event.
///
/// # Errors
/// For an event that this function does not take, and for an order that could not be taken. For a clock, trouble with
/// the ledger is answered with another wait, so that it goes on.
pub async fn handle(serin: &Serin, event: &Value, invocation: &str) -> Result<Value, Unanswered> {
    // Each on the heap: three ways of waiting for AWS side by side are more than a thread's stack bears in a debug build.
    if is_order(event) {
        let taken = Box::pin(serin.take(&order(event)?, invocation)).await?;
        return serde_json::to_value(answered(taken)).map_err(|error| refuse(&error.to_string()));
    }
    let answer = match (event.get("policy"), event.get("sweep")) {
        (Some(Value::String(policy)), None) => {
            let clock = clock(event)?;
            serde_json::to_value(Box::pin(tick(serin, policy, clock, invocation)).await)
        }
        (None, Some(Value::Bool(true))) => serde_json::to_value(Box::pin(serin.sweep(invocation)).await),
        (Some(_), _) => return Err(refuse("the field policy must be a text, and stand alone")),
        (None, _) => return Err(refuse("the event has neither a policy nor a sweep")),
    };
    answer.map_err(|error| refuse(&error.to_string()))
}

fn answered(taken: Taken) -> Answered {
    Answered {
        order: taken.order,
        accepted: taken.accepted,
        ticked: match taken.stepped {
            Some(stepped) => ticked(stepped, false),
            None => over(taken.answer.clone()),
        },
        answer: taken.answer,
    }
}

fn refuse(problem: &str) -> Unanswered {
    Unanswered::NotATick {
        problem: problem.to_owned(),
    }
}

/// Which clock ticks.
struct Clock<'a> {
    release: &'a str,
    lap: u32,
}

fn clock(event: &Value) -> Result<Option<Clock<'_>>, Unanswered> {
    match (event.get("release"), event.get("lap")) {
        (None, None) => Ok(None),
        (Some(Value::String(release)), Some(Value::Number(lap))) => {
            let lap = lap.as_u64().and_then(|lap| u32::try_from(lap).ok());
            let lap = lap.ok_or_else(|| refuse("the field lap must be a whole number"))?;
            Ok(Some(Clock { release, lap }))
        }
        _ => Err(refuse("the fields release, a text, and lap, a number, go together")),
    }
}

async fn tick(serin: &Serin, policy: &str, clock: Option<Clock<'_>>, invocation: &str) -> Ticked {
    if let Some(clock) = &clock {
        match follows(serin, policy, clock).await {
            Ok(None) => {}
            Ok(Some(because)) => return over(because).after(serin, policy).await,
            Err(error) => return waiting(policy, &error),
        }
    }
    match serin.tick(policy, invocation).await {
        Ok(Some(stepped)) => {
            let other = clock.is_some_and(|clock| clock.release != stepped.release_id);
            ticked(stepped, other)
        }
        Ok(None) => {
            let over = over(format!("no release of policy {policy} is open"));
            over.after(serin, policy).await
        }
        Err(error) => waiting(policy, &error),
    }
}

fn ticked(stepped: Stepped, other: bool) -> Ticked {
    Ticked {
        release_id: Some(stepped.release_id),
        phase: stepped.phase,
        because: stepped.because,
        done: stepped.wait_seconds.is_none() || other,
        outcome: stepped.outcome.map(|outcome| outcome.name().to_owned()),
        wait_seconds: stepped.wait_seconds.unwrap_or(0),
        did: stepped.did,
    }
}

/// Why this clock has nothing to do any more, if so. A clock on a later lap than is known takes the lead.
async fn follows(serin: &Serin, policy: &str, clock: &Clock<'_>) -> Result<Option<String>, LedgerError> {
    if clock.lap > 1 {
        serin.ledger.lap(policy, clock.release, clock.lap).await?;
    }
    let open = serin.ledger.open_release(policy).await?;
    Ok(match open {
        None => Some(format!("no release of policy {policy} is open")),
        Some(open) if open.release_id != clock.release => Some(format!(
            "release {} is closed, {} is open",
            clock.release, open.release_id
        )),
        Some(open) if open.lap > clock.lap => Some(format!("the clock of {} is at lap {}", clock.release, open.lap)),
        Some(_) => None,
    })
}

fn over(because: String) -> Ticked {
    Ticked {
        release_id: None,
        phase: "empty",
        because,
        done: true,
        outcome: None,
        wait_seconds: 0,
        did: Vec::new(),
    }
}

impl Ticked {
    /// Whoever closed the release may not be the one who tells, or may have died.
    async fn after(mut self, serin: &Serin, policy: &str) -> Ticked {
        self.did = serin.tell_untold(Some(policy)).await;
        self
    }
}

fn waiting(policy: &str, error: &LedgerError) -> Ticked {
    tracing::error!(policy, %error, "the step failed; the clock goes on");
    Ticked {
        release_id: None,
        phase: "unknown",
        because: error.to_string(),
        done: false,
        outcome: None,
        wait_seconds: LEDGER_WAIT_SECONDS,
        did: Vec::new(),
    }
}
