//! `oidcc-rp-initiated-logout-certification-test-plan` (LO-01 to LO-04).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;

use crate::downstream::{Reply, assert_page};
use crate::world::{STATE, TestApplication, TestBroker, http};

async fn signed_in(wiki: &TestApplication<'_>) -> Browser {
    let login = wiki.log_in("alice").await;
    assert!(login.outcome().starts_with("signed in as alice"), "{}", login.outcome());
    login.browser
}

/// The person is asked, says yes, and is out.
async fn asked_then_out(wiki: &TestApplication<'_>, browser: &mut Browser, page: &Page) -> Page {
    assert!(page.has("sign-out-title"), "{} {}", page.status(), page.body());
    assert!(wiki.is_in(browser).await, "asking ends nothing");
    browser.get(page.url().as_str()).await.unwrap();
    browser.stop_before(&wiki.running.url());
    let page = browser.click("sign-out").await.unwrap();
    assert!(!wiki.is_in(browser).await);
    page
}

#[actix_web::test]
async fn oidcc_rp_initiated_logout() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&wiki).await;
    let page = wiki.end_session(&mut browser, &[]).await;
    let expected = format!("{}/?state={STATE}", wiki.running.url());
    assert_eq!(page.location().unwrap().as_str(), expected, "the state and nothing else");
    assert_eq!(page.status(), 303);
    assert!(!wiki.is_in(&mut browser).await);
}

#[actix_web::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&wiki).await;
    let page = wiki.end_session(&mut browser, &[("state", None)]).await;
    assert_eq!(page.location().unwrap().as_str(), format!("{}/", wiki.running.url()));
    assert!(!wiki.is_in(&mut browser).await);
}

#[actix_web::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&wiki).await;
    let page = wiki.end_session(&mut browser, &[("post_logout_redirect_uri", None)]).await;
    assert!(page.has("signed-out"), "{}", page.body());
    assert!(!wiki.is_in(&mut browser).await);
}

#[actix_web::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&wiki).await;
    let none = [("id_token_hint", None), ("post_logout_redirect_uri", None), ("state", None)];
    let page = wiki.end_session(&mut browser, &none).await;
    let page = asked_then_out(&wiki, &mut browser, &page).await;
    assert!(page.has("signed-out"), "{}", page.body());
}

#[actix_web::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&wiki).await;
    let state = [("id_token_hint", None), ("post_logout_redirect_uri", None)];
    let page = wiki.end_session(&mut browser, &state).await;
    let page = asked_then_out(&wiki, &mut browser, &page).await;
    assert!(page.has("signed-out") && page.location().is_none(), "{}", page.body());
    // Whoever is nobody is signed out already.
    let page = wiki.end_session(&mut Browser::new().unwrap(), &state).await;
    assert!(page.has("signed-out"), "{}", page.body());
}

#[actix_web::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&wiki).await;
    let page = wiki.end_session(&mut browser, &[("id_token_hint", None)]).await;
    let page = asked_then_out(&wiki, &mut browser, &page).await;
    assert!(page.has("signed-out"), "nobody vouches for the address: {}", page.body());
}

#[actix_web::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    refused_address(|url| format!("{url}/elsewhere")).await;
}

#[actix_web::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    refused_address(|url| format!("{url}?foo=bar")).await;
}

async fn refused_address(change: impl Fn(&str) -> String) {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&wiki).await;
    let uri = change(&wiki.running.url());
    let page = wiki.end_session(&mut browser, &[("post_logout_redirect_uri", Some(&uri))]).await;
    assert_page(&contoso, &page, "400 logout.redirect_uri_mismatch").await;
    let named = page.text("error-parameter").unwrap();
    assert!(named.contains("post_logout_redirect_uri"), "PG-3: {named}");
    assert!(wiki.is_in(&mut browser).await);
    // The page leads to where the person can sign out all the same.
    wiki.end_session(&mut browser, &[("post_logout_redirect_uri", Some(&uri))]).await;
    let page = browser.click("try-again").await.unwrap();
    assert!(page.has("sign-out"), "{}", page.body());
}

#[actix_web::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let (wiki, foreign) = (contoso.application("wiki").await, fabrikam.application("wiki").await);
    foreign.log_in("alice").await;
    let mut browser = signed_in(&wiki).await;
    for hint in [foreign.id_token().as_str(), "no-token", "a.b.c", ".."] {
        refused_hint(&wiki, &mut browser, hint).await;
    }
}

#[actix_web::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&wiki).await;
    let token = wiki.id_token();
    let parts: Vec<&str> = token.split('.').collect();
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let other = URL_SAFE_NO_PAD.encode(claims.replace("\"wiki\"", "\"mail\""));
    for hint in [
        format!("{unsigned}.{}.", parts[1]),
        format!("{unsigned}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{other}.{}", parts[0], parts[2]),
    ] {
        refused_hint(&wiki, &mut browser, &hint).await;
    }
}

async fn refused_hint(wiki: &TestApplication<'_>, browser: &mut Browser, hint: &str) {
    let page = wiki.end_session(browser, &[("id_token_hint", Some(hint))]).await;
    assert_page(wiki.tenant, &page, "400 logout.id_token_hint_invalid").await;
    let named = page.text("error-parameter").unwrap();
    assert!(named.contains("id_token_hint"), "PG-3: {named}");
    assert!(wiki.is_in(browser).await, "{hint}");
}

#[actix_web::test]
async fn h01_pages_of_other_sites_never_read_what_signing_out_answers() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let endpoint = format!("{}/end_session", contoso.issuer());
    let answer = Reply::of(http().get(endpoint).header("origin", "https://a.example")).await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
}
