//! Signatures: what holds, what does not, and which key is tried.

use proptest::prelude::*;
use serde_json::json;

use super::super::testing::{TestKey, hs256, malformed_tokens};
use super::*;

const ALL: &[ProofAlgorithm] = &ProofAlgorithm::OAUTH;

fn outcome(token: &str, keys: &[PublicJwk]) -> Result<Verified, JwsProblem> {
    verify(token, keys, ALL)
}

fn header(alg: &str) -> Value {
    json!({ "alg": alg })
}

fn claims() -> Value {
    json!({ "sub": "s" })
}

#[test]
fn fa01_every_algorithm_verifies_and_only_under_its_own_name() {
    let (ec, ed, rsa) = (TestKey::es256(), TestKey::ed25519(), TestKey::rsa());
    let rows = [(&ec, "ES256"), (&ed, "EdDSA"), (&ed, "Ed25519"), (rsa, "PS256"), (rsa, "RS256")];
    for (key, alg) in rows {
        let verified = outcome(&key.sign(&header(alg), &claims()), &[key.key()]).unwrap();
        assert_eq!(verified.claims["sub"], "s");
        assert_eq!(verified.header["alg"], alg);
        for other in ["ES256", "EdDSA", "PS256", "RS256"].iter().filter(|name| **name != alg) {
            let token = key.sign(&header(alg), &claims());
            let (_, rest) = token.split_once('.').unwrap();
            let renamed =
                format!("{}.{rest}", super::super::testing::encode(header(other).to_string()));
            assert!(outcome(&renamed, &[key.key()]).is_err(), "{alg} as {other}");
        }
    }
}

#[test]
fn neg_d10_none_hmac_and_whatever_is_not_allowed_are_refused_by_name() {
    let key = TestKey::es256();
    let public = key.public().to_string();
    let unsigned = |alg: &str| {
        let token = key.sign(&header(alg), &claims());
        format!("{}.", token.rsplit_once('.').unwrap().0)
    };
    let confused = hs256(public.as_bytes(), &header("HS256"), &claims());
    for token in [unsigned("none"), unsigned("None"), unsigned("nOnE"), confused] {
        let refused = outcome(&token, &[key.key()]).unwrap_err();
        assert!(matches!(refused, JwsProblem::Algorithm { .. }), "{refused}");
    }
    assert_eq!(outcome(&unsigned("ES256"), &[key.key()]).unwrap_err(), JwsProblem::Signature);
    let rs256 = TestKey::rsa().sign(&header("RS256"), &claims());
    let refused = verify(&rs256, &[TestKey::rsa().key()], &ProofAlgorithm::FAPI).unwrap_err();
    assert!(matches!(refused, JwsProblem::Algorithm { .. }), "{refused}");
}

#[test]
fn the_named_key_is_taken_and_no_other() {
    let (one, two) = (TestKey::es256(), TestKey::es256());
    let keys = [one.named("one"), two.named("two")];
    let signed = |kid: &str| two.sign(&json!({ "alg": "ES256", "kid": kid }), &claims());
    assert!(outcome(&signed("two"), &keys).is_ok());
    assert_eq!(outcome(&signed("one"), &keys).unwrap_err(), JwsProblem::Signature);
    let unknown = outcome(&signed("three"), &keys).unwrap_err();
    assert_eq!(unknown, JwsProblem::UnknownKey("three".to_owned()));
    assert!(unknown.may_be_a_new_key());
    let odd = two.sign(&json!({ "alg": "ES256", "kid": 2 }), &claims());
    assert_eq!(outcome(&odd, &keys).unwrap_err(), JwsProblem::Malformed("its kid"));
}

#[test]
fn without_kid_ten_fitting_keys_are_tried_and_not_an_eleventh() {
    let key = TestKey::es256();
    let token = key.sign(&header("ES256"), &claims());
    let mut keys: Vec<_> = (0..9).map(|_| TestKey::es256().key()).collect();
    keys.extend((0..20).map(|_| TestKey::ed25519().key()));
    keys.push(key.key());
    assert!(outcome(&token, &keys).is_ok(), "keys of another kind do not count");
    keys.insert(0, TestKey::es256().key());
    assert_eq!(outcome(&token, &keys).unwrap_err(), JwsProblem::Signature);
    assert_eq!(outcome(&token, &keys[10..30]).unwrap_err(), JwsProblem::NoFittingKey);
    assert_eq!(outcome(&token, &[]).unwrap_err(), JwsProblem::NoFittingKey);
}

