//! What a policy says of a load balancer, and of steps that are all alike.

use super::{example, mistakes};
use crate::policy::Policy;
use serde_json::{Value, json};

const RULE: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee";

fn group(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/{name}/73e2d6bc24d8a067")
}

fn balanced(more: Value) -> Value {
    let mut document = example();
    document["traffic"] = json!({
        "kind": "alb", "rule": RULE,
        "stable_target_group": group("shop"), "canary_target_group": group("shop-canary"),
    });
    for (name, value) in more.as_object().unwrap() {
        match name.as_str() {
            "steps" | "linear" | "approval" => document[name] = value.clone(),
            name => document["traffic"][name] = value.clone(),
        }
    }
    document
}

#[test]
fn a_rule_and_two_groups_are_all_that_is_needed_and_are_frozen_as_they_are_written() {
    let document = balanced(json!({"resting_share_permille": 10}));
    let policy = Policy::read(&document.to_string()).unwrap();
    let alb = policy.alb().unwrap();
    assert_eq!((alb.rule.as_str(), alb.resting_share_permille), (RULE, Some(10)));
    assert!(!alb.is_default_action() && policy.tasks_max().is_none() && !policy.sizes_canary());
    let frozen = serde_json::to_value(&policy).unwrap();
    assert_eq!(frozen["traffic"], document["traffic"]);
    assert_eq!(serde_json::from_value::<Policy>(frozen).unwrap(), policy);
    let listener =
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2";
    let policy = Policy::read(&balanced(json!({"rule": listener})).to_string()).unwrap();
    assert!(policy.alb().unwrap().is_default_action());
}

#[test]
fn equal_steps_grow_by_one_size_up_to_the_last_share() {
    let cases = [
        (
            json!({"step_permille": 250, "every_minutes": 1, "until_permille": 1_000}),
            vec![250, 500, 750, 1_000],
        ),
        (
            json!({"step_permille": 300, "every_minutes": 1, "until_permille": 1_000}),
            vec![300, 600, 900, 1_000],
        ),
        (
            json!({"step_permille": 100, "every_minutes": 1, "until_permille": 250}),
            vec![100, 200, 250],
        ),
        (
            json!({"step_permille": 1_000, "every_minutes": 1, "until_permille": 1_000}),
            vec![1_000],
        ),
    ];
    for (linear, expected) in cases {
        let policy = Policy::read(&balanced(json!({"linear": linear})).to_string()).unwrap();
        let shares: Vec<u32> = policy.steps().iter().filter_map(|step| step.share_permille).collect();
        assert_eq!(shares, expected, "{linear}");
        assert_eq!(policy.bake_minutes_total() as usize, expected.len());
        assert!(policy.gives_shares());
    }
    let many = json!({"linear": {"step_permille": 10, "every_minutes": 0, "until_permille": 1_000}});
    assert_eq!(Policy::read(&balanced(many).to_string()).unwrap().steps().len(), 100);
}

#[test]
fn what_cannot_be_meant_is_refused_all_at_once() {
    let step = |share: u32| json!({"share_permille": share, "bake_minutes": 5});
    let linear = |step: u32, until: u32| json!({"step_permille": step, "every_minutes": 5, "until_permille": until});
    let cases: Vec<(Value, Vec<&str>)> = vec![
        (json!({"steps": [step(10)], "resting_share_permille": 10}), vec![]),
        (
            json!({"canary_target_group": group("shop"), "rule": "rule", "tasks_max": 40}),
            vec![
                "traffic.tasks_max: is not a known field",
                "traffic.rule: must be the ARN of a listener rule or of a listener",
                "traffic.canary_target_group: is the stable target group itself",
            ],
        ),
        (
            json!({"rule": group("shop"), "stable_target_group": RULE}),
            vec![
                "traffic.rule: must be the ARN",
                "traffic.stable_target_group: must be the ARN of a target group",
            ],
        ),
        (
            json!({"resting_share_permille": 50, "steps": [step(10), step(100)]}),
            vec!["steps[0].share_permille: is 10, and the canary has 50 at rest already; write 50 or more"],
        ),
        (
            json!({"resting_share_permille": 50, "linear": linear(20, 1_000)}),
            vec!["linear.step_permille: is 20, and the canary has 50 at rest already"],
        ),
        (
            json!({"steps": [step(10)], "linear": linear(100, 1_000)}),
            vec!["linear: stands beside steps; write the steps one by one, or as equal ones"],
        ),
        (
            json!({"linear": linear(100, 50)}),
            vec!["linear.until_permille: is 50, less than one step of 100; write 100 or more"],
        ),
        (json!({"approval": "automatic", "linear": linear(100, 1_000)}), vec![]),
        (
            json!({"approval": "automatic", "linear": {"step_permille": 100, "every_minutes": 0, "until_permille": 500}}),
            vec!["approval: is \"automatic\", and no step bakes"],
        ),
    ];
    for (more, expected) in cases {
        let found = mistakes(&balanced(more.clone()).to_string());
        assert_eq!(found.len(), expected.len(), "{more}: {found:?}");
        for says in expected {
            assert!(
                found.iter().any(|mistake| mistake.starts_with(says)),
                "{says}: {found:?}"
            );
        }
    }
    let mut of_tasks = example();
    of_tasks["linear"] = json!({"step_permille": 100, "every_minutes": 5});
    let found = mistakes(&of_tasks.to_string());
    assert!(found[0].starts_with("linear.until_permille: is missing"), "{found:?}");
    of_tasks["linear"]["until_permille"] = json!(1_000);
    let found = mistakes(&of_tasks.to_string());
    assert!(
        found[0].starts_with("linear.until_permille: is 1000, and stable keeps its tasks"),
        "{found:?}"
    );
    of_tasks["linear"]["until_permille"] = json!(500);
    assert_eq!(mistakes(&of_tasks.to_string()), [""; 0]);
}

#[test]
fn whoever_sets_a_rule_of_a_listener_may_set_its_default_action() {
    let at = |kind: &str, rest: &str| {
        format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:{kind}/app/shop/50dc6c495c0c9188/{rest}")
    };
    let (listener, rule) = ("f2f7dc8efc522ab2", "f2f7dc8efc522ab2/9683b2d02a6cabee");
    // What the policy names, what ECS names, and whether both may be one.
    let cases = [
        (at("listener-rule", rule), at("listener-rule", rule), true),
        (
            at("listener-rule", rule),
            at("listener-rule", "f2f7dc8efc522ab2/1111111111111111"),
            false,
        ),
        (at("listener-rule", rule), at("listener", listener), false),
        (at("listener", listener), at("listener-rule", rule), true),
        (at("listener", listener), at("listener", listener), true),
        (
            at("listener", listener),
            at("listener-rule", "f2f7dc8efc522ab21/9683b2d02a6cabee"),
            false,
        ),
        (
            at("listener", listener),
            at("listener-rule", "1111111111111111/9683b2d02a6cabee"),
            false,
        ),
    ];
    for (ours, theirs, expected) in cases {
        let document = balanced(json!({"rule": ours}));
        let policy = Policy::read(&document.to_string()).unwrap();
        assert_eq!(
            policy.alb().unwrap().is_set_by(&theirs),
            expected,
            "{ours} and {theirs}"
        );
    }
}
