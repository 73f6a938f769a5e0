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
    assert!(found.contains("Open AnswerJobs"), "{found}");
}
