//! What a text may look like: described once, matched here, shown to editors as a pattern.

use std::collections::BTreeSet;

/// The form of a text.
pub(super) struct Form {
    /// In words, so that it goes after "must be".
    pub says: &'static str,
    /// Its parts, from its first character to its last.
    pub pieces: &'static [Piece],
    /// Most characters.
    pub characters_max: usize,
    /// What it must not begin with; empty where it may begin with anything.
    pub begins_not_with: &'static str,
}

/// A part of a form. A class of characters is written as between the brackets of a regular expression.
pub(super) enum Piece {
    /// This text.
    Exactly(&'static str),
    /// So many characters of a class.
    Times(usize, &'static str),
    /// One character of a class or more.
    Many(&'static str),
    /// One of these.
    Either(&'static [&'static [Piece]]),
    /// These any number of times, also never.
    Again(&'static [Piece]),
}

impl Form {
    /// Whether a text has this form.
    pub fn fits(&self, text: &str) -> bool {
        let characters: Vec<char> = text.chars().collect();
        let barred = !self.begins_not_with.is_empty() && text.starts_with(self.begins_not_with);
        characters.len() <= self.characters_max
            && !barred
            && ends(self.pieces, &characters, &BTreeSet::from([0])).contains(&characters.len())
    }

    /// The form as a regular expression of ECMA-262, which is what JSON Schema speaks.
    pub fn pattern(&self) -> String {
        format!("^{}$", pattern(self.pieces))
    }
}

/// Every place where the pieces may end that begin at one of these places.
fn ends(pieces: &[Piece], text: &[char], starts: &BTreeSet<usize>) -> BTreeSet<usize> {
    pieces.iter().fold(starts.clone(), |starts, piece| {
        starts.iter().flat_map(|&start| ends_of(piece, text, start)).collect()
    })
}

fn ends_of(piece: &Piece, text: &[char], start: usize) -> BTreeSet<usize> {
    let rest = &text[start..];
    match piece {
        Piece::Exactly(exactly) => {
            let exactly: Vec<char> = exactly.chars().collect();
            rest.starts_with(&exactly)
                .then_some(start + exactly.len())
                .into_iter()
                .collect()
        }
        Piece::Times(times, class) => (run(class, rest) >= *times)
            .then_some(start + times)
            .into_iter()
            .collect(),
        Piece::Many(class) => (1..=run(class, rest)).map(|length| start + length).collect(),
        Piece::Either(ways) => ways
            .iter()
            .flat_map(|way| ends(way, text, &BTreeSet::from([start])))
            .collect(),
        Piece::Again(pieces) => {
            let mut reached = BTreeSet::from([start]);
            let mut fresh = reached.clone();
            while !fresh.is_empty() {
                let next = ends(pieces, text, &fresh);
                fresh = next.difference(&reached).copied().collect();
                reached.extend(&fresh);
            }
            reached
        }
    }
}

/// How many characters from the first on belong to a class.
fn run(class: &str, text: &[char]) -> usize {
    text.iter().take_while(|&&c| belongs(class, c)).count()
}

fn belongs(class: &str, character: char) -> bool {
    if let Some(others) = class.strip_prefix('^') {
        return !belongs(others, character);
    }
    let class: Vec<char> = class.chars().collect();
    let mut rest = class.as_slice();
    while let [first, tail @ ..] = rest {
        let (last, tail) = match tail {
            ['-', last, tail @ ..] => (last, tail),
            tail => (first, tail),
        };
        if (first..=last).contains(&&character) {
            return true;
        }
        rest = tail;
    }
    false
}

fn pattern(pieces: &[Piece]) -> String {
    pieces.iter().map(pattern_of).collect()
}

fn pattern_of(piece: &Piece) -> String {
    match piece {
        Piece::Exactly(text) => text.replace('.', "\\."),
        Piece::Times(1, class) => bracketed(class),
        Piece::Times(times, class) => format!("{}{{{times}}}", bracketed(class)),
        Piece::Many(class) => format!("{}+", bracketed(class)),
        Piece::Either(ways) => {
            let ways: Vec<String> = ways.iter().map(|way| pattern(way)).collect();
            format!("(?:{})", ways.join("|"))
        }
        Piece::Again(pieces) => format!("(?:{})*", pattern(pieces)),
    }
}

fn bracketed(class: &str) -> String {
    let inner: String = class
        .chars()
        .map(|c| match c {
            c if c.is_ascii_control() => format!("\\x{:02x}", u32::from(c)),
            c if c.is_ascii() => c.to_string(),
            // What does not show in an editor.
            c => format!("\\u{:04x}", u32::from(c)),
        })
        .collect();
    format!("[{inner}]")
}
