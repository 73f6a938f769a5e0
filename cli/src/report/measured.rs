//! CloudWatch's numbers as lines of a chart.

use ::report::{Series, Shape};
use aws::review::{Line, Review};
use decide::Part;
use std::collections::BTreeMap;

/// A line of that name; one without points where it is unknown.
pub fn series(name: &str, line: &Part<Line>) -> Series {
    let (every, points) = match line {
        Part::Known(line) => (line.every_seconds, line.points.as_slice()),
        Part::Unknown(_) => (60, &[][..]),
    };
    Series {
        name: name.to_owned(),
        shape: measured(every),
        points: points.iter().map(|(at, value)| (at.millis(), Some(*value))).collect(),
    }
}

fn measured(every_seconds: u32) -> Shape {
    Shape::Measured {
        every: i64::from(every_seconds) * 1_000,
    }
}

/// One number as per cent of another, for each period that has both: what is missing is not nought.
pub fn share(name: &str, part: &Part<Line>, all: &[&Part<Line>]) -> Series {
    let known = |line: &Part<Line>| -> BTreeMap<i64, f64> {
        let points = line.known().map(|line| line.points.as_slice()).unwrap_or_default();
        points.iter().map(|(at, value)| (at.millis(), *value)).collect()
    };
    let all: Vec<BTreeMap<i64, f64>> = all.iter().map(|line| known(line)).collect();
    let points = known(part).into_iter().filter_map(|(at, part)| {
        let whole: f64 = all.iter().map(|line| line.get(&at).copied()).sum::<Option<f64>>()?;
        (whole > 0.0).then(|| (at, Some(100.0 * part / whole)))
    });
    let every = part.known().map_or(60, |line| line.every_seconds);
    Series {
        name: name.to_owned(),
        shape: measured(every),
        points: points.collect(),
    }
}

/// Why numbers are unknown, each reason once.
pub fn unknown(review: &Review) -> Vec<String> {
    let of_checks = review.checks.values().flat_map(|judged| &judged.lines);
    let of_queues = review
        .queues
        .iter()
        .flat_map(|queue| [&queue.visible, &queue.in_flight]);
    let lines = of_checks.map(|(_, line)| line).chain(of_queues);
    let mut reasons: Vec<String> = lines.filter_map(|line| line.unknown().map(str::to_owned)).collect();
    reasons.sort();
    reasons.dedup();
    reasons
}

#[cfg(test)]
mod tests {
    use super::{series, share};
    use aws::review::Line;
    use decide::{At, Part};

    fn line(points: &[(i64, f64)]) -> Part<Line> {
        Part::Known(Line {
            every_seconds: 60,
            points: points
                .iter()
                .map(|(at, value)| (At::from_millis(*at), *value))
                .collect(),
        })
    }

    #[test]
    fn a_share_is_told_only_where_both_numbers_are_known_and_there_is_something_to_share() {
        let failed = line(&[(0, 5.0), (1, 0.0), (2, 3.0), (3, 0.0)]);
        let total = line(&[(0, 20.0), (1, 10.0), (3, 0.0)]);
        let points = share("canary", &failed, &[&total]).points;
        assert_eq!(points, [(0, Some(25.0)), (1, Some(0.0))]);
        let other = line(&[(0, 60.0)]);
        assert_eq!(share("canary", &total, &[&total, &other]).points, [(0, Some(25.0))]);
        assert!(
            share("canary", &Part::Unknown("denied".to_owned()), &[&total])
                .points
                .is_empty()
        );
    }

    #[test]
    fn what_is_unknown_is_a_line_without_points() {
        assert!(series("depth", &Part::Unknown("denied".to_owned())).points.is_empty());
        assert_eq!(series("depth", &line(&[(7, 2.0)])).points, [(7, Some(2.0))]);
    }
}
