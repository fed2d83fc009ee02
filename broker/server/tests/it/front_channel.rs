//! Signing out at Microsoft, from both ends (E-60, E-61, E-62).

use symbolon_contract::ConnectorId;
use symbolon_storage::Connection;
use symbolon_testkit::Browser;
use symbolon_testkit::provider::AutomaticSignIn;

use crate::downstream::{Reply, userinfo};
use crate::sessions::{cookie, cookie_name};
use crate::world::{APP, CONNECTOR, CONTOSO, ENTRA, EntraWorld, TestBroker, TestTenant, http};

async fn signed_in(entra: &EntraWorld, tenant: &TestTenant<'_>, person: &str) -> Browser {
    entra.entra.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&format!("{}/login", tenant.issuer())).await.unwrap();
    assert!(page.has("signed-in"), "{}", page.body());
    browser
}

async fn is_in(tenant: &TestTenant<'_>, browser: &mut Browser) -> bool {
    // Nobody is sent anywhere: a browser without a session stops before the login page.
    browser.stop_before(&format!("{}/login", tenant.issuer()));
    let page = browser.get(&format!("{}/", tenant.issuer())).await.unwrap();
    browser.stop_nowhere();
    page.has("signed-in")
}

fn logout_url(tenant: &TestTenant<'_>, connector: &str) -> String {
    format!("{}/logout/frontchannel/{connector}", tenant.issuer())
}

async fn ended(tenant: &TestTenant<'_>) -> Vec<String> {
    let rows = tenant.audit_rows().await.into_iter();
    rows.filter(|row| row["type"] == "session.ended")
        .map(|row| row["details"]["why"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn entra_e61_k11_a_sid_ends_its_own_sessions_and_never_those_of_the_cookie() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let address = logout_url(&contoso, ENTRA);
    entra.entra.change_application(APP, |app| app.logout_url(&address));
    let mut alice = signed_in(&entra, &contoso, "alice").await;
    let mut bob = signed_in(&entra, &contoso, "bob").await;
    let sid = entra.entra.sid_of(CONTOSO, "alice").unwrap();
    let told = entra.entra.front_channel_logout_url(APP, &sid).unwrap();
    // The frame is in Bob's browser and carries his cookie.
    let bobs = format!("{}={}", cookie_name(&contoso), cookie(&contoso, &bob).unwrap());
    let reply = Reply::of(http().get(&told).header("cookie", bobs)).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("set-cookie"), "");
    let origin = entra.entra.authority_url();
    let policy = reply.header("content-security-policy");
    let origin = origin.trim_end_matches('/');
    assert!(policy.contains(&format!("frame-ancestors {origin};")), "{policy}");
    assert!(!reply.header("x-frame-options").contains("DENY"));
    assert!(!is_in(&contoso, &mut alice).await);
    assert!(is_in(&contoso, &mut bob).await, "the session of the cookie ended");
    assert_eq!(ended(&contoso).await, ["front-channel logout"]);
    // Once more, and for a session that nobody knows: nothing to end, no error.
    for sid in [sid.as_str(), "nobody", "%00"] {
        let reply = Reply::of(http().get(format!("{address}?sid={sid}"))).await;
        assert_eq!(reply.status, 200, "{sid}");
    }
    assert!(is_in(&contoso, &mut bob).await);
    assert_eq!(ended(&contoso).await.len(), 1);
    // Every other page still refuses frames.
    let page = bob.get(&format!("{}/", contoso.issuer())).await.unwrap();
    assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
}

#[actix_web::test]
async fn entra_e61_without_a_sid_or_a_connector_nothing_ends() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let fabrikam = entra.tenant("fabrikam").await;
    let mut alice = signed_in(&entra, &contoso, "alice").await;
    let sid = entra.entra.sid_of(CONTOSO, "alice").unwrap();
    let own = logout_url(&contoso, ENTRA);
    let cases = [
        (own.clone(), 400),
        (format!("{own}?sid="), 400),
        (format!("{own}?sid={sid}&sid={sid}"), 400),
        (format!("{}?sid={sid}", logout_url(&contoso, "gone")), 404),
        (format!("{}?sid={sid}", logout_url(&fabrikam, ENTRA)), 200),
    ];
    for (address, expected) in cases {
        let page = alice.get(&address).await.unwrap();
        assert_eq!(page.status(), expected, "{address}");
        if expected == 400 {
            assert_eq!(page.text("reason-code").as_deref(), Some("logout.sid_missing"));
        }
        assert!(is_in(&contoso, &mut alice).await, "{address}");
    }
}

