//! Client assertions: an application proves itself by a statement that it signs (`private_key_jwt`,
//! RFC 7523 2.2 and 3, OpenID Core 9; FA-02, FA-03, D10, DY-14).
//!
//! A pure check. Against replay the caller puts [`AcceptedAssertion::jti_hash`] into the typed store
//! until [`AcceptedAssertion::until`]; a conflict there is a replay.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use symbolon_contract::ApplicationId;

use super::ProofAlgorithm;
use super::claims_set::{AHEAD, MemberProblem, Times, names_audience, text, token_id};
use super::jwk::PublicJwk;
use super::jws::{Compact, verify};
use super::statement::{self, StatementProblem};
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

/// The application that a statement claims to come from, unverified: to find its keys where the request
/// has no `client_id` beside the assertion (RFC 7521 4.2).
pub(crate) fn claimed_application(token: &str) -> Option<String> {
    let claims = Compact::parse(token).ok()?.unverified_claims().ok()?;
    text(&claims, "sub").ok().map(str::to_owned)
}

/// Checks the statement of an application against its keys.
///
/// # Errors
/// [`StatementProblem`] for the first rule that does not hold.
pub(crate) fn check(
    token: &str,
    application: &ApplicationId,
    keys: &[PublicJwk],
    rules: &Rules<'_>,
    now: DateTime<Utc>,
) -> Result<AcceptedAssertion, StatementProblem> {
    let verified = verify(token, keys, ProofAlgorithm::of_profile(rules.profile))?;
    kind(&verified.header, &verified.claims)?;
    let claims = &verified.claims;
    statement::names(claims, application, &["iss", "sub"])?;
    audience(claims, rules)?;
    let times = Times::read(claims, now)?;
    let expires = times.expires.ok_or(MemberProblem::Missing("exp"))?;
    // Its clock may be ahead of ours by as much as `iat` may.
    if expires > now + LONGEST + AHEAD {
        return Err(StatementProblem::TooLong);
    }
    let once = format!("{application}\n{}", token_id(claims)?);
    Ok(AcceptedAssertion { jti_hash: sha256_hex(once.as_bytes()), until: expires + AHEAD })
}

/// A request object has the same issuer, audience and key, and travels through browsers: it must not
/// pass for a proof (RFC 8725 2.8, RFC 9101 10.8). The same goes for every other kind of token.
fn kind(header: &Map<String, Value>, claims: &Map<String, Value>) -> Result<(), StatementProblem> {
    statement::typed(header, "client-authentication+jwt")?;
    let foreign = ["response_type", "redirect_uri", "htu", "events"];
    match foreign.iter().find(|name| claims.contains_key(**name)) {
        None => Ok(()),
        Some(name) => Err(StatementProblem::OtherKind(format!("it holds {name}"))),
    }
}

/// `aud` (RFC 7523 3). FAPI 2.0 takes the issuer alone, as text: who accepts more can be made to take a
/// statement that was made for another server (FAPI 2.0 Security Profile 5.3.2.1, FA-02).
fn audience(claims: &Map<String, Value>, rules: &Rules<'_>) -> Result<(), StatementProblem> {
    let accepted = match rules.profile {
        SecurityProfile::Fapi2 => claims.get("aud").is_some_and(|aud| aud == rules.issuer),
        SecurityProfile::Oauth => {
            let mut accepted = vec![rules.issuer, rules.token_endpoint];
            accepted.extend(rules.other_endpoints.iter().map(String::as_str));
            names_audience(claims, &accepted)
        }
    };
    if accepted { Ok(()) } else { Err(StatementProblem::Audience(rules.issuer.to_owned())) }
}
