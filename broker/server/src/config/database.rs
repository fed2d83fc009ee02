//! `[database]`: where the rows live.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::human_duration::HumanDuration;
use super::problems::Problems;

/// Where the rows live.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `sqlite:PATH`, `postgres://…` or `postgresql://…`. May hold a password, so it is never shown
    /// whole; `url_file` names a file that holds it instead.
    pub url: DatabaseUrl,
    /// Connections that one node keeps open.
    pub pool_size: u32,
    /// How long a request waits for a connection before it is refused.
    pub acquire_timeout: HumanDuration,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            url: DatabaseUrl(SecretString::from("sqlite:symbolon.sqlite")),
            pool_size: 8,
            acquire_timeout: HumanDuration::from_secs(2),
        }
    }
}

impl DatabaseSettings {
    pub(super) fn validate(&self, problems: &mut Problems) {
        problems.require(
            (1..=256).contains(&self.pool_size),
            "database.pool_size",
            "must be between 1 and 256",
        );
        problems.require(
            !self.acquire_timeout.as_duration().is_zero(),
            "database.acquire_timeout",
            "must be longer than nothing",
        );
    }
}

/// A database URL; shown only with its password masked.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseUrl(SecretString);

/// The database URL names no engine that the broker knows. The text is not repeated: it may hold
/// a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected \"sqlite:PATH\" or \"postgres://user:password@host/name\"")]
pub struct InvalidDatabaseUrl;

impl DatabaseUrl {
    /// The whole text, password included: for the connection alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The text with every password masked.
    #[must_use]
    pub fn redacted(&self) -> String {
        let text = self.expose();
        if text.starts_with("sqlite:") {
            return text.to_owned();
        }
        Url::parse(text).map_or_else(|_| "***".to_owned(), mask_passwords)
    }
}

fn mask_passwords(mut url: Url) -> String {
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return "***".to_owned();
    }
    if url.query().is_some_and(|query| query.to_ascii_lowercase().contains("password")) {
        url.set_query(Some("***"));
    }
    url.to_string()
}

impl TryFrom<String> for DatabaseUrl {
    type Error = InvalidDatabaseUrl;
    fn try_from(text: String) -> Result<Self, InvalidDatabaseUrl> {
        let text = text.trim();
        let postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        let sqlite = text.strip_prefix("sqlite:").is_some_and(|path| !path.is_empty());
        if sqlite || (postgres && Url::parse(text).is_ok()) {
            Ok(Self(SecretString::from(text)))
        } else {
            Err(InvalidDatabaseUrl)
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({})", self.redacted())
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.redacted())
    }
}

impl JsonSchema for DatabaseUrl {
    fn schema_name() -> Cow<'static, str> {
        "DatabaseUrl".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(sqlite:|postgres://|postgresql://)" })
    }
}
