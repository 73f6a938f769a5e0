//! What goes wrong in a story.

use super::{Played, Told, seconds, whole};
use serde_json::{Value, json};
use simulator::codepipeline::stage::{Failure, Verdict, action_fails};
use simulator::faults::{Fault, Rule};
use simulator::{Chaos, eventbridge};
use std::sync::Arc;

impl Told {
    pub(super) fn trouble(&mut self, words: &[&str]) -> Played {
        let fault = |word| match word {
            "down" => Some(Fault::ServerError),
            "throttled" => Some(Fault::Throttle),
            "deaf" => Some(Fault::HangBefore),
            "mute" => Some(Fault::HangAfter),
            _ => None,
        };
        Some(match *words {
            ["dlq", name, messages] => self.letters(name, messages),
            [how, service, "for", time] if fault(how).is_some() => seconds(time).map(|seconds| {
                fault(how)
                    .into_iter()
                    .for_each(|fault| self.broken(service, None, fault, seconds))
            }),
            // Only this operation.
            [how, service, operation, "for", time] if fault(how).is_some() => seconds(time).map(|seconds| {
                fault(how)
                    .into_iter()
                    .for_each(|fault| self.broken(service, Some(operation), fault, seconds))
            }),
            ["let", function, "die", "after", calls] => {
                let calls = whole(calls).and_then(|calls| u32::try_from(calls).map_err(|error| error.to_string()));
                calls.map(|calls| self.stage.sim.let_die(function, calls))
            }
            ["reads", "of", "ECS", "are", time, "old"] => {
                seconds(time).map(|seconds| self.stage.sim.world().ecs.stale_reads_seconds = seconds)
            }
            ["deploy", "actions", "succeed", "where", "ECS", "rolls", "back"] => {
                self.stage.sim.world().codepipeline.ecs.after_rollback = Verdict::Succeeds;
                Ok(())
            }
            ["action", action, "of", name, "fails"] => self.action_fails(name, action, action),
            ["action", action, "in", stage, "of", name, "fails"] => self.action_fails(name, stage, action),
            // Events.
            ["everything", "comes", "twice"] => self.chaos(Chaos {
                duplicate_permille: 1_000,
                ..Chaos::default()
            }),
            ["everything", "comes", "twice", "and", "up", "to", time, "late"] => self.late(time),
            ["only", "the", "alarm", "is", "heard"] => self.lost(&["WatchHappening", "AdvanceSweep"]),
            ["no", "event", "of", "pipeline", "or", "service", "is", "heard"] => self.lost(&["WatchHappening"]),
            ["no", "beginning", "of", "an", "execution", "is", "heard"] => self.only_ends_are_heard(),
            ["no", "alarm", "is", "heard"] => self.lost(&["RollbackAlarmOnTheBus"]),
            ["the", "alarm", "of", name, "calls", "nobody"] => self.silence(name),
            ["the", "alarm", "of", name, "is", "heard", "late"] => self.heard_late(name),
            // In this second, whenever CloudWatch would have looked next.
            [person, "has", "the", "alarm", "of", name, "ring"] => self.has_ring(person, name),
            ["event", file] => self.event(file, "111122223333"),
            ["event", file, "from", account] => self.event(file, account),
            ["alarm", "again", times] => whole(times).and_then(|times| self.again(times)),
            ["tick", name] => {
                self.stage.sim.start("advance", json!({"policy": name}));
                Ok(())
            }
            ["sweep"] => {
                self.stage.sim.start("advance", json!({"sweep": true}));
                Ok(())
            }
            _ => return None,
        })
    }

    fn action_fails(&mut self, name: &str, stage: &str, action: &str) -> Result<(), String> {
        let failure = Failure::new("JobFailed", "it failed");
        action_fails(&mut self.stage.sim.world(), name, stage, action, Some(failure));
        Ok(())
    }

    fn letters(&mut self, name: &str, messages: &str) -> Result<(), String> {
        let row = self.row(name)?;
        if self.stage.queues.contains_key(name) {
            return Err(format!(
                "{name} has a queue: its dead letters come from failing messages"
            ));
        }
        let messages = messages.parse().map_err(|_| "how many messages?".to_owned())?;
        self.stage.dlq.insert(row.dlq, messages);
        Ok(())
    }

