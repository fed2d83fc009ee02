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

    /// This address on the port of the moment, for an installed application that registered one on a loopback
    /// IP address (RFC 8252 7.3). `localhost` is a name that others may resolve otherwise, so it is none (8.3).
    #[must_use]
    pub fn on_any_port(&self, sent: &str) -> Option<Self> {
        let hosts = ["http://127.0.0.1", "http://[::1]"];
        let host = hosts.into_iter().find(|host| self.0.starts_with(host))?;
        let registered = behind_port(self.0.strip_prefix(host)?)?;
        let path = behind_port(sent.strip_prefix(host)?)?;
        (registered == path).then(|| Self(sent.to_owned()))
    }

    /// The origin for a page's `form-action`, where the URI has one.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        let origin = Url::parse(&self.0).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

/// What stands behind a host and its port, if there is nothing else between them.
fn behind_port(rest: &str) -> Option<&str> {
    let begins_a_path = |rest: &str| rest.is_empty() || rest.starts_with(['/', '?']);
    let Some(rest) = rest.strip_prefix(':') else {
        return begins_a_path(rest).then_some(rest);
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (port, path) = rest.split_at_checked(digits)?;
    let is_a_port = !port.starts_with('0') && port.parse::<u16>().is_ok();
    (is_a_port && begins_a_path(path)).then_some(path)
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

    #[test]
    fn r07_rfc8252_any_port_of_a_loopback_address_and_nothing_else_of_it() {
        let fits = |registered: &str, sent: &str| {
            let found = RedirectUri::parse(registered).unwrap().on_any_port(sent);
            found.map(|one| one.as_str().to_owned()).as_deref() == Some(sent)
        };
        for registered in ["http://127.0.0.1/cb?a=1", "http://127.0.0.1:7000/cb?a=1"] {
            for good in ["", ":1", ":7000", ":51004", ":65535"] {
                assert!(fits(registered, &format!("http://127.0.0.1{good}/cb?a=1")), "{good}");
            }
            for bad in [
                "http://127.0.0.1:0/cb?a=1",
                "http://127.0.0.1:65536/cb?a=1",
                "http://127.0.0.1:07/cb?a=1",
                "http://127.0.0.1:+7/cb?a=1",
                "http://127.0.0.1:/cb?a=1",
                "http://127.0.0.1:7/cb",
                "http://127.0.0.1:7/cb?a=12",
                "http://127.0.0.1:7/x/../cb?a=1",
                "http://127.0.0.1:7@evil.example/cb?a=1",
                "http://127.0.0.1.evil.example/cb?a=1",
                "http://127.0.0.1:7.evil.example/cb?a=1",
                "http://127.0.0.11/cb?a=1",
                "http://localhost:7/cb?a=1",
                "http://[::1]:7/cb?a=1",
                "https://127.0.0.1:7/cb?a=1",
                "HTTP://127.0.0.1:7/cb?a=1",
                "",
            ] {
                assert!(!fits(registered, bad), "{bad}");
            }
        }
        assert!(fits("http://[::1]/cb", "http://[::1]:51004/cb"));
        assert!(!fits("http://localhost:3000/cb", "http://localhost:3001/cb"));
        assert!(!fits("https://app.example/cb", "https://app.example:444/cb"));
        assert!(!fits("com.example.app:/cb", "com.example.app:/cb"));
    }
}
