//! Walks a document along the table and collects mistakes instead of stopping at the first.

use super::Mistake;
use super::table::{Absent, Field, Kind, Variant};
use serde_json::{Map, Value};

/// Most characters of a document's own text that are repeated in a mistake.
const SHOWN_MAX: usize = 60;

/// Checks an object: every field written is known, every field that must be written is, each holds what it may.
pub(super) fn object(place: &str, value: &Value, fields: &[Field], mistakes: &mut Vec<Mistake>) {
    match value.as_object() {
        Some(members) => members_of(place, members, None, fields, mistakes),
        None => mistakes.push(Mistake::new(
            place,
            format!("must be {}, not {}", object_phrase(fields), shown(value)),
        )),
    }
}

fn members_of(
    place: &str,
    members: &Map<String, Value>,
    tag: Option<&str>,
    fields: &[Field],
    mistakes: &mut Vec<Mistake>,
) {
    let known: Vec<&str> = tag.into_iter().chain(fields.iter().map(|field| field.name)).collect();
    for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
        mistakes.push(Mistake::new(
            inside(place, &bounded(name)),
            format!("is not a known field; known here: {}", known.join(", ")),
        ));
    }
    for field in fields {
        let place = inside(place, field.name);
        match (members.get(field.name), &field.absent) {
            (Some(value), _) => checked(&place, value, &field.kind, mistakes),
            (None, Absent::Refused) => mistakes.push(missing(place, &phrase(&field.kind))),
            (None, Absent::Described | Absent::Number(_)) => {}
        }
    }
}

fn checked(place: &str, value: &Value, kind: &Kind, mistakes: &mut Vec<Mistake>) {
    match kind {
        Kind::Object(fields) => return object(place, value, fields, mistakes),
        Kind::Tagged(variants) => return tagged(place, value, variants, mistakes),
        Kind::List { min, max, item, .. } => {
            let long_enough = |items: &&Vec<Value>| items.len() >= *min && max.is_none_or(|max| items.len() <= max);
            if let Some(items) = value.as_array().filter(long_enough) {
                for (index, value) in items.iter().enumerate() {
                    checked(&format!("{place}[{index}]"), value, item, mistakes);
                }
                return;
            }
        }
        Kind::Text(form) => {
            if value.as_str().is_some_and(|text| form.fits(text)) {
                return;
            }
        }
        Kind::Number { min, max, .. } => {
            if value
                .as_u64()
                .is_some_and(|number| (u64::from(*min)..=u64::from(*max)).contains(&number))
            {
                return;
            }
        }
        Kind::Flag => {
            if value.is_boolean() {
                return;
            }
        }
        Kind::Ratio { min, max } => {
            if value
                .as_f64()
                .is_some_and(|number| (f64::from(*min)..=f64::from(*max)).contains(&number))
            {
                return;
            }
        }
        Kind::Choice { now, later } => {
            let name = value.as_str().unwrap_or_default();
            if now.contains(&name) {
                return;
            }
            if later.contains(&name) {
                let text = format!(
                    "\"{name}\" is not carried out by this version yet; write {}",
                    quoted(now)
                );
                return mistakes.push(Mistake::new(place, text));
            }
        }
    }
    mistakes.push(Mistake::new(
        place,
        format!("must be {}, not {}", phrase(kind), shown(value)),
    ));
}

/// Only the fields of the kind it names are asked for: of an unknown kind nothing more is known.
fn tagged(place: &str, value: &Value, variants: &[Variant], mistakes: &mut Vec<Mistake>) {
    let Some(members) = value.as_object() else {
        let text = format!("must be {}, not {}", tagged_phrase(variants), shown(value));
        return mistakes.push(Mistake::new(place, text));
    };
    let kind = members.get("kind");
    let chosen = variants
        .iter()
        .find(|variant| kind.and_then(Value::as_str) == Some(variant.kind));
    let place_of_kind = inside(place, "kind");
    match (chosen, kind) {
        (Some(variant), _) => members_of(place, members, Some("kind"), variant.fields, mistakes),
        (None, None) => mistakes.push(missing(place_of_kind, &kinds(variants))),
        (None, Some(kind)) => mistakes.push(Mistake::new(
            place_of_kind,
            format!("must be {}, not {}", kinds(variants), shown(kind)),
        )),
    }
}

fn missing(place: String, phrase: &str) -> Mistake {
    Mistake::new(place, format!("is missing; it must be {phrase}"))
}

/// What a value may be, so that it goes after "must be".
fn phrase(kind: &Kind) -> String {
    match kind {
        Kind::Text(form) => form.says.to_owned(),
        Kind::Number { min, max, unit } => format!("a whole number of {unit} from {min} to {max}"),
        Kind::Flag => "true or false".to_owned(),
        Kind::Ratio { min, max } => format!("a number from {min} to {max}"),
        Kind::Choice { now, .. } => quoted(now),
        Kind::Object(fields) => object_phrase(fields),
        Kind::Tagged(variants) => tagged_phrase(variants),
        Kind::List {
            min,
            max: Some(max),
            of,
            ..
        } => format!("a list of {min} to {max} {of}"),
        Kind::List { min, max: None, of, .. } => format!("a list of {min} or more {of}"),
    }
}

fn object_phrase(fields: &[Field]) -> String {
    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
    format!("an object with the fields {}", names.join(", "))
}

fn tagged_phrase(variants: &[Variant]) -> String {
    format!("an object whose field kind is {}", kinds(variants))
}

fn kinds(variants: &[Variant]) -> String {
    quoted(&variants.iter().map(|variant| variant.kind).collect::<Vec<_>>())
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(" or ")
}

/// Path of a member.
pub(super) fn inside(place: &str, member: &str) -> String {
    match place {
        "" => member.to_owned(),
        place => format!("{place}.{member}"),
    }
}

fn shown(value: &Value) -> String {
    bounded(&value.to_string())
}

/// Text of the document as it may be repeated to people.
pub(super) fn bounded(text: &str) -> String {
    crate::bounded(text, SHOWN_MAX)
}
