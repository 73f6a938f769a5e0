//! What a policy says of services that exchange their roles.

use super::{example, mistakes};
use crate::policy::{Policy, Retire};
use serde_json::{Value, json};

const RULE: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee";

/// A policy that swaps, with some fields replaced, or taken out by null.
fn swapping(more: &Value) -> String {
    let group = |name: &str| {
        format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/{name}/73e2d6bc24d8a067")
    };
    let mut document = example();
    let fields = document.as_object_mut().unwrap();
    fields.remove("pipeline");
    for (field, value) in [
        ("approval", json!("automatic")),
        ("promotion", json!("swap")),
        ("retire", json!("scale_to_zero")),
        ("on_new_release", json!("hold")),
        ("steps", json!([{"share_permille": 100, "bake_minutes": 5}])),
        (
            "traffic",
            json!({
                "kind": "alb", "rule": RULE,
                "stable_target_group": group("shop"), "canary_target_group": group("shop-canary"),
            }),
        ),
    ] {
        fields.insert(field.to_owned(), value);
    }
    for (field, value) in more.as_object().unwrap() {
        match value {
            Value::Null => drop(fields.remove(field)),
            value if field == "resting_share_permille" => fields["traffic"][field] = value.clone(),
            value => drop(fields.insert(field.clone(), value.clone())),
        }
    }
    document.to_string()
}

#[test]
fn a_swap_needs_a_load_balancer_no_pipeline_and_a_word_on_the_old_side() {
    let cases: Vec<(Value, Vec<&str>)> = vec![
        (json!({}), vec![]),
        (json!({"retire": "keep", "approval": "human"}), vec![]),
        (json!({"retire": null}), vec!["retire: is missing"]),
        (json!({"retire": "now"}), vec!["retire: "]),
        (
            json!({"traffic": {"kind": "consumer_share", "tasks_max": 40}}),
            vec!["promotion: is \"swap\", and shares follow the numbers of tasks"],
        ),
        (
            json!({"pipeline": {"name": "shop"}}),
            vec!["pipeline: is named, and promotion is swap: its deploy action goes to one service by name"],
        ),
        (
            json!({"approval": "pipeline"}),
            vec!["approval: is \"pipeline\", and a swap has none"],
        ),
        (
            json!({"on_new_release": "continue"}),
            vec!["on_new_release: is \"continue\", and promotion is swap"],
        ),
        (json!({"rollback": "never"}), vec!["rollback: keeps a failed release"]),
        (
            json!({"rollback": "until_promoting"}),
            vec!["rollback: keeps a failed release"],
        ),
        (
            json!({"resting_share_permille": 10}),
            vec!["traffic.resting_share_permille: is written, and promotion is swap"],
        ),
        (
            json!({"dry_run": true}),
            vec!["dry_run: is true, and promotion is swap"],
        ),
        (
            json!({"promotion": "roll_stable"}),
            vec!["retire: is written, and promotion is not swap"],
        ),
    ];
    for (more, expected) in cases {
        let found = mistakes(&swapping(&more));
        assert_eq!(found.len(), expected.len(), "{more}: {found:?}");
        for says in expected {
            assert!(
                found.iter().any(|mistake| mistake.starts_with(says)),
                "{says}: {found:?}"
            );
        }
    }
}

#[test]
fn what_becomes_of_the_old_side_is_frozen_as_it_is_written() {
    let policy = Policy::read(&swapping(&json!({}))).unwrap();
    assert!(policy.swaps());
    assert_eq!(policy.retire, Some(Retire::ScaleToZero));
    let frozen = serde_json::to_value(&policy).unwrap();
    assert_eq!(frozen["retire"], "scale_to_zero");
    assert_eq!(serde_json::from_value::<Policy>(frozen).unwrap(), policy);
    assert!(!Policy::read(&example().to_string()).unwrap().swaps());
}
