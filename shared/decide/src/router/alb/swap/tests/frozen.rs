use super::{REST, TENTH, baking, does, sees, swap_in};
use crate::Size;
use crate::order::tests::frozen;
use crate::testing::at;

/// A deployment that somebody begins by hand is a release also in a freeze. Behind a queue tasks are work that is taken, so
/// they are a share too.
#[test]
fn in_a_freeze_the_canary_is_given_tasks_only_to_keep_up_with_stable() {
    // What it was given, at which weights, how many it and stable have, and what is done.
    let cases = [
        (0, REST, 0, 3, ""),
        (0, REST, 1, 3, ""),
        // It was given that before, and is shown what it had then.
        (3, REST, 0, 3, "scale orders-canary 3"),
        (3, REST, 3, 5, ""),
        (3, TENTH, 3, 5, "scale orders-canary 5"),
    ];
    for (given, shares, canary, stable, expected) in cases {
        let mut release = swap_in(baking(), shares);
        let mut size = Size::found(if given > 0 { 0 } else { canary }, at(10));
        if given > 0 {
            size.give(given, at(390));
        }
        release.size = Some(size);
        let done = does(frozen(release, None), &sees(canary, stable, shares), 410);
        assert_eq!(
            done, expected,
            "{given} given, has {canary} beside {stable} at {shares}"
        );
    }
}
