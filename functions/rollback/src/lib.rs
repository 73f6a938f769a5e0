//! Rolls releases back when an alarm goes to ALARM, and says which were and which were left alone.
//!
//! # Shape
//! Takes a CloudWatch alarm from its own Lambda action, from EventBridge or through SNS; answers
//! [`Answer`]: one line per alarm, and under it one per policy that guards on it.
//!
//! # Guarantees
//! An alarm is acted on as a *fact*: it is merged into the release before anything is done, so a copy
//! of the event, or another invocation on it at the same time, changes nothing.

#![deny(missing_docs)]

use aws::Serin;
use aws::begin::BeginError;
use aws::event::{AlarmEvent, AlarmState, Undecodable, alarms};
use aws::ledger::{LedgerError, Merge};
use aws::step::{Stepped, Told};
use decide::{At, Fact};
use futures_util::future::join_all;
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::Value;

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// One for each alarm in it.
    pub alarms: Vec<AlarmAnswer>,
}

/// What became of one alarm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlarmAnswer {
    /// Its ARN, where one could be read.
    pub alarm: Option<String>,
    /// Why nothing was done, where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_alone: Option<String>,
    /// What became of each policy that guards on it.
    pub policies: Vec<PolicyAnswer>,
}

/// What became of one policy's release.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum PolicyAnswer {
    /// Its release took a step; what it led to stands inside.
    Stepped(Stepped),
    /// The alarm was known, and somebody is acting on it.
    UnderWay(Stepped),
    /// No release is open.
    NothingOpen {
        /// Policy name.
        policy: String,
        /// Id, outcome and time of the release that closed last.
        last: Option<String>,
    },
    /// The row cannot be used; another try would not help.
    Unusable {
        /// Policy name.
        policy: String,
        /// What is wrong and what to do.
        because: String,
    },
}

/// The event could not be handled; Lambda tries it again, and then keeps it in the on-failure queue.
#[derive(Debug, thiserror::Error)]
#[error("alarm {alarm}: {source}")]
pub struct TryAgain {
    alarm: String,
    source: Box<BeginError>,
}

impl From<TryAgain> for Diagnostic {
    fn from(error: TryAgain) -> Diagnostic {
        let error_type = match &*error.source {
            BeginError::Ledger(_) => "Serin.LedgerNotUsable",
            _ => "Serin.NotYet",
        };
        Diagnostic {
            error_type: error_type.to_owned(),
            error_message: error.to_string(),
        }
    }
}

