//! `serin policy check FILE…`: all mistakes at once, by the code that the functions use; with `--live` also what the
//! policy can really do. `serin policy schema`: the schema that comes from the same table.

mod curve;
mod live;
mod live_json;
#[cfg(test)]
mod tests;

use aws::live::Account;
use clap::{Args, Subcommand, ValueEnum};
use decide::freeze;
use decide::live::{Accepted, judge};
use decide::policy::Mistake;
use decide::{At, Policy as Document};
use live::Looked;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

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
    /// Looks at the services, alarms, queues and the pipeline as well, in the account that the AWS CLI would ask, and says
    /// what the policy can really do there. docs/permissions.md says what that needs.
    #[arg(long)]
    live: bool,
    /// What --live refuses and you take as it is.
    #[arg(long, value_enum, value_name = "NAME", requires = "live")]
    accept: Vec<Accept>,
    /// Answers in JSON, whose shape docs/json.md describes.
    #[arg(long, requires = "live")]
    json: bool,
}

/// What can be accepted by name.
#[derive(Clone, Copy, ValueEnum)]
enum Accept {
    /// Bakes that are over before the slowest alarm can ring.
    ShortBake,
}

impl From<Accept> for Accepted {
    fn from(accept: Accept) -> Self {
        match accept {
            Accept::ShortBake => Accepted::ShortBake,
        }
    }
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
        if self.live {
            return self.look();
        }
        let bad = self.files.iter().filter(|file| !tell(file, self.tier)).count();
        ended(bad, "cannot be used; mend what is told above")
    }

    /// Looks at the world of each policy, and tells what it finds.
    fn look(self) -> Result<(), String> {
        let accepted: BTreeSet<Accepted> = self.accept.iter().copied().map(Accepted::from).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let account = Account::connect().await.map_err(|error| error.to_string())?;
            let (mut bad, mut answers) = (0, Vec::new());
            for file in &self.files {
                let shown = file.display().to_string();
                let (good, text, json) = match read(file, self.tier) {
                    Ok(policy) => {
                        let policy = account.in_roles(&policy).await;
                        let found = account.look(&policy).await;
                        let report = judge(&policy, &found, &accepted);
                        let looked = Looked { policy, found, report };
                        let text = looked.text(&shown, &account.region);
                        (looked.is_good(), text, live_json::looked(&shown, &looked))
                    }
                    Err(mistakes) => (false, told(&shown, &mistakes), live_json::mistaken(&shown, &mistakes)),
                };
                bad += usize::from(!good);
                if !self.json {
                    print!("{text}");
                }
                answers.push(json);
            }
            if self.json {
                println!("{}", pretty(&json!({ "region": account.region, "policies": answers })));
            }
            ended(
                bad,
                "cannot work so, or could not be seen whole; mend what is told above",
            )
        })
    }
}

/// How the command ends, with so many bad policies.
fn ended(bad: usize, why: &str) -> Result<(), String> {
    match bad {
        0 => Ok(()),
        1 => Err(format!("one policy {why}")),
        bad => Err(format!("{bad} policies {why}")),
    }
}

fn pretty(json: &Value) -> String {
    serde_json::to_string_pretty(json).unwrap_or_default()
}

/// A policy, or all that is wrong with it.
fn read(file: &Path, tier: Tier) -> Result<Document, Vec<Mistake>> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let text = format!("cannot be read: {error}");
        vec![Mistake {
            field: String::new(),
            text,
        }]
    })?;
    Document::read_for(tier.into(), &text)
}

fn tell(file: &Path, tier: Tier) -> bool {
    let shown = file.display().to_string();
    match read(file, tier) {
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
            print!("{}", curve::drawn(&policy));
            print!("{}", windows(&policy, now()));
            true
        }
        Err(mistakes) => {
            print!("{}", told(&shown, &mistakes));
            false
        }
    }
}

/// Windows that are shown.
const WINDOWS_SHOWN: usize = 3;

fn now() -> At {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    At::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// When it is frozen next from a moment on, one window to a line.
fn windows(policy: &Document, at: At) -> String {
    let next = freeze::next(&policy.freeze, at, WINDOWS_SHOWN);
    let lines = next
        .iter()
        .map(|(begins, ends)| format!("     frozen from {begins} until {ends}\n"));
    lines.collect()
}

/// All that is wrong with a document.
fn told(shown: &str, mistakes: &[Mistake]) -> String {
    let lines = mistakes.iter().map(|mistake| format!("     {mistake}\n"));
    format!("[NG] {shown}\n{}", lines.collect::<String>())
}
