//! What fits on a page: lines of 80 columns, times and spans as people read them, text from AWS made harmless.

use aws::event::bounded;
use decide::{At, Images};

/// Columns of a terminal.
const WIDTH: usize = 80;
/// Columns before the text of a field.
const INDENT: usize = 13;
/// Longest text from outside that is shown, in characters; the JSON has it whole.
const TEXT_CHARS_MAX: usize = 700;

/// A labelled text, continued under itself.
pub fn field(label: &str, text: &str) -> String {
    under(&format!("  {label:<10} "), INDENT, text)
}

/// A text after what stands before it, continued so many columns in.
pub fn under(before: &str, indent: usize, text: &str) -> String {
    let text = bounded(text, TEXT_CHARS_MAX);
    let mut rows = vec![before.to_owned()];
    let mut fresh = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut rest: Vec<char> = word.chars().collect();
        while !rest.is_empty() {
            let row = rows.last().map_or(0, |row| row.chars().count());
            let room = WIDTH.saturating_sub(row + usize::from(!fresh));
            let whole = WIDTH.saturating_sub(indent).max(1);
            // A word that no line can hold is cut where the line ends.
            let taken = match rest.len() {
                length if length <= room => length,
                length if length > whole && room > 0 => room,
                _ => {
                    rows.push(" ".repeat(indent));
                    fresh = true;
                    continue;
                }
            };
            if let Some(row) = rows.last_mut() {
                if !fresh {
                    row.push(' ');
                }
                row.extend(rest.drain(..taken));
            }
            fresh = false;
        }
    }
    let rows: Vec<&str> = rows.iter().map(|row| row.trim_end()).collect();
    rows.join("\n") + "\n"
}

/// Seconds from one moment to another, negative where the other came first.
pub fn seconds_between(from: At, to: At) -> i64 {
    to.millis().saturating_sub(from.millis()) / 1000
}

/// A span as people say it, in the two units that matter.
pub fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// `family:revision` of a task definition, or whatever follows the last `/` of an ARN.
pub fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Image digests, cut to what tells them apart.
pub fn digests(images: &Images) -> String {
    // The end of a digest is as good as its beginning; the beginning of made-up ones may be all zeros.
    let tail = |digest: &str| {
        digest
            .chars()
            .skip(digest.chars().count().saturating_sub(12))
            .collect::<String>()
    };
    let each = images
        .iter()
        .map(|(container, digest)| format!("{container} …{}", tail(digest)));
    each.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{field, span, under};

    #[test]
    fn spans_are_told_in_two_units() {
        let cases = [
            (-5, "0 s"),
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min 0 s"),
            (3_599, "59 min 59 s"),
            (3_600, "1 h 0 min"),
            (86_399, "23 h 59 min"),
            (200_000, "2 d 7 h"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(span(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn no_line_is_wider_than_a_terminal_whatever_aws_says() {
        let long = "x".repeat(300);
        let cases = [
            "short".to_owned(),
            "a b ".repeat(200),
            long.clone(),
            format!("arn {long} and then more words"),
            "ä€ ".repeat(100),
            "red\u{1b}[31m\u{202e} and\r\nlines".to_owned(),
        ];
        for text in cases {
            let shown = field("because", &text);
            assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
            assert!(shown.starts_with("  because    "), "{shown}");
            assert!(!shown.contains(['\u{1b}', '\u{202e}', '\r']), "{shown}");
        }
    }

    #[test]
    fn a_text_is_continued_under_itself() {
        let text = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen";
        assert_eq!(
            under("- ", 4, text),
            "- one two three four five six seven eight nine ten eleven twelve thirteen\n    fourteen fifteen\n"
        );
    }
}
