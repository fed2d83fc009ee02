//! Small things that every author needs on the contract's types.

use serde_json::{Map, Value};

use crate::{Denial, Failure, Field, Grant, MappingDecision, MappingRequest, failure};

impl MappingRequest {
    /// The claims as the upstream sent them, with everything nested in them.
    ///
    /// # Errors
    /// Code `claims` when they are no JSON object. The broker always sends one.
    pub fn claims(&self) -> Result<Map<String, Value>, Failure> {
        serde_json::from_str(&self.claims_json)
            .map_err(|error| failure("claims", format!("the claims are no JSON object: {error}")))
    }

    /// The values of a claim in the flat view: scalars and lists of scalars as text. None without it.
    #[must_use]
    pub fn values(&self, claim: &str) -> &[String] {
        let found = self.attributes.iter().find(|one| one.name == claim);
        found.map(|one| one.values.as_slice()).unwrap_or_default()
    }

    /// The first value of a claim in the flat view; an empty text counts as absent.
    #[must_use]
    pub fn claim(&self, claim: &str) -> Option<&str> {
        let first = self.values(claim).first()?;
        Some(first.as_str()).filter(|value| !value.is_empty())
    }
}

impl Field {
    /// A user field with one value.
    #[must_use]
    pub fn one(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            values: vec![value.into()],
        }
    }
}

impl Grant {
    /// A role, and why.
    #[must_use]
    pub fn because(role: impl Into<String>, because: impl Into<String>) -> Self {
        Self {
            role: role.into(),
            because: Some(because.into()),
        }
    }
}

impl MappingDecision {
    /// Refuses the sign-in; the person reads the message.
    #[must_use]
    pub fn deny(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Deny(Denial {
            code: code.into(),
            message: message.into(),
        })
    }
}
