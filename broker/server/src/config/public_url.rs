//! The address under which browsers reach the broker; every issuer begins with it.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Scheme, host and port, nothing else. Plain `http` only for this machine itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicUrl(Url);

/// Why a text is refused as public URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    /// Not an absolute URL at all.
    #[error("not a URL: expected for example \"https://login.example.com\"")]
    NotAUrl,
    /// Some other scheme.
    #[error("the scheme must be https")]
    NotHttp,
    /// Plain http would send cookies and codes in the clear (S5).
    #[error("plain http is only for localhost, 127.0.0.1 or [::1]: use https")]
    PlainHttp,
    /// A name or password before the host.
    #[error("must not hold a user name or password")]
    HasUserInfo,
    /// `__Host-` cookies and well-known paths need the root of a host.
    #[error("must not hold a path: only scheme, host and port")]
    HasPath,
    /// A query or fragment never belongs to an issuer (OpenID Connect Discovery 1.0, section 3).
    #[error("must not hold a query or fragment")]
    HasQueryOrFragment,
}

impl PublicUrl {
    /// Reads and checks a public URL.
    ///
    /// # Errors
    /// [`PublicUrlError`], which says what to change.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| PublicUrlError::NotAUrl)?;
        match url.scheme() {
            "https" => {}
            "http" if names_this_machine(&url) => {}
            "http" => return Err(PublicUrlError::PlainHttp),
            _ => return Err(PublicUrlError::NotHttp),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(PublicUrlError::HasUserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(PublicUrlError::HasQueryOrFragment);
        }
        if url.path() != "/" {
            return Err(PublicUrlError::HasPath);
        }
        Ok(Self(url))
    }

    /// Whether cookies may be `Secure` and HSTS may be sent.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// As a URL, with `/` as path.
    #[must_use]
    pub const fn as_url(&self) -> &Url {
        &self.0
    }

    /// Without the closing slash: the platform issuer, and what paths are appended to.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

fn names_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address) == IpAddr::from([127, 0, 0, 1]),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = PublicUrlError;
    fn try_from(text: String) -> Result<Self, PublicUrlError> {
        Self::parse(&text)
    }
}

impl From<PublicUrl> for String {
    fn from(url: PublicUrl) -> Self {
        url.to_string()
    }
}

impl JsonSchema for PublicUrl {
    fn schema_name() -> Cow<'static, str> {
        "PublicUrl".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "uri" })
    }
}

#[cfg(test)]
mod tests {
    use super::{PublicUrl, PublicUrlError};

    #[test]
    fn each_refusal_has_its_own_reason() {
        let cases = [
            ("login.example.com", PublicUrlError::NotAUrl),
            ("ftp://login.example.com", PublicUrlError::NotHttp),
            ("http://login.example.com", PublicUrlError::PlainHttp),
            ("http://localhost.evil.example", PublicUrlError::PlainHttp),
            ("http://10.0.0.1:8080", PublicUrlError::PlainHttp),
            ("https://a:b@login.example.com", PublicUrlError::HasUserInfo),
            ("https://login.example.com/auth", PublicUrlError::HasPath),
            ("https://login.example.com/?a=b", PublicUrlError::HasQueryOrFragment),
            ("https://login.example.com/#a", PublicUrlError::HasQueryOrFragment),
        ];
        for (text, reason) in cases {
            assert_eq!(PublicUrl::parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn feat_b5_plain_http_is_for_this_machine_alone() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "[::1]:8080"] {
            assert!(PublicUrl::parse(&format!("http://{host}")).is_ok(), "{host}");
        }
        for host in [
            "login.example.com",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "127.0.0.2",
            "0.0.0.0",
            "192.168.0.1",
            "[::]",
            "[fe80::1]",
            "[::ffff:192.0.2.1]",
        ] {
            let refusal = PublicUrl::parse(&format!("http://{host}"));
            assert_eq!(refusal, Err(PublicUrlError::PlainHttp), "{host}");
            assert!(PublicUrl::parse(&format!("https://{host}")).is_ok(), "{host}");
        }
    }

    #[test]
    fn the_closing_slash_is_not_part_of_the_issuer() {
        for text in ["https://login.example.com", "https://login.example.com/"] {
            assert_eq!(PublicUrl::parse(text).unwrap().as_str(), "https://login.example.com");
        }
        for text in ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"] {
            assert!(!PublicUrl::parse(text).unwrap().is_https());
        }
    }
}
