//! What is said of visitors, and of the revisions that are slow or fail.

use std::ops::RangeInclusive;

/// Who visits a listener.
#[derive(Clone, Debug)]
pub struct Visitors {
    /// ARN.
    pub listener: String,
    /// Header `Host` of their requests.
    pub host: String,
    /// Path of their requests.
    pub path: String,
    /// On average.
    pub per_second: f64,
    /// So many of a thousand requests come from somebody who has a cookie, where anybody has one.
    pub returning_permille: u32,
    /// How tasks answer whose images have no row of their own.
    pub manner: Manner,
}

/// How the tasks answer that run an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// How long an answer takes.
    pub millis: RangeInclusive<i64>,
    /// So many of a thousand answers are slow.
    pub slow_permille: u32,
    /// How long these take.
    pub slow_millis: RangeInclusive<i64>,
    /// So many of a thousand answers are errors (HTTP 500), as soon as any.
    pub error_permille: u32,
}

impl Manner {
    /// As fast as this, never slow, never wrong.
    pub fn fast(millis: RangeInclusive<i64>) -> Manner {
        Manner {
            slow_millis: millis.clone(),
            millis,
            slow_permille: 0,
            error_permille: 0,
        }
    }

    pub(super) fn takes_millis(&self, rng: &mut fastrand::Rng) -> i64 {
        let slow = self.slow_permille > 0 && rng.u32(0..1000) < self.slow_permille;
        rng.i64(if slow {
            self.slow_millis.clone()
        } else {
            self.millis.clone()
        })
    }

    pub(super) fn fails(&self, rng: &mut fastrand::Rng) -> bool {
        self.error_permille > 0 && rng.u32(0..1000) < self.error_permille
    }
}