#[test]
fn c5_a_key_or_an_address_in_the_header_is_not_followed() {
    let (ours, theirs) = (TestKey::es256(), TestKey::es256());
    let header = json!({
        "alg": "ES256", "jwk": theirs.public(), "jku": "https://attacker.example/jwks",
        "x5u": "https://attacker.example/x5u", "x5c": ["AAAA"],
    });
    let forged = outcome(&theirs.sign(&header, &claims()), &[ours.key()]);
    assert_eq!(forged.unwrap_err(), JwsProblem::Signature);
    assert!(outcome(&ours.sign(&header, &claims()), &[ours.key()]).is_ok());
}

#[test]
fn rfc7515_crit_is_refused_whatever_it_names() {
    let key = TestKey::es256();
    for crit in [json!(["b64"]), json!([]), json!("exp"), json!(null)] {
        let token = key.sign(&json!({ "alg": "ES256", "crit": crit, "b64": false }), &claims());
        assert_eq!(outcome(&token, &[key.key()]).unwrap_err(), JwsProblem::Critical);
    }
}

#[test]
fn a_name_that_stands_twice_is_refused_in_header_and_claims() {
    let key = TestKey::es256();
    let header = key.sign_raw(r#"{"alg":"ES256","alg":"ES256"}"#, "{}");
    assert_eq!(outcome(&header, &[key.key()]).unwrap_err(), JwsProblem::Malformed("its header"));
    let claims = key.sign_raw(r#"{"alg":"ES256"}"#, r#"{"iss":"a","iss":"b"}"#);
    assert_eq!(outcome(&claims, &[key.key()]).unwrap_err(), JwsProblem::Malformed("its claims"));
    for no_object in ["[]", "5", "", "null", "\"text\""] {
        let token = key.sign_raw(r#"{"alg":"ES256"}"#, no_object);
        assert_eq!(outcome(&token, &[key.key()]).unwrap_err(), JwsProblem::Malformed("its claims"));
    }
}

#[test]
fn any_changed_byte_breaks_the_signature() {
    let key = TestKey::es256();
    let token = key.sign(&header("ES256"), &claims());
    for at in 0..token.len() {
        for put in ["A", "B", "-", ".", "=", "\n"] {
            let changed = format!("{}{put}{}", &token[..at], &token[at + 1..]);
            assert!(changed == token || outcome(&changed, &[key.key()]).is_err(), "{changed}");
        }
    }
    for longer in
        [format!("{token}A"), format!("{token}="), format!("{token}."), format!("{token} ")]
    {
        assert!(outcome(&longer, &[key.key()]).is_err(), "{longer}");
    }
}

#[test]
fn malformed_tokens_are_refused_and_long_ones_unread() {
    let keys = [TestKey::es256().key(), TestKey::ed25519().key()];
    for token in malformed_tokens() {
        let refused = outcome(&token, &keys).unwrap_err();
        assert_eq!(refused == JwsProblem::TooLong, token.len() > MAX_TOKEN);
    }
}

#[test]
fn messages_quote_little_and_nothing_that_a_header_could_break_on() {
    let key = TestKey::es256();
    let nasty = "\r\nSet-Cookie: a=\"b\\\u{202e}".repeat(50);
    for header in [json!({ "alg": nasty }), json!({ "alg": "ES256", "kid": nasty })] {
        let said = outcome(&key.sign(&header, &claims()), &[key.key()]).unwrap_err().to_string();
        assert!(said.len() < 200 && said.bytes().all(|b| (b' '..=b'~').contains(&b)), "{said}");
        assert!(!said.contains(['"', '\\']), "{said}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_check_panic_or_pass(text in ".{0,200}") {
        let keys = [TestKey::es256().key()];
        prop_assert!(outcome(&text, &keys).is_err());
    }

    #[test]
    fn no_header_and_claims_under_a_false_signature_pass(
        header in "\\PC{0,80}",
        claims in "\\PC{0,80}",
        signature in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        use super::super::testing::encode;
        let token = format!("{}.{}.{}", encode(header), encode(claims), encode(signature));
        prop_assert!(outcome(&token, &[TestKey::es256().key()]).is_err());
    }
}
