//! FA-02, FA-03, D10 and DY-14: which statements prove who an application is.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;
use symbolon_contract::ReasonCode;

use super::super::jws::JwsProblem;
use super::super::testing::{TestKey, at, hs256, malformed_tokens, now};
use super::*;

const ISSUER: &str = "https://login.example/t/acme";
const TOKEN_ENDPOINT: &str = "https://login.example/t/acme/token";
const PAR: &str = "https://login.example/t/acme/par";
static KEY: LazyLock<TestKey> = LazyLock::new(TestKey::es256);
static OTHERS: LazyLock<Vec<String>> = LazyLock::new(|| vec![PAR.to_owned()]);

const OAUTH: SecurityProfile = SecurityProfile::Oauth;
const FAPI2: SecurityProfile = SecurityProfile::Fapi2;

fn wiki() -> ApplicationId {
    ApplicationId::parse("wiki").unwrap()
}

fn good() -> Value {
    json!({ "iss": "wiki", "sub": "wiki", "aud": ISSUER, "exp": at(60), "iat": at(0), "jti": "j-1" })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn checked(token: &str, profile: SecurityProfile) -> Result<AcceptedAssertion, StatementProblem> {
    let rules =
        Rules { profile, issuer: ISSUER, token_endpoint: TOKEN_ENDPOINT, other_endpoints: &OTHERS };
    let keys = [KEY.key(), TestKey::rsa().key()];
    check(token, &wiki(), &keys, &rules, now())
}

fn signed(claims: &Value) -> String {
    KEY.sign(&json!({ "alg": "ES256" }), claims)
}

/// Under both profiles, which must agree.
fn both(claims: &Value) -> Result<AcceptedAssertion, StatementProblem> {
    let (oauth, fapi2) = (checked(&signed(claims), OAUTH), checked(&signed(claims), FAPI2));
    assert_eq!(oauth, fapi2);
    fapi2
}

#[test]
fn dy_14_ensure_client_assertion_with_iss_aud_succeeds() {
    let accepted = both(&good()).unwrap();
    assert!(accepted.until >= now() + TimeDelta::seconds(60));
    assert!(both(&without("iat")).is_ok(), "iat is optional (RFC 7523 3)");
    for typ in ["JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt"]
    {
        let token = KEY.sign(&json!({ "alg": "ES256", "typ": typ }), &good());
        assert!(checked(&token, FAPI2).is_ok(), "{typ}");
    }
}

#[test]
fn fa02_fapi2_takes_the_issuer_as_text_and_nothing_else_as_audience() {
    let rows = [
        (json!(ISSUER), true, true),
        (json!([ISSUER]), true, false),
        (json!(["https://other.example", ISSUER]), true, false),
        (json!(TOKEN_ENDPOINT), true, false),
        (json!(PAR), true, false),
        (json!([PAR]), true, false),
        (json!(format!("{ISSUER}/")), false, false),
        (json!("https://login.example/t/other"), false, false),
        (json!("https://login.example"), false, false),
        (json!("https://LOGIN.example/t/acme"), false, false),
        (json!([]), false, false),
        (json!([[ISSUER]]), false, false),
        (json!({ "0": ISSUER }), false, false),
        (json!(null), false, false),
        (json!(""), false, false),
    ];
    for (aud, oauth, fapi2) in rows {
        let token = signed(&with("aud", aud.clone()));
        assert_eq!(checked(&token, OAUTH).is_ok(), oauth, "oauth {aud}");
        assert_eq!(checked(&token, FAPI2).is_ok(), fapi2, "fapi2 {aud}");
    }
    let missing = StatementProblem::Audience(ISSUER.to_owned());
    assert_eq!(both(&without("aud")).unwrap_err(), missing);
}

#[test]
fn fa03_rs256_is_for_oauth_only_and_ps256_for_both() {
    let rsa = |alg: &str| TestKey::rsa().sign(&json!({ "alg": alg }), &good());
    assert!(checked(&rsa("RS256"), OAUTH).is_ok());
    let refused = checked(&rsa("RS256"), FAPI2).unwrap_err();
    assert!(matches!(refused, StatementProblem::Jws(JwsProblem::Algorithm { .. })), "{refused}");
    assert!(checked(&rsa("PS256"), OAUTH).is_ok() && checked(&rsa("PS256"), FAPI2).is_ok());
}

#[test]
fn fa03_iss_and_sub_are_the_application() {
    for claim in ["iss", "sub"] {
        let seen = "other".to_owned();
        let other = StatementProblem::Application { claim, seen };
        assert_eq!(both(&with(claim, json!("other"))).unwrap_err(), other);
        let missing = StatementProblem::Claim(MemberProblem::Missing(claim));
        assert_eq!(both(&without(claim)).unwrap_err(), missing);
        let form = StatementProblem::Claim(MemberProblem::Form(claim));
        assert_eq!(both(&with(claim, json!(["wiki"]))).unwrap_err(), form);
    }
}

#[test]
fn fa03_neg_d10_a_statement_is_good_now_and_for_an_hour_at_most() {
    use MemberProblem::{Form, Future, Missing, Over};
    let claim = |problem| Some(StatementProblem::Claim(problem));
    let rows = [
        ("exp", at(-300), claim(Over("exp"))),
        ("exp", at(0), claim(Over("exp"))),
        ("exp", at(1), None),
        ("exp", at(3600 + 8), None),
        ("exp", at(2 * 3600), Some(StatementProblem::TooLong)),
        ("exp", at(365 * 24 * 3600), Some(StatementProblem::TooLong)),
        ("exp", json!(i64::MAX), claim(Form("exp"))),
        ("exp", json!(1e308), claim(Form("exp"))),
        ("exp", json!(-1), claim(Form("exp"))),
        ("exp", json!("1780000060"), claim(Form("exp"))),
        ("exp", json!(null), claim(Form("exp"))),
        ("iat", at(8), None),
        ("nbf", at(8), None),
        ("iat", at(60), None),
        ("iat", at(61), claim(Future("iat"))),
        ("nbf", at(61), claim(Future("nbf"))),
        ("nbf", json!([]), claim(Form("nbf"))),
    ];
    for (name, value, problem) in rows {
        assert_eq!(both(&with(name, value.clone())).err(), problem, "{name} {value}");
    }
    assert_eq!(both(&without("exp")).err(), claim(Missing("exp")));
}

#[test]
fn neg_d10_jti_is_needed_and_one_jti_has_one_hash() {
    for (claims, problem) in [
        (without("jti"), MemberProblem::Missing("jti")),
        (with("jti", json!("")), MemberProblem::Form("jti")),
        (with("jti", json!(7)), MemberProblem::Form("jti")),
        (with("jti", json!("j".repeat(257))), MemberProblem::Form("jti")),
    ] {
        assert_eq!(both(&claims).unwrap_err(), StatementProblem::Claim(problem));
    }
    let hash = |claims: Value| both(&claims).unwrap().jti_hash;
    assert_eq!(hash(good()), hash(with("exp", at(120))));
    assert_ne!(hash(good()), hash(with("jti", json!("j-2"))));
}

#[test]
fn neg_d10_unsigned_and_foreign_statements_are_refused() {
    let unsigned = |alg: &str| {
        let token = KEY.sign(&json!({ "alg": alg }), &good());
        format!("{}.", token.rsplit_once('.').unwrap().0)
    };
    let confused = hs256(KEY.public().to_string().as_bytes(), &json!({ "alg": "HS256" }), &good());
    let foreign = TestKey::es256().sign(&json!({ "alg": "ES256" }), &good());
    for token in [unsigned("none"), unsigned("ES256"), confused, foreign] {
        for profile in [OAUTH, FAPI2] {
            let refused = checked(&token, profile).unwrap_err();
            assert!(matches!(refused, StatementProblem::Jws(_)), "{refused}");
            let invalid = ReasonCode::TokenClientAssertionInvalid;
            assert_eq!(refused.reason(invalid), invalid);
            assert!(refused.in_words("client assertion").starts_with("the client assertion: "));
        }
    }
}

#[test]
fn rfc9101_a_request_object_is_no_statement_even_with_the_right_claims() {
    for typ in ["oauth-authz-req+jwt", "dpop+jwt", "logout+jwt", "at+jwt", ""] {
        let token = KEY.sign(&json!({ "alg": "ES256", "typ": typ }), &good());
        let refused = checked(&token, OAUTH).unwrap_err();
        assert_eq!(refused, StatementProblem::OtherKind(typ.to_owned()));
    }
    for name in ["response_type", "redirect_uri", "htu", "events"] {
        let refused = both(&with(name, json!("x"))).unwrap_err();
        assert!(matches!(refused, StatementProblem::OtherKind(_)), "{name}");
    }
}

#[test]
fn the_claimed_application_is_read_without_belief() {
    assert_eq!(claimed_application(&signed(&good())).as_deref(), Some("wiki"));
    assert_eq!(claimed_application(&signed(&without("sub"))), None);
    for token in malformed_tokens() {
        claimed_application(&token);
        assert!(checked(&token, OAUTH).is_err());
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_check_panic_or_pass(text in ".{0,200}") {
        claimed_application(&text);
        prop_assert!(checked(&text, OAUTH).is_err());
    }

    #[test]
    fn no_honestly_signed_claims_make_the_check_panic(
        name in prop::sample::select(vec!["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]),
        number in any::<f64>(),
        text in ".{0,20}",
    ) {
        for value in [json!(number), json!(text), json!([text, number]), json!({ "a": text })] {
            let _ = checked(&signed(&with(name, value)), OAUTH);
        }
    }
}
