//! What people read about permissions is what is deployed. What the roles are used for is held in `told/permissions.rs`.

use expect_test::expect_file;
use stories::template::{Template, page, permissions};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/permissions.md");

#[test]
fn the_page_of_permissions_is_fresh() {
    let written = std::fs::read_to_string(PAGE).expect("docs/permissions.md is there");
    let fresh = page::refreshed(&written, &Template::ours(), permissions::ours());
    let fresh = fresh.unwrap_or_else(|wrong| panic!("docs/permissions.md: {wrong}"));
    expect_file![PAGE].assert_eq(&fresh);
}

#[test]
fn a_star_without_its_reason_is_found() {
    let text = stories::template::TEXT;
    let line = text.lines().find(|line| line.contains("# `*`: jobs are no resources."));
    let line = line.expect("the remark is there");
    let template = Template::read(&text.replace(line, "")).expect("YAML");
    let roles = permissions::roles(&template, &permissions::stack(&template)).expect("roles");
    let page = std::fs::read_to_string(PAGE).expect("docs/permissions.md is there");
    let found = page::refreshed(&page, &template, &roles).expect_err("no reason");
    assert!(found.contains("AnswerJobs"), "{found}");
}

/// A change of the template, and part of what is said of it.
type Spoilt = (&'static str, fn(&str) -> String, &'static str);

#[test]
fn whatever_is_granted_beside_a_roles_own_statements_is_refused() {
    let cases: [Spoilt; 7] = [
        (
            "a pattern of actions",
            |text| {
                text.replacen(
                    "lambda:InvokeFunction\n                Resource",
                    "lambda:*\n                Resource",
                    1,
                )
            },
            "lambda:* allows more than it names",
        ),
        (
            "a pattern with one character left out",
            |text| text.replacen("Action: ecs:StopTask\n", "Action: ecs:StopTas?\n", 1),
            "ecs:StopTas? allows more than it names",
        ),
        (
            "everything but",
            |text| text.replacen("Action: ecs:StopTask\n", "NotAction: ecs:StopTask\n", 1),
            "what is allowed must be listed",
        ),
        (
            "a role of somebody else's",
            |text| {
                let role = "Role: arn:aws:iam::111122223333:role/Administrator";
                text.replacen("Role: !GetAtt AdvanceRole.Arn", role, 1)
            },
            "Role must be !GetAtt of a role of this template",
        ),
        (
            "policies beside the role",
            |text| {
                let both = "Role: !GetAtt AdvanceRole.Arn\n      Policies: [AdministratorAccess]";
                text.replacen("Role: !GetAtt AdvanceRole.Arn", both, 1)
            },
            "Policies grants beside its role",
        ),
        (
            "a managed policy",
            |text| {
                let managed = "Description: What advance may do.\n      ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]";
                text.replacen("Description: What advance may do.", managed, 1)
            },
            "ManagedPolicyArns is not understood",
        ),
        (
            "a role that anybody may assume",
            |text| text.replacen("Service: states.amazonaws.com", "AWS: '*'", 1),
            "must be for states.amazonaws.com to assume",
        ),
    ];
    for (what, spoil, wanted) in cases {
        let spoilt = spoil(stories::template::TEXT);
        assert_ne!(spoilt, stories::template::TEXT, "{what}: nothing was changed");
        let template = Template::read(&spoilt).expect("YAML");
        let refused = permissions::roles(&template, &permissions::stack(&template));
        let refused = refused.map(drop).expect_err(what);
        assert!(refused.contains(wanted), "{what}: {refused}");
    }
}
