use serde::{Deserialize, Serialize};

/// Where an error number of Microsoft shows up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenAt {
    /// On Microsoft's own page; nothing comes back to Symbolon.
    Browser,
    /// In the answer that the browser brings back to Symbolon.
    Callback,
    /// At the token endpoint, which Symbolon asks.
    Token,
}

impl SeenAt {
    /// The place in words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Browser => "Microsoft's own page",
            Self::Callback => "comes back to Symbolon",
            Self::Token => "at the token endpoint",
        }
    }
}
