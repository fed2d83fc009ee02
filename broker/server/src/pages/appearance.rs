//! How a page looks to this person: theme and language.

use serde::Serialize;

/// Holds `light` or `dark` when the person chose; not `HttpOnly`, not a secret.
pub const THEME_COOKIE: &str = "symbolon-theme";

/// The colour scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system wishes.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Reads the cookie's value; anything unknown follows the system.
    #[must_use]
    pub fn from_cookie(value: Option<&str>) -> Self {
        match value {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// The `data-bs-theme` attribute, absent for `Auto`.
    pub(super) const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// What every page needs beside its own context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appearance {
    /// The colour scheme.
    pub theme: Theme,
    /// The language of the texts (BCP 47).
    pub lang: &'static str,
    /// The name at the top.
    pub brand: String,
}

impl Default for Appearance {
    fn default() -> Self {
        Self { theme: Theme::Auto, lang: "en", brand: "Symbolon".to_owned() }
    }
}
