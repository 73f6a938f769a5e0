//! Each event on file, given to the function that takes it, in the account in which it matters.

use serde_json::Value;
use simulator::executor::Ended;
use std::collections::BTreeSet;
use std::path::Path;
use stories::Stage;
use stories::scene::RowA;
use stories::scenes::{Leads, SCENES, Scene, find};

/// The policy of every scene.
const POLICY: &str = "orders";

fn events() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

fn event(scene: &Scene) -> Value {
    let path = events().join(format!("{}.json", scene.event));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Gives the event to its function, and waits for the answer.
fn invoke(stage: &mut Stage, scene: &Scene) -> Ended {
    let before = stage.sim.ended.borrow().len();
    stage.sim.start(scene.function, event(scene));
    assert!(
        stage.run_until(70, |stage| stage.sim.ended.borrow().len() > before),
        "no answer"
    );
    let ended = stage.sim.ended.borrow();
    assert_eq!(ended.len(), before + 1, "another function ran");
    ended[before].clone()
}

/// What the invocation changed: service and operation of every write that AWS accepted.
fn writes(stage: &Stage, label: &str) -> Vec<(&'static str, String)> {
    let world = stage.sim.world();
    let reads = ["Describe", "Get", "List", "Query", "BatchGet"];
    let own = world
        .calls
        .iter()
        .filter(|call| call.caller == label && call.outcome.is_ok());
    own.filter(|call| !reads.iter().any(|read| call.operation.starts_with(read)))
        .map(|call| (call.service, call.operation.clone()))
        .collect()
}

fn known(stage: &Stage) -> String {
    let serin = stage.serin("test");
    format!(
        "{:?}",
        stage.sim.block_on(serin.ledger.known_policies()).expect("policies")
    )
}

/// Id of the open release.
fn release(stage: &Stage) -> Option<String> {
    Some(stage.slot(POLICY)?.held?.release.id)
}

fn job_status(stage: &Stage, function: &str) -> String {
    let action = match function {
        "approve" => "Word",
        "promote" => "Everybody",
        _ => "Open",
    };
    let state = stage.sim.world().call(
        "test",
        "codepipeline",
        "GetPipelineState",
        serde_json::json!({"name": POLICY}),
    );
    let state = state.expect("a state").to_string();
    let status = state
        .split(&format!("\"actionName\":\"{action}\""))
        .nth(1)
        .and_then(|rest| rest.split("\"status\":\"").nth(1));
    status
        .and_then(|rest| rest.split('"').next())
        .unwrap_or("none")
        .to_owned()
}

/// What is wrong with what the event led to.
fn mistakes(scene: &Scene) -> Vec<String> {
    let mut stage = scene.stage().unwrap_or_else(|error| panic!("{}: {error}", scene.event));
    let row = RowA::named(POLICY);
    let (phase, policies, canary) = (stage.phase(POLICY), known(&stage), stage.runs(&row, &row.canary));
    let release_before = release(&stage);
    let ended = invoke(&mut stage, scene);
    let written = writes(&stage, &ended.label);
    // Whoever looks may have something to tell; that is sent by the machine of notices.
    let beyond: Vec<_> = written
        .iter()
        .filter(|(service, operation)| *service != "dynamodb" && operation != "StartExecution")
        .collect();
    let (now, learned) = (stage.phase(POLICY), known(&stage) != policies);
    let answer = match &ended.outcome {
        Ok(answer) => answer.to_string(),
        Err(error) => error.clone(),
    };
    let mut wrong = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!(
                "{}: {what}\n    {phase} -> {now}; wrote {written:?}; answered {answer}",
                scene.event
            ));
        }
    };
    must(
        answer.contains(scene.says),
        &format!("the answer does not say {:?}", scene.says),
    );
    must(
        ended.outcome.is_err() == (scene.leads == Leads::Refused),
        "an error, or not",
    );
    must(
        !answer.contains("\\u00") && !answer.contains(char::is_control),
        "the answer would rewrite a terminal",
    );
    match scene.leads {
        Leads::Nothing | Leads::Refused => must(written.is_empty(), "something changed"),
        Leads::Looks => must(
            beyond.is_empty() && now == phase && !written.is_empty(),
            "more or less than a look",
        ),
        Leads::Opens => must(
            ["none", "unreadable"].contains(&phase.as_str()) && ["deploying", "baking"].contains(&now.as_str()),
            "nothing was opened",
        ),
        Leads::To(phase_then) => must(phase != phase_then && now == phase_then, "it did not go there"),
        Leads::Replaced => must(
            release_before.is_some() && release(&stage).is_some() && release(&stage) != release_before,
            "no other release is open",
        ),
        Leads::Learns => must(learned && beyond.is_empty(), "nothing was learned"),
        Leads::Job(status) => must(job_status(&stage, scene.function) == status, "the job ended otherwise"),
    }
    if scene.leads == Leads::To("rolling back") {
        let back = stage.runs(&row, &row.canary);
        must(back == "v1", &format!("the canary ran {canary} and now runs {back}"));
    }
    wrong
}

#[test]
fn every_event_leads_in_its_scene_to_what_it_is_on_file_for() {
    let wrong: Vec<String> = SCENES.iter().flat_map(mistakes).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_event_on_file_has_a_scene_and_every_scene_an_event() {
    let mut files = BTreeSet::new();
    for folder in std::fs::read_dir(events())
        .expect("events")
        .map(|entry| entry.expect("an entry").path())
    {
        if folder.is_dir() {
            for file in std::fs::read_dir(&folder).expect("a folder") {
                let path = file.expect("a file").path().with_extension("");
                files.insert(path.strip_prefix(events()).expect("below").display().to_string());
            }
        }
    }
    let scenes: BTreeSet<String> = SCENES.iter().map(|scene| scene.event.to_owned()).collect();
    assert_eq!(scenes, files);
    assert_eq!(scenes.len(), SCENES.len(), "one scene twice");
    assert!(SCENES.is_sorted_by_key(|scene| scene.event));
    assert!(find("alarm/direct-metric").is_some() && find("alarm/none").is_none());
}

#[test]
fn the_events_page_says_of_each_which_function_takes_it() {
    let page = std::fs::read_to_string(events().join("README.md")).expect("events/README.md");
    for scene in SCENES {
        let (folder, file) = scene.event.split_once('/').expect("a folder");
        let part = page
            .split("\n## ")
            .find(|part| part.starts_with(&format!("{folder}/\n")));
        let part = part.unwrap_or_else(|| panic!("no chapter {folder}/"));
        let row = part
            .lines()
            .find(|line| line.starts_with(&format!("| `{file}.json` |")));
        let row = row.unwrap_or_else(|| panic!("no row for {}", scene.event));
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert!(cells.last().is_some_and(|purpose| !purpose.is_empty()), "{row}");
        assert!(
            cells.contains(&format!("`{}`", scene.function).as_str()),
            "no function: {row}"
        );
    }
}
