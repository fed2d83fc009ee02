//! The modules about the addresses that an application registers (DY-05 to DY-07): no other is ever opened.

use serde_json::{Value, json};
use symbolon_testkit::provider::AutomaticSignIn;

use super::{CALLBACK, Open};
use crate::downstream::assert_page;
use crate::world::TestBroker;

/// The person is shown what is wrong; no address is opened, not the registered one either.
async fn shown(open: &Open<'_>, app: &Value, (sent, expected): (&str, &str)) {
    open.tenant.world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let page = open.opens(app, &[("redirect_uri", sent)]).await;
    assert_page(&open.tenant, &page, expected).await;
    assert!(page.body().contains("redirect_uri"), "PG-3");
    assert_eq!(open.tenant.sessions().await, 0);
}

#[actix_web::test]
async fn oidcc_ensure_redirect_uri_in_authorization_request() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let two = json!({ "redirect_uris": [CALLBACK, format!("{CALLBACK}/2")] });
    let app = open.register(two).await;
    shown(&open, &app, ("", "400 authorize.redirect_uri_missing")).await;
}

#[actix_web::test]
async fn oidcc_redirect_uri_query_ok() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let with_query = format!("{CALLBACK}?foo=bar");
    let app = open.register(json!({ "redirect_uris": [with_query] })).await;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let page = open.opens(&app, &[("redirect_uri", &with_query)]).await;
    assert!(page.location().unwrap().as_str().starts_with(&format!("{with_query}&code=")));
    open.tokens_by(&app, &[("redirect_uri", &with_query)]).await;
}

#[actix_web::test]
async fn oidcc_redirect_uri_query_mismatch() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let app = open.register(json!({ "redirect_uris": [format!("{CALLBACK}?foo=bar")] })).await;
    for sent in [format!("{CALLBACK}?foo=baz"), format!("{CALLBACK}?foo=bar&x=y"), CALLBACK.into()]
    {
        shown(&open, &app, (&sent, "400 authorize.redirect_uri_mismatch")).await;
    }
}

#[actix_web::test]
async fn oidcc_redirect_uri_query_added() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let app = open.register(json!({})).await;
    let sent = format!("{CALLBACK}?foo=bar");
    shown(&open, &app, (&sent, "400 authorize.redirect_uri_mismatch")).await;
}

#[actix_web::test]
async fn oidcc_redirect_uri_regfrag() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let fragment = json!({ "redirect_uris": [format!("{CALLBACK}#frag")] });
    open.refused_for(fragment, "invalid_redirect_uri").await;
}

#[actix_web::test]
async fn dy_07_a_registration_has_an_address() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let refused = open.refused(json!({ "redirect_uris": [] })).await;
    assert_eq!(refused, "400 invalid_redirect_uri registration.redirect_uri_invalid");
}
