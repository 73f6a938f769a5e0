use crate::At;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Weights of the two target groups of a load balancer's rule.
///
/// # Units
/// Relative to one another, from 0 to [`Weights::MAX`]; never both 0.
///
/// # Source
/// Elastic Load Balancing API Reference, `TargetGroupTuple.Weight`: "The range is 0 to 999".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    /// Of the canary's group.
    pub canary: u32,
    /// Of stable's group.
    pub stable: u32,
}

impl Weights {
    /// The largest weight.
    pub const MAX: u32 = 999;

    /// Weights that give the canary exactly so many thousandths.
    pub fn of_share(permille: u32) -> Weights {
        let canary = permille.min(1_000);
        Weights {
            canary: canary.min(Weights::MAX),
            stable: (1_000 - canary).min(Weights::MAX),
        }
    }

    /// Thousandths that go to the canary, to the nearest; nothing where both are 0.
    pub fn permille(self) -> Option<u32> {
        crate::share::permille(self.canary, self.stable)
    }

    /// Whether the canary has exactly so many thousandths.
    pub fn are_of_share(self, permille: u32) -> bool {
        let (canary, both) = (u64::from(self.canary), u64::from(self.canary) + u64::from(self.stable));
        both > 0 && canary * 1_000 == both * u64::from(permille)
    }

    /// Whether these give the canary more than those; what sums to nothing gives it nothing.
    pub fn give_more_than(self, those: Weights) -> bool {
        let both = |weights: Weights| (u64::from(weights.canary) + u64::from(weights.stable)).max(1);
        u64::from(self.canary) * both(those) > u64::from(those.canary) * both(self)
    }
}

/// As people read them: the canary's first.
impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.canary, self.stable)
    }
}

/// What the weights of a rule are to be, and were: ours until somebody else sets others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighed {
    /// What they go back to.
    pub rest: Weights,
    /// What they went back to, before the roles of both services were exchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Weights>,
    /// What was set last, by us; before that what was found.
    pub given: Weights,
    /// When that was authorised last.
    pub at: At,
    /// Whether they were seen so.
    pub seen: bool,
    /// What they were before, at rest or given by us: any of them may be seen a while longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Weights>,
    /// Since when they were seen at rest on the way back, or to send the canary nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rested: Option<At>,
    /// What somebody else has set since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<Weights>,
}

impl Weighed {
    /// As they were found, before anything is changed.
    pub fn found(weights: Weights, rest: Weights, at: At) -> Weighed {
        Weighed {
            rest,
            before: None,
            given: weights,
            at,
            seen: true,
            earlier: Vec::new(),
            rested: None,
            theirs: None,
        }
    }

    /// They are to be others.
    pub fn give(&mut self, weights: Weights, at: At) {
        self.remember(self.given);
        (self.given, self.at, self.seen) = (weights, at, false);
    }

    /// The canary carries everything, and that is where they belong from here on.
    pub fn exchange(&mut self) {
        self.before.get_or_insert(self.rest);
        self.rest = self.given;
    }

    /// It is taken back: they belong where they were before the roles were exchanged.
    pub fn undo(&mut self) {
        self.rest = self.before.take().unwrap_or(self.rest);
    }

    /// These may be seen a while longer.
    pub fn remember(&mut self, weights: Weights) {
        if !self.earlier.contains(&weights) {
            self.earlier.push(weights);
        }
    }

    /// Whether nothing was ever changed.
    pub fn is_untouched(&self) -> bool {
        self.earlier.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Weights;

    #[test]
    fn every_share_in_thousandths_has_weights_that_are_allowed_and_never_sum_to_nothing() {
        for permille in 0..=1_000 {
            let weights = Weights::of_share(permille);
            assert!(
                weights.canary <= Weights::MAX && weights.stable <= Weights::MAX,
                "{permille}"
            );
            assert!(weights.canary + weights.stable > 0, "{permille}");
            assert!(weights.are_of_share(permille), "{permille}: {weights}");
            assert_eq!(weights.permille(), Some(permille));
        }
    }

    #[test]
    fn weights_are_a_share_only_where_they_are_exactly_that() {
        let cases = [
            ((1, 99), 10, true),
            ((10, 990), 10, true),
            ((1, 100), 10, false),
            ((0, 1), 0, true),
            ((1, 0), 1_000, true),
            ((0, 0), 0, false),
            ((0, 0), 1_000, false),
        ];
        for ((canary, stable), permille, expected) in cases {
            let weights = Weights { canary, stable };
            assert_eq!(weights.are_of_share(permille), expected, "{weights} and {permille}");
        }
        assert_eq!(Weights { canary: 0, stable: 0 }.permille(), None);
    }

    #[test]
    fn more_is_a_larger_share_and_not_a_larger_number() {
        let weights = |canary, stable| Weights { canary, stable };
        let cases = [
            (weights(10, 990), weights(1, 99), false),
            (weights(2, 98), weights(10, 990), true),
            (weights(999, 0), weights(999, 1), true),
            (weights(0, 0), weights(0, 1), false),
            (weights(1, 1), weights(0, 0), true),
        ];
        for (these, those, expected) in cases {
            assert_eq!(these.give_more_than(those), expected, "{these} and {those}");
        }
    }
}
