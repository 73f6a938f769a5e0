//! What a request is answered with, and how long that takes.

use crate::settings::Settings;
use hyper::StatusCode;
use std::time::Duration;

/// Where the load balancer asks whether the task is well.
pub const HEALTH: &str = "/health";

/// An answer before it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When it is given.
    pub after: Duration,
    /// Its status.
    pub status: StatusCode,
    /// What it says.
    pub body: String,
}

/// Answers a request that comes when the service has run for `age`; `draw` yields numbers below its argument. The health check
/// is never slow and never fails: what is judged is how the service treats its clients.
pub fn answer(settings: &Settings, path: &str, age: Duration, draw: &mut dyn FnMut(u32) -> u32) -> Answer {
    if path == HEALTH {
        return Answer {
            after: Duration::ZERO,
            status: StatusCode::OK,
            body: "well\n".to_owned(),
        };
    }
    let bad = age >= settings.bad_after;
    let slow = bad && draw(1000) < settings.slow_permille;
    let fails = bad && draw(1000) < settings.fail_permille;
    let after = match slow {
        true => settings.slow,
        // Half of it, and up to once more.
        false => settings.latency / 2 + settings.latency * draw(1001) / 1000,
    };
    let (status, body) = match fails {
        true => (StatusCode::INTERNAL_SERVER_ERROR, "failed\n".to_owned()),
        false => (StatusCode::OK, format!("version {}\n", settings.version)),
    };
    Answer { after, status, body }
}

#[cfg(test)]
mod tests {
    use super::{HEALTH, answer};
    use crate::settings::Settings;
    use hyper::StatusCode;
    use std::time::Duration;

    fn told(pairs: &'static [(&str, &str)]) -> Settings {
        let get = |name: &str| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::read(&get).expect("settings")
    }

    /// Every number there is, one after the other.
    fn all() -> impl FnMut(u32) -> u32 {
        let mut next = 0;
        move |below| {
            next += 1;
            next % below
        }
    }

    const OLD: Duration = Duration::from_secs(60);

    #[test]
    fn an_answer_takes_half_to_one_and_a_half_of_the_latency() {
        let settings = told(&[("LATENCY_MILLIS", "100"), ("VERSION", "v7")]);
        let mut draw = all();
        let answers: Vec<_> = (0..3_000).map(|_| answer(&settings, "/", OLD, &mut draw)).collect();
        let takes = |found: Option<Duration>| found.expect("answers").as_millis();
        assert_eq!(takes(answers.iter().map(|answer| answer.after).min()), 50);
        assert_eq!(takes(answers.iter().map(|answer| answer.after).max()), 150);
        assert!(answers.iter().all(|answer| answer.body == "version v7\n"));
    }

    #[test]
    fn so_many_of_a_thousand_fail_or_are_slow_once_it_is_time() {
        let settings = told(&[
            ("FAIL_PERMILLE", "100"),
            ("SLOW_PERMILLE", "100"),
            ("SLOW_MILLIS", "4000"),
            ("BAD_AFTER_SECONDS", "60"),
        ]);
        let count = |age: Duration, path: &str| {
            let mut chance = fastrand::Rng::with_seed(7);
            let mut draw = |below: u32| chance.u32(0..below);
            let answers: Vec<_> = (0..10_000).map(|_| answer(&settings, path, age, &mut draw)).collect();
            let failed = answers.iter().filter(|answer| answer.status != StatusCode::OK).count();
            let slow = answers.iter().filter(|answer| answer.after.as_secs() == 4).count();
            (failed, slow)
        };
        let (failed, slow) = count(OLD, "/");
        assert!(
            (800..1_200).contains(&failed) && (800..1_200).contains(&slow),
            "{failed} {slow}"
        );
        assert_eq!(count(OLD - Duration::from_millis(1), "/"), (0, 0), "it is young");
        assert_eq!(count(OLD, HEALTH), (0, 0), "the health check");
    }
}
