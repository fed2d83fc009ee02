//! Keys of applications in tests, and tokens that an honest or a dishonest one would sign.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::jwk::PublicJwk;

/// When the tests take place.
pub(super) fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_780_000_000)
}

/// A moment beside [`now`], as claims have it.
pub(super) fn at(seconds: i64) -> Value {
    json!(now().timestamp() + seconds)
}

/// The key pair of an application.
pub(super) enum TestKey {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// RSA keys take long to make: two are enough.
static RSA: LazyLock<[TestKey; 2]> = LazyLock::new(|| {
    [(); 2].map(|()| TestKey::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()))
});

impl TestKey {
    pub(super) fn es256() -> Self {
        Self::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(super) fn ed25519() -> Self {
        Self::Ed(Ed25519KeyPair::generate().unwrap())
    }

    pub(super) fn rsa() -> &'static Self {
        &RSA[0]
    }

    pub(super) fn other_rsa() -> &'static Self {
        &RSA[1]
    }

    /// The public half, bare.
    pub(super) fn public(&self) -> Value {
        match self {
            Self::Ec(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) })
            }
            Self::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()) })
            }
            Self::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({ "kty": "RSA", "n": encode(&public.n), "e": encode(&public.e) })
            }
        }
    }

    /// The public half under a name.
    pub(super) fn named(&self, kid: &str) -> PublicJwk {
        let mut key = self.public();
        key["kid"] = json!(kid);
        PublicJwk::read(&key).unwrap()
    }

    pub(super) fn key(&self) -> PublicJwk {
        PublicJwk::read(&self.public()).unwrap()
    }

    /// Signs under any header; its `alg` chooses between the two ways of RSA.
    pub(super) fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_raw(&header.to_string(), &claims.to_string())
    }

    /// Signs any two texts.
    pub(super) fn sign_raw(&self, header: &str, claims: &str) -> String {
        let input = format!("{}.{}", encode(header), encode(claims));
        let random = SystemRandom::new();
        let signature = match self {
            Self::Ec(pair) => pair.sign(&random, input.as_bytes()).unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(input.as_bytes()).as_ref().to_vec(),
            Self::Rsa(pair) => {
                let pkcs1 = header.contains("RS256");
                let padding = if pkcs1 { &RSA_PKCS1_SHA256 } else { &RSA_PSS_SHA256 };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, input.as_bytes(), &mut signature).unwrap();
                signature
            }
        };
        format!("{input}.{}", encode(signature))
    }
}

/// A token under a shared secret: only to see it refused.
pub(super) fn hs256(secret: &[u8], header: &Value, claims: &Value) -> String {
    let input = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
    format!("{input}.{}", encode(tag.as_ref()))
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Texts that are no token, and some that nearly are: every check must refuse them.
pub(super) fn malformed_tokens() -> Vec<String> {
    let header = encode(r#"{"alg":"ES256","typ":"dpop+jwt"}"#);
    let claims = encode("{}");
    let deep = format!(r#"{{"alg":"ES256","x":{}{}}}"#, "[".repeat(5000), "]".repeat(5000));
    let headers = [
        r#"{"alg":"ES256","alg":"none"}"#,
        r#"{"alg":["ES256"]}"#,
        r#"{"alg":null}"#,
        r#"{"alg":"ES256"} trailing"#,
        r#"["alg","ES256"]"#,
        r#""ES256""#,
        "null",
        "{",
        "",
        "\u{0}",
        &deep,
    ];
    let mut tokens: Vec<String> =
        ["", ".", "..", "...", "....", "a.b", "a.b.c", "\u{1F980}.\u{1F980}.\u{1F980}", "eyJ9"]
            .map(str::to_owned)
            .to_vec();
    tokens.extend(headers.map(|header| format!("{}.{claims}.AAAA", encode(header))));
    tokens.extend([
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{header}..AAAA"),
        format!("{header}.{claims}.AAAA.AAAA.AAAA"),
        format!("{header}=.{claims}.AAAA"),
        format!(" {header}.{claims}.AAAA"),
        format!("{header}\n.{claims}.AAAA"),
        format!("{header}.{}.AAAA", encode([0xff, 0xfe])),
        format!("{header}.{claims}.{}", "A".repeat(40 * 1024)),
        "A".repeat(1024 * 1024),
    ]);
    tokens
}
