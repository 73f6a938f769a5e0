//! Scenes: for every event on file, an account in which it matters, and what it must lead to there.
//!
//! # Shape
//! A scene is set with Serin's functions running, as in a story; then they fall silent, and what happens after that
//! nobody heard of. The event is what is given to one function by hand: by a test, by `sam local invoke` against `serin
//! lab --scene`, by the emulator.

mod begun;
mod orders;
mod policies;
mod starts;
mod table;

pub use table::SCENES;

use crate::handlers::{self, Handlers};
use crate::template::deploy::environment;
use crate::told::Told;
use crate::{Stage, fixture};
use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use simulator::executor::Running;
use simulator::{At, Delivery, Functions, Invocation};
use std::rc::Rc;
use std::sync::Arc;

/// An event on file, and the account it meets.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Its file below `events`, without the ending; the scene's name.
    pub event: &'static str,
    /// The function that is given it.
    pub function: &'static str,
    /// What has happened so far, for people.
    pub about: &'static str,
    /// How it is set.
    pub set: Set,
    /// What the event leads to.
    pub leads: Leads,
    /// Words of the function's answer.
    pub says: &'static str,
}

/// How a scene is set.
#[derive(Clone, Copy, Debug)]
pub enum Set {
    /// The pipeline waits for the answer to the event's own job.
    Job,
    /// The same, but in the middle of a release: lines of a story come first, and what its action is told stands in the
    /// ledger.
    Gate(&'static str),
    /// Lines of a story that the functions hear, and lines that they do not.
    Story {
        /// Played first.
        heard: &'static str,
        /// Played once the functions are silent.
        unheard: &'static str,
    },
}

/// What an event leads to. Everything is seen in the account, nothing is believed of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// A release is open that was not.
    Opens,
    /// The release goes to this phase; where that is `rolling back`, the canary is given its baseline.
    To(&'static str),
    /// Somebody looked; nothing but the ledger changed, and not the release's phase.
    Looks,
    /// Nothing changed, not even in the ledger.
    Nothing,
    /// The same, and the answer is an error.
    Refused,
    /// Another release is open in the place of the one that was.
    Replaced,
    /// The ledger knows other policies, or one of them differently.
    Learns,
    /// The job ends like this.
    Job(&'static str),
}

/// The scene of an event.
pub fn find(event: &str) -> Option<&'static Scene> {
    SCENES.iter().find(|scene| scene.event == event)
}

/// Text of the events of jobs: the account must have the very job that they are about.
const JOBS: [(&str, &str); 7] = [
    (
        "codepipeline/approve-job",
        include_str!("../../events/codepipeline/approve-job.json"),
    ),
    (
        "codepipeline/job-continuation",
        include_str!("../../events/codepipeline/job-continuation.json"),
    ),
    (
        "codepipeline/job-first",
        include_str!("../../events/codepipeline/job-first.json"),
    ),
    (
        "codepipeline/job-hostile-parameters",
        include_str!("../../events/codepipeline/job-hostile-parameters.json"),
    ),
    (
        "codepipeline/job-kms",
        include_str!("../../events/codepipeline/job-kms.json"),
    ),
    (
        "codepipeline/job-no-parameters",
        include_str!("../../events/codepipeline/job-no-parameters.json"),
    ),
    (
        "codepipeline/promote-job",
        include_str!("../../events/codepipeline/promote-job.json"),
    ),
];

impl Scene {
    /// Sets it; from then on no function runs but by [`simulator::Sim::start`].
    ///
    /// # Errors
    /// Where it cannot be set, as text.
    pub fn stage(&self) -> Result<Stage, String> {
        let stage = match self.set {
            Set::Job => self.with_job()?,
            Set::Gate(heard) => {
                let mut told = Told::new(1, Arc::new(decide::decide));
                play(&mut told, heard)?;
                silence(&told.stage);
                // CodePipeline asks every half minute.
                told.stage.run_for(40);
                let id = text(&self.job()?["id"]);
                pipelines::name_job(&mut told.stage.sim.world(), "orders", &id);
                told.stage
            }
            Set::Story { heard, unheard } => {
                let mut told = Told::new(1, Arc::new(decide::decide));
                play(&mut told, heard)?;
                silence(&told.stage);
                play(&mut told, unheard)?;
                told.stage
            }
        };
        silence(&stage);
        // Pages of two are for tests of ours.
        stage.sim.world().page_size = None;
        Ok(stage)
    }

    /// The job that the event is about.
    fn job(&self) -> Result<Value, String> {
        let text = JOBS.iter().find(|(event, _)| *event == self.event);
        let (_, text) = text.ok_or_else(|| format!("{} is no job", self.event))?;
        let event: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Ok(event["CodePipeline.job"].clone())
    }

    fn with_job(&self) -> Result<Stage, String> {
        let job = self.job()?;
        let function = &job["data"]["actionConfiguration"]["configuration"]["FunctionName"];
        fixture::at_open(At::START, job["id"].as_str(), function.as_str().unwrap_or_default())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn play(told: &mut Told, script: &str) -> Result<(), String> {
    for line in script.lines().map(str::trim) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["the", "policy", "of", name, "is", "deleted"] => {
                let parameter = json!({"Name": format!("/serin/policies/{name}")});
                let gone = told.stage.sim.world().call("ann", "ssm", "DeleteParameter", parameter);
                gone.map_err(|refusal| refusal.to_string())?;
            }
            _ => told.line(line).map_err(|error| format!("{line}: {error}"))?,
        }
    }
    Ok(())
}

/// From here on, nothing that AWS sends reaches a function.
fn silence(stage: &Stage) {
    let handlers = Handlers {
        measured: Default::default(),
        decide: Arc::new(decide::decide),
        diary: Rc::clone(&stage.diary),
        events: Rc::clone(&stage.events),
        time: handlers::configuration(&stage.sim.invocation("story")),
        environment: Some(environment()),
    };
    stage.sim.set_functions(Rc::new(Silent(handlers)));
}

/// Functions that only run when they are started by hand.
struct Silent(Handlers);

impl Functions for Silent {
    fn invoke(&self, invocation: Invocation) -> Running {
        self.0.invoke(invocation)
    }

    fn route(&self, _: &Delivery) -> Vec<(String, Value)> {
        Vec::new()
    }
}
