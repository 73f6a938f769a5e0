//! Whether a pipeline has the actions that a policy leaves to Serin.

use crate::Policy;
use crate::policy::{Approver, Promotion};

/// What is wrong with a pipeline in which a canary cannot come first, or cannot keep others from promoting meanwhile.
pub fn unsound(parallel: bool, stable_first: bool) -> Option<&'static str> {
    if parallel {
        Some("its mode is PARALLEL, so executions overwrite one another's canary; make it SUPERSEDED or QUEUED")
    } else {
        let late = "it deploys to the stable service before it deploys to the canary; put the canary's stage first";
        stable_first.then_some(late)
    }
}

/// What a pipeline holds of what a policy leaves to actions of Serin's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// An ECS deploy action gives the canary its revision.
    pub canary: bool,
    /// An ECS deploy action gives stable its revision.
    pub stable: bool,
    /// Our actions that name the policy, after the canary's deployment and before stable's, where the pipeline has one.
    pub ours: usize,
    /// A manual approval that notifies Serin stands there.
    pub asks: bool,
}

/// What is wrong where a person is to be told, and no approval tells Serin.
pub const NO_APPROVAL: &str = "no manual approval behind the canary's deployment notifies Serin; set its NotificationArn \
                               to the topic in the stack's output ApprovalTopicArn";

/// What is wrong with a pipeline in which an action of ours is missing that the policy asks for.
pub fn misplaced(policy: &Policy, shape: &Shape) -> Option<String> {
    let approves = policy.approval == Approver::Automatic && !shape.asks;
    let promotes = policy.promotion == Promotion::RollStable;
    if promotes && shape.stable {
        return Some(
            "the policy says promotion: roll_stable, and an ECS deploy action gives stable its revision as well; take \
             that action out, or write \"promotion\": \"pipeline\""
                .to_owned(),
        );
    }
    if !shape.canary {
        return None;
    }
    if policy.approval == Approver::Human && !shape.asks {
        return Some(format!("the policy says approval: human, and {NO_APPROVAL}"));
    }
    if let Some(wrong) = crate::gate::outlasts_an_action(policy).filter(|_| approves) {
        return Some(wrong);
    }
    let wanted = usize::from(approves) + usize::from(promotes);
    (shape.ours < wanted).then(|| {
        let actions = [(approves, "approve"), (promotes, "promote")];
        let actions: Vec<&str> = actions
            .iter()
            .filter(|(ours, _)| *ours)
            .map(|(_, name)| *name)
            .collect();
        let or = if approves {
            "; or have a manual approval there notify Serin"
        } else {
            ""
        };
        format!(
            "the policy leaves {} to Serin, and the pipeline lacks a Lambda action for it behind the canary's \
             deployment; add it, with UserParameters that name the policy{or}",
            actions.join(" and ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{Shape, misplaced, unsound};
    use crate::Policy;
    use crate::policy::{Approver, Promotion, Step};
    use crate::testing::policy;

    #[test]
    fn a_canary_comes_first_and_alone() {
        let says = |parallel, stable_first| unsound(parallel, stable_first).unwrap_or_default();
        assert_eq!(says(false, false), "");
        assert!(says(true, false).starts_with("its mode is PARALLEL"));
        assert!(says(true, true).starts_with("its mode is PARALLEL"));
        assert!(says(false, true).starts_with("it deploys to the stable service before"));
    }

    #[test]
    fn what_the_policy_leaves_to_serin_must_stand_in_the_pipeline() {
        let with = |approval, promotion| Policy {
            approval,
            promotion,
            ..policy()
        };
        let people = || with(Approver::Pipeline, Promotion::Pipeline);
        let approves = || with(Approver::Automatic, Promotion::Pipeline);
        let promotes = || with(Approver::Pipeline, Promotion::RollStable);
        let both = || with(Approver::Automatic, Promotion::RollStable);
        let shape = |canary, stable, ours| Shape {
            canary,
            stable,
            ours,
            asks: false,
        };
        let person = || with(Approver::Human, Promotion::Pipeline);
        let asks = |ours| Shape {
            asks: true,
            ..shape(true, true, ours)
        };
        let long = |minutes| Policy {
            steps: vec![Step {
                share_permille: None,
                bake_minutes: minutes,
            }],
            ..approves()
        };
        let cases: Vec<(&str, Policy, Shape, Option<&str>)> = vec![
            ("it can wait so long", long(1_320), shape(true, true, 1), None),
            (
                "no action can wait so long",
                long(1_321),
                shape(true, true, 1),
                Some("have a manual approval in its place notify Serin"),
            ),
            ("a manual approval can", long(1_321), asks(0), None),
            ("a manual approval asks Serin", approves(), asks(0), None),
            ("a person is asked, and Serin told", person(), asks(0), None),
            (
                "a person is asked, and Serin not told",
                person(),
                shape(true, true, 1),
                Some("set its NotificationArn"),
            ),
            ("nothing is left to it", people(), shape(true, true, 0), None),
            ("one too many is no harm", people(), shape(true, true, 1), None),
            ("it approves", approves(), shape(true, true, 1), None),
            (
                "it does not ask",
                approves(),
                shape(true, true, 0),
                Some("leaves approve to Serin"),
            ),
            ("it promotes", promotes(), shape(true, false, 1), None),
            (
                "it promotes, and so does ECS",
                promotes(),
                shape(true, true, 1),
                Some("take that action out"),
            ),
            (
                "it is not asked to promote",
                promotes(),
                shape(true, false, 0),
                Some("leaves promote to Serin"),
            ),
            ("both", both(), shape(true, false, 2), None),
            (
                "one of both",
                both(),
                shape(true, false, 1),
                Some("leaves approve and promote to Serin"),
            ),
            (
                "the canary is given its revision by other means",
                both(),
                shape(false, false, 0),
                None,
            ),
        ];
        for (case, policy, shape, expected) in cases {
            let found = misplaced(&policy, &shape);
            assert_eq!(found.is_some(), expected.is_some(), "{case}: {found:?}");
            let says = expected.is_none_or(|text| found.as_ref().is_some_and(|found| found.contains(text)));
            assert!(says, "{case}: {found:?}");
        }
    }
}
