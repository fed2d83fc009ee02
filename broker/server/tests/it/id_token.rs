//! ID tokens: signed as the application asks, with the tenant's own keys, and as small as may be.

use serde_json::Value;
use symbolon_identity::keys::SigningAlgorithm;

use crate::downstream::{Reply, part, tokens};
use crate::world::{TestBroker, TestTenant, http};

#[actix_web::test]
async fn each_application_has_its_algorithm_and_verifies_against_the_keys_of_the_tenant() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let cases = [
        ("es", SigningAlgorithm::Es256, "ES256"),
        ("rs", SigningAlgorithm::Rs256, "RS256"),
        ("ed", SigningAlgorithm::EdDsa, "EdDSA"),
        ("ps", SigningAlgorithm::Ps256, "PS256"),
    ];
    for (id, algorithm, name) in cases {
        let app =
            contoso.application_with(id, |new| new.settings.id_token_algorithm = algorithm).await;
        let header = part(tokens(&app, &[]).await["id_token"].as_str().unwrap(), 0);
        assert_eq!((&header["alg"], &header["typ"]), (&name.into(), &"JWT".into()));
        let keys = jwks(&contoso).await;
        let key = keys.iter().find(|key| key["kid"] == header["kid"]).unwrap();
        assert_eq!(key["alg"], name);
        // The demo application verifies signature, audience, nonce and times.
        let login = app.log_in("alice").await;
        assert!(login.outcome().starts_with("signed in"), "{name}: {}", login.outcome());
    }
}

async fn jwks(tenant: &TestTenant<'_>) -> Vec<Value> {
    let reply = Reply::of(http().get(format!("{}/jwks", tenant.issuer()))).await;
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, "*"));
    assert_eq!(reply.header("cache-control"), "public, max-age=3600");
    reply.body["keys"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn d23_published_keys_are_public_distinct_and_the_tenants_own() {
    let world = TestBroker::start().await;
    let mut seen = std::collections::BTreeSet::new();
    for slug in ["contoso", "fabrikam"] {
        let tenant = world.tenant(slug).await;
        let app = tenant.application("wiki").await;
        tokens(&app, &[]).await;
        let keys = jwks(&tenant).await;
        assert!(!keys.is_empty());
        for key in keys {
            for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
                assert!(key.get(private).is_none(), "{private} is published");
            }
            assert_eq!(key["use"], "sig");
            assert!(key["alg"].is_string(), "{key}");
            assert!(seen.insert(key["kid"].to_string()), "the same kid twice: {key}");
        }
    }
}

#[actix_web::test]
async fn od7_the_id_token_is_minimal_unless_the_application_wants_more() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let plain = contoso.application("wiki").await;
    let rich = contoso.application_with("crm", |new| new.settings.claims_in_id_token = true).await;
    let claims = |tokens: &Value| part(tokens["id_token"].as_str().unwrap(), 1);
    let minimal = claims(&tokens(&plain, &[]).await);
    let names: Vec<_> = minimal.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = ["at_hash", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sid", "sub"];
    assert_eq!(names, expected);
    assert_eq!((&minimal["aud"], &minimal["iss"]), (&"wiki".into(), &contoso.issuer().into()));
    let lifetime = minimal["exp"].as_i64().unwrap() - minimal["iat"].as_i64().unwrap();
    assert_eq!((lifetime, &minimal["nonce"]), (3600, &"nonce-of-the-test".into()));
    let full = claims(&tokens(&rich, &[]).await);
    assert_eq!(
        (&full["email"], &full["name"]),
        (&"alice@contoso.com".into(), &"Alice Martin".into())
    );
    assert!(full["roles"].is_array() && full["at_hash"].is_string(), "{full}");
    // The scope still decides.
    let narrow = claims(&tokens(&rich, &[("scope", Some("openid")), ("nonce", None)]).await);
    assert!(narrow.get("email").is_none() && narrow.get("nonce").is_none(), "{narrow}");
}
