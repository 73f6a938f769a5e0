//! Whole lives of releases, in an account where Serin is deployed: nothing is opened or ticked by hand.

use serde_json::{Value, json};
use simulator::codepipeline::stage as pipelines;
use simulator::ecs::{Ran, RanAt};
use std::sync::Arc;
use stories::Stage;
use stories::law::judged;
use stories::scene::{self, RowA};
use stories::told::Told;
use stories::whole::{self, Cut, deployed};

fn stage() -> Stage {
    deployed(1, Arc::new(decide::decide))
}

fn release(stage: &Stage, row: &RowA, version: &str) -> String {
    let mut world = stage.sim.world();
    whole::push(&mut world, row, version);
    scene::release(&mut world, row, version)
}

fn until(stage: &mut Stage, policy: &str, phase: &str) {
    let reached = stage.run_until(7_200, |stage| stage.phase(policy) == phase);
    assert!(
        reached,
        "{policy} never became {phase}, it is {}\n{}",
        stage.phase(policy),
        told(stage)
    );
}

fn told(stage: &Stage) -> String {
    let diary = stage.diary.borrow();
    let lines = diary
        .iter()
        .map(|line| format!("{} {}: {}", line.at, line.who, line.what));
    lines.collect::<Vec<_>>().join("\n")
}

fn to_approval(stage: &mut Stage, row: &RowA) {
    let row = row.clone();
    let waits = stage.run_until(7_200, |stage| stage.awaits_approval(&row));
    assert!(waits, "the approval never opened\n{}", told(stage));
}

#[test]
fn a_good_release_is_opened_promoted_watched_and_closed_by_what_happens() {
    for cut in [Cut::WithOpen, Cut::Plain] {
        let mut stage = stage();
        let row = stage.service("orders", cut);
        assert_eq!(stage.phase("orders"), "none");
        release(&stage, &row, "v2");
        until(&mut stage, "orders", "baking");
        to_approval(&mut stage, &row);
        pipelines::approve(&mut stage.sim.world(), "orders", "anna").unwrap();
        until(&mut stage, "orders", "watching");
        assert_eq!(stage.runs(&row, "orders"), "v2");
        until(&mut stage, "orders", "promoted");
        assert_eq!(
            (stage.runs(&row, "orders"), stage.runs(&row, "orders-canary")),
            ("v2".to_owned(), "v2".to_owned())
        );
        // One release, however many events spoke of it.
        stage.run_for(3_600);
        let slot = stage.slot("orders").unwrap();
        assert!(slot.held.is_none(), "{cut:?}: {:?}", slot.held);
        judged(&stage);
    }
}

/// Values of a metric, with when each was written.
fn measured(stage: &Stage, name: &str) -> Vec<(i64, i64)> {
    let lines = stage.measured.lock().unwrap();
    let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found = lines.filter_map(|line| Some((line["_aws"]["Timestamp"].as_i64()?, line[name].as_i64()?)));
    found.collect()
}

#[test]
fn metrics_tell_how_soon_nothing_bad_ran_any_more() {
    let mut stage = stage();
    let row = stage.service("orders", Cut::Plain);
    release(&stage, &row, "v2");
    to_approval(&mut stage, &row);
    stage.dlq.insert(row.dlq.clone(), 25.0);
    until(&mut stage, "orders", "rolled back");
    let [(sent, to_baseline)] = measured(&stage, "SecondsToBaseline").try_into().unwrap();
    let [(gone, to_last)] = measured(&stage, "SecondsToLastBadTask").try_into().unwrap();
    let failed = sent - to_baseline * 1_000;
    assert!(
        (failed - (gone - to_last * 1_000)).abs() <= 1_000,
        "both from the same moment"
    );
    let world = stage.sim.world();
    let bad = |ran: &&RanAt| ran.task_definition.ends_with("orders-canary:2") && ran.ran == Ran::Stopped;
    let last = world
        .ecs
        .timeline()
        .iter()
        .filter(bad)
        .map(|ran| ran.at.0)
        .max()
        .unwrap();
    // Once the services are back as well; what is being stopped finishes what it holds within its stop time-out.
    assert!((last - 30_000..last + 120_000).contains(&gone), "{last} and {gone}");
    assert_eq!(measured(&stage, "RolledBack").len(), 1);
    assert!(measured(&stage, "Decisions").len() > 5);
}

