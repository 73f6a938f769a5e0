//! Members of a definition, by their types.

use super::super::path::Path;
use super::Text;
use super::problems::Problems;
use crate::stepfunctions::template::{Expression, Template};
use serde_json::{Map, Value};

/// What the language has and the simulator has not.
const NOT_SIMULATED: [&str; 18] = [
    "Arguments",
    "Assign",
    "Branches",
    "Condition",
    "Credentials",
    "HeartbeatSeconds",
    "HeartbeatSecondsPath",
    "ItemBatcher",
    "ItemProcessor",
    "ItemReader",
    "ItemSelector",
    "Items",
    "ItemsPath",
    "Iterator",
    "MaxConcurrency",
    "Output",
    "ResultWriter",
    "TimeoutSecondsPath",
];

/// An object of the definition and the place it stands in.
pub(super) struct Fields<'a> {
    members: &'a Map<String, Value>,
    /// Its place below the root: `/States/A`.
    pub place: String,
}

impl<'a> Fields<'a> {
    /// The object; anything else is a problem.
    pub fn of(value: &'a Value, place: String, problems: &mut Problems) -> Option<Fields<'a>> {
        let Some(members) = value.as_object() else {
            problems.schema(&place, "Expected value of type Object");
            return None;
        };
        Some(Fields { members, place })
    }

    /// Everything but these members is a problem.
    pub fn only(&self, known: &[&str], problems: &mut Problems) {
        for name in self.members.keys().filter(|name| !known.contains(&name.as_str())) {
            match NOT_SIMULATED.contains(&name.as_str()) {
                true => problems.not_simulated(&self.place, &format!("the field '{name}'")),
                false => problems.schema(&self.place, &format!("Field '{name}' is not supported")),
            }
        }
    }

    /// These members must be there.
    pub fn require(&self, names: &[&str], problems: &mut Problems) {
        let missing: Vec<&str> = names.iter().copied().filter(|name| self.get(name).is_none()).collect();
        if !missing.is_empty() {
            let what = format!("These fields are required: [{}]", missing.join(", "));
            problems.schema(&self.place, &what);
        }
    }

    /// The place of a member.
    pub fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.place)
    }

    /// The member, whatever it is.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name)
    }

    /// Names of all members, in order.
    pub fn names(&self) -> impl Iterator<Item = &'a String> {
        self.members.keys()
    }

    fn typed<T>(
        &self,
        name: &str,
        wanted: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
        problems: &mut Problems,
    ) -> Option<T> {
        let value = self.get(name)?;
        let read = read(value);
        if read.is_none() {
            problems.schema(&self.at(name), &format!("Expected value of type {wanted}"));
        }
        read
    }

    /// A text.
    pub fn text(&self, name: &str, problems: &mut Problems) -> Option<&'a str> {
        self.typed(name, "String", Value::as_str, problems)
    }

    /// `true` or `false`.
    pub fn boolean(&self, name: &str, problems: &mut Problems) -> Option<bool> {
        self.typed(name, "Boolean", Value::as_bool, problems)
    }

    /// A whole number not below the least.
    pub fn whole(&self, name: &str, least: i64, problems: &mut Problems) -> Option<i64> {
        let wanted = if least > 0 { "positive Integer" } else { "Integer" };
        let read = |value: &Value| value.as_i64().filter(|number| *number >= least);
        self.typed(name, wanted, read, problems)
    }

    /// Any number.
    pub fn number(&self, name: &str, problems: &mut Problems) -> Option<f64> {
        self.typed(name, "Number", Value::as_f64, problems)
    }

    /// The entries of a list that must not be empty.
    pub fn list(&self, name: &str, problems: &mut Problems) -> Vec<&'a Value> {
        let read = |value: &'a Value| value.as_array().filter(|entries| !entries.is_empty());
        let entries = self.typed(name, "non-empty Array", read, problems);
        entries.into_iter().flatten().collect()
    }

    /// A path.
    pub fn path(&self, name: &str, problems: &mut Problems) -> Option<Path> {
        let read = Path::read(self.text(name, problems)?);
        read.map_err(|what| problems.expression(&self.at(name), &what)).ok()
    }

    /// A path that is `$` unless written, and nothing where written as `null`.
    pub fn selected(&self, name: &str, problems: &mut Problems) -> Option<Path> {
        match self.get(name) {
            None => Path::read("$").ok(),
            Some(Value::Null) => None,
            Some(_) => self.path(name, problems),
        }
    }

    /// A selected path that can be written to.
    pub fn result_path(&self, problems: &mut Problems) -> Option<Path> {
        let path = self.selected("ResultPath", problems)?;
        if !path.is_writable() {
            problems.schema(&self.at("ResultPath"), "Value is not a valid Reference Path");
        }
        Some(path)
    }

    /// A payload template.
    pub fn template(&self, name: &str, problems: &mut Problems) -> Option<Template> {
        let value = self.get(name)?;
        let place = self.at(name);
        let mut wrong = |below: &str, what: String| problems.expression(&format!("{place}{below}"), &what);
        Some(Template::read(value, "", &mut wrong))
    }

    /// A text, or its path under the name with `Path` at its end; not both.
    pub fn text_or_path(&self, name: &str, problems: &mut Problems) -> Option<Text> {
        let path_name = format!("{name}Path");
        if self.get(name).is_some() && self.get(&path_name).is_some() {
            let what = format!("Only one of [{name}, {path_name}] is allowed");
            problems.schema(&self.place, &what);
        }
        if let Some(text) = self.text(name, problems) {
            return Some(Text::Plain(text.to_owned()));
        }
        let text = self.text(&path_name, problems)?;
        match Expression::read(text) {
            Ok(expression) => Some(Text::Expression(expression)),
            Err(what) => {
                problems.expression(&self.at(&path_name), &what);
                None
            }
        }
    }
}
