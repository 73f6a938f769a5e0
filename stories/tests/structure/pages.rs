//! What the pages say is there, and nothing else.

use super::{files, read, root, shown, sources};
use serde_json::Value;
use std::path::PathBuf;

/// Markdown pages that speak of the code.
fn pages() -> Vec<PathBuf> {
    let mut pages = files(&root().join("docs"), "md");
    pages.extend(["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(|page| root().join(page)));
    pages
}

/// What stands between backticks, outside of blocks.
fn quoted(text: &str) -> Vec<&str> {
    let blocks = text.split("```").step_by(2);
    blocks.flat_map(|block| block.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn every_test_and_file_that_the_pages_name_is_there() {
    let code: String = sources(&["shared", "functions", "simulator", "stories", "cli", "bench"])
        .iter()
        .map(|path| read(path))
        .collect();
    let tops = [
        "shared/",
        "functions/",
        "simulator/",
        "stories/",
        "cli/",
        "bench/",
        "tools/",
        "events/",
        "policy/",
        "docs/",
        "examples/",
    ];
    let (mut tests, mut missing) = (0, Vec::new());
    for page in pages() {
        let text = read(&page);
        for quoted in quoted(&text) {
            let is_name = quoted
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            // Tests are sentences; no other name of ours has five words.
            let is_test = is_name && quoted.matches('_').count() >= 4;
            let is_path = tops.iter().any(|top| quoted.starts_with(top)) && !quoted.contains(['*', '{', '<', ' ']);
            tests += usize::from(is_test);
            let no_test = is_test && !code.contains(&format!("fn {quoted}("));
            let no_file = is_path && !root().join(quoted).exists();
            if no_test || no_file {
                missing.push(format!("{}: {quoted}", shown(&page)));
            }
        }
    }
    assert!(tests >= 30, "the pages name only {tests} tests");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn a_page_about_a_decision_is_at_most_forty_lines_and_says_what_was_refused() {
    let pages = files(&root().join("docs/decisions"), "md");
    assert!(!pages.is_empty(), "no page");
    for page in pages {
        let text = read(&page);
        assert!(text.lines().count() <= 40, "{}", shown(&page));
        for part in ["## Context", "## Choice", "## Refused", "## Held by"] {
            assert!(text.contains(&format!("\n{part}\n")), "{}: {part}", shown(&page));
        }
    }
}

#[test]
fn the_example_policy_is_the_one_the_stories_use() {
    let text = read(&root().join("policy/examples/queue-worker.json"));
    let example: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(example, stories::scene::RowA::named("orders").policy());
    assert!(decide::Policy::read(&text).is_ok());
}

#[test]
fn no_page_has_a_place_still_to_be_filled() {
    for page in pages() {
        assert!(!read(&page).contains("<!--"), "{}", shown(&page));
    }
}

#[test]
fn the_demo_in_the_readme_is_what_the_demo_shows() {
    let readme = read(&root().join("README.md"));
    let golden = read(&root().join("stories/demo.golden"));
    let begins = ["2. A bad release", "The same bad release"];
    let blocks: Vec<&str> = readme.split("```").map(str::trim).collect();
    for begin in begins {
        let excerpt = blocks.iter().find(|block| block.starts_with(begin));
        let excerpt = excerpt.unwrap_or_else(|| panic!("README shows nothing that begins with {begin}"));
        assert!(excerpt.lines().count() > 5, "{excerpt}");
        assert!(
            golden.contains(excerpt),
            "the demo has changed; play it again:\n{excerpt}"
        );
    }
}
