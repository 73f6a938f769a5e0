//! `serin demo`: releases of a queue worker as they happen, in virtual time; or any story.

use crate::report::{self, Played};
use ::report::Page;
use clap::Args;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use stories::demo::{self, Audience, Ended, wrapped};
use stories::told::Told;

/// Arguments of the demo.
#[derive(Args)]
pub struct Demo {
    /// Tells this story instead, line by line.
    #[arg(long, value_name = "FILE")]
    story: Option<PathBuf>,
    /// Chance: messages, task start times, latencies, identifiers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Virtual seconds per second; as fast as it can unless said.
    #[arg(long, value_name = "FACTOR", value_parser = speed)]
    speed: Option<f64>,
    /// Writes the report of each release of Serin's into this folder, as `serin report` would.
    #[arg(long, value_name = "FOLDER", conflicts_with = "story")]
    report: Option<PathBuf>,
}

impl Demo {
    /// Runs it.
    ///
    /// # Errors
    /// Where a story cannot be read or played, or breaks a law.
    pub fn run(self) -> Result<(), String> {
        if let Some(folder) = &self.report {
            std::fs::create_dir_all(folder).map_err(|error| format!("--report {}: {error}", folder.display()))?;
        }
        let mut screen = Screen {
            speed: self.speed,
            reports: self.report,
        };
        let Some(file) = self.story else {
            return demo::play(self.seed, &mut screen);
        };
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        tell(&file.display().to_string(), &text, self.seed, &mut screen)
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| format!("{text} is no number"))?;
    if factor.is_finite() && factor > 0.0 {
        return Ok(factor);
    }
    Err("a speed is more than 0; 60 shows a minute in a second".to_owned())
}

/// The terminal, or whatever stands in its place.
struct Screen {
    speed: Option<f64>,
    /// Folder of the reports.
    reports: Option<PathBuf>,
}

impl Audience for Screen {
    fn line(&mut self, text: &str) {
        // Whoever has closed the other end has seen enough.
        let mut out = std::io::stdout();
        let _ = writeln!(out, "{text}").and_then(|()| out.flush());
    }

    fn passes(&mut self, seconds: i64) {
        if let Some(speed) = self.speed {
            std::thread::sleep(Duration::from_secs_f64(seconds as f64 / speed));
        }
    }

    fn ended(&mut self, act: &Ended<'_>) -> Result<(), String> {
        let Some(folder) = &self.reports else {
            return Ok(());
        };
        let file = folder.join(format!("{}.html", act.name));
        report::write(&file, &reported(act)?)?;
        self.line(&format!("Its report: {}", file.display()));
        Ok(())
    }
}

/// The page of an act, read from its account as `serin report` reads any other.
fn reported(act: &Ended<'_>) -> Result<Page, String> {
    let made = format!(
        "Made by serin {}'s demo of a simulated account, in virtual time.",
        env!("CARGO_PKG_VERSION")
    );
    report::of_latest(act.stage, act.policy, Some(&Played::of(act.counts)), made)
}

fn tell(title: &str, script: &str, seed: u64, screen: &mut Screen) -> Result<(), String> {
    screen.line(title);
    screen.line(&"=".repeat(title.chars().count()));
    let mut told = Told::new(seed, Arc::new(decide::decide));
    let mut printed = 0;
    let mut now = told.stage.now();
    let mut flush = |told: &Told, screen: &mut Screen| {
        for line in told.text[printed..].lines() {
            let indent = if line.as_bytes().get(2) == Some(&b':') { 22 } else { 4 };
            wrapped(line, indent).iter().for_each(|row| screen.line(row));
        }
        printed = told.text.len();
        screen.passes((told.stage.now() - now).as_secs().cast_signed());
        now = told.stage.now();
    };
    for (index, line) in script.lines().enumerate() {
        let played = told.line(line);
        flush(&told, screen);
        played.map_err(|error| format!("{title}, line {}: {line}: {error}", index + 1))?;
    }
    let broken = told.finish();
    flush(&told, screen);
    if broken.is_empty() {
        Ok(())
    } else {
        Err(format!("{title}: {} laws were broken", broken.len()))
    }
}
