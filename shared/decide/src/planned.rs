//! What a policy asks for over time, where nothing goes wrong and nobody is waited for.

use crate::policy::Traffic;
use crate::{Policy, Weights};

/// A span in which the canary is to have one share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Minutes from when all of the canary's tasks run the revision.
    pub from_minutes: u32,
    /// How long it lasts.
    pub minutes: u32,
    /// The canary's share in thousandths; nothing where nobody sets one.
    pub share_permille: Option<u32>,
    /// How the share is had.
    pub by: By,
    /// What happens meanwhile.
    pub what: What,
}

/// How a share is had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Nobody changes anything.
    Nothing,
    /// Weights of two target groups, exactly.
    Weights(Weights),
    /// So many tasks of the canary beside so many of stable give it exactly; with other numbers, the nearest to it.
    Tasks {
        /// Of the canary.
        canary: u32,
        /// Of stable, as few as possible.
        stable: u32,
    },
}

/// What happens in a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A step bakes: its number from 1, of so many.
    Bakes {
        /// Which.
        step: u32,
        /// Of how many.
        of: u32,
    },
    /// Stable has the revision too, or the canary carries everything; and the checks still count.
    Watch,
}

/// All spans, in order: the steps, then the watch.
pub fn planned(policy: &Policy) -> Vec<Span> {
    let steps = policy.steps();
    let of = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    let mut from_minutes = 0;
    let mut spans = Vec::new();
    for (step, number) in steps.iter().zip(1..) {
        let share_permille = step.share_permille;
        spans.push(Span {
            from_minutes,
            minutes: step.bake_minutes,
            share_permille,
            by: by(policy, share_permille),
            what: What::Bakes { step: number, of },
        });
        from_minutes = from_minutes.saturating_add(step.bake_minutes);
    }
    let rests = match &policy.traffic {
        _ if policy.swaps() => Some(1_000),
        Traffic::Alb(alb) => alb.resting_share_permille,
        Traffic::ConsumerShare { .. } => None,
    };
    spans.push(Span {
        from_minutes,
        minutes: policy.watch_minutes,
        share_permille: rests,
        by: by(policy, rests),
        what: What::Watch,
    });
    spans
}

fn by(policy: &Policy, share_permille: Option<u32>) -> By {
    let Some(share) = share_permille.filter(|_| !policy.dry_run) else {
        return By::Nothing;
    };
    match &policy.traffic {
        Traffic::Alb(_) => By::Weights(Weights::of_share(share)),
        Traffic::ConsumerShare { .. } => of_tasks(share),
    }
}

/// The smallest numbers of tasks that give exactly this share; nothing of stable's can be taken from it.
fn of_tasks(share: u32) -> By {
    let rest = 1_000_u32.saturating_sub(share);
    match divisor(share, rest) {
        0 => By::Nothing,
        divisor if rest > 0 => By::Tasks {
            canary: share / divisor,
            stable: rest / divisor,
        },
        _ => By::Nothing,
    }
}

/// The greatest number that divides both.
fn divisor(one: u32, other: u32) -> u32 {
    match other {
        0 => one,
        _ => divisor(other, one % other),
    }
}

#[cfg(test)]
mod tests {
    use super::{By, What, of_tasks, planned};
    use crate::{Policy, Weights};

    /// The examples of the repository, by name.
    const EXAMPLES: [(&str, &str); 7] = [
        ("asked", include_str!("../../../policy/examples/asked.json")),
        ("balanced", include_str!("../../../policy/examples/balanced.json")),
        ("compared", include_str!("../../../policy/examples/compared.json")),
        ("minimal", include_str!("../../../policy/examples/minimal.json")),
        (
            "queue-worker",
            include_str!("../../../policy/examples/queue-worker.json"),
        ),
        ("strict", include_str!("../../../policy/examples/strict.json")),
        ("swapped", include_str!("../../../policy/examples/swapped.json")),
    ];

    fn example(name: &str) -> Policy {
        let (_, text) = EXAMPLES.iter().find(|(known, _)| *known == name).unwrap();
        Policy::read(text).unwrap()
    }

    #[test]
    fn the_smallest_numbers_of_tasks_that_give_a_share_exactly() {
        let cases = [
            (250, Some((1, 3))),
            (100, Some((1, 9))),
            (500, Some((1, 1))),
            (1, Some((1, 999))),
            (333, Some((333, 667))),
            (0, Some((0, 1))),
            (1_000, None),
        ];
        for (share, expected) in cases {
            let expected = expected.map_or(By::Nothing, |(canary, stable)| By::Tasks { canary, stable });
            assert_eq!(of_tasks(share), expected, "{share}");
        }
    }

    #[test]
    fn each_span_begins_where_the_one_before_ends_and_the_last_is_the_watch() {
        for (name, _) in EXAMPLES {
            let policy = example(name);
            let spans = planned(&policy);
            let mut until = 0;
            for span in &spans {
                assert_eq!(span.from_minutes, until, "{name}");
                until += span.minutes;
            }
            assert_eq!(until, policy.bake_minutes_total() + policy.watch_minutes, "{name}");
            let watches = spans.iter().filter(|span| span.what == What::Watch).count();
            assert_eq!((watches, spans.last().unwrap().what), (1, What::Watch), "{name}");
        }
    }

    #[test]
    fn equal_steps_are_as_many_as_it_takes_and_the_share_at_rest_comes_back() {
        let spans = planned(&example("balanced"));
        let shares: Vec<Option<u32>> = spans.iter().map(|span| span.share_permille).collect();
        assert_eq!(
            shares,
            [Some(100), Some(200), Some(300), Some(400), Some(500), Some(10)]
        );
        let from: Vec<u32> = spans.iter().map(|span| span.from_minutes).collect();
        assert_eq!(from, [0, 5, 10, 15, 20, 25]);
        assert_eq!(
            spans[0].by,
            By::Weights(Weights {
                canary: 100,
                stable: 900
            })
        );
        assert_eq!(spans[0].what, What::Bakes { step: 1, of: 5 });
    }

    #[test]
    fn the_canary_of_a_swap_carries_everything_while_it_is_watched() {
        let spans = planned(&example("swapped"));
        let shares: Vec<Option<u32>> = spans.iter().map(|span| span.share_permille).collect();
        assert_eq!(shares, [Some(100), Some(500), Some(1_000)]);
        let everything = Weights { canary: 999, stable: 0 };
        assert_eq!(spans[2].by, By::Weights(everything));
    }
}
