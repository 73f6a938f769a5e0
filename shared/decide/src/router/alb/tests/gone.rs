//! Rules that lost more than weights: gone, answering by themselves, or without one of both groups.

use super::*;

/// The rule with a fixed response in the place of its groups.
pub(super) fn answering() -> Part<Option<SeenForward>> {
    Part::Known(Some(SeenForward {
        answers: Some("fixed-response".to_owned()),
        tagged: tag(),
        ..SeenForward::default()
    }))
}

fn seeing(forwards: Part<Option<SeenForward>>) -> Seen {
    Seen { forwards, ..sees(HALF) }
}

/// What a rule may have become, and what is said of it.
fn cases() -> [(Part<Option<SeenForward>>, &'static str); 5] {
    [
        (Part::Known(None), "is not there any more"),
        (answering(), "answers by itself (fixed-response)"),
        (
            there(None, Some(500)),
            "orders-canary is not in rule 9683b2d02a6cabee of orders any more",
        ),
        (
            there(Some(500), None),
            "orders is not in rule 9683b2d02a6cabee of orders any more",
        ),
        (there(None, None), "forwards to neither target group any more"),
    ]
}

#[test]
fn a_rollback_puts_nothing_into_a_rule_that_somebody_has_taken_out_and_says_so() {
    for (forwards, why) in cases() {
        let seen = seeing(forwards);
        let mut release = weighed(rolling_back(), HALF);
        rest(&mut release, at(110));
        assert_eq!(does(&steps(), release.clone(), &seen, 111), (None, true), "{why}");
        note(&steps(), &alb(), &mut release, &seen, at(111));
        let way = set(&steps(), &alb(), &mut release, &seen, at(111));
        let said = way.text.unwrap_or_default();
        assert!(said.contains(why) && said.contains("no weights are"), "{said}");
    }
}

#[test]
fn a_rule_without_weights_keeps_no_release_from_closing_once_no_call_can_be_late() {
    for (forwards, why) in cases() {
        let seen = seeing(forwards.clone());
        let release = weighed(rolling_back(), REST);
        assert_eq!(unrest(&alb(), &release, &seen, at(1_000)), None, "{why}");
        let gone = forwards == Part::Known(None);
        assert_eq!(unrest(&alb(), &release, &seen, at(110)).is_none(), gone, "{why}");
    }
}

#[test]
fn a_group_is_put_in_until_it_was_seen_there_and_never_again() {
    let alone = weights(0, 99);
    let absent = seeing(there(None, Some(99)));
    let unseen = weighed(in_step(0), alone);
    assert_eq!(
        does(&steps(), unseen.clone(), &absent, 110).0,
        Some((alone, Some(alone))),
        "whoever was to put it in may have died"
    );
    let mut seen = unseen;
    note(&steps(), &alb(), &mut seen, &seeing(there(Some(0), Some(99))), at(110));
    assert_eq!(does(&steps(), seen.clone(), &absent, 400), (None, false));
    let why = read(&steps(), &alb(), &seen, &absent).unwrap_err();
    assert!(
        why.starts_with("somebody has taken orders-canary out of rule 9683b2d02a6cabee of orders; put it back"),
        "{why}"
    );
}
