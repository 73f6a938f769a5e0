//! `serin policy check FILE…`: all mistakes at once, by the code that the functions use; `serin policy schema`: the
//! schema that comes from the same table.

use clap::{Args, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};

/// What can be done with policies.
#[derive(Subcommand)]
pub enum Policy {
    /// Reads policy documents and tells every mistake in them.
    Check(Check),
    /// Prints the JSON Schema of policy documents, for editors.
    Schema,
}

/// Arguments of the check.
#[derive(Args)]
pub struct Check {
    /// Policy documents, JSON.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Tier of the SSM parameters that will hold them.
    #[arg(long, value_enum, default_value_t = Tier::Standard)]
    tier: Tier,
}

/// Tier of a parameter, as written on the command line.
#[derive(Clone, Copy, ValueEnum)]
enum Tier {
    /// 4 096 characters, free of charge.
    Standard,
    /// 8 192 characters, at a price for each parameter.
    Advanced,
}

impl From<Tier> for decide::policy::Tier {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::Standard => decide::policy::Tier::Standard,
            Tier::Advanced => decide::policy::Tier::Advanced,
        }
    }
}

impl Policy {
    /// Runs it.
    ///
    /// # Errors
    /// Where a document has mistakes or cannot be read.
    pub fn run(self) -> Result<(), String> {
        match self {
            Policy::Check(check) => check.run(),
            Policy::Schema => {
                print!("{}", decide::policy::schema());
                Ok(())
            }
        }
    }
}

impl Check {
    fn run(self) -> Result<(), String> {
        let bad = self.files.iter().filter(|file| !tell(file, self.tier)).count();
        match bad {
            0 => Ok(()),
            1 => Err("one policy cannot be used; mend what is told above".to_owned()),
            bad => Err(format!("{bad} policies cannot be used; mend what is told above")),
        }
    }
}

fn tell(file: &Path, tier: Tier) -> bool {
    let shown = file.display();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            println!("[NG] {shown}: cannot be read: {error}");
            return false;
        }
    };
    match decide::Policy::read_for(tier.into(), &text) {
        Ok(policy) => {
            let services = &policy.two_services;
            let checks: Vec<String> = policy.checks.iter().map(ToString::to_string).collect();
            println!(
                "[OK] {shown}: {} gets a revision before {} in cluster {}; judged by {}; rolled back within {} minutes",
                services.canary,
                services.stable,
                services.cluster,
                checks.join(", "),
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
