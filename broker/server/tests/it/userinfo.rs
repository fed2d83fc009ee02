//! UserInfo: the claims behind an access token, for as long as the person may be in.

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_contract::UserId;
use symbolon_identity::clock::Clock as _;
use symbolon_storage::{Connection, UserStatus};
use symbolon_testkit::Browser;

use crate::downstream::{
    Reply, assert_refused, code_of, only_user, open, set_status, tokens, userinfo,
};
use crate::world::{TestApplication, TestBroker, TestTenant, http, post_form};

async fn access_token(app: &TestApplication<'_>, scope: &str) -> String {
    let tokens = tokens(app, &[("scope", Some(scope))]).await;
    tokens["access_token"].as_str().unwrap().to_owned()
}

async fn assert_dead(tenant: &TestTenant<'_>, token: &str) {
    let reply = userinfo(tenant, token).await;
    assert_refused(tenant, &reply, "401 invalid_token userinfo.token_invalid").await;
    assert_eq!(reply.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    assert!(reply.body.get("sub").is_none(), "{}", reply.body);
}

#[actix_web::test]
async fn rfc6750_the_token_comes_by_header_or_by_form_and_never_by_url() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let token = access_token(&wiki, "openid email").await;
    let url = format!("{}/userinfo", contoso.issuer());
    let form = [("access_token", token.as_str())];
    let good = [
        http().get(&url).bearer_auth(&token),
        http().get(&url).header("authorization", format!("bearer {token}")),
        http().post(&url).bearer_auth(&token),
        post_form(&url, &form),
    ];
    for request in good {
        let reply = Reply::of(request).await;
        assert_eq!((reply.status, reply.text("email").as_str()), (200, "alice@contoso.com"));
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    let missing = [
        http().get(&url),
        http().post(&url),
        http().get(format!("{url}?access_token={token}")),
        http().get(&url).basic_auth("wiki", wiki.secret.as_deref()),
        post_form(&url, &[("access_token", "")]),
    ];
    for request in missing {
        let reply = Reply::of(request).await;
        assert_refused(&contoso, &reply, "401 invalid_request userinfo.token_missing").await;
        assert_eq!(reply.header("www-authenticate"), "Bearer");
    }
}

#[actix_web::test]
async fn od8_the_scope_decides_which_claims_of_which_type() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.rules(json!({ "sync_fields": ["email", "name"], "default_role": "viewer" })).await;
    let wiki = contoso.application("wiki").await;
    let names = |body: &Value| -> Vec<String> {
        let names = body.as_object().unwrap().keys();
        names.filter(|name| *name != "preferred_username").cloned().collect()
    };
    let cases = [
        ("openid", vec!["sub"]),
        ("openid email", vec!["email", "email_verified", "sub"]),
        ("openid profile", vec!["name", "sub", "updated_at"]),
        ("openid roles", vec!["roles", "sub"]),
        ("openid nobody_knows offline_access", vec!["sub"]),
    ];
    let mut subjects = Vec::new();
    for (scope, expected) in cases {
        let body = userinfo(&contoso, &access_token(&wiki, scope).await).await.body;
        assert_eq!(names(&body), expected, "{scope}: {body}");
        subjects.push(body["sub"].clone());
    }
    subjects.dedup();
    assert_eq!(subjects, [json!(only_user(&contoso).await)]);
    let all = access_token(&wiki, "openid profile email roles").await;
    let body = userinfo(&contoso, &all).await.body;
    assert!(body["email_verified"].is_boolean() && body["updated_at"].is_i64(), "{body}");
    assert_eq!((&body["roles"], &body["name"]), (&json!(["viewer"]), &json!("Alice Martin")));
}

#[actix_web::test]
async fn neg_d11_tokens_of_nobody_and_tokens_too_old_are_refused() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let tokens = tokens(&wiki, &[]).await;
    let token = tokens["access_token"].as_str().unwrap();
    let longer = format!("{token}x");
    for other in ["x", longer.as_str(), &token[1..], tokens["id_token"].as_str().unwrap()] {
        assert_dead(&contoso, other).await;
    }
    world.clock.advance(TimeDelta::seconds(3599));
    assert_eq!(userinfo(&contoso, token).await.status, 200);
    world.clock.advance(TimeDelta::seconds(1));
    assert_dead(&contoso, token).await;
}

