//! How the workspace is cut: who may depend on whom, what never reaches Lambda, and how large a piece may be.

mod pages;
mod schema;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines of a function that still fit on a screen.
const FUNCTION_LINES_MAX: usize = 70;

/// Lines of a file that are still read in a sitting.
const FILE_LINES_MAX: usize = 500;

/// Test features that `aws-config` itself asks for, as an ordinary dependency; nothing of ours brings them.
const TEST_FEATURES_OF_AWS_CONFIG: [&str; 3] = [
    r#"aws-credential-types feature "test-util""#,
    r#"aws-smithy-runtime-api feature "test-util""#,
    r#"aws-smithy-types feature "test-util""#,
];

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    root.expect("stories is a folder of the workspace").to_owned()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Path below the root, for messages.
fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = read.map(|entry| entry.expect("readable").path()).collect();
    paths.sort();
    paths
}

/// Files with an extension, in a folder and below it.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries(folder).into_iter().partition(|path| path.is_dir());
    let mut found: Vec<PathBuf> = files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.extend(folders.iter().flat_map(|folder| self::files(folder, extension)));
    found
}

/// Rust files of folders named from the root; there must be some.
fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let found: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| files(&root().join(folder), "rs"))
        .collect();
    assert!(!found.is_empty(), "no Rust file in {folders:?}");
    found
}

/// Folders of the functions.
fn functions() -> Vec<String> {
    let folders = entries(&root().join("functions"));
    let names = folders.iter().filter_map(|path| path.file_name()?.to_str());
    names.map(str::to_owned).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let done = Command::new(program).args(arguments).current_dir(root()).output();
    let done = done.unwrap_or_else(|error| panic!("cargo {arguments:?}: {error}"));
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "cargo {arguments:?}: {errors}");
    String::from_utf8(done.stdout).expect("UTF-8")
}

fn metadata() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps", "--offline"])).expect("JSON")
}

fn packages(metadata: &Value) -> &Vec<Value> {
    metadata["packages"].as_array().expect("packages")
}

fn name(package: &Value) -> &str {
    package["name"].as_str().expect("a name")
}

/// Folder of a package, from the root: `shared/decide`.
fn folder(package: &Value) -> String {
    let manifest = Path::new(package["manifest_path"].as_str().expect("a path"));
    shown(manifest.parent().expect("a folder"))
}

/// Names of what a package depends on; of all of it, or only of what its tests do not need alone.
fn dependencies(package: &Value, tests_too: bool) -> BTreeSet<&str> {
    let all = package["dependencies"].as_array().expect("dependencies").iter();
    all.filter(|dependency| tests_too || dependency["kind"] != "dev")
        .map(name)
        .collect()
}

