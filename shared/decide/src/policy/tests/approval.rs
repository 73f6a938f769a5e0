//! Who lets a release go to stable, and who gives it.

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
    let nobody = "approval: is \"automatic\", and no pipeline is named whose action or approval Serin could answer; name it, or \
                  write \"promotion\": \"roll_stable\" and Serin gives stable what has baked by itself";
    let cases: [(&str, Value, bool, Vec<&str>); 5] = [
        ("it bakes", steps(&[0, 10]), true, vec![]),
        ("longer than an action could wait", steps(&[661, 660]), true, vec![]),
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
}

#[test]
fn what_a_person_is_to_judge_must_have_baked_for_however_long() {
    let nothing = "approval: is \"human\", and no step bakes: nothing would be judged; write steps with bake_minutes, or \
                   \"pipeline\"";
    let nobody = "approval: is \"human\", and no pipeline is named whose action or approval Serin could answer; name it, or write \
                  \"promotion\": \"roll_stable\" and Serin gives stable what has baked by itself";
    let steps = |minutes: u32| json!([{"share_permille": 100, "bake_minutes": minutes}]);
    let cases = [
        ("it bakes", steps(10), true, vec![]),
        (
            "longer than an action of Serin's could wait",
            steps(1_440),
            true,
            vec![],
        ),
        ("it does not bake", steps(0), true, vec![nothing]),
        ("no pipeline", steps(10), false, vec![nobody]),
    ];
    for (case, steps, pipeline, expected) in cases {
        let mut document: Value = serde_json::from_str(&with("/approval", json!("human"))).unwrap();
        let members = document.as_object_mut().unwrap();
        members.insert("steps".to_owned(), steps);
        if !pipeline {
            members.remove("pipeline");
        }
        assert_eq!(mistakes(&document.to_string()), expected, "{case}");
    }
}

#[test]
fn what_serin_promotes_a_pipeline_must_ask_for_where_serin_does_not_approve_as_well() {
    let mut document: Value = serde_json::from_str(&with("/promotion", json!("roll_stable"))).unwrap();
    assert!(mistakes(&document.to_string()).is_empty());
    document.as_object_mut().unwrap().remove("pipeline");
    assert_eq!(
        mistakes(&document.to_string()),
        [
            "promotion: is \"roll_stable\", and no pipeline is named whose approval comes before that; name it, or write \
           \"approval\": \"automatic\" or \"human\""
        ]
    );
    let members = document.as_object_mut().unwrap();
    members.insert("steps".to_owned(), json!([{"share_permille": 100, "bake_minutes": 10}]));
    for ours in ["automatic", "human"] {
        document["approval"] = json!(ours);
        assert!(mistakes(&document.to_string()).is_empty(), "{ours}");
    }
}
