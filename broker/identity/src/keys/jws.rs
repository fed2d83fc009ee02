//! Compact JWS (RFC 7515 3.1): signing with a tenant's key, and recognising what we signed.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::error::KeysError;
use super::rotation::StoredKey;
use super::signing_key::{SigningAlgorithm, SigningPair};
use crate::entropy::{Entropy, secret_text};

/// A key of one tenant, ready to sign. Cheap to clone; cannot be printed.
#[derive(Clone)]
pub struct Signer(Arc<Parts>);

struct Parts {
    kid: String,
    algorithm: SigningAlgorithm,
    pair: SigningPair,
    entropy: Arc<dyn Entropy>,
}

impl Signer {
    pub(super) fn new(
        kid: String,
        algorithm: SigningAlgorithm,
        pkcs8: &[u8],
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeysError> {
        let Some(pair) = SigningPair::read(algorithm, pkcs8) else {
            let why = format!("it is no {algorithm} key");
            return Err(KeysError::Unusable { kid, why });
        };
        Ok(Self(Arc::new(Parts { kid, algorithm, pair, entropy })))
    }

    /// The `kid`, as the JWKS has it.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.0.kid
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.0.algorithm
    }

    /// A fresh `jti` (RFC 7519 4.1.7).
    #[must_use]
    pub fn fresh_token_id(&self) -> String {
        secret_text(self.0.entropy.as_ref(), 16)
    }

    /// Signs claims as a JWT of the type `typ`, for example `JWT` or `logout+jwt`.
    ///
    /// # Errors
    /// [`KeysError::NotSigned`] when the claims are no JSON or aws-lc refuses.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, KeysError> {
        let Parts { kid, algorithm, pair, .. } = self.0.as_ref();
        let header = json!({ "typ": typ, "alg": algorithm.as_str(), "kid": kid });
        let claims = serde_json::to_vec(claims)
            .map_err(|error| KeysError::NotSigned(format!("the claims: {error}")))?;
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = pair
            .sign(token.as_bytes())
            .map_err(|_| KeysError::NotSigned(format!("key {kid} was refused")))?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("kid", &self.0.kid)
            .field("algorithm", &self.0.algorithm)
            .finish_non_exhaustive()
    }
}

/// The claims of a token of a type that one of `keys` signed. Its expiry is not looked at: as a hint an
/// expired ID token is as good as a fresh one (OpenID Connect Core 3.1.2.1).
pub(super) fn verify_own(
    keys: &[StoredKey],
    (typ, issuer): (&str, &str),
    token: &str,
) -> Result<Map<String, Value>, KeysError> {
    let header = decode_header(token).map_err(|_| KeysError::TokenMalformed)?;
    // An ID token need not say what it is; whatever else we sign does (RFC 8725 3.11).
    if header.typ.as_deref().unwrap_or("JWT") != typ {
        return Err(KeysError::TokenMalformed);
    }
    let key = keys
        .iter()
        .find(|key| header.kid.as_ref() == Some(&key.facts.kid))
        .filter(|key| key.facts.algorithm.as_jsonwebtoken() == header.alg)
        .ok_or(KeysError::TokenKeyUnknown)?;
    let unusable = |error: &dyn fmt::Display| KeysError::Unusable {
        kid: key.facts.kid.clone(),
        why: error.to_string(),
    };
    let jwk: Jwk =
        serde_json::from_value(key.public_jwk.clone()).map_err(|error| unusable(&error))?;
    let decoding = DecodingKey::from_jwk(&jwk).map_err(|error| unusable(&error))?;
    let mut rules = Validation::new(header.alg);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    let claims = decode::<Map<String, Value>>(token, &decoding, &rules)
        .map_err(|_| KeysError::TokenSignature)?
        .claims;
    let seen = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
    if seen != issuer {
        let (seen, expected) = (seen.to_owned(), issuer.to_owned());
        return Err(KeysError::TokenIssuer { seen, expected });
    }
    Ok(claims)
}
