//! The parts that a form is made of: what the template writes.

use serde::Serialize;

/// A named input, as a person reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The element's id, made from the name.
    pub id: String,
    /// The field's name: a JSON pointer below the root.
    pub name: String,
    /// The label.
    pub label: String,
    /// The description.
    pub hint: Option<String>,
    /// What holds when nothing is given.
    pub default: Option<String>,
    /// Whether the schema requires it.
    pub required: bool,
}

/// One answer of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// Whether it is the present one.
    pub selected: bool,
}

/// One part of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part {
    /// A fieldset opens.
    Open {
        /// Id, legend and hint.
        #[serde(flatten)]
        label: Label,
        /// `group`, `row` or `choice`.
        style: &'static str,
    },
    /// It closes.
    Close,
    /// The inputs of one alternative follow; a style sheet hides those that are not chosen.
    OpenAlternative {
        /// Its number.
        index: usize,
    },
    /// They end.
    CloseAlternative,
    /// What the reader needs to know and nobody sees.
    Hidden {
        /// Name.
        name: String,
        /// Value.
        value: String,
    },
    /// One line of text.
    Text {
        /// Its label.
        #[serde(flatten)]
        label: Label,
        /// The present text.
        value: String,
        /// `text` or `decimal`.
        input_mode: &'static str,
    },
    /// Several lines.
    Area {
        /// Its label.
        #[serde(flatten)]
        label: Label,
        /// The present text.
        value: String,
        /// Lines to show.
        rows: usize,
        /// Whether it is code.
        code: bool,
    },
    /// A box to tick, always empty at first.
    Check {
        /// Its label.
        #[serde(flatten)]
        label: Label,
    },
    /// One of several answers.
    Choice {
        /// Its label.
        #[serde(flatten)]
        label: Label,
        /// The answers.
        answers: Vec<Answer>,
    },
}

impl Part {
    /// Name and value that a browser sends for it, untouched.
    pub(super) fn field(&self) -> Option<(String, String)> {
        match self {
            Self::Hidden { name, value } => Some((name.clone(), value.clone())),
            Self::Text { label, value, .. } | Self::Area { label, value, .. } => {
                Some((label.name.clone(), value.clone()))
            }
            Self::Choice { label, answers } => {
                let chosen = answers.iter().find(|one| one.selected).or_else(|| answers.first());
                Some((label.name.clone(), chosen?.value.clone()))
            }
            Self::Open { .. }
            | Self::Close
            | Self::OpenAlternative { .. }
            | Self::CloseAlternative
            | Self::Check { .. } => None,
        }
    }
}

/// The id of a field: letters, digits and `_` stay, `/` becomes `-`, all else its code. No two names share one.
pub(super) fn id_of(name: &str) -> String {
    let mut id = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '/' => id.push('-'),
            kept if kept.is_ascii_alphanumeric() || kept == '_' => id.push(kept),
            other => id.push_str(&format!(".{:x}.", u32::from(other))),
        }
    }
    id
}
