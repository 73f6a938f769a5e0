//! The `serin demo` command as a shell sees it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn serin() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_serin"));
    command.arg("demo");
    command
}

fn ran(arguments: &[&str]) -> Output {
    serin().args(arguments).output().expect("serin runs")
}

fn stories() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../stories")
}

#[test]
fn piped_it_is_the_same_as_on_a_screen() {
    let done = ran(&[]);
    let golden = std::fs::read_to_string(stories().join("demo.golden")).expect("stories/demo.golden");
    assert!(done.status.success());
    assert_eq!(String::from_utf8_lossy(&done.stdout), golden);
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
}

#[test]
fn a_reader_who_has_seen_enough_may_go() {
    let mut child = serin()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("serin runs");
    let mut first = [0; 40];
    let mut out = child.stdout.take().expect("piped");
    out.read_exact(&mut first).expect("it begins");
    drop(out);
    let done = child.wait_with_output().expect("it ends");
    assert!(done.status.success());
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
}

#[test]
fn a_story_is_told_within_eighty_columns_and_at_the_speed_that_is_asked_for() {
    let story = stories().join("told/alarm-at-the-approval.story");
    let story = story.to_str().expect("a path");
    let began = std::time::Instant::now();
    // Some ten minutes of virtual time.
    let done = ran(&["--story", story, "--speed", "1000"]);
    let took = began.elapsed().as_secs_f64();
    assert!(done.status.success());
    let told = String::from_utf8(done.stdout).expect("text");
    assert!(told.contains("release orders-734e5d0c is rolled back"), "{told}");
    assert!(told.lines().skip(2).all(|line| line.chars().count() <= 80), "{told}");
    assert!((0.4..60.0).contains(&took), "{took} s");
}

#[test]
fn what_cannot_be_played_says_why() {
    for (arguments, part) in [
        (&["--speed", "0"][..], "a speed is more than 0"),
        (&["--speed", "fast"], "is no number"),
        (&["--story", "/nowhere.story"], "/nowhere.story: "),
        (&["--row", "b"], "invalid value 'b' for '--row <ROW>'"),
        (
            &["--row", "c", "--report", "/tmp"],
            "--report draws the releases of row a alone",
        ),
    ] {
        let done = ran(arguments);
        assert!(!done.status.success(), "{arguments:?}");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
}
