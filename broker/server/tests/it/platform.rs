//! The platform's issuer: one application of the operator's for many tenants, and the walls between them.

use serde_json::{Value, json};
use symbolon_identity::admin::{self, NewApplication};
use symbolon_identity::downstream::{GrantType, RedirectUri};
use symbolon_storage::TenantStatus;
use symbolon_testkit::Browser;
use symbolon_testkit::provider::AutomaticSignIn;

use crate::downstream::{Reply, part};
use crate::world::{
    PlatformDesk, TestBroker, TestTenant, answer, caller, http, parameter, post_form,
};

async fn document(url: &str) -> Value {
    let (status, body) = answer(http().get(url)).await;
    assert_eq!(status, 200, "{url}: {body}");
    body
}

async fn kids(issuer: &str) -> Vec<String> {
    let keys = document(&format!("{issuer}/jwks")).await;
    let keys = keys["keys"].as_array().unwrap().iter();
    keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn userinfo(issuer: &str, token: &str) -> Reply {
    Reply::of(http().get(format!("{issuer}/userinfo")).bearer_auth(token)).await
}

#[actix_web::test]
async fn one_registration_signs_in_people_of_every_tenant_it_is_offered_to() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let desk = world.desk(&[&contoso, &fabrikam], |_| ()).await;
    let mut subjects = Vec::new();
    for tenant in [&contoso, &fabrikam] {
        let slug = tenant.record.slug.as_str();
        let tokens = desk.tokens("alice", slug).await;
        let claims = part(tokens["id_token"].as_str().unwrap(), 1);
        assert_eq!((&claims["iss"], &claims["tenant"]), (&json!(world.url), &json!(slug)));
        let told = userinfo(&world.url, tokens["access_token"].as_str().unwrap()).await;
        assert_eq!((told.status, &told.body["sub"]), (200, &claims["sub"]), "{}", told.body);
        assert_eq!(told.body["email"], "alice@contoso.com");
        assert_eq!(claims["sub"], json!(crate::downstream::only_user(tenant).await));
        subjects.push(claims["sub"].clone());
    }
    assert_ne!(subjects[0], subjects[1], "each tenant has a user of its own");
}

#[actix_web::test]
async fn a_real_relying_party_needs_one_issuer_and_reads_the_tenant_from_the_token() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let desk = world.desk(&[&contoso, &fabrikam], |_| ()).await;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    for slug in ["contoso", "fabrikam"] {
        let mut browser = Browser::new().unwrap();
        let start = format!("{}/sign-in?tenant={slug}", desk.running.url());
        let page = browser.get(&start).await.unwrap();
        assert!(page.has("signed-in-email"), "{}", page.body());
        assert_eq!(desk.running.last_sign_in().unwrap().text("tenant"), slug);
    }
}

#[actix_web::test]
async fn neg_d23_only_the_platforms_keys_are_published_and_sign() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let desk = world.desk(&[&contoso], |_| ()).await;
    let tokens = desk.tokens("alice", "contoso").await;
    let kid = part(tokens["id_token"].as_str().unwrap(), 0)["kid"].as_str().unwrap().to_owned();
    let (platform, tenant) = (kids(&world.url).await, kids(&contoso.issuer()).await);
    assert!(platform.contains(&kid), "{kid} is not in {platform:?}");
    assert!(platform.iter().all(|kid| !tenant.contains(kid)), "{platform:?} {tenant:?}");
    for name in ["openid-configuration", "oauth-authorization-server"] {
        let found = document(&format!("{}/.well-known/{name}", world.url)).await;
        assert_eq!(found["issuer"], world.url);
        assert_eq!(found["token_endpoint"], format!("{}/token", world.url));
        assert!(found["claims_supported"].as_array().unwrap().contains(&json!("tenant")));
        let devices = format!("{}/device_authorization", world.url);
        assert_eq!(found["device_authorization_endpoint"], devices);
        assert!(found.get("registration_endpoint").is_none(), "{found}");
        let grants = found["grant_types_supported"].as_array().unwrap();
        assert!(grants.contains(&json!(GrantType::DeviceCode.as_str())), "{grants:?}");
        assert!(!grants.contains(&json!("client_credentials")), "{grants:?}");
    }
}

