//! Who lets a release go to stable.

use super::{mistakes, with};
use serde_json::{Value, json};

#[test]
fn what_serin_approves_must_have_baked_and_a_pipeline_must_ask_for_it() {
    let steps = |minutes: &[u32]| -> Value {
        let step =
            |(place, minutes): (usize, &u32)| json!({"share_permille": 100 * (place + 1), "bake_minutes": minutes});
        minutes.iter().enumerate().map(step).collect()
    };
    let nothing = "approval: is \"automatic\", and no step bakes: nothing would be judged; write steps with bake_minutes, \
                   or \"pipeline\"";
    let nobody = "approval: is \"automatic\", and no pipeline is named whose approval could be given; name it, or write \
                  \"pipeline\"";
    let cases: [(&str, Value, bool, Vec<&str>); 4] = [
        ("it bakes", steps(&[0, 10]), true, vec![]),
        ("no step bakes", steps(&[0]), true, vec![nothing]),
        ("no steps", json!(null), true, vec![nothing]),
        ("no pipeline", steps(&[10]), false, vec![nobody]),
    ];
    for (case, steps, pipeline, expected) in cases {
        let mut document: Value = serde_json::from_str(&with("/approval", json!("automatic"))).unwrap();
        let members = document.as_object_mut().unwrap();
        members.remove("steps");
        if !steps.is_null() {
            members.insert("steps".to_owned(), steps);
        }
        if !pipeline {
            members.remove("pipeline");
        }
        assert_eq!(mistakes(&document.to_string()), expected, "{case}");
    }
    let text = "approval: \"human\" is not carried out by this version yet; write \"pipeline\" or \"automatic\"";
    assert_eq!(mistakes(&with("/approval", json!("human"))), [text]);
}
