//! What judges a canary in a history beside its alarm, and by which steps it grows: drawn by chance of its own, so that it
//! moves nothing else.

use serde_json::{Value, json};

/// The chance of a seed for one question.
fn one_in(times: u32, seed: u64, question: u32) -> bool {
    fastrand::Rng::with_seed(seed.rotate_left(question)).u32(..times) == 0
}

/// In a third of all histories canary and stable are compared as well, on little evidence, as histories are short; in
/// half of them failed tasks count; in a third what the dead-letter queue has gained.
pub(super) fn add(seed: u64, policy: &mut Value) {
    let compare = json!({
        "kind": "compare", "ratio_max": 1.5, "total_min": 5, "window_minutes": 5,
        "metric": {"namespace": "Orders", "failed": "Failed", "total": "Handled", "dimension": "Revision"},
    });
    let health = json!({"kind": "health", "failed_tasks_max": 2});
    let queue = policy["checks"][0]["name"]
        .as_str()
        .unwrap_or_default()
        .trim_end_matches("-depth")
        .to_owned();
    let letters = json!({"kind": "dlq_growth", "queue": queue, "messages_max": 5});
    let drawn = [
        (one_in(3, seed, 16), compare),
        (one_in(2, seed, 24), health),
        (one_in(3, seed, 57), letters),
    ];
    if let Some(checks) = policy["checks"].as_array_mut() {
        checks.extend(drawn.into_iter().filter(|(drawn, _)| *drawn).map(|(_, check)| check));
    }
}

/// A quarter, which the canary has at rest; in a third of all histories two fifths and then a half.
pub(super) fn steps(seed: u64, bake_minutes: i64) -> Value {
    let step = |share: u32, minutes: i64| json!({"share_permille": share, "bake_minutes": minutes});
    match one_in(3, seed, 32) {
        true => json!([step(400, bake_minutes), step(500, 1)]),
        false => json!([step(250, bake_minutes)]),
    }
}
