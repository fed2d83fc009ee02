//! The Dynamic plan, a module at a time (openid-provider.md 3: DY, OD-11), and the management of what was registered
//! (RFC 7592).
//!
//! Here is how an application registers itself and asks; the modules stand in the files, by what they concern.

mod keys;
mod metadata;
mod redirect_uris;
mod request_uris;

pub(super) use keys::oidcc_idtoken_signature;

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use symbolon_identity::admin::{self, ApiScope, NewApiKey};
use symbolon_testkit::Browser;
use symbolon_testkit::application::verified;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;

use super::flow::published;
use crate::downstream::{Reply, part, userinfo};
use crate::world::{TestBroker, TestTenant, caller, http, parameter, post_form};

const CALLBACK: &str = "https://rp.example/callback";

/// A tenant that lets applications register themselves, and an initial access token.
pub(crate) struct Open<'a> {
    pub(crate) tenant: TestTenant<'a>,
    pub(crate) token: String,
}

impl<'a> Open<'a> {
    pub(crate) async fn start(world: &'a TestBroker) -> Self {
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

    /// Refused as OpenID Registration 3.3 has it: 400, JSON, this error.
    async fn refused_for(&self, over: Value, error: &str) {
        let reply = self.ask(with_callback(&over), &self.token).await;
        assert_eq!((reply.status, reply.header("content-type")), (400, "application/json"));
        assert_eq!(reply.text("error"), error, "{over}: {}", reply.body);
    }

    /// Opens a request of the application in a fresh browser; whoever is asked says yes.
    async fn opens(&self, app: &Value, change: &[(&str, &str)]) -> Page {
        let mut browser = Browser::new().unwrap();
        browser.stop_before("https://rp.example");
        let page = browser.get(&self.authorize_url(app, change)).await.unwrap();
        match page.has("allow") {
            true => browser.click("allow").await.unwrap(),
            false => page,
        }
    }

    /// The code that alice's sign-in brings to this address.
    async fn code(&self, app: &Value, change: &[(&str, &str)]) -> String {
        self.tenant.world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
        let page = self.opens(app, change).await;
        let in_form = page.attribute_of("#post-form input[name=code]", "value");
        in_form.unwrap_or_else(|| parameter(&page.location().unwrap(), "code").unwrap())
    }

    /// Alice signs in; the tokens, whose signature a published key made.
    async fn tokens(&self, app: &Value) -> Value {
        self.tokens_by(app, &[]).await
    }

    async fn tokens_by(&self, app: &Value, change: &[(&str, &str)]) -> Value {
        let code = self.code(app, change).await;
        let sent = change.iter().find(|(name, _)| *name == "redirect_uri");
        let redirect_uri = sent.map_or(CALLBACK, |(_, sent)| *sent);
        let fields =
            [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", redirect_uri)];
        let request = post_form(&format!("{}/token", self.tenant.issuer()), &fields);
        let (id, secret) = (app["client_id"].as_str().unwrap(), app["client_secret"].as_str());
        let reply = Reply::of(request.basic_auth(id, secret)).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let (id_token, access_token) = (reply.text("id_token"), reply.text("access_token"));
        let claims = verified(&id_token, &published(&self.tenant).await, &access_token).unwrap();
        assert_eq!(claims["aud"], app["client_id"]);
        reply.body
    }

    /// The application's request with other parameters; an empty one is left out.
    fn authorize_url(&self, app: &Value, change: &[(&str, &str)]) -> String {
        let mut url = url::Url::parse(&format!("{}/authorize", self.tenant.issuer())).unwrap();
        let id = app["client_id"].as_str().unwrap();
        let mut pairs = vec![("response_type", "code"), ("scope", "openid email")];
        pairs.extend([("client_id", id), ("redirect_uri", CALLBACK), ("state", "s")]);
        pairs.retain(|(known, _)| change.iter().all(|(name, _)| name != known));
        pairs.extend(change.iter().filter(|(_, value)| !value.is_empty()));
        url.query_pairs_mut().extend_pairs(pairs);
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
async fn dy_01_an_application_registers_signs_in_and_is_deleted() {
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
        let rows = open.tenant.audit_rows().await.into_iter();
        let of_it = rows.filter(|row| row["trace_id"] == reply.body["trace_id"]);
        let kept: Vec<Value> = of_it.map(|row| row["reason"].clone()).collect();
        assert_eq!(kept, ["registration.token_invalid"], "{wrong}");
    }
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
