//! One entry of a pattern's array: a value, or an object that says how to compare.

use serde_json::Value;

/// "Numeric matching is limited to values between -5.0e9 and +5.0e9 inclusive."
const NUMBER_MAX: f64 = 5.0e9;

/// What a value of the event is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    /// As it is written: 300 and 300.0 are not the same.
    Equals(Value),
    Prefix(Text),
    Suffix(Text),
    EqualsIgnoreCase(String),
    /// Texts between asterisks, in order.
    Wildcard(Vec<String>),
    Numeric {
        from: Bound,
        to: Bound,
    },
    Exists(bool),
    /// A value that none of these accepts.
    AnythingBut(Vec<Filter>),
}

/// A text with or without regard to case.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    folded: bool,
    text: String,
}

/// An end of a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bound {
    number: f64,
    inclusive: bool,
}

impl Filter {
    /// Reads one entry; the error is the reason EventBridge gives.
    pub(super) fn parse(entry: &Value) -> Result<Filter, String> {
        match entry {
            Value::Object(_) => {
                let (word, operand) = single(entry)?;
                match word {
                    "prefix" => Ok(Filter::Prefix(Text::parse(word, operand)?)),
                    "suffix" => Ok(Filter::Suffix(Text::parse(word, operand)?)),
                    "equals-ignore-case" => Ok(Filter::EqualsIgnoreCase(text(word, operand)?.to_lowercase())),
                    "wildcard" => wildcard(text(word, operand)?),
                    "numeric" => numeric(operand),
                    "exists" => {
                        let wanted = operand.as_bool();
                        wanted
                            .map(Filter::Exists)
                            .ok_or("exists match pattern must be either true or false.".to_owned())
                    }
                    "anything-but" => Ok(Filter::AnythingBut(anything_but(operand)?)),
                    word => Err(format!("Unrecognized match type {word}")),
                }
            }
            Value::Array(_) => Err("An array within an array is no match value".to_owned()),
            value => Ok(Filter::Equals(value.clone())),
        }
    }

    /// Does a value of the event, which is no array and no object, pass?
    pub(super) fn accepts(&self, leaf: &Value) -> bool {
        let text = leaf.as_str();
        match self {
            Filter::Equals(value) => leaf == value,
            Filter::Prefix(prefix) => text.is_some_and(|text| prefix.folded(text).starts_with(&prefix.text)),
            Filter::Suffix(suffix) => text.is_some_and(|text| suffix.folded(text).ends_with(&suffix.text)),
            Filter::EqualsIgnoreCase(folded) => text.is_some_and(|text| text.to_lowercase() == *folded),
            Filter::Wildcard(pieces) => text.is_some_and(|text| fits(text, pieces)),
            Filter::Numeric { from, to } => leaf.as_f64().is_some_and(|number| {
                number.abs() <= NUMBER_MAX
                    && (number > from.number || from.inclusive && number == from.number)
                    && (number < to.number || to.inclusive && number == to.number)
            }),
            // Whether a field is there at all is asked of the event, not of a value.
            Filter::Exists(wanted) => *wanted,
            Filter::AnythingBut(filters) => !filters.iter().any(|filter| filter.accepts(leaf)),
        }
    }
}

impl Text {
    /// `"text"` or `{"equals-ignore-case": "text"}`.
    fn parse(word: &str, operand: &Value) -> Result<Text, String> {
        if !operand.is_object() {
            let text = text(word, operand)?.to_owned();
            return Ok(Text { folded: false, text });
        }
        match single(operand)? {
            ("equals-ignore-case", operand) => Ok(Text {
                folded: true,
                text: text("equals-ignore-case", operand)?.to_lowercase(),
            }),
            (other, _) => Err(format!("Unsupported match type {other} inside {word}")),
        }
    }

    fn folded(&self, text: &str) -> String {
        match self.folded {
            true => text.to_lowercase(),
            false => text.to_owned(),
        }
    }
}

fn single(object: &Value) -> Result<(&str, &Value), String> {
    let mut entries = object.as_object().into_iter().flatten();
    match (entries.next(), entries.next()) {
        (Some((word, operand)), None) => Ok((word, operand)),
        (None, _) => Err("Empty objects are not allowed".to_owned()),
        _ => Err("Only one key allowed in match expression".to_owned()),
    }
}

fn text<'a>(word: &str, operand: &'a Value) -> Result<&'a str, String> {
    operand
        .as_str()
        .ok_or_else(|| format!("{word} match pattern must be a string"))
}

