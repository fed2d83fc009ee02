//! The Dynamic plan, a module at a time (openid-provider.md 3: DY, OD-11), and the management of what was registered
//! (RFC 7592).

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use symbolon_identity::admin::{self, ApiScope, NewApiKey};
use symbolon_testkit::Browser;
use symbolon_testkit::provider::AutomaticSignIn;

use crate::downstream::{Reply, part, userinfo};
use crate::world::{TestBroker, TestTenant, caller, http, parameter, post_form};

const CALLBACK: &str = "https://rp.example/callback";

/// A tenant that lets applications register themselves, and an initial access token.
struct Open<'a> {
    tenant: TestTenant<'a>,
    token: String,
}

impl<'a> Open<'a> {
    async fn start(world: &'a TestBroker) -> Self {
        let mut tenant = world.tenant("contoso").await;
        let broker = &world.broker;
        admin::set_dynamic_registration(broker, &caller(), &tenant.record, true).await.unwrap();
        tenant.record.settings.dynamic_registration = true;
        let token = Self::key(&tenant, ApiScope::AppsRegister).await;
        Self { tenant, token }
    }

    async fn key(tenant: &TestTenant<'_>, scope: ApiScope) -> String {
        let new = NewApiKey { name: "dcr".into(), scopes: vec![scope], expires_at: None };
        let broker = &tenant.world.broker;
        let made = admin::create_api_key(broker, &caller(), Some(&tenant.record), new).await;
        made.unwrap().secret.expose_secret().to_owned()
    }

    async fn ask(&self, metadata: Value, token: &str) -> Reply {
        let url = format!("{}/register", self.tenant.issuer());
        call(Method::POST, &url, token, Some(metadata)).await
    }

    /// Registers with a redirect URI and what is laid over that.
    async fn register(&self, over: Value) -> Value {
        let reply = self.ask(with_callback(&over), &self.token).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        assert_eq!(
            (reply.header("cache-control"), reply.header("pragma")),
            ("no-store", "no-cache")
        );
        reply.body
    }

    async fn refused(&self, over: Value) -> String {
        self.ask(with_callback(&over), &self.token).await.refusal()
    }

