//! What must be so at this point of a story. Judged by what AWS and the ledger's rows say.

use super::ask::{approval_open, in_alarm, outcome, releases, runs_only, stands, status, tasks, untouched};
use super::upgrade::has_kept;
use super::{Told, whole};
use crate::law::Evidence;
use serde_json::Value;
use simulator::autoscaling::Suspended;
use std::fmt::Write as _;

impl Told {
    /// Fails where it is not so, and says what is.
    pub(super) fn expect(&mut self, what: &[&str]) -> Result<(), String> {
        match *what {
            [service, "runs", version] => {
                let row = self.row_of(service)?;
                let holds = runs_only(&self.stage, &row, service, version);
                told(holds, || self.in_the_end())
            }
            [service, "was", "given", "nothing"] => {
                let holds = untouched(&self.stage, &self.row_of(service)?, service);
                told(holds, || self.in_the_end())
            }
            [service, "has", count, "task" | "tasks"] => {
                let has = tasks(&self.stage, &self.row_of(service)?.cluster, service);
                let count = whole(count)?;
                told(has == Some(count), || format!("{service} has {has:?}"))
            }
            [service, "scales", "automatically"] => self.expect_scaling(service, Suspended::default()),
            ["the", "scaling", "of", service, "is", "suspended"] => self.expect_scaling(
                service,
                Suspended {
                    scale_in: true,
                    scale_out: true,
                    scheduled: true,
                },
            ),
            ["no", "release"] => {
                let none = self
                    .stage
                    .rows
                    .keys()
                    .all(|name| releases(&self.stage, name).is_empty());
                told(none, || self.in_the_end())
            }
            ["no", "release", "of", name] => self.expect_releases(name, 0),
            ["one", "release", "of", name] => self.expect_releases(name, 1),
            [count, "releases", "of", name] => {
                let count = count.parse().map_err(|_| format!("{count} is no number"))?;
                self.expect_releases(name, count)
            }
            ["no", "release", "is", "open"] => {
                let over = |name: &String| {
                    releases(&self.stage, name)
                        .iter()
                        .all(|release| outcome(release).is_some())
                };
                told(self.stage.rows.keys().all(over), || self.in_the_end())
            }
            ["release", "of", name, "is", ref phase @ ..] => {
                self.expect_phase(releases(&self.stage, name).last(), phase)
            }
            ["release", version, "of", name, "is", ref phase @ ..] => {
                let execution = self.execution(&format!("{name} {version}"))?;
                let releases = releases(&self.stage, name);
                let mut own = releases.iter();
                let own = own.rfind(|release| release["pipeline"]["execution"] == execution.as_str());
                self.expect_phase(own, phase)
            }
            ["release", "of", name, "has", "what", "the", "next", "Serin", "wrote"] => {
                let releases = releases(&self.stage, name);
                told(releases.iter().any(has_kept), || format!("{:?}", releases.last()))
            }
            ["the", "approval", "of", name, "is", state] => {
                let open = approval_open(&self.stage, name);
                let wanted = match state {
                    "open" => true,
                    "closed" => false,
                    _ => return Err("open or closed?".to_owned()),
                };
                told(open == wanted, || {
                    format!("it is {}", if open { "open" } else { "closed" })
                })
            }
            ["execution", "of", name, "is", wanted] => self.expect_status(name, name, wanted),
            ["execution", version, "of", name, "is", wanted] => {
                self.expect_status(name, &format!("{name} {version}"), wanted)
            }
            ["alarm", name, "is", state] => {
                let alarm = self.row(name)?.alarm;
                let ringing = in_alarm(&self.stage, &alarm);
                told(ringing == (state == "ringing"), || format!("{alarm} rings: {ringing}"))
            }
            [count, "notice" | "notices"] => {
                let wanted = whole(if count == "one" { "1" } else { count })?;
                let found = self.notices().len() as i64;
                told(found == wanted, || format!("there are {found}: {:?}", self.notices()))
            }
            [count, "notice" | "notices", "of", kind] => {
                let wanted = whole(if count == "one" { "1" } else { count })?;
                let of = format!("docs/runbook.md, {kind}");
                let found: Vec<String> = self
                    .notices()
                    .into_iter()
                    .filter(|notice| notice.contains(&of))
                    .collect();
                told(found.len() as i64 == wanted, || {
                    format!("there are {}: {found:?}", found.len())
                })
            }
            [count, "event" | "events", "of", kind] => {
                let wanted = whole(if count == "one" { "1" } else { count })?;
                let found = self.told_programs(kind).len() as i64;
                told(found == wanted, || format!("there are {found}"))
            }
            [count, "message" | "messages", "in", "the", "chat"] => {
                let wanted = whole(if count == "one" { "1" } else { count })?;
                let found = self.chat().len() as i64;
                told(found == wanted, || format!("there are {found}"))
            }
            ["nobody", "called", "in", "the", "chat"] => {
                let (chat, calls) = (self.chat(), |text: &str| text.contains("<!") || text.contains("<http"));
                let heard = !chat.is_empty() && chat.iter().all(|message| message["version"] == "1.0");
                let content = chat.iter().map(|message| message["content"].to_string());
                let called: Vec<String> = content.filter(|content| calls(content)).collect();
                told(heard && called.is_empty(), || format!("{called:?} of {}", chat.len()))
            }
            ["a", "notice", "that", "says", ref words @ ..] => {
                let (words, notices) = (words.join(" "), self.notices());
                told(notices.iter().any(|notice| notice.contains(&words)), || {
                    format!("{notices:?}")
                })
            }
            ["action", action, "of", name, "failed", "with", ref words @ ..] => {
                self.expect_failure(name, action, &words.join(" "))
            }
            ["everybody", "but", name, "runs", version] => self.expect_everybody(name, version),
            _ => self
                .expect_failed(what)
                .or_else(|| self.expect_messages(what))
                .or_else(|| self.expect_weights(what))
                .unwrap_or_else(|| Err("expect what?".to_owned())),
        }
    }

