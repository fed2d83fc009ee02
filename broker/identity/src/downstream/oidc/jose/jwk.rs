//! Public keys of applications (RFC 7517, RFC 7518 6, RFC 8037): checked when they are read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use serde_json::{Map, Value};
use thiserror::Error;

use super::ProofAlgorithm;

/// Members that only a private or a symmetric key has (RFC 7518 6.2.2, 6.3.2 and 6.4).
const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// More keys than any application needs.
const MAX_KEYS: usize = 100;

/// Why a key, or a set of them, is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum JwkProblem {
    /// It is no object, or a member has the wrong form.
    #[error("the key is not a JSON Web Key: {0}")]
    Malformed(&'static str),
    /// The private half came with it: whoever saw it can sign.
    #[error("the key holds its private half")]
    Private,
    /// Another kind of key than RSA, P-256 and Ed25519.
    #[error("the key is neither RSA nor P-256 nor Ed25519")]
    Kind,
    /// It is made for something else (`use`, `key_ops`, `alg`).
    #[error("the key is not made for signatures that count here")]
    Purpose,
    /// RSA below 2048 bits (FA-01) or beyond what anybody uses.
    #[error("the RSA key has {0} bits, expected 2048 to 8192")]
    RsaLength(usize),
    /// No `keys`, or too many.
    #[error("it is not a JSON Web Key Set of at most {MAX_KEYS} keys")]
    NoSet,
    /// Not one of the keys is usable.
    #[error("the key set holds no RSA, P-256 or Ed25519 key for signatures")]
    NoUsableKey,
}

/// A public key that passed.
#[derive(Debug, Clone)]
pub(crate) struct PublicJwk {
    /// Its name in the set.
    pub(super) kid: Option<String>,
    kind: Kind,
    declared: Option<ProofAlgorithm>,
    bare: Jwk,
    decoding: DecodingKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    Ed25519,
}

impl PublicJwk {
    /// Reads one key and refuses what we would not trust.
    ///
    /// # Errors
    /// [`JwkProblem`], which quotes nothing of the key.
    pub(crate) fn read(value: &Value) -> Result<Self, JwkProblem> {
        let key = value.as_object().ok_or(JwkProblem::Malformed("no object"))?;
        if PRIVATE_MEMBERS.iter().any(|name| key.contains_key(*name)) {
            return Err(JwkProblem::Private);
        }
        let (kind, members) = kind_of(key)?;
        let declared = purpose(key, kind)?;
        let kid = match key.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return Err(JwkProblem::Malformed("kid")),
        };
        // Only what makes the key, so that nothing else can trip the parser or the thumbprint.
        let bare: Map<String, Value> = members
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), key.get(*name)?.clone())))
            .collect();
        let bare: Jwk = serde_json::from_value(Value::Object(bare))
            .map_err(|_| JwkProblem::Malformed("its parameters"))?;
        let decoding =
            DecodingKey::from_jwk(&bare).map_err(|_| JwkProblem::Malformed("its parameters"))?;
        Ok(Self { kid, kind, declared, bare, decoding })
    }

    /// The SHA-256 thumbprint in base64url (RFC 7638), as `cnf.jkt` and `dpop_jkt` have it.
    ///
    /// # Errors
    /// [`JwkProblem::Kind`]; never for a key that was read.
    pub(crate) fn thumbprint(&self) -> Result<String, JwkProblem> {
        self.bare.thumbprint(ThumbprintHash::SHA256).map_err(|_| JwkProblem::Kind)
    }

    /// Whether signatures of this algorithm can be its.
    pub(super) fn fits(&self, algorithm: ProofAlgorithm) -> bool {
        self.kind.signs(algorithm) && self.declared.is_none_or(|declared| declared == algorithm)
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

impl Kind {
    fn signs(self, algorithm: ProofAlgorithm) -> bool {
        match algorithm {
            ProofAlgorithm::Ps256 | ProofAlgorithm::Rs256 => self == Self::Rsa,
            ProofAlgorithm::Es256 => self == Self::P256,
            ProofAlgorithm::EdDsa => self == Self::Ed25519,
        }
    }
}

/// Which kind of key, and the members that make it (those of its thumbprint, RFC 7638 3.2).
fn kind_of(key: &Map<String, Value>) -> Result<(Kind, &'static [&'static str]), JwkProblem> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    match (text("kty"), text("crv")) {
        (Some("RSA"), _) => {
            let modulus = bytes(key, "n")?;
            let bits = bit_length(&modulus);
            // One key has one spelling, else it has several thumbprints.
            if modulus.first() == Some(&0) {
                return Err(JwkProblem::Malformed("n"));
            }
            if !(2048..=8192).contains(&bits) {
                return Err(JwkProblem::RsaLength(bits));
            }
            let exponent = bytes(key, "e")?;
            if exponent.first().is_none_or(|first| *first == 0) || exponent.len() > 4 {
                return Err(JwkProblem::Malformed("e"));
            }
            Ok((Kind::Rsa, &["kty", "n", "e"]))
        }
        (Some("EC"), Some("P-256")) => {
            coordinate(key, "x")?;
            coordinate(key, "y")?;
            Ok((Kind::P256, &["kty", "crv", "x", "y"]))
        }
        (Some("OKP"), Some("Ed25519")) => {
            coordinate(key, "x")?;
            Ok((Kind::Ed25519, &["kty", "crv", "x"]))
        }
        _ => Err(JwkProblem::Kind),
    }
}

