//! The modules about requests that stand at an address (DY-13, R-22). Symbolon opens no address that a request
//! names: it says so in the discovery document and by the error that OpenID Core 3.1.2.6 has for it, where the suite
//! demands the fetch. Who signs requests sends them by value, or pushes them.

use serde_json::{Value, json};
use symbolon_identity::clock::Clock as _;
use symbolon_testkit::provider::AutomaticSignIn;
use symbolon_testkit::{ApplicationAlgorithm, ApplicationKey, DemoApplication};

use super::{CALLBACK, Open};
use crate::downstream::Reply;
use crate::world::{TestBroker, http, parameter};

async fn discovery(open: &Open<'_>) -> Value {
    let url = format!("{}/.well-known/openid-configuration", open.tenant.issuer());
    Reply::of(http().get(url)).await.body
}

/// The application is told, at its address and with its state, and nobody opened the address of the request.
async fn told_unsupported(open: &Open<'_>, app: &Value, object: Value) {
    let rp = DemoApplication::builder().start().unwrap();
    rp.publish_keys(Some(object));
    let (found, uri) = (discovery(open).await, rp.jwks_uri());
    assert_eq!(found["request_uri_parameter_supported"], false);
    assert!(found.get("require_request_uri_registration").is_none());
    open.tenant.world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    for uri in [uri.clone(), format!("{uri}#fragment")] {
        let answer = open.opens(app, &[("request_uri", &uri)]).await.location().unwrap();
        assert!(answer.as_str().starts_with(CALLBACK), "{answer}");
        assert_eq!(parameter(&answer, "error").as_deref(), Some("request_uri_not_supported"));
        assert_eq!(parameter(&answer, "state").as_deref(), Some("s"));
        assert_eq!(parameter(&answer, "iss"), Some(open.tenant.issuer()));
        assert!(parameter(&answer, "error_description").is_some_and(|text| !text.is_empty()));
    }
    assert_eq!((rp.keys_asked(), open.tenant.sessions().await), (0, 0));
}

#[actix_web::test]
async fn oidcc_request_uri_unsigned() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let app = open.register(json!({ "request_uris": ["https://rp.example/request#1"] })).await;
    told_unsupported(&open, &app, json!("eyJhbGciOiJub25lIn0.e30.")).await;
    let algorithms = discovery(&open).await["request_object_signing_alg_values_supported"].clone();
    assert!(!algorithms.as_array().unwrap().contains(&json!("none")), "{algorithms}");
}

#[actix_web::test]
async fn oidcc_request_uri_signed_rs256() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let key = ApplicationKey::new(ApplicationAlgorithm::Rs256).unwrap();
    let registration = json!({ "request_object_signing_alg": "RS256", "jwks": key.jwks() });
    let app = open.register(registration).await;
    let (id, now) = (app["client_id"].as_str().unwrap(), world.clock.now().timestamp());
    let inside = [("response_type", "code"), ("redirect_uri", CALLBACK), ("scope", "openid")];
    let object = key.request_object((id, &open.tenant.issuer()), &inside, now).unwrap();
    told_unsupported(&open, &app, json!(object)).await;
    let algorithms = discovery(&open).await["request_object_signing_alg_values_supported"].clone();
    assert!(algorithms.as_array().unwrap().contains(&json!("RS256")), "{algorithms}");
    // The same by value is taken.
    open.code(&app, &[("request", &object)]).await;
}
