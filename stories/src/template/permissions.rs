//! The roles that the template makes, and what they may do.

use super::{Resolve, Template};
use crate::scene;
use serde_json::Value;
use simulator::World;
use simulator::iam::{Document, stage};
use std::sync::OnceLock;

/// Account of all stories.
pub const ACCOUNT: &str = "111122223333";
/// Region of all stories.
pub const REGION: &str = "eu-central-1";
/// Name of the stack that stories deploy.
pub const STACK: &str = "serin";

/// Where a statement stands, and what is said beside it.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its name.
    pub sid: String,
    /// The remarks within it.
    pub remarks: String,
}

/// A role, resolved.
#[derive(Clone, Debug)]
pub struct Role {
    /// Logical name of the function or state machine that it is for (`Rollback`).
    pub resource: String,
    /// Its ARN.
    pub arn: String,
    /// Session name of whoever acts in it: the function's name.
    pub session: String,
    /// Its policy.
    pub policy: Document,
    /// The policy as it stands in the template.
    pub source: Value,
    /// Its statements, in order.
    pub told: Vec<Told>,
}

impl Role {
    /// The folder of its function (`rollback`), which is also what stories call it.
    pub fn function(&self) -> String {
        self.resource.to_lowercase()
    }

    /// The access key that its function signs with in a story.
    pub fn access_key(&self) -> String {
        access_key(&self.function())
    }
}

/// The access key of whoever runs as this function; an administrator's for who is none.
pub fn access_key(function: &str) -> String {
    match function {
        "" => "AKIAADMINISTRATOR".to_owned(),
        function => format!("ASIASERIN{}", function.to_uppercase()),
    }
}

/// The ARN that a resource's role has.
pub fn role_arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{STACK}-{resource}Role")
}

/// The roles of the template in the repository, read once.
///
/// # Panics
/// Where it cannot be read or resolved.
pub fn ours() -> &'static [Role] {
    static ROLES: OnceLock<Vec<Role>> = OnceLock::new();
    ROLES.get_or_init(|| {
        let template = Template::ours();
        roles(&template, &stack(&template)).unwrap_or_else(|wrong| panic!("template.yaml: {wrong}"))
    })
}

/// A template as stories deploy it: the ledger's table and the functions have the names that scenes use.
pub fn stack(template: &Template) -> Resolve<'_> {
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}");
    let tables = template.resources("AWS::DynamoDB::Table");
    let resolve = tables.fold(Resolve::new(template), |resolve, (name, _)| {
        resolve.named(name, scene::TABLE, &arn("dynamodb", &format!("table/{}", scene::TABLE)))
    });
    let functions = template.resources("AWS::Serverless::Function");
    functions.fold(resolve, |resolve, (resource, _)| {
        let name = format!("{STACK}-{}", resource.to_lowercase());
        resolve.named(resource, &name, &arn("lambda", &format!("function:{name}")))
    })
}

/// All roles of a template, functions first.
///
/// # Errors
/// What cannot be resolved or is no policy, and whose.
pub fn roles(template: &Template, stack: &Resolve<'_>) -> Result<Vec<Role>, String> {
    let kinds = ["AWS::Serverless::Function", "AWS::Serverless::StateMachine"];
    let resources = kinds.into_iter().flat_map(|kind| template.resources(kind));
    let roles = resources.map(|(resource, declared)| {
        role(template, stack, resource, declared).map_err(|wrong| format!("{resource}: {wrong}"))
    });
    roles.collect()
}

fn role(template: &Template, stack: &Resolve<'_>, resource: &str, declared: &Value) -> Result<Role, String> {
    let policies = declared["Properties"]["Policies"].as_array();
    let [source] = policies.map(Vec::as_slice).unwrap_or_default() else {
        return Err("has not exactly one policy".to_owned());
    };
    let policy = Document::read(&stack.value(source)?)?;
    let told = policy.statements.iter().enumerate().map(|(place, statement)| Told {
        sid: statement.sid.clone().unwrap_or_default(),
        remarks: template.remarks(&format!(
            "/Resources/{resource}/Properties/Policies/0/Statement/{place}"
        )),
    });
    Ok(Role {
        resource: resource.to_owned(),
        arn: role_arn(resource),
        session: format!("{STACK}-{}", resource.to_lowercase()),
        told: told.collect(),
        policy,
        source: source.clone(),
    })
}

/// Gives the account these roles, and their functions keys of their own.
pub fn attach(world: &mut World, roles: &[Role]) {
    for role in roles {
        stage::role(world, &role.arn, vec![role.policy.clone()]);
        stage::signs(world, &role.access_key(), &role.arn, &role.session);
    }
}
