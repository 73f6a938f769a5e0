//! A value in the event together with the way to it, so that a refusal can name the place.

use super::text::{self, QUOTE_CHARS_MAX};
use super::{AlarmArn, EpochMillis, Undecodable};
use serde_json::Value;

/// A place in the event; what is absent and what is null are the same: nothing.
#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    path: String,
    value: Option<&'a Value>,
}

impl<'a> Node<'a> {
    /// The document itself, known to the reader as `path` (empty for the event).
    pub(super) fn document(path: impl Into<String>, value: &'a Value) -> Node<'a> {
        Node {
            path: path.into(),
            value: Some(value),
        }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn field(&self, name: &str) -> Node<'a> {
        Node {
            path: if self.path.is_empty() {
                name.to_owned()
            } else {
                format!("{}.{name}", self.path)
            },
            value: self
                .value
                .and_then(|value| value.get(name))
                .filter(|value| !value.is_null()),
        }
    }

    /// Whether anything stands here.
    pub(super) fn is_present(&self) -> bool {
        self.value.is_some()
    }

    /// The text here; anything else counts as nothing. For what only people read.
    pub(super) fn text_or_nothing(&self) -> Option<&'a str> {
        self.value.and_then(Value::as_str)
    }

    /// The text here if there is anything; anything but text is refused.
    pub(super) fn optional_text(&self, expected: &'static str) -> Result<Option<&'a str>, Undecodable> {
        match self.value {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.malformed(expected, kind(other))),
        }
    }

    pub(super) fn text(&self, expected: &'static str) -> Result<&'a str, Undecodable> {
        self.optional_text(expected)?.ok_or_else(|| self.missing(expected))
    }

    pub(super) fn alarm_arn(&self) -> Result<AlarmArn, Undecodable> {
        alarm_arn(&self.path, self.text(AN_ALARM_ARN)?)
    }

    pub(super) fn instant(&self) -> Result<EpochMillis, Undecodable> {
        const EXPECTED: &str = "a time like 2026-11-21T03:12:45.678+0000";
        let written = self.text(EXPECTED)?;
        EpochMillis::parse(written).ok_or_else(|| self.malformed(EXPECTED, text::quoted(written)))
    }

    pub(super) fn missing(&self, expected: &'static str) -> Undecodable {
        missing(&self.path, expected)
    }

    pub(super) fn malformed(&self, expected: &'static str, found: String) -> Undecodable {
        Undecodable::Malformed {
            at: self.path.clone(),
            expected,
            found,
        }
    }
}

/// What stands in a field that names an alarm.
pub(super) const AN_ALARM_ARN: &str = "an alarm's ARN (arn:aws:cloudwatch:<region>:<account>:alarm:<name>)";

/// The ARN in `text`, which stands at `path`.
pub(super) fn alarm_arn(path: &str, text: &str) -> Result<AlarmArn, Undecodable> {
    text.parse()
        .map_err(|refusal: super::NotAnAlarmArn| Undecodable::Malformed {
            at: path.to_owned(),
            expected: AN_ALARM_ARN,
            found: format!("{} ({})", refusal.found, refusal.because),
        })
}

pub(super) fn missing(path: &str, expected: &'static str) -> Undecodable {
    Undecodable::Missing {
        at: path.to_owned(),
        expected,
    }
}

/// Refuses an event whose sender claims another account or region than the alarm's ARN does.
pub(super) fn agree(
    what: &'static str,
    (outside, claimed): (&str, &str),
    (inside, known): (&str, &str),
) -> Result<(), Undecodable> {
    if claimed == known {
        return Ok(());
    }
    Err(Undecodable::Contradiction {
        what,
        outside: outside.to_owned(),
        outside_value: text::quoted(claimed),
        inside: inside.to_owned(),
        inside_value: text::quoted(known),
    })
}

/// What kind of value it is, without its content: an event given to the wrong function may carry credentials.
pub(super) fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(_) => "a text".to_owned(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(fields) if fields.is_empty() => "an empty object".to_owned(),
        Value::Object(fields) => {
            let names: Vec<&str> = fields.keys().take(FIELDS_NAMED_MAX).map(String::as_str).collect();
            let names = text::bounded(&names.join(", "), QUOTE_CHARS_MAX);
            let more = if fields.len() > FIELDS_NAMED_MAX { ", …" } else { "" };
            format!("an object with {names}{more}")
        }
    }
}

const FIELDS_NAMED_MAX: usize = 5;
