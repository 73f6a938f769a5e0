//! Looks at everything that a policy names, for a person at a terminal, before any release.
//!
//! # Guarantees
//! Reads only, and nothing of the ledger: whoever may read the services, alarms, queues and the pipeline may ask, in
//! any account. What cannot be read is unknown, with what is missing to read it.

mod alarms;
mod pipeline;
pub(crate) mod queues;
mod services;
mod weights;

use crate::Clients;
use crate::refused::{Refused, Why};
use crate::terminal::{self, NoWay};
use decide::live::Found;
use decide::policy::Traffic;
use decide::{Part, Policy};
use futures_util::future::join4;
use std::collections::BTreeSet;

/// An account, as whoever sits at a terminal may see it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its region.
    pub region: String,
    clients: Clients,
}

impl Account {
    /// From the AWS environment and configuration files.
    ///
    /// # Errors
    /// Where nothing says who asks, or where.
    pub async fn connect() -> Result<Account, NoWay> {
        let (config, region) = terminal::signed_in().await?;
        Ok(Account {
            clients: Clients::new(&config, "serin"),
            region,
        })
    }

    /// As [`in_roles`].
    pub async fn in_roles(&self, policy: &Policy) -> Policy {
        in_roles(&self.clients, policy).await
    }

    /// Looks at everything that a policy names, as far as it can be read.
    pub async fn look(&self, policy: &Policy) -> Found {
        let approvals = std::env::var("SERIN_APPROVALS").ok().filter(|arn| !arn.is_empty());
        Found {
            approvals,
            ..look(&self.clients, policy).await
        }
    }
}

/// A policy in the roles that its services have by the weights at this moment; as it is written, where it exchanges
/// nothing, or the weights cannot be read or do not say.
pub async fn in_roles(clients: &Clients, policy: &Policy) -> Policy {
    let alb = match &policy.traffic {
        Traffic::Alb(alb) if policy.swaps() => alb,
        Traffic::Alb(_) | Traffic::ConsumerShare { .. } => return policy.clone(),
    };
    let actions = crate::observe::weights::actions(clients.elb(), alb).await;
    let forward = actions.ok().flatten();
    let forward = forward.and_then(|actions| crate::observe::weights::forward(&actions, alb));
    policy.in_roles(forward.as_ref()).unwrap_or_else(|_| policy.clone())
}

/// As [`Account::look`].
pub async fn look(clients: &Clients, policy: &Policy) -> Found {
    let alarms = async {
        let alarms = alarms::alarms(&clients.cloudwatch, policy).await;
        let known = alarms.known().map(Vec::as_slice).unwrap_or_default();
        let watched = known.iter().flat_map(|alarm| alarm.queues());
        let names: BTreeSet<&str> = watched.chain(policy.dead_letter_queues()).collect();
        let queues = queues::queues(clients.sqs(), names).await;
        (alarms, queues)
    };
    let ((canary, stable), (alarms, queues), pipeline, rule) = join4(
        services::services(&clients.ecs, policy),
        alarms,
        pipeline::pipeline(&clients.codepipeline, policy),
        weights::rule(clients, policy),
    )
    .await;
    Found {
        canary,
        stable,
        alarms,
        queues,
        pipeline,
        rule,
        approvals: None,
    }
}

/// What could not be read, and what to do.
fn unread<T>(service: &str, refused: &Refused) -> Part<T> {
    Part::Unknown(explain(service, refused))
}

/// The same in the words of whoever sits there; `service` is what IAM calls it.
pub fn explain(service: &str, refused: &Refused) -> String {
    let (operation, on, said) = (refused.operation, &refused.on, terminal::said(refused));
    if terminal::is_unsigned(refused) {
        return format!("{operation} on {on}: AWS does not accept these credentials{said}; sign in again");
    }
    match refused.why {
        Why::Denied => format!("{operation} on {on}: not allowed{said}; these credentials need {service}:{operation}"),
        Why::Throttled | Why::ServerFailed => format!("{refused}; try again in a moment"),
        Why::NotReached | Why::TimedOut => {
            format!("{refused}; check AWS_REGION, AWS_ENDPOINT_URL and the network, then try again")
        }
        Why::Refused => refused.to_string(),
    }
}
