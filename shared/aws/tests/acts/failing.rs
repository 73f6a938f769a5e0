//! What is loud.

use crate::bench::{account, policy, serin};
use aws::begin::Begun;
use aws::ledger::Commit;
use decide::{At, Cause, Decision, Phase, Start};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

thread_local! {
    /// What this thread has logged: each test has a thread of its own, and the simulator stays on it.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Lets all threads log: with a subscriber for this thread alone, a line that another test reaches first would be taken
/// for one that nobody listens to.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(|| Log)
            .init();
    });
    LOGGED.take();
}

fn errors() -> Vec<Value> {
    let text = LOGGED.with_borrow(|logged| String::from_utf8(logged.clone()).expect("text"));
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.filter(|line| line["level"] == "ERROR").collect()
}

fn start(execution: &str) -> Start {
    Start::Job {
        execution: execution.to_owned(),
        action_execution: execution.to_owned(),
    }
}

#[test]
fn a_release_that_is_closed_without_being_put_right_is_an_error_in_the_log() {
    listen();
    let sim = account(json!({}), 1);
    sim.block_on(async {
        let serin = serin(&sim);
        let Ok(Begun::Opened(held)) = serin.begin(&policy(), At::from_millis(0), &start("e1"), "test").await else {
            panic!("it was not opened");
        };
        let mut next = held.release.clone();
        let cause = Cause::GivenUp {
            service: "orders-canary".to_owned(),
            why: None,
        };
        next.phase = Phase::RollbackFailed { cause };
        let failing = Decision {
            next,
            because: "not put right".to_owned(),
            lanes: Vec::new(),
            notices: Vec::new(),
            successor: None,
            look_again_seconds: Some(30),
        };
        let failing = serin.ledger.commit(&held, &failing, &held.policy, serin.now()).await;
        assert!(matches!(failing, Ok(Commit::Written(_))), "{failing:?}");
        assert_eq!(errors(), [] as [Value; 0]);
        let begun = serin.begin(&policy(), At::from_millis(0), &start("e2"), "test").await;
        let Ok(Begun::Opened(successor)) = begun else {
            panic!("the fix did not get through: {begun:?}");
        };
        let said = errors();
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(said[0]["release_id"], json!(held.release.id));
        assert_ne!(successor.release.id, held.release.id);
        assert_eq!(
            said[0]["message"],
            "closed without being put right; look at both services"
        );
        assert_eq!(said[0]["cause"], "ECS gave up deploying the revision to orders-canary");
    });
}