fn wildcard(pattern: &str) -> Result<Filter, String> {
    let mut pieces = vec![String::new()];
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        let literal = match (character, characters.peek()) {
            ('*', Some('*')) => return Err("Consecutive wildcard characters".to_owned()),
            ('*', _) => {
                pieces.push(String::new());
                continue;
            }
            ('\\', Some('*' | '\\')) => characters.next().unwrap_or(character),
            ('\\', _) => return Err("Invalid escape character in wildcard".to_owned()),
            (literal, _) => literal,
        };
        pieces.last_mut().into_iter().for_each(|piece| piece.push(literal));
    }
    Ok(Filter::Wildcard(pieces))
}

fn fits(text: &str, pieces: &[String]) -> bool {
    let [first, middle @ .., last] = pieces else {
        return pieces.first().is_some_and(|whole| whole == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in middle {
        match rest.split_once(piece.as_str()) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

/// `["=", x]`, `["<", x]`, `[">=", x]`, or a lower bound and then an upper one.
fn numeric(operand: &Value) -> Result<Filter, String> {
    let entries = operand
        .as_array()
        .ok_or("Value of numeric must be an array of comparisons")?;
    let comparisons: Result<Vec<_>, String> = entries.chunks(2).map(comparison).collect();
    let comparisons = comparisons?;
    let signs: Vec<&str> = comparisons.iter().map(|(sign, _)| *sign).collect();
    if !matches!(signs[..], ["=" | ">" | ">=" | "<" | "<="] | [">" | ">=", "<" | "<="]) {
        return Err("Bad numeric range: one comparison, or a lower and then an upper bound".to_owned());
    }
    let end = |number| Bound {
        number,
        inclusive: true,
    };
    let (mut from, mut to) = (end(-NUMBER_MAX), end(NUMBER_MAX));
    for (sign, number) in comparisons {
        let bound = Bound {
            number,
            inclusive: sign.ends_with('='),
        };
        if !sign.starts_with('<') {
            from = bound;
        }
        if !sign.starts_with('>') {
            to = bound;
        }
    }
    if from.number > to.number || from.number == to.number && signs != ["="] {
        return Err("Bottom must be less than top".to_owned());
    }
    Ok(Filter::Numeric { from, to })
}

fn comparison(pair: &[Value]) -> Result<(&str, f64), String> {
    let [sign, number] = pair else {
        return Err("Numeric comparison without a number".to_owned());
    };
    let sign = sign.as_str().unwrap_or_default();
    if !matches!(sign, "=" | "<" | "<=" | ">" | ">=") {
        return Err(format!("Unrecognized numeric range operator: {sign}"));
    }
    match number.as_f64() {
        Some(number) if number.abs() <= NUMBER_MAX => Ok((sign, number)),
        Some(_) => Err("Value must be between -5.0E9 and 5.0E9, inclusive".to_owned()),
        None => Err("Value of a numeric comparison must be a number".to_owned()),
    }
}

/// A value, a list of one kind, or prefix, suffix, equals-ignore-case or wildcard with a text or a list of them.
fn anything_but(operand: &Value) -> Result<Vec<Filter>, String> {
    if operand.is_object() {
        let (word, operand) = single(operand)?;
        let parse: fn(&str) -> Result<Filter, String> = match word {
            "prefix" => |text| Ok(Filter::Prefix(plain(text)?)),
            "suffix" => |text| Ok(Filter::Suffix(plain(text)?)),
            "equals-ignore-case" => |text| Ok(Filter::EqualsIgnoreCase(text.to_lowercase())),
            "wildcard" => wildcard,
            other => return Err(format!("Unsupported anything-but pattern: {other}")),
        };
        return listed(operand)?
            .iter()
            .map(|operand| text(word, operand).and_then(parse))
            .collect();
    }
    let values = listed(operand)?;
    let all_texts = values.iter().all(Value::is_string);
    if !all_texts && !values.iter().all(Value::is_number) {
        return Err(
            "Inside anything but list, either all values are number or string, mixed type is not supported".to_owned(),
        );
    }
    let filter = |value: &Value| match value.as_f64() {
        None => Ok(Filter::Equals(value.clone())),
        Some(number) => numeric(&serde_json::json!(["=", number])),
    };
    values.iter().map(filter).collect()
}

fn plain(text: &str) -> Result<Text, String> {
    match text {
        "" => Err("Null prefix/suffix not allowed".to_owned()),
        text => Ok(Text {
            folded: false,
            text: text.to_owned(),
        }),
    }
}

fn listed(operand: &Value) -> Result<&[Value], String> {
    match operand {
        Value::Array(values) if values.is_empty() => Err("Empty arrays are not allowed".to_owned()),
        Value::Array(values) => Ok(values),
        value => Ok(std::slice::from_ref(value)),
    }
}
