//! Every order in every phase: who gives it is answered, what is accepted is kept, what is refused changes nothing, and
//! no law is broken by it, whatever comes after.

use serde_json::json;
use simulator::codepipeline::stage as pipelines;
use simulator::ecs::Behaviour;
use std::fmt::Write as _;
use std::sync::Arc;
use stories::Stage;
use stories::law::{Evidence, broken};
use stories::scene::{self, RowA};
use stories::told::pipeline;
use stories::whole::{self, deployed};

/// Somebody is asked, and Serin promotes: there is something to approve and something to promote.
const STAGES: &str = "source Code, build Pack, open Serin + canary Tasting, asks Boss, promote Everybody";

const ORDERS: [&str; 6] = ["abort", "approve", "promote", "skip", "freeze", "thaw"];

/// Phases in which an order may find a release, as [`Stage::phase`] names them; at first there is none.
const PHASES: [&str; 8] = [
    "none",
    "deploying",
    "baking",
    "gated",
    "promoting",
    "watching",
    "rolling back",
    "rollback failing",
];

/// What is answered, and how the release ended. What is not accepted ends as it would have.
const ANSWERS: &str = "\
none              abort    refused, -
none              approve  refused, -
none              promote  refused, -
none              skip     refused, -
none              freeze   accepted, -
none              thaw     refused, -
deploying         abort    accepted, rolled back
deploying         approve  refused, promoted
deploying         promote  refused, promoted
deploying         skip     refused, promoted
deploying         freeze   accepted, promoted
deploying         thaw     refused, promoted
baking            abort    accepted, rolled back
baking            approve  accepted, promoted
baking            promote  accepted, promoted
baking            skip     accepted, promoted
baking            freeze   accepted, promoted
baking            thaw     refused, promoted
gated             abort    accepted, rolled back
gated             approve  accepted, promoted
gated             promote  accepted, promoted
gated             skip     refused, promoted
gated             freeze   accepted, promoted
gated             thaw     refused, promoted
promoting         abort    accepted, rolled back
promoting         approve  refused, promoted
promoting         promote  refused, promoted
promoting         skip     refused, promoted
promoting         freeze   accepted, promoted
promoting         thaw     refused, promoted
watching          abort    accepted, rolled back
watching          approve  refused, promoted
watching          promote  refused, promoted
watching          skip     accepted, promoted
watching          freeze   accepted, promoted
watching          thaw     refused, promoted
rolling back      abort    refused, rolled back
rolling back      approve  refused, rolled back
rolling back      promote  refused, rolled back
rolling back      skip     refused, rolled back
rolling back      freeze   accepted, rolled back
rolling back      thaw     refused, rolled back
rollback failing  abort    refused, rolled back
rollback failing  approve  refused, rolled back
rollback failing  promote  refused, rolled back
rollback failing  skip     refused, rolled back
rollback failing  freeze   accepted, rolled back
rollback failing  thaw     refused, rolled back
";

fn account() -> (Stage, RowA) {
    let mut stage = deployed(1, Arc::new(decide::decide));
    let row = RowA::named("orders");
    let declared = pipeline::declaration(&row, STAGES).unwrap();
    stage.service_of(
        row.clone(),
        |world, _| pipelines::pipeline(world, &declared),
        |policy| {
            policy["approval"] = json!("human");
            policy["promotion"] = json!("roll_stable");
            policy["steps"] = json!([{"share_permille": 250, "bake_minutes": 5}]);
            policy["watch_minutes"] = json!(10);
            policy["deadline_minutes"] = json!(5);
        },
    );
    (stage, row)
}

/// Lets a release come to a phase.
fn come_to(stage: &mut Stage, row: &RowA, phase: &str) {
    if phase == "none" {
        return;
    }
    {
        let mut world = stage.sim.world();
        whole::push(&mut world, row, "v2");
        scene::release(&mut world, row, "v2");
    }
    let within = |stage: &mut Stage, phase: &str| {
        let came = stage.run_until(3_600, |stage| stage.phase("orders") == phase);
        assert!(came, "never {phase}, but {}", stage.phase("orders"));
    };
    match phase {
        "promoting" | "watching" => {
            within(stage, "gated");
            pipelines::approve(&mut stage.sim.world(), "orders", "anna").unwrap();
        }
        "rolling back" => {
            within(stage, "gated");
            stage.dlq.insert(row.dlq.clone(), 25.0);
        }
        "rollback failing" => {
            within(stage, "gated");
            // What it is to go back to starts no more.
            let digest = row.digest("v1");
            stage.sim.world().ecs.behaviour.insert(digest, Behaviour::FailsToStart);
            stage.dlq.insert(row.dlq.clone(), 25.0);
        }
        _ => {}
    }
    within(stage, phase);
    // In the middle of it, where there is one.
    if phase != "deploying" {
        stage.run_for(5);
    }
    assert_eq!(stage.phase("orders"), phase);
}

fn ordered(stage: &mut Stage, kind: &str) {
    let newest = Evidence::of(stage).releases.pop();
    let release = newest.map_or("orders-0000000000000000".to_owned(), |release| release.id().to_owned());
    let until = decide::At::from_millis(stage.now().plus_seconds(1_200).0);
    let mut order = match kind {
        "freeze" => json!({"until": until}),
        "thaw" => json!({}),
        _ => json!({ "release": release }),
    };
    order["kind"] = json!(kind);
    order["id"] = json!("the-order");
    order["by"] = json!("arn:aws:sts::111122223333:assumed-role/team/anna");
    order["why"] = json!("it is in the table");
    stage.sim.start("advance", json!({"policy": "orders", "order": order}));
    stage.run_for(30);
}

/// What follows from there, with somebody who answers what waits.
fn end(stage: &mut Stage, row: &RowA) {
    // What could not start was somebody's registry, and is mended.
    let digest = row.digest("v1");
    stage.run_for(20 * 60);
    stage.sim.world().ecs.behaviour.insert(digest, Behaviour::Healthy);
    stage.dlq.insert(row.dlq.clone(), 0.0);
    for _ in 0..24 {
        stage.run_for(300);
        if stage.awaits_approval(row) {
            pipelines::approve(&mut stage.sim.world(), "orders", "anna").unwrap();
        }
    }
}

/// One life: what was answered, and how the release ended.
fn life(phase: &str, kind: &str) -> String {
    let (mut stage, row) = account();
    come_to(&mut stage, &row, phase);
    ordered(&mut stage, kind);
    let orders = Evidence::of(&stage).orders;
    assert_eq!(orders.len(), 1, "{kind} in {phase} left no record");
    let answer = if orders[0].accepted { "accepted" } else { "refused" };
    end(&mut stage, &row);
    assert_eq!(broken(&stage), [] as [u32; 0], "{kind} in {phase}");
    let evidence = Evidence::of(&stage);
    let ended = evidence.releases.first();
    let ended = ended.map_or("-", |release| release.outcome().unwrap_or("open"));
    format!("{answer}, {}", ended.replace('_', " "))
}

#[test]
fn every_order_in_every_phase_is_answered_and_kept() {
    let mut answers = String::new();
    for phase in PHASES {
        for kind in ORDERS {
            let _ = writeln!(answers, "{phase:<17} {kind:<8} {}", life(phase, kind));
        }
    }
    assert!(answers == ANSWERS, "{answers}");
}