fn bytes(key: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkProblem> {
    let text = key.get(name).and_then(Value::as_str).ok_or(JwkProblem::Malformed(name))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JwkProblem::Malformed(name))
}

/// 32 bytes, leading zeros included (RFC 7518 6.2.1.2, RFC 8037 2).
fn coordinate(key: &Map<String, Value>, name: &'static str) -> Result<(), JwkProblem> {
    if bytes(key, name)?.len() == 32 { Ok(()) } else { Err(JwkProblem::Malformed(name)) }
}

fn bit_length(number: &[u8]) -> usize {
    let zeros = number.first().map_or(0, |first| first.leading_zeros() as usize);
    number.len() * 8 - zeros
}

/// `use`, `key_ops` and `alg` (RFC 7517 4.2 to 4.4).
fn purpose(key: &Map<String, Value>, kind: Kind) -> Result<Option<ProofAlgorithm>, JwkProblem> {
    let signs = key.get("use").is_none_or(|purpose| purpose == "sig");
    let verifies = key.get("key_ops").is_none_or(|operations| {
        operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"))
    });
    let declared = match key.get("alg") {
        None => None,
        Some(name) => {
            let known = name.as_str().and_then(ProofAlgorithm::parse);
            Some(known.filter(|known| kind.signs(*known)).ok_or(JwkProblem::Purpose)?)
        }
    };
    if signs && verifies { Ok(declared) } else { Err(JwkProblem::Purpose) }
}

/// The keys of one application.
#[derive(Debug, Clone)]
pub(crate) struct ApplicationKeySet(Vec<PublicJwk>);

impl ApplicationKeySet {
    /// Reads a key set (RFC 7517 5). Keys of kinds and purposes that we do not use are passed over; a
    /// private key in it spoils the set, because whoever can read it can sign.
    ///
    /// # Errors
    /// [`JwkProblem`] when it is no set, holds a private key or nothing usable.
    pub(crate) fn read(set: &Value) -> Result<Self, JwkProblem> {
        let listed = set.get("keys").and_then(Value::as_array).ok_or(JwkProblem::NoSet)?;
        if listed.len() > MAX_KEYS {
            return Err(JwkProblem::NoSet);
        }
        let mut keys = Vec::new();
        for key in listed {
            match PublicJwk::read(key) {
                Ok(key) => keys.push(key),
                Err(JwkProblem::Private) => return Err(JwkProblem::Private),
                Err(_) => {}
            }
        }
        if keys.is_empty() { Err(JwkProblem::NoUsableKey) } else { Ok(Self(keys)) }
    }

    /// The usable keys.
    pub(crate) fn keys(&self) -> &[PublicJwk] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::testing::TestKey;
    use super::*;

    fn problem(key: &Value) -> JwkProblem {
        PublicJwk::read(key).unwrap_err()
    }

