//! `serin abort`, `approve`, `promote`, `skip`, `freeze`, `thaw`: orders of a person, which `advance` takes, judges and acts
//! upon at once. Who gives them is AWS STS's word.

use crate::page::{self, field};
use crate::place::Place;
use aws::ledger::LedgerError;
use aws::terminal::Terminal;
use clap::Args;
use decide::At;
use decide::order::WHY_MAX;
use serde_json::{Value, json};
use std::hash::{BuildHasher as _, RandomState};

/// A function that people invoke.
pub(crate) struct Taker {
    /// What it does.
    pub does: &'static str,
    /// The stack's output that names it.
    pub output: &'static str,
    /// Variable that may name it.
    pub variable: &'static str,
}

/// Who takes orders.
const ADVANCE: Taker = Taker {
    does: "takes orders",
    output: "AdvanceFunctionName",
    variable: "SERIN_ADVANCE",
};

/// What every order says.
#[derive(Args)]
pub(crate) struct Said {
    /// Why, for whoever reads the journal; at most 500 characters.
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// The function that is invoked, the stack's output AdvanceFunctionName, or OpenFunctionName for `release`; else
    /// SERIN_ADVANCE or SERIN_OPEN says it.
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Arguments of an order about a release.
#[derive(Args)]
pub struct OfRelease {
    /// Policy.
    policy: String,
    /// Id of the release that you mean; without, the one that is open now.
    #[arg(long, value_name = "ID")]
    release: Option<String>,
    #[command(flatten)]
    said: Said,
}

/// Arguments of `freeze`.
#[derive(Args)]
pub struct Freeze {
    #[command(flatten)]
    whose: Whose,
    /// Until when, as in 2026-11-23T07:00:00Z; without, until somebody thaws it.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[command(flatten)]
    said: Said,
}

/// Arguments of `thaw`.
#[derive(Args)]
pub struct Thaw {
    #[command(flatten)]
    whose: Whose,
    #[command(flatten)]
    said: Said,
}

/// One policy, or all.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// Policy.
    policy: Option<String>,
    /// Every policy that is known.
    #[arg(long)]
    all: bool,
}

impl OfRelease {
    /// Gives the order.
    ///
    /// # Errors
    /// Where it is refused, or could not be given: one line that ends with the next step.
    pub fn run(self, kind: &'static str) -> Result<(), String> {
        let OfRelease { policy, release, said } = self;
        said.give(async |desk| {
            let release = match release {
                Some(release) => release,
                None => desk.open_release(&policy).await?,
            };
            desk.order(&policy, json!({ "kind": kind, "release": release })).await
        })
    }
}

impl Freeze {
    /// Gives the order.
    ///
    /// # Errors
    /// As [`OfRelease::run`].
    pub fn run(self) -> Result<(), String> {
        let Freeze { whose, until, said } = self;
        let order = match until {
            Some(until) => json!({ "kind": "freeze", "until": moment(&until)? }),
            None => json!({ "kind": "freeze" }),
        };
        said.give(async |desk| desk.each(&whose, &order).await)
    }
}

impl Thaw {
    /// Gives the order.
    ///
    /// # Errors
    /// As [`OfRelease::run`].
    pub fn run(self) -> Result<(), String> {
        let Thaw { whose, said } = self;
        said.give(async |desk| desk.each(&whose, &json!({ "kind": "thaw" })).await)
    }
}

/// A time that a person wrote.
fn moment(text: &str) -> Result<At, String> {
    serde_json::from_value(json!(text)).map_err(|_| {
        format!("--until {text}: no time; write one as in 2026-11-23T07:00:00Z or 2026-11-23T08:00:00+01:00")
    })
}

impl Said {
    fn function(&self, taker: &Taker) -> Result<String, String> {
        let Taker { does, output, variable } = taker;
        let named = self.function.clone().or_else(|| std::env::var(variable).ok());
        named.filter(|name| !name.is_empty()).ok_or_else(|| {
            format!(
                "which function {does}? Name the stack's output {output} with --function or {variable} (aws \
                 cloudformation describe-stacks --stack-name serin shows it; `serin lab` prints it)"
            )
        })
    }

