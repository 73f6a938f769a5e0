//! What `serin demo` shows, as a whole: beside it `stories/demo.golden`.

use expect_test::expect_file;
use std::path::Path;
use stories::demo::{self, Audience, System, WIDTH};

#[derive(Default)]
struct Page(Vec<String>);

impl Audience for Page {
    fn line(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }
}

fn played(seed: u64) -> Vec<String> {
    let mut page = Page::default();
    demo::play(seed, &mut page).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{}", page.0.join("\n")));
    page.0
}

/// The numbers of a row of the table at the end.
fn compared(lines: &[String], what: &str) -> (f64, f64) {
    let row = lines.iter().find(|line| line.starts_with(what));
    let row = row.unwrap_or_else(|| panic!("no row {what}:\n{}", lines.join("\n")));
    let text = &row[what.len()..];
    let numbers: Vec<f64> = match text.contains("none after it") {
        true => text.replace("none after it", "0"),
        false => text.to_owned(),
    }
    .split_whitespace()
    .filter_map(|word| word.parse().ok())
    .collect();
    (numbers[0], numbers[1])
}

#[test]
fn the_demo_is_what_is_written_beside_it() {
    let lines = played(1);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo.golden");
    expect_file![golden].assert_eq(&(lines.join("\n") + "\n"));
}

#[test]
fn the_systems_behind_a_load_balancer_are_what_is_written_beside_them() {
    for (system, name) in [(System::C, "demo-c"), (System::E, "demo-e")] {
        let mut page = Page::default();
        let done = demo::play_system(system, 1, &mut page);
        done.unwrap_or_else(|error| panic!("{name}: {error}\n{}", page.0.join("\n")));
        for line in &page.0 {
            assert!(line.chars().count() <= WIDTH, "{line}");
            assert_eq!(line, line.trim_end());
        }
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{name}.golden"));
        expect_file![golden].assert_eq(&(page.0.join("\n") + "\n"));
    }
}

#[test]
fn no_line_is_wider_than_a_screen_or_has_anything_but_text() {
    for seed in 1..=4 {
        for line in played(seed) {
            assert!(line.chars().count() <= WIDTH, "{line}");
            assert!(!line.contains('\u{1b}') && !line.contains('\t'), "{line:?}");
            assert_eq!(line, line.trim_end());
        }
    }
}

/// On no seed does the bad revision go on receiving longer under Serin, or lose more.
#[test]
fn the_bad_revision_receives_less_than_the_old_way() {
    for seed in 1..=4 {
        let lines = played(seed);
        let (ours, theirs) = compared(&lines, "alarm -> v2's last message");
        assert!(ours < 10.0 && theirs > 30.0, "seed {seed}: {ours} s and {theirs} s");
        let (ours, theirs) = compared(&lines, "v2 failed after it");
        assert!(ours < theirs, "seed {seed}: {ours} and {theirs}");
        let (ours, theirs) = compared(&lines, "lost after it");
        assert!(ours < theirs, "seed {seed}: {ours} and {theirs}");
    }
}
