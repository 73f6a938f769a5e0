use super::*;
use Weight::{Refused, Unread, Warning};

const CANARY: &str = "two_services.canary";
const STABLE: &str = "two_services.stable";

#[test]
fn services_are_there_ours_and_made_for_one_another() {
    check(&[
        (
            "the canary is not there",
            same,
            |found| found.canary = Part::Known(None),
            &[(
                Refused,
                CANARY,
                "ECS has no service orders-canary in cluster prod; create it",
            )],
        ),
        (
            "stable was deleted",
            same,
            |found| stable(found).status = "INACTIVE".to_owned(),
            &[(Refused, STABLE, "ECS has no service orders in cluster prod")],
        ),
        (
            "stable is being deleted",
            same,
            |found| stable(found).status = "DRAINING".to_owned(),
            &[(Refused, STABLE, "orders is DRAINING")],
        ),
        (
            "CodeDeploy deploys the canary",
            same,
            |found| canary(found).controller = "CODE_DEPLOY".to_owned(),
            &[(
                Refused,
                CANARY,
                "deployed by CODE_DEPLOY; the deployment controller must be ECS",
            )],
        ),
        (
            "stable is not tagged",
            same,
            |found| stable(found).policy_tag = None,
            &[(
                Refused,
                STABLE,
                "orders has no tag serin:policy, so no release is opened; tag it serin:policy=orders",
            )],
        ),
        (
            "the canary is another policy's",
            same,
            |found| canary(found).policy_tag = Some("billing".to_owned()),
            &[(
                Refused,
                CANARY,
                "tagged serin:policy=billing, so no release of orders is opened",
            )],
        ),
        (
            "a task is missing",
            same,
            |found| stable(found).running = 8,
            &[(Warning, STABLE, "orders runs 8 of 9 tasks")],
        ),
        (
            "a sidecar",
            same,
            |found| {
                let names = ["agent".to_owned(), "worker".to_owned()];
                canary(found).containers = Part::Known(BTreeSet::from(names));
            },
            &[(
                Refused,
                CANARY,
                "its containers are agent, worker, those of orders are worker",
            )],
        ),
        (
            "containers that nobody may see",
            same,
            |found| stable(found).containers = unread(),
            &[(Unread, STABLE, "these credentials need more")],
        ),
    ]);
}

#[test]
fn shares_are_held_against_whole_tasks_and_the_most_of_them() {
    check(&[
        (
            "stable sleeps",
            same,
            |found| {
                stable(found).desired = 0;
                stable(found).running = 0
            },
            &[(Warning, STABLE, "orders asks for no task")],
        ),
        (
            "the canary has no task",
            same,
            |found| {
                canary(found).desired = 0;
                canary(found).running = 0
            },
            &[(
                Refused,
                CANARY,
                "orders-canary asks for no task: it would be given no work",
            )],
        ),
        (
            "more tasks than there may be",
            |policy| policy["traffic"]["tasks_max"] = json!(9),
            as_it_is,
            &[(
                Refused,
                "traffic.tasks_max",
                "is 9, and both services ask for 10 tasks already",
            )],
        ),
        (
            "steps that can be had",
            |policy| {
                policy["steps"] =
                    json!([{"share_permille": 100, "bake_minutes": 10}, {"share_permille": 250, "bake_minutes": 5}]);
            },
            as_it_is,
            &[],
        ),
        (
            "all of the work",
            |policy| policy["steps"] = json!([{"share_permille": 1_000, "bake_minutes": 10}]),
            as_it_is,
            &[(Refused, "steps[0].share_permille", "orders would have to have no task")],
        ),
        (
            "more than there is room for",
            |policy| {
                policy["steps"] =
                    json!([{"share_permille": 775, "bake_minutes": 10}, {"share_permille": 900, "bake_minutes": 10}]);
            },
            as_it_is,
            &[(
                Refused,
                "steps[1].share_permille",
                "81 tasks beside 9 of orders, and traffic.tasks_max is 40, so 775 is the most",
            )],
        ),
        (
            "no parts of a task",
            |policy| {
                policy["steps"] =
                    json!([{"share_permille": 100, "bake_minutes": 10}, {"share_permille": 200, "bake_minutes": 10}]);
            },
            |found| found.stable = service(3),
            &[
                (Warning, "steps[0].share_permille", "is 100, and 1 task beside 3 is 250"),
                (
                    Warning,
                    "steps[1].share_permille",
                    "is 200, which is 1 task beside 3, as in the step before",
                ),
            ],
        ),
    ]);
}

#[test]
fn a_share_is_told_as_both_stand_and_for_each_step() {
    let mut document = document();
    document["steps"] = json!([{"share_permille": 300, "bake_minutes": 5}, {"share_permille": 990, "bake_minutes": 6}]);
    let report = judge(&read(&document), &found(), &BTreeSet::new());
    let sizes = |share: &super::super::Share| (share.canary_tasks, share.stable_tasks, share.permille);
    assert_eq!(report.share.as_ref().map(sizes), Some((1, 9, 100)));
    let steps: Vec<_> = report.steps.iter().map(|step| step.share.as_ref().map(sizes)).collect();
    assert_eq!(steps, [Some((4, 9, 308)), None]);
    let written: Vec<_> = report
        .steps
        .iter()
        .map(|step| (step.asked_permille, step.bake_minutes))
        .collect();
    assert_eq!(written, [(Some(300), 5), (Some(990), 6)]);
}
