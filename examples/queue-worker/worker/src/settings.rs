//! What the worker is told by its environment.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Everything that can be told.
#[derive(Debug)]
pub struct Settings {
    /// Where messages come from.
    pub queue_url: String,
    /// Most messages of one receive; they are handled one after the other.
    pub batch: i32,
    /// How long a receive waits for a message. A worker that is told to stop finishes it first: keep it well below
    /// `stop`.
    pub wait_seconds: i32,
    /// How long a message takes on average; half as long at least, half as long again at most.
    pub latency: Duration,
    /// So many of a thousand messages fail.
    pub fail_permille: u32,
    /// Only messages with this body fail.
    pub fail_kind: Option<String>,
    /// Nothing fails before the worker has run so long.
    pub fail_after: Duration,
    /// Namespace of the metrics.
    pub namespace: String,
    /// How often metrics are put on record.
    pub metrics_every: Duration,
    /// From SIGTERM to SIGKILL: `stopTimeout` of the container.
    pub stop: Duration,
}

/// Reads a variable.
type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    /// Reads them all.
    ///
    /// # Errors
    /// Everything that is wrong, a line for each.
    pub fn read(get: Read<'_>) -> Result<Settings, String> {
        let mut wrong = Vec::new();
        let mut number = |name: &str, default: u64, bounds: RangeInclusive<u64>| {
            let Some(text) = get(name) else { return default };
            let found = text.parse().ok().filter(|number| bounds.contains(number));
            found.unwrap_or_else(|| {
                let (least, most) = (bounds.start(), bounds.end());
                wrong.push(format!(
                    "{name} is {text:?}: a whole number from {least} to {most} is needed"
                ));
                default
            })
        };
        let batch = number("BATCH", 1, 1..=10);
        let wait_seconds = number("WAIT_SECONDS", 10, 0..=20);
        let latency = number("LATENCY_MILLIS", 300, 0..=3_600_000);
        let fail_permille = number("FAIL_PERMILLE", 0, 0..=1000);
        let fail_after = number("FAIL_AFTER_SECONDS", 0, 0..=86_400);
        let metrics_every = number("METRICS_SECONDS", 60, 1..=3_600);
        let stop = number("STOP_SECONDS", 30, 2..=120);
        let queue_url = get("QUEUE_URL").filter(|url| !url.is_empty());
        if queue_url.is_none() {
            wrong.push("QUEUE_URL is missing: the URL of the queue that messages come from".to_owned());
        }
        if wait_seconds >= stop {
            wrong.push(format!(
                "WAIT_SECONDS is {wait_seconds} and STOP_SECONDS {stop}: a receive in flight could not be finished"
            ));
        }
        if !wrong.is_empty() {
            return Err(wrong.join("\n"));
        }
        Ok(Settings {
            queue_url: queue_url.unwrap_or_default(),
            batch: i32::try_from(batch).unwrap_or(1),
            wait_seconds: i32::try_from(wait_seconds).unwrap_or(0),
            latency: Duration::from_millis(latency),
            fail_permille: u32::try_from(fail_permille).unwrap_or(0),
            fail_kind: get("FAIL_KIND"),
            fail_after: Duration::from_secs(fail_after),
            namespace: get("METRICS_NAMESPACE").unwrap_or_else(|| "Orders".to_owned()),
            metrics_every: Duration::from_secs(metrics_every),
            stop: Duration::from_secs(stop),
        })
    }

    /// How long so many messages take at most.
    pub fn longest(&self, messages: usize) -> Duration {
        let each = self.latency + self.latency / 2;
        each * u32::try_from(messages).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use std::time::Duration;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let get = |name: &str| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Settings::read(&get)
    }

    #[test]
    fn a_queue_is_all_that_must_be_told() {
        let settings = read(&[("QUEUE_URL", "https://queue")]).expect("settings");
        assert_eq!((settings.batch, settings.fail_permille), (1, 0));
        assert_eq!(settings.longest(10), Duration::from_millis(4_500));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = read(&[("BATCH", "11"), ("FAIL_PERMILLE", "all"), ("STOP_SECONDS", "10")]);
        let wrong = wrong.expect_err("mistakes");
        for says in [
            "BATCH is \"11\": a whole number from 1 to 10 is needed",
            "FAIL_PERMILLE is \"all\": a whole number from 0 to 1000 is needed",
            "QUEUE_URL is missing",
            "WAIT_SECONDS is 10 and STOP_SECONDS 10",
        ] {
            assert!(wrong.contains(says), "{says}: {wrong}");
        }
        assert_eq!(wrong.lines().count(), 4, "{wrong}");
    }
}
