//! Signing keys of the demo provider, made and used through aws-lc-rs.

use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::values::random_word;

/// Why a key could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// aws-lc-rs refused to make it.
    #[error("the generator refused")]
    Generate,
    /// aws-lc-rs refused to sign.
    #[error("the key refused to sign")]
    Sign,
    /// The header or the claims are no JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Which kind of key signs ID tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with 2048 bits: what nearly all providers use.
    #[default]
    Rs256,
    /// ECDSA on P-256.
    Es256,
}

impl KeyKind {
    /// The name in a JWT header.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// One signing key with its id.
#[derive(Clone)]
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) kind: KeyKind,
    pair: Pair,
}

/// Parsed once: reading an RSA key again for each signature would cost more than the signature.
#[derive(Clone)]
enum Pair {
    Rsa(Arc<RsaKeyPair>),
    Ec(Arc<EcdsaKeyPair>),
}

impl SigningKey {
    pub(crate) fn generate(kind: KeyKind) -> Result<Self, KeyError> {
        let pair = match kind {
            KeyKind::Rs256 => {
                RsaKeyPair::generate(KeySize::Rsa2048).map(|pair| Pair::Rsa(Arc::new(pair)))
            }
            KeyKind::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .map(|pair| Pair::Ec(Arc::new(pair))),
        }
        .map_err(|_| KeyError::Generate)?;
        let kid = random_word().chars().take(12).collect();
        Ok(Self { kid, kind, pair })
    }

    /// The public half, as it stands in a JWKS (RFC 7517).
    pub(crate) fn public(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({
                    "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
                    "n": URL_SAFE_NO_PAD.encode(public.n), "e": URL_SAFE_NO_PAD.encode(public.e),
                })
            }
            Pair::Ec(pair) => {
                // An uncompressed point: 0x04, then x and y of 32 bytes each.
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at_checked(32).unwrap_or_default();
                json!({
                    "kty": "EC", "use": "sig", "alg": "ES256", "kid": self.kid, "crv": "P-256",
                    "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
                })
            }
        }
    }

    /// Signs in compact form (RFC 7515 section 3.1) under any header, honest or not.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> Result<String, KeyError> {
        let input = signing_input(header, claims)?;
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, input.as_bytes(), &mut signature)
                    .map_err(|_| KeyError::Sign)?;
                signature
            }
            Pair::Ec(pair) => {
                let signature = pair.sign(&random, input.as_bytes()).map_err(|_| KeyError::Sign)?;
                signature.as_ref().to_vec()
            }
        };
        Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Signs with a shared secret (HS256): only to see it refused.
pub(crate) fn sign_with_secret(secret: &str, claims: &Value) -> Result<String, KeyError> {
    let input = signing_input(&json!({"alg": "HS256", "typ": "JWT"}), claims)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, input.as_bytes());
    Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref())))
}

/// A token that nobody signed (`alg` none): only to see it refused.
pub(crate) fn unsigned(claims: &Value) -> Result<String, KeyError> {
    Ok(format!("{}.", signing_input(&json!({"alg": "none", "typ": "JWT"}), claims)?))
}

fn signing_input(header: &Value, claims: &Value) -> Result<String, KeyError> {
    let header = URL_SAFE_NO_PAD.encode(serde_json::to_vec(header)?);
    let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims)?);
    Ok(format!("{header}.{claims}"))
}
