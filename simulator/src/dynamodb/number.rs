//! DynamoDB's numbers: decimal, 38 significant digits, from 1E-130 to 9.9…E+125.
//!
//! See "Data types: Number" in the DynamoDB developer guide.

use std::cmp::Ordering;
use std::fmt;
use std::num::{IntErrorKind, ParseIntError};

const DIGITS: usize = 38;
const LARGEST: i32 = 125;
const SMALLEST: i32 = -130;

const TOO_PRECISE: &str = "Attempting to store more than 38 significant digits in a Number";
const TOO_LARGE: &str = "Number overflow. Attempting to store a number with magnitude larger than supported range";
const TOO_SMALL: &str = "Number underflow. Attempting to store a number with magnitude smaller than supported range";

/// A number: ± d₁.d₂d₃… × 10^magnitude, without zeros at either end; zero has no digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Number {
    negative: bool,
    magnitude: i32,
    digits: Vec<u8>,
}

impl Number {
    /// Reads what a request may hold: `-1`, `1.50`, `15e-1`.
    ///
    /// # Errors
    ///
    /// DynamoDB's text.
    pub fn parse(text: &str) -> Result<Number, String> {
        let unreadable = || match text {
            "" => "The parameter cannot be converted to a numeric value".to_owned(),
            _ => format!("The parameter cannot be converted to a numeric value: {text}"),
        };
        let (negative, rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return Err(unreadable());
        }
        // Beyond 32 bits the number is out of range whatever its digits are, unless these are all zero.
        let exponent: i32 = exponent.parse().or_else(|error: ParseIntError| match error.kind() {
            IntErrorKind::PosOverflow => Ok(i32::MAX),
            IntErrorKind::NegOverflow => Ok(i32::MIN),
            _ => Err(unreadable()),
        })?;
        let digits = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').collect();
        let magnitude = exponent.saturating_add(i32::try_from(whole.len()).unwrap_or(i32::MAX) - 1);
        Number::trimmed(negative, magnitude, digits).checked()
    }

    fn trimmed(negative: bool, magnitude: i32, mut digits: Vec<u8>) -> Number {
        let leading = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..leading);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        if digits.is_empty() {
            return Number::default();
        }
        let magnitude = magnitude.saturating_sub(i32::try_from(leading).unwrap_or(i32::MAX));
        Number {
            negative,
            magnitude,
            digits,
        }
    }

    fn checked(self) -> Result<Number, String> {
        match () {
            () if self.digits.len() > DIGITS => Err(TOO_PRECISE.to_owned()),
            () if self.magnitude > LARGEST => Err(TOO_LARGE.to_owned()),
            () if self.magnitude < SMALLEST => Err(TOO_SMALL.to_owned()),
            () => Ok(self),
        }
    }

    /// The same with the other sign.
    pub fn negated(mut self) -> Number {
        self.negative = !self.negative && !self.digits.is_empty();
        self
    }

    /// The exact sum.
    ///
    /// # Errors
    ///
    /// DynamoDB's text where the sum is no number of its own.
    pub fn plus(&self, other: &Number) -> Result<Number, String> {
        if self.digits.is_empty() || other.digits.is_empty() {
            let whichever = if self.digits.is_empty() { other } else { self };
            return Ok(whichever.clone());
        }
        // One digit more than the larger, for the carry; as many below as the longer needs.
        let top = self.magnitude.max(other.magnitude) + 1;
        let bottom = self.last_place().min(other.last_place());
        let (a, b) = (self.spread(top, bottom), other.spread(top, bottom));
        if self.negative == other.negative {
            return Number::trimmed(self.negative, top, added(&a, &b)).checked();
        }
        match a.cmp(&b) {
            Ordering::Less => Number::trimmed(other.negative, top, subtracted(&b, &a)).checked(),
            _ => Number::trimmed(self.negative, top, subtracted(&a, &b)).checked(),
        }
    }

    fn last_place(&self) -> i32 {
        self.magnitude - self.digits.len() as i32 + 1
    }

    /// Digits from one power of ten down to another.
    fn spread(&self, top: i32, bottom: i32) -> Vec<u8> {
        let digit = |place: i32| {
            usize::try_from(self.magnitude - place)
                .ok()
                .and_then(|i| self.digits.get(i))
        };
        (bottom..=top)
            .rev()
            .map(|place| digit(place).copied().unwrap_or(0))
            .collect()
    }

    /// Bytes it takes in an item.
    ///
    /// # Source
    ///
    /// "DynamoDB item sizes and formats" in the developer guide says "approximately". To the byte, as
    /// measured at the 400 KB limit (nubo-db/dynamodb-conformance, `src/item-size.ts`): digits before
    /// and after the point are counted apart, two to a byte.
    pub fn size(&self) -> usize {
        let whole = usize::try_from(self.magnitude + 1).map_or(0, |places| places.min(self.digits.len()));
        let fraction = self.digits.len() - whole;
        1 + whole.div_ceil(2) + fraction.div_ceil(2) + usize::from(self.negative)
    }
}

fn added(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut sum = vec![0; a.len()];
    let mut carry = 0;
    for i in (0..a.len()).rev() {
        let digit = a[i] + b[i] + carry;
        (sum[i], carry) = (digit % 10, digit / 10);
    }
    sum
}

/// `a` is not smaller than `b`.
fn subtracted(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut difference = vec![0; a.len()];
    let mut borrow = 0;
    for i in (0..a.len()).rev() {
        let digit = 10 + a[i] - b[i] - borrow;
        (difference[i], borrow) = (digit % 10, u8::from(digit < 10));
    }
    difference
}

/// Plain notation, as replies carry it.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        let mut text = String::with_capacity(self.digits.len() + 4);
        if self.negative {
            text.push('-');
        }
        let last = self.last_place().min(0);
        for place in (last..=self.magnitude.max(0)).rev() {
            if place == -1 {
                text.push('.');
            }
            let digit = usize::try_from(self.magnitude - place)
                .ok()
                .and_then(|i| self.digits.get(i));
            text.push(char::from(b'0' + digit.copied().unwrap_or(0)));
        }
        f.write_str(&text)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        let sign = |number: &Number| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = || (self.magnitude, &self.digits).cmp(&(other.magnitude, &other.digits));
        sign(self)
            .cmp(&sign(other))
            .then_with(|| if self.negative { size().reverse() } else { size() })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
