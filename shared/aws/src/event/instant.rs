//! Moments as CloudWatch, EventBridge and SNS write them.

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EpochMillis(pub i64);

const DAY_SECONDS: i64 = 24 * 60 * 60;
/// A Gregorian cycle of 400 years.
const CYCLE_DAYS: i64 = 146_097;
/// From 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;

impl EpochMillis {
    /// Reads `2026-11-21T03:12:45.678+0000` and its relatives: `Z` or an offset with or without colon, any number of decimals
    /// or none (digits below a millisecond are dropped). `None` for everything else.
    ///
    /// The alarm's own times carry `+0000`, which RFC 3339 does not allow; EventBridge writes `Z` without decimals, SNS with.
    pub fn parse(text: &str) -> Option<EpochMillis> {
        let (date, clock) = text.split_once('T')?;
        let day = days(date)?;
        let (time, offset_seconds) = split_offset(clock)?;
        let (whole, decimals) = time
            .split_once('.')
            .map_or((time, None), |(whole, part)| (whole, Some(part)));
        let millis = decimals.map_or(Some(0), thousandths)?;
        let seconds = day * DAY_SECONDS + clock_seconds(whole)? - offset_seconds;
        Some(EpochMillis(seconds * 1_000 + millis))
    }

    /// Reads `2026-11-28T03:12Z`, which manual approvals have for the minute in which they expire.
    pub fn parse_minute(text: &str) -> Option<EpochMillis> {
        let minute = text
            .strip_suffix('Z')
            .filter(|minute| minute.len() == "2026-11-28T03:12".len())?;
        EpochMillis::parse(&format!("{minute}:00Z"))
    }
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
///
/// Counts from March, so that the leap day is the last of its year.
/// <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>
fn days(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let (year, month, day) = (
        digits(parts.next()?, 4)?,
        digits(parts.next()?, 2)?,
        digits(parts.next()?, 2)?,
    );
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=month_days(year, month)).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let cycle = year.div_euclid(400);
    let year_of_cycle = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    Some(cycle * CYCLE_DAYS + day_of_cycle - EPOCH_DAYS)
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `HH:MM:SS`; AWS smears leap seconds, so there is no 60th.
fn clock_seconds(time: &str) -> Option<i64> {
    let mut parts = time.split(':');
    let (hour, minute, second) = (
        digits(parts.next()?, 2)?,
        digits(parts.next()?, 2)?,
        digits(parts.next()?, 2)?,
    );
    let legal = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    legal.then_some(hour * 3_600 + minute * 60 + second)
}

fn thousandths(decimals: &str) -> Option<i64> {
    if decimals.is_empty() || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let first = |place: usize| i64::from(decimals.as_bytes().get(place).map_or(0, |b| b - b'0'));
    Some(first(0) * 100 + first(1) * 10 + first(2))
}

/// Splits `03:12:45.678+0000` into the time and the offset's seconds.
fn split_offset(clock: &str) -> Option<(&str, i64)> {
    if let Some(time) = clock.strip_suffix('Z') {
        return Some((time, 0));
    }
    let sign = clock.find(['+', '-'])?;
    let (time, offset) = clock.split_at(sign);
    let (hours, minutes) = match offset.len() {
        5 => (offset.get(1..3)?, offset.get(3..5)?),
        6 if offset.as_bytes()[3] == b':' => (offset.get(1..3)?, offset.get(4..6)?),
        _ => return None,
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let seconds = hours * 3_600 + minutes * 60;
    (hours < 24 && minutes < 60).then_some((time, if offset.starts_with('-') { -seconds } else { seconds }))
}

/// Exactly `count` ASCII digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;
    use aws_smithy_types::date_time::Format;

    #[test]
    fn every_spelling_of_a_moment_is_the_same_moment() {
        let cases: &[(&str, i64)] = &[
            ("1970-01-01T00:00:00Z", 0),
            ("2023-08-04T12:36:15.490+0000", 1_691_152_575_490),
            ("2023-08-04T12:36:15.490Z", 1_691_152_575_490),
            ("2023-08-04T12:36:15.49Z", 1_691_152_575_490),
            ("2023-08-04T12:36:15.490999999Z", 1_691_152_575_490),
            ("2023-08-04T12:36:15+00:00", 1_691_152_575_000),
            ("2023-08-04T14:36:15.490+0200", 1_691_152_575_490),
            ("2023-08-04T07:06:15.490-05:30", 1_691_152_575_490),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000),
            ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("1969-12-31T23:59:59.999Z", -1),
        ];
        for (text, millis) in cases {
            assert_eq!(EpochMillis::parse(text), Some(EpochMillis(*millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        let cases = [
            "",
            "T",
            "yesterday",
            "2026-11-21",
            "2026-11-21T03:12:45",
            "2026-11-21 03:12:45Z",
            "2026-13-21T03:12:45Z",
            "2026-00-21T03:12:45Z",
            "2026-11-31T03:12:45Z",
            "2026-02-29T03:12:45Z",
            "2100-02-29T03:12:45Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T03:60:45Z",
            "2026-11-21T03:12:60Z",
            "2026-11-21T03:12:45.Z",
            "2026-11-21T03:12:45.6x8Z",
            "2026-11-21T03:12:45+000",
            "2026-11-21T03:12:45+0060",
            "2026-11-21T03:12:45+00:0",
            "2026-11-21T03:12:45+0€",
            "2026-11-21T03:12:45+€:€",
            "2023-08-04T12: 36: 15.490+0000",
            "+026-11-21T03:12:45Z",
            "２０２６-11-21T03:12:45Z",
            "2026-11-21-01T03:12:45Z",
            "2026-11-21T03:12:45:00Z",
        ];
        for text in cases {
            assert_eq!(EpochMillis::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_eight_centuries_agrees_with_the_sdk() {
        let (from, to) = (-11_676_096_000, 13_569_465_600); // 1600-01-01 .. 2400-01-01
        for (step, seconds) in (from..to)
            .step_by(usize::try_from(DAY_SECONDS).expect("a day") + 7_919)
            .enumerate()
        {
            let millis = seconds * 1_000 + i64::try_from(step).expect("a count") % 1_000;
            let text = DateTime::from_millis(millis).fmt(Format::DateTime).expect("a date");
            assert_eq!(EpochMillis::parse(&text), Some(EpochMillis(millis)), "{text}");
        }
    }
}
