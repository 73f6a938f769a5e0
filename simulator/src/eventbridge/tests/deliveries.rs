//! Deliveries that fail: back-off, limits, dead letters.

use super::rules::invocations;
use crate::eventbridge::{CALLER, Dead, Destination, Target, stage};
use crate::faults::{Fault, Rule};
use crate::iam::{Document, stage as iam};
use crate::lambda;
use crate::sqs;
use crate::time::At;
use crate::world::{Delivery, World};
use serde_json::{Value, json};

/// A rule with this target, and one event for it.
fn one_event(target: Target, broken: Option<Rule>) -> World {
    let mut world = World::new(21);
    stage::rule(&mut world, "watch", json!({"source": ["aws.ecs"]}), vec![target]).expect("a good rule");
    world.faults.rules.extend(broken);
    world.emit("aws.ecs", "Test", &[], json!({"n": 1}));
    world
}

fn worker() -> Target {
    Target::function("worker").dead_letters_to("dead")
}

fn broken(service: &str, fault: Fault) -> Option<Rule> {
    Some(Rule {
        caller: Some(CALLER.to_owned()),
        ..Rule::service(service, fault)
    })
}

/// Moments at which something was due, up to the end.
fn looks(world: &mut World) -> Vec<At> {
    let mut looks = Vec::new();
    while let Some(due) = world.next_due() {
        world.advance_to(due);
        looks.push(due);
    }
    looks
}

#[test]
fn a_target_that_fails_twice_gets_the_event_the_third_time() {
    let mut trouble = broken("lambda", Fault::ServerError);
    trouble.iter_mut().for_each(|rule| rule.times = Some(2));
    let mut world = one_event(worker(), trouble);
    let told = invocations(&mut world, At::START.plus_seconds(3600));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].2, world.eventbridge.seen[0]);
    assert_eq!(world.eventbridge.dead, []);
}

#[test]
fn back_off_doubles_from_a_second_to_ten_minutes_and_loses_up_to_half_to_jitter() {
    let mut world = one_event(worker(), broken("lambda", Fault::Throttle));
    let looks = looks(&mut world);
    let gaps: Vec<i64> = looks.windows(2).map(|two| two[1].0 - two[0].0).collect();
    let full = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600].map(|seconds| seconds * 1000);
    for (gap, full) in gaps.iter().zip(full) {
        assert!((full / 2..=full).contains(gap), "{gap} of {full}");
    }
    assert!(gaps[..100].iter().any(|gap| gap % 1000 != 0), "no jitter");
}

#[test]
fn attempts_run_out_after_exactly_as_many_retries() {
    for attempts in [0, 1, 7, 185] {
        let mut world = one_event(worker().retried(86_400, attempts), broken("lambda", Fault::ServerError));
        assert_eq!(looks(&mut world).len(), attempts as usize + 1);
        let [dead] = &world.eventbridge.dead[..] else {
            panic!("{:?}", world.eventbridge.dead)
        };
        let expected = Dead {
            at: world.now,
            queue: Some("dead".to_owned()),
            rule: "watch".to_owned(),
            destination: Destination::Function("worker".to_owned()),
            input: world.eventbridge.seen[0].clone(),
            error: "InternalFailure".to_owned(),
            exhausted: Some("MaximumRetryAttempts"),
            retries: attempts,
        };
        assert_eq!(*dead, expected);
        assert!(invocations(&mut world, At::START.plus_seconds(86_400)).is_empty());
    }
}

#[test]
fn all_retries_that_aws_allows_fit_into_a_day_and_fill_most_of_it() {
    let mut world = one_event(worker(), broken("lambda", Fault::ServerError));
    looks(&mut world);
    let dead = &world.eventbridge.dead[0];
    let took_seconds = (dead.at.0 - At::START.0) / 1000;
    assert!((64_800..=86_400).contains(&took_seconds), "{took_seconds} s");
}

#[test]
fn an_event_too_old_is_dead_at_that_very_moment() {
    for max_age_seconds in [60, 900, 7200] {
        let target = worker().retried(max_age_seconds, 185);
        let mut world = one_event(target, broken("lambda", Fault::HangBefore));
        looks(&mut world);
        let [dead] = &world.eventbridge.dead[..] else {
            panic!("{:?}", world.eventbridge.dead)
        };
        assert_eq!(dead.exhausted, Some("MaximumEventAgeInSeconds"), "{max_age_seconds}");
        assert_eq!(dead.at, At::START.plus_seconds(i64::from(max_age_seconds)));
        assert_eq!(dead.error, "SDK_CLIENT_ERROR");
        assert!((1..185).contains(&dead.retries), "{}", dead.retries);
    }
}

#[test]
fn a_target_that_may_not_be_called_is_not_tried_again() {
    let mut world = one_event(worker(), broken("lambda", Fault::AccessDenied));
    assert_eq!(looks(&mut world).len(), 1);
    let dead = &world.eventbridge.dead[0];
    assert_eq!(
        (dead.error.as_str(), dead.exhausted, dead.retries),
        ("NO_PERMISSIONS", None, 0)
    );
}

