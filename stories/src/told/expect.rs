//! What must be so at this point of a story. Judged by what AWS and the ledger's rows say.

use super::Told;
use super::ask::{approval_open, runs_only, status};
use crate::law::{Evidence, Release};
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
            ["no", "release"] => {
                let releases = Evidence::of(&self.stage).releases;
                told(releases.is_empty(), || self.in_the_end())
            }
            ["no", "release", "of", name] => self.expect_releases(name, 0),
            ["one", "release", "of", name] => self.expect_releases(name, 1),
            [count, "releases", "of", name] => {
                let count = count.parse().map_err(|_| format!("{count} is no number"))?;
                self.expect_releases(name, count)
            }
            ["no", "release", "is", "open"] => {
                let releases = Evidence::of(&self.stage).releases;
                told(releases.iter().all(|release| release.outcome().is_some()), || {
                    self.in_the_end()
                })
            }
            ["release", "of", name, "is", ref phase @ ..] => self.expect_phase(self.last(name), phase),
            ["release", version, "of", name, "is", ref phase @ ..] => {
                let execution = self.execution(&format!("{name} {version}"))?;
                let releases = Evidence::of(&self.stage).releases;
                let mut own = releases.into_iter().filter(|release| release.policy == name);
                self.expect_phase(own.rfind(|release| release.execution() == Some(&execution)), phase)
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
                let ringing = super::ask::in_alarm(&self.stage, &alarm);
                told(ringing == (state == "ringing"), || format!("{alarm} rings: {ringing}"))
            }
            ["everybody", "but", name, "runs", version] => self.expect_everybody(name, version),
            _ => Err("expect what?".to_owned()),
        }
    }

    fn expect_releases(&self, name: &str, wanted: usize) -> Result<(), String> {
        let releases = Evidence::of(&self.stage).releases;
        let found = releases.iter().filter(|release| release.policy == name).count();
        told(found == wanted, || format!("there are {found}; {}", self.in_the_end()))
    }

    fn expect_phase(&self, release: Option<Release>, phase: &[&str]) -> Result<(), String> {
        let is = release.as_ref().map_or("none at all".to_owned(), stands);
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

    /// The release of a policy that was opened last.
    fn last(&self, name: &str) -> Option<Release> {
        let releases = Evidence::of(&self.stage).releases;
        releases.into_iter().rfind(|release| release.policy == name)
    }

    fn in_the_end(&self) -> String {
        let mut text = "it looks like this:".to_owned();
        for line in Evidence::of(&self.stage).summary() {
            let _ = write!(text, "\n  {line}");
        }
        text
    }
}

/// Its outcome, or its phase while it is open.
fn stands(release: &Release) -> String {
    let phase = release.document["phase"].as_str().unwrap_or_default();
    release.outcome().unwrap_or(phase).replace('_', " ")
}

fn told(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("that is not so: {}", otherwise()))
    }
}
