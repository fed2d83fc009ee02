//! The modules about keys that tokens and codes are bound to (FA-10, FA-11): proofs at each endpoint, and every way
//! in which one is none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey};

use super::{Bank, bank, code_in, key, succeeds_with};
use crate::downstream::{Reply, part};
use crate::grants::userinfo_by;
use crate::world::{TestBroker, http};

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_dpopproof_at_par_endpoint_binding_success() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let pushed = bank.push(&[]).proof(&bank.key).send().await;
    let answer = bank.answer(pushed).await;
    succeeds_with(&bank, &answer).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_dpop_auth_code_binding_success() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let jkt = bank.key.thumbprint().unwrap();
    let pushed = bank.push(&[("dpop_jkt", Some(&jkt))]).proof(&bank.key).send().await;
    let answer = bank.answer(pushed).await;
    succeeds_with(&bank, &answer).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let bank = bank(&contoso, "bank").await;
    let other = key().thumbprint().unwrap();
    let reply = bank.push(&[("dpop_jkt", Some(&other))]).proof(&bank.key).send().await;
    assert_eq!(reply.refusal(), "400 invalid_request authorize.dpop_jkt_invalid");
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_before_succeeds() {
    iat_may_be_off_by(-10).await;
}

#[actix_web::test]
async fn fapi2_security_profile_final_ensure_dpopproof_with_iat_10seconds_after_succeeds() {
    iat_may_be_off_by(10).await;
}

/// At the endpoint for pushed requests, at the token endpoint and at UserInfo.
async fn iat_may_be_off_by(seconds: i64) {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let then = bank.now() + seconds;
    let at = |bank: &Bank<'_>, endpoint: &str| {
        let url = format!("{}/{endpoint}", bank.issuer());
        bank.key.proof(("POST", &url), None, then).unwrap()
    };
    let pushed = bank.push(&[]).header("dpop", at(&bank, "par")).send().await;
    let code = code_in(&bank.answer(pushed).await);
    let held = bank.redeem(&code).header("dpop", at(&bank, "token")).tokens().await;
    let token = held["access_token"].as_str().unwrap();
    let proof = bank.key.proof(("GET", &bank.userinfo_url()), Some(token), then).unwrap();
    assert_eq!(userinfo_by(&bank.app, (token, "DPoP"), Some(proof)).await.status, 200);
}

#[actix_web::test]
async fn fapi2_security_profile_final_access_token_type_header_case_sensitivity() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let held = Held::of(&mut bank).await;
    for scheme in ["DPoP", "dpop", "DPOP"] {
        assert_eq!(held.asks((scheme, Some(held.proof()))).await, 200, "{scheme}");
    }
    assert_eq!(held.asks(("Bearer", Some(held.proof()))).await, 401);
}

/// A proof for UserInfo that no other is like: its `jti` is random.
fn good_proof(bank: &Bank<'_>, token: &str) -> String {
    bank.key.proof(("GET", &bank.userinfo_url()), Some(token), bank.now()).unwrap()
}

/// An access token and the key that it is bound to.
struct Held<'a> {
    bank: &'a Bank<'a>,
    token: String,
    good: String,
}

impl<'a> Held<'a> {
    async fn of(bank: &'a mut Bank<'a>) -> Self {
        let tokens = bank.tokens(&[]).await;
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        let bank: &'a Bank<'a> = bank;
        let good = good_proof(bank, &token);
        Self { bank, token, good }
    }

    async fn asks(&self, (scheme, proof): (&str, Option<String>)) -> u16 {
        userinfo_by(&self.bank.app, (&self.token, scheme), proof).await.status
    }

    /// A fresh good proof.
    fn proof(&self) -> String {
        self.with(&[], &[])
    }

    /// A proof with other members in its header and other claims; `null` leaves one out.
    fn with(&self, header: &[(&str, Value)], claims: &[(&str, Value)]) -> String {
        self.by(&self.bank.key, header, claims)
    }

