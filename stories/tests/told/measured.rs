//! What the functions measure: whatever the dashboard and the alarms show comes from some story, and nothing else does.

use super::played::{Played, all, only};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use stories::Stage;
use stories::law::Evidence;

/// What was measured in a story, and what it should have come to.
#[derive(Default)]
pub struct Measured {
    /// Every value, by name.
    pub values: BTreeMap<String, Vec<i64>>,
    /// Sets of dimensions, with the namespace before them.
    pub sets: BTreeSet<Vec<String>>,
    /// Releases that were closed, by outcome.
    pub outcomes: BTreeMap<String, usize>,
    /// Seconds that they were open; none where one still is.
    pub open: Option<i64>,
    /// Whether a function died, or ran out of time: what it had to measure then is lost.
    pub lost: bool,
}

impl Measured {
    /// Reads it off a stage.
    pub fn of(stage: &Stage) -> Measured {
        let mut measured = Measured::default();
        for line in stage.measured.lock().expect("nobody panicked").iter() {
            let line: Value = serde_json::from_str(line).expect("a line is JSON");
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            for set in directive["Dimensions"].as_array().into_iter().flatten() {
                let names = set.as_array().into_iter().flatten().filter_map(Value::as_str);
                let namespace = directive["Namespace"].as_str();
                measured
                    .sets
                    .insert(namespace.into_iter().chain(names).map(str::to_owned).collect());
            }
            for metric in directive["Metrics"].as_array().into_iter().flatten() {
                let name = metric["Name"].as_str().expect("a name");
                let value = line[name].as_i64().expect("a whole number");
                measured.values.entry(name.to_owned()).or_default().push(value);
            }
        }
        let evidence = Evidence::of(stage);
        let died = |why: &String| why == "died" || why.contains("timed out");
        measured.lost = evidence.ended.iter().any(|end| end.outcome.as_ref().is_err_and(died));
        measured.open = Some(0);
        for release in &evidence.releases {
            if let Some(outcome) = release.outcome() {
                *measured.outcomes.entry(outcome.to_owned()).or_default() += 1;
            }
            let seconds = release
                .opened()
                .zip(release.closed)
                .map(|(opened, closed)| (closed.0 - opened.0) / 1_000);
            measured.open = measured.open.zip(seconds).map(|(sum, seconds)| sum + seconds);
        }
        measured
    }
}

const TEMPLATE: &str = include_str!("../../../template.yaml");

/// Metrics of Serin's own that the dashboard and the alarms read, each with its namespace and dimensions.
fn shown() -> BTreeMap<String, Vec<String>> {
    let mut shown = BTreeMap::new();
    for line in TEMPLATE.lines() {
        let Some(list) = line.trim().strip_prefix("\"metrics\": ") else {
            continue;
        };
        let list: Vec<Vec<Value>> = serde_json::from_str(list).unwrap_or_else(|error| panic!("{list}: {error}"));
        let mut before: Vec<String> = Vec::new();
        for entry in list {
            let mut full: Vec<String> = Vec::new();
            for (place, part) in entry.iter().filter_map(Value::as_str).enumerate() {
                match part {
                    "..." => full.clone_from(&before),
                    "." => full.push(before[place].clone()),
                    part => full.push(part.to_owned()),
                }
            }
            before.clone_from(&full);
            if full[0] == "Serin" {
                // Namespace, name, then names and values of dimensions.
                let dimensions = full.iter().skip(2).step_by(2).cloned();
                shown.insert(full[1].clone(), full[..1].iter().cloned().chain(dimensions).collect());
            }
        }
    }
    // An alarm without dimensions is over all policies.
    for resource in TEMPLATE.split("Type: AWS::CloudWatch::Alarm").skip(1) {
        let properties = resource.split("\n\n").next().unwrap_or_default();
        if properties.contains("Namespace: Serin\n") {
            let name = properties
                .split("MetricName: ")
                .nth(1)
                .and_then(|rest| rest.lines().next());
            assert!(!properties.contains("Dimensions"), "{properties}");
            shown.insert(name.expect("a name").to_owned(), vec!["Serin".to_owned()]);
        }
    }
    shown
}

#[test]
fn the_dashboard_and_the_alarms_show_what_is_measured_and_all_of_it() {
    if !only().is_empty() {
        return;
    }
    let shown = shown();
    let names = |played: &Played| played.measured.values.keys().cloned().collect::<Vec<_>>();
    let measured: BTreeSet<String> = all().iter().flat_map(names).collect();
    assert_eq!(measured, shown.keys().cloned().collect::<BTreeSet<String>>());
    let sets: BTreeSet<&Vec<String>> = all().iter().flat_map(|played| &played.measured.sets).collect();
    for (name, set) in &shown {
        assert!(
            sets.contains(set),
            "{name} is shown by {set:?}, and measured by {sets:?}"
        );
    }
}

/// What each outcome is called where it is counted.
const OUTCOMES: [(&str, &str); 7] = [
    ("promoted", "Promoted"),
    ("rolled_back", "RolledBack"),
    ("superseded", "Superseded"),
    ("overtaken", "Overtaken"),
    ("abandoned", "Abandoned"),
    ("would_roll_back", "WouldRollBack"),
    ("rollback_failed", "RollbackFailed"),
];

#[test]
fn every_end_of_a_release_is_counted_once_and_its_phases_add_up_to_its_life() {
    let (mut wrong, mut whole) = (Vec::new(), 0);
    for played in all() {
        let (measured, path) = (&played.measured, played.path.display());
        for outcome in measured.outcomes.keys() {
            assert!(OUTCOMES.iter().any(|(known, _)| known == outcome), "{path}: {outcome}");
        }
        for (outcome, name) in OUTCOMES {
            let closed = measured.outcomes.get(outcome).copied().unwrap_or_default();
            let counted = measured.values.get(name).map_or(0, Vec::len);
            if counted > closed || counted < closed && !measured.lost {
                wrong.push(format!(
                    "{path}: {counted} times {name}, where {closed} releases ended so"
                ));
            }
        }
        let Some(open) = measured.open.filter(|open| *open > 0 && !measured.lost) else {
            continue;
        };
        whole += 1;
        let phases = measured.values.iter().filter(|(name, _)| {
            let name = name.strip_suffix("Seconds");
            name.is_some_and(|name| name != "Open")
        });
        let phases: Vec<i64> = phases.flat_map(|(_, values)| values).copied().collect();
        // Each is in whole seconds.
        let (sum, error) = (
            phases.iter().sum::<i64>(),
            i64::try_from(phases.len()).expect("few") + 1,
        );
        if (sum - open).abs() > error {
            wrong.push(format!(
                "{path}: phases of {sum} s, where releases were open for {open} s"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(whole > 150 || !only().is_empty(), "{whole} stories with nothing lost");
}
