//! Numbers and dates as CloudWatch, a Java service, writes them into texts.

use crate::time::At;

/// A double as Java prints it: `5.0`, `0.0666851903306472`, `1.0E7`.
pub(super) fn java_double(value: f64) -> String {
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if mantissa.contains('.') => format!("{mantissa}E{exponent}"),
        Some((mantissa, exponent)) => format!("{mantissa}.0E{exponent}"),
        None => text,
    }
}

/// `02/10/19 16:59:00`, as data points are dated in a state reason.
pub(super) fn short_date(at: At) -> String {
    let iso = at.iso_seconds();
    format!("{}/{}/{} {}", &iso[8..10], &iso[5..7], &iso[2..4], &iso[11..19])
}

/// `Friday 04 August, 2023 12:54:46 UTC`, as composite alarms date their children.
pub(super) fn long_date(at: At) -> String {
    const DAYS: [&str; 7] = [
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
    ];
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let iso = at.iso_seconds();
    let day = DAYS[at.0.div_euclid(86_400_000).rem_euclid(7) as usize];
    let month = MONTHS[iso[5..7].parse::<usize>().map_or(0, |m| m - 1)];
    format!("{day} {} {month}, {} {} UTC", &iso[8..10], &iso[..4], &iso[11..19])
}

/// `1 datapoint`, `3 datapoints`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// `was` for one, `were` for more.
pub(super) fn was(count: usize) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        let cases = [
            (5.0, "5.0"),
            (-0.5, "-0.5"),
            (0.0, "0.0"),
            (99.501_602_296_934_34, "99.50160229693434"),
            (45_628.0, "45628.0"),
            (10_000_000.0, "1.0E7"),
            (12_345_678.9, "1.23456789E7"),
            (0.0001, "1.0E-4"),
        ];
        for (value, text) in cases {
            assert_eq!(java_double(value), text);
        }
    }

    #[test]
    fn dates_are_written_as_in_the_samples() {
        // cloudwatch-and-eventbridge.md: 2019-10-02T16:59:00Z; 2023-08-04T12:54:46Z was a Friday.
        assert_eq!(short_date(At(1_570_035_540_000)), "02/10/19 16:59:00");
        assert_eq!(long_date(At(1_691_153_686_138)), "Friday 04 August, 2023 12:54:46 UTC");
    }
}