#[test]
fn a_bad_release_is_taken_out_whoever_heard_of_it_first() {
    for cut in [Cut::WithOpen, Cut::Plain] {
        let mut stage = stage();
        let row = stage.service("orders", cut);
        release(&stage, &row, "v2");
        to_approval(&mut stage, &row);
        stage.dlq.insert(row.dlq.clone(), 25.0);
        until(&mut stage, "orders", "rolled back");
        assert_eq!(stage.runs(&row, "orders-canary"), "v1", "{cut:?}");
        assert_eq!(stage.runs(&row, "orders"), "v1", "{cut:?}");
        assert!(!stage.awaits_approval(&row), "{cut:?}");
        judged(&stage);
    }
}

#[test]
fn the_alarm_may_be_the_first_thing_that_is_heard() {
    let mut stage = stage();
    let row = stage.service("orders", Cut::Plain);
    // Everything on the bus is lost but the alarm.
    simulator::eventbridge::stage::remove(&mut stage.sim.world(), "WatchHappening");
    simulator::eventbridge::stage::remove(&mut stage.sim.world(), "AdvanceSweep");
    release(&stage, &row, "v2");
    to_approval(&mut stage, &row);
    assert_eq!(stage.phase("orders"), "none");
    stage.dlq.insert(row.dlq.clone(), 25.0);
    until(&mut stage, "orders", "rolled back");
    assert_eq!(stage.runs(&row, "orders-canary"), "v1");
    judged(&stage);
}

#[test]
fn the_sweep_opens_what_no_event_spoke_of() {
    let mut stage = stage();
    let row = stage.service("orders", Cut::Plain);
    simulator::eventbridge::stage::remove(&mut stage.sim.world(), "WatchHappening");
    release(&stage, &row, "v2");
    until(&mut stage, "orders", "baking");
    assert!(row.name == "orders");
    judged(&stage);
}

