//! FA-10 and FA-11: what a proof may look like, and one test for each way in which it must not.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::super::testing::{TestKey, at, hs256, malformed_tokens, now};
use super::*;

const TOKEN: &str = "an-access-token";
/// base64url(SHA-256(TOKEN)).
const ATH: &str = "YiHPD2T9DaX5B837XJXto32BKkT6ZcpVAT6si9f5KiY";
static KEY: LazyLock<TestKey> = LazyLock::new(TestKey::es256);
static URLS: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["https://login.example/t/acme/token", "https://sso.acme.example/token"]
        .map(str::to_owned)
        .to_vec()
});

/// A proof in the making; at first a good one.
struct Draft {
    header: Value,
    claims: Value,
}

fn good() -> Draft {
    Draft {
        header: json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": KEY.public() }),
        claims: json!({ "jti": "j-1", "htm": "POST", "htu": URLS[0], "iat": at(0) }),
    }
}

/// A good proof by another key and algorithm.
fn by(key: &TestKey, alg: &str) -> String {
    let mut draft = good().header("alg", json!(alg));
    draft.header["jwk"] = key.public();
    key.sign(&draft.header, &draft.claims)
}

impl Draft {
    fn header(mut self, name: &str, value: Value) -> Self {
        self.header[name] = value;
        self
    }

    fn jwk(mut self, name: &str, value: Value) -> Self {
        self.header["jwk"][name] = value;
        self
    }

    fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims[name] = value;
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.header.as_object_mut().unwrap().remove(name);
        self.claims.as_object_mut().unwrap().remove(name);
        self
    }

    fn sign(&self) -> String {
        KEY.sign(&self.header, &self.claims)
    }
}

fn expected() -> Expected<'static> {
    Expected { method: "POST", urls: &URLS, access_token: None, bound_to: None, nonces: None }
}

fn checked(proof: &str) -> Result<DpopProof, DpopProblem> {
    check(&[proof], &expected(), now())
}

/// Together with an access token.
fn with_token(proof: &str) -> Result<DpopProof, DpopProblem> {
    check(&[proof], &Expected { access_token: Some(TOKEN), ..expected() }, now())
}

/// One test a case: its name, what is sent, and the problem.
macro_rules! refused {
    ($($name:ident: $outcome:expr => $problem:pat,)*) => {$(
        #[test]
        fn $name() {
            let refused = $outcome.unwrap_err();
            assert!(matches!(refused, $problem), "{refused:?}");
        }
    )*};
}

use DpopProblem as P;
use MemberProblem as M;