    /// Alice signs in; the tokens.
    async fn tokens(&self, app: &Value) -> Value {
        self.tenant.world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
        let mut browser = Browser::new().unwrap();
        browser.stop_before("https://rp.example");
        let url = self.authorize_url(app, CALLBACK);
        let mut page = browser.get(&url).await.unwrap();
        if page.location().is_none() {
            page = browser.click("allow").await.unwrap();
        }
        let code = parameter(&page.location().unwrap(), "code").unwrap();
        let fields =
            [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
        let request = post_form(&format!("{}/token", self.tenant.issuer()), &fields);
        let (id, secret) = (app["client_id"].as_str().unwrap(), app["client_secret"].as_str());
        let reply = Reply::of(request.basic_auth(id, secret)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body
    }

    fn authorize_url(&self, app: &Value, redirect_uri: &str) -> String {
        let mut url = url::Url::parse(&format!("{}/authorize", self.tenant.issuer())).unwrap();
        let id = app["client_id"].as_str().unwrap();
        let pairs = [("response_type", "code"), ("scope", "openid email"), ("client_id", id)];
        url.query_pairs_mut().extend_pairs(pairs).append_pair("redirect_uri", redirect_uri);
        url.into()
    }
}

fn with_callback(over: &Value) -> Value {
    let mut all = json!({ "redirect_uris": [CALLBACK], "client_name": "RP" });
    for (name, value) in over.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

async fn call(method: Method, url: &str, token: &str, body: Option<Value>) -> Reply {
    let request = http().request(method, url).bearer_auth(token);
    Reply::of(match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()),
        None => request,
    })
    .await
}

/// GET, PUT or DELETE at the application's own address, with its own token.
async fn manage(method: Method, app: &Value, body: Option<Value>) -> Reply {
    let (url, token) = (&app["registration_client_uri"], &app["registration_access_token"]);
    call(method, url.as_str().unwrap(), token.as_str().unwrap(), body).await
}

#[actix_web::test]
async fn dy_01_oidcc_server_registers_signs_in_and_is_deleted() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let app = open.register(json!({})).await;
    for name in ["client_id", "client_secret", "registration_access_token", "client_id_issued_at"] {
        assert!(!app[name].is_null(), "{name}: {app}");
    }
    assert_eq!((&app["client_secret_expires_at"], &app["client_name"]), (&json!(0), &json!("RP")));
    let tokens = open.tokens(&app).await;
    assert_eq!(part(tokens["id_token"].as_str().unwrap(), 0)["alg"], "RS256");
    let read = manage(Method::GET, &app, None).await;
    assert_eq!(
        (read.status, read.text("client_id")),
        (200, app["client_id"].as_str().unwrap().into())
    );
    assert_eq!(manage(Method::DELETE, &app, None).await.status, 204);
    assert_eq!(manage(Method::GET, &app, None).await.status, 401);
    let told = userinfo(&open.tenant, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(told.status, 401, "what it held is refused");
}

#[actix_web::test]
async fn r_28_op13_nobody_registers_unless_the_tenant_opens_it_and_a_token_is_shown() {
    let world = TestBroker::start().await;
    let fabrikam = world.tenant("fabrikam").await;
    let key = Open::key(&fabrikam, ApiScope::AppsRegister).await;
    let url = format!("{}/register", fabrikam.issuer());
    let closed = call(Method::POST, &url, &key, Some(with_callback(&json!({})))).await;
    assert_eq!(closed.refusal(), "403 access_denied registration.closed");
    let discovery = format!("{}/.well-known/openid-configuration", fabrikam.issuer());
    assert_eq!(Reply::of(http().get(&discovery)).await.body.get("registration_endpoint"), None);

    let open = Open::start(&world).await;
    let discovery = format!("{}/.well-known/openid-configuration", open.tenant.issuer());
    let told = Reply::of(http().get(&discovery)).await.text("registration_endpoint");
    assert_eq!(told, format!("{}/register", open.tenant.issuer()));
    let other = Open::key(&open.tenant, ApiScope::SsoManage).await;
    for wrong in ["", "symkey_x", &key, &other] {
        let reply = open.ask(with_callback(&json!({})), wrong).await;
        assert_eq!(reply.refusal(), "401 invalid_token registration.token_invalid", "{wrong}");
        assert!(reply.header("www-authenticate").starts_with("Bearer"), "{wrong}");
    }
}

#[actix_web::test]
async fn dy_03_oidcc_idtoken_rs256_dy_04_userinfo_rs256() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let app = open.register(json!({
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "RS256",
    }));
    let tokens = open.tokens(&app.await).await;
    assert_eq!(part(tokens["id_token"].as_str().unwrap(), 0)["alg"], "ES256");
    let url = format!("{}/userinfo", open.tenant.issuer());
    let asked = http().get(url).bearer_auth(tokens["access_token"].as_str().unwrap());
    let response = asked.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/jwt");
    assert_eq!(part(&response.text().await.unwrap(), 0)["alg"], "RS256");
}

#[actix_web::test]
async fn dy_05_dy_06_oidcc_redirect_uri_is_sent_and_matches_to_the_letter() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let with_query = format!("{CALLBACK}?foo=bar");
    let app = open.register(json!({ "redirect_uris": [CALLBACK, with_query] })).await;
    for wrong in
        ["", &format!("{CALLBACK}?foo=baz"), &format!("{with_query}&x=y"), &format!("{CALLBACK}#x")]
    {
        let page = Browser::new().unwrap().get(&open.authorize_url(&app, wrong)).await.unwrap();
        assert!(page.has("reason-code") && page.location().is_none(), "{wrong}");
    }
    let mut browser = Browser::new().unwrap();
    browser.stop_before("https://rp.example");
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut page = browser.get(&open.authorize_url(&app, &with_query)).await.unwrap();
    if page.location().is_none() {
        page = browser.click("allow").await.unwrap();
    }
    assert!(page.location().unwrap().as_str().starts_with(&format!("{with_query}&code=")));
}

