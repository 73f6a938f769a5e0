//! The way back is prepared while it is not needed: a tag may mean another image by the time that it is.
//!
//! A release that opens on its own finds it prepared. What becomes a way back later, or could not be prepared then, is
//! copied by digest here: what a release that is still watched had given, and what somebody else gave stable meanwhile.

use crate::{Action, Phase, Release, Role};

/// Copies that are still to be registered, each with what there is to say about it.
pub fn ahead(release: &Release) -> Vec<(Action, String)> {
    let roles: &[Role] = match release.phase {
        Phase::RollingBack { .. } | Phase::RollbackFailed { .. } | Phase::Closed { .. } => &[],
        _ if release.is_of_stable_alone() => &[Role::Stable],
        _ => &[Role::Canary, Role::Stable],
    };
    let unprepared = roles.iter().filter(|role| {
        let service = release.service(**role);
        service.unprepared && release.restore_target_of(service) == service.restore
    });
    let copied = unprepared.map(|role| {
        let service = release.service(*role);
        let action = Action::RegisterAgain {
            role: *role,
            task_definition: service.restore.clone(),
            images: service.baseline.revision.images.clone(),
        };
        let text = format!("the way back of {} is copied by digest", service.name);
        (action, text)
    });
    copied.collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::{
        armed, arn, at, at_approval, gated, lanes, meaning, on, opened, policy, promoted, promoting, rolling_back,
        watching,
    };
    use crate::{At, Fact, Part, Release, Seen, decide};

    fn unprepared(mut release: Release, canary: bool, stable: bool) -> Release {
        (release.canary.unprepared, release.stable.unprepared) = (canary, stable);
        release
    }

    fn copied(mut release: Release) -> Release {
        let fact = Fact::Prepared {
            instead_of: arn("orders-canary", 1),
            task_definition: arn("orders-canary", 8),
        };
        release.facts.insert(fact.key(), fact);
        release
    }

    fn of_stable_alone(mut release: Release) -> Release {
        release.start = "promotion e a".to_owned();
        release
    }

    fn decided(release: &Release, when: At) -> String {
        let stable = match release.stable.given {
            None => on("orders", 1, 3),
            Some(_) => promoted(),
        };
        let seen = Seen {
            canary: Part::Known(meaning(on("orders-canary", 2, 1), "v2", "orders-canary-settings")),
            stable: Part::Known(stable),
            ..at_approval()
        };
        lanes(&decide(&policy(), release, &seen, when))
    }

    #[test]
    fn what_goes_by_a_tag_is_copied_as_long_as_nothing_is_taken_back() {
        let (canary, stable) = ("register orders-canary:1", "register orders:1");
        let both = [canary, stable];
        let cases: [(&str, Release, &[&str]); 10] = [
            ("prepared", armed(), &[]),
            ("the canary's", unprepared(armed(), true, false), &[canary]),
            ("stable's", unprepared(armed(), false, true), &[stable]),
            ("opened", unprepared(opened(), true, true), &both),
            ("gated", unprepared(gated(), true, true), &both),
            ("promoting", unprepared(promoting(), true, true), &both),
            ("watching", unprepared(watching(), true, true), &both),
            ("a copy is there", copied(unprepared(armed(), true, true)), &[stable]),
            (
                "of stable alone",
                of_stable_alone(unprepared(watching(), true, true)),
                &[stable],
            ),
            ("being taken back", unprepared(rolling_back(), true, true), &[]),
        ];
        for (case, release, expected) in cases {
            let decided = decided(&release, at(150));
            for registered in both {
                let is_expected = expected.contains(&registered);
                assert_eq!(decided.contains(registered), is_expected, "{case}: {decided}");
            }
        }
    }
}
