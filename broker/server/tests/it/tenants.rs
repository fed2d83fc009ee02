//! Two tenants share a provider and its people, and nothing else (security.md E8, F2, D11, D23).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};
use symbolon_contract::ReasonCode;
use symbolon_identity::admin;
use symbolon_storage::UserStatus;
use symbolon_testkit::Browser;

use crate::world::{CONNECTOR, TestBroker, TestTenant, answer, caller, http};

async fn user(tenant: &TestTenant<'_>) -> symbolon_storage::User {
    let mut users =
        admin::list_users(&tenant.world.broker, &tenant.record, (None, 10)).await.unwrap();
    assert_eq!(users.len(), 1);
    users.remove(0)
}

#[actix_web::test]
async fn tenants_have_users_sessions_and_audit_trails_of_their_own() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let (wiki, desk) = (contoso.application("wiki").await, fabrikam.application("desk").await);
    let first = wiki.log_in("alice").await;
    let cookie = first.session("contoso").unwrap();
    let second = desk.log_in_with(first.browser, "bob", "").await;
    assert!(second.outcome().starts_with("signed in as bob@contoso.com"), "{}", second.outcome());
    assert_eq!(second.session("contoso"), Some(cookie), "the other session is left alone");
    assert_eq!((contoso.sessions().await, fabrikam.sessions().await), (1, 1));
    let (alice, bob) = (user(&contoso).await, user(&fabrikam).await);
    assert_ne!(alice.email, bob.email);
    for tenant in [&contoso, &fabrikam] {
        assert_eq!(tenant.audit_trail().await, ["user.sso_provisioned", "user.sso_login"]);
        assert!(admin::verify_audit(&world.broker, &tenant.record).await.unwrap().is_ok());
    }
}

#[actix_web::test]
async fn neg_e7_switched_off_here_is_not_switched_off_there() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let (wiki, desk) = (contoso.application("wiki").await, fabrikam.application("desk").await);
    for app in [&wiki, &desk] {
        assert!(app.log_in("alice").await.outcome().starts_with("signed in"));
    }
    let here = user(&contoso).await.id;
    assert_ne!(here, user(&fabrikam).await.id);
    let switch = (&here, UserStatus::Inactive);
    let theirs = admin::set_user_status(&world.broker, &caller(), &fabrikam.record, switch).await;
    assert_eq!(theirs.unwrap_err().reason(), ReasonCode::SettingNotFound, "E8");
    admin::set_user_status(&world.broker, &caller(), &contoso.record, switch).await.unwrap();
    assert_eq!(wiki.log_in("alice").await.outcome(), "403 policy.user_inactive");
    assert!(desk.log_in("alice").await.outcome().starts_with("signed in"));
}

#[actix_web::test]
async fn neg_f2_a_session_of_one_tenant_is_none_at_another() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let wiki = contoso.application("wiki").await;
    let desk = fabrikam.application("desk").await;
    let cookie = wiki.log_in("alice").await.session("contoso").unwrap();
    let mut browser = Browser::new().unwrap();
    browser.set_cookie("127.0.0.1", "symbolon-session-fabrikam", &cookie);
    browser.stop_before(&desk.running.url());
    let page = browser.get(&desk.authorize_url(&[("prompt", Some("none"))])).await.unwrap();
    let back = page.location().unwrap();
    assert_eq!(
        crate::world::parameter(&back, "error").as_deref(),
        Some("login_required"),
        "{back}"
    );
}

