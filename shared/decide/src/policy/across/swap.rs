//! What must hold where promotion is `swap`: each service is the canary every other time.

use crate::policy::Mistake;
use crate::router;
use serde_json::Value;

/// Adds what a swap cannot work with.
pub(super) fn check(document: &Value, mistakes: &mut Vec<Mistake>) {
    let says = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    if says("/promotion") != Some("swap") {
        if document.get("retire").is_some() && says("/promotion").is_some() {
            let text = "is written, and promotion is not swap: no side is left over; take it out, or write \
                        \"promotion\": \"swap\"";
            mistakes.push(Mistake::new("retire", text));
        }
        return;
    }
    let mut wrong = |field: &str, text: &str| mistakes.push(Mistake::new(field, text));
    if let Some(Err(why)) = router::can_as_written(document).map(|can| can.exchanges) {
        wrong("promotion", &format!("is \"swap\", and {why}; write \"roll_stable\""));
    }
    if document.get("pipeline").is_some() {
        wrong(
            "pipeline",
            "is named, and promotion is swap: its deploy action goes to one service by name, which is stable every other \
             time; take it out and begin releases with serin release, or write \"promotion\": \"roll_stable\"",
        );
    } else if says("/approval") == Some("pipeline") {
        wrong(
            "approval",
            "is \"pipeline\", and a swap has none; write \"automatic\" or \"human\"",
        );
    }
    if says("/on_new_release") == Some("continue") {
        wrong(
            "on_new_release",
            "is \"continue\", and promotion is swap: until the watch is over the old side is the way back, and can be no \
             canary; write \"hold\"",
        );
    }
    if says("/rollback").is_some_and(|rollback| rollback != "allowed") {
        wrong(
            "rollback",
            "keeps a failed release where it is, and promotion is swap: the way back is the weights, which are always \
             returned; write \"allowed\"",
        );
    }
    if document.pointer("/traffic/resting_share_permille").is_some() {
        wrong(
            "traffic.resting_share_permille",
            "is written, and promotion is swap: at rest one side carries everything, and the weights say which; take it out",
        );
    }
    if document.get("retire").is_none() {
        wrong(
            "retire",
            "is missing: what becomes of the old side's tasks after the watch? Write \"scale_to_zero\" or \"keep\"",
        );
    }
}
