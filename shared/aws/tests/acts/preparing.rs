//! The way back is prepared once.

use crate::bench::{CANARY, account, act, ask, definition, digest, done, policy, push, serin};
use aws::begin::Begun;
use decide::{Action, At, Role, Start};
use serde_json::{Value, json};
use simulator::Sim;

const LOOKS: usize = 5;

/// A member that ECS shows, and that our copies do not carry: nothing can be given it any more.
fn lossy() -> Value {
    json!({"inferenceAccelerators": [{"deviceName": "d", "deviceType": "eia2.medium"}]})
}

fn again(task_definition: &str) -> Vec<Action> {
    vec![Action::RegisterAgain {
        role: Role::Canary,
        task_definition: task_definition.to_owned(),
        images: [("worker".to_owned(), digest("v1"))].into(),
    }]
}

fn arn(revision: u32) -> String {
    format!("arn:aws:ecs:eu-central-1:111122223333:task-definition/{CANARY}:{revision}")
}

fn registered(sim: &Sim) -> usize {
    done(sim, "RegisterTaskDefinition").len()
}

#[test]
fn a_copy_that_lost_something_is_registered_once_however_often_it_is_looked_for() {
    let sim = account(lossy(), 1);
    ask(
        &mut sim.world(),
        "DeregisterTaskDefinition",
        json!({"taskDefinition": arn(1)}),
    );
    for look in 0..LOOKS {
        let said = act(&sim, again(&arn(1)));
        let expected =
            format!("its copy {CANARY}:2 is configured differently and is not used; restore the service by hand");
        assert!(said[0].contains(&expected), "{look}: {said:?}");
    }
    assert_eq!(registered(&sim), 1);
}

#[test]
fn a_copy_that_is_there_is_used_again() {
    let sim = account(json!({}), 1);
    ask(
        &mut sim.world(),
        "DeregisterTaskDefinition",
        json!({"taskDefinition": arn(1)}),
    );
    for look in 0..LOOKS {
        let said = act(&sim, again(&arn(1)));
        assert_eq!(
            said,
            [format!("registered {CANARY}:2 as a copy of {CANARY}:1")],
            "{look}"
        );
    }
    assert_eq!(registered(&sim), 1);
}

#[test]
fn a_copy_of_something_else_is_not_taken_for_one() {
    let sim = account(json!({}), 1);
    // Of the same definition with other images, of another definition, and of none.
    act(&sim, again(&arn(1)));
    let other = vec![Action::RegisterAgain {
        role: Role::Canary,
        task_definition: arn(1),
        images: [("worker".to_owned(), digest("v2"))].into(),
    }];
    assert_eq!(
        act(&sim, other),
        [format!("registered {CANARY}:3 as a copy of {CANARY}:1")]
    );
    {
        let mut world = sim.world();
        push(&mut world, "v2");
        definition(&mut world, CANARY, "v2", json!({"cpu": "512", "memory": "1024"}));
    }
    assert_eq!(
        act(&sim, again(&arn(4))),
        [format!("registered {CANARY}:5 as a copy of {CANARY}:4")]
    );
    assert_eq!(
        act(&sim, again(&arn(1))),
        [format!("registered {CANARY}:6 as a copy of {CANARY}:1")]
    );
}

/// What becomes of a job that comes again and again.
fn begin(sim: &Sim) -> Result<Begun, String> {
    let serin = serin(sim);
    let start = Start::Job {
        execution: "1a2b3c4d-0000-4000-8000-000000000000".to_owned(),
        action_execution: "a".to_owned(),
    };
    let begun = sim.block_on(serin.begin(&policy(), At::from_millis(0), &start, "test"));
    begun.map_err(|error| error.to_string())
}

#[test]
fn a_job_that_cannot_be_opened_registers_at_most_one_copy_of_each_definition() {
    let sim = account(lossy(), 1);
    for look in 0..LOOKS {
        let error = begin(&sim).expect_err("there is no way back");
        assert!(
            error.contains("is configured differently and is not used"),
            "{look}: {error}"
        );
    }
    assert_eq!(registered(&sim), 1);

    // Both ways back can be prepared, and yet the release cannot be written down.
    let sim = account(json!({}), 1);
    sim.world().faults.rules.push(simulator::faults::Rule {
        operation: Some("TransactWriteItems".to_owned()),
        ..simulator::faults::Rule::service("dynamodb", simulator::faults::Fault::AccessDenied)
    });
    for look in 0..LOOKS {
        let error = begin(&sim).expect_err("nothing can be written down");
        assert!(error.contains("TransactWriteItems"), "{look}: {error}");
    }
    assert_eq!(registered(&sim), 2, "one for each service");
    sim.world().faults.rules.clear();
    let Ok(Begun::Opened(held)) = begin(&sim) else {
        panic!("it was not opened");
    };
    assert_eq!(held.release.canary.restore, arn(2));
    assert_eq!(registered(&sim), 2);
}
