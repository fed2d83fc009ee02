//! The key of an application: what it signs to prove itself, its requests and that it holds the key.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use serde_json::{Value, json};

use crate::values::{random_word, sha256_base64url};

/// Why a key could not be made or used.
#[derive(Debug, thiserror::Error)]
#[error("the key of the application: {0}")]
pub struct ApplicationKeyError(&'static str);

/// How the application signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationAlgorithm {
    /// ECDSA on P-256.
    Es256,
    /// RSASSA-PSS.
    Ps256,
    /// RSASSA-PKCS1-v1_5, which FAPI 2.0 refuses.
    Rs256,
    /// Ed25519.
    EdDsa,
}

impl ApplicationAlgorithm {
    fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
    Ed(Ed25519KeyPair),
}

/// A key pair with its name.
pub struct ApplicationKey {
    /// The `kid`, in its headers and in its key set.
    pub kid: String,
    algorithm: ApplicationAlgorithm,
    pair: Pair,
}

impl ApplicationKey {
    /// A fresh key. RSA takes a while.
    ///
    /// # Errors
    /// When the generator refuses.
    pub fn new(algorithm: ApplicationAlgorithm) -> Result<Self, ApplicationKeyError> {
        let pair = match algorithm {
            ApplicationAlgorithm::Es256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::Ec)
            }
            ApplicationAlgorithm::Ps256 | ApplicationAlgorithm::Rs256 => {
                RsaKeyPair::generate(KeySize::Rsa2048).map(|pair| Pair::Rsa(Box::new(pair)))
            }
            ApplicationAlgorithm::EdDsa => Ed25519KeyPair::generate().map(Pair::Ed),
        };
        let pair = pair.map_err(|_| ApplicationKeyError("it could not be generated"))?;
        let kid = random_word().chars().take(12).collect();
        Ok(Self { kid, algorithm, pair })
    }

    /// The public half as a DPoP proof carries it (RFC 9449 4.2).
    #[must_use]
    pub fn bare_jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.pair {
            Pair::Ec(pair) => {
                // An uncompressed point: 0x04, then x and y of 32 bytes each.
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at_checked(32).unwrap_or_default();
                json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) })
            }
            Pair::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({ "kty": "RSA", "n": text(&public.n), "e": text(&public.e) })
            }
            Pair::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref()) })
            }
        }
    }

    /// The key set that the application registers or publishes (RFC 7517 5).
    #[must_use]
    pub fn jwks(&self) -> Value {
        let mut key = self.bare_jwk();
        if let Some(members) = key.as_object_mut() {
            members.insert("kid".to_owned(), json!(self.kid));
            members.insert("alg".to_owned(), json!(self.algorithm.name()));
            members.insert("use".to_owned(), json!("sig"));
        }
        json!({ "keys": [key] })
    }

    /// The thumbprint that tokens are bound to (`cnf.jkt`, `dpop_jkt`; RFC 9449 6.1 and 10).
    ///
    /// # Errors
    /// Never for a key that was generated.
    pub fn thumbprint(&self) -> Result<String, ApplicationKeyError> {
        let failed = |_| ApplicationKeyError("it has no thumbprint");
        let jwk: Jwk = serde_json::from_value(self.bare_jwk())
            .map_err(|_| ApplicationKeyError("it is no JWK"))?;
        jwk.thumbprint(ThumbprintHash::SHA256).map_err(failed)
    }

    /// Signs any claims under a header; `alg` and `kid` are set where the header has none.
    ///
    /// # Errors
    /// When the key refuses.
    pub fn sign(&self, mut header: Value, claims: &Value) -> Result<String, ApplicationKeyError> {
        if let Some(members) = header.as_object_mut() {
            members.entry("alg").or_insert_with(|| json!(self.algorithm.name()));
            members.entry("kid").or_insert_with(|| json!(self.kid));
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(&header), part(claims));
        let signature = self.signature(input.as_bytes());
        let signature = signature.map_err(|_| ApplicationKeyError("it refused to sign"))?;
        Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let padding = match self.algorithm {
                    ApplicationAlgorithm::Rs256 => &RSA_PKCS1_SHA256,
                    _ => &RSA_PSS_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature)?;
                Ok(signature)
            }
            Pair::Ed(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
        }
    }

    /// A client assertion (RFC 7523), good for a minute. `now` in seconds since 1970.
    ///
    /// # Errors
    /// When the key refuses.
    pub fn assertion(
        &self,
        client_id: &str,
        audience: &str,
        now: i64,
    ) -> Result<String, ApplicationKeyError> {
        let claims = json!({
            "iss": client_id, "sub": client_id, "aud": audience,
            "iat": now, "exp": now + 60, "jti": random_word(),
        });
        self.sign(json!({ "typ": "JWT" }), &claims)
    }

    /// A DPoP proof (RFC 9449 4.2), for use with an access token where one is given.
    ///
    /// # Errors
    /// When the key refuses.
    pub fn proof(
        &self,
        (method, url): (&str, &str),
        access_token: Option<&str>,
        now: i64,
    ) -> Result<String, ApplicationKeyError> {
        self.proof_with_nonce((method, url), (access_token, None), now)
    }

    /// The same with a nonce of the authorization server's, where one is given (RFC 9449 8).
    ///
    /// # Errors
    /// When the key refuses.
    pub fn proof_with_nonce(
        &self,
        (method, url): (&str, &str),
        (access_token, nonce): (Option<&str>, Option<&str>),
        now: i64,
    ) -> Result<String, ApplicationKeyError> {
        let mut claims = json!({ "htm": method, "htu": url, "iat": now, "jti": random_word() });
        let hash = access_token.map(sha256_base64url);
        for (name, value) in [("ath", hash.as_deref()), ("nonce", nonce)] {
            if let (Some(value), Some(members)) = (value, claims.as_object_mut()) {
                members.insert(name.to_owned(), json!(value));
            }
        }
        self.sign(json!({ "typ": "dpop+jwt", "jwk": self.bare_jwk() }), &claims)
    }

    /// A request object (RFC 9101) with these parameters, good for five minutes.
    ///
    /// # Errors
    /// When the key refuses.
    pub fn request_object(
        &self,
        (client_id, issuer): (&str, &str),
        parameters: &[(&str, &str)],
        now: i64,
    ) -> Result<String, ApplicationKeyError> {
        let mut claims = json!({
            "iss": client_id, "aud": issuer, "client_id": client_id,
            "nbf": now, "exp": now + 300, "iat": now, "jti": random_word(),
        });
        if let Some(members) = claims.as_object_mut() {
            members
                .extend(parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
        }
        self.sign(json!({ "typ": "oauth-authz-req+jwt" }), &claims)
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};

    use super::*;

    #[test]
    fn what_a_key_signs_verifies_with_its_public_half() {
        use ApplicationAlgorithm::{EdDsa, Es256, Ps256, Rs256};
        for algorithm in [Es256, Ps256, Rs256, EdDsa] {
            let key = ApplicationKey::new(algorithm).unwrap();
            let jwk: Jwk = serde_json::from_value(key.jwks()["keys"][0].clone()).unwrap();
            let token = key.sign(json!({}), &json!({ "a": 1 })).unwrap();
            let header = decode_header(&token).unwrap();
            assert_eq!(header.kid.as_ref(), Some(&key.kid));
            let mut rules = Validation::new(header.alg);
            rules.required_spec_claims.clear();
            rules.validate_exp = false;
            let decoding = DecodingKey::from_jwk(&jwk).unwrap();
            assert_eq!(decode::<Value>(&token, &decoding, &rules).unwrap().claims["a"], 1);
            assert_eq!(key.thumbprint().unwrap().len(), 43);
        }
    }
}
