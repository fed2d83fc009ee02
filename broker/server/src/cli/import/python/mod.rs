//! Reads a Python settings file as text. Nothing in it is ever run, and nothing is guessed.
//!
//! Owns: which names the file sets, to which literal, on which line; and which it sets in a way that only
//! Python could follow. Does not own: what the names mean (`plan`).
//!
//! | file | holds |
//! |---|---|
//! | `token` | characters to tokens and logical lines |
//! | `text` | what stands between quotes |
//! | `literal` | tokens to a value |
//! | `statement` | which names a line sets, and whether one can know to what |

mod literal;
mod statement;
#[cfg(test)]
mod tests;
mod text;
mod token;

use std::collections::BTreeMap;

pub(super) use self::literal::Literal;

/// The longest file that is read, in bytes.
pub(super) const LONGEST: usize = 1024 * 1024;

/// Why a file cannot be read at all. Python would not run it either, but for its size and depth.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReadError {
    /// Longer than [`LONGEST`].
    #[error("the file is longer than {LONGEST} bytes")]
    TooLong,
    /// A NUL byte.
    #[error("the file holds a NUL byte: it is not Python")]
    Nul,
    /// A string without an end.
    #[error("line {line}: a string is not closed")]
    StringNotClosed {
        /// Where it begins.
        line: usize,
    },
    /// A bracket without its partner.
    #[error("line {line}: a bracket without its partner")]
    Bracket {
        /// Where it stands.
        line: usize,
    },
    /// Brackets in brackets in brackets.
    #[error("line {line}: nested too deeply")]
    TooDeep {
        /// Where it becomes too much.
        line: usize,
    },
}

/// Why the value of a name is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotLiteral {
    /// A call, a name, an operator, or anything else that has to be run.
    #[error("not a literal")]
    Expression,
    /// An f-string or a template string.
    #[error("not a literal but an f-string")]
    Formatted,
    /// An escape that names a character, or no character.
    #[error("a string with an escape that is not read here")]
    Escape,
    /// Inside `if`, `try`, `def` and so on.
    #[error("not a literal: set inside a block, which may or may not run")]
    Block,
    /// Changed by `+=`, by `[..] =`, by a method, or set together with other names.
    #[error("not a literal: changed by this statement")]
    Changed,
    /// `from x import NAME`.
    #[error("not a literal: imported from another file")]
    Imported,
    /// `del NAME`.
    #[error("not a literal: deleted again")]
    Deleted,
}

/// What a name is set to.
#[cfg_attr(test, derive(Debug))] // no `Debug` in the product: it may be a secret
pub(super) struct Assignment {
    /// The line on which the statement begins.
    pub(super) line: usize,
    /// To what.
    pub(super) value: Result<Literal, NotLiteral>,
}

/// What a file sets.
#[cfg_attr(test, derive(Debug))]
pub(super) struct PythonFile {
    assignments: BTreeMap<String, Vec<Assignment>>,
    /// Lines that can set names without naming them: `from x import *`, `globals()`, `exec`.
    pub(super) unseen: Vec<usize>,
}

impl PythonFile {
    /// Reads the text of a file.
    pub(super) fn read(text: &str) -> Result<Self, ReadError> {
        if text.len() > LONGEST {
            return Err(ReadError::TooLong);
        }
        if text.contains('\0') {
            return Err(ReadError::Nul);
        }
        // Python reads every kind of line end as one, inside strings too.
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
        let mut file = Self { assignments: BTreeMap::new(), unseen: Vec::new() };
        for line in token::lines(&text)? {
            statement::read_line(&line, &mut file);
        }
        Ok(file)
    }

    /// The last assignment of a name: the one that counts.
    pub(super) fn last(&self, name: &str) -> Option<&Assignment> {
        self.assignments.get(name)?.last()
    }

    /// Every name with its assignments, at least one, in the order of the names.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &[Assignment])> {
        self.assignments.iter().map(|(name, all)| (name.as_str(), all.as_slice()))
    }
}
