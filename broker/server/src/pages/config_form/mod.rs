//! The form of a plugin's configuration, drawn from its own JSON Schema, and the way back (WP-23, WP-99).
//!
//! Owns: which shapes of JSON Schema have a form (`schema`), the parts of a form (`draw`), what a sent form
//! means (`read`), the page that shows one. Does not own: whether the configuration is right: that is for
//! the plugin's `check-config` to say. Everything a plugin says is text here; what has no form (unknown
//! shapes, values that do not fit, too deep, too many) is edited as JSON, so that nothing gets lost.

mod draw;
mod page;
mod parts;
mod read;
mod schema;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value;

pub use self::page::ConfigFormPage;
pub use self::parts::{Answer, Label, Part};
use self::schema::{Schema, Slot};

/// Parts of one form, so that a hostile schema cannot make an endless page. The rest is edited as JSON.
const MOST_PARTS: usize = 3_000;
/// Deeper values are edited as JSON.
const DEEPEST: usize = 8;
/// Rows of one table; a longer one is edited as JSON.
const MOST_ROWS: usize = 200;
/// The name of the form's root; all names begin with it.
const ROOT: &str = "config";

/// A form, top to bottom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigForm {
    /// The parts in order; groups open and close.
    pub parts: Vec<Part>,
}

/// A field that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{name}: {message}")]
pub struct FormProblem {
    /// The name of the field.
    pub name: String,
    /// What is wrong with it.
    pub message: String,
}

impl ConfigForm {
    /// Draws the form of a schema, filled with a configuration.
    #[must_use]
    pub fn draw(schema: &str, config: &Value) -> Self {
        let schema = Schema::parse(schema);
        Self { parts: draw::draw(&schema, &Slot::root(&schema), Some(config)) }
    }

    /// The configuration that a sent form means. What an untouched form sends is the configuration it was
    /// drawn with.
    ///
    /// # Errors
    /// Every [`FormProblem`] at once.
    pub fn read(schema: &str, fields: &[(String, String)]) -> Result<Value, Vec<FormProblem>> {
        read::read(&Schema::parse(schema), fields)
    }

    /// What a browser sends if nobody touches the form.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, String)> {
        self.parts.iter().filter_map(Part::field).collect()
    }
}