refused! {
    fa11_no_proof: check(&[], &expected(), now()) => P::Missing,
    fa11_two_headers: {
        let (one, two) = (good().sign(), good().claim("jti", json!("j-2")).sign());
        check(&[&one, &two], &expected(), now())
    } => P::Several(2),
    fa11_the_same_header_twice: {
        let proof = good().sign();
        check(&[&proof, &proof], &expected(), now())
    } => P::Several(2),
    fa11_two_proofs_in_one_header: {
        let proof = good().sign();
        checked(&format!("{proof}, {proof}"))
    } => P::Jws(JwsProblem::Malformed(_)),
    fa11_an_empty_header: checked("") => P::Jws(JwsProblem::Malformed(_)),
    fa11_typ_missing: checked(&good().without("typ").sign()) => P::Type(_),
    fa11_typ_jwt: checked(&good().header("typ", json!("JWT")).sign()) => P::Type(_),
    fa11_typ_no_text: checked(&good().header("typ", json!(["dpop+jwt"])).sign()) => P::Type(_),
    fa11_alg_missing: checked(&good().without("alg").sign()) => P::Jws(JwsProblem::Algorithm { .. }),
    fa11_alg_none: {
        let proof = good().header("alg", json!("none")).sign();
        checked(&format!("{}.", proof.rsplit_once('.').unwrap().0))
    } => P::Jws(JwsProblem::Algorithm { .. }),
    fa11_alg_hs256: {
        let draft = good().header("alg", json!("HS256"));
        checked(&hs256(KEY.public().to_string().as_bytes(), &draft.header, &draft.claims))
    } => P::Jws(JwsProblem::Algorithm { .. }),
    fa11_alg_rs256: checked(&by(TestKey::rsa(), "RS256")) => P::Jws(JwsProblem::Algorithm { .. }),
    fa11_alg_of_another_kind_of_key: checked(&good().header("alg", json!("PS256")).sign())
        => P::Jws(JwsProblem::NoFittingKey),
    fa11_jwk_missing: checked(&good().without("jwk").sign()) => P::Key(JwkProblem::Malformed(_)),
    fa11_jwk_no_object: checked(&good().header("jwk", json!("x")).sign())
        => P::Key(JwkProblem::Malformed(_)),
    fa11_jwk_with_a_private_part: checked(&good().jwk("d", json!("AQAB")).sign())
        => P::Key(JwkProblem::Private),
    fa11_jwk_rsa_with_a_private_part: {
        let mut draft = good().header("alg", json!("PS256"));
        draft.header["jwk"] = TestKey::rsa().public();
        let draft = draft.jwk("p", json!("AQAB"));
        checked(&TestKey::rsa().sign(&draft.header, &draft.claims))
    } => P::Key(JwkProblem::Private),
    fa11_jwk_symmetric: checked(&good().header("jwk", json!({ "kty": "oct", "k": "AQAB" })).sign())
        => P::Key(JwkProblem::Private),
    fa11_jwk_rsa_of_1024_bits: {
        let n = URL_SAFE_NO_PAD.encode([255; 128]);
        let jwk = json!({ "kty": "RSA", "n": n, "e": "AQAB" });
        checked(&good().header("alg", json!("PS256")).header("jwk", jwk).sign())
    } => P::Key(JwkProblem::RsaLength(1024)),
    fa11_jwk_made_for_another_alg: checked(&good().jwk("alg", json!("ES384")).sign())
        => P::Key(JwkProblem::Purpose),
    fa11_jwk_made_for_encryption: checked(&good().jwk("use", json!("enc")).sign())
        => P::Key(JwkProblem::Purpose),
    fa11_jwk_of_another_key: {
        let draft = good().header("jwk", TestKey::es256().public());
        checked(&draft.sign())
    } => P::Jws(JwsProblem::Signature),
    fa11_jwk_off_the_curve: {
        let x = URL_SAFE_NO_PAD.encode([7; 32]);
        checked(&good().jwk("x", json!(x)).sign())
    } => P::Jws(JwsProblem::Signature),
    fa11_crit: checked(&good().header("crit", json!(["htu"])).sign()) => P::Jws(JwsProblem::Critical),
    fa11_claims_changed_after_signing: {
        let (one, two) = (good().sign(), good().claim("jti", json!("j-2")).sign());
        let (signed, _) = one.rsplit_once('.').unwrap();
        checked(&format!("{signed}.{}", two.rsplit_once('.').unwrap().1))
    } => P::Jws(JwsProblem::Signature),
    fa11_jti_missing: checked(&good().without("jti").sign()) => P::Claim(M::Missing("jti")),
    fa11_jti_empty: checked(&good().claim("jti", json!("")).sign()) => P::Claim(M::Form("jti")),
    fa11_jti_no_text: checked(&good().claim("jti", json!(1)).sign()) => P::Claim(M::Form("jti")),
    fa11_jti_too_long: checked(&good().claim("jti", json!("j".repeat(257))).sign())
        => P::Claim(M::Form("jti")),
    fa11_htm_missing: checked(&good().without("htm").sign()) => P::Claim(M::Missing("htm")),
    fa11_htm_other: checked(&good().claim("htm", json!("GET")).sign()) => P::Method { .. },
    fa11_htm_in_lower_case: checked(&good().claim("htm", json!("post")).sign()) => P::Method { .. },
    fa11_htu_missing: checked(&good().without("htu").sign()) => P::Claim(M::Missing("htu")),
    fa11_htu_no_address: checked(&good().claim("htu", json!("/t/acme/token")).sign())
        => P::Address { .. },
    fa11_htu_other_path: htu("https://login.example/t/acme/userinfo") => P::Address { .. },
    fa11_htu_path_in_another_case: htu("https://login.example/t/Acme/token") => P::Address { .. },
    fa11_htu_slash_at_the_end: htu("https://login.example/t/acme/token/") => P::Address { .. },
    fa11_htu_other_tenant: htu("https://login.example/t/other/token") => P::Address { .. },
    fa11_htu_other_host: htu("https://login.example.evil/t/acme/token") => P::Address { .. },
    fa11_htu_other_port: htu("https://login.example:8443/t/acme/token") => P::Address { .. },
    fa11_htu_without_tls: htu("http://login.example/t/acme/token") => P::Address { .. },
    fa11_htu_with_a_user_name: htu("https://a@login.example/t/acme/token") => P::Address { .. },
    fa11_htu_with_a_blank: htu("https://login.example/t/acme/token ") => P::Address { .. },
    fa11_htu_with_a_backslash: htu("https:\\\\login.example/t/acme/token") => P::Address { .. },
    fa11_iat_missing: checked(&good().without("iat").sign()) => P::Claim(M::Missing("iat")),
    fa11_iat_no_number: checked(&good().claim("iat", json!("1780000000")).sign())
        => P::Claim(M::Form("iat")),
    fa11_iat_beyond_all_time: checked(&good().claim("iat", json!(1e300)).sign())
        => P::Claim(M::Form("iat")),
    fa11_iat_an_hour_ago: checked(&good().claim("iat", at(-3600)).sign()) => P::Claim(M::Over("iat")),
    fa11_iat_in_an_hour: checked(&good().claim("iat", at(3600)).sign()) => P::Claim(M::Future("iat")),
    fa11_exp_over: checked(&good().claim("exp", at(-1)).sign()) => P::Claim(M::Over("exp")),
    fa11_nbf_in_an_hour: checked(&good().claim("nbf", at(3600)).sign()) => P::Claim(M::Future("nbf")),
    fa11_ath_missing: with_token(&good().sign()) => P::Claim(M::Missing("ath")),
    fa11_ath_of_another_token: with_token(&good().claim("ath", json!(ATH.replace('Y', "Z"))).sign())
        => P::AccessToken,
    fa11_ath_in_hexadecimal: {
        with_token(&good().claim("ath", json!(sha256_hex(TOKEN.as_bytes()))).sign())
    } => P::AccessToken,
    fa11_ath_is_the_token: with_token(&good().claim("ath", json!(TOKEN)).sign()) => P::AccessToken,
    fa11_bound_to_another_key: {
        let other = TestKey::es256().key().thumbprint().unwrap();
        let expected = Expected { bound_to: Some(&other), ..expected() };
        check(&[&good().sign()], &expected, now())
    } => P::OtherKey,
}

