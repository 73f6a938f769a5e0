//! The roles that the template makes, and what they may do.

use super::holders::{self, Holder};
use super::{Resolve, Template};
use crate::scene;
use serde_json::Value;
use simulator::World;
use simulator::iam::{Document, Of, Statement, stage};
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
    /// Name of the function, state machine or schedule that it is for (`Rollback`).
    pub resource: String,
    /// Logical name of the role.
    pub role: String,
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

/// Roles of the services that stories release, as whoever deploys names them.
const TASK_ROLES: &str = "arn:aws:iam::111122223333:role/tasks/*,arn:aws:iam::111122223333:role/ecsTaskExecutionRole";

/// The ARN of a role, by its logical name.
pub fn role_arn(role: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{STACK}-{role}")
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
    let own = |resource: &str| format!("{STACK}-{resource}");
    let mut stack = Resolve::new(template).given("TaskRoleArns", TASK_ROLES.into());
    for (resource, _) in template.resources("AWS::DynamoDB::Table") {
        stack = stack.named(
            resource,
            scene::TABLE,
            &arn("dynamodb", &format!("table/{}", scene::TABLE)),
        );
    }
    for (resource, _) in template.resources("AWS::Serverless::Function") {
        let name = own(&resource.to_lowercase());
        stack = stack.named(resource, &name, &arn("lambda", &format!("function:{name}")));
    }
    for (resource, _) in template.resources("AWS::Logs::LogGroup") {
        let name = own(resource);
        stack = stack.named(resource, &name, &arn("logs", &format!("log-group:{name}:*")));
    }
    for (resource, _) in template.resources("AWS::SQS::Queue") {
        let (name, home) = (own(resource), format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}"));
        let queue = stack.named(resource, &format!("{home}/{name}"), &arn("sqs", &name));
        stack = queue.attribute(resource, "QueueName", &name);
    }
    for (resource, declared) in template.resources("AWS::SNS::Topic") {
        let name = declared["Properties"]["TopicName"]["Fn::Sub"]
            .as_str()
            .unwrap_or(resource);
        let topic = arn("sns", &name.replace("${AWS::StackName}", STACK));
        stack = stack.named(resource, &topic, &topic);
    }
    for (resource, _) in template.resources("AWS::IAM::Role") {
        stack = stack.named(resource, &own(resource), &role_arn(resource));
    }
    stack
}

/// All roles of a template, functions first.
///
/// # Errors
/// What cannot be resolved, is no policy or more than a policy may be here, and whose.
pub fn roles(template: &Template, stack: &Resolve<'_>) -> Result<Vec<Role>, String> {
    let holders = holders::all(template)?.into_iter();
    let roles =
        holders.map(|holder| role(template, stack, &holder).map_err(|wrong| format!("{}: {wrong}", holder.name)));
    roles.collect()
}

fn role(template: &Template, stack: &Resolve<'_>, holder: &Holder) -> Result<Role, String> {
    let declared = &template.document["Resources"][&holder.role]["Properties"]["Policies"];
    let [source] = declared.as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err(format!("{} has not exactly one policy", holder.role));
    };
    let source = &source["PolicyDocument"];
    let policy = Document::read(&stack.value(source)?)?;
    policy.statements.iter().try_for_each(spelt_out)?;
    let place = format!(
        "/Resources/{}/Properties/Policies/0/PolicyDocument/Statement",
        holder.role
    );
    let told = policy.statements.iter().enumerate().map(|(number, statement)| Told {
        sid: statement.sid.clone().unwrap_or_default(),
        remarks: template.remarks(&format!("{place}/{number}")),
    });
    Ok(Role {
        resource: holder.name.clone(),
        role: holder.role.clone(),
        arn: role_arn(&holder.role),
        session: format!("{STACK}-{}", holder.name.to_lowercase()),
        told: told.collect(),
        policy,
        source: source.clone(),
    })
}

/// Whoever reads a policy must see which actions it allows, also those that AWS adds next year.
///
/// # Errors
/// A pattern among the actions, or a list of what is left out.
pub fn spelt_out(statement: &Statement) -> Result<(), String> {
    let sid = statement.sid.as_deref().unwrap_or_default();
    let (Of::These(actions), Of::These(_)) = (&statement.actions, &statement.resources) else {
        return Err(format!("{sid}: what is allowed must be listed, not what is not"));
    };
    match actions.iter().find(|action| action.contains(['*', '?'])) {
        Some(pattern) => Err(format!("{sid}: {pattern} allows more than it names")),
        None => Ok(()),
    }
}

/// Gives the account these roles, and their functions keys of their own.
pub fn attach(world: &mut World, roles: &[Role]) {
    for role in roles {
        stage::role(world, &role.arn, vec![role.policy.clone()]);
        stage::signs(world, &role.access_key(), &role.arn, &role.session);
    }
}