#[actix_web::test]
async fn entra_e61_access_tokens_of_the_session_end_too() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    entra.entra.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let code = wiki.code("alice", &[]).await;
    let (_, tokens) = wiki.redeem(&code, &[]).await;
    let bearer = tokens["access_token"].as_str().unwrap().to_owned();
    assert_eq!(userinfo(&contoso, &bearer).await.status, 200);
    let sid = entra.entra.sid_of(CONTOSO, "alice").unwrap();
    Reply::of(http().get(format!("{}?sid={sid}", logout_url(&contoso, ENTRA)))).await;
    assert_eq!(userinfo(&contoso, &bearer).await.status, 401);
}

#[actix_web::test]
async fn front_channel_logout_of_any_openid_provider_may_name_its_issuer() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let mut alice = crate::downstream::signed_in(&contoso, "alice").await;
    // The provider's session, as its `sid` would have told it.
    let (id, connector) = (contoso.record.id.clone(), ConnectorId::parse(CONNECTOR).unwrap());
    let user = crate::downstream::only_user(&contoso).await;
    let give_sid = move |conn: &mut Connection| {
        let mut rows = conn.tenant(&id);
        let mut session = rows.sessions().of_user(&user)?.remove(0);
        rows.sessions().end(&session.id, session.created_at, "replaced by the test")?;
        session.id = symbolon_contract::SessionId::parse("with-sid").unwrap();
        session.secret_hash = format!("{}0", session.secret_hash);
        session.upstream_sid = Some("s1".into());
        assert_eq!(session.connector_id, connector);
        rows.sessions().insert(&session)
    };
    world.broker.database.write(give_sid).await.unwrap();
    let address = logout_url(&contoso, CONNECTOR);
    let page = alice.get(&format!("{address}?sid=s1&iss=https://evil.example")).await.unwrap();
    assert_eq!(page.text("reason-code").as_deref(), Some("oidc.mixup"));
    assert!(ended(&contoso).await.is_empty());
    let issuer = world.provider.issuer();
    let page = alice.get(&format!("{address}?sid=s1&iss={issuer}")).await.unwrap();
    assert_eq!(page.status(), 200);
    assert_eq!(ended(&contoso).await, ["front-channel logout"]);
}

#[actix_web::test]
async fn entra_e60_signing_out_goes_on_to_microsoft_and_comes_back() {
    let entra = EntraWorld::start().await;
    let contoso =
        entra.tenant_with("contoso", |_, settings| settings.sign_out_at_microsoft = true).await;
    let back = format!("{}/signed-out", contoso.issuer());
    entra.entra.change_application(APP, |app| app.redirect_uri(&back));
    let mut alice = signed_in(&entra, &contoso, "alice").await;
    let authority = entra.entra.authority_url();
    for path in ["/", "/logout"] {
        // FE-CSP-2: the form's redirect must be allowed by the page that holds the form.
        let page = alice.get(&format!("{}{path}", contoso.issuer())).await.unwrap();
        let policy = page.header("content-security-policy").unwrap();
        let target = format!("form-action 'self' {}", authority.trim_end_matches('/'));
        assert!(policy.ends_with(&target), "{path}: {policy}");
    }
    alice.stop_before(&authority);
    let page = alice.click("sign-out").await.unwrap();
    let location = page.location().unwrap();
    assert!(location.path().ends_with("/oauth2/v2.0/logout"), "{location}");
    let parameter = |name: &str| crate::world::parameter(&location, name);
    assert_eq!(parameter("post_logout_redirect_uri").as_deref(), Some(back.as_str()));
    assert!(parameter("logout_hint").is_some_and(|hint| !hint.contains('@')), "not the UPN");
    assert_eq!(cookie(&contoso, &alice), None);
    alice.stop_nowhere();
    let page = alice.get(location.as_str()).await.unwrap();
    assert_eq!(page.url().as_str(), back);
    assert!(page.has("signed-out") && !page.has("still-signed-in"), "{}", page.body());
    assert_eq!(entra.entra.sid_of(CONTOSO, "alice"), None, "signed out at Microsoft");
    assert_eq!(ended(&contoso).await, ["signed out"]);
}

#[actix_web::test]
async fn entra_e62_who_stays_signed_in_at_microsoft_is_told_so() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let mut alice = signed_in(&entra, &contoso, "alice").await;
    alice.get(&format!("{}/logout", contoso.issuer())).await.unwrap();
    let page = alice.click("sign-out").await.unwrap();
    let told = page.text("still-signed-in").unwrap();
    assert!(told.starts_with("You are still signed in at Microsoft."), "{told}");
    assert!(entra.entra.sid_of(CONTOSO, "alice").is_some());
    // The page that Microsoft leads back to ends nothing.
    let mut bob = signed_in(&entra, &contoso, "bob").await;
    bob.get(&format!("{}/signed-out", contoso.issuer())).await.unwrap();
    assert!(is_in(&contoso, &mut bob).await);
}
