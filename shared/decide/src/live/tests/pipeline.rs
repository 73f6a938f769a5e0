use super::*;
use Weight::{Advice, Refused, Unread, Warning};

const NAME: &str = "pipeline.name";

fn gate() -> Action {
    action("Approve", 1, Does::Approval { topic: None })
}

/// Stages of these actions, named by number.
fn cut(found: &mut Found, stages: Vec<Vec<Action>>) {
    let stages = stages.into_iter().enumerate();
    pipeline(found).stages = stages
        .map(|(index, actions)| stage(&format!("S{index}"), actions))
        .collect();
}

fn baked(policy: &mut Value) {
    policy["steps"] = json!([{"share_permille": 100, "bake_minutes": 10}]);
}

#[test]
fn the_pipeline_is_there_and_runs_one_release_after_the_other() {
    check(&[
        (
            "it is not there",
            same,
            |found| found.pipeline = Part::Known(None),
            &[(Refused, NAME, "there is no pipeline orders in this account and region")],
        ),
        (
            "it cannot be read",
            same,
            |found| found.pipeline = unread(),
            &[(Unread, NAME, "need more")],
        ),
        (
            "many at once",
            same,
            |found| pipeline(found).mode = "PARALLEL".to_owned(),
            &[(Refused, NAME, "its mode is PARALLEL")],
        ),
        (
            "one after the other",
            same,
            |found| pipeline(found).mode = "QUEUED".to_owned(),
            &[],
        ),
        (
            "not tagged",
            same,
            |found| pipeline(found).policy_tag = Part::Known(None),
            &[(Warning, NAME, "can be held and not stopped; tag it serin:policy=orders")],
        ),
        (
            "tagged for its sibling",
            same,
            |found| pipeline(found).policy_tag = Part::Known(Some("billing".to_owned())),
            &[],
        ),
        (
            "tags that nobody may see",
            same,
            |found| pipeline(found).policy_tag = unread(),
            &[(Unread, NAME, "need more")],
        ),
        (
            "the policy has none",
            |policy| drop(policy.as_object_mut().unwrap().remove("pipeline")),
            |found| found.pipeline = Part::Known(None),
            &[],
        ),
    ]);
}

#[test]
fn the_canary_comes_first_and_a_gate_after_it() {
    check(&[
        (
            "nothing deploys the canary",
            same,
            |found| cut(found, vec![vec![gate()], vec![deploys("orders", 1)]]),
            &[(
                Refused,
                NAME,
                "no ECS deploy action of it gives anything to orders-canary in cluster prod",
            )],
        ),
        (
            "nothing deploys stable",
            same,
            |found| drop(pipeline(found).stages.pop()),
            &[(
                Refused,
                NAME,
                "no ECS deploy action of it gives anything to orders in cluster prod",
            )],
        ),
        (
            "another cluster's",
            same,
            |found| {
                let elsewhere = Does::Deploys {
                    cluster: "test".to_owned(),
                    service: "orders".to_owned(),
                };
                pipeline(found).stages[2].actions = vec![action("Deploy", 1, elsewhere)];
            },
            &[(Refused, NAME, "gives anything to orders in cluster prod")],
        ),
        (
            "stable comes first",
            same,
            |found| pipeline(found).stages.swap(1, 2),
            &[(
                Refused,
                NAME,
                "it deploys orders in stage Stable before or beside orders-canary in stage Canary",
            )],
        ),
        (
            "both at once",
            same,
            |found| {
                cut(
                    found,
                    vec![vec![
                        opens("orders", 1),
                        deploys("orders-canary", 2),
                        deploys("orders", 2),
                    ]],
                );
            },
            &[(Refused, NAME, "before or beside")],
        ),
        (
            "nothing waits, and nothing is baked",
            same,
            |found| {
                cut(
                    found,
                    vec![
                        vec![opens("orders", 1), deploys("orders-canary", 2)],
                        vec![deploys("orders", 1)],
                    ],
                );
            },
            &[(
                Warning,
                NAME,
                "an alarm has only as long as the canary's deployment takes",
            )],
        ),
        (
            "nothing waits for the bake",
            baked,
            |found| {
                cut(
                    found,
                    vec![
                        vec![opens("orders", 1), deploys("orders-canary", 2)],
                        vec![deploys("orders", 1)],
                    ],
                );
            },
            &[(Refused, NAME, "nothing waits for the 10 minutes that are to be baked")],
        ),
        (
            "a gate before the canary is none",
            same,
            |found| {
                cut(
                    found,
                    vec![
                        vec![gate(), opens("orders", 2), deploys("orders-canary", 3)],
                        vec![deploys("orders", 1)],
                    ],
                );
            },
            &[(Warning, NAME, "there is no gate between canary and stable")],
        ),
        (
            "a gate behind stable is none",
            same,
            |found| {
                cut(
                    found,
                    vec![
                        vec![opens("orders", 1), deploys("orders-canary", 2)],
                        vec![deploys("orders", 1)],
                        vec![gate()],
                    ],
                );
            },
            &[(Warning, NAME, "there is no gate between canary and stable")],
        ),
        (
            "a gate in another stage",
            same,
            |found| {
                cut(
                    found,
                    vec![
                        vec![opens("orders", 1), deploys("orders-canary", 2)],
                        vec![gate()],
                        vec![deploys("orders", 1)],
                    ],
                );
            },
            &[(
                Warning,
                NAME,
                "deployed in stage S0 and the gate stands in stage S1: while one release waits there, the next",
            )],
        ),
        (
            "where a person approves, a job is no gate",
            same,
            |found| {
                let actions = vec![opens("orders", 1), deploys("orders-canary", 2), opens("orders", 3)];
                cut(found, vec![actions, vec![deploys("orders", 1)]]);
            },
            &[(Warning, NAME, "there is no gate between canary and stable")],
        ),
        (
            "all in one stage",
            same,
            |found| {
                let approve = action("Approve", 3, Does::Approval { topic: None });
                cut(
                    found,
                    vec![vec![
                        opens("orders", 1),
                        deploys("orders-canary", 2),
                        approve,
                        deploys("orders", 4),
                    ]],
                );
            },
            &[(Warning, NAME, "canary and stable are deployed in one stage, S0")],
        ),
    ]);
}

