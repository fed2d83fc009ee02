//! Redirect URIs: checked when they are registered, compared as text ever after.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::{Host, Url};

/// A redirect URI that was checked when it was registered (RFC 9700 2.1, RFC 8252 7).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RedirectUri(String);

/// Why a redirect URI cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidRedirectUri {
    /// It is no absolute URL.
    #[error("{0}: not an absolute URL")]
    NotAbsolute(String),
    /// It has a fragment (RFC 6749 3.1.2).
    #[error("{0}: a redirect URI has no fragment")]
    Fragment(String),
    /// It carries a user name or password.
    #[error("{0}: a redirect URI has no user name or password")]
    Credentials(String),
    /// It is plain http beyond the machine itself (B5).
    #[error("{0}: https is required, http only for localhost, 127.0.0.1 and [::1]")]
    NotHttps(String),
    /// Its scheme could run script or read files.
    #[error("{0}: the scheme is neither https nor an application's own with a dot in it")]
    Scheme(String),
    /// It holds a wildcard or characters that parsers disagree on.
    #[error("{0}: wildcards, blanks and backslashes are refused")]
    Characters(String),
}

impl RedirectUri {
    /// Checks and keeps the text unchanged, because it is compared as text.
    ///
    /// # Errors
    /// [`InvalidRedirectUri`] names the rule.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidRedirectUri> {
        let text = text.into();
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == '*' || c == '\\';
        if text.chars().any(odd) {
            return Err(InvalidRedirectUri::Characters(text.escape_debug().to_string()));
        }
        let Ok(url) = Url::parse(&text) else {
            return Err(InvalidRedirectUri::NotAbsolute(text));
        };
        if text.contains('#') {
            return Err(InvalidRedirectUri::Fragment(text));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidRedirectUri::Credentials(text));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(InvalidRedirectUri::NotHttps(text)),
            // RFC 8252 7.1: private schemes are reverse domain names.
            private if private.contains('.') => {}
            _ => return Err(InvalidRedirectUri::Scheme(text)),
        }
        Ok(Self(text))
    }

    /// The text as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The origin for a page's `form-action`, where the URI has one.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        let origin = Url::parse(&self.0).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = InvalidRedirectUri;
    fn try_from(text: String) -> Result<Self, InvalidRedirectUri> {
        Self::parse(text)
    }
}

impl std::str::FromStr for RedirectUri {
    type Err = InvalidRedirectUri;
    fn from_str(text: &str) -> Result<Self, InvalidRedirectUri> {
        Self::parse(text)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> String {
        uri.0
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r07_only_safe_redirect_uris_can_be_registered() {
        for good in [
            "https://app.example/callback",
            "https://app.example/callback?x=1",
            "http://localhost:3000/cb",
            "http://127.0.0.1/cb",
            "http://[::1]:9/cb",
            "com.example.app:/cb",
        ] {
            assert_eq!(RedirectUri::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "http://app.example/cb",
            "https://app.example/cb#x",
            "https://user@app.example/cb",
            "https://*.example/cb",
            "https://app.example/c b",
            "https:\\\\app.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/relative",
            "",
        ] {
            assert!(RedirectUri::parse(bad).is_err(), "{bad}");
        }
    }
}