fn htu(address: &str) -> Result<DpopProof, DpopProblem> {
    checked(&good().claim("htu", json!(address)).sign())
}

#[test]
fn rfc9449_8_a_proof_holds_one_of_the_nonces_where_one_is_wanted() {
    let nonces = ["newest", "before"].map(str::to_owned);
    let wanted = Expected { nonces: Some(&nonces), ..expected() };
    let with = |draft: Draft| check(&[&draft.sign()], &wanted, now()).map(|_| ());
    assert_eq!(with(good()), Err(DpopProblem::Nonce));
    for fine in &nonces {
        assert_eq!(with(good().claim("nonce", json!(fine))), Ok(()));
        assert_eq!(nonce_of(&good().claim("nonce", json!(fine)).sign()).as_ref(), Some(fine));
    }
    for wrong in [json!(""), json!("older"), json!(7), json!(["newest"]), json!(null)] {
        assert_eq!(with(good().claim("nonce", wrong.clone())), Err(DpopProblem::Nonce), "{wrong}");
    }
    assert_eq!(nonce_of("no proof"), None);
    // Where none is wanted, one does no harm.
    assert!(checked(&good().claim("nonce", json!("x")).sign()).is_ok());
}

#[test]
fn fa10_a_good_proof_says_which_key_and_what_must_not_come_again() {
    let thumbprint = KEY.key().thumbprint().unwrap();
    let bound = Expected { bound_to: Some(&thumbprint), ..expected() };
    let proof = check(&[&good().sign()], &bound, now()).unwrap();
    assert_eq!(proof.thumbprint, thumbprint);
    assert!(proof.until > now() + LIFETIME);
    assert!(with_token(&good().claim("ath", json!(ATH)).sign()).is_ok());
}