#[test]
fn a_release_is_opened_before_its_canary_changes() {
    let expected: &'static [Said] = &[(
        Advice,
        NAME,
        "stage Canary has no Lambda action of policy orders before it deploys orders-canary",
    )];
    check(&[
        (
            "there is none",
            same,
            |found| drop(pipeline(found).stages[1].actions.pop()),
            expected,
        ),
        (
            "it is another policy's",
            same,
            |found| pipeline(found).stages[1].actions[2] = opens("billing", 1),
            expected,
        ),
        (
            "it runs beside the deployment",
            same,
            |found| pipeline(found).stages[1].actions[2] = opens("orders", 2),
            expected,
        ),
        (
            "it stands in another stage",
            same,
            |found| {
                let open = pipeline(found).stages[1].actions.pop();
                pipeline(found).stages[0].actions.extend(open);
            },
            expected,
        ),
    ]);
}

/// What is changed of the policy, what stands behind the canary and in the stage after it, and all that is said.
type Left = (&'static str, fn(&mut Value), Vec<Action>, Vec<Action>, Vec<Said>);

/// Serin approves.
fn automatic(policy: &mut Value) {
    baked(policy);
    policy["approval"] = json!("automatic");
}

/// A person approves, whom Serin tells.
fn human(policy: &mut Value) {
    baked(policy);
    policy["approval"] = json!("human");
}

const APPROVALS: &str = "arn:aws:sns:eu-central-1:111122223333:serin-approvals";

/// Serin promotes.
fn rolls_stable(policy: &mut Value) {
    policy["promotion"] = json!("roll_stable");
}

#[test]
fn any_topic_is_taken_for_serins_where_nobody_said_which_it_is_and_that_is_said() {
    let (mut document, mut world) = (document(), found());
    human(&mut document);
    let topic = Some(APPROVALS.to_owned());
    let behind = action("Approve", 3, Does::Approval { topic });
    let canary = vec![opens("orders", 1), deploys("orders-canary", 2), behind];
    cut(&mut world, vec![canary, vec![deploys("orders", 1)]]);
    let report = judge(&read(&document), &world, &BTreeSet::new());
    let said = said(&report);
    assert!(
        said.len() == 1 && said[0].0 == Weight::Advice && said[0].2.contains("SERIN_APPROVALS"),
        "{said:#?}"
    );
}

/// What the approval says, how long the steps bake and may be extended, in minutes, and what follows.
type Expires = (&'static str, Option<u32>, u32, u32, Option<Weight>);

#[test]
fn an_approval_that_is_over_before_the_steps_have_baked_is_said() {
    let cases: [Expires; 7] = [
        ("seven days, and minutes", None, 20, 0, None),
        ("seven days, and eight", None, 8 * 24 * 60, 0, Some(Weight::Refused)),
        ("seven days to the minute", None, 7 * 24 * 60, 0, Some(Weight::Refused)),
        ("longer than the bake", Some(60), 20, 0, None),
        ("shorter than the bake", Some(15), 20, 0, Some(Weight::Refused)),
        (
            "shorter than what it is extended by",
            Some(60),
            20,
            45,
            Some(Weight::Warning),
        ),
        ("long enough for that too", Some(90), 20, 45, None),
    ];
    for (case, timeout, bake, extended, expected) in cases {
        let (mut document, mut world) = (document(), found());
        human(&mut document);
        document["steps"] = json!([{"share_permille": 100, "bake_minutes": bake}]);
        if extended > 0 {
            document["when_undecided"] = json!({"extend_minutes_max": extended, "then": "hold"});
        }
        let topic = Some(APPROVALS.to_owned());
        let mut behind = action("Approve", 3, Does::Approval { topic });
        behind.timeout_minutes = timeout;
        let canary = vec![opens("orders", 1), deploys("orders-canary", 2), behind];
        cut(&mut world, vec![canary, vec![deploys("orders", 1)]]);
        let report = judge(&read(&document), &world, &BTreeSet::new());
        let said = said(&report);
        let found = said
            .iter()
            .find(|said| said.2.contains("expires after"))
            .map(|said| said.0);
        assert_eq!(found, expected, "{case}: {said:#?}");
    }
}

#[test]
fn who_approves_too_early_for_serins_promote_action_is_told_so() {
    for (bake, expected) in [(1_320, None), (1_321, Some(Weight::Warning))] {
        let (mut document, mut world) = (document(), found());
        human(&mut document);
        rolls_stable(&mut document);
        document["steps"] = json!([{"share_permille": 100, "bake_minutes": bake}]);
        let topic = Some(APPROVALS.to_owned());
        let behind = action("Approve", 3, Does::Approval { topic });
        let canary = vec![opens("orders", 1), deploys("orders-canary", 2), behind];
        cut(&mut world, vec![canary, vec![opens("orders", 1)]]);
        let report = judge(&read(&document), &world, &BTreeSet::new());
        let said = said(&report);
        let early = said.iter().find(|said| said.2.contains("in the first 1 minutes"));
        assert_eq!(early.map(|said| said.0), expected, "{bake}: {said:#?}");
    }
}

#[test]
fn what_the_policy_leaves_to_serin_stands_in_the_pipeline() {
    let canary_with = |found: &mut Found, behind: Vec<Action>, then: Vec<Action>| {
        let mut actions = vec![opens("orders", 1), deploys("orders-canary", 2)];
        actions.extend(behind);
        cut(found, vec![actions, then]);
    };
    let asks = || {
        let topic = Some(APPROVALS.to_owned());
        action("Approve", 3, Does::Approval { topic })
    };
    let cases: [Left; 11] = [
        (
            "it answers a manual approval that notifies it",
            automatic,
            vec![asks()],
            vec![deploys("orders", 1)],
            vec![],
        ),
        (
            "it tells a person",
            human,
            vec![asks()],
            vec![deploys("orders", 1)],
            vec![],
        ),
        (
            "a person is awaited, of whom it does not hear",
            human,
            vec![action("Approve", 3, Does::Approval { topic: None })],
            vec![deploys("orders", 1)],
            vec![(Refused, NAME, "set its NotificationArn to the topic")],
        ),
        (
            "a person is awaited, and somebody else is notified",
            human,
            vec![action(
                "Approve",
                3,
                Does::Approval {
                    topic: Some(APPROVALS.replace("serin", "mails")),
                },
            )],
            vec![deploys("orders", 1)],
            vec![(Refused, NAME, "set its NotificationArn to the topic")],
        ),
        (
            "it approves",
            automatic,
            vec![opens("orders", 3)],
            vec![deploys("orders", 1)],
            vec![],
        ),
        (
            "it is not asked",
            automatic,
            vec![action("Approve", 3, Does::Approval { topic: None })],
            vec![deploys("orders", 1)],
            vec![(Refused, NAME, "the policy leaves approve to Serin")],
        ),
        (
            "another policy's is asked",
            automatic,
            vec![opens("billing", 3)],
            vec![deploys("orders", 1)],
            vec![(Refused, NAME, "the policy leaves approve to Serin")],
        ),
        (
            "it promotes",
            rolls_stable,
            vec![action("Approve", 3, Does::Approval { topic: None })],
            vec![opens("orders", 1)],
            vec![],
        ),
        (
            "it promotes, and nothing waits before",
            rolls_stable,
            vec![],
            vec![opens("orders", 1)],
            vec![(Warning, NAME, "there is no gate between canary and stable")],
        ),
        (
            "ECS promotes as well",
            rolls_stable,
            vec![opens("orders", 3)],
            vec![deploys("orders", 1)],
            vec![(Refused, NAME, "an ECS deploy action gives stable its revision as well")],
        ),
        (
            "it does both",
            |policy| {
                automatic(policy);
                rolls_stable(policy);
            },
            vec![opens("orders", 3)],
            vec![opens("orders", 1)],
            vec![],
        ),
    ];
    for (what, changed, behind, then, expected) in cases {
        let (mut document, mut world) = (document(), found());
        world.approvals = Some(APPROVALS.to_owned());
        changed(&mut document);
        canary_with(&mut world, behind, then);
        let report = judge(&read(&document), &world, &BTreeSet::new());
        let said = said(&report);
        assert_eq!(said.len(), expected.len(), "{what}: {said:#?}");
        for (said, expected) in said.iter().zip(expected) {
            assert_eq!((said.0, said.1), (expected.0, expected.1), "{what}: {}", said.2);
            assert!(said.2.contains(expected.2), "{what}: {}", said.2);
        }
    }
}
