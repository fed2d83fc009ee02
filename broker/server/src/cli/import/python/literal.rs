//! Tokens to a value: literals, and lists, tuples and dictionaries of them. Everything else is refused.

use super::NotLiteral;
use super::text::Quoted;
use super::token::Token;

/// A value that needs nothing to be run. No `Debug`: it may be a secret.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Literal {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A number as it is written.
    Number(String),
    /// `True` or `False`.
    Bool(bool),
    /// `None`.
    Nothing,
    /// `[..]`.
    List(Vec<Literal>),
    /// `(..)`.
    Tuple(Vec<Literal>),
    /// `{..: ..}`.
    Dict(Vec<(Literal, Literal)>),
}

/// Reads the right side of an assignment, to its end.
pub(super) fn read(tokens: &[Token]) -> Result<Literal, NotLiteral> {
    let mut reader = Reader { rest: tokens };
    let first = reader.value()?;
    if reader.takes(",") {
        return Ok(Literal::Tuple(reader.items(vec![first], None)?));
    }
    if reader.rest.is_empty() { Ok(first) } else { Err(NotLiteral::Expression) }
}

struct Reader<'a> {
    rest: &'a [Token],
}

impl Reader<'_> {
    /// One value. It calls itself no deeper than brackets are nested, which the scanner bounds.
    fn value(&mut self) -> Result<Literal, NotLiteral> {
        let (first, rest) = self.rest.split_first().ok_or(NotLiteral::Expression)?;
        self.rest = rest;
        match first {
            Token::Quoted(quoted) => self.strings(quoted.clone()?),
            Token::Number(number) => read_number("", number),
            Token::Name(name) => match name.as_str() {
                "True" => Ok(Literal::Bool(true)),
                "False" => Ok(Literal::Bool(false)),
                "None" => Ok(Literal::Nothing),
                _ => Err(NotLiteral::Expression),
            },
            Token::Operator(operator) => match operator.as_str() {
                "-" | "+" => self.signed(operator),
                "(" => self.parentheses(),
                "[" => Ok(Literal::List(self.items(Vec::new(), Some("]"))?)),
                "{" => Ok(Literal::Dict(self.pairs()?)),
                _ => Err(NotLiteral::Expression),
            },
        }
    }

    /// Strings beside one another are one string.
    fn strings(&mut self, first: Quoted) -> Result<Literal, NotLiteral> {
        let mut whole = first;
        while let Some((Token::Quoted(next), rest)) = self.rest.split_first() {
            match (&mut whole, next.clone()?) {
                (Quoted::Text(whole), Quoted::Text(next)) => whole.push_str(&next),
                (Quoted::Bytes(whole), Quoted::Bytes(next)) => whole.extend(next),
                _ => return Err(NotLiteral::Expression),
            }
            self.rest = rest;
        }
        Ok(match whole {
            Quoted::Text(text) => Literal::Text(text),
            Quoted::Bytes(bytes) => Literal::Bytes(bytes),
        })
    }

    fn signed(&mut self, sign: &str) -> Result<Literal, NotLiteral> {
        let Some((Token::Number(number), rest)) = self.rest.split_first() else {
            return Err(NotLiteral::Expression);
        };
        self.rest = rest;
        read_number(sign, number)
    }

    /// `()` and `(a,)` are tuples, `(a)` is a.
    fn parentheses(&mut self) -> Result<Literal, NotLiteral> {
        if self.takes(")") {
            return Ok(Literal::Tuple(Vec::new()));
        }
        let first = self.value()?;
        if self.takes(")") {
            return Ok(first);
        }
        if !self.takes(",") {
            return Err(NotLiteral::Expression);
        }
        Ok(Literal::Tuple(self.items(vec![first], Some(")"))?))
    }

    /// The values up to a bracket, or up to the end, with or without a last comma.
    fn items(
        &mut self,
        mut items: Vec<Literal>,
        end: Option<&str>,
    ) -> Result<Vec<Literal>, NotLiteral> {
        loop {
            if self.ends(end) {
                return Ok(items);
            }
            items.push(self.value()?);
            if !self.takes(",") {
                return if self.ends(end) { Ok(items) } else { Err(NotLiteral::Expression) };
            }
        }
    }

    fn pairs(&mut self) -> Result<Vec<(Literal, Literal)>, NotLiteral> {
        let mut pairs = Vec::new();
        loop {
            if self.takes("}") {
                return Ok(pairs);
            }
            let key = self.value()?;
            if !self.takes(":") {
                return Err(NotLiteral::Expression);
            }
            pairs.push((key, self.value()?));
            if !self.takes(",") {
                return if self.takes("}") { Ok(pairs) } else { Err(NotLiteral::Expression) };
            }
        }
    }

    fn ends(&mut self, end: Option<&str>) -> bool {
        end.map_or_else(|| self.rest.is_empty(), |end| self.takes(end))
    }

    fn takes(&mut self, operator: &str) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if first.is(operator) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }
}

fn read_number(sign: &str, number: &str) -> Result<Literal, NotLiteral> {
    if !is_number(number) {
        return Err(NotLiteral::Expression);
    }
    Ok(Literal::Number(format!("{sign}{number}")))
}

/// Integers in four bases, decimal fractions and imaginary numbers (sections 2.6.1 to 2.6.3).
fn is_number(text: &str) -> bool {
    if text.ends_with('_') || text.contains("__") {
        return false;
    }
    let plain = text.replace('_', "").to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = plain.strip_prefix(prefix) {
            return !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        }
    }
    let digits = plain.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        return !plain.starts_with('0') || plain.bytes().all(|byte| byte == b'0');
    }
    let real = plain.strip_suffix('j').unwrap_or(&plain);
    // Rust also reads words such as `inf`.
    real.starts_with(|c: char| c.is_ascii_digit() || c == '.') && real.parse::<f64>().is_ok()
}
