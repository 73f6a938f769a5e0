//! What an example's template deploys, as one stack has it.

use serde_json::{Map, Value, json};
use stories::Stage;
use stories::law;
use stories::scene::RowA;
use stories::template::{Resolve, Template};

/// Properties of the resources of a template, resolved.
pub struct Resources<'a> {
    /// The template.
    pub template: &'a Template,
    /// Its parameters, and what its resources are called.
    pub resolve: Resolve<'a>,
}

impl Resources<'_> {
    pub fn of(&self, pointer: &str) -> Value {
        let node = self.template.document.pointer(&format!("/Resources/{pointer}"));
        let node = node.unwrap_or_else(|| panic!("no {pointer}"));
        self.resolve
            .value(node)
            .unwrap_or_else(|wrong| panic!("{pointer}: {wrong}"))
    }

    pub fn text(&self, pointer: &str) -> String {
        self.of(pointer)
            .as_str()
            .unwrap_or_else(|| panic!("{pointer} is no text"))
            .to_owned()
    }

    pub fn number(&self, pointer: &str) -> i64 {
        self.of(pointer)
            .as_i64()
            .unwrap_or_else(|| panic!("{pointer} is no number"))
    }

    /// Makes these alarms, in the place of those that scenes have under their names, and gives both services as many tasks
    /// as they have here.
    pub fn deploy(&self, stage: &Stage, row: &RowA, alarms: impl IntoIterator<Item = &'static str>) {
        let mut world = stage.sim.world();
        let mut call = |service, operation: &str, input| {
            let called = world.call("cloudformation", service, operation, input);
            called.unwrap_or_else(|refusal| panic!("{operation}: {refusal}"));
        };
        for alarm in alarms {
            call("cloudwatch", "PutMetricAlarm", self.of(&format!("{alarm}/Properties")));
        }
        for (service, resource) in [(&row.name, "Stable"), (&row.canary, "Canary")] {
            let tasks = self.number(&format!("{resource}/Properties/DesiredCount"));
            let sized = json!({"cluster": row.cluster, "service": service, "desiredCount": tasks});
            call("ecs", "UpdateService", sized);
        }
    }

    /// The pipeline as `CreatePipeline` takes it: names of members begin small there, but for an action's configuration.
    pub fn pipeline(&self) -> Value {
        json!({
            "name": self.text("Pipeline/Properties/Name"), "pipelineType": self.text("Pipeline/Properties/PipelineType"),
            "roleArn": "arn:aws:iam::111122223333:role/the-pipelines",
            "executionMode": self.text("Pipeline/Properties/ExecutionMode"),
            "artifactStore": {"type": "S3", "location": "artifacts"},
            "stages": small(self.of("Pipeline/Properties/Stages")),
        })
    }
}

fn small(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(small).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| match name.as_str() {
                "Configuration" => ("configuration".to_owned(), value),
                _ => (name[..1].to_lowercase() + &name[1..], small(value)),
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        plain => plain,
    }
}

/// Waits for the end of a release that has begun or is about to; phase or outcome, and the cause if there is one. No law is
/// broken by then.
pub fn ends(stage: &mut Stage, policy: &str) -> (String, String) {
    let ends = |stage: &Stage| ["promoted", "rolled back"].contains(&stage.phase(policy).as_str());
    assert!(
        stage.run_until(4 * 3_600, ends),
        "it has no end: {}",
        stage.phase(policy)
    );
    stage.run_for(300);
    law::judged(stage);
    let last = stage.slot(policy).expect("a slot").last.expect("a release");
    let cause = last.phase.cause().map(ToString::to_string);
    (stage.phase(policy), cause.unwrap_or_default())
}
