//! Whether the world is as an event should have left it. AWS's 200 says only that a call was understood.

use crate::scene::Seen;

/// What an event leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The approval is rejected, the canary runs its baseline again.
    Baseline,
    /// The approval is rejected, the canary runs what the main service runs.
    LikeStable,
    /// Nothing.
    Untouched,
}

impl Outcome {
    /// Holds what is seen after the event against what should be.
    ///
    /// # Errors
    /// What is otherwise, in words.
    pub fn judge(self, baseline: &str, before: &Seen, after: &Seen) -> Result<(), String> {
        let (canary, approval) = match self {
            Outcome::Baseline => (baseline, REJECTED),
            Outcome::LikeStable => (before.stable.as_str(), REJECTED),
            Outcome::Untouched => (before.canary.as_str(), before.approval.as_str()),
        };
        let wanted = [
            ("the canary runs", &after.canary, canary),
            ("the main service runs", &after.stable, &before.stable),
            ("the approval is", &after.approval, approval),
        ];
        let wrong = wanted.iter().find(|(_, found, wanted)| found != wanted);
        wrong.map_or(Ok(()), |(what, found, wanted)| {
            Err(format!("{what} {found}, expected {wanted}"))
        })
    }
}

/// What CodePipeline calls a rejected approval.
const REJECTED: &str = "Failed";

#[cfg(test)]
mod tests {
    use super::Outcome;
    use crate::scene::Seen;

    fn seen(canary: &str, stable: &str, approval: &str) -> Seen {
        Seen {
            canary: canary.to_owned(),
            stable: stable.to_owned(),
            approval: approval.to_owned(),
        }
    }

    #[test]
    fn only_the_world_as_it_should_be_passes() {
        let before = seen("canary:2", "stable:1", "InProgress");
        let cases = [
            (Outcome::Baseline, seen("canary:1", "stable:1", "Failed"), None),
            (Outcome::LikeStable, seen("stable:1", "stable:1", "Failed"), None),
            (Outcome::Untouched, before.clone(), None),
            (
                Outcome::Baseline,
                seen("canary:2", "stable:1", "Failed"),
                Some("the canary runs canary:2, expected canary:1"),
            ),
            (
                Outcome::Baseline,
                seen("stable:1", "stable:1", "Failed"),
                Some("the canary runs stable:1, expected canary:1"),
            ),
            (
                Outcome::Baseline,
                seen("canary:1", "stable:1", "InProgress"),
                Some("the approval is InProgress, expected Failed"),
            ),
            (
                Outcome::Baseline,
                seen("canary:1", "stable:1", "Succeeded"),
                Some("the approval is Succeeded, expected Failed"),
            ),
            (
                Outcome::Baseline,
                seen("canary:1", "stable:0", "Failed"),
                Some("the main service runs stable:0, expected stable:1"),
            ),
            (
                Outcome::LikeStable,
                seen("canary:1", "stable:1", "Failed"),
                Some("the canary runs canary:1, expected stable:1"),
            ),
            (
                Outcome::Untouched,
                seen("canary:1", "stable:1", "InProgress"),
                Some("the canary runs canary:1, expected canary:2"),
            ),
        ];
        for (outcome, after, fault) in cases {
            let judged = outcome.judge("canary:1", &before, &after);
            assert_eq!(judged.err().as_deref(), fault, "{outcome:?} {after:?}");
        }
    }
}
