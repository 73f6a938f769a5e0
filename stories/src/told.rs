//! Told stories: a script a person can read, and what came of it, one line per step with its reason.
//!
//! # Shape
//! One command per line; `#` begins a remark, which is told too. The commands come in groups, one file each: the
//! account ([`account`]), what people do ([`people`]) and order ([`orders`]), what the functions may do ([`permissions`]), what goes wrong
//! ([`trouble`]), what nobody could handle ([`failed`]), the messages of a queue ([`messages`]), the
//! weights of a load balancer ([`balancing`]), what another version of Serin does ([`upgrade`]), what is
//! waited for ([`until`]), and what must be so by then ([`expect`]). An expectation that does not hold fails the story,
//! so that no golden
//! file can hold a wrong end.

mod account;
pub(crate) mod ask;
mod balancing;
mod expect;
mod failed;
mod messages;
mod orders;
mod people;
mod permissions;
pub mod pipeline;
mod trouble;
mod until;
pub(crate) mod upgrade;

use crate::Stage;
use crate::handlers::Line;
use crate::law;
use crate::scene::RowA;
use aws::Decide;
use simulator::At;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// A story as it was played.
pub struct Told {
    /// The stage as the story left it.
    pub stage: Stage,
    /// What was told.
    pub text: String,
    /// What each law says, once the story has been finished.
    pub verdicts: Vec<law::Verdict>,
    seed: u64,
    decide: Decide,
    /// Whether Serin is deployed with everything it has, so that nothing is opened or ticked by hand.
    whole: bool,
    executions: BTreeMap<String, String>,
    /// Orders given so far.
    given: u32,
    /// Explicit starts as they were sent.
    started: Vec<serde_json::Value>,
    printed: usize,
    quiet: bool,
    before: BTreeMap<String, String>,
}

/// Whether people subscribe to a topic: Serin's own for them, or a team's.
pub(crate) fn is_for_people(topic: &str) -> bool {
    topic.ends_with(":serin-notices") || topic.ends_with("-releases") || topic.contains(":people-of-")
}

/// What became of a line: nothing, where it is no command of this group.
type Played = Option<Result<(), String>>;

/// Plays a script.
///
/// # Errors
/// The line that cannot be played, and why.
pub fn play(script: &str, seed: u64, decide: Decide) -> Result<Told, String> {
    let mut told = Told::new(seed, decide);
    for (index, line) in script.lines().enumerate() {
        if let Err(error) = told.line(line) {
            return Err(format!("line {}: {line}: {error}\n{}", index + 1, told.text));
        }
    }
    told.finish();
    Ok(told)
}

impl Told {
    /// An empty stage.
    pub fn new(seed: u64, decide: Decide) -> Told {
        Told {
            stage: Stage::new(seed, Arc::clone(&decide)),
            text: String::new(),
            verdicts: Vec::new(),
            seed,
            decide,
            whole: false,
            executions: BTreeMap::new(),
            given: 0,
            started: Vec::new(),
            printed: 0,
            quiet: false,
            before: BTreeMap::new(),
        }
    }

    /// Plays one line.
    ///
    /// # Errors
    /// Why it cannot be played.
    pub fn line(&mut self, line: &str) -> Result<(), String> {
        let line = line.trim();
        if line.is_empty() {
            return Ok(());
        }
        if let Some(remark) = line.strip_prefix('#') {
            let _ = writeln!(self.text, "#{remark}");
            return Ok(());
        }
        let _ = writeln!(self.text, "> {line}");
        let words: Vec<&str> = line.split_whitespace().collect();
        let performed = self.perform(&words);
        self.print();
        performed
    }

    fn perform(&mut self, words: &[&str]) -> Result<(), String> {
        let played = self.time(words).or_else(|| self.account(words));
        let played = played
            .or_else(|| self.permissions(words))
            .or_else(|| self.people(words));
        let played = played.or_else(|| self.trouble(words)).or_else(|| self.upgrade(words));
        let played = played.or_else(|| self.messages(words)).or_else(|| self.orders(words));
        let played = played.or_else(|| self.balancing(words));
        played.unwrap_or_else(|| Err("no such command".to_owned()))
    }