/// What the person reads when the way leads nowhere: the same, whatever the cause.
async fn nowhere(desk: &PlatformDesk<'_>, said: &str) -> String {
    let mut browser = Browser::new().unwrap();
    let page = desk.open(&mut browser, ("alice", &[("organisation", said)])).await;
    assert_eq!((page.status(), page.has("organisation-problem")), (200, true), "{}", page.body());
    page.body().replace(said, "")
}

#[actix_web::test]
async fn the_person_says_which_organisation_and_nobody_learns_who_is_a_customer() {
    let world = TestBroker::start().await;
    let (contoso, other) = (world.tenant("contoso").await, world.tenant("other").await);
    let paused = world.tenant("paused").await;
    let desk = world.desk(&[&contoso, &paused], |_| ()).await;
    own_domain(&contoso, "contoso.com").await;
    own_domain(&other, "other.example").await;
    suspend(&paused).await;
    for said in ["contoso", " Contoso ", "ALICE@Contoso.com"] {
        let mut browser = Browser::new().unwrap();
        let page = desk.open(&mut browser, ("alice", &[])).await;
        assert_eq!(page.text("application-name").unwrap(), "Helpdesk");
        assert!(!page.body().to_lowercase().contains("contoso"), "no list of tenants");
        browser.fill("organisation", said);
        let page = browser.submit_form(Some("organisation-form")).await.unwrap();
        assert!(page.refresh_target().is_some(), "{said}: {}", page.body());
        let page = browser.follow_refresh().await.unwrap();
        assert!(parameter(&page.location().unwrap(), "code").is_some(), "{said}: {}", page.body());
    }
    let unknown = nowhere(&desk, "nobody").await;
    for said in
        ["other", "paused", "x@other.example", "x@nobody.example", "a@b@contoso.com", "platform"]
    {
        assert_eq!(nowhere(&desk, said).await, unknown, "{said}");
    }
}

#[actix_web::test]
async fn a_login_hint_of_a_proved_domain_and_an_id_token_hint_lead_to_their_tenant() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let desk = world.desk(&[&contoso, &fabrikam], |_| ()).await;
    own_domain(&contoso, "contoso.com").await;
    let mut browser = Browser::new().unwrap();
    let page = desk.open(&mut browser, ("alice", &[("login_hint", "alice@contoso.com")])).await;
    let code = parameter(&page.location().unwrap(), "code").unwrap();
    assert!(code.starts_with("contoso~"), "{code}");
    let (_, tokens) = desk.redeem_at(&world.url, &code).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let page =
        desk.open(&mut browser, ("alice", &[("id_token_hint", hint), ("prompt", "none")])).await;
    let code = parameter(&page.location().unwrap(), "code").unwrap_or_default();
    assert!(code.starts_with("contoso~"), "{:?}", page.location());
    // Two tenants own the domain: nobody can tell, so the person is asked.
    own_domain(&fabrikam, "contoso.com").await;
    let mut other = Browser::new().unwrap();
    let page = desk.open(&mut other, ("alice", &[("login_hint", "alice@contoso.com")])).await;
    assert!(page.has("organisation-form"), "{}", page.body());
    let page = desk.open(&mut other, ("alice", &[("prompt", "none")])).await;
    let told = page.location().unwrap();
    assert_eq!(parameter(&told, "error").as_deref(), Some("interaction_required"), "{told}");
    assert_eq!(parameter(&told, "iss").unwrap(), world.url);
}

/// FA-06: beside a pushed request nothing counts but what the person says.
#[actix_web::test]
async fn fa_06_a_pushed_request_carries_its_tenant_or_the_person_is_asked() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let desk =
        world.desk(&[&contoso, &fabrikam], |new| new.settings.require_pushed_requests = true).await;
    for (inside, beside, expected) in [
        (Some("contoso"), None, "contoso~"),
        (Some("contoso"), Some("fabrikam"), "contoso~"),
        (None, Some("fabrikam"), "fabrikam~"),
    ] {
        let url = desk.authorize_url(&[]);
        let url = url::Url::parse(&url).unwrap();
        let mut fields: Vec<_> =
            url.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        fields.extend(inside.map(|tenant| ("tenant".to_owned(), tenant.to_owned())));
        let fields: Vec<_> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let (status, pushed) = desk.post(&format!("{}/par", world.url), &fields).await;
        assert_eq!(status, 201, "{pushed}");
        let uri = pushed["request_uri"].as_str().unwrap();
        let mut change = vec![("request_uri", uri)];
        change.extend(beside.map(|tenant| ("tenant", tenant)));
        let mut browser = Browser::new().unwrap();
        let page = desk.open(&mut browser, ("alice", &change)).await;
        let code = parameter(&page.location().unwrap(), "code").unwrap();
        assert!(code.starts_with(expected), "{inside:?} {beside:?}: {code}");
        let again = desk.open(&mut browser, ("alice", &change)).await;
        assert!(again.location().is_none(), "a pushed request is answered once");
    }
}

