//! A scale whose lines are where we say: the library's own are not on whole minutes.

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use std::ops::Range;

/// Values from one end to the other, some with a line.
pub(crate) struct Scale {
    pub ends: Range<f64>,
    pub lines: Vec<f64>,
}

impl Ranged for Scale {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let part = (value - self.ends.start) / (self.ends.end - self.ends.start);
        let place = f64::from(first) + part.clamp(0.0, 1.0) * f64::from(last - first);
        place.round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.lines.clone()
    }

    fn range(&self) -> Range<f64> {
        self.ends.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;
    use plotters::coord::ranged1d::Ranged as _;

    #[test]
    fn a_value_has_one_place_and_what_is_beyond_lies_on_the_edge() {
        let scale = Scale {
            ends: 0.0..60.0,
            lines: vec![0.0, 20.0, 40.0, 60.0],
        };
        for (value, place) in [(0.0, 300), (60.0, 0), (30.0, 150), (-5.0, 300), (1e15, 0)] {
            assert_eq!(scale.map(&value, (300, 0)), place, "{value}");
        }
        assert_eq!(scale.key_points(3), [0.0, 20.0, 40.0, 60.0]);
    }
}
