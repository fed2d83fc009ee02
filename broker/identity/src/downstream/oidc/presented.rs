//! A request that an application makes itself, not by way of a browser: what it carries.
//!
//! Owns: its parts, and that no parameter stands twice. Does not own: who asks (`token::authenticate`) or what
//! for (each endpoint).

use symbolon_contract::{ReasonCode, TraceId};

use super::authorize::Parameters;
use super::{OauthError, OpenidProvider};

/// A request of an application at one of our endpoints.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'r> {
    /// Whose endpoint was asked: the tenant's own provider or the platform's.
    pub provider: &'r OpenidProvider,
    /// The endpoint's name below the issuer, for example `token`.
    pub endpoint: &'static str,
    /// The fields of the form.
    pub parameters: &'r Parameters,
    /// The `Authorization` header; one that is no text is there as text that is no credential.
    pub authorization: Option<&'r str>,
    /// Every `DPoP` header (RFC 9449 4.1).
    pub proofs: &'r [String],
    /// Ties log, audit and answer together.
    pub trace: &'r TraceId,
}

impl Presented<'_> {
    /// The address of the endpoint, as the application knows it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/{}", self.provider.issuer, self.endpoint)
    }

    /// The resources that it names (RFC 8707 2).
    pub(crate) fn resources(&self) -> Vec<String> {
        let all = self.parameters.iter();
        let named = all.filter(|(name, value)| *name == "resource" && !value.is_empty());
        named.map(|(_, value)| value.to_owned()).collect()
    }

    /// A parameter that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, OauthError> {
        self.parameters.get(name).ok_or_else(|| {
            OauthError::new(ReasonCode::TokenInvalidRequest, format!("{name} is missing"))
        })
    }

    /// No parameter stands twice (RFC 6749 3.2, D13); only `resource` may (RFC 8707 2).
    pub(crate) fn without_duplicates(&self) -> Result<(), OauthError> {
        let twice = |name: &str| name != "resource" && self.parameters.count(name) > 1;
        match self.parameters.iter().find(|(name, _)| twice(name)) {
            None => Ok(()),
            Some((name, _)) => {
                let name: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
                Err(OauthError::new(
                    ReasonCode::TokenDuplicateParameter,
                    format!("{name} stands more than once"),
                ))
            }
        }
    }
}