#[actix_web::test]
async fn a_tenant_that_is_unknown_suspended_or_without_an_offer_is_refused_alike() {
    let world = TestBroker::start().await;
    let (contoso, other) = (world.tenant("contoso").await, world.tenant("other").await);
    let desk = world.desk(&[&contoso], |_| ()).await;
    let held = desk.tokens("alice", "contoso").await;
    let unspent = desk.code("alice", "contoso").await;
    suspend(&contoso).await;
    for slug in ["contoso", other.record.slug.as_str(), "nobody", "platform", "a/b", ""] {
        let mut browser = Browser::new().unwrap();
        let page = desk.open(&mut browser, ("alice", &[("tenant", slug)])).await;
        if slug.is_empty() {
            assert!(page.has("organisation-form"));
            continue;
        }
        let told = (page.status(), page.text("reason-code").unwrap());
        assert_eq!(told, (403, "tenant.not_offered".to_owned()), "{slug}");
        assert!(page.location().is_none());
    }
    let (status, body) = desk.redeem_at(&world.url, &unspent).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{body}");
    let reply = userinfo(&world.url, held["access_token"].as_str().unwrap()).await;
    assert_eq!(reply.status, 401, "{}", reply.body);
}

#[actix_web::test]
async fn lo_02_the_application_signs_people_out_of_the_tenant_that_their_token_names() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let out = RedirectUri::parse("https://help.example/out").unwrap();
    let set = |new: &mut NewApplication| new.settings.post_logout_redirect_uris = vec![out];
    let desk = world.desk(&[&contoso, &fabrikam], set).await;
    let mut browser = Browser::new().unwrap();
    let mut hints = Vec::new();
    for slug in ["contoso", "fabrikam"] {
        let page = desk.open(&mut browser, ("alice", &[("tenant", slug)])).await;
        let code = parameter(&page.location().unwrap(), "code").unwrap();
        let (_, tokens) = desk.redeem_at(&world.url, &code).await;
        hints.push(tokens["id_token"].as_str().unwrap().to_owned());
    }
    let end = |more: &str| format!("{}/end_session?{more}", world.url);
    // Two tenants have a session here, and nothing says which is meant.
    let page = browser.get(&end("")).await.unwrap();
    assert_eq!(page.text("reason-code").as_deref(), Some("tenant.not_named"), "{}", page.body());
    browser.stop_before("https://help.example/");
    let to = "post_logout_redirect_uri=https%3A%2F%2Fhelp.example%2Fout&state=s";
    let page = browser.get(&end(&format!("id_token_hint={}&{to}", hints[0]))).await.unwrap();
    assert_eq!(page.location().unwrap().as_str(), "https://help.example/out?state=s");
    for (slug, error) in [("contoso", Some("login_required")), ("fabrikam", None)] {
        let silent = [("tenant", slug), ("prompt", "none")];
        let told = desk.open(&mut browser, ("alice", &silent)).await.location().unwrap();
        assert_eq!(parameter(&told, "error").as_deref(), error, "{slug}: {told}");
    }
    // Now one is left.
    let page = browser.get(&end("")).await.unwrap();
    assert!(page.text("reason-code").is_none(), "{}", page.body());
}

