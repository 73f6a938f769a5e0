//! A share of the work in whole tasks: where two services take from one queue, it follows the numbers of their tasks.

/// Thousandths of the work that go to the canary, to the nearest; nothing where nobody works.
pub fn permille(canary: u32, stable: u32) -> Option<u32> {
    let (canary, all) = (u64::from(canary), u64::from(canary) + u64::from(stable));
    let nearest = (2_000 * canary + all).checked_div(2 * all)?;
    u32::try_from(nearest).ok()
}

/// Tasks of the canary that come nearest to a share beside so many of stable, at least one; nothing where it would
/// have to have all of the work.
pub fn nearest(asked: u32, stable: u32) -> Option<u32> {
    let (asked, stable) = (u64::from(asked), u64::from(stable));
    let below = (asked * stable).checked_div(1_000_u64.checked_sub(asked)?)?;
    // |asked/1000 - tasks/(tasks + stable)|, as a fraction: whichever of two neighbours is nearer.
    let off = |tasks: u64| ((asked * (tasks + stable)).abs_diff(1_000 * tasks), tasks + stable);
    let ((less, of_less), (more, of_more)) = (off(below), off(below + 1));
    let tasks = if less * of_more <= more * of_less {
        below
    } else {
        below + 1
    };
    u32::try_from(tasks.max(1)).ok()
}

#[cfg(test)]
mod tests {
    use super::{nearest, permille};

    #[test]
    fn a_share_is_whole_tasks_of_all_tasks() {
        let cases = [
            ((1, 3), Some(250)),
            ((1, 2), Some(333)),
            ((2, 1), Some(667)),
            ((0, 3), Some(0)),
            ((3, 0), Some(1_000)),
            ((0, 0), None),
            ((u32::MAX, u32::MAX), Some(500)),
        ];
        for ((canary, stable), expected) in cases {
            assert_eq!(permille(canary, stable), expected, "{canary} beside {stable}");
        }
    }

    #[test]
    fn the_tasks_of_a_share_are_those_that_come_nearest_and_never_none() {
        let cases = [
            (100, 3, Some(1)),
            (250, 3, Some(1)),
            // 2 of 5 are 400, 3 of 6 are 500.
            (449, 3, Some(2)),
            (451, 3, Some(3)),
            (500, 3, Some(3)),
            (100, 90, Some(10)),
            (1, 5_000, Some(5)),
            (1, 3, Some(1)),
            (999, 3, Some(2_997)),
            (1_000, 3, None),
        ];
        for (asked, stable, expected) in cases {
            assert_eq!(nearest(asked, stable), expected, "{asked} beside {stable}");
        }
    }

    #[test]
    fn no_other_number_of_tasks_comes_nearer() {
        for stable in [1, 2, 3, 7, 40_u32] {
            for asked in (1..1_000_u32).step_by(7) {
                let tasks = nearest(asked, stable).unwrap();
                let off =
                    |tasks: u32| (f64::from(tasks) / f64::from(tasks + stable) - f64::from(asked) / 1_000.0).abs();
                let least = (1..=stable * 1_000).map(off).fold(f64::INFINITY, f64::min);
                assert!(off(tasks) <= least + 1e-12, "{asked} beside {stable}: {tasks}");
            }
        }
    }
}
