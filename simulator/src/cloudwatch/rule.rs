//! `AlarmRule` of a composite alarm: text to tree.
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>, `AlarmRule`.

use super::alarm::StateValue;

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Constant(bool),
    /// The alarm of this name or ARN is in this state.
    Is(StateValue, String),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

/// "An AlarmRule expression can have as many as 500 elements."
const ELEMENTS_MAX: usize = 500;

impl Condition {
    /// Reads a rule.
    ///
    /// # Errors
    /// What is wrong and where.
    pub(super) fn parse(text: &str) -> Result<Condition, String> {
        let mut reader = Reader {
            rest: text,
            elements: 0,
        };
        let condition = reader.any()?;
        match reader.rest.trim_start() {
            "" => Ok(condition),
            rest => Err(format!("unexpected '{rest}'")),
        }
    }

    /// Whether it holds, given the state of each alarm it names.
    pub(super) fn holds(&self, state_of: &impl Fn(&str) -> Option<StateValue>) -> bool {
        match self {
            Condition::Constant(value) => *value,
            Condition::Is(state, alarm) => state_of(alarm) == Some(*state),
            Condition::Not(inner) => !inner.holds(state_of),
            Condition::And(a, b) => a.holds(state_of) && b.holds(state_of),
            Condition::Or(a, b) => a.holds(state_of) || b.holds(state_of),
        }
    }

    /// Names and ARNs in it, in order, each once.
    pub(super) fn alarms(&self) -> Vec<&str> {
        let mut all = match self {
            Condition::Constant(_) => Vec::new(),
            Condition::Is(_, alarm) => vec![alarm.as_str()],
            Condition::Not(inner) => inner.alarms(),
            Condition::And(a, b) | Condition::Or(a, b) => [a.alarms(), b.alarms()].concat(),
        };
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|alarm| seen.insert(*alarm));
        all
    }
}

struct Reader<'a> {
    rest: &'a str,
    elements: usize,
}

impl Reader<'_> {
    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some(after) = rest.strip_prefix(word) else {
            return false;
        };
        if after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return false;
        }
        self.rest = after;
        true
    }

    fn sign(&mut self, sign: char) -> bool {
        let after = self.rest.trim_start().strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn any(&mut self) -> Result<Condition, String> {
        let mut left = self.all()?;
        while self.word("OR") {
            left = Condition::Or(Box::new(left), Box::new(self.all()?));
        }
        Ok(left)
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut left = self.one()?;
        while self.word("AND") {
            left = Condition::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Condition, String> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(format!("more than {ELEMENTS_MAX} elements"));
        }
        if self.word("NOT") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        for (word, value) in [("TRUE", true), ("FALSE", false), ("True", true), ("False", false)] {
            if self.word(word) {
                return Ok(Condition::Constant(value));
            }
        }
        for state in [StateValue::Alarm, StateValue::Ok, StateValue::InsufficientData] {
            if self.word(state.text()) {
                return Ok(Condition::Is(state, self.alarm()?));
            }
        }
        if self.sign('(') {
            let inner = self.any()?;
            return if self.sign(')') {
                Ok(inner)
            } else {
                Err("missing ')'".to_owned())
            };
        }
        Err(format!("unexpected '{}'", self.rest.trim_start()))
    }

    /// `("name")`, `(name)`: "names can be surrounded with double-quotes, but do not have to be".
    fn alarm(&mut self) -> Result<String, String> {
        if !self.sign('(') {
            return Err(format!("missing '(' before '{}'", self.rest));
        }
        let quoted = self.sign('"');
        let (name, rest) = self
            .rest
            .split_once(if quoted { '"' } else { ')' })
            .ok_or("missing ')'")?;
        self.rest = rest;
        if quoted && !self.sign(')') {
            return Err(format!("missing ')' after '{name}'"));
        }
        match name.trim() {
            "" => Err("an alarm has no name".to_owned()),
            name => Ok(name.to_owned()),
        }
    }
}
