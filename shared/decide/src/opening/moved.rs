//! What becomes of an open release whose policy has been written anew, and says something else of where it acts.

use super::Overlap;
use crate::rule::told;
use crate::{At, Decision, Outcome, Phase, Policy, Release};

/// What is answered to a beginning that the open release cannot be followed by: on other services, with its share given
/// elsewhere, or by a dry run, which gives nothing back.
pub fn elsewhere(policy: &Policy, wanted: &Policy, open: &Release, at: At) -> Option<Overlap> {
    let (id, phase) = (&open.id, open.phase.name());
    if policy.two_services != wanted.two_services {
        if let Phase::RollbackFailed { cause } = &open.phase {
            let outcome = Outcome::RollbackFailed { cause: cause.clone() };
            return Some(Overlap::Afresh(Box::new(given_up(policy, open, outcome, at))));
        }
        return Some(Overlap::Wait(format!(
            "release {id} is {phase} on the services that the policy named before"
        )));
    }
    // Of what could not be put right nobody waits for more, but for a dry run, which keeps nothing from promoting.
    let failing = matches!(open.phase, Phase::RollbackFailed { .. });
    let waits = !failing || wanted.dry_run && !policy.dry_run;
    (is_another(policy, wanted, open) && waits).then(|| {
        Overlap::Wait(format!(
            "release {id} is {phase}, and ends under the policy that it was opened under, which says something else of \
             traffic or dry_run"
        ))
    })
}

/// The policy of a release that takes another's place without having been held: as it is by then, but for one under
/// which what the canary was given would not be given back.
pub fn policy_of_successor<'a>(held: &'a Policy, known: &'a Policy, open: &Release) -> &'a Policy {
    match is_another(held, known, open) {
        true => held,
        false => known,
    }
}

fn is_another(held: &Policy, known: &Policy, open: &Release) -> bool {
    let weighed = open.weights.as_ref().is_some_and(|weights| !weights.is_untouched());
    let owes = weighed || open.size.as_ref().is_some_and(|size| !size.is_untouched());
    known.dry_run && !held.dry_run || held.moves_traffic(known) && owes
}

/// Closes what could not be put right on services that the policy names no more; the next release begins afresh.
fn given_up(policy: &Policy, open: &Release, outcome: Outcome, at: At) -> Decision {
    let mut next = open.clone();
    next.become_phase(Phase::Closed { outcome }, at);
    Decision {
        because: "given up: the policy names other services now".to_owned(),
        notices: told::say(policy, open, &next, at),
        next,
        lanes: Vec::new(),
        successor: None,
        look_again_seconds: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{elsewhere, policy_of_successor};
    use crate::opening::Overlap;
    use crate::policy::{Alb, Traffic};
    use crate::testing::{armed, at, failing, policy};
    use crate::{Policy, Release, Size};

    fn balanced(rule: &str) -> Policy {
        Policy {
            traffic: Traffic::Alb(Alb {
                rule: rule.to_owned(),
                stable_target_group: "stable".to_owned(),
                canary_target_group: "canary".to_owned(),
                resting_share_permille: None,
            }),
            ..policy()
        }
    }

    /// Its canary has more tasks than at rest.
    fn sized(release: Release) -> Release {
        let mut size = Size::found(1, at(0));
        size.give(3, at(10));
        Release {
            size: Some(size),
            ..release
        }
    }

    #[test]
    fn whoever_gives_shares_elsewhere_waits_until_they_are_given_back() {
        let dry = || Policy {
            dry_run: true,
            ..policy()
        };
        let cases: [(&str, Policy, Policy, Release, bool); 8] = [
            ("the same", policy(), policy(), sized(armed()), false),
            ("another rule", balanced("a"), balanced("b"), sized(armed()), true),
            ("another kind", policy(), balanced("a"), sized(armed()), true),
            ("nothing to give back", policy(), balanced("a"), armed(), false),
            ("a dry run", policy(), dry(), armed(), true),
            ("no dry run any more", dry(), policy(), armed(), false),
            (
                "what could not be put right",
                policy(),
                balanced("a"),
                sized(failing()),
                false,
            ),
            ("a dry run after that", policy(), dry(), failing(), true),
        ];
        for (case, held, known, open, waits) in cases {
            let found = elsewhere(&held, &known, &open, at(100));
            assert_eq!(matches!(found, Some(Overlap::Wait(_))), waits, "{case}");
            if !matches!(open.phase, crate::Phase::RollbackFailed { .. }) {
                let under = policy_of_successor(&held, &known, &open);
                assert_eq!(*under == held && held != known, waits, "{case}");
            }
        }
    }
}
