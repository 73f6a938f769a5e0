//! Actions of ours that wait in a pipeline: they ask, and the ledger's word is what they are told.

use crate::Serin;
use crate::event::{JobEvent, Parameters};
use crate::job::{self, Answer, TryAgain, Verdict};
use crate::ledger::{Held, LedgerError, Merge, Slot};
use decide::gate::{Gate, Word, left_to_us, unanswerable, word};
use decide::{Execution, Fact, Policy, Release, short};
use serde_json::Value;

/// For how long a release of the execution is waited for: the sweep opens within minutes what nobody has opened.
const NOBODY_MINUTES_MAX: i64 = 30;

/// What an action was told, and of which release.
struct Told {
    word: Word,
    release: Option<Release>,
    /// What is wrong with an action that asks under this policy.
    wrong: Option<String>,
    /// Whether nothing of what is told may end the execution: by the policy that its release was opened under.
    dry_run: bool,
}

/// Handles one job of an action that asks. `by` names the invocation.
///
/// # Errors
/// Only where CodePipeline does not take the answer. What is wrong with the job is its answer.
pub async fn handle(serin: &Serin, payload: &Value, gate: Gate, by: &str) -> Result<Answer, TryAgain> {
    job::handle(serin, payload, async |serin, job| judge(serin, job, gate, by).await).await
}

async fn judge(serin: &Serin, job: &JobEvent, gate: Gate, by: &str) -> Verdict {
    match asked(serin, job, gate, by).await {
        Ok(told) => verdict(serin, job, told, gate),
        Err(verdict) => verdict,
    }
}

async fn asked(serin: &Serin, job: &JobEvent, gate: Gate, by: &str) -> Result<Told, Verdict> {
    let parameters = job::parameters(job)?;
    let refused = |error: LedgerError| match error.may_pass() {
        true => Verdict::later(serin, job, error.to_string()),
        false => Verdict::failed(error.to_string()),
    };
    let slot = match serin.ledger.slot(&parameters.policy).await {
        Ok(slot) => slot,
        Err(error) => {
            let standing = serin.policy(&parameters.policy).await;
            return Err(refused(error).in_a_dry_run(standing.is_ok_and(|(policy, _)| policy.dry_run)));
        }
    };
    // A release goes on under the policy it was opened under, whatever is written into the parameter meanwhile.
    let policy = match &slot.held {
        Some(held) if is_of_execution(&held.release, &parameters.execution) => held.policy.clone(),
        _ => match (
            job::standing(serin, job, &parameters).await,
            over(&slot, &parameters.execution),
        ) {
            (Ok((policy, _)), None) => policy,
            (Ok((policy, _)), Some(run)) if names(&policy, &run.name) => policy,
            // And so is its end told, whatever that says by now.
            (_, Some(run)) => return ended(serin, job, &parameters, &slot, &run.name).await,
            (Err(verdict), None) => return Err(verdict),
        },
    };
    let in_its_dry_run = |verdict: Verdict| verdict.in_a_dry_run(policy.dry_run);
    job::running(serin, job, &parameters, &policy)
        .await
        .map_err(in_its_dry_run)?;
    let told = serin.ask(&policy, gate, &parameters.execution, by).await;
    told.map_err(|error| in_its_dry_run(refused(error)))
}

/// The run of an execution whose release is over, as the ledger knows it.
fn over<'a>(slot: &'a Slot, execution: &str) -> Option<&'a Execution> {
    let last = slot.last.iter().filter_map(|last| last.pipeline.as_ref());
    let barred = slot.held.iter().flat_map(|held| &held.release.barred);
    last.chain(barred).find(|run| run.execution == execution)
}

fn names(policy: &Policy, pipeline: &str) -> bool {
    policy.pipeline.as_ref().is_some_and(|named| named.name == pipeline)
}

