//! The token endpoint: codes, proofs of applications, and the tokens made of them.

use chrono::TimeDelta;
use serde_json::Value;
use symbolon_contract::TenantSlug;
use symbolon_storage::testing::TestDatabase;

use crate::downstream::{Reply, assert_refused, disable, token_request, tokens, userinfo};
use crate::world::{TestApplication, TestBroker, TestTenant, VERIFIER, answer, http, post_form};

type Form<'a> = &'a [(&'a str, &'a str)];
/// Id and secret for HTTP Basic, or no such header.
type Basic<'a> = Option<(&'a str, &'a str)>;

/// The fields of a right token request.
fn right<'a>(code: &'a str, redirect_uri: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", VERIFIER),
    ]
}

/// A token request by hand: the form, and HTTP Basic or not.
async fn ask(
    tenant: &TestTenant<'_>,
    fields: &[(&str, &str)],
    basic: Option<(&str, &str)>,
) -> Reply {
    let request = post_form(&format!("{}/token", tenant.issuer()), fields);
    Reply::of(match basic {
        Some((id, secret)) => request.basic_auth(id, Some(secret)),
        None => request,
    })
    .await
}

#[actix_web::test]
async fn a_code_is_redeemed_by_basic_by_post_and_by_a_public_application() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let phone = contoso.application_with("phone", |new| new.public = true).await;
    let secret = wiki.secret.clone().unwrap();
    assert!(phone.secret.is_none());
    let by_post = [("client_id", "wiki"), ("client_secret", secret.as_str())];
    let cases: [(&TestApplication<'_>, Form<'_>, Basic<'_>); 4] = [
        (&wiki, &[], Some(("wiki", &secret))),
        (&wiki, &[("client_id", "wiki")], Some(("wiki", &secret))),
        (&wiki, &by_post, None),
        (&phone, &[("client_id", "phone")], None),
    ];
    for (app, more, basic) in cases {
        let (code, uri) = (app.code("alice", &[]).await, app.running.redirect_uri());
        let fields = [right(&code, &uri), more.to_vec()].concat();
        let reply = ask(&contoso, &fields, basic).await;
        assert_eq!((reply.status, reply.text("token_type").as_str()), (200, "Bearer"), "{more:?}");
        assert_eq!(reply.text("scope"), "openid profile email roles");
        assert_eq!(reply.body["expires_in"], 3600);
        assert_eq!(
            (reply.header("cache-control"), reply.header("pragma")),
            ("no-store", "no-cache")
        );
        assert_eq!(userinfo(&contoso, &reply.text("access_token")).await.status, 200);
    }
}

#[actix_web::test]
async fn d4_the_second_use_of_a_code_fails_and_revokes_what_the_first_made() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let (code, uri) = (wiki.code("alice", &[]).await, wiki.running.redirect_uri());
    let (_, first) = wiki.redeem(&code, &[]).await;
    let access_token = first["access_token"].as_str().unwrap();
    assert_eq!(userinfo(&contoso, access_token).await.status, 200);
    let basic = Some(("wiki", wiki.secret.as_deref().unwrap()));
    let second = ask(&contoso, &right(&code, &uri), basic).await;
    assert_refused(&contoso, &second, "400 invalid_grant token.code_reused").await;
    let revoked = userinfo(&contoso, access_token).await;
    assert_refused(&contoso, &revoked, "401 invalid_token userinfo.token_invalid").await;
}

async fn race(database: TestDatabase) {
    let world = TestBroker::start_on(database, &[]).await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let (code, uri) = (wiki.code("alice", &[]).await, wiki.running.redirect_uri());
    let url = format!("{}/token", contoso.issuer());
    let request = || {
        let request = post_form(&url, &right(&code, &uri));
        actix_web::rt::spawn(answer(request.basic_auth("wiki", wiki.secret.as_deref())))
    };
    let asked: Vec<_> = (0..20).map(|_| request()).collect();
    let mut won = Vec::new();
    for one in asked {
        match one.await.unwrap() {
            (200, body) => won.push(body),
            (status, body) => {
                assert_eq!((status, &body["reason"]), (400, &"token.code_reused".into()), "{body}");
            }
        }
    }
    assert_eq!(won.len(), 1, "{won:?}");
    let access_token = won[0]["access_token"].as_str().unwrap();
    assert_eq!(userinfo(&contoso, access_token).await.status, 401);
}

#[actix_web::test]
async fn d4_of_twenty_at_once_exactly_one_redeems_the_code() {
    race(TestDatabase::sqlite().await).await;
}

