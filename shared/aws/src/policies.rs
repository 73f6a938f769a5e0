//! Policies: read from SSM, and kept in the ledger with the pointers that lead to them.

use crate::ledger::{Edition, Known, LedgerError, keys};
use crate::{Refused, Serin, moment};
use aws_sdk_ssm::types::Parameter;
use decide::policy::{Mistake, Tier};
use decide::{At, Policy};
use std::collections::{BTreeMap, BTreeSet};

/// Path of the parameters that hold policies.
pub const PATH: &str = "/serin/policies/";

/// A policy cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// There is no such parameter.
    #[error("there is no parameter {PATH}{0}; put the policy there")]
    Missing(String),
    /// The document is wrong.
    #[error("the policy in {PATH}{name} is not usable: {}", list(.mistakes))]
    Wrong {
        /// Policy name.
        name: String,
        /// All that is wrong with it.
        mistakes: Vec<Mistake>,
    },
    /// AWS did not do what it was asked.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The ledger did not.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

fn list(mistakes: &[Mistake]) -> String {
    let texts: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

/// What became of a change to a parameter.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "policy", rename_all = "snake_case")]
pub enum Synced {
    /// The policy is known as it stands there.
    Known {
        /// Policy name.
        name: String,
        /// Version of its parameter.
        version: i64,
    },
    /// The parameter is gone, and so are the pointers.
    Forgotten {
        /// Policy name.
        name: String,
    },
    /// The document is wrong; what was known before goes on counting.
    Wrong {
        /// Policy name.
        name: String,
        /// All that is wrong with it.
        because: String,
    },
}

impl Serin {
    /// A policy as it stands in SSM, and which writing of it that is.
    ///
    /// # Errors
    /// Where there is none, where it is wrong, or where SSM refuses.
    pub async fn policy(&self, name: &str) -> Result<(Policy, Edition), PolicyError> {
        let parameter = format!("{PATH}{name}");
        let reply = self.clients.ssm().get_parameter().name(&parameter).send().await;
        let reply = reply.map_err(|error| {
            let refused = Refused::from_sdk("GetParameter", &parameter, &error);
            if refused.is("ParameterNotFound") {
                PolicyError::Missing(name.to_owned())
            } else {
                PolicyError::Refused(refused)
            }
        })?;
        let found = reply.parameter();
        let text = found.and_then(|found| found.value()).unwrap_or_default();
        let edition = edition(found);
        read(name, text).map(|policy| (policy, edition))
    }

    /// Makes what is known of a policy what stands in SSM.
    ///
    /// # Errors
    /// Where SSM or the ledger refuse.
    pub async fn sync(&self, name: &str) -> Result<Synced, PolicyError> {
        let before = self.ledger.known(name).await.unwrap_or(None);
        match self.policy(name).await {
            Ok((policy, edition)) => self.learn(&policy, edition, before.as_ref()).await,
            Err(PolicyError::Missing(name)) => self.forget(name, before.as_ref()).await,
            Err(wrong @ PolicyError::Wrong { .. }) => {
                tracing::error!(policy = name, %wrong, "the policy stays as it was known before");
                Ok(Synced::Wrong {
                    name: name.to_owned(),
                    because: wrong.to_string(),
                })
            }
            Err(error) => Err(error),
        }
    }

    /// The same for all policies; those that cannot be read are said.
    ///
    /// # Errors
    /// Where SSM or the ledger refuse.
    pub async fn sync_all(&self) -> Result<Vec<Synced>, PolicyError> {
        let known: BTreeMap<String, Known> = self
            .ledger
            .known_policies()
            .await?
            .into_iter()
            .map(|known| (known.policy.name.clone(), known))
            .collect();
        let mut seen = BTreeSet::new();
        let mut synced = Vec::new();
        let mut token = None;
        loop {
            let request = self
                .clients
                .ssm()
                .get_parameters_by_path()
                .path(PATH)
                .set_next_token(token);
            let page = request
                .send()
                .await
                .map_err(|error| Refused::from_sdk("GetParametersByPath", PATH, &error))?;
            for parameter in page.parameters() {
                let name = parameter
                    .name()
                    .and_then(|name| name.strip_prefix(PATH))
                    .unwrap_or_default();
                seen.insert(name.to_owned());
                let before = known.get(name);
                if before.is_some_and(|known| known.edition == edition(Some(parameter))) {
                    continue;
                }
                synced.push(match read(name, parameter.value().unwrap_or_default()) {
                    Ok(policy) => self.learn(&policy, edition(Some(parameter)), before).await?,
                    Err(wrong) => Synced::Wrong {
                        name: name.to_owned(),
                        because: wrong.to_string(),
                    },
                });
            }
            token = page.next_token().map(str::to_owned);
            if token.is_none() {
                break;
            }
        }
        for (name, known) in known.iter().filter(|(name, _)| !seen.contains(*name)) {
            synced.push(self.forget(name.clone(), Some(known)).await?);
        }
        Ok(synced)
    }

    /// Makes sure that a policy just read is known, with its pointers; since when it is.
    ///
    /// # Errors
    /// Where the ledger refuses.
    pub async fn know(&self, policy: &Policy, edition: Edition) -> Result<At, PolicyError> {
        let before = self.ledger.known(&policy.name).await?;
        self.learn(policy, edition, before.as_ref()).await?;
        Ok(before.map_or_else(|| self.now(), |known| known.since))
    }

    async fn learn(&self, policy: &Policy, edition: Edition, before: Option<&Known>) -> Result<Synced, PolicyError> {
        let pointers = self.pointers(policy);
        let same = before.is_some_and(|known| known.edition == edition && known.pointers == pointers);
        if !same {
            self.ledger
                .index(policy, edition, &pointers, before, self.now())
                .await?;
        }
        Ok(Synced::Known {
            name: policy.name.clone(),
            version: edition.version,
        })
    }

    async fn forget(&self, name: String, before: Option<&Known>) -> Result<Synced, PolicyError> {
        if let Some(known) = before {
            self.ledger.forget(known).await?;
        }
        Ok(Synced::Forgotten { name })
    }

    /// Partitions under which events find this policy.
    fn pointers(&self, policy: &Policy) -> BTreeSet<String> {
        let arn = |service: &str, rest: String| {
            format!(
                "arn:{}:{service}:{}:{}:{rest}",
                self.partition, self.region, self.account
            )
        };
        let services = &policy.two_services;
        let mut pointers: BTreeSet<String> = policy
            .alarms()
            .map(|alarm| keys::alarm(&arn("cloudwatch", format!("alarm:{alarm}"))))
            .collect();
        for name in [&services.canary, &services.stable] {
            pointers.insert(keys::service(&arn(
                "ecs",
                format!("service/{}/{name}", services.cluster),
            )));
        }
        if let Some(pipeline) = &policy.pipeline {
            pointers.insert(keys::pipeline(&arn("codepipeline", pipeline.name.clone())));
        }
        if let Some(starts) = &policy.starts_on_push {
            pointers.insert(keys::repository(&arn(
                "ecr",
                format!("repository/{}", starts.repository),
            )));
        }
        pointers
    }
}

fn edition(parameter: Option<&Parameter>) -> Edition {
    let modified = parameter.and_then(Parameter::last_modified_date);
    Edition {
        version: parameter.map_or(0, Parameter::version),
        modified: modified.map_or(At::from_millis(0), moment::at),
    }
}

fn read(name: &str, text: &str) -> Result<Policy, PolicyError> {
    let wrong = |mistakes| PolicyError::Wrong {
        name: name.to_owned(),
        mistakes,
    };
    let policy = Policy::read_for(Tier::Advanced, text).map_err(wrong)?;
    if policy.name == name {
        return Ok(policy);
    }
    Err(wrong(vec![Mistake {
        field: "name".to_owned(),
        text: format!("must be {name}, the last part of the parameter's name"),
    }]))
}