    fn by(
        &self,
        key: &ApplicationKey,
        header: &[(&str, Value)],
        claims: &[(&str, Value)],
    ) -> String {
        let changed = |mut whole: Value, change: &[(&str, Value)]| {
            let members = whole.as_object_mut().unwrap();
            for (name, value) in change {
                members.insert((*name).to_owned(), value.clone());
            }
            members.retain(|_, value| !value.is_null());
            whole
        };
        let bare = json!({ "typ": "dpop+jwt", "jwk": key.bare_jwk() });
        let said = changed(part(&good_proof(self.bank, &self.token), 1), claims);
        key.sign(changed(bare, header), &said).unwrap()
    }

    /// A good proof under a header that was changed after it was signed.
    fn under(&self, change: &[(&str, Value)]) -> String {
        let proof = self.proof();
        let mut header = part(&proof, 0);
        for (name, value) in change {
            header[*name] = value.clone();
        }
        header.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let (_, rest) = proof.split_once('.').unwrap();
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
    }

    /// Proofs that are none, by what is wrong with them.
    fn wrong(&self) -> Vec<(&'static str, String)> {
        let (now, nothing) = (self.bank.now(), || Value::Null);
        let mut secret = self.bank.key.bare_jwk();
        secret["d"] = secret["x"].clone();
        let claim = |name, value| self.with(&[], &[(name, value)]);
        let unsigned = self.under(&[("alg", json!("none"))]);
        let rs256 = ApplicationKey::new(ApplicationAlgorithm::Rs256).unwrap();
        let proof = self.proof();
        vec![
            ("no JWT", "not.a.proof".to_owned()),
            ("no typ", self.with(&[("typ", nothing())], &[])),
            ("another typ", self.with(&[("typ", json!("JWT"))], &[])),
            ("no alg", self.under(&[("alg", nothing())])),
            ("alg none", format!("{}.", unsigned.rsplit_once('.').unwrap().0)),
            ("alg none, signed", unsigned),
            ("RS256", self.by(&rs256, &[], &[])),
            ("no jwk", self.with(&[("jwk", nothing())], &[])),
            ("a private jwk", self.with(&[("jwk", secret)], &[])),
            ("another signature", format!("{}AAAA", &proof[..proof.len() - 4])),
            ("another key", self.by(&key(), &[], &[])),
            ("no jti", claim("jti", nothing())),
            ("no htm", claim("htm", nothing())),
            ("no htu", claim("htu", nothing())),
            ("no iat", claim("iat", nothing())),
            ("no ath", claim("ath", nothing())),
            ("another htm", claim("htm", json!("PUT"))),
            ("another htu", claim("htu", json!(format!("{}/token", self.bank.issuer())))),
            ("an iat in an hour", claim("iat", json!(now + 3600))),
            ("an iat an hour ago", claim("iat", json!(now - 3600))),
            ("another ath", claim("ath", json!("LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"))),
            ("one that came already", self.good.clone()),
        ]
    }

    /// Proofs that look odd and are good.
    fn odd(&self) -> Vec<(&'static str, String)> {
        let url = self.bank.userinfo_url();
        let htu = |url: String| self.with(&[], &[("htu", json!(url))]);
        vec![
            ("a query and a fragment", htu(format!("{url}?a=b#c"))),
            ("neither", htu(url.clone())),
            ("a scheme in upper case", htu(url.replacen("http", "HTTP", 1))),
            ("more members", self.with(&[("extra", json!(1))], &[("extra", json!({ "a": [] }))])),
        ]
    }
}

#[actix_web::test]
async fn fapi2_security_profile_final_dpop_negative_tests() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut bank = bank(&contoso, "bank").await;
    let held = Held::of(&mut bank).await;
    assert_eq!(held.asks(("DPoP", Some(held.good.clone()))).await, 200);
    for (what, proof) in held.wrong() {
        assert_eq!(held.asks(("DPoP", Some(proof))).await, 401, "{what}");
    }
    for (what, proof) in held.odd() {
        assert_eq!(held.asks(("DPOP", Some(proof))).await, 200, "{what}");
    }
    assert_eq!(held.asks(("DPoP", None)).await, 401);
    assert_eq!(held.asks(("Bearer", None)).await, 401);
    let two = http().get(held.bank.userinfo_url()).header("dpop", held.proof());
    let two = two.header("authorization", format!("DPoP {}", held.token));
    assert_eq!(Reply::of(two.header("dpop", held.proof())).await.status, 401);
    assert_eq!(held.asks(("DPoP", Some(held.proof()))).await, 200, "a good one still works");
}
