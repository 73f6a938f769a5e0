//! The first day's excuse: what there was no way back from need not be heard of. Everything else must be.

use super::{Cut, Stage, deployed, is_approved, lives, release, right, waits};
use stories::law;
use stories::scene::{self, RowA};

/// Both services are created when the policy is known, and have a while to start.
fn created(version: &str, with_tasks: bool) -> (Stage, RowA) {
    let mut stage = deployed(1, right());
    let options = Cut::Plain.options("orders");
    let row = stage.policy_alone("orders", |world, row| scene::pipeline(world, row, &options), |_| {});
    scene::create(&mut stage.sim.world(), "anna", &row, version, with_tasks).unwrap();
    stage.run_for(10 * 60);
    (stage, row)
}

fn deafen(stage: &Stage) {
    for rule in ["WatchHappening", "AdvanceSweep"] {
        simulator::eventbridge::stage::remove(&mut stage.sim.world(), rule);
    }
}

/// The same release is heard of by nobody: no task had run before, or some had.
#[test]
fn law_14_asks_for_a_release_as_soon_as_there_is_a_way_back_and_not_before() {
    let cases: [(&str, bool, &[u32]); 3] = [("v0", true, &[]), ("v1", false, &[]), ("v1", true, &[14])];
    for (version, with_tasks, expected) in cases {
        let (mut stage, row) = created(version, with_tasks);
        deafen(&stage);
        assert_eq!(
            lives(&mut stage, &row, waits),
            expected,
            "{version}, tasks: {with_tasks}"
        );
    }
}

/// The first release has given both services something that runs; nobody hears of the second.
#[test]
fn law_14_catches_who_is_deaf_once_the_first_day_is_over() {
    let (mut stage, row) = created("v0", true);
    assert_eq!(lives(&mut stage, &row, is_approved), [0; 0]);
    deafen(&stage);
    release(&stage, &row, "v3");
    stage.run_for(100 * 60);
    assert_eq!(law::broken(&stage), [14]);
}