/// What is told of a release that is over where its policy cannot be read any more, or is about another pipeline.
async fn ended(
    serin: &Serin,
    job: &JobEvent,
    parameters: &Parameters,
    slot: &Slot,
    pipeline: &str,
) -> Result<Told, Verdict> {
    job::running_in(serin, job, parameters, pipeline).await?;
    let (held, last) = (slot.held.as_ref(), slot.last.as_ref());
    let open = held.map(|held| &held.release);
    let word = decide::gate::ended(&parameters.execution, open, last, serin.now());
    let word = word.unwrap_or_else(|| Word::Nobody("no release of this execution has been opened".to_owned()));
    let of_it = last.filter(|last| is_of_execution(last, &parameters.execution));
    let word = match held {
        Some(held) if of_it.is_none() => word.under(&held.policy),
        _ => word,
    };
    Ok(Told {
        word,
        release: of_it.cloned(),
        wrong: None,
        dry_run: held.is_some_and(|held| held.policy.dry_run),
    })
}

fn verdict(serin: &Serin, job: &JobEvent, told: Told, gate: Gate) -> Verdict {
    if let Some(wrong) = told.wrong {
        return Verdict::misconfigured(wrong);
    }
    let verdict = match (&told.word, gate) {
        (Word::WouldBeNo(_), _) => "would_fail",
        (_, Gate::Approve) => "approved",
        (_, Gate::Promote) => "promoted",
    };
    match told.word {
        Word::Yes(evidence) | Word::WouldBeNo(evidence) => {
            let release = told.release.as_ref();
            let given = release.and_then(|release| release.canary.given.as_ref());
            let approved = release.and_then(|release| release.pipeline.as_ref()?.approved.as_ref());
            let share = approved.and_then(|approved| approved.share_permille);
            let variables = [
                Some(("verdict", verdict.to_owned())),
                release.map(|release| ("release_id", release.id.clone())),
                given.map(|given| ("revision", short(&given.task_definition).to_owned())),
                share.map(|share| ("share_permille", share.to_string())),
            ];
            let variables: Vec<(&str, String)> = variables.into_iter().flatten().collect();
            Verdict::success(evidence, release.map(|release| release.id.clone()), &variables)
        }
        Word::NotYet(why) => Verdict::later(serin, job, why).in_a_dry_run(told.dry_run),
        Word::Nobody(why) => Verdict::within(serin, job, why, NOBODY_MINUTES_MAX).in_a_dry_run(told.dry_run),
        Word::No(why) => Verdict::failed(why),
    }
}

fn is_of_execution(release: &Release, execution: &str) -> bool {
    release.pipeline.as_ref().is_some_and(|run| run.execution == execution)
}

impl Serin {
    /// Tells the open release of an execution that our action asks, and gives back the ledger's word.
    ///
    /// Whoever steps next (the clock, an event) decides on it; nothing is looked at and nothing is done here.
    async fn ask(&self, policy: &Policy, gate: Gate, execution: &str, by: &str) -> Result<Told, LedgerError> {
        let slot = self.ledger.slot(&policy.name).await?;
        let (mut held, mut last) = (slot.held, slot.last);
        let is_of = |held: &Held| is_of_execution(&held.release, execution);
        // A release goes on under the policy it was opened under, whatever is written into it meanwhile.
        let own = held.as_ref().filter(|held| is_of(held)).map(|held| &held.policy);
        if let Some(wrong) = own.map_or_else(|| unanswerable(policy, gate), |own| left_to_us(own, gate)) {
            return Ok(Told {
                word: Word::No(wrong.clone()),
                release: None,
                wrong: Some(wrong),
                dry_run: false,
            });
        }
        if held
            .as_ref()
            .is_some_and(|held| is_of(held) && !held.release.is_asked(gate))
        {
            let execution = execution.to_owned();
            let fact = Fact::Asked { gate, execution };
            match self.ledger.merge(&policy.name, &fact, by, self.now()).await? {
                Merge::New(fresh) | Merge::Known(fresh) => held = Some(*fresh),
                Merge::NothingOpen(_) => {
                    let fresh = self.ledger.slot(&policy.name).await?;
                    (held, last) = (fresh.held, fresh.last);
                }
            }
        }
        let frozen = held.as_ref().map_or(policy, |held| &held.policy);
        let open = held.as_ref().map(|held| &held.release);
        let word = word(frozen, gate, execution, open, last.as_ref(), self.now());
        Ok(Told {
            word,
            release: [open, last.as_ref()]
                .into_iter()
                .flatten()
                .find(|release| is_of_execution(release, execution))
                .cloned(),
            wrong: None,
            dry_run: held
                .as_ref()
                .filter(|held| is_of(held))
                .map_or(policy, |held| &held.policy)
                .dry_run,
        })
    }
}
