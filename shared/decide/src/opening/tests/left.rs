//! What a release before has left on the canary.

use super::super::{Overlap, overlap};
use super::overlap::other;
use crate::policy::Rollback;
use crate::testing::{arn, at, at_approval, failing, meaning, on, policy};
use crate::{Attempts, Part, Policy};

/// The policy lets nothing go back, and ECS has taken the canary off what the release gave it: to what an older one had.
#[test]
fn what_ecs_has_put_back_since_is_left_bad_too() {
    let policy = Policy {
        rollback: Rollback::Never,
        ..policy()
    };
    let mut open = failing();
    open.canary.attempts = Attempts::default();
    let mut seen = at_approval();
    let mut older = meaning(on("orders-canary", 7, 1), "v0", "orders-canary-settings");
    older.primary.created = at(400);
    seen.canary = Part::Known(older);
    let Overlap::TakesOver(decision) = overlap(&policy, &policy, &open, &seen, &other(), at(500)) else {
        panic!("nobody takes its place");
    };
    let next = decision.successor.unwrap();
    let given = next.canary.given.as_ref().map(|given| given.task_definition.clone());
    assert_eq!((given, next.left_bad), (Some(arn("orders-canary", 7)), true));
}
