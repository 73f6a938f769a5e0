//! What an example's template deploys, as one stack has it.

use serde_json::{Map, Value, json};
use stories::template::Resolve;
use stories::template::Template;

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
