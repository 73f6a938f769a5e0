//! Tells people, through a state machine that publishes to topics and to the account's event bus.
//!
//! # Guarantees
//! Once for each notice, whoever dies when: an execution's name is taken for ninety days, and the machine itself tries
//! again until the message is taken. What is said at the end of a release is written down with the end, and goes once
//! it was said: whoever closes a release need not be the one who tells, and may die. A notice that cannot be sent holds
//! nothing up; the next look tries again.

mod wording;

use crate::ledger::{Held, Merge, Untold};
use crate::{Refused, Serin};
use decide::notice::{About, What};
use decide::{At, Decision, Fact, Notice, Phase, Policy, Start, Wanted};
use wording::input;

/// What was written down with the end of a release, for the state machine.
pub(crate) fn untold(policy: &str, decision: &Decision, generation: u64, at: At) -> Vec<Untold> {
    let release = &decision.next;
    if !matches!(release.phase, Phase::Closed { .. }) {
        return Vec::new();
    }
    let notices = decision.notices.iter().map(|notice| Untold {
        policy: policy.to_owned(),
        release: release.id.clone(),
        phase: release.phase.name().to_owned(),
        generation,
        since: at,
        name: name(&release.id, notice),
        line: line(notice),
        input: input(notice).to_string(),
    });
    notices.collect()
}

fn name(release: &str, notice: &Notice) -> String {
    format!("{release}-{}", notice.key())
}

fn line(notice: &Notice) -> String {
    let heard = if notice.kind().is_for_people() {
        "people were told"
    } else {
        "told"
    };
    format!("{heard}: {}", notice.subject())
}

impl Serin {
    /// Tells what is to be told of an open release, where this function tells anything. What came of it, for people.
    pub(crate) async fn tell_people(&self, held: &mut Held, notices: &[Notice], by: &str) -> Vec<String> {
        let mut lines = Vec::new();
        if self.notices.is_none() {
            return lines;
        }
        let release = held.release.id.clone();
        for notice in notices {
            // On the heap, as all calls are that wait.
            let machine = self.notices.as_deref();
            let sent = Box::pin(self.send(machine, &name(&release, notice), &input(notice).to_string())).await;
            if let Err(refused) = sent {
                lines.push(refused.to_string());
                continue;
            }
            lines.push(line(notice));
            let fact = Fact::Noticed {
                notice: notice.key(),
                since: self.now(),
            };
            match self
                .ledger
                .learn(&held.policy.name, &release, &fact, by, self.now())
                .await
            {
                Ok(Merge::New(fresh) | Merge::Known(fresh)) => *held = *fresh,
                // Closed meanwhile: what was to be said while it was open is of no interest any more.
                Ok(Merge::NothingOpen(_)) => {}
                // It is sent again, under the same name.
                Err(error) => tracing::warn!(policy = held.policy.name, release_id = release, %error, "not noted"),
            }
        }
        lines.iter().for_each(|line| tracing::info!("{line}"));
        lines
    }

    /// Tells what was written down with the end of releases and nobody has told, of one policy or of all of them.
    pub async fn tell_untold(&self, policy: Option<&str>) -> Vec<String> {
        if self.notices.is_none() {
            return Vec::new();
        }
        match self.ledger.untold(policy).await {
            Ok(untold) => self.tell_ends(untold).await,
            Err(error) => {
                tracing::error!(%error, "what is to be told is unknown; the next sweep tries again");
                Vec::new()
            }
        }
    }

    /// Tells what was written down with the end of a release.
    pub(crate) async fn tell_ends(&self, untold: Vec<Untold>) -> Vec<String> {
        let mut lines = Vec::new();
        for untold in untold.iter().filter(|_| self.notices.is_some()) {
            let line = match Box::pin(self.send(self.notices.as_deref(), &untold.name, &untold.input)).await {
                Ok(()) => untold.line.clone(),
                Err(refused) => {
                    tracing::error!(release_id = untold.release, %refused, "not told; the next sweep tries again");
                    lines.push(refused.to_string());
                    continue;
                }
            };
            tracing::info!("{line}");
            if let Err(error) = self.ledger.told(untold, self.now()).await {
                // It is sent again, under the same name.
                tracing::warn!(release_id = untold.release, %error, "not noted");
            }
            lines.push(line);
        }
        lines
    }

    /// Tells what a push waits for, where this function tells that. There is no release yet to write down that it was
    /// told: whoever asks again sends it again, under the name that is taken.
    pub(crate) async fn tell_waiting(&self, policy: &Policy, wanted: &Wanted, why: &str) {
        let Some(machine) = self.start_notices.as_deref() else {
            return;
        };
        let start = Start::Explicit(wanted.clone());
        let since = wanted.asked.unwrap_or_else(|| self.now());
        let notice = Notice {
            about: About::of_start(policy, &start, &self.home(), since),
            what: What::StartWaits {
                wanted: wanted.clone(),
                why: why.to_owned(),
            },
        };
        let name = name(&notice.about.release, &notice);
        let sent = Box::pin(self.send(Some(machine), &name, &input(&notice).to_string())).await;
        if let Err(refused) = sent {
            tracing::warn!(policy = policy.name, %refused, "not told; whoever asks again tries again");
        }
    }

    /// Starts the execution that sends a notice.
    ///
    /// # Source
    /// AWS Step Functions API, `StartExecution`: a name that was used before is an error, whatever the input; the same
    /// name with the same input is the same execution while it runs. Either way the notice is on its way.
    async fn send(&self, machine: Option<&str>, name: &str, input: &str) -> Result<(), Refused> {
        let request = self
            .clients
            .sfn()
            .start_execution()
            .set_state_machine_arn(machine.map(str::to_owned))
            .name(name)
            .input(input);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let refused = Refused::from_sdk("StartExecution", name, &error);
                if refused.is("ExecutionAlreadyExists") {
                    Ok(())
                } else {
                    Err(refused)
                }
            }
        }
    }
}