    #[test]
    fn rfc7638_the_thumbprint_of_section_3_1() {
        let key = json!({
            "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        });
        let thumbprint = PublicJwk::read(&key).unwrap().thumbprint().unwrap();
        assert_eq!(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn rfc8037_the_thumbprint_of_appendix_a_3() {
        let key = json!({
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        });
        let thumbprint = PublicJwk::read(&key).unwrap().thumbprint().unwrap();
        assert_eq!(thumbprint, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn fa01_short_private_and_foreign_keys_are_refused() {
        let p256 = TestKey::es256().public();
        let with = |name: &str, value: Value| {
            let mut key = p256.clone();
            key[name] = value;
            key
        };
        for name in PRIVATE_MEMBERS {
            assert_eq!(problem(&with(name, json!("AQAB"))), JwkProblem::Private, "{name}");
        }
        let short = json!({ "kty": "RSA", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode([255; 128]) });
        assert_eq!(problem(&short), JwkProblem::RsaLength(1024));
        let almost = json!({ "kty": "RSA", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode([127; 256]) });
        assert_eq!(problem(&almost), JwkProblem::RsaLength(2047));
        for (name, value) in [
            ("use", json!("enc")),
            ("use", json!(1)),
            ("key_ops", json!(["sign"])),
            ("alg", json!("RS256")),
            ("alg", json!("ES384")),
            ("alg", json!("HS256")),
        ] {
            assert_eq!(problem(&with(name, value.clone())), JwkProblem::Purpose, "{name} {value}");
        }
        for (name, value) in [("crv", json!("P-384")), ("kty", json!("AKP")), ("kty", json!(5))] {
            assert_eq!(problem(&with(name, value.clone())), JwkProblem::Kind, "{name} {value}");
        }
    }

    #[test]
    fn one_key_has_one_spelling_and_so_one_thumbprint() {
        let zero_first = [&[0_u8][..], &[255; 256]].concat();
        let modulus = json!({ "kty": "RSA", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode(zero_first) });
        let exponent = json!({
            "kty": "RSA", "e": "AAEAAQ", "n": URL_SAFE_NO_PAD.encode([255; 256]),
        });
        // 31 and 33 bytes are the same point once they stand side by side.
        let point = json!({
            "kty": "EC", "crv": "P-256",
            "x": URL_SAFE_NO_PAD.encode([1; 31]), "y": URL_SAFE_NO_PAD.encode([1; 33]),
        });
        for key in [modulus, exponent, point] {
            assert!(matches!(problem(&key), JwkProblem::Malformed(_)), "{key}");
        }
    }

    #[test]
    fn a_set_passes_over_what_it_cannot_use_but_never_over_a_private_key() {
        let good = TestKey::es256().public();
        let odd = json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "x" });
        let set = json!({ "keys": [odd, 5, null, { "kty": "EC" }, good] });
        assert_eq!(ApplicationKeySet::read(&set).unwrap().keys().len(), 1);
        let mut private = good.clone();
        private["d"] = json!("x");
        let read = |set: Value| ApplicationKeySet::read(&set).unwrap_err();
        assert_eq!(read(json!({ "keys": [good, private] })), JwkProblem::Private);
        assert_eq!(read(json!({ "keys": [] })), JwkProblem::NoUsableKey);
        assert_eq!(read(json!({ "keys": vec![&good; 101] })), JwkProblem::NoSet);
        for no_set in [json!([]), json!({}), json!({ "keys": {} }), json!("x"), json!(null)] {
            assert_eq!(read(no_set), JwkProblem::NoSet);
        }
    }

    proptest! {
        #[test]
        fn no_key_makes_the_reader_panic(
            name in prop::sample::select(vec!["kty", "crv", "x", "n", "e", "kid", "use", "alg"]),
            text in ".{0,50}",
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let rsa = json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode([255; 256]), "e": "AQAB" });
            for good in [TestKey::es256().public(), TestKey::ed25519().public(), rsa] {
                for value in [json!(text), json!(URL_SAFE_NO_PAD.encode(&bytes)), json!([text])] {
                    let mut key = good.clone();
                    key[name] = value;
                    if let Ok(read) = PublicJwk::read(&key) {
                        prop_assert_eq!(read.thumbprint().unwrap().len(), 43);
                    }
                }
            }
        }
    }
}
