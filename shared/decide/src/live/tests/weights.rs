//! What is said of a load balancer's rule.

use super::*;
use crate::live::Rule;
use crate::{SeenForward, SeenTargets};
use Weight::{Advice, Refused, Unread, Warning};

const RULE: &str = "traffic.rule";
const CANARY_GROUP: &str = "traffic.canary_target_group";
const STABLE_GROUP: &str = "traffic.stable_target_group";
const RESTS: &str = "traffic.resting_share_permille";
const ARN: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee";

fn group(name: &str) -> String {
    format!("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/{name}/73e2d6bc24d8a067")
}

fn balanced(document: &mut Value) {
    document["traffic"] = json!({
        "kind": "alb", "rule": ARN, "stable_target_group": group("orders"),
        "canary_target_group": group("orders-canary"), "resting_share_permille": 10,
    });
}

/// A world in which there is nothing to say about that: weights of 1 to 99, two healthy targets.
fn behind_it(found: &mut Found) {
    canary(found).target_groups = vec![group("orders-canary")];
    stable(found).target_groups = vec![group("orders")];
    found.rule = Part::Known(Some(Rule {
        forwards: Some(SeenForward {
            answers: None,
            canary: Some(1),
            stable: Some(99),
            others: 0,
            sticky_seconds: None,
            tagged: None,
        }),
        policy_tag: Part::Known(Some("orders".to_owned())),
        is_default: false,
        targets: Part::Known(SeenTargets {
            healthy: 2,
            all: 2,
            why: None,
        }),
    }));
}

fn rule(found: &mut Found) -> &mut Rule {
    of(&mut found.rule)
}

fn forwards(found: &mut Found) -> &mut SeenForward {
    rule(found).forwards.as_mut().unwrap()
}

type Spoils = (&'static str, fn(&mut Value), fn(&mut Found), &'static [Said]);

#[test]
fn a_rule_is_there_ours_and_forwards_to_both_groups_and_to_nobody_else() {
    let cases: [Spoils; 17] = [
        ("nothing is wrong", same, as_it_is, &[]),
        (
            "it is not there",
            same,
            |found| found.rule = Part::Known(None),
            &[(Refused, RULE, "is not there in this account and region")],
        ),
        (
            "it cannot be read",
            same,
            |found| found.rule = unread(),
            &[(Unread, RULE, "not allowed")],
        ),
        (
            "it is not tagged",
            same,
            |found| rule(found).policy_tag = Part::Known(None),
            &[(
                Refused,
                RULE,
                "has no tag serin:policy, so IAM refuses every shift; tag it serin:policy=orders",
            )],
        ),
        (
            "it is another policy's",
            same,
            |found| rule(found).policy_tag = Part::Known(Some("bills".to_owned())),
            &[(Refused, RULE, "is tagged serin:policy=bills, and not orders")],
        ),
        (
            "a default rule by its own ARN",
            same,
            |found| rule(found).is_default = true,
            &[(
                Refused,
                RULE,
                "is a default rule, which cannot be modified; write the ARN of its listener",
            )],
        ),
        (
            "it redirects",
            same,
            |found| rule(found).forwards = None,
            &[(Refused, RULE, "forwards to no target group")],
        ),
        (
            "stable is not in it",
            |document| document["traffic"]["resting_share_permille"] = json!(1_000),
            |found| forwards(found).stable = None,
            &[(
                Refused,
                STABLE_GROUP,
                "is not among the groups that the rule forwards to; put it there",
            )],
        ),
        (
            "the canary is not in it",
            |document| document["traffic"]["resting_share_permille"] = json!(0),
            |found| forwards(found).canary = None,
            &[(Advice, CANARY_GROUP, "Serin puts it there with weight 0")],
        ),
        (
            "others have a share",
            same,
            |found| forwards(found).others = 7,
            &[(Refused, RULE, "gives 7 to other target groups than these two")],
        ),
        (
            "sessions stick",
            same,
            |found| forwards(found).sticky_seconds = Some(600),
            &[(
                Warning,
                RULE,
                "stick to their target group for 600 s: shares count for new sessions",
            )],
        ),
        (
            "nobody says how it rests",
            |document| {
                drop(
                    document["traffic"]
                        .as_object_mut()
                        .unwrap()
                        .remove("resting_share_permille"),
                )
            },
            as_it_is,
            &[(Advice, RESTS, "is not written: whatever the weights are")],
        ),
        (
            "it rests otherwise",
            |document| document["traffic"]["resting_share_permille"] = json!(20),
            as_it_is,
            &[(
                Warning,
                RESTS,
                "is 20, and the weights are 1 to 99: the first release changes that to 20 to 980",
            )],
        ),
        (
            "it serves nobody",
            same,
            |found| (forwards(found).canary, forwards(found).stable) = (Some(0), Some(0)),
            &[(Refused, RULE, "serves nobody: the weights of both groups are 0")],
        ),
        (
            "a target is not healthy",
            same,
            |found| {
                rule(found).targets = Part::Known(SeenTargets {
                    healthy: 1,
                    all: 2,
                    why: Some("unhealthy, Target.Timeout".to_owned()),
                });
            },
            &[(
                Warning,
                CANARY_GROUP,
                "has 1 healthy targets of 2: unhealthy, Target.Timeout",
            )],
        ),
        (
            "the canary's tasks are elsewhere",
            same,
            |found| canary(found).target_groups.clear(),
            &[(
                Refused,
                CANARY_GROUP,
                "orders-canary registers its tasks with no target group",
            )],
        ),
        (
            "ECS shifts it",
            same,
            |found| stable(found).shifted_by_ecs = vec![ARN.to_owned()],
            &[(
                Refused,
                "two_services.stable",
                "ECS itself sets the weights of the rule in deployments of orders",
            )],
        ),
    ];
    for (what, changed, altered, expected) in cases {
        let (mut document, mut world) = (document(), found());
        balanced(&mut document);
        behind_it(&mut world);
        changed(&mut document);
        altered(&mut world);
        let report = judge(&read(&document), &world, &BTreeSet::new());
        let said = said(&report);
        assert_eq!(said.len(), expected.len(), "{what}: {said:#?}");
        for ((weight, field, text), (expected_weight, expected_field, part)) in said.iter().zip(expected) {
            assert_eq!((weight, field), (expected_weight, expected_field), "{what}: {text}");
            assert!(text.contains(part), "{what}: {text}");
        }
    }
}

#[test]
fn each_step_is_told_with_its_weights_and_none_with_tasks() {
    let (mut document, mut world) = (document(), found());
    balanced(&mut document);
    behind_it(&mut world);
    document["linear"] = json!({"step_permille": 250, "every_minutes": 60, "until_permille": 600});
    let report = judge(&read(&document), &world, &BTreeSet::new());
    let weights: Vec<_> = report.steps.iter().map(|step| step.weights.unwrap()).collect();
    let weights: Vec<_> = weights
        .iter()
        .map(|step| (step.canary, step.stable, step.permille))
        .collect();
    assert_eq!(
        weights,
        [(250, 750, Some(250)), (500, 500, Some(500)), (600, 400, Some(600))]
    );
    assert!(report.share.is_none() && report.steps.iter().all(|step| step.share.is_none()));
    assert_eq!(report.weights.unwrap().permille, Some(10));
}
