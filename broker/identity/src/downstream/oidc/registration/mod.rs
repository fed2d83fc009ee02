//! Applications that register themselves (RFC 7591, RFC 7592, OpenID Registration): metadata in, metadata out.
//!
//! Owns: the names of the standard and what of them is offered. Does not own: who may register (`admin`) or
//! whether a registration fits together ([`crate::downstream::application`]).

mod read;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use read::{Metadata, read};
pub(crate) use write::write;

use symbolon_contract::ReasonCode;

use super::OauthError;

/// `token_endpoint_auth_method` of the standard that we offer.
pub const AUTHENTICATION_METHODS: [&str; 4] =
    ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];

/// The error for problems that begin with their field: those of redirect URIs have a code of their own.
pub(crate) fn refusal(problems: &[String]) -> OauthError {
    let of_redirects = problems.iter().any(|one| one.starts_with("redirect_uris"));
    let reason = if of_redirects {
        ReasonCode::RegistrationRedirectUriInvalid
    } else {
        ReasonCode::RegistrationMetadataInvalid
    };
    OauthError::new(reason, problems.join("; "))
}
