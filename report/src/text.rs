//! Text from outside, made harmless; numbers and moments as people read them.

use crate::Millis;
use jiff::Timestamp;

/// A text for HTML: escaped, without what is no text, at most so many characters.
pub(crate) fn shown(text: &str, most: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(most * 2));
    for (kept, c) in text.chars().filter(|c| is_text(*c)).enumerate() {
        if kept == most {
            shown.push('…');
            break;
        }
        match c {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            c => shown.push(c),
        }
    }
    shown
}

/// The same for what a drawing escapes by itself.
pub(crate) fn plain(text: &str, most: usize) -> String {
    let mut kept: String = text.chars().filter(|c| is_text(*c)).take(most).collect();
    if text.chars().filter(|c| is_text(*c)).count() > most {
        kept.push('…');
    }
    kept
}

/// Neither steers a terminal or a browser nor turns the direction of what follows.
fn is_text(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}');
    let is_none = matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    matches!(c, '\n' | '\t') || !(c.is_control() || turns || is_none)
}

/// `03:07`, in UTC.
pub(crate) fn clock(at: Millis) -> String {
    stamp(at, "%H:%M")
}

/// `03:07:56`, in UTC.
pub(crate) fn clock_seconds(at: Millis) -> String {
    stamp(at, "%H:%M:%S")
}

/// `21 Nov`, in UTC.
pub(crate) fn day(at: Millis) -> String {
    stamp(at, "%-d %b")
}

/// `2026-11-21`, in UTC.
pub(crate) fn date(at: Millis) -> String {
    stamp(at, "%Y-%m-%d")
}

fn stamp(at: Millis, format: &str) -> String {
    let moment = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime(format).to_string()
}

/// A number in few signs: `0.25`, `56`, `1.2 k`, `3e-7`.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    let (scaled, mark) = match size {
        _ if size >= 1e12 => (value / 1e12, " T"),
        _ if size >= 1e9 => (value / 1e9, " G"),
        _ if size >= 1e6 => (value / 1e6, " M"),
        _ if size >= 1e4 => (value / 1e3, " k"),
        _ => (value, ""),
    };
    if size > 0.0 && size < 1e-3 {
        return format!("{value:.1e}");
    }
    let decimals = match scaled.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{scaled:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    // Minus nought is nought.
    let text = if text == "-0" { "0".to_owned() } else { text };
    text + mark
}

#[cfg(test)]
mod tests {
    use super::{clock, clock_seconds, date, day, number, plain, shown};

    #[test]
    fn nothing_that_a_browser_would_take_for_more_than_text_gets_through() {
        let cases = [
            ("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;"),
            ("red\u{1b}[31m\u{202e}\u{2066}x\r\0", "red[31mx"),
            ("two\nlines", "two\nlines"),
            ("ä€😀", "ä€😀"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text, 100), expected, "{text:?}");
        }
        assert_eq!(shown("<<<<", 2), "&lt;&lt;…");
        assert_eq!(shown("<<", 2), "&lt;&lt;");
        assert_eq!(plain("a<b\u{7}cd", 3), "a<b…");
    }

    #[test]
    fn numbers_are_told_in_few_signs() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (10.0, "10"),
            (0.25, "0.25"),
            (1.5, "1.5"),
            (1.005, "1"),
            (250.0, "250"),
            (9_999.0, "9999"),
            (12_345.0, "12.3 k"),
            (2_500_000.0, "2.5 M"),
            (-3.0, "-3"),
            (3e-7, "3.0e-7"),
            (4e12, "4 T"),
        ];
        for (value, expected) in cases {
            assert_eq!(number(value), expected, "{value}");
        }
    }

    #[test]
    fn moments_are_told_in_utc() {
        let at = 1_795_230_476_000;
        assert_eq!(
            (clock(at), clock_seconds(at), day(at), date(at)),
            (
                "03:07".to_owned(),
                "03:07:56".to_owned(),
                "21 Nov".to_owned(),
                "2026-11-21".to_owned()
            )
        );
        // Beyond any calendar there is no panic.
        assert_eq!(clock(i64::MAX), "00:00");
    }
}
