//! Rate limits as callers meet them (H-07, OD-4): who has to wait, and in which form it is said. What a
//! limit counts and forgets is tested beside it (`http::rate_limit`).

use chrono::TimeDelta;
use reqwest::RequestBuilder;
use serde_json::Value;

use crate::world::{TestBroker, TestTenant, http, post_form};

const ON: (&str, &str) = ("SYMBOLON__RATE_LIMITS__ENABLED", "true");
const SIGN_IN: (&str, &str) = ("SYMBOLON__RATE_LIMITS__SIGN_IN__PER_MINUTE", "2");

/// The first answer of 429 among five: which one it is, how long to wait, its media type and its body.
async fn refused(ask: impl Fn() -> RequestBuilder) -> Option<(usize, u64, String, String)> {
    for turn in 1..=5 {
        let answer = ask().send().await.unwrap();
        if answer.status() == 429 {
            let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
            let (wait, media) = (header("retry-after").parse().unwrap(), header("content-type"));
            assert_eq!(header("cache-control"), "no-store");
            return Some((turn, wait, media, answer.text().await.unwrap()));
        }
    }
    None
}

async fn audited(tenant: &TestTenant<'_>) -> Vec<Value> {
    let rows = tenant.audit_rows().await.into_iter();
    rows.filter(|row| row["reason"] == "request.rate_limited").collect()
}

#[actix_web::test]
async fn h07_each_kind_of_endpoint_has_a_limit_and_says_so_in_its_own_form() {
    let kinds = ["SIGN_IN", "CALLBACK", "TOKEN", "API", "DEVICE", "USER_CODE", "REGISTRATION"];
    let rates = kinds.map(|kind| format!("SYMBOLON__RATE_LIMITS__{kind}__PER_MINUTE"));
    let mut settings = vec![ON];
    settings.extend(rates.iter().map(|rate| (rate.as_str(), "2")));
    let world = TestBroker::start_with(&settings).await;
    let contoso = world.tenant("contoso").await;
    let (issuer, api) = (contoso.issuer(), format!("{}/api/v1/tenants/contoso", world.url));
    let get = |path: &str| http().get(format!("{issuer}{path}"));
    let post = |path: &str| post_form(&format!("{issuer}{path}"), &[("client_id", "app")]);
    let (page, json, problem) = ("text/html", "application/json", "application/problem+json");
    let cases: [(RequestBuilder, &str); 12] = [
        (get("/authorize"), page),
        (get("/callback/upstream"), page),
        (post("/saml/upstream/acs"), page),
        (post("/token"), json),
        (post("/device_authorization"), json),
        (post("/device"), page),
        (post("/register"), json),
        (http().get(format!("{api}/connectors")), problem),
        (http().get(format!("{api}/connectors")).bearer_auth("symkey_one"), problem),
        (http().get(format!("{api}/connectors")).bearer_auth("symkey_other"), problem),
        (get("/%61uthorize"), page),
        (get("/login"), page),
    ];
    for (request, media) in cases {
        world.clock.advance(TimeDelta::minutes(1));
        let ask = || request.try_clone().unwrap();
        let (turn, wait, seen, body) = refused(ask).await.unwrap();
        assert!((turn, wait) == (3, 30) && seen.starts_with(media), "{request:?} {turn} {seen}");
        assert!(body.contains("request.rate_limited"), "{body}");
        world.clock.advance(TimeDelta::seconds(30));
        assert_ne!(ask().send().await.unwrap().status(), 429, "it may go on: {request:?}");
    }
}

