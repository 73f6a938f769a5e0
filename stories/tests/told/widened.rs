//! Each grant of the template, made wider in each way that there is: all of it is found.

use super::narrow::faults;
use super::permissions::{all_are_played, demanded};
use super::played::Demanded;
use simulator::iam::{Demand, Statement};
use std::collections::BTreeSet;
use stories::template::permissions::{self, Role};

/// An action and everything around it.
fn wider_actions(action: &str) -> Vec<String> {
    let (service, name) = action.split_once(':').expect("service:Name");
    let shorter = |end: &str| format!("{service}:{}{end}", &name[..name.len() - 1]);
    let verb = &name[..name
        .char_indices()
        .skip(1)
        .find(|(_, c)| c.is_uppercase())
        .map_or(1, |(at, _)| at)];
    vec![
        "*".to_owned(),
        format!("{service}:*"),
        format!("{service}:{verb}*"),
        shorter("?"),
        shorter("*"),
    ]
}

/// A resource and everything around it: any; any partition, region or account; less and less of what is behind.
fn wider_resources(resource: &str) -> Vec<String> {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let [_, _, _, _, _, own] = parts[..] else {
        return Vec::new();
    };
    let mut wider = vec!["*".to_owned()];
    for place in [1, 3, 4] {
        let mut parts = parts.clone();
        // Roles are in no region.
        if !parts[place].is_empty() {
            parts[place] = "*";
            wider.push(parts.join(":"));
        }
    }
    let ends = own
        .char_indices()
        .filter(|(_, c)| [':', '/'].contains(c))
        .map(|(at, c)| at + c.len_utf8());
    for end in [0].into_iter().chain(ends) {
        wider.push(format!("{}:{}*", parts[..5].join(":"), &own[..end]));
    }
    wider.retain(|wider| wider != resource);
    wider
}

/// All ways of making one statement wider, and what was done.
fn widened(statement: &Statement) -> Vec<(String, Statement)> {
    let mut all = Vec::new();
    for (place, action) in statement.actions.listed().iter().enumerate() {
        for wider in wider_actions(action) {
            let mut statement = statement.clone();
            statement.actions.listed_mut()[place].clone_from(&wider);
            all.push((format!("{action} -> {wider}"), statement));
        }
    }
    for (place, resource) in statement.resources.listed().iter().enumerate() {
        for wider in wider_resources(resource) {
            let mut statement = statement.clone();
            statement.resources.listed_mut()[place].clone_from(&wider);
            all.push((format!("{resource} -> {wider}"), statement));
        }
    }
    if statement.keys().next().is_some() {
        all.push(("without its condition".to_owned(), statement.clone().unconditional()));
    }
    all
}

fn with(role: &Role, place: usize, statement: Statement) -> Role {
    let mut role = role.clone();
    role.policy.statements[place] = statement;
    role
}

fn of_all(demanded: &Demanded) -> BTreeSet<Demand> {
    demanded.values().flatten().cloned().collect()
}

#[test]
fn no_role_could_be_narrower() {
    if !all_are_played() {
        return;
    }
    let demanded = demanded();
    let all = of_all(&demanded);
    let found: Vec<String> = permissions::ours()
        .iter()
        .flat_map(|role| faults(role, &demanded[&role.arn], &all))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_grant_that_is_made_wider_is_found() {
    if !all_are_played() {
        return;
    }
    let demanded = demanded();
    let all = of_all(&demanded);
    let (mut tried, mut missed) = (0, Vec::new());
    for role in permissions::ours() {
        for (place, statement) in role.policy.statements.iter().enumerate() {
            for (how, statement) in widened(statement) {
                let wider = with(role, place, statement);
                tried += 1;
                if faults(&wider, &demanded[&role.arn], &all).is_empty() {
                    let sid = role.told[place].sid.as_str();
                    missed.push(format!("{} {sid}: {how}", role.resource));
                }
            }
        }
    }
    println!("{tried} ways of making a grant wider");
    assert!(tried >= 500, "{tried} were tried");
    assert!(missed.is_empty(), "nobody notices: {missed:#?}");
}
