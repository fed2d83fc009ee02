//! The two classes of limits (wasm.md §6.1).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::inspect::inspect;
use crate::limits::Limits;

/// Which limits a plugin runs under. Everybody has the standard class; the operator allows the large
/// one per tenant (WP-16).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Rust, C and JavaScript with QuickJS fit with a wide margin.
    #[default]
    Standard,
    /// For Python and SpiderMonkey: a bigger component and more memory, the same fuel.
    Large,
}

impl Class {
    /// The smallest class whose size limits the bytes fit, with the published limits. What a plugin
    /// allocates while it runs shows only in a trial.
    #[must_use]
    pub fn needed(bytes: &[u8]) -> Self {
        Self::needed_within(bytes, &Limits::default())
    }

    pub(crate) fn needed_within(bytes: &[u8], standard: &Limits) -> Self {
        if bytes.len() > standard.max_component_bytes {
            return Self::Large;
        }
        let large = standard.large();
        match inspect(bytes, &large, Self::Large) {
            Ok(parts) if parts.memory_bytes > limit(standard) => Self::Large,
            _ => Self::Standard,
        }
    }

    /// As in JSON: `standard` or `large`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Large => "large",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn limit(limits: &Limits) -> u64 {
    u64::try_from(limits.memory_bytes).unwrap_or(u64::MAX)
}
