//! One process from its start to its end, on the clock.

use crate::cloud::{Call, Cloud};
use crate::outcome::Outcome;
use crate::runtime_api::{RuntimeApi, Said};
use crate::scene::{self, Scene};
use crate::sequence;
use crate::subject::{Places, Subject};
use std::io;
use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

/// Longer than anything measured here may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a silent process is asked whether it still runs.
const GLANCE: Duration = Duration::from_millis(200);

/// Why there are no numbers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something must be built first.
    #[error("{} is not there; `{made_by}` makes it", path.display())]
    Missing {
        /// What is missing.
        path: PathBuf,
        /// The command that makes it.
        made_by: &'static str,
    },
    /// The system did not start it.
    #[error("could not start {}", path.display())]
    Start {
        /// The program.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Its output has nowhere to go.
    #[error("could not write {}", path.display())]
    Log {
        /// The log file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The bench's own ports.
    #[error("could not serve on a local port")]
    Port(#[source] io::Error),
    /// No certificate for the simulated AWS.
    #[error("no certificate to serve with: {0}")]
    Certificate(String),
    /// The function did something else than what is measured.
    #[error("{subject}: {what}; its output is in {}", log.display())]
    Astray {
        /// Which function.
        subject: &'static str,
        /// What it did.
        what: String,
        /// Where to read on.
        log: PathBuf,
    },
}

/// What one event took.
#[derive(Clone, Debug)]
pub struct Event {
    /// Event handed over → answer received.
    pub answered: Duration,
    /// What it takes to put the services right; `None` for a function that does not.
    pub restore: Option<Restore>,
    /// Calls made, ledger and all.
    pub calls: usize,
    /// Those of them that AWS refused. The function may have asked for what was so already; the world is judged, not this.
    pub refused: usize,
}

/// The way to the last service given its baseline.
#[derive(Clone, Debug)]
pub struct Restore {
    /// Event handed over → `UpdateService` received by AWS.
    pub asked: Duration,
    /// Event handed over → `UpdateService` answered by AWS.
    pub done: Duration,
    /// Slow calls in sequence until then.
    pub slow_in_sequence: usize,
    /// Slow calls in sequence until the execution cannot promote any more.
    pub slow_until_held: usize,
    /// Ledger calls in sequence before the first `UpdateService`.
    pub ledger_before: usize,
}

/// One process: a cold event, then warm ones.
#[derive(Clone, Debug)]
pub struct Run {
    /// Process started → it asks for its first event.
    pub start: Duration,
    /// The first event.
    pub cold: Event,
    /// The others.
    pub warm: Vec<Event>,
    /// Most memory it ever held, in KiB.
    pub peak_kib: u64,
}

/// Ends the process whatever happens.
struct Running(Child);

impl Running {
    /// The next thing the process says; in words, if it says something else than what is expected.
    async fn hear(
        &mut self,
        api: &mut RuntimeApi,
        expected: &str,
        pick: fn(&Said) -> Option<Instant>,
    ) -> Result<Instant, String> {
        let patience = Instant::now() + PATIENCE;
        loop {
            if let Some(said) = api.hear(GLANCE).await {
                return pick(&said).ok_or_else(|| format!("it should {expected}, but {said}"));
            }
            if let Ok(Some(status)) = self.0.try_wait() {
                return Err(format!("it should {expected}, but it ended ({status})"));
            }
            if Instant::now() > patience {
                return Err(format!(
                    "it should {expected}, but nothing was heard of it for {} s",
                    PATIENCE.as_secs()
                ));
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Measures one process of `subject` with one cold and `warm` further events.
///
/// # Errors
/// If the function ends, reports an error, or leaves the world otherwise than it should: a number for something that did
/// not happen would be worse than none.
pub async fn run(subject: Subject, places: &Places, cloud: &Cloud, warm: usize) -> Result<Run, Error> {
    let mut api = RuntimeApi::serve().await.map_err(Error::Port)?;
    cloud.reset(Scene::fresh());
    let began = Instant::now();
    let mut process = Running(subject.start(places, &api.address, cloud)?);
    let measured = async {
        let start = process.hear(&mut api, "ask for its first event", asked).await? - began;
        let cold = event(subject, &mut process, &mut api, cloud).await?;
        let mut later = Vec::new();
        for _ in 0..warm {
            cloud.reset(Scene::fresh());
            later.push(event(subject, &mut process, &mut api, cloud).await?);
        }
        let peak_kib = peak_kib(process.0.id())?;
        Ok(Run {
            start,
            cold,
            warm: later,
            peak_kib,
        })
    };
    measured.await.map_err(|what| Error::Astray {
        subject: subject.name(),
        what,
        log: subject.log(places),
    })
}

fn asked(said: &Said) -> Option<Instant> {
    match said {
        Said::Next(at) => Some(*at),
        Said::Response(_) | Said::Error(_) => None,
    }
}

fn answered(said: &Said) -> Option<Instant> {
    match said {
        Said::Response(at) => Some(*at),
        Said::Next(_) | Said::Error(_) => None,
    }
}

/// One event, and the function asking for the next.
async fn event(subject: Subject, process: &mut Running, api: &mut RuntimeApi, cloud: &Cloud) -> Result<Event, String> {
    let sent = api.send(&scene::alarm_event());
    let answered = process.hear(api, "answer the event", answered).await? - sent;
    process.hear(api, "ask for its next event", asked).await?;
    let calls = cloud.calls();
    cloud.judge(subject.outcome())?;
    let restore = restore(&calls, sent);
    if restore.is_some() == (subject.outcome() == Outcome::Untouched) {
        let made: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
        return Err(format!("services restored: {}; it called {made:?}", restore.is_some()));
    }
    Ok(Event {
        answered,
        restore,
        calls: calls.len(),
        refused: calls.iter().filter(|call| !call.succeeded()).count(),
    })
}

/// How the services were given their baseline and the execution held; `None` unless AWS was asked for both and did both.
fn restore(calls: &[Call], sent: Instant) -> Option<Restore> {
    let (slow, ledger): (Vec<Call>, Vec<Call>) = calls.iter().cloned().partition(Call::is_slow);
    let done = || slow.iter().filter(|call| call.succeeded());
    let updates = || done().filter(|call| call.operation == "UpdateService");
    let first = updates().min_by_key(|call| call.began)?;
    let last = updates().max_by_key(|call| call.ended)?;
    let held = done()
        .filter(|call| ["PutApprovalResult", "StopPipelineExecution"].contains(&call.operation.as_str()))
        .min_by_key(|call| call.ended)?;
    Some(Restore {
        asked: last.began - sent,
        done: last.ended - sent,
        slow_in_sequence: sequence::to(&slow, last),
        slow_until_held: sequence::to(&slow, held),
        ledger_before: sequence::before(&sequence::alone(&ledger, &slow), first),
    })
}

fn peak_kib(process: u32) -> Result<u64, String> {
    let path = format!("/proc/{process}/status");
    let status = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .ok_or_else(|| format!("{path} shows no VmHWM"))
}

#[cfg(test)]
mod tests {
    use super::restore;
    use crate::cloud::Call;
    use std::time::{Duration, Instant};

    fn call(zero: Instant, operation: &str, began: u64, status: u16) -> Call {
        Call {
            service: if operation == "Query" { "dynamodb" } else { "ecs" },
            operation: operation.to_owned(),
            began: zero + Duration::from_millis(began),
            ended: zero + Duration::from_millis(began + 50),
            status,
        }
    }

    #[test]
    fn only_what_aws_did_is_timed() {
        let zero = Instant::now();
        let at = |operation, began, status| call(zero, operation, began, status);
        let whole = [
            at("Query", 0, 200),
            at("PutApprovalResult", 60, 200),
            at("UpdateService", 120, 200),
        ];
        let timed = restore(&whole, zero).expect("both happened");
        assert_eq!((timed.asked.as_millis(), timed.done.as_millis()), (120, 170));
        assert_eq!(
            (timed.slow_until_held, timed.slow_in_sequence, timed.ledger_before),
            (1, 2, 1)
        );

        let refused_later = [whole.as_slice(), &[at("StopPipelineExecution", 180, 400)]].concat();
        let timed = restore(&refused_later, zero).expect("both happened");
        assert_eq!((timed.slow_until_held, timed.done.as_millis()), (1, 170));

        let second_try = [
            at("PutApprovalResult", 0, 200),
            at("UpdateService", 60, 400),
            at("UpdateService", 120, 200),
        ];
        let timed = restore(&second_try, zero).expect("both happened");
        assert_eq!((timed.slow_in_sequence, timed.asked.as_millis()), (3, 120));

        for half in [
            vec![at("PutApprovalResult", 0, 200), at("UpdateService", 60, 400)],
            vec![at("PutApprovalResult", 0, 400), at("UpdateService", 60, 200)],
            vec![at("UpdateService", 60, 200)],
            vec![],
        ] {
            assert!(restore(&half, zero).is_none(), "{half:?}");
        }
    }
}
