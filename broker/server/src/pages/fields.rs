//! Parts that several pages share.

use serde::Serialize;

/// A form field that the person does not see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HiddenField {
    /// The field's name.
    pub name: String,
    /// The field's value.
    pub value: String,
}

impl HiddenField {
    /// A field from two texts.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// How a form is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FormMethod {
    /// Changes nothing.
    Get,
    /// Changes something: carries a CSRF field.
    Post,
}

/// A button that posts, with its CSRF field among the hidden ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PostButton {
    /// Where it posts to.
    pub action: String,
    /// What it sends.
    pub fields: Vec<HiddenField>,
}
