//! Every story in `told/`, with its golden output beside it.
//!
//! `UPDATE_EXPECT=1 cargo test --workspace --test told` writes the golden files anew; `STORY=moves` plays only those
//! with that in their names.

mod measured;
mod narrow;
mod permissions;
mod played;
mod widened;

use expect_test::expect_file;
use played::{Played, only};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use stories::told;

/// As many as there are at least.
const STORIES: usize = 332;

/// What the stories are called that last so long that they are played beside the others.
const LONG: &str = "ten-days";

fn is_long(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(LONG))
}

#[test]
fn every_story_ends_as_it_was_told_and_breaks_no_law() {
    let stories = played::stories().filter(|played| !is_long(&played.path)).count();
    assert!(stories >= STORIES || !only().is_empty(), "a story is missing");
    let applied = judged(played::stories().filter(|played| !is_long(&played.path)));
    println!("how often each law's precondition held: {applied:?}");
    let idle: Vec<&(u32, &str)> = applied
        .iter()
        .filter(|(_, times)| **times == 0)
        .map(|(law, _)| law)
        .collect();
    assert!(
        idle.is_empty() || !only().is_empty(),
        "no story puts these laws to the test: {idle:?}"
    );
}

/// A story that was deleted or renamed leaves its golden output behind.
#[test]
fn every_golden_output_has_its_story() {
    let told = Path::new(env!("CARGO_MANIFEST_DIR")).join("told");
    let files = std::fs::read_dir(told)
        .expect("the stories")
        .map(|file| file.expect("a file").path());
    let alone: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "golden"))
        .filter(|path| !path.with_extension("story").exists())
        .collect();
    assert!(alone.is_empty(), "no story beside {alone:?}");
}

#[test]
fn stories_of_many_days_end_as_they_were_told() {
    judged(played::stories().filter(|played| is_long(&played.path)));
}

/// How often each law's precondition held.
fn judged(stories: impl Iterator<Item = &'static Played>) -> BTreeMap<(u32, &'static str), u32> {
    let mut broken = Vec::new();
    let mut applied: BTreeMap<(u32, &str), u32> = BTreeMap::new();
    for played in stories {
        let path = &played.path;
        let text = match &played.text {
            Ok(text) => text,
            Err(error) => {
                broken.push(format!("{}: {error}", path.display()));
                continue;
            }
        };
        expect_file![path.with_extension("golden")].assert_eq(text);
        broken.extend(
            played
                .defects
                .iter()
                .map(|defect| format!("{}: the simulator: {defect}", path.display())),
        );
        for verdict in &played.verdicts {
            *applied.entry((verdict.law, verdict.name)).or_default() += verdict.applied;
            if !verdict.broken.is_empty() {
                broken.push(format!("{}: {verdict}", path.display()));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "replay one with: cargo run -p cli -- demo --story FILE\n{}",
        broken.join("\n")
    );
    applied
}

/// The four stories in which one service is down, for every other way of being down: it asks for patience, it
/// hears nothing, or it acts and its answers are lost.
#[test]
fn what_depends_on_a_silent_or_throttled_service_waits_and_the_rest_is_restored() {
    for service in ["cloudwatch", "codepipeline", "dynamodb", "ecs"] {
        let path = format!("{}/told/{service}-is-down.story", env!("CARGO_MANIFEST_DIR"));
        let script = std::fs::read_to_string(&path).expect("readable");
        for way in ["throttled", "deaf", "mute"] {
            let down = format!("down {service} for");
            assert!(script.contains(&down), "{path}");
            let script = script.replace(&down, &format!("{way} {service} for"));
            let told = told::play(&script, 1, Arc::new(decide::decide))
                .unwrap_or_else(|error| panic!("{service}, {way}: {error}"));
            let broken: Vec<String> = told
                .verdicts
                .iter()
                .filter(|verdict| !verdict.broken.is_empty())
                .map(ToString::to_string)
                .collect();
            assert!(broken.is_empty(), "{service}, {way}: {broken:?}\n{}", told.text);
            assert!(
                told.text.contains("is rolled back, its execution Failed"),
                "{service}, {way}\n{}",
                told.text
            );
            // Without the ledger nothing is known of any release; the others are law 16's matter.
            let applied = told.verdicts.iter().find(|verdict| verdict.law == 16);
            assert_eq!(
                applied.map(|verdict| verdict.applied > 0),
                Some(service != "dynamodb"),
                "{service}, {way}"
            );
            assert_eq!(told.stage.sim.world().defects, [] as [String; 0], "{service}, {way}");
            // Whatever hangs, an invocation ends by its own time-outs, with an answer or an error that says why.
            let ended = told.stage.sim.ended.borrow();
            let cut_off = ended
                .iter()
                .filter(|end| end.outcome == Err(simulator::executor::timed_out()));
            assert_eq!(cut_off.count(), 0, "{service}, {way}");
        }
    }
}
