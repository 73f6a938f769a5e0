//! The page that lists the documents.

use super::*;

#[test]
fn the_readme_of_the_events_lists_each_document_once_under_its_folder() {
    let readme = std::fs::read_to_string(events().join("README.md")).expect("events/README.md");
    let mut heading = "";
    let mut listed = vec![];
    for line in readme.lines() {
        if let Some(folder) = line.strip_prefix("## ") {
            heading = folder;
        }
        if let Some((file, _)) = line.strip_prefix("| `").and_then(|row| row.split_once('`')) {
            listed.push(format!("{heading}{file}"));
        }
    }
    listed.sort_unstable();
    let entries = std::fs::read_dir(events()).expect("events/");
    let mut files: Vec<String> = entries
        .map(|entry| entry.expect("a directory entry"))
        .filter(|entry| entry.path().is_dir())
        .flat_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            folder(&name).into_keys().map(move |file| format!("{name}/{file}"))
        })
        .collect();
    files.sort_unstable();
    assert_eq!(listed, files);
}
