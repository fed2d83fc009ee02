//! Every way in which a configuration is refused, collected so that all are reported at once.

use std::fmt;

/// One reason why the configuration is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// What to look at: `section.key`, a file, or the name of an environment variable.
    pub key: String,
    /// What is wrong and what is expected; never a secret's text.
    pub message: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.message)
    }
}

/// The start is refused; every problem is listed, one a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors {
    /// At least one problem, sorted by key.
    pub problems: Vec<ConfigProblem>,
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.problems.iter().enumerate() {
            let line_end = if position == 0 { "" } else { "\n" };
            write!(f, "{line_end}{problem}")?;
        }
        Ok(())
    }
}

/// Collects problems while the sections are read and validated.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<ConfigProblem>);

impl Problems {
    /// Notes one problem.
    pub(super) fn refuse(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.0.push(ConfigProblem { key: key.into(), message: message.into() });
    }

    /// Notes a problem unless the condition holds.
    pub(super) fn require(&mut self, holds: bool, key: &str, message: &str) {
        if !holds {
            self.refuse(key, message);
        }
    }

    /// The value, if nothing was noted.
    pub(super) fn into_result<T>(mut self, value: T) -> Result<T, ConfigErrors> {
        if self.0.is_empty() {
            return Ok(value);
        }
        self.0.sort_by(|a, b| a.key.cmp(&b.key));
        Err(ConfigErrors { problems: self.0 })
    }
}
