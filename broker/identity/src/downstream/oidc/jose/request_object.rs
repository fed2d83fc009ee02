//! Request objects by value: an authorization request that the application signs (RFC 9101, OpenID
//! Core 6.1; FA-14).
//!
//! A pure check. What the parameters mean, and which of those outside count beside them, is the
//! authorization request's ([`super::super::authorize`]).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use symbolon_contract::ApplicationId;

use super::ProofAlgorithm;
use super::claims_set::{AHEAD, MemberProblem, Times, names_audience};
use super::jwk::PublicJwk;
use super::jws::verify;
use super::statement::{self, StatementProblem};
use crate::downstream::application::SecurityProfile;
use crate::downstream::oidc::authorize::Parameters;

#[cfg(test)]
mod tests;

/// Between `nbf` and `exp`, and between `nbf` and now (FAPI 2.0 Message Signing 5.3.1).
const LONGEST: TimeDelta = TimeDelta::minutes(60);

/// Claims of the token itself (RFC 7519 4.1); everything else is a parameter.
const OF_THE_TOKEN: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// What a request object must say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'r> {
    /// Which rules the application is held to.
    pub(crate) profile: SecurityProfile,
    /// Our issuer, as this application knows it.
    pub(crate) issuer: &'r str,
}

/// Checks a request object and returns its parameters as texts.
///
/// # Errors
/// [`StatementProblem`] for the first rule that does not hold.
pub(crate) fn check(
    token: &str,
    application: &ApplicationId,
    keys: &[PublicJwk],
    rules: &Rules<'_>,
    now: DateTime<Utc>,
) -> Result<Parameters, StatementProblem> {
    let verified = verify(token, keys, ProofAlgorithm::of_profile(rules.profile))?;
    let claims = verified.claims;
    statement::typed(&verified.header, "oauth-authz-req+jwt")?;
    // RFC 9101 5.2 and 6.3.
    let said = claims.contains_key("client_id");
    statement::names(&claims, application, if said { &["iss", "client_id"] } else { &["iss"] })?;
    if !names_audience(&claims, &[rules.issuer]) {
        return Err(StatementProblem::Audience(rules.issuer.to_owned()));
    }
    times(&claims, rules.profile, now)?;
    for name in ["request", "request_uri"] {
        if claims.contains_key(name) {
            return Err(StatementProblem::Nested(name));
        }
    }
    let parameters = claims.into_iter().filter(|(name, _)| !OF_THE_TOKEN.contains(&name.as_str()));
    Ok(Parameters::new(parameters.flat_map(|(name, value)| texts(name, value)).collect()))
}

fn times(
    claims: &Map<String, Value>,
    profile: SecurityProfile,
    now: DateTime<Utc>,
) -> Result<(), StatementProblem> {
    let times = Times::read(claims, now)?;
    if profile == SecurityProfile::Oauth {
        return Ok(());
    }
    let expires = times.expires.ok_or(MemberProblem::Missing("exp"))?;
    let not_before = times.not_before.ok_or(MemberProblem::Missing("nbf"))?;
    if not_before < now - LONGEST - AHEAD {
        return Err(MemberProblem::Over("nbf").into());
    }
    if expires - not_before > LONGEST { Err(StatementProblem::TooLong) } else { Ok(()) }
}

/// A parameter as a query would carry it: `resource` may come as an array (RFC 8707 2), every other
/// structure is a parameter whose value is JSON (OpenID Core 5.5).
fn texts(name: String, value: Value) -> Vec<(String, String)> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![(name, text)],
        Value::Array(all) if name == "resource" => all
            .into_iter()
            .flat_map(|one| if one.is_array() { Vec::new() } else { texts(name.clone(), one) })
            .collect(),
        other => vec![(name, other.to_string())],
    }
}
