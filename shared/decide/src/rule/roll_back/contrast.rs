//! What the canary says of a failure of stable's.

use super::super::forward::is_reached;
use super::super::health;
use super::super::identify::{Runs, identify};
use crate::{Cause, Part, Release, Role, Seen};

/// For people, where only stable fails with what the canary runs well: the revision alone is not to blame.
pub fn contrast(release: &Release, seen: &Seen) -> Option<String> {
    let stable = &release.stable.name;
    let failed = match release.phase.rolling_back()? {
        Cause::Health { service, .. }
        | Cause::GivenUp { service }
        | Cause::NotReached { service, .. }
        | Cause::NotHandedOver { service, .. }
        | Cause::Undone { service } => service == stable,
        _ => false,
    };
    let (given, canary) = (release.canary.given.as_ref()?, seen.canary.known()?);
    let since = given.reached?;
    let runs = identify(release, Role::Canary, &canary.primary) == Runs::Released && is_reached(canary);
    let images = release.stable.given.as_ref()?.images.as_ref();
    let same = images.is_none_or(|images| release.is_carried_by(images));
    let name = &release.canary.name;
    // Nobody says so who has not looked: only where a check asks for failed tasks, and only as it begins.
    let Some(Part::Known(stopped)) = seen.stopped.get(name) else {
        return None;
    };
    let fails = health::failed(given, stopped).next().is_some();
    (failed && runs && same && !fails).then(|| {
        format!(
            "{name} has run the same images on all its tasks since {since}: look at what differs in {stable}'s definition, \
             size and place"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::contrast;
    use crate::testing::{at, at_approval, in_progress, on, promoting, unknown, watching};
    use crate::{At, Cause, Part, Phase, Release, Seen, SeenStopped, StopCode};

    fn failing(service: &str, release: Release) -> Release {
        let mut release = Release {
            phase: Phase::RollingBack {
                cause: Cause::GivenUp {
                    service: service.to_owned(),
                },
            },
            ..release
        };
        release.canary.given.as_mut().unwrap().reached = Some(at(60));
        release
    }

    /// No task of the canary has failed.
    fn well() -> Seen {
        let mut seen = at_approval();
        seen.stopped.insert("orders-canary".to_owned(), Part::Known(Vec::new()));
        seen
    }

    fn stopped(created: At) -> Seen {
        let task = SeenStopped {
            task: "7".to_owned(),
            task_definition: promoting().canary.given.unwrap().task_definition,
            created,
            code: StopCode::ContainerExited,
            reason: "it ended".to_owned(),
        };
        let mut seen = at_approval();
        seen.stopped.insert("orders-canary".to_owned(), Part::Known(vec![task]));
        seen
    }

    #[test]
    fn only_what_the_canary_runs_well_speaks_against_stable() {
        let with = |canary| Seen { canary, ..well() };
        let stable = || failing("orders", watching());
        let mut other = stable();
        other.stable.given.as_mut().unwrap().images = Some(crate::testing::images("v9"));
        let mut never = stable();
        never.canary.given.as_mut().unwrap().reached = None;
        let rung = Release {
            phase: Phase::RollingBack {
                cause: crate::testing::cause(),
            },
            ..stable()
        };
        let cases = [
            ("stable alone", stable(), well(), true),
            ("while it is promoted", failing("orders", promoting()), well(), true),
            ("the canary itself", failing("orders-canary", watching()), well(), false),
            ("an alarm, which does not tell whose", rung, well(), false),
            ("other images", other, well(), false),
            ("the canary's tasks never ran", never, well(), false),
            ("the canary is unknown", stable(), with(unknown()), false),
            (
                "it is back already",
                stable(),
                with(Part::Known(on("orders-canary", 1, 1))),
                false,
            ),
            (
                "not all of its tasks run",
                stable(),
                with(Part::Known(in_progress(on("orders-canary", 2, 1), 0, 1))),
                false,
            ),
            ("nobody has looked at its tasks", stable(), at_approval(), false),
            ("its tasks fail as well", stable(), stopped(at(500)), false),
            ("a task from before", stable(), stopped(at(-500)), true),
        ];
        for (case, release, seen, says) in cases {
            let said = contrast(&release, &seen);
            assert_eq!(said.is_some(), says, "{case}: {said:?}");
        }
    }
}
