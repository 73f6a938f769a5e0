//! Virtual time.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A moment, in milliseconds since the epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At(pub i64);

impl At {
    /// 2026-11-21T03:00:00Z: the hour at which nobody wants to be called.
    pub const START: At = At(1_795_230_000_000);

    /// Epoch seconds as AWS JSON bodies carry them.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// From epoch seconds.
    pub fn from_seconds(seconds: f64) -> At {
        At((seconds * 1000.0).round() as i64)
    }

    /// As the SDK's clock.
    pub fn system_time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(u64::try_from(self.0).unwrap_or(0))
    }

    /// Later by whole seconds.
    pub fn plus_seconds(self, seconds: i64) -> At {
        At(self.0 + seconds * 1000)
    }

    /// Year, month, day, hour, minute, second, millisecond in UTC.
    fn civil(self) -> (i64, u32, u32, u32, u32, u32, u32) {
        // Days to date after Howard Hinnant's public description of the proleptic calendar.
        let days = self.0.div_euclid(86_400_000);
        let rest = self.0.rem_euclid(86_400_000) as u32;
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
        let month = (if mp < 10 { mp + 3 } else { mp - 9 }) as u32;
        let year = yoe + era * 400 + i64::from(month <= 2);
        (
            year,
            month,
            day,
            rest / 3_600_000,
            rest / 60_000 % 60,
            rest / 1000 % 60,
            rest % 1000,
        )
    }

    /// `2026-11-21T03:00:00Z`, as EventBridge's outer `time`.
    pub fn iso_seconds(self) -> String {
        let (y, mo, d, h, m, s, _) = self.civil();
        format!("{y:04}-{mo:02}-{d:02}T{h:02}:{m:02}:{s:02}Z")
    }

    /// `2026-11-21T03:00:00.000Z`.
    pub fn iso_millis(self) -> String {
        let (y, mo, d, h, m, s, ms) = self.civil();
        format!("{y:04}-{mo:02}-{d:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
    }

    /// `2026-11-21T03:00:00.000+0000`, as CloudWatch writes it in alarm events.
    pub fn iso_offset(self) -> String {
        let (y, mo, d, h, m, s, ms) = self.civil();
        format!("{y:04}-{mo:02}-{d:02}T{h:02}:{m:02}:{s:02}.{ms:03}+0000")
    }

    /// `03:00:00`, for stories.
    pub fn clock(self) -> String {
        let (_, _, _, h, m, s, _) = self.civil();
        format!("{h:02}:{m:02}:{s:02}")
    }
}

impl Add<Duration> for At {
    type Output = At;
    /// Rounded up to the next millisecond, so that a sleep is never shorter than asked.
    fn add(self, duration: Duration) -> At {
        let millis = duration.as_nanos().div_ceil(1_000_000);
        At(self.0.saturating_add(i64::try_from(millis).unwrap_or(i64::MAX)))
    }
}

impl Sub for At {
    type Output = Duration;
    fn sub(self, earlier: At) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::At;

    #[test]
    fn the_start_is_three_in_the_morning() {
        assert_eq!(At::START.iso_seconds(), "2026-11-21T03:00:00Z");
        assert_eq!(At(951_782_399_999).iso_millis(), "2000-02-28T23:59:59.999Z");
        assert_eq!(At(951_782_400_000).iso_offset(), "2000-02-29T00:00:00.000+0000");
    }
}
