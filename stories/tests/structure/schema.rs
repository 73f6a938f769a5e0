//! What the ledger's documents hold, by their schema number: decision 0032.

use super::{files, read, root, shown};
use expect_test::expect_file;

/// Members and kinds of everything that is written into the ledger, a line each, in the order of the files.
///
/// Types that are written derive both ways, or spell them out by hand; what is only answered derives one.
fn members(text: &str) -> Vec<String> {
    let (mut members, mut inside) = (Vec::new(), None::<String>);
    let mut is_written = false;
    // What holds for all members of the type that follows.
    let mut of_all = Vec::new();
    for line in text.lines() {
        let bare = line.trim_start();
        if line == "#[cfg(test)]" {
            break;
        }
        if bare.starts_with("#[derive(") {
            is_written = bare.contains("Serialize") && bare.contains("Deserialize");
            of_all.clear();
        }
        if line.starts_with("#[serde(") {
            of_all.push(line);
        }
        let named = ["pub struct ", "pub enum "]
            .iter()
            .find_map(|kind| line.strip_prefix(kind));
        if let Some(name) = named {
            let name = name.split([' ', '(', '<', ';']).next().unwrap_or_default();
            inside = Some(name.to_owned()).filter(|_| is_written);
            is_written = false;
            if let Some(name) = &inside {
                members.extend(of_all.iter().map(|attribute| format!("{name}: {attribute}")));
            }
            if let Some(name) = inside.as_ref().filter(|_| !line.ends_with('{')) {
                members.push(format!("{name}: {line}"));
            }
        }
        if line == "}" {
            inside = None;
        }
        let Some(name) = &inside else { continue };
        let depth = line.len() - bare.len();
        let is_member = bare.starts_with("pub ") || bare.starts_with(|c: char| c.is_ascii_alphabetic());
        if is_member && depth >= 4 {
            members.push(format!("{name}: {bare}"));
        }
        // What a member is called in a document, and whether it may be missing there.
        if bare.starts_with("#[serde(") && depth >= 4 {
            members.push(format!("{name}: {bare}"));
        }
    }
    members
}

#[test]
fn what_the_ledgers_documents_hold_changes_only_with_a_look_at_their_schema() {
    let folder = root().join("shared/decide/src");
    let mut held = format!(
        "What the ledger's documents of schema {} hold. Whoever changes this reads decision 0032 first.\n",
        decide::SCHEMA
    );
    let is_code = |path: &&std::path::PathBuf| !shown(path).contains("tests") && !shown(path).contains("/rule/");
    for path in files(&folder, "rs").iter().filter(is_code) {
        let members = members(&read(path));
        if !members.is_empty() {
            held += &format!("\n{}\n", shown(path));
            members.iter().for_each(|member| held += &format!("  {member}\n"));
        }
    }
    assert!(held.contains("Release: pub wanted: Option<Wanted>,"), "{held}");
    expect_file!["schema.txt"].assert_eq(&held);
}

#[test]
fn members_are_found_of_what_is_written_and_of_nothing_else() {
    let text = "#[derive(Clone, Serialize, Deserialize)]\npub struct Kept {\n    /// Why.\n    \
                #[serde(default)]\n    pub why: String,\n}\n\n#[derive(Clone, Serialize)]\npub struct Answered {\n    \
                pub how: String,\n}\n\n#[derive(Serialize, Deserialize)]\n#[serde(untagged)]\npub enum Kind {\n    One,\n    Two {\n        \
                of: u8,\n    },\n}\n#[cfg(test)]\n#[derive(Serialize, Deserialize)]\npub struct Not {\n    pub it: u8,\n}\n";
    let expected = [
        "Kept: #[serde(default)]",
        "Kept: pub why: String,",
        "Kind: #[serde(untagged)]",
        "Kind: One,",
        "Kind: Two {",
        "Kind: of: u8,",
    ];
    assert_eq!(members(text), expected);
}
