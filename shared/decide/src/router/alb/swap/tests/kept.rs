//! Tasks that the canary keeps while somebody is sent to them, and shares that it is not given without.

use super::super::super::{confirm, note as note_weights, set};
use super::super::{sized, unrest};
use super::{REST, TENTH, back, baking, does, of_ecs, returned_at, sees, sent, sticky, swap_in, swapping};
use crate::testing::at;

#[test]
fn sessions_are_waited_for_within_the_deadline_and_nothing_closes_before() {
    let policy = swapping();
    let deadline = 400 + i64::from(policy.deadline_minutes) * 60;
    let cases = [
        (
            500,
            false,
            "orders-canary keeps its 3 tasks: sessions stick to it until",
        ),
        (
            deadline - 301,
            false,
            "orders-canary keeps its 3 tasks: sessions stick to it until",
        ),
        (deadline - 300, true, "orders-canary is given 0 tasks instead of 3"),
    ];
    for (seconds, empties, says) in cases {
        let (mut release, seen) = (returned_at(450), sticky(100_000));
        let alb = policy.alb().unwrap();
        let way = set(&policy, alb, &mut release, &seen, at(seconds));
        let way = sized(&policy, &mut release, &seen, at(seconds), way);
        assert!(!way.is_right, "{seconds}");
        assert_eq!(!way.with_canary.is_empty(), empties, "{seconds}");
        let text = way.text.unwrap_or_default();
        assert!(text.contains(says), "{seconds}: {text}");
    }
}

#[test]
fn what_somebody_else_sends_people_to_keeps_its_tasks_and_holds_no_rollback() {
    let policy = swapping();
    let alb = policy.alb().unwrap();
    for seen in [sent(3, Some(999), None), of_ecs(sees(3, 3, REST))] {
        let mut release = swap_in(back(), TENTH);
        note_weights(&policy, alb, &mut release, &seen, at(500));
        let way = set(&policy, alb, &mut release, &seen, at(500));
        let way = sized(&policy, &mut release, &seen, at(500), way);
        assert!(way.is_right);
        let text = way.text.unwrap_or_default();
        assert!(text.contains("orders-canary keeps its 3 tasks"), "{text}");
        assert_eq!(unrest(&policy, alb, &release, &seen, at(500)), None);
    }
}

#[test]
fn no_step_of_a_swap_gives_more_than_as_many_tasks_as_stable_has_can_take() {
    let policy = swapping();
    let alb = policy.alb().unwrap();
    let cases = [
        (3, Ok("shift 100 to 900")),
        (2, Err("orders-canary has 2 tasks, and orders has 3")),
        (0, Err("orders-canary has 0 tasks, and orders has 3")),
    ];
    for (tasks, expected) in cases {
        let mut release = swap_in(baking(), REST);
        let seen = sees(tasks, 3, REST);
        // As somebody else gave it: it is given no more.
        release.size.as_mut().unwrap().theirs = Some(tasks).filter(|tasks| *tasks < 3);
        let does = does(release.clone(), &seen, 500);
        let says = confirm(&policy, alb, &mut release, &seen, at(500)).unwrap_err();
        match expected {
            Ok(acts) => assert_eq!(does, acts),
            Err(why) => assert_eq!((does.as_str(), says.as_str()), ("", why)),
        }
    }
}
