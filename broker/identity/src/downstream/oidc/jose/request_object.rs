//! Request objects by value: an authorization request that the application signs (RFC 9101, OpenID
//! Core 6.1; FA-14).
//!
//! A pure check. What the parameters mean, and which of those outside count beside them, is the
//! authorization request's ([`super::super::authorize`]).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use symbolon_contract::{ApplicationId, ReasonCode};
use thiserror::Error;

use super::claims_set::{AHEAD, MemberProblem, Times, is_type, names_audience, text};
use super::jwk::PublicJwk;
use super::jws::{JwsProblem, verify};
use super::keys::{KeysProblem, SignedByApplication};
use super::{ProofAlgorithm, excerpt};
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

/// Why a request object does not count.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum RequestObjectProblem {
    /// The application's keys cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysProblem),
    /// It is not signed by the application, or not in an allowed way.
    #[error("the request object: {0}")]
    Jws(#[from] JwsProblem),
    /// It was made to be something else.
    #[error("typ of the request object is {0}, expected oauth-authz-req+jwt")]
    Type(String),
    /// A claim is missing, of the wrong form, or its time is over or not come.
    #[error("the request object: {0}")]
    Claim(#[from] MemberProblem),
    /// Somebody else made it.
    #[error("{claim} of the request object is {seen}, expected the client_id")]
    Application {
        /// `iss` or `client_id`.
        claim: &'static str,
        /// What it says.
        seen: String,
    },
    /// It was made for somebody else.
    #[error("aud of the request object is not {0}")]
    Audience(String),
    /// It is good for too long.
    #[error("the request object is good for more than 60 minutes")]
    TooLong,
    /// It refers to another one (RFC 9101 4).
    #[error("the request object holds {0}")]
    Nested(&'static str),
}

impl RequestObjectProblem {
    /// The catalogue's code.
    pub(crate) fn reason(&self) -> ReasonCode {
        match self {
            Self::Keys(problem) => problem.reason(),
            _ => ReasonCode::AuthorizeRequestObjectInvalid,
        }
    }
}

impl SignedByApplication for RequestObjectProblem {
    fn may_be_a_new_key(&self) -> bool {
        matches!(self, Self::Jws(problem) if problem.may_be_a_new_key())
    }
}

/// Checks a request object and returns its parameters as texts.
///
/// # Errors
/// [`RequestObjectProblem`] for the first rule that does not hold.
pub(crate) fn check(
    token: &str,
    application: &ApplicationId,
    keys: &[PublicJwk],
    rules: &Rules<'_>,
    now: DateTime<Utc>,
) -> Result<Parameters, RequestObjectProblem> {
    let verified = verify(token, keys, ProofAlgorithm::of_profile(rules.profile))?;
    let claims = verified.claims;
    match verified.header.get("typ") {
        None => {}
        Some(Value::String(typ)) if is_type(typ, "oauth-authz-req+jwt") || is_type(typ, "jwt") => {}
        Some(Value::String(typ)) => return Err(RequestObjectProblem::Type(excerpt(typ))),
        Some(_) => return Err(MemberProblem::Form("typ").into()),
    }
    made_by(application, &claims)?;
    if !names_audience(&claims, &[rules.issuer]) {
        return Err(RequestObjectProblem::Audience(rules.issuer.to_owned()));
    }
    times(&claims, rules.profile, now)?;
    for name in ["request", "request_uri"] {
        if claims.contains_key(name) {
            return Err(RequestObjectProblem::Nested(name));
        }
    }
    let parameters = claims.into_iter().filter(|(name, _)| !OF_THE_TOKEN.contains(&name.as_str()));
    Ok(Parameters::new(parameters.flat_map(|(name, value)| texts(name, value)).collect()))
}

/// `iss`, and `client_id` where it stands (RFC 9101 5.2 and 6.3).
fn made_by(
    application: &ApplicationId,
    claims: &Map<String, Value>,
) -> Result<(), RequestObjectProblem> {
    let is_it = |claim: &'static str| -> Result<(), RequestObjectProblem> {
        let seen = text(claims, claim)?;
        if seen == application.as_str() {
            return Ok(());
        }
        Err(RequestObjectProblem::Application { claim, seen: excerpt(seen) })
    };
    is_it("iss")?;
    if claims.contains_key("client_id") { is_it("client_id") } else { Ok(()) }
}

fn times(
    claims: &Map<String, Value>,
    profile: SecurityProfile,
    now: DateTime<Utc>,
) -> Result<(), RequestObjectProblem> {
    let times = Times::read(claims, now)?;
    if profile == SecurityProfile::Oauth {
        return Ok(());
    }
    let expires = times.expires.ok_or(MemberProblem::Missing("exp"))?;
    let not_before = times.not_before.ok_or(MemberProblem::Missing("nbf"))?;
    if not_before < now - LONGEST - AHEAD {
        return Err(MemberProblem::Over("nbf").into());
    }
    if expires - not_before > LONGEST { Err(RequestObjectProblem::TooLong) } else { Ok(()) }
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
