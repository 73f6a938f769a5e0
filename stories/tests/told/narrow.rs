//! Whether a role could be narrower without anything being denied that was asked for.

use simulator::iam::{Demand, Document, Statement, Verdict, evaluate};
use std::collections::BTreeSet;
use stories::template::permissions::{self, Role};

/// Wildcards at the end of a pattern that have nothing different behind them in any story, and stay all the same: end of
/// the pattern, action, reason.
const OPEN: [(&str, &str, &str); 3] = [
    (
        ":log-stream:*",
        "logs:",
        "Lambda names its streams by date: what they have in common today they have not tomorrow",
    ),
    (
        "parameter/serin/policies/*",
        "ssm:GetParametersByPath",
        "it is authorised on the path; whether with its last slash is known from denials alone",
    ),
    (
        ":role/tasks/*",
        "iam:PassRole",
        "as whoever deploys names them; the template has no default",
    ),
];

/// Whose ARNs may lack a segment: older services of ECS have the form without the cluster.
const OLDER_FORMS: &str = "ecs:";

/// One thing that a statement grants: role, Sid, action, resource.
pub type Grant = (String, String, String, String);

/// Everything that makes a role wider than it need be: `demands` are its own, `all` those of all roles. What a wildcard
/// stands for is the policies' business and the same in all of them, so what any of them asked about counts.
pub fn faults(role: &Role, demands: &BTreeSet<Demand>, all: &BTreeSet<Demand>) -> Vec<String> {
    let statements = role.policy.statements.iter();
    let mut found: Vec<String> = statements
        .clone()
        .filter_map(|statement| permissions::spelt_out(statement).err())
        .collect();
    for (_, sid, action, resource) in unused(role, demands) {
        found.push(format!("{sid}: {action} on {resource} is never asked for"));
    }
    for statement in statements {
        let sid = statement.sid.clone().unwrap_or_default();
        for pattern in statement.resources.listed() {
            if let Some(how) = narrowable(statement, pattern, all) {
                found.push(format!("{sid}: {pattern} could be narrower: {how}"));
            }
        }
    }
    found.extend(super::permissions::too_far(role).into_iter().map(str::to_owned));
    found
        .iter()
        .map(|fault| format!("{}: {fault}", role.resource))
        .collect()
}

/// What could stand in a pattern instead of a wildcard, if anything.
fn narrowable(statement: &Statement, pattern: &str, demands: &BTreeSet<Demand>) -> Option<String> {
    let is_open = |(end, of, _): &(&str, &str, &str)| {
        pattern.ends_with(end) && statement.actions.listed().iter().all(|action| action.starts_with(of))
    };
    if !pattern.contains(['*', '?']) {
        return None;
    }
    let is_open = OPEN.iter().any(is_open);
    let older = |action: &String| action.starts_with(OLDER_FORMS);
    let is_older = statement.actions.listed().iter().all(older);
    let mut alone = statement.clone();
    *alone.resources.listed_mut() = vec![pattern.to_owned()];
    let asked: Vec<&Demand> = demands.iter().filter(|demand| alone.covers(demand)).collect();
    if pattern == "*" {
        // AWS forces it where nothing narrower is ever asked about.
        let forced = |action: &String| asked.iter().any(|d| &d.action == action && d.resource == "*");
        let free = statement.actions.listed().iter().find(|action| !forced(action));
        return free.map(|action| format!("AWS does not force `*` on {action}"));
    }
    let parts: Vec<Vec<&str>> = asked
        .iter()
        .filter_map(|demand| behind(pattern, &demand.resource))
        .collect();
    let wildcards = pattern.matches('*').count();
    (0..wildcards).find_map(|place| {
        let texts: BTreeSet<&str> = parts.iter().map(|texts| texts[place]).collect();
        let firsts: BTreeSet<_> = texts.iter().map(|text| text.chars().next()).collect();
        let lasts: BTreeSet<_> = texts.iter().map(|text| text.chars().next_back()).collect();
        // AWS itself asks about any, as of the revision that a new definition will have.
        let any = texts.iter().all(|text| *text == "*");
        let any = any || is_open && place + 1 == wildcards;
        let same = |ends: &BTreeSet<Option<char>>| ends.len() < 2;
        let deeper = !is_older && texts.iter().all(|text| text.contains('/'));
        let says = || format!("`*` number {} is always one of {texts:?}", place + 1);
        (!any && (deeper || same(&firsts) || same(&lasts))).then(says)
    })
}

/// What each `*` of a pattern stands for, the first ones as little as can be.
fn behind<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut literals = pattern.split('*');
    let mut rest = text.strip_prefix(literals.next()?)?;
    let literals: Vec<&str> = literals.collect();
    let mut found = Vec::new();
    for (place, literal) in literals.iter().enumerate() {
        let end = match place + 1 == literals.len() {
            true => rest
                .len()
                .checked_sub(literal.len())
                .filter(|at| rest.ends_with(literal) && *at <= rest.len())?,
            false => rest.find(literal)?,
        };
        found.push(&rest[..end]);
        rest = &rest[end + literal.len()..];
    }
    Some(found)
}

/// Everything that a role's statements grant, action by action and resource by resource.
pub fn grants(role: &Role) -> Vec<Grant> {
    let statements = role.policy.statements.iter();
    let grants = statements.flat_map(|statement| {
        let pairs = statement.actions.listed().iter().flat_map(|action| {
            let resources = statement.resources.listed().iter();
            resources.map(move |resource| (action.clone(), resource.clone()))
        });
        let sid = statement.sid.clone().unwrap_or_default();
        pairs.map(move |(action, resource)| (role.resource.clone(), sid.clone(), action, resource))
    });
    grants.collect()
}

/// The policy without one action of one statement on one resource; what else the statement grants stays.
pub fn without(policy: &Document, (_, sid, action, resource): &Grant) -> Document {
    let mut policy = policy.clone();
    let place = policy
        .statements
        .iter()
        .position(|statement| statement.sid.as_ref() == Some(sid));
    let place = place.unwrap_or_else(|| panic!("no statement {sid}"));
    let mut others = policy.statements[place].clone();
    let mut rest = others.clone();
    others.actions.listed_mut().retain(|listed| listed != action);
    *rest.actions.listed_mut() = vec![action.clone()];
    rest.resources.listed_mut().retain(|listed| listed != resource);
    policy.statements.splice(place..=place, [others, rest]);
    policy
}

/// What is granted to this role and can be taken away without anybody noticing.
pub fn unused(role: &Role, demands: &BTreeSet<Demand>) -> Vec<Grant> {
    let is_missed = |grant: &Grant| {
        let less = [without(&role.policy, grant)];
        demands
            .iter()
            .any(|demand| evaluate(&less, demand) != Verdict::Allowed && allowed(role, demand))
    };
    grants(role).into_iter().filter(|grant| !is_missed(grant)).collect()
}

/// Whether a role may do this.
pub fn allowed(role: &Role, demand: &Demand) -> bool {
    evaluate(std::slice::from_ref(&role.policy), demand) == Verdict::Allowed
}
