//! Timestamps as the Amazon States Language has them: RFC 3339 with an upper-case `T` and a zone.

use crate::time::At;
use regex::{Captures, Regex};
use std::sync::LazyLock;

static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    let shape = r"^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))$";
    Regex::new(shape).expect("a pattern that never changes")
});

/// A moment to the nanosecond, since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Timestamp(i128);

impl Timestamp {
    /// The moment, where the text is one.
    pub fn read(text: &str) -> Option<Timestamp> {
        let found = SHAPE.captures(text)?;
        let [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(|group| number(&found, group));
        let in_range = (1..=12).contains(&month)
            && (1..=days_of(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        if !in_range {
            return None;
        }
        let fraction = found.get(7).map_or("", |digits| digits.as_str());
        let nanos: i128 = format!("{fraction:0<9}").parse().ok()?;
        let sign = if found.get(8).is_some_and(|sign| sign.as_str() == "-") {
            -1
        } else {
            1
        };
        let offset = sign * (number(&found, 9) * 3600 + number(&found, 10) * 60);
        let seconds = days_since_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
        Some(Timestamp(i128::from(seconds) * 1_000_000_000 + nanos))
    }

    /// The first millisecond that is not before it.
    pub fn at(self) -> At {
        let millis = self.0.div_euclid(1_000_000) + i128::from(self.0.rem_euclid(1_000_000) > 0);
        At(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}

fn number(found: &Captures<'_>, group: usize) -> i64 {
    found
        .get(group)
        .and_then(|digits| digits.as_str().parse().ok())
        .unwrap_or(0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Date to days after Howard Hinnant's public description of the proleptic calendar.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
