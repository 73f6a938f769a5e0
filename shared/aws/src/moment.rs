//! AWS's own timestamps.

use aws_smithy_types::DateTime;
use decide::At;

const NANOS_PER_MILLI: i128 = 1_000_000;

/// To the nearest millisecond: JSON carries them as decimal fractions of a second, which binary fractions miss by some
/// nanoseconds to either side, and two readings of one moment must not differ.
pub(crate) fn at(time: &DateTime) -> At {
    let nearest = (time.as_nanos() + NANOS_PER_MILLI / 2).div_euclid(NANOS_PER_MILLI);
    At::from_millis(i64::try_from(nearest).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{At, at};
    use aws_smithy_types::DateTime;

    #[test]
    fn every_millisecond_survives_being_a_fraction() {
        for millis in (1_795_230_067_000_i64..1_795_230_068_000).chain([0, 1, -1, -1_001]) {
            let seconds = millis as f64 / 1_000.0;
            assert_eq!(
                at(&DateTime::from_secs_f64(seconds)),
                At::from_millis(millis),
                "{millis}"
            );
        }
    }
}
