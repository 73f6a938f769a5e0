//! Wildcards in actions, resources and condition values.

/// How a pattern is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    /// Whether `A` is `a`.
    ignores_case: bool,
    /// Whether a wildcard stops at a colon, unless it is a `*` that ends its part of the ARN.
    stops_at_colons: bool,
}

/// Whether `*` (any text) and `?` (any character) make the pattern into this text.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let reading = Reading {
        ignores_case: false,
        stops_at_colons: false,
    };
    fits(pattern, text, reading)
}

/// The same for action names, whose case does not count.
pub(super) fn names(pattern: &str, action: &str) -> bool {
    let reading = Reading {
        ignores_case: true,
        stops_at_colons: false,
    };
    fits(pattern, action, reading)
}

/// Whether a pattern in `Resource` includes this resource.
///
/// "You can use wildcard characters within any ARN segment […]. If the * wildcard is the last character of a resource
/// ARN segment, it can expand to match beyond the colon boundaries" (IAM JSON policy elements: Resource).
pub(super) fn includes(pattern: &str, resource: &str) -> bool {
    let reading = Reading {
        ignores_case: false,
        stops_at_colons: true,
    };
    fits(pattern, resource, reading)
}

/// `ArnLike`: "each of the six colon-delimited components of the ARN is checked separately".
pub(super) fn arn_like(pattern: &str, arn: &str) -> bool {
    let (mut pattern, mut arn) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    let mut components = 0;
    while let (Some(pattern), Some(part)) = (pattern.next(), arn.next()) {
        components += 1;
        if !like(pattern, part) {
            return false;
        }
    }
    components == 6
}

fn fits(pattern: &str, text: &str, reading: Reading) -> bool {
    let mut rest = pattern.chars();
    let Some(first) = rest.next() else {
        return text.is_empty();
    };
    let rest = rest.as_str();
    if first == '*' {
        let stops = reading.stops_at_colons && !(rest.is_empty() || rest.starts_with(':'));
        let farthest = text.find(':').filter(|_| stops).unwrap_or(text.len());
        let mut places = text[..farthest]
            .char_indices()
            .map(|(place, _)| place)
            .chain([farthest]);
        return places.any(|place| fits(rest, &text[place..], reading));
    }
    let mut left = text.chars();
    let Some(next) = left.next() else {
        return false;
    };
    let same = match first {
        '?' => !(reading.stops_at_colons && next == ':'),
        _ if reading.ignores_case => first.eq_ignore_ascii_case(&next),
        _ => first == next,
    };
    same && fits(rest, left.as_str(), reading)
}
