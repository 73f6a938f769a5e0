//! The part of `docs/permissions.md` that follows from the template.

use super::Template;
use super::permissions::{ACCOUNT, REGION, Role};
use serde_json::Value;
use simulator::iam::Statement;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The generated part begins after this and ends before that.
const BEGIN: &str = "`UPDATE_EXPECT=1 cargo test --workspace --test permissions` writes it anew.\n";
const END: &str = "### What stands elsewhere\n";

/// A page with its generated part as it follows from the template.
///
/// # Errors
/// Where the page has no place for it, or a statement says too little.
pub fn refreshed(page: &str, template: &Template, roles: &[Role]) -> Result<String, String> {
    let (before, rest) = page
        .split_once(BEGIN)
        .ok_or("the page has no beginning of what is generated")?;
    let (_, after) = rest.split_once(END).ok_or("the page has no end of what is generated")?;
    unexplained(roles)?;
    Ok(format!("{before}{BEGIN}\n{}{END}{after}", generated(template, roles)))
}

/// Every `*` has its reason beside it.
fn unexplained(roles: &[Role]) -> Result<(), String> {
    for role in roles {
        for (place, (statement, told)) in role.policy.statements.iter().zip(&role.told).enumerate() {
            let resources = statement.resources.listed();
            let any = resources.iter().any(|resource| resource == "*");
            let wildcard = parameter(source_of(role, place)).is_none() && resources.iter().any(|r| r.contains('*'));
            if any && !told.remarks.contains("`*`:") || wildcard && !told.remarks.contains("`*`") {
                return Err(format!(
                    "{} {}: write a remark beside it that says why `*`",
                    role.resource, told.sid
                ));
            }
        }
    }
    Ok(())
}

fn generated(template: &Template, roles: &[Role]) -> String {
    let mut page = overview(roles);
    for role in roles {
        let _ = write!(page, "### `{}`\n\n", role.function());
        let properties = |name: &str| &template.document["Resources"][name]["Properties"];
        let described = [&role.resource, &role.role].map(|name| properties(name)["Description"].as_str());
        if let Some(description) = described.into_iter().flatten().next() {
            let _ = write!(page, "{description}\n\n");
        }
        page.push_str("| statement | may | on | if | why so |\n|---|---|---|---|---|\n");
        for (place, (statement, told)) in role.policy.statements.iter().zip(&role.told).enumerate() {
            let source = source_of(role, place);
            let condition = condition(&source["Condition"]);
            let named = parameter(source).map(|name| format!("what parameter `{name}` names"));
            let (actions, resources) = (actions(statement), named.unwrap_or_else(|| resources(statement)));
            let remarks = told.remarks.replace('|', "\\|");
            let _ = writeln!(
                page,
                "| {} | {actions} | {resources} | {condition} | {remarks} |",
                told.sid
            );
        }
        page.push('\n');
    }
    page
}

/// A statement as it stands in the template.
fn source_of(role: &Role, place: usize) -> &Value {
    &role.source["Statement"][place]
}

/// The parameter that holds the resources of a statement, where whoever deploys names them.
fn parameter(source: &Value) -> Option<&str> {
    source["Resource"]["Ref"].as_str()
}

/// Which role may do what, action by action.
fn overview(roles: &[Role]) -> String {
    let mut holders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for role in roles {
        let statements = role.policy.statements.iter();
        for action in statements.flat_map(|statement| statement.actions.listed()) {
            holders.entry(action).or_default().push(&role.resource);
        }
    }
    let mut page = "| action |".to_owned();
    for role in roles {
        let _ = write!(page, " `{}` |", role.function());
    }
    page.push_str(&format!("\n|---|{}\n", ":-:|".repeat(roles.len())));
    for (action, holders) in holders {
        let _ = write!(page, "| `{action}` |");
        for role in roles {
            page.push_str(if holders.contains(&role.resource.as_str()) {
                " x |"
            } else {
                " |"
            });
        }
        page.push('\n');
    }
    page.push('\n');
    page
}

fn actions(statement: &Statement) -> String {
    let listed = statement.actions.listed().iter();
    listed
        .map(|action| format!("`{action}`"))
        .collect::<Vec<_>>()
        .join("<br>")
}

/// In the stack's own region and account, which need not be repeated.
fn resources(statement: &Statement) -> String {
    let own = format!(":{REGION}:{ACCOUNT}:");
    let short = |arn: &String| match arn.split_once(&own) {
        Some((service, rest)) => format!("{} `{rest}`", service.trim_start_matches("arn:aws:")),
        None => format!("`{}`", arn.replace(ACCOUNT, "ACCOUNT")),
    };
    statement
        .resources
        .listed()
        .iter()
        .map(short)
        .collect::<Vec<_>>()
        .join("<br>")
}

fn condition(source: &Value) -> String {
    let operators = source.as_object().into_iter().flatten();
    let each = operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, values)| match (operator.as_str(), values.as_str()) {
            ("Null", Some("false")) => format!("`{key}` is there"),
            (_, Some(value)) => format!("`{key}` {operator} `{value}`"),
            _ => format!("`{key}` {operator} `{values}`"),
        })
    });
    each.collect::<Vec<_>>().join("<br>")
}
