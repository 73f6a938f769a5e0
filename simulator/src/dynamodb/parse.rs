//! What all expressions have in common: paths, operands, functions, and how faults are told.

use super::invalid;
use super::lex::{self, Kind, Token};
use super::operand::{Fault, Function, Operand};
use super::path::{Path, Step};
use super::placeholders::Placeholders;
use crate::refusal::Refusal;
use serde_json::Value;

/// The longest expression, in bytes; see "Service quotas" in the developer guide.
const MAX_BYTES: usize = 4096;

/// Reads one expression.
pub struct Parser<'a, 'p, 'r> {
    member: &'static str,
    text: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
    placeholders: &'p mut Placeholders<'r>,
    functions: &'static [Function],
    faults: Vec<(Fault, String)>,
}

impl<'a, 'p, 'r> Parser<'a, 'p, 'r> {
    /// For the request's member of that name, in which these functions may be used.
    ///
    /// # Errors
    ///
    /// The expression is empty or too long.
    pub fn new(
        member: &'static str,
        text: &'a str,
        placeholders: &'p mut Placeholders<'r>,
        functions: &'static [Function],
    ) -> Result<Parser<'a, 'p, 'r>, Refusal> {
        let parser = Parser {
            member,
            text,
            tokens: lex::tokens(text),
            at: 0,
            placeholders,
            functions,
            faults: Vec::new(),
        };
        let length = text.len();
        if parser.tokens.is_empty() {
            return Err(parser.refuse("The expression can not be empty;"));
        }
        if length > MAX_BYTES {
            return Err(parser.refuse(&format!(
                "Expression size has exceeded the maximum allowed size; expression size: {length}"
            )));
        }
        Ok(parser)
    }

    /// A refusal of the expression as a whole.
    pub fn refuse(&self, why: &str) -> Refusal {
        invalid(format!("Invalid {}: {why}", self.member))
    }

    /// The present token is not what the grammar wants.
    pub fn syntax_error(&self) -> Refusal {
        let start = self.tokens[self.at.saturating_sub(1)].start;
        let (token, near) = match self.tokens.get(self.at) {
            Some(token) => {
                let end = self.tokens.get(self.at + 1).unwrap_or(token).end();
                (token.text, &self.text[start..end])
            }
            None => ("<EOF>", &self.text[start..]),
        };
        self.refuse(&format!("Syntax error; token: \"{token}\", near: \"{near}\""))
    }

    /// A parenthesis is opened here and never closed: the end is what the grammar does not want.
    pub fn unclosed(&mut self) -> Refusal {
        self.at = self.tokens.len();
        self.syntax_error()
    }

    /// Notes a fault, told if it is the first of its kind and no graver one is found.
    pub fn fault(&mut self, fault: Fault, text: String) {
        self.faults.push((fault, text));
    }

    /// The end: nothing is left to read, nothing was wrong.
    ///
    /// # Errors
    ///
    /// The gravest fault by the order given.
    pub fn finish(&self, order: &[Fault]) -> Result<(), Refusal> {
        if self.at < self.tokens.len() {
            return Err(self.syntax_error());
        }
        let gravest = order
            .iter()
            .find_map(|kind| self.faults.iter().find(|(fault, _)| fault == kind));
        gravest.map_or(Ok(()), |(_, text)| Err(self.refuse(text)))
    }

    /// The present token.
    pub fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    /// The token that many places ahead.
    pub fn ahead(&self, places: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + places).copied()
    }

    /// Steps over a sign if it is there.
    pub fn sign(&mut self, sign: &str) -> bool {
        let found = self
            .peek()
            .is_some_and(|token| token.kind == Kind::Sign && token.text == sign);
        self.at += usize::from(found);
        found
    }

    /// Steps over a keyword if it is there.
    pub fn word(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.is_word(word));
        self.at += usize::from(found);
        found
    }

    /// Steps over a sign that must be there.
    pub fn must(&mut self, sign: &str) -> Result<(), Refusal> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(self.syntax_error())
        }
    }

    /// Places from one parenthesis ahead to the one that closes it.
    pub fn closing(&self, from: usize) -> Option<usize> {
        let mut depth = 0;
        for (i, token) in self.tokens.iter().enumerate().skip(self.at + from) {
            depth += i32::from(token.text == "(") - i32::from(token.text == ")");
            if depth == 0 {
                return Some(i - self.at);
            }
        }
        None
    }

    /// Several of something, with commas between them.
    pub fn list<T>(&mut self, one: impl Fn(&mut Self) -> Result<T, Refusal>) -> Result<Vec<T>, Refusal> {
        let mut all = vec![one(self)?];
        while self.sign(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    /// `name`, `#name`, with any number of `.name` and `[0]` after it.
    pub fn path(&mut self) -> Result<Path, Refusal> {
        let mut steps = vec![Step::Name(self.name()?)];
        loop {
            if self.sign(".") {
                steps.push(Step::Name(self.name()?));
            } else if self.sign("[") {
                let index = self.peek().filter(|token| token.kind == Kind::Integer);
                let index = index.and_then(|token| token.text.parse().ok());
                steps.push(Step::Index(index.ok_or_else(|| self.syntax_error())?));
                self.at += 1;
                self.must("]")?;
            } else {
                return Ok(Path(steps));
            }
        }
    }

    fn name(&mut self) -> Result<String, Refusal> {
        let token = self
            .peek()
            .filter(|token| matches!(token.kind, Kind::Word | Kind::Name));
        let token = token.ok_or_else(|| self.syntax_error())?;
        self.at += 1;
        if token.kind == Kind::Word {
            if lex::is_reserved(token.text) {
                let text = format!("Attribute name is a reserved keyword; reserved keyword: {}", token.text);
                self.fault(Fault::Reserved, text);
            }
            return Ok(token.text.to_owned());
        }
        if let Some(name) = self.placeholders.name(token.text) {
            return Ok(name);
        }
        let text = format!(
            "An expression attribute name used in the document path is not defined; attribute name: {}",
            token.text
        );
        self.fault(Fault::Undefined, text);
        Ok(token.text.to_owned())
    }

    /// `:value`; a null where it is not defined, which ends as a fault.
    pub fn value(&mut self) -> Result<Value, Refusal> {
        let token = self.peek().filter(|token| token.kind == Kind::Value);
        let token = token.ok_or_else(|| self.syntax_error())?;
        self.at += 1;
        if let Some(value) = self.placeholders.value(token.text) {
            return Ok(value);
        }
        let text = format!(
            "An expression attribute value used in expression is not defined; attribute value: {}",
            token.text
        );
        self.fault(Fault::Undefined, text);
        Ok(Value::Null)
    }

    /// A path, a value or a function, in parentheses or not.
    pub fn operand(&mut self) -> Result<Operand, Refusal> {
        if self.peek().is_some_and(|token| token.text == "(") {
            if self.ahead(1).is_some_and(|token| token.text == "(") {
                return Err(self.refuse("The expression has redundant parentheses;"));
            }
            self.at += 1;
            let operand = self.operand()?;
            self.must(")")?;
            return Ok(operand);
        }
        let calls = self.ahead(1).is_some_and(|token| token.text == "(");
        match self.peek().map(|token| token.kind) {
            Some(Kind::Word) if calls => self.call(),
            Some(Kind::Word | Kind::Name) => Ok(Operand::Path(self.path()?)),
            Some(Kind::Value) => Ok(Operand::Value(self.value()?)),
            _ => Err(self.syntax_error()),
        }
    }

    fn call(&mut self) -> Result<Operand, Refusal> {
        let name = self.tokens[self.at].text;
        self.at += 1;
        self.must("(")?;
        let operands = self.list(Parser::operand)?;
        self.must(")")?;
        let known = Function::named(name).filter(|(function, _)| self.functions.contains(function));
        let Some((function, count)) = known else {
            self.fault(
                Fault::UnknownFunction,
                format!("Invalid function name; function: {name}"),
            );
            return Ok(Operand::Call(Function::Unknown, operands));
        };
        if operands.len() != count {
            let given = operands.len();
            let text = format!(
                "Incorrect number of operands for operator or function; \
                 operator or function: {name}, number of operands: {given}"
            );
            self.fault(Fault::Count, text);
        }
        if function.takes_path() && !matches!(operands[0], Operand::Path(_)) {
            let text = format!("Operator or function requires a document path; operator or function: {name}");
            self.fault(Fault::Type, text);
        }
        Ok(Operand::Call(function, operands))
    }
}
