//! What a later Serin wrote into a document and this one does not know: it survives being written by this one.
//!
//! While Serin is being upgraded, old and new functions write the same release in turn. What the old ones do not
//! understand they must hand on, or the new ones find a release that has forgotten half of itself.

use super::item;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Texts by which one object is told from another in the same place: what was written into the one says nothing of
/// the other.
const IDENTITY: [&str; 10] = [
    "id",
    "name",
    "kind",
    "release",
    "execution",
    "deployment",
    "task_definition",
    "token",
    "cause",
    "outcome",
];

/// Members that this build does not know, of everything in one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Later {
    pub(super) document: Unknown,
    pub(super) policy: Unknown,
    pub(super) facts: BTreeMap<String, Unknown>,
}

/// Members of one value that this build does not know, at any depth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unknown {
    identity: BTreeMap<&'static str, String>,
    /// Of the value itself, where it is an object.
    members: Map<String, Value>,
    /// Of its members that are known.
    inside: BTreeMap<String, Unknown>,
    /// Of its items, where it is a list.
    items: Vec<Unknown>,
}

impl Unknown {
    /// What is written and was not read: `read` is what this build makes of `written`.
    pub fn of(written: &Value, read: &impl Serialize) -> Unknown {
        serde_json::to_value(read).map_or_else(|_| Unknown::default(), |read| between(written, &read))
    }

    /// The document as it is to be written, with what this build does not know.
    pub fn over(&self, document: &impl Serialize) -> String {
        if self.is_empty() {
            return item::to_json(document);
        }
        let mut value = serde_json::to_value(document).unwrap_or_default();
        self.put_into(&mut value);
        value.to_string()
    }

    /// What of it is still there once it was written over this document.
    pub fn kept_in(&self, document: &impl Serialize) -> Unknown {
        if self.is_empty() {
            return Unknown::default();
        }
        let written = serde_json::from_str(&self.over(document)).unwrap_or_default();
        Unknown::of(&written, document)
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.inside.is_empty() && self.items.is_empty()
    }

    fn put_into(&self, value: &mut Value) {
        match value {
            Value::Object(members) if identity(members) == self.identity => {
                for (name, unknown) in &self.members {
                    members.entry(name).or_insert_with(|| unknown.clone());
                }
                for (name, unknown) in &self.inside {
                    if let Some(member) = members.get_mut(name) {
                        unknown.put_into(member);
                    }
                }
            }
            Value::Array(items) => {
                let by_place = items.len() == self.items.len();
                for (place, unknown) in self.items.iter().enumerate() {
                    let same = |item: &&mut Value| {
                        !unknown.identity.is_empty()
                            && item.as_object().map(identity).as_ref() == Some(&unknown.identity)
                    };
                    if let Some(item) = items.iter_mut().find(same) {
                        unknown.put_into(item);
                    } else if by_place && unknown.identity.is_empty() {
                        unknown.put_into(&mut items[place]);
                    }
                }
            }
            _ => {}
        }
    }
}

fn between(written: &Value, read: &Value) -> Unknown {
    let mut unknown = Unknown::default();
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            unknown.identity = identity(read);
            for (name, value) in written {
                match read.get(name) {
                    // Nothing, spelt out: what is read as nothing is not written.
                    None if is_nothing(value) => {}
                    None => drop(unknown.members.insert(name.clone(), value.clone())),
                    Some(known) => {
                        let inside = between(value, known);
                        if !inside.is_empty() {
                            unknown.inside.insert(name.clone(), inside);
                        }
                    }
                }
            }
        }
        (Value::Array(written), Value::Array(read)) => {
            let items: Vec<Unknown> = written.iter().zip(read).map(|(w, r)| between(w, r)).collect();
            if items.iter().any(|item| !item.is_empty()) {
                unknown.items = items;
            }
        }
        _ => {}
    }
    if unknown.is_empty() {
        Unknown::default()
    } else {
        unknown
    }
}

fn identity(members: &Map<String, Value>) -> BTreeMap<&'static str, String> {
    let text = |name: &&'static str| Some((*name, members.get(*name)?.as_str()?.to_owned()));
    IDENTITY.iter().filter_map(text).collect()
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Unknown;
    use serde_json::{Value, json};

    #[test]
    fn what_is_not_known_survives_where_it_still_belongs_and_nowhere_else() {
        // Case, what a later build wrote, what this one read, what it writes next, what then stands there.
        let cases: [(&str, Value, Value, Value, Value); 9] = [
            (
                "all is known",
                json!({"a": 1}),
                json!({"a": 1}),
                json!({"a": 2}),
                json!({"a": 2}),
            ),
            (
                "a member at the top",
                json!({"a": 1, "new": [1, {"x": null}]}),
                json!({"a": 1}),
                json!({"a": 2}),
                json!({"a": 2, "new": [1, {"x": null}]}),
            ),
            (
                "a member further down, while another changes",
                json!({"s": {"name": "orders", "n": 1, "new": true}}),
                json!({"s": {"name": "orders", "n": 1}}),
                json!({"s": {"name": "orders", "n": 2}}),
                json!({"s": {"name": "orders", "n": 2, "new": true}}),
            ),
            (
                "of an object that is gone",
                json!({"given": {"deployment": "d1", "new": 1}}),
                json!({"given": {"deployment": "d1"}}),
                json!({}),
                json!({}),
            ),
            (
                "of an object that another has replaced",
                json!({"given": {"deployment": "d1", "new": 1}}),
                json!({"given": {"deployment": "d1"}}),
                json!({"given": {"deployment": "d2"}}),
                json!({"given": {"deployment": "d2"}}),
            ),
            (
                "of an item of a list, wherever it is by then",
                json!({"barred": [{"execution": "e1", "new": 1}, {"execution": "e2", "new": 2}]}),
                json!({"barred": [{"execution": "e1"}, {"execution": "e2"}]}),
                json!({"barred": [{"execution": "e2"}, {"execution": "e3"}]}),
                json!({"barred": [{"execution": "e2", "new": 2}, {"execution": "e3"}]}),
            ),
            (
                "of an item without a name, while there are as many",
                json!({"steps": [{"n": 1}, {"n": 2, "new": 2}]}),
                json!({"steps": [{"n": 1}, {"n": 2}]}),
                json!({"steps": [{"n": 1}, {"n": 3}]}),
                json!({"steps": [{"n": 1}, {"n": 3, "new": 2}]}),
            ),
            (
                "this build writes the same member since",
                json!({"a": 1, "later": 1}),
                json!({"a": 1}),
                json!({"a": 1, "later": 2}),
                json!({"a": 1, "later": 2}),
            ),
            (
                "nothing, spelt out",
                json!({"a": 1, "approval": null, "barred": []}),
                json!({"a": 1}),
                json!({"a": 2}),
                json!({"a": 2}),
            ),
        ];
        for (case, written, read, next, expected) in cases {
            let unknown = Unknown::of(&written, &read);
            let over: Value = serde_json::from_str(&unknown.over(&next)).unwrap();
            assert_eq!(over, expected, "{case}");
            assert_eq!(unknown.kept_in(&next), Unknown::of(&over, &next), "{case}");
        }
    }
}
