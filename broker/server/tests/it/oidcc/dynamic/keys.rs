//! The modules about how tokens and UserInfo are signed for an application, and about the keys that it publishes
//! (DY-03, DY-04, DY-09, DY-12, DY-14).

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_identity::clock::Clock as _;
use symbolon_testkit::application::verified;
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey, DemoApplication};

use super::{CALLBACK, Open, published};
use crate::downstream::{Reply, part, userinfo};
use crate::oidcc::robot::TYPE;
use crate::world::{TestBroker, http, post_form};

/// Of the Basic and the Form Post plan: an application that registers no algorithm gets the one that OpenID
/// Registration 2 has for it.
pub(in crate::oidcc) async fn oidcc_idtoken_signature(mode: &str) {
    signed_by((json!({}), "RS256"), mode).await;
}

#[actix_web::test]
async fn oidcc_idtoken_rs256() {
    signed_by((json!({ "id_token_signed_response_alg": "RS256" }), "RS256"), "query").await;
}

#[actix_web::test]
async fn dy_03_an_id_token_is_signed_as_registered() {
    for algorithm in ["ES256", "PS256", "EdDSA"] {
        let registration = json!({ "id_token_signed_response_alg": algorithm });
        signed_by((registration, algorithm), "query").await;
    }
}

async fn signed_by((registration, algorithm): (Value, &str), mode: &str) {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let app = open.register(registration).await;
    assert_eq!(app["id_token_signed_response_alg"], algorithm);
    // Its signature is checked on the way.
    let held = open.tokens_by(&app, &[("response_mode", mode)]).await;
    let header = part(held["id_token"].as_str().unwrap(), 0);
    assert_eq!(header["alg"], algorithm);
    assert!(header["kid"].as_str().is_some_and(|kid| !kid.is_empty()), "{header}");
}

#[actix_web::test]
async fn oidcc_userinfo_rs256() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let app = open.register(json!({ "userinfo_signed_response_alg": "RS256" })).await;
    let held = open.tokens(&app).await;
    let asked = http().get(format!("{}/userinfo", open.tenant.issuer()));
    let asked = asked.bearer_auth(held["access_token"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(
        (asked.status().as_u16(), &asked.headers()["content-type"]),
        (200, &"application/jwt".parse().unwrap())
    );
    let text = asked.text().await.unwrap();
    assert_eq!(part(&text, 0)["alg"], "RS256");
    let claims = verified(&text, &published(&open.tenant).await, "").unwrap();
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(open.tenant.issuer()), &app["client_id"]));
    assert_eq!(claims["sub"], part(held["id_token"].as_str().unwrap(), 1)["sub"]);
    assert!(claims.get("nonce").is_none() && claims["email"] == "alice@contoso.com", "{claims}");
}

/// An application that registers where its keys are, and proves itself by them.
struct Publisher {
    running: DemoApplication,
    key: ApplicationKey,
    app: Value,
}

impl Publisher {
    async fn register(open: &Open<'_>) -> Self {
        let key = ApplicationKey::new(ApplicationAlgorithm::Rs256).unwrap();
        let running = DemoApplication::builder().start().unwrap();
        running.publish_keys(Some(key.jwks()));
        let app = open.register(json!({
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": running.jwks_uri(),
            "grant_types": ["authorization_code", "refresh_token"],
        }));
        Self { app: app.await, running, key }
    }

    /// At the token endpoint, proved by the key of the moment.
    async fn asks(&self, open: &Open<'_>, fields: &[(&str, &str)]) -> Reply {
        let now = open.tenant.world.clock.now().timestamp();
        let id = self.app["client_id"].as_str().unwrap();
        let assertion = self.key.assertion(id, &open.tenant.issuer(), now).unwrap();
        let proof = [("client_assertion_type", TYPE), ("client_assertion", assertion.as_str())];
        let fields = [fields, &proof].concat();
        Reply::of(post_form(&format!("{}/token", open.tenant.issuer()), &fields)).await
    }

    async fn signs_in(&self, open: &Open<'_>, scope: &str) -> Reply {
        let change = [("scope", scope), ("prompt", "consent")];
        let code = open.code(&self.app, &change).await;
        let code =
            [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
        let reply = self.asks(open, &code).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply
    }
}

#[actix_web::test]
async fn oidcc_registration_jwks_uri() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let rp = Publisher::register(&open).await;
    assert_eq!(rp.app["jwks_uri"], rp.running.jwks_uri());
    let held = rp.signs_in(&open, "openid").await;
    assert_eq!(userinfo(&open.tenant, &held.text("access_token")).await.status, 200);
    assert_eq!(rp.running.keys_asked(), 1);
}

#[actix_web::test]
async fn oidcc_ensure_client_assertion_with_iss_aud_succeeds() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let rp = Publisher::register(&open).await;
    // The audience of its statements is the issuer.
    let held = rp.signs_in(&open, "openid").await;
    let keys = published(&open.tenant).await;
    verified(&held.text("id_token"), &keys, &held.text("access_token")).unwrap();
}

#[actix_web::test]
async fn oidcc_refresh_token_rp_key_rotation() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let mut rp = Publisher::register(&open).await;
    let held = rp.signs_in(&open, "openid offline_access").await;
    rp.key = ApplicationKey::new(ApplicationAlgorithm::Rs256).unwrap();
    rp.running.publish_keys(Some(rp.key.jwks()));
    world.clock.advance(TimeDelta::seconds(60));
    let token = held.text("refresh_token");
    let renew = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    let renewed = rp.asks(&open, &renew).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    let (old, new) = (part(&held.text("id_token"), 1), part(&renewed.text("id_token"), 1));
    for same in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    assert_eq!(userinfo(&open.tenant, &renewed.text("access_token")).await.status, 200);
}
