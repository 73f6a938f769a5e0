//! Same seed, same log; also after other seeds ran in the process.

use std::sync::Arc;
use stories::told;

const STORY: &str = include_str!("../told/codepipeline-is-down.story");

fn log(seed: u64) -> Vec<String> {
    let told = told::play(STORY, seed, Arc::new(decide::decide)).expect("it is played");
    let world = told.stage.sim.world();
    world
        .calls
        .iter()
        .map(|call| {
            format!(
                "{} {} {} {} {:?}",
                call.at.0, call.caller, call.operation, call.input, call.outcome
            )
        })
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_log_whatever_ran_before() {
    let first = log(7);
    assert!(first.len() > 200, "{} calls", first.len());
    for other in 100..110 {
        assert_ne!(log(other), first, "seeds must differ somewhere");
    }
    let again = log(7);
    let differ = first.iter().zip(&again).find(|(a, b)| a != b);
    assert_eq!(differ, None);
    assert_eq!(first.len(), again.len());
}