#[test]
fn fa10_every_algorithm_of_fapi_is_accepted() {
    let ed = TestKey::ed25519();
    for proof in [by(TestKey::rsa(), "PS256"), by(&ed, "EdDSA"), by(&ed, "Ed25519")] {
        checked(&proof).unwrap();
    }
}

#[test]
fn fa10_iat_may_be_five_minutes_old_and_a_minute_ahead() {
    for (seconds, good_enough) in
        [(-10, true), (10, true), (-300, true), (60, true), (-301, false), (61, false)]
    {
        let outcome = checked(&good().claim("iat", at(seconds)).sign());
        assert_eq!(outcome.is_ok(), good_enough, "{seconds}");
    }
    assert!(checked(&good().claim("iat", json!(1_780_000_000.5)).sign()).is_ok());
}

#[test]
fn fa11_htu_is_compared_without_query_fragment_case_of_host_and_default_port() {
    for address in [
        "https://login.example/t/acme/token?x=y",
        "https://login.example/t/acme/token#fragment",
        "https://login.example/t/acme/token?x=y#fragment",
        "HTTPS://LOGIN.example/t/acme/token",
        "https://login.example:443/t/acme/token",
        "https://sso.acme.example/token",
    ] {
        assert!(htu(address).is_ok(), "{address}");
    }
}

#[test]
fn fa11_jti_reused_has_the_same_hash_and_only_then() {
    let hash = |draft: Draft| checked(&draft.sign()).unwrap().jti_hash;
    let first = hash(good());
    assert_eq!(first, hash(good().claim("iat", at(5))), "a new signature does not help");
    assert_eq!(first, hash(good().claim("htu", json!(format!("{}?x", URLS[0])))));
    assert_ne!(first, hash(good().claim("jti", json!("j-2"))));
    assert_ne!(first, hash(good().claim("htu", json!(URLS[1]))));
    assert_ne!(first, checked(&by(&TestKey::ed25519(), "EdDSA")).unwrap().jti_hash);
}

#[test]
fn fa11_the_name_of_the_key_does_not_count() {
    assert!(checked(&good().header("kid", json!("k")).jwk("kid", json!("other")).sign()).is_ok());
}

#[test]
fn malformed_proofs_are_refused() {
    for token in malformed_tokens() {
        assert!(checked(&token).is_err());
    }
}

proptest! {
    #[test]
    fn no_header_text_makes_the_check_panic_or_pass(text in ".{0,200}") {
        prop_assert!(checked(&text).is_err());
    }

    #[test]
    fn no_honestly_signed_claims_make_the_check_panic_or_pass_elsewhere(
        method in prop_oneof![Just("POST".to_owned()), ".{0,8}"],
        address in prop_oneof![Just(URLS[0].clone()), "https://[a-z.]{1,12}/.{0,12}", ".{0,20}"],
        seconds in prop_oneof![Just(1_780_000_000.0), any::<f64>()],
    ) {
        let draft = good()
            .claim("htm", json!(method))
            .claim("htu", json!(address))
            .claim("iat", json!(seconds));
        if checked(&draft.sign()).is_ok() {
            prop_assert_eq!(method, "POST");
            prop_assert_eq!(address.split(['?', '#']).next().unwrap(), URLS[0].as_str());
        }
    }
}
