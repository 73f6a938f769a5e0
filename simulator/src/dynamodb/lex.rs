//! Words of the expression language.
//!
//! See "Using expressions in DynamoDB" in the developer guide.

use std::collections::HashSet;
use std::sync::LazyLock;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `price`, `SET`, `size`.
    Word,
    /// `#name`.
    Name,
    /// `:value`.
    Value,
    /// `0`.
    Integer,
    /// `(`, `<=`, `+`.
    Sign,
    /// What no expression may hold.
    Other,
}

/// A token and where it begins.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// As it is written.
    pub text: &'a str,
    /// Byte at which it begins.
    pub start: usize,
}

impl Token<'_> {
    /// Byte after its last.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is this keyword, in whatever case.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }
}

/// All tokens of an expression.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        if matches!(first, ' ' | '\t' | '\r' | '\n') {
            start += 1;
            continue;
        }
        let (kind, length) = one(&text[start..], first);
        let text = &text[start..start + length];
        found.push(Token { kind, text, start });
        start += length;
    }
    found
}

fn one(rest: &str, first: char) -> (Kind, usize) {
    let run = |from: usize, part: fn(u8) -> bool| from + rest.bytes().skip(from).take_while(|byte| part(*byte)).count();
    let name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    match first {
        'a'..='z' | 'A'..='Z' => (Kind::Word, run(1, name)),
        '0'..='9' => (Kind::Integer, run(1, |byte| byte.is_ascii_digit())),
        '#' if run(1, name) > 1 => (Kind::Name, run(1, name)),
        ':' if run(1, name) > 1 => (Kind::Value, run(1, name)),
        '<' if rest[1..].starts_with(['=', '>']) => (Kind::Sign, 2),
        '>' if rest[1..].starts_with('=') => (Kind::Sign, 2),
        '<' | '>' | '=' | '(' | ')' | '[' | ']' | ',' | '.' | '+' | '-' => (Kind::Sign, 1),
        other => (Kind::Other, other.len_utf8()),
    }
}

/// Whether a name must be written as `#name`; case does not matter.
pub fn is_reserved(name: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let lines = include_str!("reserved.txt").lines();
        lines.filter(|line| !line.starts_with('#')).collect()
    });
    WORDS.contains(name.to_ascii_uppercase().as_str())
}