#[actix_web::test]
async fn neg_d11_signing_out_ends_the_access_tokens_of_the_session() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = crate::downstream::signed_in(&contoso, "alice").await;
    let code = code_of(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(&[])).await);
    let (_, tokens) = wiki.redeem(&code, &[]).await;
    let unspent = code_of(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(&[])).await);
    browser.get(&format!("{}/", contoso.issuer())).await.unwrap();
    let page = browser.click("sign-out").await.unwrap();
    assert!(page.has("signed-out"), "{}", page.body());
    assert_dead(&contoso, tokens["access_token"].as_str().unwrap()).await;
    let (_, body) = wiki.redeem(&unspent, &[]).await;
    assert_eq!(body["reason"], "token.grant_no_longer_valid");
}

/// What a person who was switched off can still do with what they held before.
async fn all_refused(app: &TestApplication<'_>, browser: &mut Browser, held: (&str, &str)) {
    let (token, code) = held;
    assert_dead(app.tenant, token).await;
    let (status, body) = app.redeem(code, &[]).await;
    assert_eq!((status, &body["reason"]), (400, &json!("token.grant_no_longer_valid")), "{body}");
    assert_eq!(body["error"], "invalid_grant");
    let silent = app.authorize_url(&[("prompt", Some("none"))]);
    let page = open(app, browser, &silent).await;
    assert!(page.location().unwrap().as_str().contains("error=login_required"));
    let page = open(app, browser, &app.authorize_url(&[])).await;
    assert_eq!(page.status(), 403, "{}", page.body());
    let page = browser.get(&format!("{}/", app.tenant.issuer())).await.unwrap();
    assert!(!page.has("signed-in"), "{}", page.body());
}

/// Off in the row alone, as a directory would do it: the session's row stays open, and the gate decides.
async fn set_status_silently(tenant: &TestTenant<'_>, user: &UserId, status: UserStatus) {
    let (id, user, now) = (tenant.record.id.clone(), user.clone(), tenant.world.clock.now());
    let change =
        move |conn: &mut Connection| conn.tenant(&id).users().set_status(&user, status, now);
    assert!(tenant.world.broker.database.write(change).await.unwrap());
}

#[actix_web::test]
async fn e7_the_gate_is_asked_again_wherever_a_session_or_token_is_used() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = crate::downstream::signed_in(&contoso, "alice").await;
    let reach = wiki.authorize_url(&[]);
    let code = code_of(&wiki, &open(&wiki, &mut browser, &reach).await);
    let (_, tokens) = wiki.redeem(&code, &[]).await;
    let unspent = code_of(&wiki, &open(&wiki, &mut browser, &reach).await);
    let user = only_user(&contoso).await;
    set_status_silently(&contoso, &user, UserStatus::Inactive).await;
    let token = tokens["access_token"].as_str().unwrap();
    all_refused(&wiki, &mut browser, (token, &unspent)).await;
}

#[actix_web::test]
async fn e7_a_person_who_is_switched_off_is_out_at_once_on_every_path() {
    for status in [UserStatus::Inactive, UserStatus::Deactivated] {
        let world = TestBroker::start().await;
        let contoso = world.tenant("contoso").await;
        let wiki = contoso.application("wiki").await;
        let mut browser = crate::downstream::signed_in(&contoso, "alice").await;
        let code = code_of(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(&[])).await);
        let (_, tokens) = wiki.redeem(&code, &[]).await;
        let unspent = code_of(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(&[])).await);
        let user = only_user(&contoso).await;
        set_status(&contoso, &user, status).await;
        let token = tokens["access_token"].as_str().unwrap();
        all_refused(&wiki, &mut browser, (token, &unspent)).await;
        // Switched on again: a new sign-in works, what was held before stays dead.
        set_status(&contoso, &user, UserStatus::Active).await;
        assert_dead(&contoso, token).await;
        let login = wiki.log_in("alice").await;
        assert!(login.outcome().starts_with("signed in"), "{}", login.outcome());
    }
}
