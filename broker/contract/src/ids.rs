//! Identifiers: each is its own type, so that a tenant's id never stands where a user's is meant.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The text is not a valid identifier of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidId {
    /// Which kind of identifier was expected, for example `tenant slug`.
    pub kind: &'static str,
    /// What a valid one looks like, for the person who typed it.
    pub expected: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a valid {}: expected {}", self.kind, self.expected)
    }
}

impl std::error::Error for InvalidId {}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident = $kind:literal, $expected:literal, $valid:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("Reads a ", $kind, ": ", $expected, ".")]
            ///
            /// # Errors
            /// [`InvalidId`] when the text has another form.
            pub fn parse(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidId { kind: $kind, expected: $expected })
                }
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )*};
}

identifiers! {
    /// A tenant: the hard wall around connectors, users, keys and audit.
    TenantId = "tenant id", "1 to 64 characters of a-z, A-Z, 0-9, '-' or '_'", is_row_id;
    /// A tenant's name in URLs: `{public_url}/t/{slug}`.
    TenantSlug = "tenant slug", "1 to 63 characters of a-z, 0-9 or '-', not at either end '-'", is_slug;
    /// A configured upstream. Connectors carry a readable name, which is also their place in the callback URL.
    ConnectorId = "connector id", "1 to 63 characters of a-z, 0-9 or '-', not at either end '-'", is_slug;
    /// A user of one tenant; becomes the `sub` that applications see.
    UserId = "user id", "1 to 64 characters of a-z, A-Z, 0-9, '-' or '_'", is_row_id;
    /// A broker session (not the secret in the cookie).
    SessionId = "session id", "1 to 64 characters of a-z, A-Z, 0-9, '-' or '_'", is_row_id;
    /// An application of one tenant; the same text is its OAuth `client_id`.
    ApplicationId = "application id", "1 to 64 characters of a-z, A-Z, 0-9, '-' or '_'", is_row_id;
    /// Ties one request to its log lines, its audit row and the page that the person sees.
    TraceId = "trace id", "32 hexadecimal characters", is_trace_id;
    /// SHA-256 of a plugin's component bytes, in lower-case hexadecimal.
    PluginDigest = "plugin digest", "64 hexadecimal characters", is_digest;
    /// A role of a tenant's catalogue.
    RoleName = "role name", "1 to 64 characters of a-z, A-Z, 0-9, '.', '_', ':' or '-'", is_role;
}

fn all_of(text: &str, longest: usize, allowed: fn(u8) -> bool) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(allowed)
}

fn is_row_id(text: &str) -> bool {
    all_of(text, 64, |b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_slug(text: &str) -> bool {
    all_of(text, 63, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_trace_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_role(text: &str) -> bool {
    all_of(text, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_refuse_what_would_break_a_url() {
        for bad in ["", "-a", "a-", "A", "a/b", "a.b", "a b", "ü", &"a".repeat(64)] {
            assert!(TenantSlug::parse(bad).is_err(), "{bad:?}");
        }
        for good in ["a", "contoso", "contoso-2", &"a".repeat(63)] {
            assert!(TenantSlug::parse(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn role_names_refuse_control_and_bidi_characters() {
        for bad in ["", "ad\0min", "ad\r\nmin", "admin\u{202e}", "a role"] {
            assert!(RoleName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(RoleName::parse("wiki:editor").is_ok());
    }

    #[test]
    fn deserialising_validates() {
        assert!(serde_json::from_str::<TenantSlug>("\"a/b\"").is_err());
        assert!(serde_json::from_str::<TenantSlug>("\"ab\"").is_ok());
    }
}
