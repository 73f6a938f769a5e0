//! Text from outside, made fit for people.

/// At most `chars_max` harmless characters of `text`; a cut shows as `…`.
///
/// Line breaks and tabs become spaces. Control characters and those that are invisible or turn the reading direction are
/// dropped: in a log line or a chat message they would let the sender rewrite what stands around his text.
pub fn bounded(text: &str, chars_max: usize) -> String {
    let mut kept = String::new();
    for (count, c) in text.chars().filter_map(harmless).enumerate() {
        if count == chars_max {
            kept.pop();
            kept.push('…');
            break;
        }
        kept.push(c);
    }
    kept
}

fn harmless(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' => Some(' '),
        c if c.is_control() => None,
        // Soft hyphen, Arabic letter mark, zero widths and direction marks, line separators and direction overrides,
        // word joiners and isolates, byte order mark, annotations, tags.
        '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_events_is_bounded_and_harmless() {
        let cases: &[(&str, usize, &str)] = &[
            ("", 5, ""),
            ("short", 5, "short"),
            ("longer", 5, "long…"),
            ("äöüßé€", 5, "äöüß…"),
            ("one\r\ntwo\tthree", 50, "one  two three"),
            ("\u{1b}[31mred\u{7}\u{0}\u{9b}", 50, "[31mred"),
            ("abc\u{202e}fed\u{2066}x\u{200b}y\u{feff}", 50, "abcfedxy"),
            ("\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}abc", 5, "abc"),
        ];
        for (text, chars_max, expected) in cases {
            assert_eq!(&bounded(text, *chars_max), expected, "{text:?}");
        }
    }
}
