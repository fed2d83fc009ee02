//! The rules for an ID token (OpenID Connect Core 3.1.3.7) and for a logout token (Back-Channel Logout 1.0, 2.6).

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use crate::values::{left_half_hash, left_half_hash_eddsa};

const SKEW: i64 = 60;

/// What an ID token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) access_token: &'a str,
    pub(super) now: i64,
}

/// Which rule an ID token breaks.
#[derive(Debug, thiserror::Error)]
pub(super) enum VerifyError {
    #[error("the token is no JWT: {0}")]
    Shape(jsonwebtoken::errors::Error),
    #[error("the token is signed by {0:?}")]
    Algorithm(Algorithm),
    #[error("no key of the issuer fits the token")]
    NoKey,
    #[error("the signature of the token is wrong: {0}")]
    Signature(jsonwebtoken::errors::Error),
    #[error("the claim {0} of the token is wrong or missing")]
    Claim(&'static str),
}

/// Checks signature and claims; gives the claims.
pub(super) fn verify(
    token: &str,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, VerifyError> {
    let (claims, algorithm) = signed(token, keys, None)?;
    check(&claims, algorithm, expected)?;
    Ok(claims)
}

/// The claims of an ID token that one of these published keys signed and that belongs to this access token
/// (OpenID Connect Core 3.1.3.6 and 3.1.3.7), for tests that play a relying party by hand.
///
/// # Errors
/// Why not, in words.
pub fn verified(token: &str, keys: &Value, access_token: &str) -> Result<Value, String> {
    let keys: JwkSet = serde_json::from_value(keys.clone()).map_err(|error| error.to_string())?;
    let (claims, algorithm) = signed(token, &keys, None).map_err(|error| error.to_string())?;
    let hash = claims.get("at_hash").and_then(Value::as_str);
    match hash.is_none_or(|hash| hash == at_hash(access_token, algorithm)) {
        true => Ok(Value::Object(claims)),
        false => Err(VerifyError::Claim("at_hash").to_string()),
    }
}

/// What a logout token must say.
pub(super) struct ExpectedLogout<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) now: i64,
}

/// Checks signature and claims of a logout token; gives the claims.
pub(super) fn verify_logout(
    token: &str,
    keys: &JwkSet,
    expected: &ExpectedLogout<'_>,
) -> Result<Map<String, Value>, VerifyError> {
    let (claims, _) = signed(token, keys, Some("logout+jwt"))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    let event = serde_json::json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let (now, about) = (expected.now, [text("sub"), text("sid")]);
    let rules = [
        ("iss", text("iss") == Some(expected.issuer)),
        ("aud", text("aud") == Some(expected.client_id)),
        ("iat", time("iat").is_some_and(|iat| iat <= now + SKEW && now - iat < 24 * 60 * 60)),
        ("exp", time("exp").is_some_and(|exp| exp > now && exp <= now + 120 + SKEW)),
        ("jti", text("jti").is_some_and(|jti| !jti.is_empty())),
        ("sid", about.iter().flatten().any(|one| !one.is_empty())),
        ("events", claims.get("events") == Some(&event)),
        ("nonce", !claims.contains_key("nonce")),
    ];
    match rules.into_iter().find(|(_, holds)| !holds) {
        Some((name, _)) => Err(VerifyError::Claim(name)),
        None => Ok(claims),
    }
}

/// The claims of a token that a published key signed, of this type where one is demanded.
fn signed(
    token: &str,
    keys: &JwkSet,
    typ: Option<&str>,
) -> Result<(Map<String, Value>, Algorithm), VerifyError> {
    let header = jsonwebtoken::decode_header(token).map_err(VerifyError::Shape)?;
    if typ.is_some() && header.typ.as_deref() != typ {
        return Err(VerifyError::Claim("typ"));
    }
    let asymmetric = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
    if !asymmetric.contains(&header.alg) {
        return Err(VerifyError::Algorithm(header.alg));
    }
    let key = key_for(header.kid.as_deref(), keys).ok_or(VerifyError::NoKey)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| VerifyError::NoKey)?;
    // The claims are checked below, against the clock that was handed in.
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation)
        .map_err(VerifyError::Signature)?
        .claims;
    Ok((claims, header.alg))
}

fn key_for<'a>(kid: Option<&str>, keys: &'a JwkSet) -> Option<&'a Jwk> {
    match (kid, keys.keys.as_slice()) {
        (Some(kid), _) => keys.find(kid),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

fn at_hash(access_token: &str, algorithm: Algorithm) -> String {
    match algorithm {
        Algorithm::EdDSA => left_half_hash_eddsa(access_token),
        _ => left_half_hash(access_token),
    }
}

fn check(
    claims: &Map<String, Value>,
    algorithm: Algorithm,
    expected: &Expected<'_>,
) -> Result<(), VerifyError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    let audience_fits = match claims.get("aud") {
        Some(Value::String(one)) => one == expected.client_id,
        // Several audiences need `azp`, which is checked below.
        Some(Value::Array(several)) => {
            several.iter().any(|one| one == expected.client_id)
                && (several.len() == 1 || text("azp").is_some())
        }
        _ => false,
    };
    let at_hash = at_hash(expected.access_token, algorithm);
    let rules = [
        ("iss", text("iss") == Some(expected.issuer)),
        ("aud", audience_fits),
        ("azp", text("azp").is_none_or(|azp| azp == expected.client_id)),
        ("nonce", text("nonce") == Some(expected.nonce)),
        ("exp", time("exp").is_some_and(|exp| exp > expected.now)),
        ("iat", time("iat").is_some_and(|iat| iat <= expected.now + SKEW)),
        ("sub", text("sub").is_some_and(|sub| !sub.is_empty() && sub.len() <= 255)),
        ("at_hash", text("at_hash").is_none_or(|hash| hash == at_hash)),
    ];
    match rules.into_iter().find(|(_, holds)| !holds) {
        Some((name, _)) => Err(VerifyError::Claim(name)),
        None => Ok(()),
    }
}