#[actix_web::test]
async fn d4_of_twenty_at_once_exactly_one_redeems_the_code_on_postgresql() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    race(database).await;
}

#[actix_web::test]
async fn d5_the_code_of_another_application_is_refused_and_not_spent() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let crm = contoso.application("crm").await;
    let (code, uri) = (wiki.code("alice", &[]).await, wiki.running.redirect_uri());
    let basic = Some(("crm", crm.secret.as_deref().unwrap()));
    let stolen = ask(&contoso, &right(&code, &uri), basic).await;
    assert_refused(&contoso, &stolen, "400 invalid_grant token.code_other_application").await;
    assert_eq!(wiki.redeem(&code, &[]).await.0, 200);
}

#[actix_web::test]
async fn neg_d05_rfc7636_a_code_needs_its_redirect_uri_and_its_verifier() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let other = VERIFIER.replace('d', "e");
    let uri = format!("{}/", wiki.running.redirect_uri());
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let cases = [
        ("redirect_uri", Some(uri.as_str()), "token.redirect_uri_mismatch"),
        ("redirect_uri", Some("https://evil.example/"), "token.redirect_uri_mismatch"),
        ("redirect_uri", None, "token.redirect_uri_mismatch"),
        ("code_verifier", None, "token.pkce_mismatch"),
        ("code_verifier", Some(other.as_str()), "token.pkce_mismatch"),
        ("code_verifier", Some("short"), "token.pkce_mismatch"),
        ("code_verifier", Some(challenge), "token.pkce_mismatch"),
    ];
    for (name, value, reason) in cases {
        let code = wiki.code("alice", &[]).await;
        let (status, body) = wiki.redeem(&code, &[(name, value)]).await;
        assert_eq!((status, &body["reason"]), (400, &Value::from(reason)), "{name} {value:?}");
        assert_eq!(body["error"], "invalid_grant");
        // The guess has spent the code.
        let (_, body) = wiki.redeem(&code, &[]).await;
        assert_eq!(body["reason"], "token.code_reused", "{name} {value:?}");
    }
}

#[actix_web::test]
async fn rfc9700_a_verifier_without_a_challenge_is_a_downgrade() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let legacy = contoso.application_with("legacy", |new| new.settings.require_pkce = false).await;
    let bare = [("code_challenge", None), ("code_challenge_method", None)];
    let code = legacy.code("alice", &bare).await;
    let (_, body) = legacy.redeem(&code, &[]).await;
    assert_eq!(body["reason"], "token.pkce_mismatch");
    let code = legacy.code("alice", &bare).await;
    assert_eq!(legacy.redeem(&code, &[("code_verifier", None)]).await.0, 200);
}

#[actix_web::test]
async fn a_code_lives_for_a_minute() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let code = wiki.code("alice", &[]).await;
    world.clock.advance(TimeDelta::seconds(59));
    assert_eq!(wiki.redeem(&code, &[]).await.0, 200);
    let code = wiki.code("alice", &[]).await;
    world.clock.advance(TimeDelta::seconds(60));
    let (status, body) = wiki.redeem(&code, &[]).await;
    assert_eq!((status, &body["reason"]), (400, &"token.code_expired".into()));
    assert_eq!(body["error"], "invalid_grant");
}

#[actix_web::test]
async fn d10_one_proof_of_the_application_and_the_right_one() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    contoso.application_with("phone", |new| new.public = true).await;
    let secret = wiki.secret.clone().unwrap();
    let (code, uri) = (wiki.code("alice", &[]).await, wiki.running.redirect_uri());
    let failed = "401 invalid_client token.client_authentication_failed";
    let unknown = "401 invalid_client token.client_unknown";
    let two = "400 invalid_request token.two_authentications";
    let assertion = [("client_id", "wiki"), ("client_assertion", "e30.e30.")];
    let cases: [(Form<'_>, Basic<'_>, &str); 12] = [
        (&[], Some(("wiki", "wrong")), failed),
        (&[], Some(("wiki", "")), failed),
        (&[("client_id", "wiki"), ("client_secret", "wrong")], None, failed),
        (&[("client_id", "wiki")], None, failed),
        (&assertion, None, "401 invalid_client token.client_assertion_invalid"),
        (&[("client_id", "phone"), ("client_secret", "x")], None, failed),
        (&[], Some(("nobody", &secret)), unknown),
        (&[], Some(("WIKI", &secret)), unknown),
        (&[("client_id", "nobody")], None, unknown),
        (&[], None, "401 invalid_client token.client_authentication_missing"),
        (&[("client_secret", &secret)], Some(("wiki", &secret)), two),
        (&[("client_id", "phone")], Some(("wiki", &secret)), two),
    ];
    for (more, basic, expected) in cases {
        let fields = [right(&code, &uri), more.to_vec()].concat();
        let reply = ask(&contoso, &fields, basic).await;
        assert_refused(&contoso, &reply, expected).await;
        let challenged = reply.header("www-authenticate").starts_with("Basic");
        assert_eq!(challenged, reply.status == 401, "{expected}");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
    // None of them has spent the code.
    assert_eq!(wiki.redeem(&code, &[]).await.0, 200);
}

