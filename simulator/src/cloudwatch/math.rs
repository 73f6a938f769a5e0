//! Metric math: text to tree. What the tree means is in [`super::query`] and [`super::series`].
//!
//! # Source
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Number(f64),
    /// Id of another query, or a word like `REPEAT`.
    Name(String),
    Text(String),
    Array(Vec<Expr>),
    Call(String, Vec<Expr>),
    Negative(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
}

/// What can stand between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    LessOrEqual,
    GreaterOrEqual,
    Less,
    Greater,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

impl Operator {
    /// What it makes of two numbers; comparisons answer 0 or 1.
    pub(super) fn apply(self, a: f64, b: f64) -> f64 {
        let truth = |holds: bool| f64::from(u8::from(holds));
        match self {
            Operator::Or => truth(a != 0.0 || b != 0.0),
            Operator::And => truth(a != 0.0 && b != 0.0),
            Operator::Equal => truth(a == b),
            Operator::NotEqual => truth(a != b),
            Operator::LessOrEqual => truth(a <= b),
            Operator::GreaterOrEqual => truth(a >= b),
            Operator::Less => truth(a < b),
            Operator::Greater => truth(a > b),
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
            Operator::Power => a.powf(b),
        }
    }
}

/// Loosest first; the longer spelling before the one it begins with.
const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("||", Operator::Or), ("OR", Operator::Or)],
    &[("&&", Operator::And), ("AND", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide)],
    &[("^", Operator::Power)],
];

/// Deeper nesting than this is refused rather than recursed into.
const DEPTH_MAX: usize = 50;

/// Reads an expression.
///
/// # Errors
/// What is wrong and where.
pub(super) fn parse(text: &str) -> Result<Expr, String> {
    let mut reader = Reader { rest: text, depth: 0 };
    let expr = reader.level(0)?;
    reader.skip_space();
    if reader.rest.is_empty() {
        Ok(expr)
    } else {
        Err(format!("Unexpected '{}'", reader.rest))
    }
}

/// Ids of other queries an expression stands on.
pub(super) fn names(expr: &Expr) -> Vec<&str> {
    match expr {
        Expr::Number(_) | Expr::Text(_) => Vec::new(),
        Expr::Name(name) => vec![name],
        Expr::Array(all) | Expr::Call(_, all) => all.iter().flat_map(names).collect(),
        Expr::Negative(inner) => names(inner),
        Expr::Binary(_, a, b) => [names(a), names(b)].concat(),
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        let Some(after) = self.rest.strip_prefix(token) else {
            return false;
        };
        let is_word = token.starts_with(|c: char| c.is_ascii_alphabetic());
        if is_word && after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return false;
        }
        self.rest = after;
        true
    }

    fn level(&mut self, level: usize) -> Result<Expr, String> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.level(level + 1)?;
        while let Some((_, operator)) = operators.iter().find(|(token, _)| self.take(token)) {
            let right = self.level(level + 1)?;
            left = Expr::Binary(*operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("The expression is nested too deeply".to_owned());
        }
        let expr = if self.take("-") {
            Ok(Expr::Negative(Box::new(self.unary()?)))
        } else {
            self.primary()
        };
        self.depth -= 1;
        expr
    }

    fn primary(&mut self) -> Result<Expr, String> {
        if self.take("(") {
            let inner = self.level(0)?;
            return if self.take(")") {
                Ok(inner)
            } else {
                Err("Missing ')'".to_owned())
            };
        }
        if self.take("[") {
            return Ok(Expr::Array(self.list("]")?));
        }
        for quote in ['"', '\''] {
            if let Some(after) = self.rest.strip_prefix(quote) {
                let (text, rest) = after.split_once(quote).ok_or("Missing closing quote")?;
                self.rest = rest;
                return Ok(Expr::Text(text.to_owned()));
            }
        }
        let word = self.word();
        if word.is_empty() {
            return Err(format!("Unexpected '{}'", self.rest));
        }
        if word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return word
                .parse()
                .map(Expr::Number)
                .map_err(|_| format!("'{word}' is no number"));
        }
        if self.take("(") {
            return Ok(Expr::Call(word.to_owned(), self.list(")")?));
        }
        Ok(Expr::Name(word.to_owned()))
    }

    fn list(&mut self, end: &str) -> Result<Vec<Expr>, String> {
        let mut all = Vec::new();
        if self.take(end) {
            return Ok(all);
        }
        loop {
            all.push(self.level(0)?);
            if self.take(end) {
                return Ok(all);
            }
            if !self.take(",") {
                return Err(format!("Missing '{end}'"));
            }
        }
    }

    fn word(&mut self) -> &'a str {
        self.skip_space();
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }
}