/// The arrows: which of our crates a crate may depend on, outside its tests. Nothing where it is not on the list.
fn allowed(folder: &str) -> Option<&'static [&'static str]> {
    match folder {
        "shared/decide" | "simulator" | "report" | "bench/empty" => Some(&[]),
        "shared/aws" => Some(&["decide"]),
        "stories" => Some(&[
            "advance",
            "approve",
            "aws",
            "decide",
            "open",
            "promote",
            "rollback",
            "simulator",
            "watch",
        ]),
        "cli" => Some(&["aws", "decide", "report", "simulator", "stories"]),
        "bench" => Some(&["advance", "aws", "decide", "rollback", "simulator", "stories"]),
        _ if folder.starts_with("functions/") => Some(&["aws", "decide"]),
        _ => None,
    }
}

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    let ours: BTreeSet<&str> = packages(&metadata).iter().map(name).collect();
    let mut wrong = Vec::new();
    for package in packages(&metadata) {
        let Some(allowed) = allowed(&folder(package)) else {
            wrong.push(format!(
                "{} has no arrows; say in this test what it may use",
                folder(package)
            ));
            continue;
        };
        let found = dependencies(package, false);
        wrong.extend(
            found
                .intersection(&ours)
                .filter(|dependency| !allowed.contains(dependency))
                .map(|dependency| format!("{} depends on {dependency}", folder(package))),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rules_know_neither_aws_nor_us_nor_any_runtime() {
    let metadata = metadata();
    let decide = packages(&metadata).iter().find(|package| name(package) == "decide");
    let decide = decide.expect("decide is a package");
    let ours: BTreeSet<&str> = packages(&metadata).iter().map(name).collect();
    let direct = dependencies(decide, true);
    assert_eq!(direct.intersection(&ours).count(), 0, "{direct:?}");
    let tree = cargo(&["tree", "--offline", "-p", "decide", "-e", "normal", "--prefix", "none"]);
    assert!(tree.lines().any(|line| line.starts_with("serde ")), "{tree}");
    let fenced = ["aws", "tokio", "hyper", "futures", "lambda", "mio", "socket"];
    let found: Vec<&str> = tree
        .lines()
        .filter(|line| fenced.iter().any(|fenced| line.starts_with(fenced)))
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn default_members_are_exactly_what_goes_to_lambda() {
    let metadata = metadata();
    let by_name: BTreeMap<&str, &Value> = packages(&metadata)
        .iter()
        .map(|package| (name(package), package))
        .collect();
    let by_id: BTreeMap<&str, &str> = packages(&metadata)
        .iter()
        .map(|package| (package["id"].as_str().expect("an id"), name(package)))
        .collect();
    let members = metadata["workspace_default_members"]
        .as_array()
        .expect("default-members");
    let found: BTreeSet<&str> = members.iter().map(|id| by_id[id.as_str().expect("an id")]).collect();
    let mut expected = BTreeSet::new();
    let mut open: Vec<&str> = packages(&metadata)
        .iter()
        .filter(|package| folder(package).starts_with("functions/"))
        .map(name)
        .collect();
    assert!(!open.is_empty(), "no function");
    while let Some(next) = open.pop() {
        if expected.insert(next) {
            let further = dependencies(by_name[next], false);
            open.extend(further.into_iter().filter(|name| by_name.contains_key(name)));
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn the_template_deploys_every_function_and_nothing_else() {
    let template = read(&root().join("template.yaml"));
    let deployed: BTreeSet<&str> = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("CodeUri: functions/"))
        .collect();
    let functions = functions();
    assert_eq!(deployed, functions.iter().map(String::as_str).collect());
}

#[test]
fn nothing_for_tests_and_no_second_tls_reaches_a_function() {
    for function in functions() {
        let tree = cargo(&[
            "tree",
            "--offline",
            "-p",
            &function,
            "-e",
            "normal,features",
            "--prefix",
            "none",
        ]);
        assert!(
            tree.contains("hyper v1."),
            "{function}: this is not the tree that was meant:\n{tree}"
        );
        let found: BTreeSet<&str> = tree
            .lines()
            .map(|line| line.trim_end_matches(" (*)"))
            .filter(|line| {
                let stranger = [
                    "simulator",
                    "stories",
                    "hyper v0.14",
                    "aws-lc",
                    "openssl-sys",
                    "rustls v0.21",
                ];
                stranger.iter().any(|stranger| line.starts_with(stranger)) || line.contains("test-util")
            })
            .filter(|line| !TEST_FEATURES_OF_AWS_CONFIG.contains(line))
            .collect();
        assert!(found.is_empty(), "{function}: {found:?}");
    }
}

/// The code of a line: without what follows `//`.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Lines of code that name one of these words, whole.
fn naming(sources: &[PathBuf], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in sources {
        for (number, line) in read(path).lines().enumerate() {
            let mut named = code(line).split(|c: char| !c.is_alphanumeric() && c != '_');
            if let Some(word) = named.find(|word| words.contains(word)) {
                found.push(format!("{}:{}: {word}", shown(path), number + 1));
            }
        }
    }
    found
}

#[test]
fn the_rules_name_no_clock_no_environment_and_no_outside() {
    let words = [
        "async",
        "await",
        "tokio",
        "SystemTime",
        "Instant",
        "env",
        "fs",
        "net",
        "process",
        "thread",
        "HashMap",
        "HashSet",
    ];
    let found = naming(&sources(&["shared/decide/src"]), &words);
    assert!(found.is_empty(), "{}", found.join("\n"));
    let elsewhere = naming(&sources(&["shared/aws/src"]), &words);
    assert!(
        elsewhere.len() > 10,
        "this test no longer finds what it looks for: {elsewhere:?}"
    );
}

#[test]
fn only_the_client_library_names_the_sdk() {
    let named = |folder: &str| {
        let sources = sources(&[folder]);
        let lines = sources.iter().flat_map(|path| {
            let text = read(path);
            let lines = text
                .lines()
                .enumerate()
                .filter(|(_, line)| code(line).contains("aws_sdk_"));
            let lines = lines.map(|(number, _)| format!("{}:{}", shown(path), number + 1));
            lines.collect::<Vec<_>>()
        });
        lines.collect::<Vec<_>>()
    };
    assert_eq!(named("functions"), [] as [&str; 0]);
    assert_eq!(named("shared/decide"), [] as [&str; 0]);
    assert!(
        !named("shared/aws/src").is_empty(),
        "this test no longer finds what it looks for"
    );
    let metadata = metadata();
    for package in packages(&metadata) {
        let goes_to_lambda = folder(package).starts_with("functions/") || folder(package) == "shared/decide";
        let found: Vec<&str> = dependencies(package, true)
            .into_iter()
            .filter(|dependency| dependency.starts_with("aws-sdk-"))
            .collect();
        assert!(!goes_to_lambda || found.is_empty(), "{}: {found:?}", folder(package));
    }
}

#[test]
fn every_story_has_its_golden_output_and_every_golden_output_its_story() {
    let told = root().join("stories/told");
    let names = |extension: &str| -> BTreeSet<String> {
        let files = files(&told, extension);
        let stems = files.iter().filter_map(|path| path.file_stem()?.to_str());
        stems.map(str::to_owned).collect()
    };
    assert!(!names("story").is_empty(), "no story");
    assert_eq!(names("story"), names("golden"));
}

/// Names and lengths of the functions in a file as rustfmt writes it: a body ends with the first `}` that stands
/// as far left as its `fn`.
///
/// Tests are left out: most are one table of cases, and its rows are data.
fn lengths(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = named(line) else { continue };
        let is_test = index > 0 && lines[index - 1].trim() == "#[test]";
        let body = lines[index..].iter().position(|line| line.ends_with(['{', ';', '}']));
        let Some(body) = body.filter(|body| lines[index + body].ends_with('{')) else {
            continue;
        };
        let end = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        let Some(length) = lines[index + body..].iter().position(|line| *line == end) else {
            continue;
        };
        if !is_test {
            found.push((name.to_owned(), body + length + 1));
        }
    }
    found
}

/// The function that a line begins, if it begins one.
fn named(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let before = ["pub", "pub(crate)", "pub(super)", "const", "async", "extern"];
    let keyword = words.find(|word| !before.contains(word))?;
    let name = words.next().filter(|_| keyword == "fn")?;
    name.split(['(', '<']).next()
}

#[test]
fn every_function_fits_on_a_screen() {
    let mut counted = 0;
    let mut long = Vec::new();
    for path in sources(&["shared", "functions"]) {
        for (name, lines) in lengths(&read(&path)) {
            counted += 1;
            if lines > FUNCTION_LINES_MAX {
                long.push(format!("{}: {name} has {lines} lines", shown(&path)));
            }
        }
    }
    assert!(counted > 200, "only {counted} functions were found");
    assert!(
        long.is_empty(),
        "more than {FUNCTION_LINES_MAX} lines:\n{}",
        long.join("\n")
    );
}

#[test]
fn a_function_is_measured_from_its_name_to_its_brace() {
    let body = "        { }\n".repeat(69);
    let text = format!(
        "impl A {{\n    fn short(&self) -> u8;\n    fn one() {{}}\n    pub async fn long<T>(\n        a: T,\n    ) {{\n{body}    }}\n}}\n\
         #[test]\nfn a_table() {{\n{body}}}\n"
    );
    assert_eq!(lengths(&text), [("long".to_owned(), 73)]);
}

#[test]
fn every_file_is_read_in_a_sitting() {
    let long: Vec<String> = sources(&["shared", "functions", "simulator/src", "stories/src"])
        .iter()
        .map(|path| (path, read(path).lines().count()))
        .filter(|(_, lines)| *lines > FILE_LINES_MAX)
        .map(|(path, lines)| format!("{} has {lines} lines", shown(path)))
        .collect();
    assert!(
        long.is_empty(),
        "more than {FILE_LINES_MAX} lines:\n{}",
        long.join("\n")
    );
}
