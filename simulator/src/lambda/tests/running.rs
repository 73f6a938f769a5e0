//! From whoever invokes through the queue to the executor and back.

use crate::cloudwatch;
use crate::eventbridge::{self, Target};
use crate::executor::{Functions, Invocation, Running, Sim};
use crate::lambda::{self, Config};
use crate::sns;
use crate::time::At;
use crate::world::{Delivery, World};
use aws_smithy_async::rt::sleep::AsyncSleep;
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;

/// `flaky` fails as often as it is told to and then succeeds; `sleepy` takes ten seconds; others do not exist.
struct Two {
    failures: Cell<u32>,
}

impl Functions for Two {
    fn invoke(&self, invocation: Invocation) -> Running {
        let left = self.failures.get();
        self.failures.set(left.saturating_sub(1));
        Box::pin(async move {
            match invocation.function.as_str() {
                "sleepy" => {
                    invocation.sleep.sleep(std::time::Duration::from_secs(10)).await;
                    Ok(json!("slept"))
                }
                _ if left > 0 => Err("flaky".to_owned()),
                _ => Ok(json!("done")),
            }
        })
    }

    fn route(&self, delivery: &Delivery) -> Vec<(String, Value)> {
        match delivery {
            Delivery::Invoke { function, payload, .. } if ["flaky", "sleepy"].contains(&function.as_str()) => {
                vec![(function.clone(), payload.clone())]
            }
            _ => Vec::new(),
        }
    }
}

fn sim(failures: u32, staged: &[&str]) -> Sim {
    let sim = Sim::new(17);
    sim.set_functions(Rc::new(Two {
        failures: Cell::new(failures),
    }));
    for function in staged {
        let config = Config {
            on_failure: Some("failures".to_owned()),
            ..Config::default()
        };
        lambda::stage::function(&mut sim.world(), function, config);
    }
    sim
}

/// Moments and outcomes of everything that ran within an hour.
fn ran(sim: &Sim) -> Vec<(At, bool)> {
    sim.run_until(At::START.plus_seconds(3600));
    let ended = sim.ended.borrow();
    ended.iter().map(|ended| (ended.at, ended.outcome.is_ok())).collect()
}

#[test]
fn a_staged_function_that_fails_runs_again_and_an_unknown_one_does_not() {
    let cases: [(&[&str], u32, &[bool]); 4] = [
        (&["flaky"], 1, &[false, true]),
        (&["flaky"], 2, &[false, false, true]),
        (&["flaky"], 3, &[false, false, false]),
        (&[], 3, &[false]),
    ];
    for (staged, failures, outcomes) in cases {
        let sim = sim(failures, staged);
        lambda::invoke_async(&mut sim.world(), "flaky", json!({"n": 1}));
        let ran = ran(&sim);
        assert_eq!(ran.iter().map(|(_, ok)| *ok).collect::<Vec<_>>(), outcomes);
        let gaps: Vec<i64> = ran.windows(2).map(|two| two[1].0.0 - two[0].0.0).collect();
        assert_eq!(gaps, [60_000, 120_000][..gaps.len()]);
        let given_up = failures == 3 && !staged.is_empty();
        assert_eq!(sim.world().lambda.failed.len(), usize::from(given_up));
    }
}

#[test]
fn a_function_that_dies_runs_again() {
    let sim = sim(0, &["sleepy"]);
    sim.let_die("sleepy", 0);
    lambda::invoke_async(&mut sim.world(), "sleepy", json!({}));
    let ran = ran(&sim);
    assert_eq!(ran.iter().map(|(_, ok)| *ok).collect::<Vec<_>>(), [false, true]);
    assert_eq!(sim.ended.borrow()[0].outcome, Err("died".to_owned()));
}

#[test]
fn reserved_concurrency_keeps_two_runs_apart() {
    let sim = sim(0, &[]);
    let one = Config {
        reserved: Some(1),
        ..Config::default()
    };
    lambda::stage::function(&mut sim.world(), "sleepy", one);
    for _ in 0..3 {
        lambda::invoke_async(&mut sim.world(), "sleepy", json!({}));
    }
    let ran = ran(&sim);
    assert_eq!(ran.len(), 3);
    let gaps = ran.windows(2).map(|two| two[1].0.0 - two[0].0.0);
    assert!(gaps.into_iter().all(|gap| gap >= 10_000), "{ran:?}");
}

#[test]
fn a_staged_function_that_nobody_has_written_is_a_failure_on_record() {
    let sim = sim(0, &["missing"]);
    lambda::invoke_async(&mut sim.world(), "missing", json!({}));
    assert_eq!(ran(&sim), []);
    let world = sim.world();
    let [failed] = &world.lambda.failed[..] else {
        panic!("{:?}", world.lambda.failed)
    };
    assert_eq!(failed.error.as_deref(), Some("no function of this name runs here"));
    assert_eq!(failed.condition, "RetriesExhausted");
    assert_eq!(failed.queue.as_deref(), Some("failures"));
}

/// Somebody who invokes a function.
type Act = fn(&mut World);

#[test]
fn whoever_invokes_a_staged_function_gets_its_retries() {
    let acts: [(&str, Act); 3] = [
        ("an alarm's action", |world| {
            let function = world.arn("lambda", "function:flaky:live");
            cloudwatch::stage::depth_alarm(world, "depth", "queue", 1.0, &[&function]);
            let state = json!({"AlarmName": "depth", "StateValue": "ALARM", "StateReason": "test"});
            world.call("person", "cloudwatch", "SetAlarmState", state).expect("set");
        }),
        ("an alarm's topic", |world| {
            let topic = sns::stage::subscribe(world, "alarms", "flaky");
            cloudwatch::stage::depth_alarm(world, "depth", "queue", 1.0, &[&topic]);
            let state = json!({"AlarmName": "depth", "StateValue": "ALARM", "StateReason": "test"});
            world.call("person", "cloudwatch", "SetAlarmState", state).expect("set");
        }),
        ("a rule", |world| {
            let pattern = json!({"source": ["aws.ecs"]});
            eventbridge::stage::rule(world, "watch", pattern, vec![Target::function("flaky")]).expect("a good rule");
            world.emit("aws.ecs", "Test", &[], json!({}));
        }),
    ];
    for (who, act) in acts {
        let sim = sim(1, &["flaky"]);
        act(&mut sim.world());
        assert!(
            sim.world().outbox.iter().all(|d| !matches!(d, Delivery::Invoke { .. })),
            "{who}: at once"
        );
        let ran = ran(&sim);
        assert_eq!(
            ran.iter().map(|(_, ok)| *ok).collect::<Vec<_>>(),
            [false, true],
            "{who}"
        );
        assert_eq!(ran[1].0.0 - ran[0].0.0, 60_000, "{who}");
        let ended = sim.ended.borrow();
        assert_eq!(ended[0].payload, ended[1].payload, "{who}");
    }
}