#[test]
fn a_second_execution_overwrites_the_canary_and_the_first_is_never_promoted() {
    for cut in [Cut::WithOpen, Cut::Plain] {
        let mut stage = stage();
        let row = stage.service("orders", cut);
        let first = release(&stage, &row, "v2");
        to_approval(&mut stage, &row);
        let before = stage.slot("orders").unwrap().held.unwrap().release;
        let second = release(&stage, &row, "v3");
        assert_ne!(first, second);
        let taken = stage.run_until(3_600, |stage| {
            let held = stage.slot("orders").and_then(|slot| slot.held);
            held.is_some_and(|held| held.release.id != before.id && held.release.barred.is_empty())
        });
        assert!(taken, "{cut:?}: the second release never took over\n{}", told(&stage));
        let after = stage.slot("orders").unwrap().held.unwrap().release;
        assert_eq!(
            after.canary.baseline, before.canary.baseline,
            "{cut:?}: the way back leads to where the first began"
        );
        let state = {
            let mut world = stage.sim.world();
            let input = json!({"pipelineName": "orders", "pipelineExecutionId": first});
            world
                .call("story", "codepipeline", "GetPipelineExecution", input)
                .unwrap()
        };
        let status = state["pipelineExecution"]["status"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(["Failed", "Stopped"].contains(&status.as_str()), "{cut:?}: {status}");
        assert_eq!(stage.runs(&row, "orders"), "v1", "{cut:?}");
        judged(&stage);
    }
}

#[test]
fn what_is_approved_while_the_next_release_is_built_is_promoted_and_the_next_one_waits() {
    let mut stage = stage();
    let row = stage.service("orders", Cut::WithOpen);
    release(&stage, &row, "v2");
    to_approval(&mut stage, &row);
    let first = stage.slot("orders").unwrap().held.unwrap().release.id;
    release(&stage, &row, "v3");
    // Source and build take as long: `open` is called while the deploy action is about to write.
    stage.run_for(62);
    pipelines::approve(&mut stage.sim.world(), "orders", "anna").unwrap();
    until(&mut stage, "orders", "watching");
    let held = stage.slot("orders").unwrap().held.unwrap();
    assert_eq!(held.release.id, first, "the next one took its place\n{}", told(&stage));
    assert_eq!(
        (stage.runs(&row, "orders"), stage.runs(&row, "orders-canary")),
        ("v2".to_owned(), "v2".to_owned())
    );
    until(&mut stage, "orders", "promoted");
    until(&mut stage, "orders", "baking");
    assert_eq!(stage.runs(&row, "orders-canary"), "v3");
    judged(&stage);
}

#[test]
fn a_pipeline_that_ends_without_promoting_leaves_no_orphan_on_the_canary() {
    let mut stage = stage();
    let row = stage.service("orders", Cut::Plain);
    release(&stage, &row, "v2");
    to_approval(&mut stage, &row);
    pipelines::reject(&mut stage.sim.world(), "orders", "anna", "not today").unwrap();
    until(&mut stage, "orders", "rolled back");
    assert_eq!(stage.runs(&row, "orders-canary"), "v1");
    judged(&stage);
}

#[test]
fn an_alarm_in_the_watch_brings_both_services_back() {
    let mut stage = stage();
    let row = stage.service("orders", Cut::WithOpen);
    release(&stage, &row, "v2");
    to_approval(&mut stage, &row);
    pipelines::approve(&mut stage.sim.world(), "orders", "anna").unwrap();
    until(&mut stage, "orders", "watching");
    stage.dlq.insert(row.dlq.clone(), 25.0);
    until(&mut stage, "orders", "rolled back");
    assert_eq!(
        (stage.runs(&row, "orders"), stage.runs(&row, "orders-canary")),
        ("v1".to_owned(), "v1".to_owned())
    );
    judged(&stage);
}

#[test]
fn the_clock_stops_when_the_release_has_closed() {
    let mut stage = stage();
    let row = stage.service("orders", Cut::WithOpen);
    release(&stage, &row, "v2");
    to_approval(&mut stage, &row);
    stage.dlq.insert(row.dlq.clone(), 25.0);
    until(&mut stage, "orders", "rolled back");
    stage.run_for(600);
    judged(&stage);
    let mut world = stage.sim.world();
    let machine = world.arn("states", "stateMachine:serin-clock");
    let input = json!({"stateMachineArn": machine});
    let listed = world.call("story", "stepfunctions", "ListExecutions", input).unwrap();
    let executions = listed["executions"].as_array().unwrap();
    assert!(!executions.is_empty());
    for execution in executions {
        assert_eq!(execution["status"], "SUCCEEDED", "{execution}");
    }
}

/// Lambda may invoke `open` once more when its action is long over, and another one of ours runs with the same parameters.
#[test]
fn a_job_that_comes_late_is_not_taken_for_one_of_another_action_of_ours() {
    let mut told = Told::new(1, Arc::new(decide::decide));
    let policy = "policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody \
                  {\"approval\": \"automatic\", \"promotion\": \"roll_stable\", \
                  \"steps\": [{\"share_permille\": 250, \"bake_minutes\": 5}]}";
    let lines = |told: &mut Told, lines: &[&str]| {
        for line in lines {
            let done = told.line(line);
            done.unwrap_or_else(|error| panic!("{line}: {error}\n{}", told.text));
        }
    };
    lines(
        &mut told,
        &[
            "serin deployed",
            policy,
            "push orders v2",
            "release orders v2",
            "run 4m",
        ],
    );
    for asked in ["open", "approve"] {
        assert!(!answers(&told, asked).is_empty(), "{}", told.text);
    }
    let payload = {
        let ended = told.stage.sim.ended.borrow();
        let mut first = ended.iter().filter(|end| end.function == "open");
        first.next().expect("it was asked").payload.clone()
    };
    told.stage.sim.start("open", payload);
    lines(&mut told, &["run 10s"]);
    let (answer, because) = answers(&told, "open").pop().expect("it was asked again");
    assert_eq!(
        (answer.as_str(), because.as_str()),
        ("too late", "the pipeline does not show this action running yet")
    );
    lines(
        &mut told,
        &["expect one release of orders", "until release of orders is watching"],
    );
    assert!(told.finish().is_empty(), "{}", told.text);
}

/// Output variables of an action's last run, with how that stands.
fn variables(told: &Told, action: &str) -> (String, Value) {
    let mut world = told.stage.sim.world();
    let input = json!({"pipelineName": "orders"});
    let reply = world
        .call("story", "codepipeline", "ListActionExecutions", input)
        .unwrap();
    let mut runs = reply["actionExecutionDetails"].as_array().unwrap().iter();
    let run = runs.find(|run| run["actionName"] == action).expect("it runs");
    let status = run["status"].as_str().unwrap_or_default().to_owned();
    (status, run["output"]["outputVariables"].clone())
}

/// What later actions of the pipeline are given by `#{Namespace.verdict}` and the like.
#[test]
fn the_actions_of_a_release_export_what_was_said_once_they_have_succeeded_and_nothing_before() {
    let mut told = Told::new(1, Arc::new(decide::decide));
    let play = |told: &mut Told, line: &str| {
        let done = told.line(line);
        done.unwrap_or_else(|error| panic!("{line}: {error}\n{}", told.text));
    };
    let policy = "policy orders through source Code, build Pack, open Serin + canary Tasting, approve Word, promote Everybody \
                  {\"approval\": \"automatic\", \"promotion\": \"roll_stable\", \
                  \"steps\": [{\"share_permille\": 250, \"bake_minutes\": 5}]}";
    for line in ["serin deployed", policy, "push orders v2", "release orders v2"] {
        play(&mut told, line);
    }
    let running = |told: &Told, action: &str, asked: &str| {
        assert!(
            answers(told, asked).iter().any(|(answer, _)| answer == "later"),
            "{}",
            told.text
        );
        let under_way = ("InProgress".to_owned(), json!({}));
        assert_eq!(variables(told, action), under_way, "{}", told.text);
    };
    play(&mut told, "run 4m");
    running(&told, "Word", "approve");
    play(&mut told, "until release of orders is promoting");
    play(&mut told, "run 30s");
    running(&told, "Everybody", "promote");
    let held = told.stage.slot("orders").unwrap().held.unwrap();
    let of = |verdict: &str| {
        let said = json!({
            "verdict": verdict, "release_id": held.release.id, "revision": "orders-canary:3", "share_permille": "250",
        });
        ("Succeeded".to_owned(), said)
    };
    assert_eq!(variables(&told, "Word"), of("approved"));
    play(&mut told, "until release of orders is watching");
    play(&mut told, "run 2m");
    assert_eq!(variables(&told, "Everybody"), of("promoted"));
    assert_eq!(variables(&told, "Word"), of("approved"), "they stay as they were");
    assert!(told.finish().is_empty(), "{}", told.text);
}

/// What a function answered and why, each time that it was asked.
fn answers(told: &Told, function: &str) -> Vec<(String, String)> {
    let ended = told.stage.sim.ended.borrow();
    let ended = ended.iter().filter(|end| end.function == function);
    let text = |answer: &serde_json::Value, key: &str| answer[key].as_str().unwrap_or_default().to_owned();
    let answered = ended.filter_map(|end| end.outcome.as_ref().ok());
    answered
        .map(|answer| (text(answer, "answer"), text(answer, "because")))
        .collect()
}