#[actix_web::test]
async fn d13_malformed_token_requests() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let secret = wiki.secret.clone().unwrap();
    let by_post = [("client_id", "wiki"), ("client_secret", secret.as_str())];
    let invalid = "400 invalid_request token.invalid_request";
    let twice = "400 invalid_request token.duplicate_parameter";
    let grant = "400 unsupported_grant_type token.unsupported_grant_type";
    let code = [("grant_type", "authorization_code")];
    let not_allowed = "400 unauthorized_client token.grant_not_allowed";
    let cases: [(&[(&str, &str)], &str); 10] = [
        (&[], invalid),
        (&[("grant_type", "")], invalid),
        (&code, invalid),
        (&[code[0], ("code", "")], invalid),
        (&[code[0], ("code", "nobody-made-this")], "400 invalid_grant token.code_unknown"),
        (&[code[0], ("code", "a"), ("code", "a")], twice),
        (&[code[0], code[0], ("code", "a")], twice),
        (&[("grant_type", "password"), ("username", "alice"), ("password", "x")], grant),
        (&[("grant_type", "client_credentials")], not_allowed),
        (&[("grant_type", "refresh_token"), ("refresh_token", "x")], not_allowed),
    ];
    for (fields, expected) in cases {
        let reply = token_request(&contoso, &[&by_post, fields].concat()).await;
        assert_refused(&contoso, &reply, expected).await;
    }
    // Neither a URL nor JSON is read.
    let url = format!("{}/token", contoso.issuer());
    assert_eq!(Reply::of(http().get(&url)).await.status, 405);
    let json = http().post(&url).header("content-type", "application/json").body("{}");
    assert_eq!(Reply::of(json).await.status, 400);
    let huge = "x".repeat(600_000);
    assert_eq!(token_request(&contoso, &[("code", &huge)]).await.status, 413);
}

#[actix_web::test]
async fn a_disabled_application_redeems_nothing() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let (code, uri) = (wiki.code("alice", &[]).await, wiki.running.redirect_uri());
    disable(&contoso, "wiki").await;
    let basic = Some(("wiki", wiki.secret.as_deref().unwrap()));
    let reply = ask(&contoso, &right(&code, &uri), basic).await;
    assert_eq!(reply.text("reason"), "application.disabled");
    assert_eq!(reply.text("error"), "unauthorized_client");
}

#[actix_web::test]
async fn d23_codes_and_tokens_end_at_the_tenants_wall() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let here = contoso.application("wiki").await;
    let there = fabrikam.application("wiki").await;
    let token = tokens(&here, &[]).await["access_token"].as_str().unwrap().to_owned();
    let foreign = userinfo(&fabrikam, &token).await;
    assert_refused(&fabrikam, &foreign, "401 invalid_token userinfo.token_invalid").await;
    assert_eq!(userinfo(&contoso, &token).await.status, 200);
    // The same client_id, the other tenant's secret, then its own.
    let (code, uri) = (here.code("alice", &[]).await, here.running.redirect_uri());
    let theirs = Some(("wiki", here.secret.as_deref().unwrap()));
    let failed = ask(&fabrikam, &right(&code, &uri), theirs).await;
    let expected = "401 invalid_client token.client_authentication_failed";
    assert_refused(&fabrikam, &failed, expected).await;
    let own = Some(("wiki", there.secret.as_deref().unwrap()));
    let unknown = ask(&fabrikam, &right(&code, &uri), own).await;
    assert_refused(&fabrikam, &unknown, "400 invalid_grant token.code_unknown").await;
    assert_eq!(here.redeem(&code, &[]).await.0, 200);
    // Nor does an unknown tenant answer.
    let nobody = TenantSlug::parse("nobody").unwrap();
    let url = format!("{}/t/{nobody}/token", world.url);
    assert_eq!(Reply::of(post_form(&url, &right(&code, &uri))).await.status, 404);
}
