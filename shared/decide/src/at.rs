use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A moment, in whole milliseconds since the epoch.
///
/// Written as RFC 3339 in documents, so that a person can read the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At(i64);

impl At {
    /// The beginning of 1970 in UTC.
    pub const EPOCH: At = At(0);

    /// From epoch milliseconds; clamped to what a calendar can show (years −9999 to 9999).
    pub fn from_millis(millis: i64) -> At {
        // A day inside the calendar's ends, where every moment can be written and read back.
        let day = 86_400_000;
        At(millis.clamp(
            Timestamp::MIN.as_millisecond() + day,
            Timestamp::MAX.as_millisecond() - day,
        ))
    }

    /// Epoch milliseconds.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Later by whole seconds.
    pub fn plus_seconds(self, seconds: u32) -> At {
        At::from_millis(self.0 + i64::from(seconds) * 1000)
    }

    /// Whole seconds until a later moment, rounded up; nothing where it has passed.
    pub fn seconds_until(self, later: At) -> u32 {
        let millis = later.0.saturating_sub(self.0).max(0);
        u32::try_from(millis.unsigned_abs().div_ceil(1000)).unwrap_or(u32::MAX)
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}", self.timestamp())
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:.3}", self.timestamp()))
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<At, D::Error> {
        let text = String::deserialize(deserializer)?;
        let timestamp: Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(At(timestamp.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::At;

    #[test]
    fn a_moment_survives_the_document_to_the_millisecond() {
        for millis in [0, -1, 1_795_230_000_123, i64::MAX, i64::MIN] {
            let at = At::from_millis(millis);
            let text = serde_json::to_string(&at).unwrap();
            assert_eq!(serde_json::from_str::<At>(&text).unwrap(), at, "{text}");
        }
        assert_eq!(
            serde_json::to_string(&At::from_millis(1_795_230_000_123)).unwrap(),
            r#""2026-11-21T03:00:00.123Z""#
        );
        assert_eq!(At::from_millis(1_795_230_000_123).to_string(), "2026-11-21T03:00:00Z");
    }

    #[test]
    fn waiting_is_rounded_up_and_never_negative() {
        let at = At::from_millis(1_000);
        let table = [(1_000, 0), (1_001, 1), (2_000, 1), (2_001, 2), (0, 0)];
        for (later, seconds) in table {
            assert_eq!(at.seconds_until(At::from_millis(later)), seconds, "{later}");
        }
    }
}