    fn give(self, orders: impl AsyncFnOnce(&mut Desk<'_>) -> Result<(), String>) -> Result<(), String> {
        self.give_to(&ADVANCE, orders)
    }

    /// Sits down at the desk of a function, and gives what is to be given there.
    pub(crate) fn give_to(
        self,
        taker: &Taker,
        orders: impl AsyncFnOnce(&mut Desk<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        let length = self.why.chars().count();
        if length > WHY_MAX {
            return Err(format!(
                "--why has {length} characters, and at most {WHY_MAX} are kept; say it shorter"
            ));
        }
        if self.why.trim().is_empty() {
            return Err("--why says nothing; whoever reads the journal wants to know".to_owned());
        }
        let (table, function) = (self.place.table()?, self.function(taker)?);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let terminal = Terminal::connect(&table).await.map_err(|error| error.to_string())?;
            let by = terminal.who().await?;
            let mut desk = Desk {
                terminal: &terminal,
                function: &function,
                by: &by,
                why: &self.why,
                answers: Vec::new(),
                json: self.place.is_json(),
                refused: Vec::new(),
            };
            orders(&mut desk).await?;
            if desk.json {
                let answers = json!({ "by": desk.by, "orders": desk.answers });
                println!("{}", serde_json::to_string_pretty(&answers).unwrap_or_default());
            }
            match desk.refused.as_slice() {
                [] => Ok(()),
                refused => Err(refused.join("; ")),
            }
        })
    }
}

/// Where orders are given.
pub(crate) struct Desk<'a> {
    terminal: &'a Terminal,
    function: &'a str,
    by: &'a str,
    why: &'a str,
    answers: Vec<Value>,
    json: bool,
    /// What was refused, and why.
    refused: Vec<String>,
}

impl Desk<'_> {
    fn explain(&self, error: &LedgerError) -> String {
        self.terminal.explain(error)
    }

    /// The release that whoever sits there means: the one that is open at this moment.
    async fn open_release(&self, policy: &str) -> Result<String, String> {
        let slot = self.terminal.ledger.slot(policy).await;
        let slot = slot.map_err(|error| self.explain(&error))?;
        match (slot.held, slot.last) {
            (Some(held), _) => Ok(held.release.id),
            (None, Some(last)) => Err(format!(
                "no release of policy {policy} is open; {} was {} at {}",
                last.id,
                last.phase.name(),
                last.phase_since
            )),
            (None, None) => Err(format!(
                "no release of policy {policy} is open; `serin status` shows what is"
            )),
        }
    }

    /// The same order for one policy, or for each that is known; one that refuses keeps no other from it.
    async fn each(&mut self, whose: &Whose, order: &Value) -> Result<(), String> {
        let named = match &whose.policy {
            Some(policy) => vec![policy.clone()],
            None => {
                let names = self.terminal.ledger.known_names().await;
                names.map_err(|error| self.explain(&error))?
            }
        };
        if named.is_empty() {
            return Err("no policy is known yet; `serin status` shows which are".to_owned());
        }
        for policy in named {
            if let Err(why) = self.order(&policy, order.clone()).await {
                // The next ones must hear of it all the same.
                self.refused.push(format!("{policy}: {why}"));
            }
        }
        Ok(())
    }

    async fn order(&mut self, policy: &str, order: Value) -> Result<(), String> {
        let payload = json!({ "policy": policy, "order": self.signed(policy, order) });
        self.send(policy, "order", payload).await
    }

    /// With its own id, by whom and why.
    pub(crate) fn signed(&self, policy: &str, mut order: Value) -> Value {
        order["id"] = json!(self.id(policy));
        order["by"] = json!(self.by);
        order["why"] = json!(self.why);
        order
    }

    /// Sends it, and tells what became of it.
    pub(crate) async fn send(&mut self, policy: &str, kind: &str, payload: Value) -> Result<(), String> {
        let answer = self.terminal.order(self.function, &payload).await?;
        if answer["accepted"] != Value::Bool(true) {
            let why = answer["answer"].as_str().unwrap_or("it was not accepted");
            let why = aws::event::bounded(&format!("{policy}: refused: {why}"), 700);
            self.refused.push(why);
        } else if !self.json {
            print!("{}", told(policy, &answer));
        }
        self.answers
            .push(json!({ "policy": policy, kind: payload[kind], "answer": answer }));
        Ok(())
    }

    /// Sorted by key, orders stand in the order in which they were given; no two have the same.
    fn id(&self, policy: &str) -> String {
        let at = self.terminal.now().to_string().replace([':'], "");
        let mark = RandomState::new().hash_one((policy, self.why, self.answers.len()));
        format!("{at}-{:08x}", mark & 0xffff_ffff)
    }
}

/// What became of an accepted order.
fn told(policy: &str, answer: &Value) -> String {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    let mut page = page::under("", 2, &format!("{policy}: {}", text("answer")));
    let stepped = answer["phase"].is_string();
    if let Some(release) = answer["release_id"].as_str().filter(|_| stepped) {
        page += &field("release", &format!("{release}, {}", text("phase")));
        page += &field("because", text("because"));
    }
    for line in answer["did"].as_array().into_iter().flatten() {
        page += &field("did", line.as_str().unwrap_or_default());
    }
    page
}
