//! Policies that name no pipeline: a person has Serin release each version, and starts are sent again. And windows in which
//! nothing of a policy moves forward. Drawn by chance of its own, so that it moves nothing else.

use super::coverage::{Coverage, HELD, START};
use super::plan::{Act, Happening, Plan, Setting};
use crate::Stage;
use crate::law::Evidence;
use crate::scene::{self, RowA};
use fastrand::Rng;
use serde_json::{Value, json};
use simulator::At;

/// Of so many policies one names no pipeline.
const BY_HAND_ONE_IN: u32 = 6;

/// Of so many policies one has a window.
const WINDOW_ONE_IN: u32 = 6;

/// Of so many releases by hand the start of one is sent again.
const AGAIN_ONE_IN: u32 = 2;

/// What must come of starts by hand.
pub(super) const BECAME: [&str; 6] = [
    "accepted",
    "refused",
    "sent again, and open",
    "sent again, and over",
    "promoted by Serin alone",
    "rolled back",
];

/// What must be held by a window.
pub(super) const HOLDS: [&str; 2] = ["by a window", "by a person"];

/// Draws them.
pub(super) fn draw(seed: u64, settings: &mut [Setting], happenings: &mut Vec<Happening>, until: i64) {
    let rng = &mut Rng::with_seed(seed.rotate_left(12) ^ 0x57a7);
    for (policy, setting) in settings.iter_mut().enumerate() {
        if rng.u32(..BY_HAND_ONE_IN) == 0 && setting.first_day.is_none() && !setting.dry_run {
            setting.by_hand = Some(["automatic", "automatic", "human"][rng.usize(..3)]);
            setting.shape = None;
            by_hand(rng, policy, happenings, until);
        }
    }
    let rng = &mut Rng::with_seed(seed.rotate_left(20) ^ 0xf4e3);
    for setting in settings {
        let window = (rng.i64(2..60), rng.i64(5..30));
        setting.window = (rng.u32(..WINDOW_ONE_IN) == 0).then_some(window);
    }
}

/// People answer Serin itself where there is no pipeline to be answered, and starts are sent again: at once, or much later.
pub(super) fn by_hand(rng: &mut Rng, policy: usize, happenings: &mut Vec<Happening>, until: i64) {
    let mut again = Vec::new();
    for happening in happenings.iter_mut().filter(|happening| happening.policy == policy) {
        match happening.act {
            Act::Approve => happening.act = Act::Order { kind: "approve" },
            Act::Reject => happening.act = Act::Order { kind: "abort" },
            Act::Release { .. } if rng.u32(..AGAIN_ONE_IN) == 0 => {
                let soon = happening.at + rng.i64(0..3);
                let late = happening.at + rng.i64(60..until.max(120));
                again.extend([soon, late].map(|at| Happening {
                    at,
                    policy,
                    act: Act::StartAgain { back: rng.usize(..2) },
                }));
            }
            _ => {}
        }
    }
    happenings.extend(again);
}

/// The cron expression of a window that begins so many minutes after a history does.
pub(super) fn window(beginning: At, (from, minutes): (i64, i64)) -> Value {
    let minute_of_day = (beginning.0 / 60_000 + from) % (24 * 60);
    let cron = format!("{} {} * * *", minute_of_day % 60, minute_of_day / 60);
    json!([{"cron": cron, "minutes": minutes, "time_zone": "UTC"}])
}

/// Whether releases of a policy are started by hand.
pub(super) fn are_by_hand(stage: &Stage, policy: &str) -> bool {
    stage
        .policies
        .get(policy)
        .is_some_and(|policy| policy["pipeline"].is_null())
}

/// Has a version released, as the command line does; in every other second somebody says that it is the fix for an alarm that may ring.
pub(super) fn start(stage: &Stage, row: &RowA, version: &str) {
    let now = stage.now();
    let image = row.image(version);
    let (repository, _) = image.rsplit_once(':').unwrap_or((image.as_str(), ""));
    let payload = json!({
        "policy": row.name, "images": {"worker": format!("{repository}@{}", row.digest(version))},
        "start": {
            "id": format!("start-{}-{}", row.name, now.0), "by": "arn:aws:sts::111122223333:assumed-role/team/ann",
            "why": "as the swarm has it", "despite_alarm": now.0 / 1_000 % 2 == 0,
        },
    });
    stage.sim.start("open", payload);
}