#[test]
fn a_target_with_a_role_is_called_in_it_and_refused_where_it_may_not() {
    let role = "arn:aws:iam::111122223333:role/rule";
    for (function, dead) in [("worker", 0), ("another", 1)] {
        let mut world = World::new(21);
        let statement = json!({
            "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": world.arn("lambda", &format!("function:{function}")),
        });
        let policy = Document::read(&json!({"Version": "2012-10-17", "Statement": statement})).expect("a policy");
        iam::role(&mut world, role, vec![policy]);
        let target = Target::function("worker").called_in(role);
        stage::rule(&mut world, "watch", json!({"source": ["aws.ecs"]}), vec![target]).expect("a good rule");
        world.emit("aws.ecs", "Test", &[], json!({"n": 1}));
        assert_eq!(looks(&mut world).len(), 1, "{function}");
        assert_eq!(world.eventbridge.dead.len(), dead, "{function}");
        for dead in &world.eventbridge.dead {
            assert_eq!((dead.error.as_str(), dead.retries), ("AccessDeniedException", 0));
        }
    }
}

#[test]
fn a_dead_letter_lies_in_its_queue_with_why_it_is_there() {
    let mut world = one_event(worker(), broken("lambda", Fault::AccessDenied));
    let place = sqs::stage::idle_queue(&mut world, "dead", json!({}));
    let due = world.next_due().expect("it is on its way");
    world.advance_to(due);
    let letters: Vec<_> = world
        .sqs
        .messages(place)
        .map(|message| message.content.clone())
        .collect();
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!(letter.body, world.eventbridge.seen[0].to_string());
    let rule = "arn:aws:events:eu-central-1:111122223333:rule/watch";
    assert_eq!(letter.attributes["RULE_ARN"]["StringValue"], rule);
    assert_eq!(letter.attributes["ERROR_CODE"]["StringValue"], "NO_PERMISSIONS");
    assert_eq!(letter.attributes["RETRY_ATTEMPTS"]["StringValue"], "0");
}

#[test]
fn without_a_queue_the_event_is_gone_and_still_on_record() {
    let mut world = one_event(Target::function("worker"), broken("lambda", Fault::AccessDenied));
    looks(&mut world);
    assert_eq!(world.eventbridge.dead.len(), 1);
    assert_eq!(world.eventbridge.dead[0].queue, None);
}

#[test]
fn a_reply_that_is_lost_makes_a_duplicate() {
    let mut trouble = broken("lambda", Fault::HangAfter);
    trouble.iter_mut().for_each(|rule| rule.times = Some(1));
    let mut world = one_event(worker(), trouble);
    let told = invocations(&mut world, At::START.plus_seconds(60));
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].2["id"], told[1].2["id"]);
}

#[test]
fn faults_of_other_callers_do_not_meet_the_bus() {
    let trouble = Rule {
        caller: Some("advance#".to_owned()),
        ..Rule::service("lambda", Fault::ServerError)
    };
    let mut world = one_event(worker(), Some(trouble));
    assert_eq!(invocations(&mut world, At::START.plus_seconds(3)).len(), 1);
}

#[test]
fn a_staged_function_is_invoked_through_its_queue() {
    let mut world = World::new(21);
    lambda::stage::function(&mut world, "worker", lambda::Config::default());
    stage::rule(&mut world, "watch", json!({"source": ["aws.ecs"]}), vec![worker()]).expect("a good rule");
    world.emit("aws.ecs", "Test", &[], json!({}));
    let looks = looks(&mut world);
    assert_eq!(looks.len(), 2, "the bus, then Lambda's queue");
    assert!((20..=200).contains(&(looks[1].0 - looks[0].0)));
}

#[test]
fn a_topic_gets_the_event_as_text() {
    let mut world = one_event(Target::topic("alarms"), None);
    looks(&mut world);
    let [published] = &world.sns.published[..] else {
        panic!("{:?}", world.sns.published)
    };
    assert_eq!(published.topic, "arn:aws:sns:eu-central-1:111122223333:alarms");
    assert_eq!(published.subject, None);
    let text: Value = serde_json::from_str(&published.message).expect("JSON");
    assert_eq!(text, world.eventbridge.seen[0]);
    let notified = world
        .outbox
        .iter()
        .filter(|d| matches!(d, Delivery::Notification { .. }));
    assert_eq!(notified.count(), 1);
}

#[test]
fn a_state_machine_is_started_with_the_input_as_text() {
    let target = Target::machine("clock")
        .given(json!({"policy": "orders"}))
        .retried(60, 0);
    let mut world = one_event(target, None);
    world.advance_to(At::START.plus_seconds(3));
    let [call] = &world.calls[..] else {
        panic!("{:?}", world.calls)
    };
    assert_eq!((call.caller.as_str(), call.service), (CALLER, "stepfunctions"));
    assert_eq!(call.operation, "StartExecution");
    let machine = "arn:aws:states:eu-central-1:111122223333:stateMachine:clock";
    let expected = json!({"stateMachineArn": machine, "input": r#"{"policy":"orders"}"#});
    assert_eq!(call.input, expected);
    // Nobody has made this machine.
    assert!(call.outcome.is_err());
    assert_eq!(world.eventbridge.dead.len(), 1);
}
