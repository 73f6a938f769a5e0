//! `serin policy check FILE…`: all mistakes at once, by the code that the functions use.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What can be done with policies.
#[derive(Subcommand)]
pub enum Policy {
    /// Reads policy documents and tells every mistake in them.
    Check(Check),
}

/// Arguments of the check.
#[derive(Args)]
pub struct Check {
    /// Policy documents, JSON.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Policy {
    /// Runs it.
    ///
    /// # Errors
    /// Where a document has mistakes or cannot be read.
    pub fn run(self) -> Result<(), String> {
        let Policy::Check(check) = self;
        let bad = check.files.iter().filter(|file| !tell(file)).count();
        match bad {
            0 => Ok(()),
            1 => Err("one policy cannot be used; mend what is told above".to_owned()),
            bad => Err(format!("{bad} policies cannot be used; mend what is told above")),
        }
    }
}

fn tell(file: &PathBuf) -> bool {
    let shown = file.display();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            println!("[NG] {shown}: cannot be read: {error}");
            return false;
        }
    };
    match decide::Policy::read(&text) {
        Ok(policy) => {
            let services = &policy.two_services;
            let alarms: Vec<&str> = policy.alarms().collect();
            println!(
                "[OK] {shown}: {} gets a revision before {} in cluster {}; judged by {}; rolled back within {} minutes",
                services.canary,
                services.stable,
                services.cluster,
                alarms.join(", "),
                policy.deadline_minutes
            );
            true
        }
        Err(mistakes) => {
            println!("[NG] {shown}");
            mistakes.iter().for_each(|mistake| println!("     {mistake}"));
            false
        }
    }
}
