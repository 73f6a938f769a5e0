//! Where the lines of a grid are.

use crate::text;
use crate::{Millis, Unit};

/// Milliseconds between two lines of time, from fine to coarse.
const STEPS: [Millis; 15] = [
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    28 * DAY,
];
const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;
/// Most lines of time, and of values.
const TIMES_MAX: Millis = 12;
const VALUES_MAX: f64 = 5.0;
/// A shorter time is widened to this: a line needs room.
const SPAN_MIN: Millis = 5 * MINUTE;
/// All of something, as per cent.
const ALL_PERCENT: f64 = 100.0;
/// What is beyond is no value that could be drawn.
const VALUE_MAX: f64 = 1e15;

/// The time that all charts show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub from: Millis,
    pub until: Millis,
}

impl Span {
    pub fn new(from: Millis, until: Millis) -> Span {
        let until = until.max(from.saturating_add(SPAN_MIN));
        Span { from, until }
    }

    /// The whole time as a part of it, 0 to 1.
    pub fn part(self, at: Millis) -> f64 {
        let all = (i128::from(self.until) - i128::from(self.from)) as f64;
        ((i128::from(at) - i128::from(self.from)) as f64 / all).clamp(0.0, 1.0)
    }

    pub fn has(self, at: Millis) -> bool {
        (self.from..=self.until).contains(&at)
    }

    /// Moments with a line, each with its label.
    pub fn lines(self) -> Vec<(Millis, String)> {
        let all = self.until.saturating_sub(self.from);
        let fits = |step: &&Millis| all / **step < TIMES_MAX;
        // A time of years is cut into a few parts, wherever those fall.
        let step = STEPS.iter().find(fits).copied().unwrap_or(all / TIMES_MAX + 1);
        let first = self.from.div_euclid(step).saturating_add(1).saturating_mul(step);
        let starts = if self.from % step == 0 { self.from } else { first };
        let mut lines = Vec::new();
        let mut at = starts;
        while at <= self.until && lines.len() <= TIMES_MAX as usize {
            lines.push((at, label(at, step)));
            at = at.saturating_add(step);
        }
        lines
    }
}

fn label(at: Millis, step: Millis) -> String {
    if step >= DAY || at.rem_euclid(DAY) == 0 {
        text::day(at)
    } else {
        text::clock(at)
    }
}

/// Whether a value can be drawn.
pub(crate) fn is_drawn(value: f64) -> bool {
    value.is_finite() && value.abs() <= VALUE_MAX
}

/// The values that a chart shows, and those with a line.
pub(crate) fn values(values: impl Iterator<Item = f64>, unit: Unit) -> (f64, f64, Vec<f64>) {
    let (mut least, mut most) = (0.0_f64, 0.0_f64);
    for value in values.filter(|value| is_drawn(*value)) {
        (least, most) = (least.min(value), most.max(value));
    }
    if least == most {
        most = 1.0;
    }
    let step = step((most - least) / VALUES_MAX);
    let bottom = (least / step).floor() * step;
    // Room above the highest line, so that none is drawn on the edge.
    let top = ((most * 1.04 / step).ceil() * step).max(bottom + step);
    let top = match unit {
        // Of all there is, there is no more.
        Unit::Percent if most <= ALL_PERCENT => top.min(ALL_PERCENT),
        Unit::Percent | Unit::Number => top,
    };
    let count = ((top - bottom) / step).round() as usize;
    let lines = (0..=count).map(|place| bottom + place as f64 * step).collect();
    (bottom, top, lines)
}

/// 1, 2 or 5 times a power of ten, not less than this.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let near = |times: &f64| times * power >= least * (1.0 - 1e-9);
    [1.0, 2.0, 5.0]
        .into_iter()
        .find(near)
        .map_or(10.0 * power, |times| times * power)
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, MINUTE, Span, TIMES_MAX, values};
    use crate::Unit;

    const NIGHT: i64 = 1_795_230_000_000;

    #[test]
    fn lines_of_time_are_on_whole_minutes_hours_or_days_and_never_too_many() {
        let cases = [
            (0, "03:00 03:01 03:02 03:03 03:04 03:05"),
            (11 * MINUTE, "03:00 03:01 03:02"),
            (40 * MINUTE, "03:00 03:05 03:10"),
            (24 * HOUR, "03:00 06:00 09:00 12:00 15:00 18:00 21:00 22 Nov 03:00"),
            (9 * DAY, "22 Nov 23 Nov"),
        ];
        for (long, begins) in cases {
            let lines = Span::new(NIGHT, NIGHT + long).lines();
            let told: Vec<&str> = lines.iter().map(|(_, label)| label.as_str()).collect();
            assert!(told.join(" ").starts_with(begins), "{long}: {told:?}");
        }
        for long in [0, 1, 7 * MINUTE, 5 * HOUR, 30 * DAY, 4_000 * DAY, i64::MAX / 2] {
            let lines = Span::new(NIGHT, NIGHT + long).lines();
            assert!(lines.len() as i64 <= TIMES_MAX + 1, "{long}: {lines:?}");
            assert!(lines.len() >= 2, "{long}: {lines:?}");
        }
    }

    #[test]
    fn a_moment_outside_is_at_the_edge() {
        let span = Span::new(NIGHT, NIGHT + HOUR);
        assert_eq!((span.part(i64::MIN), span.part(i64::MAX)), (0.0, 1.0));
        assert_eq!(span.part(NIGHT + HOUR / 4), 0.25);
        assert!(span.has(NIGHT) && !span.has(NIGHT - 1));
    }

    #[test]
    fn lines_of_values_hold_all_values_and_nought() {
        let cases: [(&[f64], f64, f64, usize); 8] = [
            (&[], 0.0, 1.2, 3),
            (&[0.0], 0.0, 1.2, 3),
            (&[56.0, 3.0], 0.0, 60.0, 4),
            (&[10.0], 0.0, 12.0, 4),
            (&[0.0012], 0.0, 0.0015, 4),
            (&[-3.0, 4.0], -4.0, 6.0, 6),
            (&[f64::NAN, f64::INFINITY, 1e300, 5.0], 0.0, 6.0, 4),
            (&[1e15], 0.0, 1.2e15, 4),
        ];
        for (seen, bottom, top, least_lines) in cases {
            let (found_bottom, found_top, lines) = values(seen.iter().copied(), Unit::Number);
            assert!((found_bottom - bottom).abs() <= 1e-9 * top, "{seen:?}: {found_bottom}");
            assert!((found_top - top).abs() <= 1e-9 * top, "{seen:?}: {found_top}");
            assert!((least_lines..=8).contains(&lines.len()), "{seen:?}: {lines:?}");
        }
    }

    #[test]
    fn of_all_there_is_there_is_no_more() {
        for (most, top) in [(100.0, 100.0), (99.0, 100.0), (25.0, 30.0), (130.0, 150.0)] {
            let (_, found, lines) = values([most].into_iter(), Unit::Percent);
            assert_eq!(found, top, "{most}");
            assert!(lines.iter().all(|line| *line <= top), "{most}: {lines:?}");
        }
    }
}
