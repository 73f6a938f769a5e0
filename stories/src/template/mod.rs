//! `template.yaml` as CloudFormation would deploy it, as far as stories need it: what there is, and what it may do.
//!
//! # Shape
//!
//! ```text
//! text → YAML with short tags (yaml) → parameters, conditions, intrinsics (resolve) ┬→ who acts in which role (holders),
//!                                                                                   │  and its policy (permissions)
//!                                                                                   └→ everything else (deploy)
//! ```
//!
//! Only what is asked for is resolved, and what cannot be resolved fails with its place: a policy that is half
//! understood would prove nothing.

pub mod deploy;
pub mod holders;
pub mod page;
pub mod permissions;
mod resolve;
mod yaml;

pub use resolve::Resolve;

use serde_json::Value;

/// The template, as it is in the repository.
pub const TEXT: &str = include_str!("../../../template.yaml");

/// A template and the lines that its nodes stand on.
#[derive(Clone, Debug)]
pub struct Template {
    /// Tags written out (`!Ref x` as `{"Ref": "x"}`), nothing resolved.
    pub document: Value,
    /// Where each mapping in a list stands.
    lines: yaml::Lines,
    text: String,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is no YAML or not understood, with its line.
    pub fn read(text: &str) -> Result<Template, String> {
        let (document, lines) = yaml::read(text)?;
        Ok(Template {
            document,
            lines,
            text: text.to_owned(),
        })
    }

    /// The one in the repository.
    ///
    /// # Panics
    /// Where it cannot be read.
    pub fn ours() -> Template {
        Template::read(TEXT).unwrap_or_else(|wrong| panic!("template.yaml: {wrong}"))
    }

    /// Resources of a type, by logical name.
    pub fn resources<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let resources = self.document["Resources"].as_object().into_iter().flatten();
        resources.filter_map(move |(name, resource)| (resource["Type"] == kind).then_some((name.as_str(), resource)))
    }

    /// The remarks that stand within a node, as one text; lines are joined, paragraphs are not kept.
    pub fn remarks(&self, pointer: &str) -> String {
        let Some((first, last, column)) = self.lines.get(pointer).copied() else {
            return String::new();
        };
        let lines = self.text.lines().skip(first - 1).take(last.saturating_sub(first) + 1);
        // What stands further to the left is about something else.
        let lines = lines.filter(|line| line.len() - line.trim_start().len() >= column);
        let remarks = lines.filter_map(|line| line.trim_start().strip_prefix('#'));
        remarks.map(str::trim).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests;
