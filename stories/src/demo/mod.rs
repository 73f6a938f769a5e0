//! `serin demo`: a good and a bad release of a queue worker through a whole pipeline, shown as they happen; poison that
//! no alarm sees; then the bad one without Serin.
//!
//! # Shape
//! Each act has an account of its own, and all begin alike. The pipeline is Source, Build, our `open` and the canary's
//! deploy action, our `approve`, our `promote`; without Serin an approval and a deploy action take the place of the
//! last two. What is shown is asked of the account or of the ledger when it is shown; what is compared is counted at the
//! end.

mod act;
mod balanced;
mod old_way;
mod page;
mod seen;
mod table;

pub use page::{WIDTH, wrapped};

use crate::Stage;
use crate::queue::Plan;
use crate::scene::RowA;
use crate::told::pipeline::declaration;
use crate::whole::{self, deployed};
use act::{Act, Way};
use serde_json::{Value, json};
use simulator::At;
use simulator::codepipeline::stage as pipelines;
use std::sync::Arc;

/// Who watches.
pub trait Audience {
    /// A line to read, without its end.
    fn line(&mut self, text: &str);
    /// So much of virtual time has passed.
    fn passes(&mut self, _seconds: i64) {}
    /// A release of Serin's has ended, and its account is still there.
    ///
    /// # Errors
    /// What keeps the next act from being played.
    fn ended(&mut self, _act: &Ended<'_>) -> Result<(), String> {
        Ok(())
    }
}

/// An act that has ended.
pub struct Ended<'a> {
    /// A word for it.
    pub name: &'static str,
    /// Its account.
    pub stage: &'a Stage,
    /// Its policy.
    pub policy: &'static str,
    /// What was counted every few seconds.
    pub counts: &'a [Count],
}

/// What was counted of the messages at a moment, which AWS tells nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// When.
    pub at: At,
    /// Messages in the queue, seen and unseen.
    pub queue: usize,
    /// Messages in the dead-letter queue.
    pub letters: usize,
    /// Messages that the new revision has received until then.
    pub received: u32,
    /// Messages that anybody has.
    pub received_by_all: u32,
}

/// The policy that is played.
const POLICY: &str = "orders";
/// Its pipeline: stages and actions.
const PIPELINE: &str = "source Source, build Build, open Open + canary CanaryDeploy, approve Approve, promote Promote";
/// How long an act goes on after the bad release has been taken back, so that all messages come to rest.
const REST_SECONDS: i64 = 180;

/// What the queue is like: how often a message may be received before it is dead.
fn plan(receives_max: u32) -> Plan {
    Plan {
        per_second: 5.0,
        receives_max,
        ..Plan::default()
    }
}

/// After so many receives hardly a message dies that only the canary fails.
const SELDOM: u32 = 6;
/// With so many a quarter of them do.
const OFTEN: u32 = 2;

/// Which of the systems that Serin replaces is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum System {
    /// A queue worker, with all acts.
    #[default]
    A,
    /// One box behind a load balancer that has one request of a hundred, judged by how soon it answers.
    C,
    /// A service that gets a tenth more every minute, judged by its errors of ten minutes.
    E,
}

/// Plays one of them, good and bad.
///
/// # Errors
/// What did not come to pass.
pub fn play_system(system: System, seed: u64, audience: &mut dyn Audience) -> Result<(), String> {
    match system {
        System::A => play(seed, audience),
        System::C => balanced::play(&balanced::ONE_OF_A_HUNDRED, seed, audience),
        System::E => balanced::play(&balanced::A_TENTH_MORE, seed, audience),
    }
}

/// Plays all acts of a queue worker.
///
/// # Errors
/// What did not come to pass, or did not follow Serin's own account of it.
pub fn play(seed: u64, audience: &mut dyn Audience) -> Result<(), String> {
    page::opening(seed, audience);
    good(seed, audience)?;
    let ours = bad(seed, audience)?;
    silent(seed, audience)?;
    let theirs = old_way(seed, audience)?;
    table::show(&ours, &theirs, audience);
    Ok(())
}

fn with_serin<'a>(
    seed: u64,
    receives_max: u32,
    more: Option<Value>,
    audience: &'a mut dyn Audience,
) -> Result<Act<'a>, String> {
    let mut stage = deployed(seed, Arc::new(decide::decide));
    let row = RowA::named(POLICY);
    let declared = declaration(&row, PIPELINE)?;
    let row = stage.service_of(
        row,
        |world, _| pipelines::pipeline(world, &declared),
        |policy| {
            policy["approval"] = json!("automatic");
            policy["promotion"] = json!("roll_stable");
            policy["steps"] = json!([
                {"share_permille": 250, "bake_minutes": 5}, {"share_permille": 500, "bake_minutes": 5},
            ]);
            if let Some(checks) = policy["checks"].as_array_mut() {
                checks.extend(more);
            }
        },
    );
    whole::push(&mut stage.sim.world(), &row, "v2");
    let queue = stage.queue(POLICY, &plan(receives_max));
    Ok(Act::new(stage, row, queue, Way::Serin, audience))
}

fn good(seed: u64, audience: &mut dyn Audience) -> Result<(), String> {
    page::act("1. A good release: v2 works", audience);
    let mut act = with_serin(seed, OFTEN, None, audience)?;
    act.releases();
    act.until("the end of the release", |act| act.standing() == "promoted")?;
    act.ends();
    act.told("good")?;
    act.lost_nothing()
}

fn bad(seed: u64, audience: &mut dyn Audience) -> Result<table::Column, String> {
    page::act("2. A bad release: v2 fails every message", audience);
    let mut act = with_serin(seed, OFTEN, None, audience)?;
    act.fails_everything();
    act.releases();
    act.until("the rollback", |act| act.standing() == "rolled back")?;
    act.goes_on(REST_SECONDS);
    act.ends();
    act.told("bad")?;
    act.column()
}

fn silent(seed: u64, audience: &mut dyn Audience) -> Result<(), String> {
    page::act("3. Poison that no alarm sees: stable handles what v2 fails", audience);
    page::silent(SELDOM, audience);
    let compare = json!({
        "kind": "compare", "ratio_max": 1.5, "total_min": 50, "window_minutes": 5,
        "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"},
    });
    let mut act = with_serin(seed, SELDOM, Some(compare), audience)?;
    act.fails_everything();
    act.releases();
    act.until("the rollback", |act| act.standing() == "rolled back")?;
    act.goes_on(REST_SECONDS);
    act.ends();
    act.told("silent")?;
    act.never_rang()
}

fn old_way(seed: u64, audience: &mut dyn Audience) -> Result<table::Column, String> {
    page::act(
        "4. Act 2 the old way: a person approves, a script on the alarm",
        audience,
    );
    let (mut stage, row) = old_way::account(seed, POLICY);
    whole::push(&mut stage.sim.world(), &row, "v2");
    let queue = stage.queue(POLICY, &plan(OFTEN));
    let mut act = Act::new(stage, row, queue, Way::Script, audience);
    act.fails_everything();
    act.releases();
    act.until("the script", Act::runs_v1_alone)?;
    act.goes_on(REST_SECONDS);
    act.ends();
    act.column()
}
