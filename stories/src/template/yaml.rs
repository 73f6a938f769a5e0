//! YAML with CloudFormation's short tags, as JSON.
//!
//! # Source
//!
//! "Intrinsic function reference", CloudFormation user guide: `!Name value` is `{"Fn::Name": value}`, but `!Ref` and
//! `!Condition` have no prefix, and `!GetAtt a.b` is a list.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// First and last line, and the column that its members stand in, by JSON pointer.
pub(super) type Lines = BTreeMap<String, (usize, usize, usize)>;

/// A node that is not complete yet.
enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

struct Frame {
    open: Open,
    tag: Option<String>,
    first_line: usize,
    column: usize,
}

struct Reader {
    frames: Vec<Frame>,
    lines: Lines,
    document: Option<Value>,
}

pub(super) fn read(text: &str) -> Result<(Value, Lines), String> {
    let mut reader = Reader {
        frames: Vec::new(),
        lines: Lines::new(),
        document: None,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| error.to_string())?;
        let line = span.start.line();
        reader
            .take(event, span)
            .map_err(|wrong| format!("line {line}: {wrong}"))?;
    }
    let document = reader.document.ok_or("there is nothing in it")?;
    Ok((document, reader.lines))
}

impl Reader {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), String> {
        let first_line = span.start.line();
        match event {
            Event::Scalar(text, style, _, tag) => {
                let value = match (style, &tag) {
                    (ScalarStyle::Plain, None) => plain(&text),
                    _ => json!(text),
                };
                self.place(tagged(name(tag.as_deref())?, value)?, (first_line, first_line, 0))
            }
            Event::SequenceStart(_, tag) => self.begin(Open::List(Vec::new()), tag.as_deref(), span),
            Event::MappingStart(_, tag) => self.begin(Open::Map(Map::new(), None), tag.as_deref(), span),
            Event::SequenceEnd | Event::MappingEnd => {
                let frame = self.frames.pop().ok_or("an end without a beginning")?;
                let value = match frame.open {
                    Open::List(values) => Value::Array(values),
                    Open::Map(members, _) => Value::Object(members),
                };
                // A block ends where the next node begins, which may be lines later: only remarks stand between.
                self.place(
                    tagged(frame.tag, value)?,
                    (frame.first_line, span.start.line(), frame.column),
                )
            }
            Event::Alias(_) => Err("aliases are not known to CloudFormation".to_owned()),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, open: Open, tag: Option<&Tag>, span: Span) -> Result<(), String> {
        let tag = name(tag)?;
        let (first_line, column) = (span.start.line(), span.start.col());
        self.frames.push(Frame {
            open,
            tag,
            first_line,
            column,
        });
        Ok(())
    }

    fn place(&mut self, value: Value, lines: (usize, usize, usize)) -> Result<(), String> {
        if value.is_object() && matches!(self.frames.last(), Some(frame) if matches!(frame.open, Open::List(_))) {
            self.lines.insert(self.pointer(), lines);
        }
        match self.frames.last_mut().map(|frame| &mut frame.open) {
            None => self.document = Some(value),
            Some(Open::List(values)) => values.push(value),
            Some(Open::Map(members, key)) => match key.take() {
                None => *key = Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
                Some(key) if members.contains_key(&key) => return Err(format!("{key} is there twice")),
                Some(key) => {
                    members.insert(key, value);
                }
            },
        }
        Ok(())
    }

    /// Where the next value goes.
    fn pointer(&self) -> String {
        let step = |frame: &Frame| match &frame.open {
            Open::List(values) => format!("/{}", values.len()),
            Open::Map(_, key) => format!("/{}", key.as_deref().unwrap_or_default()),
        };
        self.frames.iter().map(step).collect()
    }
}

/// The function that a tag stands for.
fn name(tag: Option<&Tag>) -> Result<Option<String>, String> {
    let Some(tag) = tag else { return Ok(None) };
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", name @ ("Ref" | "Condition")) => Ok(Some(name.to_owned())),
        ("!", name) if !name.is_empty() => Ok(Some(format!("Fn::{name}"))),
        (handle, suffix) => Err(format!("tag {handle}{suffix} is no function")),
    }
}

fn tagged(name: Option<String>, value: Value) -> Result<Value, String> {
    let value = match (name.as_deref(), value) {
        (None, value) => return Ok(value),
        (Some("Fn::GetAtt"), Value::String(text)) => {
            let (resource, attribute) = text
                .split_once('.')
                .ok_or(format!("!GetAtt {text} names no attribute"))?;
            json!([resource, attribute])
        }
        (_, value) => value,
    };
    Ok(json!({ name.unwrap_or_default(): value }))
}

/// A plain scalar; dates stay what they are written as, as `Version: 2012-10-17` must.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" => Value::Null,
        "true" => json!(true),
        "false" => json!(false),
        text => match text.parse::<i64>() {
            Ok(number) => json!(number),
            Err(_) => json!(text),
        },
    }
}
