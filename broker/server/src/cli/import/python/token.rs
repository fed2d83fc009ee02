//! Characters to tokens, tokens to logical lines (Python language reference, section 2).

use super::text::{self, Quoted};
use super::{NotLiteral, ReadError};

/// Brackets in brackets; a settings file needs four or five.
const DEEPEST: usize = 64;

/// Operators of more than one character, the longer ones first.
const LONG_OPERATORS: [&str; 25] = [
    "...", "**=", "//=", ">>=", "<<=", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", "&=",
    "|=", "^=", "@=", "->", ":=", "**", "//", "<<", ">>", "<>",
];

/// What a piece of text is. No `Debug`: strings may be secrets.
#[cfg_attr(test, derive(Debug))]
pub(super) enum Token {
    /// An identifier or a keyword.
    Name(String),
    /// A number as it is written, or what begins like one.
    Number(String),
    /// A string, decoded.
    Quoted(Result<Quoted, NotLiteral>),
    /// Anything else: brackets, operators, characters that Python does not know.
    Operator(String),
}

impl Token {
    /// Whether it is this operator or bracket.
    pub(super) fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Operator(found) if found == wanted)
    }

    /// Whether it is this name or keyword.
    pub(super) fn is_name(&self, wanted: &str) -> bool {
        matches!(self, Self::Name(found) if found == wanted)
    }
}

/// A logical line: what brackets, strings and backslashes hold together.
pub(super) struct Line {
    /// Where it begins.
    pub(super) number: usize,
    /// Whether blanks stand before it: it belongs to a block.
    pub(super) indented: bool,
    /// Never empty.
    pub(super) tokens: Vec<Token>,
}

/// Splits a text, whose line ends are `\n`, into logical lines.
pub(super) fn lines(text: &str) -> Result<Vec<Line>, ReadError> {
    let mut scanner = Scanner {
        rest: text,
        line: 1,
        open: Vec::new(),
        indented: false,
        current: None,
        done: Vec::new(),
    };
    while let Some(c) = scanner.rest.chars().next() {
        scanner.step(c)?;
    }
    if let Some((_, line)) = scanner.open.last() {
        return Err(ReadError::Bracket { line: *line });
    }
    scanner.done.extend(scanner.current);
    Ok(scanner.done)
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
    /// Which bracket closes, and where it was opened.
    open: Vec<(char, usize)>,
    indented: bool,
    current: Option<Line>,
    done: Vec<Line>,
}

impl<'a> Scanner<'a> {
    fn step(&mut self, c: char) -> Result<(), ReadError> {
        match c {
            '\n' => self.line_end(),
            '#' => drop(self.take_while(|c| c != '\n')),
            '\'' | '"' => self.string("")?,
            '(' | '[' | '{' => self.opening(c)?,
            ')' | ']' | '}' => self.closing(c)?,
            _ if self.rest.starts_with("\\\n") => {
                self.skip(2);
                self.line += 1;
            }
            ' ' | '\t' | '\u{c}' => {
                self.indented |= self.current.is_none();
                self.skip(1);
            }
            _ if c.is_alphabetic() || c == '_' => self.word()?,
            _ if self.at_number(c) => self.number(),
            _ => self.operator(c),
        }
        Ok(())
    }

    fn line_end(&mut self) {
        self.skip(1);
        self.line += 1;
        if self.open.is_empty() {
            self.done.extend(self.current.take());
            self.indented = false;
        }
    }

    fn push(&mut self, token: Token, line: usize) {
        let (number, indented) = (line, self.indented);
        let current =
            self.current.get_or_insert_with(|| Line { number, indented, tokens: Vec::new() });
        current.tokens.push(token);
    }

    fn opening(&mut self, c: char) -> Result<(), ReadError> {
        if self.open.len() == DEEPEST {
            return Err(ReadError::TooDeep { line: self.line });
        }
        let partner = match c {
            '(' => ')',
            '[' => ']',
            _ => '}',
        };
        self.open.push((partner, self.line));
        self.operator(c);
        Ok(())
    }

    fn closing(&mut self, c: char) -> Result<(), ReadError> {
        match self.open.pop() {
            Some((partner, _)) if partner == c => self.operator(c),
            _ => return Err(ReadError::Bracket { line: self.line }),
        }
        Ok(())
    }

    fn operator(&mut self, c: char) {
        let found = LONG_OPERATORS.iter().find(|one| self.rest.starts_with(**one));
        let operator = found.map_or_else(|| c.to_string(), |one| (*one).to_owned());
        self.skip(operator.len());
        self.push(Token::Operator(operator), self.line);
    }

    fn word(&mut self) -> Result<(), ReadError> {
        let word = self.take_while(|c| c.is_alphanumeric() || c == '_');
        if text::is_prefix(word) && self.rest.starts_with(['\'', '"']) {
            return self.string(word);
        }
        self.push(Token::Name(word.to_owned()), self.line);
        Ok(())
    }

    fn at_number(&self, c: char) -> bool {
        let after_dot = self.rest.strip_prefix('.').and_then(|rest| rest.chars().next());
        c.is_ascii_digit() || after_dot.is_some_and(|c| c.is_ascii_digit())
    }

    fn number(&mut self) {
        let mut previous = ' ';
        let hexadecimal = self.rest.starts_with("0x") || self.rest.starts_with("0X");
        let number = self.take_while(|c| {
            let exponent = !hexadecimal && matches!(previous, 'e' | 'E') && matches!(c, '+' | '-');
            previous = c;
            exponent || c.is_alphanumeric() || matches!(c, '_' | '.')
        });
        self.push(Token::Number(number.to_owned()), self.line);
    }

    /// A string after its prefix: up to the same quotes, whatever is escaped in between.
    fn string(&mut self, prefix: &str) -> Result<(), ReadError> {
        let start = self.line;
        let quotes = ["'''", "\"\"\"", "'", "\""];
        let quote = quotes.into_iter().find(|quote| self.rest.starts_with(quote)).unwrap_or("'");
        self.skip(quote.len());
        let not_closed = ReadError::StringNotClosed { line: start };
        let length = text::length(self.rest, quote).ok_or_else(|| not_closed.clone())?;
        let (body, rest) = self.rest.split_at_checked(length).ok_or(not_closed)?;
        self.rest = rest;
        self.skip(quote.len());
        self.line += body.matches('\n').count();
        self.push(Token::Quoted(text::decode(prefix, body)), start);
        Ok(())
    }

    fn take_while(&mut self, mut wanted: impl FnMut(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Leaves out so many bytes, which are whole characters.
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
    }
}
