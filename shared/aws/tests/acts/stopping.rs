//! Bad tasks are stopped, and only they.

use crate::bench::{CANARY, CLUSTER, account, act, ask, definition, done, push};
use decide::{Action, Role};
use serde_json::{Value, json};
use simulator::Sim;
use simulator::faults::{Fault, Rule};

/// The canary runs v2 with so many tasks. Answers with its deployment.
fn bad(tasks: i64) -> (Sim, String) {
    let sim = account(json!({}), tasks);
    let mut world = sim.world();
    push(&mut world, "v2");
    let v2 = definition(&mut world, CANARY, "v2", json!({}));
    let input = json!({"cluster": CLUSTER, "service": CANARY, "taskDefinition": v2});
    let reply = ask(&mut world, "UpdateService", input);
    let service = reply["service"]["serviceArn"].as_str().expect("an ARN").to_owned();
    simulator::ecs::stage::settle(&mut world, &service);
    drop(world);
    let deployment = deployments(&sim)[0]["id"].as_str().expect("an id").to_owned();
    (sim, deployment)
}

fn deployments(sim: &Sim) -> Vec<Value> {
    let input = json!({"cluster": CLUSTER, "services": [CANARY]});
    let reply = ask(&mut sim.world(), "DescribeServices", input);
    reply["services"][0]["deployments"]
        .as_array()
        .expect("deployments")
        .clone()
}

fn lane(deployment: &str, restore: u32) -> Vec<Action> {
    let service = || CANARY.to_owned();
    vec![
        Action::Restore {
            role: Role::Canary,
            cluster: CLUSTER.to_owned(),
            service: service(),
            task_definition: format!("arn:aws:ecs:eu-central-1:111122223333:task-definition/{CANARY}:{restore}"),
        },
        Action::StopTasks {
            role: Role::Canary,
            cluster: CLUSTER.to_owned(),
            service: service(),
            deployments: vec![deployment.to_owned()],
            reason: "Serin release r1 is rolled back: alarm a".to_owned(),
        },
    ]
}

/// Tasks of a deployment that run and were not told to stop.
fn wanted(sim: &Sim, deployment: &str) -> usize {
    let mut world = sim.world();
    let input = json!({"cluster": CLUSTER, "startedBy": deployment});
    let mut found = 0;
    let mut next = Value::Null;
    loop {
        let mut input = input.clone();
        if next.is_string() {
            input["nextToken"] = next;
        }
        let reply = ask(&mut world, "ListTasks", input);
        found += reply["taskArns"].as_array().map_or(0, Vec::len);
        next = reply["nextToken"].clone();
        if next.is_null() {
            return found;
        }
    }
}

#[test]
fn bad_tasks_stop_in_the_step_that_gives_the_canary_its_baseline_also_protected_ones() {
    let (sim, deployment) = bad(5);
    {
        let mut world = sim.world();
        let listed = ask(
            &mut world,
            "ListTasks",
            json!({"cluster": CLUSTER, "startedBy": deployment}),
        );
        let task = listed["taskArns"][0].clone();
        let input = json!({"cluster": CLUSTER, "tasks": [task], "protectionEnabled": true});
        let reply = ask(&mut world, "UpdateTaskProtection", input);
        assert_eq!(reply["failures"], json!([]));
    }
    let said = act(&sim, lane(&deployment, 1));
    assert_eq!(
        said,
        [
            format!("{CANARY} was given {CANARY}:1"),
            format!("bad tasks of {CANARY} told to stop: 5")
        ]
    );
    assert_eq!(wanted(&sim, &deployment), 0);
    assert_eq!(
        done(&sim, "StopTask")[0]["reason"],
        "Serin release r1 is rolled back: alarm a"
    );

    // ECS starts the baseline in their place, not them.
    let until = sim.world().now.plus_seconds(300);
    sim.run_until(until);
    let after = deployments(&sim);
    assert_eq!(after.len(), 1, "{after:?}");
    assert_eq!(
        (&after[0]["runningCount"], &after[0]["rolloutState"]),
        (&json!(5), &json!("COMPLETED"))
    );

    // Once more is once too often, and does nothing.
    let said = act(&sim, lane(&deployment, 1));
    assert_eq!(said[1], format!("no bad task of {CANARY} is left to stop"));
    assert_eq!(done(&sim, "StopTask").len(), 5);
}

#[test]
fn a_restore_that_ecs_refuses_stops_no_task() {
    let (sim, deployment) = bad(2);
    let denied = Rule {
        operation: Some("UpdateService".to_owned()),
        ..Rule::service("ecs", Fault::AccessDenied)
    };
    sim.world().faults.rules.push(denied);
    let said = act(&sim, lane(&deployment, 1));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("UpdateService"), "{said:?}");
    assert_eq!((wanted(&sim, &deployment), done(&sim, "StopTask").len()), (2, 0));
}

#[test]
fn one_step_stops_25_tasks_and_says_that_there_are_more() {
    let (sim, deployment) = bad(26);
    let said = act(&sim, lane(&deployment, 1));
    let expected = format!("bad tasks of {CANARY} told to stop: 25, more in the next step");
    assert_eq!(said[1], expected);
    assert_eq!((wanted(&sim, &deployment), done(&sim, "StopTask").len()), (1, 25));
}

#[test]
fn a_task_that_may_not_be_stopped_is_said_and_the_rest_is_done() {
    let (sim, deployment) = bad(2);
    let denied = Rule {
        operation: Some("StopTask".to_owned()),
        ..Rule::service("ecs", Fault::AccessDenied)
    };
    sim.world().faults.rules.push(denied);
    let said = act(&sim, lane(&deployment, 1));
    assert_eq!(said[0], format!("{CANARY} was given {CANARY}:1"));
    assert!(
        said[1].starts_with("StopTask on ") && said[1].contains("not allowed"),
        "{said:?}"
    );
}
