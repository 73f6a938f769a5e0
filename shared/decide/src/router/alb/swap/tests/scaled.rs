//! What the canary is scaled to by itself, before it is taken back and since.

use super::*;
use crate::{Scaling, Suspended};

/// Its automatic scaling itself takes the canary back to its own number as it is taken back, and then gives it more: that is
/// what it was scaled to, also within a moment. Where nothing scales it, that is what we gave it, shown late.
#[test]
fn what_it_is_scaled_to_once_it_was_seen_with_its_own_number_is_left_so() {
    let free = Suspended {
        scale_in: false,
        scale_out: false,
        scheduled: false,
    };
    let cases = [
        ("it is scaled", Some(Scaling::found(free, at(300))), ""),
        ("nothing scales it", None, "scale orders-canary 0"),
    ];
    for (name, scaling, expected) in cases {
        let mut release = swap_in(back(), EVERYTHING);
        let weights = release.weights.as_mut().unwrap();
        weights.give(REST, at(400));
        weights.seen = true;
        let size = release.size.as_mut().unwrap();
        size.give(0, at(401));
        size.seen = true;
        release.scaling = scaling;
        assert_eq!(does(release, &sees(3, 3, REST), 475), expected, "{name}");
    }
}

/// Its automatic scaling gives the canary more while it carries everything, and the release fails before anybody has seen
/// that. What it is given later is somebody's.
#[test]
fn what_it_was_scaled_to_while_it_carried_everything_is_not_what_it_has_at_rest() {
    let carried = |given: Weights, seconds: i64| {
        let mut release = swap_in(back(), given);
        let weights = release.weights.as_mut().unwrap();
        weights.give(REST, at(seconds));
        weights.seen = true;
        release
    };
    let cases = [
        ("it carried everything", EVERYTHING, 450, "scale orders-canary 0"),
        ("and is seen with more much later", EVERYTHING, 600, ""),
        ("it never carried everything", TENTH, 450, ""),
    ];
    for (name, given, seconds, expected) in cases {
        let found = does(carried(given, 400), &sees(4, 3, REST), seconds);
        assert_eq!(found, expected, "{name}");
    }
}