    fn time(&mut self, words: &[&str]) -> Played {
        Some(match *words {
            ["run", time] => seconds(time).map(|seconds| self.stage.run_for(seconds)),
            ["at", clock] => self.at(clock),
            ["clock", "off"] => {
                self.stage.clock = false;
                Ok(())
            }
            ["clock", "on"] => {
                self.stage.clock = true;
                Ok(())
            }
            ["until", ref what @ ..] => self.until(what),
            ["expect", ref what @ ..] => self.expect(what),
            // What follows is played and not told, until it is told again.
            ["quietly"] => {
                self.quiet = true;
                Ok(())
            }
            ["aloud"] => {
                self.quiet = false;
                Ok(())
            }
            _ => return None,
        })
    }

    /// Runs until the clock shows this.
    fn at(&mut self, clock: &str) -> Result<(), String> {
        let of_day: Vec<i64> = clock.split(':').map(whole).collect::<Result<_, _>>()?;
        let [hours, minutes, seconds] = of_day.as_slice() else {
            return Err("say 03:08:00".to_owned());
        };
        let now = self.stage.sim.world().now;
        let wanted = (hours * 60 + minutes) * 60 + seconds - now.0.div_euclid(1000) % 86_400;
        if wanted < 0 {
            return Err(format!("it is {} already", now.clock()));
        }
        self.stage.run_for(wanted);
        Ok(())
    }

    fn row(&self, name: &str) -> Result<RowA, String> {
        self.stage
            .rows
            .get(name)
            .cloned()
            .ok_or(format!("no policy {name} on this stage"))
    }

    /// The policy that a service belongs to.
    fn row_of(&self, service: &str) -> Result<RowA, String> {
        let mut rows = self.stage.rows.values();
        rows.find(|row| [&row.name, &row.canary].contains(&&service.to_owned()))
            .cloned()
            .ok_or(format!("no service {service} on this stage"))
    }

    /// The execution that was started last, or the one that released a version.
    fn execution(&self, name: &str) -> Result<String, String> {
        self.executions
            .get(name)
            .cloned()
            .ok_or(format!("{name} releases nothing"))
    }

    fn person(&mut self, answered: Result<(), simulator::Refusal>) {
        if let Err(refusal) = answered {
            let _ = writeln!(self.text, "  refused: {refusal}");
        }
    }

    /// Tells what was seen since the last line. Steps that say the same again are told once.
    fn print(&mut self) {
        let mut lines: Vec<Line> = self.stage.diary.borrow()[self.printed..].to_vec();
        self.printed += lines.len();
        lines.sort_by_key(|line| line.at);
        for line in lines {
            let said = self.before.insert(line.who.clone(), line.what.clone());
            let repeated = ["advance", "watch", "open", "approve", "promote"].contains(&line.who.as_str())
                && said.as_deref() == Some(&line.what);
            if !(repeated || self.quiet) {
                let _ = writeln!(self.text, "{} {:<12} {}", At(line.at).clock(), line.who, line.what);
            }
        }
    }

    /// Tells how the world looks in the end, and what the laws say; answers with those that were broken.
    pub fn finish(&mut self) -> Vec<law::Verdict> {
        self.stage.run_for(1);
        self.print();
        let evidence = law::Evidence::of(&self.stage);
        let _ = writeln!(self.text, "in the end:");
        for line in evidence.summary() {
            let _ = writeln!(self.text, "  {line}");
        }
        for defect in &self.stage.sim.world().defects {
            let _ = writeln!(self.text, "  DEFECT of the simulator: {defect}");
        }
        self.tell_weights();
        self.tell_messages();
        let verdicts = law::judge(&evidence);
        for verdict in verdicts
            .iter()
            .filter(|verdict| verdict.applied > 0 || !verdict.broken.is_empty())
        {
            let _ = writeln!(self.text, "  {verdict}");
        }
        self.verdicts = verdicts.clone();
        verdicts
            .into_iter()
            .filter(|verdict| !verdict.broken.is_empty())
            .collect()
    }
}

/// `30s`, `10m`, `2h`, `10d`.
fn seconds(time: &str) -> Result<i64, String> {
    let (number, unit) = time.split_at(time.len().saturating_sub(1));
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(format!("{time}: say 30s, 10m, 2h or 10d")),
    };
    Ok(whole(number)? * factor)
}

fn whole(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("{text} is no whole number"))
}