/// A line for each door: what was tried, and what came of it.
#[actix_web::test]
async fn e8_the_walls_between_tenants_hold_at_the_platforms_issuer() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let desk = world.desk(&[&contoso, &fabrikam], |_| ()).await;
    let wiki = contoso.application("wiki").await;
    let other_prefix = |text: &str| text.replacen("contoso~", "fabrikam~", 1);
    let bare = |text: &str| text.replacen("contoso~", "", 1);
    let code = desk.code("alice", "contoso").await;
    for (issuer, code, expected) in [
        (world.url.clone(), other_prefix(&code), "invalid_grant"),
        (world.url.clone(), bare(&code), "invalid_grant"),
        (world.url.clone(), format!("nobody~{}", bare(&code)), "invalid_grant"),
        (contoso.issuer(), code.clone(), "invalid_client"),
        (fabrikam.issuer(), code.clone(), "invalid_client"),
    ] {
        let (status, body) = desk.redeem_at(&issuer, &code).await;
        assert_eq!(body["error"], expected, "{issuer} {code}: {status} {body}");
    }
    let (status, tokens) = desk.redeem_at(&world.url, &code).await;
    assert_eq!(status, 200, "what was tried with it has not spent it: {tokens}");
    let token = tokens["access_token"].as_str().unwrap();
    for (issuer, token) in [
        (world.url.clone(), other_prefix(token)),
        (world.url.clone(), bare(token)),
        (contoso.issuer(), token.to_owned()),
        (fabrikam.issuer(), token.to_owned()),
        (fabrikam.issuer(), other_prefix(token)),
    ] {
        let reply = userinfo(&issuer, &token).await;
        assert_eq!(reply.status, 401, "{issuer} {token}: {}", reply.body);
        assert!(reply.body.get("sub").is_none());
    }
    // A tenant's own application does not exist at the root, and the operator's not at a tenant.
    let at_root = wiki.authorize_url(&[]).replace(&contoso.issuer(), &world.url);
    let at_tenant = desk.authorize_url(&[]).replace(&world.url, &contoso.issuer());
    for url in [at_root, at_tenant] {
        let page = Browser::new().unwrap().get(&url).await.unwrap();
        assert_eq!(page.text("reason-code").as_deref(), Some("application.unknown"), "{url}");
    }
    let own = wiki.code("alice", &[]).await;
    let request = post_form(
        &format!("{}/token", world.url),
        &[("grant_type", "authorization_code"), ("code", &own)],
    );
    let (_, body) = answer(request.basic_auth("wiki", wiki.secret.as_deref())).await;
    assert_eq!(body["error"], "invalid_client", "{body}");
}

#[actix_web::test]
async fn tokens_are_renewed_read_and_taken_back_at_the_platforms_issuer_alone() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let grants = [GrantType::AuthorizationCode, GrantType::RefreshToken];
    let desk =
        world.desk(&[&contoso, &fabrikam], |new| new.settings.grant_types = grants.to_vec()).await;
    let held = desk.tokens("alice", "contoso").await;
    let refresh = held["refresh_token"].as_str().unwrap();
    assert!(refresh.starts_with("contoso~"), "{refresh}");
    let foreign = refresh.replacen("contoso~", "fabrikam~", 1);
    for (issuer, token, expected) in [
        (contoso.issuer(), refresh, "invalid_client"),
        (world.url.clone(), foreign.as_str(), "invalid_grant"),
    ] {
        let asked = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let (_, body) = desk.post(&format!("{issuer}/token"), &asked).await;
        assert_eq!(body["error"], expected, "{issuer}: {body}");
    }
    let asked = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let (status, renewed) = desk.post(&format!("{}/token", world.url), &asked).await;
    assert_eq!(status, 200, "{renewed}");
    assert_eq!(part(renewed["id_token"].as_str().unwrap(), 1)["tenant"], "contoso");
    let token = renewed["access_token"].as_str().unwrap();
    let look = [("token", token)];
    let (_, read) = desk.post(&format!("{}/introspect", world.url), &look).await;
    assert_eq!((&read["active"], &read["iss"]), (&json!(true), &json!(world.url)), "{read}");
    desk.post(&format!("{}/revoke", world.url), &look).await;
    let (_, read) = desk.post(&format!("{}/introspect", world.url), &look).await;
    assert_eq!(read, json!({ "active": false }));
    let service = [("grant_type", "client_credentials")];
    let (_, body) = desk.post(&format!("{}/token", world.url), &service).await;
    assert_eq!(body["error"], "unauthorized_client", "{body}");
}

pub(crate) async fn own_domain(tenant: &TestTenant<'_>, domain: &str) {
    let owned = (domain.to_owned(), None);
    admin::put_domain(&tenant.world.broker, &caller(), &tenant.record, owned).await.unwrap();
}

pub(crate) async fn suspend(tenant: &TestTenant<'_>) {
    let id = tenant.record.id.clone();
    let change = move |conn: &mut symbolon_storage::Connection| {
        let mut row = conn.operator().tenant_by_id(&id)?.unwrap();
        let version = row.version;
        row.status = TenantStatus::Suspended;
        conn.operator().update_tenant(&row, version)
    };
    tenant.world.broker.database.write(change).await.unwrap();
}
