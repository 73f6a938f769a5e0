//! Law 3: the target of a rollback is the baseline; never "revision − 1", never "what stable runs now".

use super::Verdict;
use super::evidence::{Evidence, text};
use serde_json::Value;

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(3, "a rollback goes to the service's own baseline");
    for call in evidence.our_updates() {
        let service = text(&call.input["service"]);
        let given = text(&call.input["taskDefinition"]);
        let mut records = evidence
            .releases
            .iter()
            .flat_map(|release| release.services())
            .filter(|record| text(&record["name"]) == service);
        verdict.applied += 1;
        if !records.any(|record| is_baseline(evidence, record, &given)) {
            verdict.broken.push(format!(
                "{}: {service} was given {given}, which was never its baseline",
                call.caller
            ));
        }
    }
    verdict
}

/// The baseline's own definition, or a copy of it that says so, its images by the baseline's digests.
fn is_baseline(evidence: &Evidence, record: &Value, given: &str) -> bool {
    let baseline = &record["baseline"];
    if baseline["task_definition"] == given {
        return true;
    }
    let definition = evidence.definition(given);
    let tags = definition["tags"].as_array().cloned().unwrap_or_default();
    let copied = tags
        .iter()
        .any(|tag| tag["key"] == "serin:copied-from" && tag["value"] == baseline["task_definition"]);
    let containers = definition["taskDefinition"]["containerDefinitions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let pinned = containers.iter().all(|container| {
        let digest = &baseline["revision"]["images"][text(&container["name"])];
        digest
            .as_str()
            .is_some_and(|digest| text(&container["image"]).ends_with(digest))
    });
    copied && pinned && !containers.is_empty()
}
