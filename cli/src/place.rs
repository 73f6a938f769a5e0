//! Where the ledger is that a person asks about.

use aws::ledger::{Ledger, LedgerError};
use aws::terminal::Terminal;
use clap::Args;
use serde_json::{Value, json};

/// Which ledger.
#[derive(Args)]
pub struct Table {
    /// The ledger's table, the stack's output LedgerTable; else SERIN_TABLE says it.
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
}

/// Which ledger, and how to answer.
#[derive(Args)]
pub struct Place {
    #[command(flatten)]
    table: Table,
    /// Answers in JSON, whose shape docs/json.md describes.
    #[arg(long)]
    json: bool,
}

/// An answer in both forms.
pub trait Told {
    /// For people, in lines of 80 columns.
    fn text(&self, at: decide::At) -> String;
    /// For programs.
    fn json(&self, at: decide::At) -> Value;
    /// Why not all of it could be answered, where that is so.
    fn problem(&self) -> Option<String> {
        None
    }
}

/// Why a question has no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// The ledger.
    Ledger(LedgerError),
    /// What was asked for is not there; one line that names the next step.
    Nothing(String),
}

impl From<LedgerError> for Unanswered {
    fn from(error: LedgerError) -> Unanswered {
        Unanswered::Ledger(error)
    }
}

impl Table {
    /// Its name.
    ///
    /// # Errors
    /// Where nobody says it.
    pub fn name(&self) -> Result<String, String> {
        let named = self.table.clone().or_else(|| std::env::var("SERIN_TABLE").ok());
        named.filter(|name| !name.is_empty()).ok_or_else(|| {
            "which table? Name the stack's output LedgerTable with --table or SERIN_TABLE (aws cloudformation \
             describe-stacks --stack-name serin shows it; `serin lab` prints it)"
                .to_owned()
        })
    }
}

impl Place {
    /// Name of the table.
    ///
    /// # Errors
    /// Where nobody says it.
    pub fn table(&self) -> Result<String, String> {
        self.table.name()
    }

    /// Whether the answer is to be JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Asks the ledger, and prints what it answers.
    ///
    /// # Errors
    /// Where it cannot be asked, refuses, or has no answer: one line that ends with the next step.
    pub fn ask<T: Told>(&self, question: impl AsyncFnOnce(&Ledger) -> Result<T, Unanswered>) -> Result<(), String> {
        let table = self.table()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let terminal = Terminal::connect(&table).await.map_err(|error| error.to_string())?;
            let told = question(&terminal.ledger)
                .await
                .map_err(|unanswered| match unanswered {
                    Unanswered::Ledger(error) => terminal.explain(&error),
                    Unanswered::Nothing(problem) => problem,
                })?;
            let at = terminal.now();
            if self.json {
                println!("{}", stamped(&told, at, &table));
            } else {
                print!("{}", told.text(at));
            }
            told.problem().map_or(Ok(()), Err)
        })
    }
}

/// The JSON with what it was asked of, and when.
fn stamped(told: &impl Told, at: decide::At, table: &str) -> String {
    let mut json = told.json(at);
    json["table"] = json!(table);
    json["at"] = json!(at);
    serde_json::to_string_pretty(&json).unwrap_or_default()
}

/// That a policy is not known, and which are.
pub fn unknown(policy: &str, known: &[String]) -> Unanswered {
    let known = match known {
        [] => "no policy is known".to_owned(),
        names => format!("known: {}", names.join(", ")),
    };
    Unanswered::Nothing(aws::event::bounded(
        &format!(
            "no policy {policy} in this ledger ({known}); Serin knows it within five minutes of being put into Parameter \
             Store as /serin/policies/{policy}"
        ),
        700,
    ))
}
