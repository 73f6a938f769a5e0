//! What a screen of 80 columns looks like, without colour.

use super::Audience;

/// Columns of a line.
pub const WIDTH: usize = 80;
/// Where texts begin under a row.
const INDENT: usize = 10;

/// What is seen of the account at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub clock: String,
    pub queue: usize,
    pub letters: usize,
    pub canary: String,
    pub stable: String,
    /// Of a thousand receives since the row before, those of the new revision.
    pub share_permille: Option<u32>,
    /// The share that its step asks for.
    pub asked_permille: Option<u32>,
    pub standing: String,
}

impl Row {
    pub fn line(&self) -> String {
        let percent =
            |share: Option<u32>| share.map_or("-".to_owned(), |permille| format!("{} %", (permille + 5) / 10));
        format!(
            "{:<8}  {:>5}  {:>4}  {:<9}  {:<9}  {:>5}  {:>7}  {}",
            self.clock,
            self.queue,
            self.letters,
            self.canary,
            self.stable,
            percent(self.asked_permille),
            percent(self.share_permille),
            self.standing
        )
    }
}

pub(super) fn opening(seed: u64, audience: &mut dyn Audience) {
    for line in [
        "A queue worker on Amazon ECS, under Serin; simulated AWS, virtual time.",
        "",
        "  orders         3 tasks, stable  \\  take from one queue, 5 messages a second;",
        "  orders-canary  1 task           /  who asks gets the next",
        "",
        "A message that fails comes back after 30 s. The second time it fails it goes to",
        "the dead-letter queue (DLQ), and ten messages there ring an alarm. The pipeline",
        "gives a new image to the canary. Serin gives that a quarter of the work and then",
        "half of it, five minutes each; only then stable gets the image too.",
    ] {
        audience.line(line);
    }
    audience.line(&format!("Seed {seed}."));
}

pub(super) fn act(title: &str, audience: &mut dyn Audience) {
    audience.line("");
    audience.line(title);
    audience.line(&"=".repeat(title.chars().count()));
}

pub(super) fn head(standing: &str, audience: &mut dyn Audience) {
    audience.line(&format!(
        "{:<8}  {:>5}  {:>4}  {:<9}  {:<9}  {:>5}  {:>7}  {standing}",
        "time", "queue", "DLQ", "canary", "stable", "asked", "v2 gets"
    ));
}

/// What is different in the act whose alarm stays silent.
pub(super) fn silent(receives_max: u32, audience: &mut dyn Audience) {
    for line in [
        format!("A message is received up to {receives_max} times here. What v2 fails goes to whoever asks"),
        "next, stable most often, and is handled: nothing dies and no alarm rings. The".to_owned(),
        "policy compares what both count, messages handled and failed, by revision.".to_owned(),
    ] {
        audience.line(&line);
    }
}

/// What somebody does or says, under its moment.
pub(super) fn said(clock: &str, text: &str, audience: &mut dyn Audience) {
    let line = format!("{clock:<8}  {text}");
    for row in wrapped(&line, INDENT) {
        audience.line(&row);
    }
}

/// Fits a line into [`WIDTH`] columns, continued under its text. A word that is longer than a line is cut.
pub fn wrapped(line: &str, indent: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    let mut row = String::new();
    let mut is_empty = true;
    for word in line.split_inclusive(' ') {
        let mut word: Vec<char> = word.chars().collect();
        loop {
            let taken = row.chars().count();
            let length = word.iter().collect::<String>().trim_end().chars().count();
            if taken + length <= WIDTH {
                row.extend(word);
                is_empty = false;
                break;
            }
            if is_empty {
                row.extend(word.drain(..WIDTH - taken));
            }
            rows.push(row.trim_end().to_owned());
            row = " ".repeat(indent);
            is_empty = true;
        }
    }
    rows.push(row.trim_end().to_owned());
    rows
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, wrapped};

    #[test]
    fn a_long_line_goes_on_under_its_text_and_loses_nothing() {
        for line in [
            "",
            "short",
            &"word ".repeat(40),
            &"x".repeat(300),
            &format!("12:00:00  a {}", "y".repeat(90)),
        ] {
            let rows = wrapped(line, 10);
            assert!(rows.iter().all(|row| row.chars().count() <= WIDTH), "{rows:?}");
            assert!(rows[1..].iter().all(|row| row.starts_with("          ")), "{rows:?}");
            let plain = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(plain(&rows.join(" ")), plain(line));
        }
    }
}
