//! A dry run: decided as ever, and nothing of it is done. What would have been done stands in the reason.
//!
//! A release that would be taken back is over with that: what becomes of its services and of its execution is up to
//! others, and says nothing about the release any more.

use crate::{At, Cause, Decision, Outcome, Phase, Policy, Seen};

/// What is left of a decision where nothing may be changed: what is written down, and what people are told.
pub fn instead(policy: &Policy, decision: Decision, seen: &Seen, at: At) -> Decision {
    let mut decision = decision;
    decision.next.dry_run = policy.dry_run;
    if !policy.dry_run {
        return decision;
    }
    let acts = !std::mem::take(&mut decision.lanes).is_empty();
    let cause = match &decision.next.phase {
        Phase::Closed {
            outcome: Outcome::RolledBack { cause } | Outcome::RollbackFailed { cause },
        } => Some(cause.clone()),
        phase => phase.rolling_back().cloned(),
    };
    if acts || cause.is_some() {
        decision.because = format!("dry run, nothing of this is done: {}", decision.because);
    }
    // What the ledger alone says is written down first; what would be done about it takes a look at the services.
    if let Some(cause) = cause.filter(|_| !seen.is_nothing()) {
        let outcome = match cause {
            Cause::Overtaken { .. } => Outcome::Overtaken { by: cause.to_string() },
            cause => Outcome::WouldRollBack { cause },
        };
        decision.next.phase = Phase::Closed { outcome };
        decision.next.phase_since = at;
        decision.successor = None;
        // Nothing was put right, whatever the services run.
        decision.notices.clear();
        decision.look_again_seconds = None;
    }
    decision
}

#[cfg(test)]
mod tests {
    use crate::notice::Kind;
    use crate::policy::{Approver, Step};
    use crate::testing::{
        alarm_arn, alarm_fact, armed, at, at_approval, gated, lanes, opened, policy, promoting, rolling_back, tells,
        watching, with_fact,
    };
    use crate::{Outcome, Phase, Policy, Release, Seen, decide};

    fn dry() -> Policy {
        Policy {
            dry_run: true,
            ..policy()
        }
    }

    fn rang(release: Release) -> Release {
        with_fact(release, alarm_fact(&alarm_arn(), at(140)))
    }

    #[test]
    fn it_goes_the_same_way_and_does_nothing() {
        for release in [opened(), armed(), gated(), promoting(), watching()] {
            let wet = decide(&policy(), &release, &at_approval(), at(150));
            let dry = decide(&dry(), &release, &at_approval(), at(150));
            assert_eq!(dry.next.phase, wet.next.phase);
            assert_eq!(lanes(&dry), "");
            assert_eq!(dry.look_again_seconds, wet.look_again_seconds);
        }
    }

    #[test]
    fn what_would_be_taken_back_is_over_and_says_what_would_be_done() {
        for release in [armed(), gated(), promoting(), watching()] {
            let release = rang(release);
            let wet = decide(&policy(), &release, &at_approval(), at(150));
            assert!(wet.lanes.iter().flatten().count() > 0, "nothing to do: {}", wet.because);
            let dry = decide(&dry(), &release, &at_approval(), at(150));
            assert!(
                matches!(&dry.next.phase, Phase::Closed { outcome: Outcome::WouldRollBack { cause } }
                    if Some(cause) == wet.next.phase.rolling_back()),
                "{:?}",
                dry.next.phase
            );
            assert_eq!((lanes(&dry), dry.look_again_seconds), (String::new(), None));
            let because = format!("dry run, nothing of this is done: {}", wet.because);
            assert_eq!(dry.because, because);
        }
    }

    #[test]
    fn what_the_ledger_alone_says_is_written_down_first() {
        let release = rang(armed());
        let blind = decide(&dry(), &release, &Seen::nothing(), at(150));
        assert!(blind.next.phase.rolling_back().is_some() && blind.lanes.is_empty());
        let then = decide(&dry(), &blind.next, &at_approval(), at(150));
        assert_eq!(then.next.phase.name(), "would roll back");
    }

    #[test]
    fn people_are_told_what_would_be_and_that_it_is_a_dry_run() {
        let failed = decide(&dry(), &rang(armed()), &at_approval(), at(150));
        assert_eq!(tells(&failed, &Kind::ALL), "would-roll-back");
        let said = failed.notices[0].summary();
        assert!(said.starts_with("orders: dry run: "), "{said}");
        let right = decide(&dry(), &rolling_back(), &crate::testing::right(), at(150));
        assert_eq!(tells(&right, &Kind::ALL), "would-roll-back", "nothing was put right");
        let waits = decide(&dry(), &gated(), &at_approval(), at(150));
        assert_eq!(tells(&waits, &Kind::ALL), "opened gated");
    }

    /// Nobody gives the shares, so they bake with what there is.
    #[test]
    fn every_step_bakes_with_the_share_that_there_is() {
        let step = |share| Step {
            share_permille: Some(share),
            bake_minutes: 5,
        };
        let policy = Policy {
            approval: Approver::Automatic,
            steps: vec![step(500), step(600)],
            ..dry()
        };
        let mut release = armed();
        release.canary.given.as_mut().unwrap().reached = Some(at(10));
        let mut names = Vec::new();
        for seconds in [100, 320, 330, 640, 700] {
            let decision = decide(&policy, &release, &at_approval(), at(seconds));
            assert_eq!(lanes(&decision), "");
            names.push(match decision.next.phase {
                Phase::Baking { step } => format!("step {step}"),
                ref other => other.name().to_owned(),
            });
            release = decision.next;
        }
        assert_eq!(names, ["step 0", "step 1", "step 1", "gated", "gated"]);
    }
}
