//! `serin demo`: a good and a bad release of a queue worker, shown as they happen; then the bad one without Serin.
//!
//! # Shape
//! Each act has an account of its own, and all three begin alike, with the same messages at the same moments. What is
//! shown is asked of the account or of the ledger when it is shown; what is compared is counted at the end. A share is
//! shown only as it was achieved: nobody asks for one yet.

mod act;
mod old_way;
mod page;
mod seen;
mod table;

pub use page::{WIDTH, wrapped};

use crate::queue::Plan;
use crate::whole::{self, Cut, deployed};
use act::{Act, Way};
use std::sync::Arc;

/// Who watches.
pub trait Audience {
    /// A line to read, without its end.
    fn line(&mut self, text: &str);
    /// So much of virtual time has passed.
    fn passes(&mut self, _seconds: i64) {}
}

/// The policy that is played.
const POLICY: &str = "orders";
/// For how long a person thinks before approving a good release.
const THINKS_SECONDS: i64 = 8 * 60;
/// How long an act goes on after the bad release has been taken back, so that all messages come to rest.
const REST_SECONDS: i64 = 180;

/// What the queue is like.
fn plan() -> Plan {
    Plan {
        per_second: 5.0,
        receives_max: 2,
        ..Plan::default()
    }
}

/// Plays all three acts.
///
/// # Errors
/// What did not come to pass, or did not follow Serin's own account of it.
pub fn play(seed: u64, audience: &mut dyn Audience) -> Result<(), String> {
    page::opening(seed, audience);
    good(seed, audience)?;
    let ours = bad(seed, audience)?;
    let theirs = old_way(seed, audience)?;
    table::show(&ours, &theirs, audience);
    Ok(())
}

fn with_serin(seed: u64, audience: &mut dyn Audience) -> Act<'_> {
    let mut stage = deployed(seed, Arc::new(decide::decide));
    let row = stage.service(POLICY, Cut::Plain);
    whole::push(&mut stage.sim.world(), &row, "v2");
    let queue = stage.queue(POLICY, &plan());
    Act::new(stage, row, queue, Way::Serin, audience)
}

fn good(seed: u64, audience: &mut dyn Audience) -> Result<(), String> {
    page::act("1. A good release: v2 works", audience);
    let mut act = with_serin(seed, audience);
    act.releases();
    act.until("the approval", Act::awaits_approval)?;
    act.goes_on(THINKS_SECONDS);
    act.approves("ann")?;
    act.until("the end of the release", |act| act.standing() == "promoted")?;
    act.ends();
    act.lost_nothing()
}

fn bad(seed: u64, audience: &mut dyn Audience) -> Result<table::Column, String> {
    page::act("2. A bad release: v2 fails every message", audience);
    let mut act = with_serin(seed, audience);
    act.fails_everything();
    act.releases();
    act.until("the rollback", |act| act.standing() == "rolled back")?;
    act.goes_on(REST_SECONDS);
    act.ends();
    act.column()
}

fn old_way(seed: u64, audience: &mut dyn Audience) -> Result<table::Column, String> {
    page::act("3. The same bad release the old way: a script on the alarm", audience);
    let (mut stage, row) = old_way::account(seed, POLICY);
    whole::push(&mut stage.sim.world(), &row, "v2");
    let queue = stage.queue(POLICY, &plan());
    let mut act = Act::new(stage, row, queue, Way::Script, audience);
    act.fails_everything();
    act.releases();
    act.until("the script", Act::runs_v1_alone)?;
    act.goes_on(REST_SECONDS);
    act.ends();
    act.column()
}