    fn expect_scaling(&self, service: &str, expected: Suspended) -> Result<(), String> {
        let row = self.row_of(service)?;
        let world = self.stage.sim.world();
        let target = world.autoscaling.target(&row.cluster, service);
        let suspended = target.map(|target| target.suspended);
        told(suspended == Some(expected), || format!("{service}: {target:?}"))
    }

    fn expect_releases(&self, name: &str, wanted: usize) -> Result<(), String> {
        let found = releases(&self.stage, name).len();
        told(found == wanted, || format!("there are {found}; {}", self.in_the_end()))
    }

    fn expect_phase(&self, release: Option<&Value>, phase: &[&str]) -> Result<(), String> {
        let is = release.map_or("none at all".to_owned(), stands);
        told(is == phase.join(" "), || format!("it is {is}; {}", self.in_the_end()))
    }

    fn expect_status(&self, name: &str, key: &str, wanted: &str) -> Result<(), String> {
        let is = status(&self.stage, name, &self.execution(key)?);
        told(is == wanted, || format!("it is {is}"))
    }

    /// Both services of every other policy.
    fn expect_everybody(&self, name: &str, version: &str) -> Result<(), String> {
        for row in self.stage.rows.values().filter(|row| row.name != name) {
            for service in [&row.name, &row.canary] {
                let holds = runs_only(&self.stage, row, service, version);
                told(holds, || format!("{service} does not"))?;
            }
        }
        Ok(())
    }

    /// What people were told, subject and text.
    fn notices(&self) -> Vec<String> {
        let world = self.stage.sim.world();
        let notices = world.sns.published.iter();
        let notices = notices.filter(|published| crate::told::is_for_people(&published.topic));
        notices
            .map(|published| {
                format!(
                    "{}\n{}",
                    published.subject.as_deref().unwrap_or_default(),
                    published.message
                )
            })
            .collect()
    }

    /// What a chat was told, in the schema of custom notifications.
    fn chat(&self) -> Vec<Value> {
        let world = self.stage.sim.world();
        let chat = world
            .sns
            .published
            .iter()
            .filter(|published| published.topic.ends_with(":serin-chat"));
        chat.map(|published| serde_json::from_str(&published.message).unwrap_or_default())
            .collect()
    }

    /// What programs were told of a kind.
    fn told_programs(&self, kind: &str) -> Vec<Value> {
        let world = self.stage.sim.world();
        let ours = world.emitted.iter().filter(|event| event["source"] == "serin");
        let ours = ours.filter(|event| event["detail"]["kind"] == kind);
        ours.map(|event| Value::clone(event)).collect()
    }

    fn in_the_end(&self) -> String {
        let mut text = "it looks like this:".to_owned();
        for line in Evidence::of(&self.stage).summary() {
            let _ = write!(text, "\n  {line}");
        }
        text
    }
}

pub(super) fn told(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("that is not so: {}", otherwise()))
    }
}