#[actix_web::test]
async fn dy_07_oidcc_redirect_uri_regfrag_dy_15_3rd_party_init_login_nohttps() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let fragment = json!({ "redirect_uris": [format!("{CALLBACK}#frag")] });
    let redirect = "400 invalid_redirect_uri registration.redirect_uri_invalid";
    assert_eq!(open.refused(fragment).await, redirect);
    assert_eq!(open.refused(json!({ "redirect_uris": [] })).await, redirect);
    let metadata = "400 invalid_client_metadata registration.metadata_invalid";
    for over in [
        json!({ "initiate_login_uri": "http://rp.example/start" }),
        json!({ "initiate_login_uri": "https://elsewhere.example/start" }),
        json!({ "response_types": ["id_token"] }),
        json!({ "grant_types": ["implicit"] }),
        json!({ "backchannel_logout_uri": "http://rp.example/out" }),
        json!({ "token_endpoint_auth_method": "private_key_jwt" }),
        json!({ "client_name": "x".repeat(101) }),
    ] {
        assert_eq!(open.refused(over.clone()).await, metadata, "{over}");
    }
    let initiate = json!({ "initiate_login_uri": "https://rp.example/start" });
    let app = open.register(initiate).await;
    let read = manage(Method::GET, &app, None).await;
    assert_eq!(read.text("initiate_login_uri"), "https://rp.example/start");
    let body = open.ask(json!("no object"), &open.token).await;
    assert_eq!(body.refusal(), metadata);
}

#[actix_web::test]
async fn dy_08_oidcc_registration_logo_policy_and_tos_uri_are_kept_and_told() {
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

#[actix_web::test]
async fn dy_10_oidcc_registration_sector_bad() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    // Our own provider answers there, but with no list of addresses.
    let nothing = format!("{}/jwks", open.tenant.issuer());
    let refused =
        open.refused(json!({ "subject_type": "pairwise", "sector_identifier_uri": nothing })).await;
    assert_eq!(refused, "400 invalid_client_metadata registration.metadata_invalid");
    let two = json!({
        "subject_type": "pairwise",
        "redirect_uris": [CALLBACK, "https://other.example/callback"],
    });
    assert!(open.refused(two).await.starts_with("400 invalid_client_metadata"));
}

#[actix_web::test]
async fn rfc7592_an_application_replaces_its_registration_and_nobody_elses() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let (app, other) = (open.register(json!({})).await, open.register(json!({})).await);
    let id = app["client_id"].clone();
    let change =
        with_callback(&json!({ "client_id": id, "client_name": "New", "contacts": ["x"] }));
    let changed = manage(Method::PUT, &app, Some(change.clone())).await;
    assert_eq!(
        (changed.status, changed.text("client_name")),
        (200, "New".into()),
        "{}",
        changed.body
    );
    open.tokens(&app).await;
    for over in [
        json!({ "client_id": other["client_id"] }),
        json!({ "client_id": null }),
        json!({ "client_secret": "guess" }),
        json!({ "registration_access_token": "x" }),
        json!({ "redirect_uris": ["http://rp.example/"] }),
    ] {
        let mut sent = change.clone();
        for (name, value) in over.as_object().unwrap() {
            sent[name] = value.clone();
        }
        assert_eq!(manage(Method::PUT, &app, Some(sent)).await.status, 400, "{over}");
    }
    let mut foreign = app.clone();
    foreign["registration_client_uri"] = other["registration_client_uri"].clone();
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let reply = manage(method.clone(), &foreign, Some(change.clone())).await;
        assert_eq!(reply.refusal(), "401 invalid_token registration.token_invalid", "{method}");
    }
    assert_eq!(manage(Method::GET, &other, None).await.status, 200);
    let audit = open.tenant.audit_rows().await;
    let own = audit.iter().find(|row| row["type"] == "app.updated").unwrap();
    assert_eq!(own["actor"]["kind"], "application");
}
