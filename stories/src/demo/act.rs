//! One act: a release from its start to its end, looked at every few seconds.

use super::page::{self, Row};
use super::table::Counted;
use super::{Audience, Count, Ended, POLICY};
use crate::Stage;
use crate::queue::Queue;
use crate::scene::{self, RowA};
use simulator::At;

/// Between two looks.
const LOOK_SECONDS: i64 = 10;
/// For how long something is waited for.
const PATIENCE_SECONDS: i64 = 2 * 3600;
/// A row comes at the latest after this, and after these where tasks or dead letters have changed.
const ROW_SECONDS: i64 = 600;
const TASKS_ROW_SECONDS: i64 = 30;
const LETTERS_ROW_SECONDS: i64 = 60;

/// Who looks after the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Serin,
    /// A script on the alarm.
    Script,
}

impl Way {
    /// What the last column tells.
    fn standing(self) -> &'static str {
        match self {
            Way::Serin => "phase",
            Way::Script => "pipeline",
        }
    }
}

pub(super) struct Act<'a> {
    pub stage: Stage,
    pub row: RowA,
    pub queue: Queue,
    pub way: Way,
    pub execution: String,
    audience: &'a mut dyn Audience,
    /// The row that was shown last, and when.
    shown: Option<(At, Row)>,
    /// Receives of v2, and of all, when that was.
    pub received: (u32, u32),
    /// Lines of the diary that were read.
    read: usize,
    /// What Serin said last.
    reason: String,
    reason_shown: String,
    alarm_answered: bool,
    /// What there was when the alarm rang.
    pub at_alarm: Option<Counted>,
    counts: Vec<Count>,
}

impl<'a> Act<'a> {
    pub fn new(stage: Stage, row: RowA, queue: Queue, way: Way, audience: &'a mut dyn Audience) -> Act<'a> {
        page::head(way.standing(), audience);
        let read = stage.diary.borrow().len();
        Act {
            stage,
            row,
            queue,
            way,
            execution: String::new(),
            audience,
            shown: None,
            received: (0, 0),
            read,
            reason: String::new(),
            reason_shown: String::new(),
            alarm_answered: false,
            at_alarm: None,
            counts: Vec::new(),
        }
    }

    pub fn fails_everything(&mut self) {
        let digest = self.row.digest("v2");
        self.queue.fails(&mut self.stage.sim.world(), &digest, None, 1000, 0);
    }

    pub fn releases(&mut self) {
        self.look();
        self.execution = scene::release(&mut self.stage.sim.world(), &self.row, "v2");
        self.says("the pipeline is started with v2");
    }

    pub fn goes_on(&mut self, seconds: i64) {
        for _ in 0..seconds / LOOK_SECONDS {
            self.passes();
        }
    }

    pub fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Result<(), String> {
        for _ in 0..PATIENCE_SECONDS / LOOK_SECONDS {
            if holds(self) {
                return Ok(());
            }
            self.passes();
        }
        Err(format!("{what} has not come within {PATIENCE_SECONDS} s"))
    }

    /// Shows how it ends.
    pub fn ends(&mut self) {
        let (row, at) = (self.now(), self.stage.now());
        let is_told = self
            .shown
            .take()
            .is_some_and(|(then, _)| at < then.plus_seconds(LETTERS_ROW_SECONDS));
        if !is_told {
            self.audience.line(&row.line());
        }
    }

    /// Hands what has ended to whoever watches.
    pub fn told(&mut self, name: &'static str) -> Result<(), String> {
        self.audience.ended(&Ended {
            name,
            stage: &self.stage,
            policy: POLICY,
            counts: &self.counts,
        })
    }

    fn passes(&mut self) {
        for _ in 0..LOOK_SECONDS {
            self.stage.run_for(1);
            if self.at_alarm.is_none() && self.alarm().is_some() {
                self.at_alarm = Some(self.counted());
            }
        }
        self.look();
        self.audience.passes(LOOK_SECONDS);
    }

    fn look(&mut self) {
        let said = self.happened();
        let row = self.now();
        let at = self.stage.now();
        let (received, received_by_all) = self.receives();
        self.counts.push(Count {
            at,
            queue: row.queue,
            letters: row.letters,
            received,
            received_by_all,
        });
        let is_due = self.shown.as_ref().is_none_or(|(then, last)| {
            let since = (at.0 - then.0) / 1000;
            row.standing != last.standing
                || since >= ROW_SECONDS
                || (since >= TASKS_ROW_SECONDS && (&row.canary, &row.stable) != (&last.canary, &last.stable))
                || (since >= LETTERS_ROW_SECONDS && row.letters != last.letters)
        });
        for (clock, text) in &said {
            page::said(clock, text, self.audience);
        }
        if !is_due {
            return;
        }
        let changed = self
            .shown
            .as_ref()
            .is_some_and(|(_, last)| last.standing != row.standing);
        self.audience.line(&row.line());
        // What was said a moment ago is not said again.
        if changed && said.iter().all(|(_, text)| !text.starts_with(&row.standing)) {
            self.explains();
        }
        self.received = self.receives();
        self.shown = Some((at, row));
    }

    /// Why the release is where it is, in Serin's own words.
    fn explains(&mut self) {
        if self.reason.is_empty() || self.reason == self.reason_shown {
            return;
        }
        page::said("", &self.reason, self.audience);
        self.reason_shown = self.reason.clone();
    }

    fn says(&mut self, text: &str) {
        let clock = self.stage.now().clock();
        page::said(&clock, text, self.audience);
    }

    /// What was seen happening since the last look, as far as it is shown.
    fn happened(&mut self) -> Vec<(String, String)> {
        let lines = self.stage.diary.borrow()[self.read..].to_vec();
        self.read += lines.len();
        let mut said = Vec::new();
        for line in lines {
            let clock = At(line.at).clock();
            match line.who.as_str() {
                "CloudWatch" if line.what.ends_with(" ALARM") => said.push((clock, format!("ALARM: {}", line.what))),
                "CodePipeline" if line.what.contains("ManualApproval STARTED") => {
                    said.push((clock, "the pipeline waits for an approval".to_owned()));
                }
                "CodePipeline" if line.what.contains("Approve STARTED") => {
                    said.push((clock, "the pipeline waits for Serin's approve action".to_owned()));
                }
                "CodePipeline" if line.what.contains("Promote STARTED") => {
                    said.push((clock, "the pipeline waits for Serin's promote action".to_owned()));
                }
                "CodePipeline" | "CloudWatch" | "ECS" => {}
                "script" => said.push((clock, line.what)),
                // What a function did stands in its reason as well.
                _ if line.what.starts_with(' ') => {}
                // The alarm reaches Serin by several ways; what follows from it is said once.
                "rollback" if self.alarm_answered => {}
                "rollback" => {
                    self.alarm_answered = true;
                    said.push((clock, line.what));
                }
                // Its jobs are told what the ledger says.
                "approve" | "promote" => {}
                // What follows from a check that Serin measures by itself has no event of its own.
                _ if line.what.starts_with("rolling back: ") && !self.alarm_answered => {
                    self.alarm_answered = true;
                    said.push((clock, line.what));
                }
                _ => self.reason = line.what,
            }
        }
        said
    }
}