    fn chaos(&mut self, chaos: Chaos) -> Result<(), String> {
        self.stage.sim.world().chaos = chaos;
        Ok(())
    }

    /// Each copy by its own delay, so they change places too.
    fn late(&mut self, time: &str) -> Result<(), String> {
        let most = u32::try_from(seconds(time)?).map_err(|error| error.to_string())?;
        self.chaos(Chaos {
            duplicate_permille: 1_000,
            delay_permille: 1_000,
            delay_max_seconds: most,
            ..Chaos::default()
        })
    }

    /// Rules of the stack that somebody has switched off: their events are lost.
    fn lost(&mut self, rules: &[&str]) -> Result<(), String> {
        let mut world = self.stage.sim.world();
        for rule in rules {
            eventbridge::stage::remove(&mut world, rule);
        }
        Ok(())
    }

    /// STARTED of executions and of actions is lost.
    fn only_ends_are_heard(&mut self) -> Result<(), String> {
        let mut world = self.stage.sim.world();
        let started = json!({"source": ["aws.codepipeline"], "detail": {"state": ["STARTED"]}});
        eventbridge::stage::lose(&mut world, &started).map_err(|refusal| refusal.to_string())
    }

    /// A service fails every call, or every call of an operation: it says so, asks for patience, hears nothing, or acts
    /// and says nothing.
    fn broken(&mut self, service: &str, operation: Option<&str>, fault: Fault, for_seconds: i64) {
        let mut world = self.stage.sim.world();
        let now = world.now;
        let rule = Rule {
            operation: operation.map(str::to_owned),
            from: now,
            until: now.plus_seconds(for_seconds),
            ..Rule::service(service, fault)
        };
        world.faults.rules.push(rule);
    }

    fn event(&mut self, file: &str, account: &str) -> Result<(), String> {
        let path = format!("{}/../events/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let text = text.replace("111122223333", account);
        let payload = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
        self.stage.sim.start("rollback", payload);
        self.stage.run_for(5);
        Ok(())
    }

    /// Somebody has switched off what it does; its events still go to the bus.
    fn silence(&mut self, name: &str) -> Result<(), String> {
        let input = json!({"AlarmNames": [self.row(name)?.alarm]});
        let done = self
            .stage
            .sim
            .world()
            .call("ann", "cloudwatch", "DisableAlarmActions", input);
        done.map(drop).map_err(|refusal| refusal.to_string())
    }

    fn has_ring(&mut self, person: &str, name: &str) -> Result<(), String> {
        let input = json!({
            "AlarmName": self.row(name)?.alarm, "StateValue": "ALARM", "StateReason": format!("{person} has seen enough"),
        });
        let mut world = self.stage.sim.world();
        let done = world.call(person, "cloudwatch", "SetAlarmState", input);
        done.map(drop).map_err(|refusal| refusal.to_string())
    }

    /// The event of its last transition to ALARM, as the bus would bring it.
    fn heard_late(&mut self, name: &str) -> Result<(), String> {
        let alarm = self.row(name)?.alarm;
        let rang = |event: &&Arc<Value>| {
            let detail = &event["detail"];
            event["detail-type"] == "CloudWatch Alarm State Change"
                && detail["alarmName"] == alarm.as_str()
                && detail["state"]["value"] == "ALARM"
        };
        let event = self.stage.sim.world().emitted.iter().rev().find(rang).cloned();
        let event = event.ok_or("it never rang")?;
        self.stage.sim.start("rollback", event.as_ref().clone());
        self.stage.run_for(5);
        Ok(())
    }

    fn again(&mut self, times: i64) -> Result<(), String> {
        let payload = self
            .stage
            .sim
            .ended
            .borrow()
            .iter()
            .rev()
            .find(|end| end.function == "rollback")
            .map(|end| end.payload.clone());
        let payload = payload.ok_or("no alarm was delivered yet")?;
        for _ in 0..times {
            self.stage.sim.start("rollback", payload.clone());
        }
        self.stage.run_for(5);
        Ok(())
    }
}