/// Sends an earlier start again; why not, where there was none.
pub(super) fn again(stage: &Stage, policy: &str, back: usize) -> Result<(), String> {
    let sent: Vec<Value> = started(stage, policy).into_iter().map(|(payload, _)| payload).collect();
    let payload = sent.iter().rev().nth(back).cloned().ok_or("nothing was started")?;
    stage.sim.start("open", payload);
    Ok(())
}

/// Sends a fix again that was lost with the function that it was sent to, as whoever sent it would.
pub(super) fn insist(stage: &Stage, plan: &Plan, fixes: u32) {
    for setting in plan.settings.iter().filter(|_| fixes > 0) {
        let last = started(stage, setting.name).pop();
        if let Some((payload, Value::Null)) = last.filter(|_| !super::is_over(stage, setting.name)) {
            stage.sim.start("open", payload);
        }
    }
}

/// Every start by hand with its answer.
fn started(stage: &Stage, policy: &str) -> Vec<(Value, Value)> {
    let ended = stage.sim.ended.borrow();
    let own = ended
        .iter()
        .filter(|end| end.function == "open" && end.payload["start"].is_object() && end.payload["policy"] == policy);
    own.map(|end| (end.payload.clone(), end.outcome.clone().unwrap_or_default()))
        .collect()
}

/// What became of them, and of what was held.
pub(super) fn count(stage: &Stage, evidence: &Evidence, coverage: &mut Coverage) {
    for policy in stage.policies.keys() {
        let mut ids = Vec::new();
        for (payload, answer) in started(stage, policy) {
            let id = &payload["start"]["id"];
            let again = ids.contains(id);
            let (accepted, known) = (answer["accepted"] == true, answer["release_id"].is_string());
            let became = match (again, accepted, known) {
                (true, true, _) => "sent again, and open",
                (true, false, true) => "sent again, and over",
                (_, true, _) => "accepted",
                (_, false, _) if answer["answer"].is_string() => "refused",
                _ => "unanswered",
            };
            coverage.count(START, became);
            ids.push(id.clone());
        }
    }
    for release in evidence.releases.iter().filter(|release| release.wanted().is_some()) {
        match release.outcome() {
            Some("promoted") => coverage.count(START, "promoted by Serin alone"),
            Some("rolled_back") => coverage.count(START, "rolled back"),
            Some(other) => coverage.count(START, other.replace('_', " ")),
            None => {}
        }
    }
    let rows = evidence.journal.values().flatten();
    let because = rows.filter_map(|row| row["because"].as_str());
    for because in because.filter(|because| because.contains("frozen until ")) {
        let by = if because.contains("by the policy's window") {
            "by a window"
        } else {
            "by a person"
        };
        coverage.count(HELD, by);
    }
}

/// Has a version released that was pushed: by the pipeline, or by hand.
pub(super) fn release(stage: &mut Stage, row: &RowA, version: &str) {
    match are_by_hand(stage, &row.name) {
        true => start(stage, row, version),
        false => drop(scene::release(&mut stage.sim.world(), row, version)),
    }
}

/// A person lets go on what waits for them, where no pipeline asks.
pub(super) fn answer(stage: &mut Stage, policy: &str) {
    if are_by_hand(stage, policy) && stage.phase(policy) == "gated" {
        super::people::orders(stage, policy, &Act::Order { kind: "approve" });
    }
}

/// Whether this happens to a pipeline, of which a policy without one knows nothing.
pub(super) fn is_of_a_pipeline(act: &Act) -> bool {
    matches!(
        act,
        Act::Approve | Act::ApproveFirst | Act::Reject | Act::Stop { .. } | Act::Retry | Act::RollBackStage
    )
}
