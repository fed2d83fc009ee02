//! Nonces in proofs of possession (RFC 9449 8 and 9): where an application wants them, no proof that was made
//! beforehand counts.

use chrono::TimeDelta;
use symbolon_identity::admin::NewApplication;
use symbolon_identity::clock::Clock as _;
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey};

use super::service::{own, robot};
use super::{Ask, ask, redeem, text, userinfo_by};
use crate::saml_replay::another_node;
use crate::world::{TestApplication, TestBroker};

const WANTED: &str = "400 use_dpop_nonce token.dpop_nonce_needed";

fn key() -> ApplicationKey {
    ApplicationKey::new(ApplicationAlgorithm::Es256).unwrap()
}

fn wanting(new: &mut NewApplication) {
    robot(new);
    new.settings.require_dpop_nonce = true;
}

impl<'a> Ask<'a> {
    /// With a proof that holds this nonce.
    fn nonce(self, key: &ApplicationKey, nonce: &str) -> Self {
        let proof = key.proof_with_nonce(("POST", &self.url()), (None, Some(nonce)), self.now());
        self.header("dpop", proof.unwrap())
    }
}

/// The nonce that a refusal for want of one tells.
async fn told(asked: Ask<'_>) -> String {
    let told = asked.send().await;
    assert_eq!((told.refusal().as_str(), told.header("cache-control")), (WANTED, "no-store"));
    told.header("dpop-nonce").to_owned()
}

#[actix_web::test]
async fn rfc9449_8_who_lacks_the_nonce_is_told_it_and_loses_nothing() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", wanting).await;
    let (mine, code) = (key(), wiki.code("alice", &[]).await);
    let nonce = told(redeem(&wiki, &code).proof(&mine)).await;
    let held = redeem(&wiki, &code).nonce(&mine, &nonce).tokens().await;
    let (token, url) = (text(&held, "access_token"), format!("{}/userinfo", contoso.issuer()));
    let userinfo = async |nonce: Option<&str>| {
        let (shown, now) = ((Some(token), nonce), world.clock.now().timestamp());
        let proof = mine.proof_with_nonce(("GET", &url), shown, now).unwrap();
        userinfo_by(&wiki, (token, "DPoP"), Some(proof)).await
    };
    let refused = userinfo(None).await;
    assert_eq!(refused.refusal(), "401 use_dpop_nonce userinfo.dpop_nonce_needed");
    let challenge = refused.header("www-authenticate");
    assert!(challenge.starts_with("DPoP error=\"use_dpop_nonce\", algs="), "{challenge}");
    assert_eq!(refused.header("dpop-nonce"), nonce);
    assert_eq!(userinfo(Some(&nonce)).await.status, 200);
    let trail = contoso.audit_trail().await;
    let refused = trail.iter().filter(|row| row.starts_with("app."));
    assert_eq!(refused.count(), 0, "to be told is the ordinary way: {trail:?}");
}

#[actix_web::test]
async fn rfc9449_8_a_pushed_request_wants_the_nonce_too() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", wanting).await;
    let (mine, to) = (key(), wiki.running.redirect_uri());
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let push = || {
        let push = ask(&wiki, "par").with("response_type", "code").with("scope", "openid");
        let push = push.with("redirect_uri", &to);
        push.with("code_challenge", challenge).with("code_challenge_method", "S256")
    };
    let nonce = told(push().proof(&mine)).await;
    assert_eq!(push().nonce(&mine, &nonce).send().await.status, 201);
    assert_eq!(push().send().await.status, 201, "a push needs no proof");
}

#[actix_web::test]
async fn neg_rfc9449_8_only_a_nonce_of_ours_of_the_last_minutes_counts() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let wiki = contoso.application_with("wiki", wanting).await;
    let other = fabrikam.application_with("other", wanting).await;
    let mine = key();
    let (nonce, foreign) =
        (told(own(&wiki).proof(&mine)).await, told(own(&other).proof(&mine)).await);
    for wrong in ["", "x", foreign.as_str(), &nonce[1..]] {
        assert_eq!(told(own(&wiki).nonce(&mine, wrong)).await, nonce, "{wrong}");
    }
    let other_node = format!("http://{}", another_node(&world));
    own(&wiki).nonce(&mine, &nonce).at(&other_node).tokens().await;
    // A minute later it still counts, and the answer tells the next one; two minutes later it does not.
    world.clock.advance(TimeDelta::seconds(60));
    let next = renewed(&wiki, &mine, &nonce).await;
    assert!(!next.is_empty() && next != nonce, "{next}");
    assert_eq!(renewed(&wiki, &mine, &next).await, "", "nothing newer");
    world.clock.advance(TimeDelta::seconds(60));
    told(own(&wiki).nonce(&mine, &nonce)).await;
    assert_ne!(renewed(&wiki, &mine, &next).await, "");
}

/// The nonce that an answer tells to who holds this one.
async fn renewed(app: &TestApplication<'_>, key: &ApplicationKey, nonce: &str) -> String {
    let reply = own(app).nonce(key, nonce).send().await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.header("dpop-nonce").to_owned()
}
