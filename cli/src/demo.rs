//! `serin demo`: stories told as they happen, in virtual time.

use clap::Args;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use stories::told::Told;

const GOOD: &str = include_str!("../../stories/told/a-good-release.story");
const BAD: &str = include_str!("../../stories/told/alarm-at-the-approval.story");

/// Arguments of the demo.
#[derive(Args)]
pub struct Demo {
    /// Plays this story instead of the two that come with it.
    #[arg(long, value_name = "FILE")]
    story: Option<PathBuf>,
    /// Chance: task start times, latencies, identifiers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Demo {
    /// Runs it.
    ///
    /// # Errors
    /// Where a story cannot be read or played, or breaks a law.
    pub fn run(self) -> Result<(), String> {
        let Some(file) = self.story else {
            tell("A good release", GOOD, self.seed)?;
            println!();
            return tell("A bad release", BAD, self.seed);
        };
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        tell(&file.display().to_string(), &text, self.seed)
    }
}

fn tell(title: &str, script: &str, seed: u64) -> Result<(), String> {
    println!("{title}\n{}", "=".repeat(title.chars().count()));
    let mut told = Told::new(seed, Arc::new(decide::decide));
    let mut printed = 0;
    let mut flush = |told: &Told| {
        for line in told.text[printed..].lines() {
            println!("{}", wrapped(line));
        }
        let _ = std::io::stdout().flush();
        printed = told.text.len();
    };
    for (index, line) in script.lines().enumerate() {
        let played = told.line(line);
        flush(&told);
        played.map_err(|error| format!("{title}, line {}: {line}: {error}", index + 1))?;
    }
    let broken = told.finish();
    flush(&told);
    if broken.is_empty() {
        Ok(())
    } else {
        Err(format!("{title}: {} laws were broken", broken.len()))
    }
}

/// Fits a line into 80 columns, continued under its text.
fn wrapped(line: &str) -> String {
    const WIDTH: usize = 80;
    let indent = if line.as_bytes().get(2) == Some(&b':') { 22 } else { 4 };
    let mut rows = vec![String::new()];
    for word in line.split_inclusive(' ') {
        let row = rows.last().map_or(0, |row| row.trim_end().chars().count());
        if row > 0 && row + word.trim_end().chars().count() + 1 > WIDTH {
            rows.push(" ".repeat(indent));
        }
        if let Some(row) = rows.last_mut() {
            row.push_str(word);
        }
    }
    rows.iter().map(|row| row.trim_end()).collect::<Vec<_>>().join("\n")
}