/// Handles one event.
///
/// # Errors
/// Where the ledger cannot be used at the moment, or whether there is a release cannot be told. What can never be handled is
/// answered instead.
pub async fn handle(serin: &Serin, event: &Value, invocation: &str) -> Result<Answer, TryAgain> {
    let mut answers = Vec::new();
    let mut failed = None;
    for decoded in alarms(event) {
        match alarm(serin, decoded, invocation).await {
            Ok(answer) => answers.push(answer),
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(Answer { alarms: answers }), Err)
}

async fn alarm(
    serin: &Serin,
    decoded: Result<AlarmEvent, Undecodable>,
    invocation: &str,
) -> Result<AlarmAnswer, TryAgain> {
    let event = match decoded {
        Ok(event) => event,
        Err(undecodable) => {
            tracing::error!(refused = %undecodable, "nothing was done");
            return Ok(AlarmAnswer {
                alarm: None,
                left_alone: Some(undecodable.to_string()),
                policies: Vec::new(),
            });
        }
    };
    let arn = event.arn.as_str().to_owned();
    let left_alone = |because: String| {
        tracing::info!(alarm = arn, because, "left alone");
        Ok(AlarmAnswer {
            alarm: Some(arn.clone()),
            left_alone: Some(because),
            policies: Vec::new(),
        })
    };
    if let Some(because) = foreign(serin, &event) {
        return left_alone(because);
    }
    let again = |source: BeginError| TryAgain {
        alarm: arn.clone(),
        source: Box::new(source),
    };
    let policies = serin
        .ledger
        .guarded_by(&arn)
        .await
        .map_err(|error| again(error.into()))?;
    if policies.is_empty() {
        return left_alone("no policy guards on this alarm; name it in the policy's checks if one should".to_owned());
    }
    if let Some(answers) = looked(serin, &event, &policies, invocation).await.map_err(again)? {
        return Ok(AlarmAnswer {
            alarm: Some(arn.clone()),
            left_alone: None,
            policies: answers,
        });
    }
    if let Some(because) = counts_not(&event) {
        mute(serin, &event, &policies, invocation).await.map_err(again)?;
        return left_alone(because);
    }
    let fact = fact(&event);
    let told = policies.iter().map(|policy| tell(serin, policy, &fact, invocation));
    let told: Vec<PolicyAnswer> = join_all(told)
        .await
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(again)?;
    Ok(AlarmAnswer {
        alarm: Some(arn.clone()),
        left_alone: None,
        policies: told,
    })
}

/// One time series of several changed: when the alarm itself did is for CloudWatch to say, so it is looked at.
async fn looked(
    serin: &Serin,
    event: &AlarmEvent,
    policies: &[String],
    invocation: &str,
) -> Result<Option<Vec<PolicyAnswer>>, BeginError> {
    if event.contributor.is_none() {
        return Ok(None);
    }
    let looks = policies.iter().map(|policy| look(serin, policy, invocation));
    let answers: Result<Vec<PolicyAnswer>, BeginError> = join_all(looks).await.into_iter().collect();
    answers.map(Some)
}

/// A later look would see the same alarm in ALARM, and not that it was muted; also where the release that it concerns has
/// not been opened yet.
async fn mute(serin: &Serin, event: &AlarmEvent, policies: &[String], invocation: &str) -> Result<(), BeginError> {
    let muted = Fact::Muted {
        arn: event.arn.as_str().to_owned(),
        name: event.arn.name().to_owned(),
        since: At::from_millis(event.since.0),
    };
    let merges = policies
        .iter()
        .map(|policy| mute_one(serin, policy, &muted, invocation));
    let merged: Result<Vec<_>, BeginError> = join_all(merges).await.into_iter().collect();
    merged.map(drop)
}

async fn mute_one(serin: &Serin, policy: &str, muted: &Fact, invocation: &str) -> Result<(), BeginError> {
    match serin.ledger.merge(policy, muted, invocation, serin.now()).await? {
        Merge::New(_) | Merge::Known(_) => Ok(()),
        Merge::NothingOpen(last) => first_heard(serin, policy, muted, last, invocation).await.map(drop),
    }
}

/// Why the event is nothing to us, if so.
fn foreign(serin: &Serin, event: &AlarmEvent) -> Option<String> {
    if event.arn.account() != serin.account {
        let (theirs, ours) = (event.arn.account(), &serin.account);
        return Some(format!(
            "the alarm is in account {theirs}, this stack is in {ours}; remove its permission to invoke this function"
        ));
    }
    if event.state != AlarmState::Alarm {
        return Some("the alarm did not go to ALARM".to_owned());
    }
    None
}

/// Why the transition is none that could roll a release back, if so.
fn counts_not(event: &AlarmEvent) -> Option<String> {
    if let Some(by) = &event.suppressed {
        return Some(format!("the alarm's actions are suppressed by {by}"));
    }
    event.muted.then(|| "the alarm is muted".to_owned())
}

fn fact(event: &AlarmEvent) -> Fact {
    Fact::Alarm {
        arn: event.arn.as_str().to_owned(),
        // The ARN's, not the event's: the two may differ, and the policy means the alarm.
        name: event.arn.name().to_owned(),
        since: At::from_millis(event.since.0),
        reason: event.reason.clone(),
    }
}

async fn tell(serin: &Serin, policy: &str, fact: &Fact, invocation: &str) -> Result<PolicyAnswer, BeginError> {
    let told = serin.tell(policy, fact, invocation).await;
    answered(serin, policy, told, Some(fact), invocation).await
}

async fn look(serin: &Serin, policy: &str, invocation: &str) -> Result<PolicyAnswer, BeginError> {
    answered(
        serin,
        policy,
        serin.look_again(policy, invocation).await,
        None,
        invocation,
    )
    .await
}

async fn answered(
    serin: &Serin,
    policy: &str,
    told: Result<Told, LedgerError>,
    fact: Option<&Fact>,
    invocation: &str,
) -> Result<PolicyAnswer, BeginError> {
    match (told, fact) {
        (Ok(Told::Stepped(stepped)), _) => Ok(PolicyAnswer::Stepped(stepped)),
        (Ok(Told::UnderWay(stepped)), _) => Ok(PolicyAnswer::UnderWay(stepped)),
        (Ok(Told::NothingOpen(last)), Some(fact)) => first_heard(serin, policy, fact, last, invocation).await,
        (Ok(Told::NothingOpen(last)), None) => begun(serin, policy, last, invocation).await,
        (Err(error), _) if error.may_pass() => Err(error.into()),
        (Err(error), _) => {
            tracing::error!(policy, %error, "nothing was done");
            Ok(PolicyAnswer::Unusable {
                policy: policy.to_owned(),
                because: error.to_string(),
            })
        }
    }
}

/// No release is open: the alarm may be the first thing that is heard of one, and nobody may ever say so again.
async fn first_heard(
    serin: &Serin,
    policy: &str,
    fact: &Fact,
    last: Option<String>,
    invocation: &str,
) -> Result<PolicyAnswer, BeginError> {
    let Some(known) = serin.ledger.known(policy).await? else {
        return Ok(nothing_open(policy, last));
    };
    opened(policy, last, serin.first_heard(&known, fact, invocation).await)
}

/// The same where what was heard is only that one should look.
async fn begun(
    serin: &Serin,
    policy: &str,
    last: Option<String>,
    invocation: &str,
) -> Result<PolicyAnswer, BeginError> {
    let Some(known) = serin.ledger.known(policy).await? else {
        return Ok(nothing_open(policy, last));
    };
    opened(policy, last, serin.news(&known, invocation).await)
}

fn nothing_open(policy: &str, last: Option<String>) -> PolicyAnswer {
    PolicyAnswer::NothingOpen {
        policy: policy.to_owned(),
        last,
    }
}

fn opened(
    policy: &str,
    last: Option<String>,
    begun: Result<Option<Stepped>, BeginError>,
) -> Result<PolicyAnswer, BeginError> {
    match begun {
        Ok(Some(stepped)) => Ok(PolicyAnswer::Stepped(stepped)),
        Ok(None) => Ok(nothing_open(policy, last)),
        Err(error) if error.may_pass() => Err(error),
        Err(error) => {
            tracing::error!(policy, %error, "no release is open, and whether one should be cannot be told");
            Ok(nothing_open(policy, last))
        }
    }
}
