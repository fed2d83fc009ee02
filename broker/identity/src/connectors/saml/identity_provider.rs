//! What is known of an identity provider, from its metadata or by hand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_saml::certificate::Certificate;
use url::Url;

/// What is known of an identity provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityProvider {
    /// Its entity id, exactly.
    pub entity_id: String,
    /// Where people sign in.
    pub sign_on: Vec<Endpoint>,
    /// Where people sign out.
    pub logout: Vec<Endpoint>,
    /// Certificates whose keys sign: PEM, or the base64 of a metadata document. At least one.
    pub certificates: Vec<String>,
    /// It takes signed requests only.
    pub wants_signed_requests: bool,
}

/// An address of the identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// How messages get there.
    pub binding: Binding,
    /// The address, exactly as it is published: messages repeat it (SAML Core 3.2.1).
    pub location: String,
    /// Where answers go, if elsewhere (SAML Metadata 2.2.2).
    #[serde(default)]
    pub response_location: Option<String>,
}

/// How a message travels through the browser.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// In the URL (SAML Bindings 3.4).
    #[default]
    Redirect,
    /// As a posted form (SAML Bindings 3.5).
    Post,
}

impl IdentityProvider {
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let id = &self.entity_id;
        if id.is_empty() || id.trim() != id || id.len() > 1024 {
            problems.push(
                "upstream.identity_provider.entity_id: empty, too long, or blanks around it".into(),
            );
        }
        if id.contains("{tenant") {
            problems.push(
                "upstream.identity_provider.entity_id: holds a placeholder; take the metadata of one directory, \
                 not of `common`"
                    .into(),
            );
        }
        if self.sign_on.is_empty() {
            problems.push("upstream.identity_provider.sign_on: at least one address".into());
        }
        if self.certificates.is_empty() {
            problems.push(
                "upstream.identity_provider.certificates: at least one; without it nothing can be verified".into(),
            );
        }
        for (at, certificate) in self.certificates.iter().enumerate() {
            problems.extend(unreadable("identity_provider.certificates", at, certificate));
        }
        for endpoint in self.sign_on.iter().chain(&self.logout) {
            for location in std::iter::once(&endpoint.location).chain(&endpoint.response_location) {
                if web_address(location).is_none() {
                    problems.push(format!(
                        "upstream.identity_provider: {location}: no http(s) address"
                    ));
                }
            }
        }
        problems
    }

    /// The certificates that can be read.
    #[must_use]
    pub fn read_certificates(&self) -> Vec<Certificate> {
        self.certificates.iter().filter_map(|text| Certificate::from_base64(text).ok()).collect()
    }

    /// The endpoint of this binding, or of any.
    #[must_use]
    pub fn endpoint(of: &[Endpoint], wanted: Option<Binding>) -> Option<&Endpoint> {
        match wanted {
            Some(binding) => of.iter().find(|one| one.binding == binding),
            None => of.iter().find(|one| one.binding == Binding::Redirect).or_else(|| of.first()),
        }
    }
}

impl Endpoint {
    /// The address as a URL; settings and metadata with another one are refused.
    #[must_use]
    pub fn url(&self) -> Option<Url> {
        web_address(&self.location)
    }
}

fn web_address(location: &str) -> Option<Url> {
    Url::parse(location).ok().filter(|url| matches!(url.scheme(), "https" | "http"))
}

pub(super) fn unreadable(place: &str, at: usize, certificate: &str) -> Option<String> {
    let problem = match Certificate::from_base64(certificate) {
        Ok(certificate) if certificate.is_strong() => return None,
        Ok(_) => "the key is too weak: RSA needs 2048 bits, elliptic curves 256",
        Err(_) => "this is no certificate",
    };
    Some(format!("upstream.{place}[{at}]: {problem}"))
}
