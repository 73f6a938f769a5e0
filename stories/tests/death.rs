//! The function dies after each single AWS call in turn, and the next trigger finishes.

use std::sync::Arc;
use stories::told::Told;

/// More calls than any rollback makes.
const CALLS_MAX: u32 = 60;

/// Plays a story in which a function dies after its n-th call; whether it lived that long.
fn dies(story: &str, function: &str, calls: u32) -> bool {
    let path = format!("{}/told/{story}.story", env!("CARGO_MANIFEST_DIR"));
    let script = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut told = Told::new(1, Arc::new(decide::decide));
    for line in script.lines() {
        if line.starts_with("dlq") {
            told.line(&format!("let {function} die after {calls}"))
                .expect("a command");
        }
        told.line(line)
            .unwrap_or_else(|error| panic!("{story}, {function} dies after {calls}: {line}: {error}\n{}", told.text));
    }
    let broken = told.finish();
    assert!(
        broken.is_empty(),
        "{story}, {function} dies after {calls}: {broken:?}\n{}",
        told.text
    );
    assert!(
        told.text.contains(" is rolled back"),
        "{story}, {function} dies after {calls}\n{}",
        told.text
    );
    told.stage
        .sim
        .ended
        .borrow()
        .iter()
        .any(|end| end.outcome == Err("died".to_owned()))
}

fn until_it_lives(story: &str, function: &str) -> u32 {
    (1..CALLS_MAX)
        .find(|calls| !dies(story, function, *calls))
        .unwrap_or(CALLS_MAX)
}

#[test]
fn rollback_may_die_after_any_call_while_the_approval_waits() {
    // Two ledger calls, four looks, the commit, two acts, the journal.
    let calls = until_it_lives("alarm-at-the-approval", "rollback");
    assert!(
        (9..CALLS_MAX).contains(&calls),
        "died after each of {} calls",
        calls - 1
    );
}

#[test]
fn rollback_may_die_after_any_call_while_stable_is_deployed() {
    let calls = until_it_lives("alarm-while-stable-is-deployed", "rollback");
    assert!(
        (12..CALLS_MAX).contains(&calls),
        "died after each of {} calls",
        calls - 1
    );
}

#[test]
fn advance_may_die_after_any_call_of_a_tick() {
    let calls = until_it_lives("alarm-at-the-approval", "advance");
    assert!(
        (5..CALLS_MAX).contains(&calls),
        "died after each of {} calls",
        calls - 1
    );
}
