//! What a line is drawn through, where it has gaps, and what is said of both.

use crate::axis::{Span, is_drawn};
use crate::text::{clock, day, number};
use crate::{Millis, Series, Shape, Unit};

/// Most points that a line is drawn through.
const POINTS_MAX: usize = 2_000;
/// Most gaps that are named.
const GAPS_MAX: usize = 4;
/// From one day on, a moment is told with its day.
const DAY: Millis = 86_400_000;

/// Parts of a line without a gap, none empty.
pub(crate) fn parts(series: &Series) -> Vec<Vec<(Millis, f64)>> {
    let points = thinned(series);
    let mut parts: Vec<Vec<(Millis, f64)>> = vec![Vec::new()];
    let mut before: Option<(Millis, f64)> = None;
    for (at, value) in points {
        let value = value.filter(|value| is_drawn(*value));
        let is_late = match series.shape {
            Shape::Measured { every } => before.is_some_and(|(then, _)| at.saturating_sub(then) >= gap(every, series)),
            Shape::Held => false,
        };
        if let (Shape::Held, Some((_, last)), Some(part)) = (series.shape, before, parts.last_mut()) {
            part.push((at, last));
        }
        if value.is_none() || is_late {
            parts.push(Vec::new());
        }
        if let (Some(value), Some(part)) = (value, parts.last_mut()) {
            part.push((at, value));
        }
        before = value.map(|value| (at, value));
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Between two points of a line that is measured so often; where points were left out, more.
fn gap(every: Millis, series: &Series) -> Millis {
    every.saturating_mul(2).saturating_mul(chunk(series) as Millis)
}

fn chunk(series: &Series) -> usize {
    series.points.len().div_ceil(POINTS_MAX).max(1)
}

/// Of too many points, the highest of some neighbours each: a peak must not be lost.
fn thinned(series: &Series) -> Vec<(Millis, Option<f64>)> {
    let highest = |points: &[(Millis, Option<f64>)]| {
        let drawn = points.iter().filter(|(_, value)| value.is_some_and(is_drawn));
        let highest = drawn.max_by(|(_, one), (_, other)| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
        highest.or(points.last()).copied()
    };
    series.points.chunks(chunk(series)).filter_map(highest).collect()
}

/// Where a line has nothing, in words; nothing where it is whole.
pub(crate) fn missing(series: &Series, span: Span) -> Option<String> {
    let Shape::Measured { every } = series.shape else {
        return None;
    };
    let drawn = |(at, value): &(Millis, Option<f64>)| value.filter(|value| is_drawn(*value)).map(|_| *at);
    let mut known: Vec<Millis> = series
        .points
        .iter()
        .filter_map(drawn)
        .filter(|at| span.has(*at))
        .collect();
    known.sort_unstable();
    let name = &series.name;
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        return Some(format!("{name}: no data."));
    };
    let mut gaps = Vec::new();
    if first.saturating_sub(span.from) >= every.saturating_mul(2) {
        gaps.push((span.from, *first));
    }
    let within = known
        .windows(2)
        .filter(|pair| pair[1].saturating_sub(pair[0]) >= every.saturating_mul(2));
    gaps.extend(within.map(|pair| (pair[0].saturating_add(every), pair[1])));
    if span.until.saturating_sub(*last) >= every.saturating_mul(2) {
        gaps.push((last.saturating_add(every), span.until));
    }
    if gaps.is_empty() {
        return None;
    }
    let told = |(from, until): &(Millis, Millis)| format!("{}–{}", moment(*from, span), moment(*until, span));
    let mut each: Vec<String> = gaps.iter().take(GAPS_MAX).map(told).collect();
    if gaps.len() > GAPS_MAX {
        each.push(format!("{} more times", gaps.len() - GAPS_MAX));
    }
    Some(format!("{name}: no data {}.", each.join(", ")))
}

/// That not every point is drawn.
pub(crate) fn left_out(series: &Series) -> Option<String> {
    let each = chunk(series);
    (each > 1).then(|| format!("{}: the highest of every {each} values is drawn.", series.name))
}

/// What a line comes to, for whoever does not see it.
pub(crate) fn summary(series: &Series, unit: Unit, span: Span) -> String {
    let drawn = |(at, value): &(Millis, Option<f64>)| Some((*at, value.filter(|value| is_drawn(*value))?));
    let known: Vec<(Millis, f64)> = series.points.iter().filter_map(drawn).collect();
    let by =
        |one: &&(Millis, f64), other: &&(Millis, f64)| one.1.partial_cmp(&other.1).unwrap_or(std::cmp::Ordering::Equal);
    // Of several that are highest, the first.
    let (Some(low), Some(high), Some(last)) = (known.iter().min_by(by), known.iter().rev().max_by(by), known.last())
    else {
        return format!("{}: no data.", series.name);
    };
    let told = |value: f64| with_unit(value, unit);
    format!(
        "{}: lowest {}, highest {} at {}, last {} at {}.",
        series.name,
        told(low.1),
        told(high.1),
        moment(high.0, span),
        told(last.1),
        moment(last.0, span)
    )
}

/// A value with what it is.
pub(crate) fn with_unit(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Number => number(value),
        Unit::Percent => format!("{} %", number(value)),
    }
}

/// A moment, with its day where the axis has several.
pub(crate) fn moment(at: Millis, span: Span) -> String {
    if span.until.saturating_sub(span.from) >= DAY {
        format!("{} {}", day(at), clock(at))
    } else {
        clock(at)
    }
}

#[cfg(test)]
mod tests {
    use super::{POINTS_MAX, left_out, missing, parts, summary};
    use crate::axis::Span;
    use crate::{Series, Shape, Unit};

    const NIGHT: i64 = 1_795_230_000_000;
    const MINUTE: i64 = 60_000;

    fn line(shape: Shape, points: &[(i64, Option<f64>)]) -> Series {
        Series {
            name: "queue".to_owned(),
            shape,
            points: points
                .iter()
                .map(|(minute, value)| (NIGHT + minute * MINUTE, *value))
                .collect(),
        }
    }

    const MEASURED: Shape = Shape::Measured { every: MINUTE };

    #[test]
    fn what_is_missing_is_a_gap_and_is_said() {
        let span = Span::new(NIGHT, NIGHT + 10 * MINUTE);
        let whole: Vec<_> = (0..=10).map(|minute| (minute, Some(1.0))).collect();
        let gap: Vec<_> = whole
            .iter()
            .copied()
            .filter(|(minute, _)| !(4..7).contains(minute))
            .collect();
        let told: Vec<_> = (0..=10).map(|minute| (minute, (minute != 5).then_some(2.0))).collect();
        let cases = [
            (whole, 1, None),
            (gap, 2, Some("queue: no data 03:04–03:07.")),
            (told, 2, Some("queue: no data 03:05–03:06.")),
            (
                vec![(5, Some(1.0))],
                1,
                Some("queue: no data 03:00–03:05, 03:06–03:10."),
            ),
            (vec![], 0, Some("queue: no data.")),
            (vec![(5, Some(f64::NAN))], 0, Some("queue: no data.")),
            (vec![(5, Some(1e300)), (6, None)], 0, Some("queue: no data.")),
        ];
        for (points, count, said) in cases {
            let series = line(MEASURED, &points);
            assert_eq!(parts(&series).len(), count, "{points:?}");
            assert_eq!(missing(&series, span).as_deref(), said, "{points:?}");
        }
        let many: Vec<_> = (0..=30).map(|place| (place * 2, Some(1.0))).collect();
        let said = missing(&line(MEASURED, &many), Span::new(NIGHT, NIGHT + 60 * MINUTE)).unwrap();
        assert!(said.ends_with("03:07–03:08, 26 more times."), "{said}");
    }

    #[test]
    fn what_holds_goes_on_until_the_next_value_and_ends_where_there_is_none() {
        let series = line(
            Shape::Held,
            &[(0, Some(25.0)), (3, Some(50.0)), (5, None), (7, Some(10.0)), (8, None)],
        );
        let minutes = |part: &Vec<(i64, f64)>| {
            let each = part.iter().map(|(at, value)| ((at - NIGHT) / MINUTE, *value));
            each.collect::<Vec<_>>()
        };
        let parts: Vec<_> = parts(&series).iter().map(minutes).collect();
        assert_eq!(
            parts,
            [
                vec![(0, 25.0), (3, 25.0), (3, 50.0), (5, 50.0)],
                vec![(7, 10.0), (8, 10.0)]
            ]
        );
        assert_eq!(missing(&series, Span::new(NIGHT, NIGHT + MINUTE)), None);
    }

    #[test]
    fn of_too_many_points_no_peak_is_lost() {
        let count = 3 * POINTS_MAX as i64;
        let points: Vec<_> = (0..count)
            .map(|place| (place, Some(if place == 4_321 { 99.0 } else { 1.0 })))
            .collect();
        let series = line(MEASURED, &points);
        let drawn = parts(&series);
        assert_eq!(drawn.len(), 1);
        assert!(drawn[0].len() <= POINTS_MAX && drawn[0].iter().any(|(_, value)| *value == 99.0));
        assert_eq!(
            left_out(&series).as_deref(),
            Some("queue: the highest of every 3 values is drawn.")
        );
        assert_eq!(left_out(&line(MEASURED, &points[..10])), None);
    }

    #[test]
    fn a_line_is_told_to_who_does_not_see_it() {
        let span = Span::new(NIGHT, NIGHT + 10 * MINUTE);
        let series = line(MEASURED, &[(0, Some(2.0)), (1, Some(9.0)), (2, None), (3, Some(4.5))]);
        assert_eq!(
            summary(&series, Unit::Percent, span),
            "queue: lowest 2 %, highest 9 % at 03:01, last 4.5 % at 03:03."
        );
        assert_eq!(summary(&line(MEASURED, &[]), Unit::Number, span), "queue: no data.");
    }
}
