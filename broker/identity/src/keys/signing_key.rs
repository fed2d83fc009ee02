//! Key pairs: generated, read back and used by aws-lc only (never the `rsa` crate, RUSTSEC-2023-0071).

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use schemars::JsonSchema;
use secrecy::SecretSlice;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::KeysError;

/// How a tenant's tokens are signed (RFC 7518 3.1, RFC 8037).
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub enum SigningAlgorithm {
    /// ECDSA on P-256: small and fast.
    #[default]
    #[serde(rename = "ES256")]
    Es256,
    /// RSA of 2048 bits: what every application understands; always available (OpenID Connect Core 15.1).
    #[serde(rename = "RS256")]
    Rs256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSA of 2048 bits with PSS, a key of its own: for peers of the FAPI 2.0 profile that know no elliptic curves.
    #[serde(rename = "PS256")]
    Ps256,
}

impl SigningAlgorithm {
    /// All of them, for discovery and forms.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Rs256, Self::EdDsa, Self::Ps256];

    /// The JWS name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
            Self::Ps256 => "PS256",
        }
    }

    /// Reads the JWS name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text)
    }

    /// `at_hash` and `c_hash` of an ID token signed this way (OpenID Connect Core 3.1.3.6).
    #[must_use]
    pub fn half_hash(self, value: &str) -> String {
        let hash = match self {
            Self::Es256 | Self::Rs256 | Self::Ps256 => &digest::SHA256,
            // Ed25519 hashes with SHA-512 inside.
            Self::EdDsa => &digest::SHA512,
        };
        let hash = digest::digest(hash, value.as_bytes());
        let half = hash.as_ref().chunks(hash.as_ref().len() / 2).next().unwrap_or_default();
        URL_SAFE_NO_PAD.encode(half)
    }

    pub(super) fn as_jsonwebtoken(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Ps256 => jsonwebtoken::Algorithm::PS256,
        }
    }

    /// Whether its keys are RSA's, which take long to find.
    pub(super) fn is_rsa(self) -> bool {
        matches!(self, Self::Rs256 | Self::Ps256)
    }
}

impl std::fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fresh key pair: the private half for sealing, the public half for the JWKS.
pub(super) struct Generated {
    pub(super) kid: String,
    pub(super) pkcs8: SecretSlice<u8>,
    pub(super) public_jwk: Value,
}

/// Generates a key pair. RSA takes up to seconds of CPU: call it on a blocking thread.
pub(super) fn generate(algorithm: SigningAlgorithm) -> Result<Generated, KeysError> {
    let failed = || KeysError::NotGenerated(algorithm.as_str());
    let random = SystemRandom::new();
    let pkcs8: SecretSlice<u8> = match algorithm {
        SigningAlgorithm::Es256 => {
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
                .map(|document| document.as_ref().to_vec().into())
        }
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => RsaKeyPair::generate(KeySize::Rsa2048)
            .and_then(|pair| {
                let der: Pkcs8V1Der<'_> = pair.as_der()?;
                Ok(der.as_ref().to_vec().into())
            }),
        SigningAlgorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(&random)
            .map(|document| document.as_ref().to_vec().into()),
    }
    .map_err(|_| failed())?;
    let pair = SigningPair::read(algorithm, secrecy::ExposeSecret::expose_secret(&pkcs8))
        .ok_or_else(failed)?;
    let (kid, public_jwk) = pair.public_jwk(algorithm).ok_or_else(failed)?;
    Ok(Generated { kid, pkcs8, public_jwk })
}

/// A key pair that is ready to sign.
pub(super) enum SigningPair {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ed(Ed25519KeyPair),
}

impl SigningPair {
    pub(super) fn read(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Option<Self> {
        let rsa = |encoding: &'static dyn RsaEncoding| {
            RsaKeyPair::from_pkcs8(pkcs8).map(|pair| Self::Rsa(pair, encoding))
        };
        match algorithm {
            SigningAlgorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Self::Ec)
            }
            SigningAlgorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            SigningAlgorithm::Ps256 => rsa(&RSA_PSS_SHA256),
            SigningAlgorithm::EdDsa => Ed25519KeyPair::from_pkcs8(pkcs8).map(Self::Ed),
        }
        .ok()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
        let random = SystemRandom::new();
        match self {
            Self::Ec(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::Ed(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
        }
    }

    /// The public half as JWK with `alg` and `use`, and its RFC 7638 thumbprint as `kid`.
    fn public_jwk(&self, algorithm: SigningAlgorithm) -> Option<(String, Value)> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match self {
            Self::Ec(pair) => {
                // Uncompressed point (SEC 1 2.3.3): 0x04, then 32 bytes each.
                let (form, point) = pair.public_key().as_ref().split_first()?;
                let (x, y) = point.split_at_checked(32).filter(|_| *form == 4)?;
                json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) })
            }
            Self::Rsa(pair, _) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({ "kty": "RSA", "n": text(&public.n), "e": text(&public.e) })
            }
            Self::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref()) })
            }
        };
        let parsed: Jwk = serde_json::from_value(jwk.clone()).ok()?;
        let kid = parsed.thumbprint(ThumbprintHash::SHA256).ok()?;
        let members = jwk.as_object_mut()?;
        members.insert("kid".to_owned(), json!(kid));
        members.insert("alg".to_owned(), json!(algorithm.as_str()));
        members.insert("use".to_owned(), json!("sig"));
        Some((kid, jwk))
    }
}
