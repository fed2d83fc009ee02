//! How a client proves itself at the token endpoint: secret by header or body, or a signed
//! assertion (OpenID Connect Core 9).

use actix_web::HttpRequest;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use super::world::{Fields, World};
use crate::basic::basic;

/// A client that has proved itself, and how.
pub(super) struct Authenticated {
    pub(super) client_id: String,
    pub(super) secret: Option<String>,
    pub(super) method: &'static str,
}

/// Finds the client and checks its proof; the error says what was wrong.
pub(super) fn authenticate(
    world: &World,
    request: &HttpRequest,
    form: &Fields,
) -> Result<Authenticated, &'static str> {
    if let Some((id, secret)) = basic(request) {
        return with_secret(world, id, &secret, "client_secret_basic");
    }
    if let Some(assertion) = form.get("client_assertion") {
        return with_assertion(world, form, assertion);
    }
    let id = form.get("client_id").cloned().ok_or("no client_id")?;
    if let Some(secret) = form.get("client_secret") {
        return with_secret(world, id, secret, "client_secret_post");
    }
    let is_public = world.with(|state| {
        state.client(&id).is_some_and(|client| client.secret.is_none() && client.keys.is_none())
    });
    if is_public {
        Ok(Authenticated { client_id: id, secret: None, method: "none" })
    } else {
        Err("unknown client, or no proof")
    }
}

fn with_secret(
    world: &World,
    id: String,
    secret: &str,
    method: &'static str,
) -> Result<Authenticated, &'static str> {
    let expected = world.with(|state| state.client(&id).and_then(|client| client.secret.clone()));
    match expected {
        Some(expected) if expected == secret => {
            Ok(Authenticated { client_id: id, secret: Some(expected), method })
        }
        _ => Err("unknown client or wrong secret"),
    }
}

#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    aud: serde_json::Value,
    exp: i64,
    jti: String,
}

fn with_assertion(
    world: &World,
    form: &Fields,
    assertion: &str,
) -> Result<Authenticated, &'static str> {
    if form.get("client_assertion_type").map(String::as_str)
        != Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    {
        return Err("wrong client_assertion_type");
    }
    let header =
        jsonwebtoken::decode_header(assertion).map_err(|_| "client_assertion is no JWT")?;
    let claims: AssertionClaims = jsonwebtoken::dangerous::insecure_decode(assertion)
        .map_err(|_| "client_assertion lacks claims")?
        .claims;
    let keys = world
        .with(|state| state.client(&claims.sub).and_then(|client| client.keys.clone()))
        .ok_or("unknown client, or one without keys")?;
    let keys: JwkSet = serde_json::from_value(keys).map_err(|_| "the registered JWKS is none")?;
    let fitting = keys.keys.iter().filter(|key| {
        header.kid.is_none() || key.common.key_id.is_none() || key.common.key_id == header.kid
    });
    let is_signed = fitting.into_iter().any(|key| verifies(assertion, key, header.alg));
    if !is_signed {
        return Err("client_assertion is not signed by a registered key");
    }
    let audiences = [world.issuer.clone(), format!("{}/token", world.issuer)];
    let is_for_us = match &claims.aud {
        serde_json::Value::String(aud) => audiences.contains(aud),
        serde_json::Value::Array(list) => list
            .iter()
            .filter_map(serde_json::Value::as_str)
            .any(|aud| audiences.iter().any(|ours| ours == aud)),
        _ => false,
    };
    if claims.iss != claims.sub || !is_for_us || claims.exp <= world.now() {
        return Err("client_assertion has a wrong iss, aud or exp");
    }
    let is_new = world.with(|state| {
        let is_new = !state.seen_assertions.contains(&claims.jti);
        state.seen_assertions.push(claims.jti.clone());
        is_new
    });
    if !is_new {
        return Err("client_assertion was used before");
    }
    Ok(Authenticated { client_id: claims.sub, secret: None, method: "private_key_jwt" })
}

fn verifies(assertion: &str, key: &jsonwebtoken::jwk::Jwk, algorithm: Algorithm) -> bool {
    let asymmetric =
        [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA];
    if !asymmetric.contains(&algorithm) {
        return false;
    }
    // Times and audience are checked by the caller, against the provider's own clock.
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    DecodingKey::from_jwk(key).is_ok_and(|key| {
        jsonwebtoken::decode::<serde_json::Value>(assertion, &key, &validation).is_ok()
    })
}
