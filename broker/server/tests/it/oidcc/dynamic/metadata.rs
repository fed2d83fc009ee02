//! The modules about what else an application registers: for people to read, for its sector, for others to start a
//! sign-in (DY-08, DY-10, DY-15).

use reqwest::Method;
use serde_json::{Value, json};
use symbolon_testkit::DemoApplication;
use symbolon_testkit::provider::AutomaticSignIn;

use super::{CALLBACK, Open, manage};
use crate::downstream::Reply;
use crate::world::{TestBroker, http};

const INVALID: &str = "invalid_client_metadata";

#[actix_web::test]
async fn oidcc_registration_logo_uri() {
    on_the_login_page("logo_uri", "application-logo").await;
}

#[actix_web::test]
async fn oidcc_registration_policy_uri() {
    on_the_login_page("policy_uri", "application-policy").await;
}

#[actix_web::test]
async fn oidcc_registration_tos_uri() {
    on_the_login_page("tos_uri", "application-terms").await;
}

/// What was registered stands on the login page that a fresh browser sees, and nothing that was not.
async fn on_the_login_page(field: &str, id: &str) {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    open.tenant.connector("partners", |_| ()).await;
    world.provider.sign_in_automatically(AutomaticSignIn::Off);
    let (with, without) =
        (open.register(json!({ field: "https://rp.example/it" })).await, open.register(json!({})));
    assert_eq!(with[field], "https://rp.example/it");
    let page = open.opens(&with, &[]).await;
    assert!(page.has("connectors"), "{}", page.body());
    assert_eq!(page.attribute(id, "href").as_deref(), Some("https://rp.example/it"));
    assert!(!open.opens(&without.await, &[]).await.has(id));
}

#[actix_web::test]
async fn dy_08_what_is_registered_for_people_is_kept_and_told() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let links = json!({
        "logo_uri": "https://rp.example/logo.png",
        "policy_uri": "https://rp.example/policy",
        "tos_uri": "https://rp.example/tos",
        "client_uri": "https://rp.example/",
        "contacts": ["ada@rp.example"],
    });
    let app = open.register(links.clone()).await;
    let read = manage(Method::GET, &app, None).await.body;
    for (name, value) in links.as_object().unwrap() {
        assert_eq!((&app[name], &read[name]), (value, value), "{name}");
    }
    assert_eq!(read.get("client_secret"), None, "only its hash is kept");
}

/// A sector that vouches for these addresses, and a registration of it.
fn sector(listed: &[&str]) -> (DemoApplication, Value) {
    let sector = DemoApplication::builder().start().unwrap();
    sector.publish_keys(Some(json!(listed)));
    let over = json!({ "subject_type": "pairwise", "sector_identifier_uri": sector.jwks_uri() });
    (sector, over)
}

#[actix_web::test]
async fn oidcc_registration_sector_uri() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let discovery = format!("{}/.well-known/openid-configuration", open.tenant.issuer());
    let found = Reply::of(http().get(discovery)).await.body;
    assert!(found["subject_types_supported"].as_array().unwrap().contains(&json!("pairwise")));
    let (sector, mut over) = sector(&["https://elsewhere.example/", CALLBACK]);
    let app = open.register(over.clone()).await;
    assert_eq!(app["sector_identifier_uri"], over["sector_identifier_uri"]);
    assert_eq!((&app["subject_type"], sector.keys_asked()), (&json!("pairwise"), 1));
    open.tokens(&app).await;
    // Without the sector, addresses on two hosts are of no sector; with it they are of one.
    sector.publish_keys(Some(json!([CALLBACK, "https://other.example/callback"])));
    over["redirect_uris"] = json!([CALLBACK, "https://other.example/callback"]);
    open.register(over).await;
}

#[actix_web::test]
async fn oidcc_registration_sector_bad() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let (sector, over) = sector(&["https://elsewhere.example/callback"]);
    open.refused_for(over, INVALID).await;
    assert_eq!(sector.keys_asked(), 1, "it was asked");
}

#[actix_web::test]
async fn dy_10_a_sector_is_a_list_of_addresses_and_two_hosts_need_one() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    // Our own provider answers there, but with no list of addresses.
    let nothing = format!("{}/jwks", open.tenant.issuer());
    let over = json!({ "subject_type": "pairwise", "sector_identifier_uri": nothing });
    open.refused_for(over, INVALID).await;
    let two = [CALLBACK, "https://other.example/callback"];
    open.refused_for(json!({ "subject_type": "pairwise", "redirect_uris": two }), INVALID).await;
}

#[actix_web::test]
async fn oidcc_3rd_party_init_login() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let app = open.register(json!({ "initiate_login_uri": "https://rp.example/start" })).await;
    assert_eq!(app["initiate_login_uri"], "https://rp.example/start");
    let read = manage(Method::GET, &app, None).await;
    assert_eq!((read.status, read.header("content-type")), (200, "application/json"));
    assert_eq!(read.text("initiate_login_uri"), "https://rp.example/start");
}

#[actix_web::test]
async fn oidcc_3rd_party_init_login_nohttps() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    open.refused_for(json!({ "initiate_login_uri": "http://rp.example/start" }), INVALID).await;
}

#[actix_web::test]
async fn dy_15_metadata_that_cannot_be_kept_is_refused() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let expected = "400 invalid_client_metadata registration.metadata_invalid";
    for over in [
        json!({ "initiate_login_uri": "https://elsewhere.example/start" }),
        json!({ "response_types": ["id_token"] }),
        json!({ "grant_types": ["implicit"] }),
        json!({ "id_token_signed_response_alg": "none" }),
        json!({ "backchannel_logout_uri": "http://rp.example/out" }),
        json!({ "token_endpoint_auth_method": "private_key_jwt" }),
        json!({ "client_name": "x".repeat(101) }),
    ] {
        assert_eq!(open.refused(over.clone()).await, expected, "{over}");
    }
    let body = open.ask(json!("no object"), &open.token).await;
    assert_eq!(body.refusal(), expected);
}