#[actix_web::test]
async fn h07_what_must_always_answer_has_no_limit_but_that_against_floods() {
    let world = TestBroker::start_with(&[ON, SIGN_IN]).await;
    let contoso = world.tenant("contoso").await;
    let issuer = contoso.issuer();
    for url in [
        format!("{issuer}/jwks"),
        format!("{issuer}/.well-known/openid-configuration"),
        format!("{issuer}/userinfo"),
        format!("{}/livez", world.url),
    ] {
        assert_eq!(refused(|| http().get(&url)).await, None, "{url}");
    }
    let flooded = [ON, ("SYMBOLON__RATE_LIMITS__ADDRESS__PER_MINUTE", "3")];
    let world = TestBroker::start_with(&flooded).await;
    assert_eq!(refused(|| http().get(format!("{}/livez", world.url))).await, None);
    let (turn, ..) = refused(|| http().get(format!("{}/nothing", world.url))).await.unwrap();
    assert_eq!(turn, 4);
}

#[actix_web::test]
async fn h07_the_audit_trail_names_each_caller_once_a_minute() {
    let world = TestBroker::start_with(&[ON, SIGN_IN]).await;
    let contoso = world.tenant("contoso").await;
    let url = format!("{}/authorize", contoso.issuer());
    for _ in 0..3 {
        refused(|| http().get(&url)).await.unwrap();
    }
    let rows = audited(&contoso).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let detail = rows[0]["details"]["detail"].as_str().unwrap();
    assert!(detail.starts_with("127.0.0.1 met the limit rate_limits.sign_in"), "{detail}");
    world.clock.advance(TimeDelta::minutes(1));
    refused(|| http().get(&url)).await.unwrap();
    assert_eq!(audited(&contoso).await.len(), 2);
}

#[actix_web::test]
async fn h07_one_applications_requests_are_not_used_up_by_another() {
    let rate = ("SYMBOLON__RATE_LIMITS__TOKEN__PER_MINUTE", "2");
    let world = TestBroker::start_with(&[ON, rate]).await;
    let contoso = world.tenant("contoso").await;
    let url = format!("{}/token", contoso.issuer());
    let by_form = |id: &str| post_form(&url, &[("client_id", id)]);
    let by_header = |id: &str| post_form(&url, &[]).basic_auth(id, Some("secret"));
    assert_eq!(refused(|| by_form("wiki")).await.unwrap().0, 3);
    assert_eq!(refused(|| by_header("wiki")).await.unwrap().0, 1, "the same application");
    assert_eq!(refused(|| by_header("crm")).await.unwrap().0, 3);
    assert_eq!(refused(|| post_form(&url, &[])).await.unwrap().0, 3, "nobody at all");
    let fabrikam = world.tenant("fabrikam").await;
    let there = format!("{}/token", fabrikam.issuer());
    let (turn, ..) = refused(|| post_form(&there, &[("client_id", "wiki")])).await.unwrap();
    assert_eq!(turn, 3, "another tenant's application of the same name");
}

#[actix_web::test]
async fn neg_s13_only_a_trusted_proxy_tells_callers_apart() {
    let trusting = ("SYMBOLON__HTTP__TRUSTED_PROXIES", "127.0.0.0/8");
    for (settings, apart) in [(vec![ON, SIGN_IN, trusting], true), (vec![ON, SIGN_IN], false)] {
        let world = TestBroker::start_with(&settings).await;
        let contoso = world.tenant("contoso").await;
        let url = format!("{}/authorize", contoso.issuer());
        let from = |address: &str| http().get(&url).header("x-forwarded-for", address);
        assert_eq!(refused(|| from("192.0.2.1")).await.unwrap().0, 3);
        let (turn, ..) = refused(|| from("192.0.2.2")).await.unwrap();
        assert_eq!(turn, if apart { 3 } else { 1 });
        // What the caller wrote stands before what the proxy added, in one line or in two.
        for spoofed in
            [from("9.9.9.9, 192.0.2.1"), from("9.9.9.9").header("x-forwarded-for", "192.0.2.1")]
        {
            assert_eq!(spoofed.send().await.unwrap().status(), 429);
        }
        let told = audited(&contoso).await[0]["details"]["detail"].to_string();
        assert_eq!(told.contains("http.trusted_proxies is empty"), !apart, "{told}");
    }
}
