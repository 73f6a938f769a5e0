//! AWS IAM: whether a caller may do what it asks for.
//!
//! # Shape
//!
//! ```text
//! access key → role → demands (action, resource, context) → policies → allowed, or AccessDenied
//! ```
//!
//! Whoever signs with a key that [`stage::signs`] knows is held to its role's policies, on every request. Any other key
//! is an administrator's. What a request demands is in [`demands`], what a policy says in [`document`], whether it
//! holds in [`Statement::covers`] and [`evaluate`].
//!
//! # Source
//!
//! "Policy evaluation logic" and "IAM JSON policy element reference", IAM user guide; Service Authorization Reference.

mod condition;
pub mod demands;
mod document;
mod pattern;
pub mod stage;
#[cfg(test)]
mod tests;

pub use demands::Demand;
pub use document::{Document, Effect, Of, Statement};
pub(crate) use pattern::like;

use crate::refusal::Refusal;
use crate::world::World;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Who may do what, and what was asked for.
#[derive(Clone, Debug, Default)]
pub struct Iam {
    roles: BTreeMap<String, Role>,
    sessions: BTreeMap<String, Session>,
}

/// A role and everything it was ever used for.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// Identity-based policies.
    pub policies: Vec<Document>,
    /// What was demanded, allowed or not, with no more context than the policies ask for.
    pub demanded: BTreeSet<Demand>,
    /// Condition keys of its policies, in lower case.
    asked: BTreeSet<String>,
}

/// Who signs with a key.
#[derive(Clone, Debug)]
struct Session {
    role: String,
    name: String,
}

/// What IAM says to a demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A statement allows it and none denies it.
    Allowed,
    /// A statement denies it.
    ExplicitlyDenied,
    /// No statement speaks of it.
    ImplicitlyDenied,
}

/// Judges a demand by all policies of an identity: "an explicit deny in any of these policies overrides the allow".
pub fn evaluate(policies: &[Document], demand: &Demand) -> Verdict {
    let statements = policies.iter().flat_map(|policy| &policy.statements);
    let mut verdict = Verdict::ImplicitlyDenied;
    for statement in statements.filter(|statement| statement.covers(demand)) {
        match statement.effect {
            Effect::Deny => return Verdict::ExplicitlyDenied,
            Effect::Allow => verdict = Verdict::Allowed,
        }
    }
    verdict
}

impl Iam {
    /// All roles with policies, by ARN.
    pub fn roles(&self) -> &BTreeMap<String, Role> {
        &self.roles
    }

    /// The same, to take from a role or give to it what it may do.
    ///
    /// # Panics
    /// Where there is no such role.
    pub fn policies_mut(&mut self, role: &str) -> &mut Vec<Document> {
        let found = self.roles.get_mut(role);
        &mut found.unwrap_or_else(|| panic!("no role {role} here")).policies
    }

    /// Whether any policy has a condition on this key, in lower case.
    fn asks_for(&self, key: &str) -> bool {
        self.roles.values().any(|role| role.asked.contains(key))
    }

    fn judge(&mut self, session: &Session, demands: Vec<Demand>) -> Result<(), Refusal> {
        let Some(role) = self.roles.get_mut(&session.role) else {
            return Ok(());
        };
        for mut demand in demands {
            demand.context.retain(|key, _| role.asked.contains(&key.to_lowercase()));
            let verdict = evaluate(&role.policies, &demand);
            let refusal = refused(session, &demand, verdict);
            if !role.demanded.contains(&demand) {
                role.demanded.insert(demand);
            }
            refusal.map_or(Ok(()), Err)?;
        }
        Ok(())
    }
}

/// Whether whoever signed with this key may ask for this.
///
/// # Errors
/// `AccessDeniedException`, in AWS's words; a request that nobody has said how to authorise is a defect.
pub fn authorise(
    world: &mut World,
    key: Option<&str>,
    service: &str,
    operation: &str,
    input: &Value,
) -> Result<(), Refusal> {
    let Some(session) = key.and_then(|key| world.iam.sessions.get(key)).cloned() else {
        return Ok(());
    };
    let Some(demands) = demands::of(world, service, operation, input) else {
        let defect = format!("{service} {operation}: IAM does not know what it demands");
        world.defects.push(defect.clone());
        return Err(Refusal::new("InternalFailure", format!("simulator defect: {defect}")).status(500));
    };
    world.iam.judge(&session, demands)
}

/// Whether a role may do something on behalf of whom a service has assumed it for.
///
/// # Errors
/// `AccessDeniedException`, in AWS's words. A role that was given no policies is an administrator's.
pub fn authorise_role(world: &mut World, role: &str, session: &str, demand: Demand) -> Result<(), Refusal> {
    let session = Session {
        role: role.to_owned(),
        name: session.to_owned(),
    };
    world.iam.judge(&session, vec![demand])
}

/// See "Troubleshoot access denied error messages", IAM user guide.
fn refused(session: &Session, demand: &Demand, verdict: Verdict) -> Option<Refusal> {
    let Demand { action, resource, .. } = demand;
    let why = match verdict {
        Verdict::Allowed => return None,
        Verdict::ExplicitlyDenied => "with an explicit deny in an identity-based policy".to_owned(),
        Verdict::ImplicitlyDenied => format!("because no identity-based policy allows the {action} action"),
    };
    let role: Vec<&str> = session.role.splitn(6, ':').collect();
    let (partition, account) = (role.get(1).unwrap_or(&"aws"), role.get(4).unwrap_or(&""));
    // The path of a role is not part of its session's ARN.
    let name = session.role.rsplit('/').next().unwrap_or_default();
    // CodePipeline names no resource where the action has none (aws-cdk#15235); ECS does (construct-hub#1207).
    let on = match (action.starts_with("codepipeline:"), resource.as_str()) {
        (true, "*") => String::new(),
        (_, resource) => format!(" on resource: {resource}"),
    };
    Some(Refusal::new(
        "AccessDeniedException",
        format!(
            "User: arn:{partition}:sts::{account}:assumed-role/{name}/{} is not authorized to perform: {action}{on} {why}",
            session.name
        ),
    ))
}
