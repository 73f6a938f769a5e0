//! `serin policy`, as people call it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn serin(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_serin"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("serin runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

fn written(name: &str, document: &str) -> String {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, document).expect("a file");
    file.to_str().expect("a path").to_owned()
}

#[test]
fn every_example_in_the_repository_is_accepted() {
    let folder = root().join("policy/examples");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path().display().to_string())
        .collect();
    files.sort();
    assert!(files.len() >= 3, "{files:?}");
    let mut arguments = vec!["policy", "check"];
    arguments.extend(files.iter().map(String::as_str));
    let output = serin(&arguments);
    let told = text(&output.stdout);
    assert!(output.status.success(), "{told}");
    assert_eq!(told.matches("[OK] ").count(), files.len(), "{told}");
}

#[test]
fn a_bad_policy_is_told_with_all_its_mistakes_and_fails_the_command() {
    let example = std::fs::read_to_string(root().join("policy/examples/minimal.json")).expect("an example");
    let bad = example
        .replace(r#""promotion": "pipeline""#, r#""promotion": "swap""#)
        .replace(r#""watch_minutes": 0"#, r#""watch_minute": 0"#);
    let file = written("bad.json", &bad);
    let output = serin(&["policy", "check", "policy/examples/minimal.json", &file]);
    assert_eq!(output.status.code(), Some(1));
    let told: Vec<&str> = text(&output.stdout).lines().collect();
    assert!(told[0].starts_with("[OK] policy/examples/minimal.json: "), "{told:?}");
    let bad = told
        .iter()
        .position(|line| line.starts_with("[NG] "))
        .expect("a bad one");
    let told = &told[bad - 1..];
    assert_eq!(told[1], format!("[NG] {file}"));
    assert!(
        told[2].starts_with("     watch_minute: is not a known field; known here: name, "),
        "{told:?}"
    );
    let rest = [
        "     watch_minutes: is missing; it must be a whole number of minutes from 0 to 10080",
        "     promotion: is \"swap\", and shares follow the numbers of tasks: a queue has no weights that could be all at \
         one side, or say which side is stable; write \"roll_stable\"",
        "     approval: is \"pipeline\", and a swap has none; write \"automatic\" or \"human\"",
        "     retire: is missing: what becomes of the old side's tasks after the watch? Write \"scale_to_zero\" or \"keep\"",
    ];
    assert_eq!(told[3..], rest);
    assert_eq!(
        text(&output.stderr),
        "serin: one policy cannot be used; mend what is told above\n"
    );
}

#[test]
fn a_long_policy_is_accepted_for_the_tier_that_holds_it() {
    let example = std::fs::read_to_string(root().join("policy/examples/minimal.json")).expect("an example");
    let file = written("long.json", &format!("{example}{}", " ".repeat(4_096)));
    let output = serin(&["policy", "check", &file]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains("Tier: Advanced"),
        "{}",
        text(&output.stdout)
    );
    assert!(
        serin(&["policy", "check", "--tier", "advanced", &file])
            .status
            .success()
    );
}

#[test]
fn the_schema_printed_is_the_one_in_the_repository() {
    let file = std::fs::read_to_string(root().join("policy/policy.schema.json")).expect("the schema");
    let output = serin(&["policy", "schema"]);
    assert!(output.status.success());
    assert_eq!(text(&output.stdout), file);
}
