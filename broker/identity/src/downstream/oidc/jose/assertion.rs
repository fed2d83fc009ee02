//! Client assertions: an application proves itself by a statement that it signs (`private_key_jwt`,
//! RFC 7523 2.2 and 3, OpenID Core 9; FA-02, FA-03, D10, DY-14).
//!
//! A pure check. Against replay the caller puts [`AcceptedAssertion::jti_hash`] into the typed store
//! until [`AcceptedAssertion::until`]; a conflict there is a replay.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use symbolon_contract::{ApplicationId, ReasonCode};
use thiserror::Error;

use super::claims_set::{AHEAD, MemberProblem, Times, is_type, names_audience, text, token_id};
use super::jwk::PublicJwk;
use super::jws::{Compact, JwsProblem, verify};
use super::keys::{KeysProblem, SignedByApplication};
use super::{ProofAlgorithm, excerpt};
use crate::downstream::application::SecurityProfile;
use crate::secrets::sha256_hex;

#[cfg(test)]
mod tests;

/// The one `client_assertion_type` (RFC 7523 2.2).
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Longer-lived statements are refused (D10): `jti` must be remembered for as long.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// What an application's statement must say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'r> {
    /// Which rules the application is held to.
    pub(crate) profile: SecurityProfile,
    /// Our issuer, as this application knows it.
    pub(crate) issuer: &'r str,
    /// The address of the token endpoint.
    pub(crate) token_endpoint: &'r str,
    /// Further addresses that the statement may be made for: the endpoint that was called.
    pub(crate) other_endpoints: &'r [String],
}

/// A statement that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AcceptedAssertion {
    /// What must not come again: hash over application and `jti`.
    pub(crate) jti_hash: String,
    /// After this moment the statement would be refused in any case.
    pub(crate) until: DateTime<Utc>,
}

/// Why a statement does not prove anything.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum AssertionProblem {
    /// The application's keys cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysProblem),
    /// It is not signed by the application, or not in an allowed way.
    #[error("the client assertion: {0}")]
    Jws(#[from] JwsProblem),
    /// It was made to be something else.
    #[error("the client assertion is another kind of token: {0}")]
    OtherKind(String),
    /// A claim is missing, of the wrong form, or its time is over or not come.
    #[error("the client assertion: {0}")]
    Claim(#[from] MemberProblem),
    /// It speaks of somebody else.
    #[error("{claim} of the client assertion is {seen}, expected the client_id")]
    Application {
        /// `iss` or `sub`.
        claim: &'static str,
        /// What it says.
        seen: String,
    },
    /// It was made for somebody else.
    #[error("aud of the client assertion is not {0}")]
    Audience(String),
    /// It is good for too long.
    #[error("exp of the client assertion lies more than an hour ahead")]
    TooLong,
}

impl AssertionProblem {
    /// The catalogue's code.
    pub(crate) fn reason(&self) -> ReasonCode {
        match self {
            Self::Keys(problem) => problem.reason(),
            _ => ReasonCode::TokenClientAssertionInvalid,
        }
    }
}

impl SignedByApplication for AssertionProblem {
    fn may_be_a_new_key(&self) -> bool {
        matches!(self, Self::Jws(problem) if problem.may_be_a_new_key())
    }
}

/// The application that a statement claims to come from, unverified: to find its keys where the request
/// has no `client_id` beside the assertion (RFC 7521 4.2).
pub(crate) fn claimed_application(token: &str) -> Option<String> {
    let claims = Compact::parse(token).ok()?.unverified_claims().ok()?;
    text(&claims, "sub").ok().map(str::to_owned)
}

/// Checks the statement of an application against its keys.
///
/// # Errors
/// [`AssertionProblem`] for the first rule that does not hold.
pub(crate) fn check(
    token: &str,
    application: &ApplicationId,
    keys: &[PublicJwk],
    rules: &Rules<'_>,
    now: DateTime<Utc>,
) -> Result<AcceptedAssertion, AssertionProblem> {
    let verified = verify(token, keys, ProofAlgorithm::of_profile(rules.profile))?;
    kind(&verified.header, &verified.claims)?;
    let claims = &verified.claims;
    for claim in ["iss", "sub"] {
        let seen = text(claims, claim)?;
        if seen != application.as_str() {
            return Err(AssertionProblem::Application { claim, seen: excerpt(seen) });
        }
    }
    audience(claims, rules)?;
    let times = Times::read(claims, now)?;
    let expires = times.expires.ok_or(MemberProblem::Missing("exp"))?;
    // Its clock may be ahead of ours by as much as `iat` may.
    if expires > now + LONGEST + AHEAD {
        return Err(AssertionProblem::TooLong);
    }
    let once = format!("{application}\n{}", token_id(claims)?);
    Ok(AcceptedAssertion { jti_hash: sha256_hex(once.as_bytes()), until: expires + AHEAD })
}

/// A request object has the same issuer, audience and key, and travels through browsers: it must not
/// pass for a proof (RFC 8725 2.8, RFC 9101 10.8). The same goes for every other kind of token.
fn kind(header: &Map<String, Value>, claims: &Map<String, Value>) -> Result<(), AssertionProblem> {
    match header.get("typ") {
        None => {}
        Some(Value::String(typ))
            if is_type(typ, "jwt") || is_type(typ, "client-authentication+jwt") => {}
        Some(Value::String(typ)) => return Err(AssertionProblem::OtherKind(excerpt(typ))),
        Some(_) => return Err(MemberProblem::Form("typ").into()),
    }
    let foreign = ["response_type", "redirect_uri", "htu", "events"];
    match foreign.iter().find(|name| claims.contains_key(**name)) {
        None => Ok(()),
        Some(name) => Err(AssertionProblem::OtherKind(format!("it holds {name}"))),
    }
}

/// `aud` (RFC 7523 3). FAPI 2.0 takes the issuer alone, as text: who accepts more can be made to take a
/// statement that was made for another server (FAPI 2.0 Security Profile 5.3.2.1, FA-02).
fn audience(claims: &Map<String, Value>, rules: &Rules<'_>) -> Result<(), AssertionProblem> {
    let accepted = match rules.profile {
        SecurityProfile::Fapi2 => claims.get("aud").is_some_and(|aud| aud == rules.issuer),
        SecurityProfile::Oauth => {
            let mut accepted = vec![rules.issuer, rules.token_endpoint];
            accepted.extend(rules.other_endpoints.iter().map(String::as_str));
            names_audience(claims, &accepted)
        }
    };
    if accepted { Ok(()) } else { Err(AssertionProblem::Audience(rules.issuer.to_owned())) }
}
