//! FA-14: which signed requests count, and what comes out of them.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::super::jws::JwsProblem;
use super::super::testing::{TestKey, at, malformed_tokens, now};
use super::*;

const ISSUER: &str = "https://login.example/t/acme";
static KEY: LazyLock<TestKey> = LazyLock::new(TestKey::es256);

const OAUTH: SecurityProfile = SecurityProfile::Oauth;
const FAPI2: SecurityProfile = SecurityProfile::Fapi2;

fn good() -> Value {
    json!({
        "iss": "wiki", "aud": ISSUER, "nbf": at(0), "exp": at(300), "iat": at(0), "jti": "j-1",
        "client_id": "wiki", "response_type": "code", "redirect_uri": "https://wiki.example/cb",
        "scope": "openid", "state": "s",
    })
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

fn checked(token: &str, profile: SecurityProfile) -> Result<Parameters, StatementProblem> {
    let wiki = ApplicationId::parse("wiki").unwrap();
    let keys = [KEY.key(), TestKey::rsa().key()];
    check(token, &wiki, &keys, &Rules { profile, issuer: ISSUER }, now())
}

fn signed(claims: &Value) -> String {
    KEY.sign(&json!({ "alg": "ES256", "typ": "oauth-authz-req+jwt" }), claims)
}

/// Under both profiles, which must agree.
fn both(claims: &Value) -> Result<Parameters, StatementProblem> {
    let (oauth, fapi2) = (checked(&signed(claims), OAUTH), checked(&signed(claims), FAPI2));
    assert_eq!(oauth, fapi2);
    fapi2
}

#[test]
fn fa14_the_parameters_come_out_and_the_claims_of_the_token_do_not() {
    let parameters = both(&good()).unwrap();
    let mut names: Vec<_> = parameters.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(names, ["client_id", "redirect_uri", "response_type", "scope", "state"]);
    assert_eq!(parameters.get("redirect_uri"), Some("https://wiki.example/cb"));
    assert!(both(&without("client_id")).is_ok());
}

#[test]
fn rfc9101_numbers_and_structures_become_texts() {
    let mut claims = good();
    claims["max_age"] = json!(300);
    claims["claims"] = json!({ "id_token": { "acr": { "essential": true } } });
    claims["resource"] = json!(["https://a.example", "https://b.example", ["https://c.example"]]);
    claims["login_hint"] = json!(null);
    claims["flag"] = json!(true);
    let parameters = both(&claims).unwrap();
    assert_eq!(parameters.get("max_age"), Some("300"));
    assert_eq!(parameters.get("claims"), Some(r#"{"id_token":{"acr":{"essential":true}}}"#));
    assert_eq!(parameters.get("flag"), Some("true"));
    assert_eq!(parameters.count("login_hint"), 0);
    let resources: Vec<_> = parameters.iter().filter(|(name, _)| *name == "resource").collect();
    assert_eq!(resources, [("resource", "https://a.example"), ("resource", "https://b.example")]);
}

#[test]
fn fa14_aud_is_the_issuer_as_text_or_in_an_array() {
    for (aud, accepted) in [
        (json!(ISSUER), true),
        (json!([ISSUER]), true),
        (json!(["https://other.example", ISSUER]), true),
        (json!(["https://other.example"]), false),
        (json!(format!("{ISSUER}/authorize")), false),
        (json!(null), false),
    ] {
        assert_eq!(both(&with("aud", aud.clone())).is_ok(), accepted, "{aud}");
    }
    let missing = StatementProblem::Audience(ISSUER.to_owned());
    assert_eq!(both(&without("aud")).unwrap_err(), missing);
}

#[test]
fn fa14_another_application_cannot_sign_for_this_one() {
    for claim in ["iss", "client_id"] {
        let other = StatementProblem::Application { claim, seen: "other".to_owned() };
        assert_eq!(both(&with(claim, json!("other"))).unwrap_err(), other);
        let form = StatementProblem::Claim(MemberProblem::Form(claim));
        assert_eq!(both(&with(claim, json!(1))).unwrap_err(), form);
    }
    let missing = StatementProblem::Claim(MemberProblem::Missing("iss"));
    assert_eq!(both(&without("iss")).unwrap_err(), missing);
}

#[test]
fn fa14_fapi2_wants_exp_and_nbf_at_most_an_hour_apart() {
    use MemberProblem::{Future, Missing, Over};
    let claim = |problem| Some(StatementProblem::Claim(problem));
    let window = |from: i64, to: i64| {
        let mut claims = with("nbf", at(from));
        claims["exp"] = at(to);
        checked(&signed(&claims), FAPI2).err()
    };
    assert_eq!(window(8, 300), None);
    assert_eq!(window(60, 300), None);
    assert_eq!(window(61, 300), claim(Future("nbf")));
    assert_eq!(window(-300, 3300), None);
    assert_eq!(window(-300, 3301), Some(StatementProblem::TooLong));
    assert_eq!(window(0, 365 * 24 * 3600), Some(StatementProblem::TooLong));
    assert_eq!(window(-7200, 300), claim(Over("nbf")));
    assert_eq!(window(-300, 0), claim(Over("exp")));
    assert_eq!(window(-300, -100), claim(Over("exp")));
    for name in ["exp", "nbf"] {
        let token = signed(&without(name));
        assert_eq!(checked(&token, FAPI2).err(), claim(Missing(name)));
        assert!(checked(&token, OAUTH).is_ok(), "{name}");
    }
    assert_eq!(checked(&signed(&with("exp", at(0))), OAUTH).err(), claim(Over("exp")));
}

#[test]
fn fa14_unsigned_rs256_and_wrong_keys_are_refused() {
    let unsigned = |alg: &str| {
        let token = KEY.sign(&json!({ "alg": alg }), &good());
        format!("{}.", token.rsplit_once('.').unwrap().0)
    };
    let wrong = TestKey::es256().sign(&json!({ "alg": "ES256" }), &good());
    let wrong_rsa = TestKey::other_rsa().sign(&json!({ "alg": "PS256" }), &good());
    for token in [unsigned("none"), unsigned("ES256"), wrong, wrong_rsa] {
        for profile in [OAUTH, FAPI2] {
            let refused = checked(&token, profile).unwrap_err();
            assert!(matches!(refused, StatementProblem::Jws(_)), "{refused}");
            assert!(refused.in_words("request object").starts_with("the request object: "));
        }
    }
    let rs256 = TestKey::rsa().sign(&json!({ "alg": "RS256" }), &good());
    assert!(checked(&rs256, OAUTH).is_ok() && checked(&rs256, FAPI2).is_err());
    assert!(checked(&TestKey::rsa().sign(&json!({ "alg": "PS256" }), &good()), FAPI2).is_ok());
}

#[test]
fn rfc9101_it_refers_to_no_other_request() {
    for name in ["request", "request_uri"] {
        for value in [json!("x"), json!(null), json!("")] {
            let refused = both(&with(name, value)).unwrap_err();
            assert_eq!(refused, StatementProblem::Nested(name));
        }
    }
}

#[test]
fn rfc9101_typ_is_that_of_a_request_object_or_of_any_jwt() {
    let typed =
        |typ: Value| checked(&KEY.sign(&json!({ "alg": "ES256", "typ": typ }), &good()), FAPI2);
    let names = ["oauth-authz-req+jwt", "OAuth-Authz-Req+JWT", "application/oauth-authz-req+jwt"];
    for typ in [&names[..], &["JWT", "jwt"]].concat() {
        assert!(typed(json!(typ)).is_ok(), "{typ}");
    }
    assert!(checked(&KEY.sign(&json!({ "alg": "ES256" }), &good()), FAPI2).is_ok());
    for typ in ["client-authentication+jwt", "dpop+jwt", "at+jwt", ""] {
        assert_eq!(typed(json!(typ)).unwrap_err(), StatementProblem::OtherKind(typ.to_owned()));
    }
    assert!(typed(json!(1)).is_err());
}

#[test]
fn d13_a_parameter_that_stands_twice_is_refused() {
    let claims = good().to_string().replacen('{', r#"{"scope":"openid email","#, 1);
    let token = KEY.sign_raw(r#"{"alg":"ES256"}"#, &claims);
    let refused = checked(&token, OAUTH).unwrap_err();
    assert_eq!(refused, StatementProblem::Jws(JwsProblem::Malformed("its claims")));
}

#[test]
fn malformed_request_objects_are_refused() {
    for token in malformed_tokens() {
        assert!(checked(&token, OAUTH).is_err());
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_check_panic_or_pass(text in ".{0,200}") {
        prop_assert!(checked(&text, OAUTH).is_err());
    }

    #[test]
    fn no_honestly_signed_parameter_makes_the_check_panic(
        name in "[a-z_]{1,12}",
        number in any::<f64>(),
        text in ".{0,20}",
    ) {
        for value in [json!(number), json!(text), json!([text, [number]]), json!({ "a": text })] {
            let _ = checked(&signed(&with(&name, value)), FAPI2);
        }
    }
}
