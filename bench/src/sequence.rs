//! How many calls had to wait for one another.

use crate::cloud::Call;

/// Calls in sequence up to and including `call`: the longest chain in which each began after the one before had ended.
///
/// Calls that overlap cannot have waited for one another; calls that follow each other are taken to have done so.
pub fn to(calls: &[Call], call: &Call) -> usize {
    1 + before(calls, call)
}

/// Calls in sequence that were over when `call` began.
pub fn before(calls: &[Call], call: &Call) -> usize {
    let mut earlier: Vec<&Call> = calls.iter().filter(|other| other.ended <= call.began).collect();
    earlier.sort_by_key(|other| other.ended);
    // Greedy by end is the longest chain of intervals that do not overlap.
    let mut chain = 0;
    let mut over = None;
    for other in earlier {
        if over.is_none_or(|over| other.began >= over) {
            chain += 1;
            over = Some(other.ended);
        }
    }
    chain
}

/// Those of `calls` beside which nothing of `others` ran: what they take is added to the whole.
pub fn alone(calls: &[Call], others: &[Call]) -> Vec<Call> {
    let beside = |call: &Call, other: &Call| other.began < call.ended && call.began < other.ended;
    calls
        .iter()
        .filter(|call| !others.iter().any(|other| beside(call, other)))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{alone, before, to};
    use crate::cloud::Call;
    use std::time::{Duration, Instant};

    /// `(operation, began, ended)` in milliseconds.
    fn calls(spans: &[(&str, u64, u64)]) -> Vec<Call> {
        let zero = Instant::now();
        let at = |millis| zero + Duration::from_millis(millis);
        spans
            .iter()
            .map(|(operation, began, ended)| Call {
                service: "ecs",
                operation: (*operation).to_owned(),
                began: at(*began),
                ended: at(*ended),
                status: 200,
            })
            .collect()
    }

    #[test]
    fn calls_one_after_the_other_all_count() {
        let five = calls(&[
            ("A", 0, 50),
            ("B", 51, 101),
            ("C", 102, 152),
            ("D", 153, 203),
            ("E", 204, 254),
        ]);
        assert_eq!(to(&five, &five[4]), 5);
        assert_eq!(to(&five, &five[2]), 3);
    }

    #[test]
    fn calls_side_by_side_count_once() {
        let two_deep = calls(&[("A", 0, 50), ("B", 1, 51), ("C", 2, 52), ("D", 53, 103), ("E", 54, 104)]);
        assert_eq!(to(&two_deep, &two_deep[4]), 2);
    }

    #[test]
    fn a_call_that_began_before_the_others_ended_did_not_wait_for_them() {
        let early = calls(&[("A", 0, 50), ("B", 10, 60), ("E", 55, 105)]);
        assert_eq!(to(&early, &early[2]), 2, "E waited for A, not for B");
    }

    #[test]
    fn a_long_call_does_not_hide_a_chain_beside_it() {
        let beside = calls(&[
            ("long", 0, 100),
            ("a", 0, 30),
            ("b", 31, 60),
            ("c", 61, 90),
            ("E", 101, 150),
        ]);
        assert_eq!(to(&beside, &beside[4]), 4);
    }

    #[test]
    fn a_call_beside_a_longer_one_adds_nothing() {
        let all = calls(&[("Query", 0, 5), ("Look", 6, 56), ("Commit", 7, 12), ("Update", 57, 107)]);
        let ledger = [all[0].clone(), all[2].clone()];
        let slow = [all[1].clone(), all[3].clone()];
        let left: Vec<String> = alone(&ledger, &slow).into_iter().map(|call| call.operation).collect();
        assert_eq!(left, ["Query"]);
    }

    #[test]
    fn what_was_over_before_the_first_write() {
        let ledger = calls(&[
            ("Query", 0, 5),
            ("UpdateItem", 6, 11),
            ("UpdateService", 12, 62),
            ("Late", 63, 68),
        ]);
        assert_eq!(before(&ledger, &ledger[2]), 2);
    }
}
