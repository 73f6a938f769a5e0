//! What the service is told by its environment.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Everything that can be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens, on all addresses.
    pub port: u16,
    /// How long an answer takes on average; half as long at least, half as long again at most.
    pub latency: Duration,
    /// So many of a thousand requests are slow.
    pub slow_permille: u32,
    /// How long those take.
    pub slow: Duration,
    /// So many of a thousand requests are answered with 500.
    pub fail_permille: u32,
    /// Nothing is slow and nothing fails before it has run so long.
    pub bad_after: Duration,
    /// What it says that it is; the image's tag, for whoever looks.
    pub version: String,
    /// For how long it answers on after it was told to stop: the load balancer goes on sending until it has heard.
    pub drain: Duration,
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
        let port = number("PORT", 8080, 0..=65_535);
        let latency = number("LATENCY_MILLIS", 50, 0..=60_000);
        let slow_permille = number("SLOW_PERMILLE", 0, 0..=1000);
        let slow = number("SLOW_MILLIS", 5_000, 0..=60_000);
        let fail_permille = number("FAIL_PERMILLE", 0, 0..=1000);
        let bad_after = number("BAD_AFTER_SECONDS", 0, 0..=86_400);
        let drain = number("DRAIN_SECONDS", 5, 0..=60);
        let stop = number("STOP_SECONDS", 30, 2..=120);
        if drain >= stop {
            wrong.push(format!(
                "DRAIN_SECONDS is {drain} and STOP_SECONDS {stop}: what comes last could not be answered"
            ));
        }
        if !wrong.is_empty() {
            return Err(wrong.join("\n"));
        }
        Ok(Settings {
            port: u16::try_from(port).unwrap_or(8080),
            latency: Duration::from_millis(latency),
            slow_permille: u32::try_from(slow_permille).unwrap_or(0),
            slow: Duration::from_millis(slow),
            fail_permille: u32::try_from(fail_permille).unwrap_or(0),
            bad_after: Duration::from_secs(bad_after),
            version: get("VERSION").unwrap_or_else(|| "unknown".to_owned()),
            drain: Duration::from_secs(drain),
            stop: Duration::from_secs(stop),
        })
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
    fn nothing_must_be_told() {
        let settings = read(&[]).expect("settings");
        assert_eq!(
            (settings.port, settings.fail_permille, settings.slow_permille),
            (8080, 0, 0)
        );
        assert_eq!(settings.latency, Duration::from_millis(50));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = read(&[
            ("PORT", "http"),
            ("FAIL_PERMILLE", "1001"),
            ("LATENCY_MILLIS", "-1"),
            ("DRAIN_SECONDS", "30"),
        ]);
        let wrong = wrong.expect_err("mistakes");
        for says in [
            "PORT is \"http\": a whole number from 0 to 65535 is needed",
            "FAIL_PERMILLE is \"1001\": a whole number from 0 to 1000 is needed",
            "LATENCY_MILLIS is \"-1\": a whole number from 0 to 60000 is needed",
            "DRAIN_SECONDS is 30 and STOP_SECONDS 30",
        ] {
            assert!(wrong.contains(says), "{says}: {wrong}");
        }
        assert_eq!(wrong.lines().count(), 4, "{wrong}");
    }
}
