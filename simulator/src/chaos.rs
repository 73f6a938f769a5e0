//! What at-least-once delivery may do to a message: deliver it twice, late, out of order, or never.
//!
//! All zero unless a test says otherwise, and then no chance is drawn either: a calm world goes on exactly as it did.
//!
//! # Source
//!
//! "AWS service event delivery level", Amazon EventBridge events reference: durable sources deliver at least once,
//! best-effort sources may lose events. "Asynchronous invocation", Lambda developer guide, for duplicates of those.

/// Event sources that EventBridge lists as best effort.
const BEST_EFFORT: [&str; 5] = [
    "aws.autoscaling",
    "aws.codedeploy",
    "aws.codepipeline",
    "aws.ecr",
    "aws.ssm",
];

/// How messages fare on their way. Delays differ from copy to copy, so they reorder as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chaos {
    /// Chance in a thousand that an event reaches the bus twice, or an asynchronous invocation its function.
    pub duplicate_permille: u32,
    /// Chance in a thousand that a copy is late.
    pub delay_permille: u32,
    /// How late at most.
    pub delay_max_seconds: u32,
    /// Chance in a thousand that an event of a best-effort source never reaches the bus.
    pub lose_permille: u32,
    /// Lets durable sources lose events at the same rate: worse than AWS promises.
    pub lose_durable: bool,
}

impl Chaos {
    /// Does an event of this source get lost?
    pub(crate) fn loses(&self, rng: &mut fastrand::Rng, source: &str) -> bool {
        (self.lose_durable || BEST_EFFORT.contains(&source)) && strikes(rng, self.lose_permille)
    }

    /// Additional delay in milliseconds of each copy that is delivered; one copy without delay in a calm world.
    pub(crate) fn copies(&self, rng: &mut fastrand::Rng) -> Vec<i64> {
        let copies = 1 + usize::from(strikes(rng, self.duplicate_permille));
        (0..copies).map(|_| self.delay_millis(rng)).collect()
    }

    fn delay_millis(&self, rng: &mut fastrand::Rng) -> i64 {
        if self.delay_max_seconds == 0 || !strikes(rng, self.delay_permille) {
            return 0;
        }
        rng.i64(1..=i64::from(self.delay_max_seconds) * 1000)
    }
}

fn strikes(rng: &mut fastrand::Rng, permille: u32) -> bool {
    permille > 0 && rng.u32(0..1000) < permille
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calm_world_draws_no_chance() {
        let mut rng = fastrand::Rng::with_seed(7);
        let calm = Chaos::default();
        assert!(!calm.loses(&mut rng, "aws.ssm"));
        assert_eq!(calm.copies(&mut rng), [0]);
        assert_eq!(rng.get_seed(), fastrand::Rng::with_seed(7).get_seed());
    }

    #[test]
    fn durable_sources_lose_nothing_unless_told() {
        let cases = [
            ("aws.codepipeline", false, true),
            ("aws.ecr", false, true),
            ("aws.ssm", false, true),
            ("aws.autoscaling", false, true),
            ("aws.codedeploy", false, true),
            ("aws.ecs", false, false),
            ("aws.cloudwatch", false, false),
            ("aws.ecs", true, true),
            ("aws.cloudwatch", true, true),
        ];
        for (source, lose_durable, lost) in cases {
            let chaos = Chaos {
                lose_permille: 1000,
                lose_durable,
                ..Chaos::default()
            };
            let mut rng = fastrand::Rng::with_seed(1);
            assert_eq!(chaos.loses(&mut rng, source), lost, "{source}, {lose_durable}");
        }
    }

    #[test]
    fn rates_are_chances_in_a_thousand() {
        let mut rng = fastrand::Rng::with_seed(11);
        let chaos = Chaos {
            duplicate_permille: 250,
            delay_permille: 500,
            delay_max_seconds: 30,
            ..Chaos::default()
        };
        let copies: Vec<Vec<i64>> = (0..4000).map(|_| chaos.copies(&mut rng)).collect();
        let twice = copies.iter().filter(|copies| copies.len() == 2).count();
        let delays: Vec<i64> = copies.into_iter().flatten().collect();
        let late = delays.iter().filter(|delay| **delay > 0).count();
        assert!((900..1100).contains(&twice), "{twice} of 4000 twice");
        let share_permille = late * 1000 / delays.len();
        assert!((470..530).contains(&share_permille), "{share_permille} late");
        assert!(delays.iter().all(|delay| (0..=30_000).contains(delay)));
        assert!(delays.iter().any(|delay| *delay > 29_000));
    }
}
