//! Values of a settings file by name and kind; whatever is taken, found wrong or worth a word is noted.

use std::collections::BTreeSet;

use super::plan::{Warning, WarningKind};
use super::python::{Assignment, Literal, PythonFile};

/// A file that is being read into a plan.
pub(super) struct Reading<'a> {
    pub(super) file: &'a PythonFile,
    /// What keeps the plan from being applied.
    pub(super) problems: Vec<String>,
    /// What the operator should know.
    pub(super) warnings: Vec<Warning>,
    taken: BTreeSet<String>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(file: &'a PythonFile) -> Self {
        Self { file, problems: Vec::new(), warnings: Vec::new(), taken: BTreeSet::new() }
    }

    pub(super) fn warn(&mut self, about: WarningKind, text: impl Into<String>) {
        self.warnings.push(Warning { about, text: text.into() });
    }

    /// What a name is set to at last; from here on it counts as taken.
    pub(super) fn take(&mut self, name: &str) -> Option<&'a Assignment> {
        self.taken.insert(name.to_owned());
        self.file.last(name)
    }

    /// A text, unless one is given by hand, which then counts. A value that is there and no text is a problem.
    pub(super) fn text(&mut self, name: &str, option: &str, given: Option<&str>) -> Option<String> {
        let found = self.take(name);
        if let Some(given) = given {
            return Some(given.to_owned());
        }
        let Assignment { line, value } = found?;
        let why = match value {
            Ok(Literal::Text(text)) => return Some(text.clone()),
            Ok(Literal::Nothing) => return None,
            Ok(_) => "not a text".to_owned(),
            Err(why) => why.to_string(),
        };
        self.problems
            .push(format!("{name} (line {line}): {why}: give the value by hand, {option}"));
        None
    }

    /// The texts of a text, a list or a tuple.
    /// Names that look as if they mattered here, and were not taken, with their last line.
    pub(super) fn not_taken(&self) -> Vec<(String, usize)> {
        let rest =
            self.file.names().filter(|(name, _)| is_ours(name) && !self.taken.contains(*name));
        rest.filter_map(|(name, all)| Some((name.to_owned(), all.last()?.line))).collect()
    }

    /// What a reader of the file could overlook: values that are overwritten, names that are set elsewhere.
    pub(super) fn warn_of_the_file(&mut self) {
        let file = self.file;
        for (name, all) in file.names().filter(|(name, all)| is_ours(name) && all.len() > 1) {
            let lines: Vec<String> = all.iter().map(|one| one.line.to_string()).collect();
            let text = format!("{name} is set on lines {}; the last one counts", lines.join(", "));
            self.warn(WarningKind::SetTwice, text);
        }
        for line in &file.unseen {
            let text = format!(
                "line {line} can set names that do not stand in this file; they are not read"
            );
            self.warn(WarningKind::NotSeen, text);
        }
    }
}

/// The texts of a text, a list or a tuple; none when something else is among them.
pub(super) fn texts(value: &Literal) -> Option<Vec<&str>> {
    match value {
        Literal::Text(text) => Some(vec![text]),
        Literal::List(items) | Literal::Tuple(items) => {
            let each = items.iter().map(|one| match one {
                Literal::Text(text) => Some(text.as_str()),
                _ => None,
            });
            each.collect()
        }
        _ => None,
    }
}

fn is_ours(name: &str) -> bool {
    ["SOCIAL_AUTH_", "REMOTE_AUTH_"].iter().any(|prefix| name.starts_with(prefix))
}