#[actix_web::test]
async fn neg_d11_codes_and_tokens_of_one_tenant_are_none_at_another() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    // The same name at both: only the tenant differs.
    let (here, there) = (contoso.application("wiki").await, fabrikam.application("wiki").await);
    let code = here.code("alice", &[]).await;
    let redirect_uri = here.running.redirect_uri();
    let (status, json) = there.redeem(&code, &[("redirect_uri", Some(&redirect_uri))]).await;
    assert_eq!((status, &json["error"]), (400, &json!("invalid_grant")));
    let (status, tokens) = here.redeem(&code, &[]).await;
    assert_eq!(status, 200, "nobody spent the code: {tokens}");
    let token = tokens["access_token"].as_str().unwrap();
    for (tenant, expected) in [(&contoso, 200), (&fabrikam, 401)] {
        let request = http().get(format!("{}/userinfo", tenant.issuer())).bearer_auth(token);
        assert_eq!(answer(request).await.0, expected, "{}", tenant.record.slug);
    }
}

#[actix_web::test]
async fn neg_attempts_and_connectors_of_one_tenant_are_none_at_another() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    contoso.connector("second", |_| ()).await;
    let wiki = contoso.application("wiki").await;
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&wiki.authorize_url(&[])).await.unwrap();
    let attempt = crate::world::parameter(page.url(), "attempt").unwrap();
    for (path, expected) in [
        (format!("login?attempt={attempt}"), "attempt.unknown"),
        (format!("login/{CONNECTOR}?attempt={attempt}"), "attempt.unknown"),
        ("callback/second?state=x&code=y".to_owned(), "connector.unknown"),
    ] {
        let page = browser.get(&format!("{}/{path}", fabrikam.issuer())).await.unwrap();
        assert_eq!(page.text("reason-code").as_deref(), Some(expected), "{path}");
    }
}

#[actix_web::test]
async fn neg_d23_tenants_have_keys_and_issuers_of_their_own() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let mut kids = Vec::new();
    for tenant in [&contoso, &fabrikam] {
        let (_, jwks) = answer(http().get(format!("{}/jwks", tenant.issuer()))).await;
        kids.extend(jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()));
        let discovery = format!("{}/.well-known/openid-configuration", tenant.issuer());
        let (_, document) = answer(http().get(discovery)).await;
        assert_eq!(document["issuer"], tenant.issuer());
        assert!(!document.to_string().contains(if tenant.record == contoso.record {
            "fabrikam"
        } else {
            "contoso"
        }));
    }
    let all = kids.len();
    let distinct: std::collections::BTreeSet<String> = kids.iter().map(Value::to_string).collect();
    assert!(all >= 2 && distinct.len() == all, "{kids:?}");
}

/// The answer to a request line that no URL library has tidied up.
fn raw(url: &str, path: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[actix_web::test]
async fn neg_a_name_that_is_no_tenants_gives_a_page() {
    let world = TestBroker::start().await;
    world.tenant("contoso").await;
    assert!(raw(&world.url, "/t/contoso/jwks").starts_with("HTTP/1.1 200"));
    let long = "c".repeat(10_000);
    for slug in [
        "nobody",
        "CONTOSO",
        "Contoso",
        "contoso.",
        ".contoso",
        "..",
        ".",
        "%2e%2e",
        "contoso%2f",
        "contoso%2Fjwks",
        "contoso%00",
        "contoso%20",
        "%20contoso",
        "%63ontoso%0d%0aSet-Cookie:x",
        "contoso;a=b",
        "contoso'--",
        "",
        "c%C3%B6ntoso",
        "%ff%fe",
        "contoso/..",
        "contoso/../contoso",
        "%7b%7bslug%7d%7d",
        "-",
        &long,
    ] {
        for path in
            ["authorize", "login", "callback/upstream", "jwks", ".well-known/openid-configuration"]
        {
            let answer = raw(&world.url, &format!("/t/{slug}/{path}"));
            assert!(answer.starts_with("HTTP/1.1 404 "), "{slug}/{path}: {answer:.300}");
            assert!(
                answer.contains("trace-id") || answer.contains("\"error\""),
                "{slug}/{path}: {answer:.2000}"
            );
            assert!(!answer.to_lowercase().contains("set-cookie"), "{slug}/{path}");
        }
    }
}
