use super::{Cause, MOVES, Outcome, Phase};
use crate::At;

fn cause() -> Cause {
    Cause::Alarm {
        name: "a".to_owned(),
        since: At::from_millis(0),
        reason: String::new(),
    }
}

fn all() -> Vec<Phase> {
    let closed = [
        Outcome::Promoted,
        Outcome::RolledBack { cause: cause() },
        Outcome::Superseded { by: String::new() },
        Outcome::Overtaken { by: String::new() },
        Outcome::Abandoned { why: String::new() },
        Outcome::RollbackFailed { cause: cause() },
        Outcome::WouldRollBack { cause: cause() },
    ];
    let mut all = vec![
        Phase::Deploying,
        Phase::Baking { step: 0 },
        Phase::Gated { why: String::new() },
        Phase::Promoting,
        Phase::Watching,
        Phase::RollingBack { cause: cause() },
        Phase::RollbackFailed { cause: cause() },
    ];
    all.extend(closed.map(|outcome| Phase::Closed { outcome }));
    all
}

#[test]
fn every_name_in_the_table_of_moves_is_a_phase() {
    let names: Vec<_> = all().iter().map(Phase::name).collect();
    for (from, nexts) in MOVES {
        assert!(names.contains(&from), "{from}");
        nexts.iter().for_each(|next| assert!(names.contains(next), "{next}"));
    }
}

#[test]
fn nothing_leaves_an_outcome_and_no_rollback_is_taken_back() {
    for from in all() {
        for to in all() {
            let legal = from.may_become(&to);
            match &from {
                Phase::Closed { .. } => assert_eq!(legal, from == to, "{} to {}", from.name(), to.name()),
                Phase::RollingBack { .. } | Phase::RollbackFailed { .. } => {
                    let forward = [
                        "deploying",
                        "baking",
                        "gated",
                        "promoting",
                        "watching",
                        "promoted",
                        "abandoned",
                    ];
                    assert!(
                        !(legal && forward.contains(&to.name())),
                        "{} to {}",
                        from.name(),
                        to.name()
                    );
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_armed_phase_can_roll_back() {
    let rolling = Phase::RollingBack { cause: cause() };
    for from in all().iter().take(5) {
        assert!(from.may_become(&rolling), "{}", from.name());
    }
}
