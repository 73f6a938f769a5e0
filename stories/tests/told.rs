//! Every story in `told/`, with its golden output beside it.
//!
//! `UPDATE_EXPECT=1 cargo test -p stories --test told` writes the golden files anew.

use expect_test::expect_file;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stories::told;

fn stories() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("told");
    let files = std::fs::read_dir(folder)
        .expect("stories/told is there")
        .map(|entry| entry.expect("readable").path());
    let mut stories: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|kind| kind == "story"))
        .collect();
    stories.sort();
    stories
}

#[test]
fn every_story_ends_as_it_was_told_and_breaks_no_law() {
    assert!(stories().len() >= 16, "a story is missing");
    let mut broken = Vec::new();
    let mut applied: BTreeMap<u32, u32> = BTreeMap::new();
    for path in stories() {
        let script = std::fs::read_to_string(&path).expect("readable");
        let told = told::play(&script, 1, Arc::new(decide::decide))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        expect_file![path.with_extension("golden")].assert_eq(&told.text);
        let defects = told.stage.sim.world().defects.clone();
        broken.extend(
            defects
                .iter()
                .map(|defect| format!("{}: the simulator: {defect}", path.display())),
        );
        for verdict in &told.verdicts {
            *applied.entry(verdict.law).or_default() += verdict.applied;
            if !verdict.broken.is_empty() {
                broken.push(format!("{}: {verdict}", path.display()));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "replay one with: cargo run --bin serin -- demo --story FILE\n{}",
        broken.join("\n")
    );
    println!("how often each law's precondition held: {applied:?}");
    let idle: Vec<&u32> = applied
        .iter()
        .filter(|(_, times)| **times == 0)
        .map(|(law, _)| law)
        .collect();
    assert!(idle.is_empty(), "no story puts these laws to the test: {idle:?}");
}
