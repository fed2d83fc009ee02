//! The world of a test: a broker with a clock that stands still, one upstream, as many tenants as wanted.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use symbolon_contract::{ApplicationId, ConnectorId, RoleName, TenantSlug, UserId};
use symbolon_identity::Broker;
use symbolon_identity::admin::{
    self, AdminCaller, NewApplication, NewConnector, NewMapping, NewTenant,
};
use symbolon_identity::audit::to_json;
use symbolon_identity::clock::{Clock, ManualClock};
use symbolon_identity::connectors::oidc::OidcSettings;
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings, Pilot};
use symbolon_identity::downstream::{OpenidSettings, RedirectUri};
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::provisioning::ProvisioningPolicy;
use symbolon_identity::storage::AuditFilter;
use symbolon_identity::tenants::TenantRecord;
use symbolon_server::app::AppState;
use symbolon_server::config::Settings;
use symbolon_server::startup::{build_broker_at, serve};
use symbolon_storage::testing::TestDatabase;
use symbolon_testkit::application::Registration;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;
use symbolon_testkit::{
    Browser, DemoApplication, FakeProvider, Misbehaviour, ProviderUser, RegisteredClient,
};

/// The secret that every connector of a test shares with the provider.
pub(crate) const UPSTREAM_SECRET: &str = "upstream-secret-2b7e151628aed2a6";
/// The connector of every tenant, unless a test makes more.
pub(crate) const CONNECTOR: &str = "upstream";

/// A running broker and its upstream.
pub(crate) struct TestBroker {
    pub(crate) broker: Broker,
    pub(crate) url: String,
    pub(crate) clock: ManualClock,
    pub(crate) provider: FakeProvider,
    pub(crate) database: TestDatabase,
    server: ServerHandle,
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        // The future only waits; the order to stop is given at once.
        drop(self.server.stop(false));
    }
}

impl TestBroker {
    /// On SQLite, with the defaults.
    pub(crate) async fn start() -> Self {
        Self::start_on(TestDatabase::sqlite().await, &[]).await
    }

    /// With further settings, as environment variables have them.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_on(TestDatabase::sqlite().await, settings).await
    }

    /// On a database of the caller's.
    pub(crate) async fn start_on(database: TestDatabase, extra: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let clock = ManualClock::default();
        let settings = settings(&url, &database, extra);
        let broker = build_broker_at(&settings, database.database().clone(), Arc::new(clock.clone()));
        let broker = broker.unwrap();
        let state = Data::new(AppState::new(broker.clone(), settings).unwrap());
        let server = serve(state, listener, Some(1)).unwrap();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let provider = provider(&clock);
        Self { broker, url, clock, provider, database, server: handle }
    }

    /// A tenant with a connector to the provider that creates users, and the roles admin and viewer.
    pub(crate) async fn tenant(&self, slug: &str) -> TestTenant<'_> {
        self.tenant_with(slug, |_| ()).await
    }

    /// The same, with changes to the connector.
    pub(crate) async fn tenant_with(
        &self,
        slug: &str,
        change: impl FnOnce(&mut NewConnector),
    ) -> TestTenant<'_> {
        let new = NewTenant {
            slug: TenantSlug::parse(slug).unwrap(),
            display_name: slug.to_uppercase(),
            contact: Some(format!("help@{slug}.example")),
        };
        let record = admin::create_tenant(&self.broker, &caller(), new).await.unwrap();
        let tenant = TestTenant { world: self, record };
        tenant.connector(CONNECTOR, change).await;
        tenant
    }
}

pub(crate) fn settings(url: &str, database: &TestDatabase, extra: &[(&str, &str)]) -> Settings {
    let mut variables = vec![
        ("SYMBOLON__HTTP__PUBLIC_URL", url.to_owned()),
        ("SYMBOLON__DATABASE__URL", database.url_text()),
        ("SYMBOLON__SECRETS__KEYS__K1", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned()),
        ("SYMBOLON__OUTGOING__ALLOW_PRIVATE", "127.0.0.0/8".to_owned()),
        ("SYMBOLON__OUTGOING__TIMEOUT", "2s".to_owned()),
        ("SYMBOLON__OUTGOING__CONNECT_TIMEOUT", "1s".to_owned()),
    ];
    variables.extend(extra.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value));
    Settings::load(&[], variables).unwrap()
}

fn provider(clock: &ManualClock) -> FakeProvider {
    let clock = clock.clone();
    FakeProvider::builder()
        .clock(Arc::new(move || clock.now().timestamp()))
        .user(
            ProviderUser::new("alice")
                .email("alice@contoso.com")
                .name("Alice Martin")
                .department("Engineering")
                .groups(["wiki-admins", "staff"]),
        )
        .user(ProviderUser::new("bob").email("bob@contoso.com").name("Bob Dupont").groups([]))
        .start()
        .unwrap()
}

pub(crate) fn caller() -> AdminCaller {
    AdminCaller::command_line()
}

/// A tenant of the world.
pub(crate) struct TestTenant<'a> {
    pub(crate) world: &'a TestBroker,
    pub(crate) record: TenantRecord,
}

impl TestTenant<'_> {
    pub(crate) fn issuer(&self) -> String {
        format!("{}/t/{}", self.world.url, self.record.slug)
    }

    pub(crate) fn callback(&self, connector: &str) -> String {
        format!("{}/callback/{connector}", self.issuer())
    }

    /// One more connector to the same provider.
    pub(crate) async fn connector(&self, id: &str, change: impl FnOnce(&mut NewConnector)) {
        let client = format!("{}-{id}", self.record.slug);
        let registered = RegisteredClient::new(&client, UPSTREAM_SECRET);
        self.world.provider.set_client(registered.redirect_uri(&self.callback(id)));
        let mut new = NewConnector {
            id: ConnectorId::parse(id).unwrap(),
            display_name: format!("Directory {id}"),
            mode: ConnectorMode::On,
            configuration: ConnectorConfiguration {
                upstream: ConnectorSettings::Oidc(OidcSettings::new(
                    self.world.provider.issuer(),
                    client,
                )),
                provisioning: ProvisioningPolicy {
                    auto_provision: true,
                    ..ProvisioningPolicy::default()
                },
                pilot: Pilot::default(),
                required_amr: Vec::new(),
            },
            client_secret: Some(SecretString::from(UPSTREAM_SECRET)),
            rules: "{}".into(),
        };
        change(&mut new);
        admin::create_connector(&self.world.broker, &caller(), &self.record, new).await.unwrap();
    }

    /// New rules for the connector, active at once.
    pub(crate) async fn rules(&self, rules: Value) {
        self.mapping(rules.to_string(), None).await.unwrap();
    }

    /// New rules, and a plugin of the tenant's own.
    pub(crate) async fn mapping(
        &self,
        configuration: String,
        plugin: Option<Vec<u8>>,
    ) -> Result<i32, admin::AdminError> {
        let connector = ConnectorId::parse(CONNECTOR).unwrap();
        let new = NewMapping { configuration, plugin, note: None };
        let broker = &self.world.broker;
        let set = admin::set_mapping(broker, &caller(), &self.record, (&connector, new)).await;
        set.map(|(version, _)| version)
    }

    pub(crate) async fn role(&self, name: &str) {
        let role = (RoleName::parse(name).unwrap(), String::new(), true);
        admin::put_role(&self.world.broker, &caller(), &self.record, role).await.unwrap();
    }

    /// An application that is registered and runs.
    pub(crate) async fn application(&self, id: &str) -> TestApplication<'_> {
        self.application_with(id, |_| ()).await
    }

    pub(crate) async fn application_with(
        &self,
        id: &str,
        change: impl FnOnce(&mut NewApplication),
    ) -> TestApplication<'_> {
        let clock = self.world.clock.clone();
        let running = DemoApplication::builder()
            .name(id)
            .scopes("openid profile email roles")
            .clock(Arc::new(move || clock.now().timestamp()))
            .start()
            .unwrap();
        let redirect_uri = RedirectUri::parse(running.redirect_uri()).unwrap();
        let mut new = NewApplication {
            id: ApplicationId::parse(id).unwrap(),
            display_name: id.to_uppercase(),
            settings: OpenidSettings::new(vec![redirect_uri]),
            public: false,
        };
        change(&mut new);
        let broker = &self.world.broker;
        let created =
            admin::create_application(broker, &caller(), &self.record, new).await.unwrap();
        let secret = created.secret.map(|secret| secret.expose_secret().to_owned());
        running.register(Registration {
            issuer: self.issuer(),
            client_id: id.to_owned(),
            client_secret: secret.clone(),
        });
        TestApplication { tenant: self, running, id: id.to_owned(), secret }
    }

    /// The audit rows, oldest first, in the internal form.
    pub(crate) async fn audit_rows(&self) -> Vec<Value> {
        let filter = AuditFilter {
            after_seq: None,
            before_seq: None,
            event_type: None,
            newest_first: false,
            limit: 1000,
        };
        let broker = &self.world.broker;
        let rows = admin::audit_events(broker, &self.record.id, filter).await.unwrap();
        rows.iter().map(|row| to_json(self.record.id.as_str(), row)).collect()
    }

    /// What happened to people, a line each: event, and reason where one was refused.
    pub(crate) async fn audit_trail(&self) -> Vec<String> {
        let of_people = |row: &Value| {
            let name = row["type"].as_str().unwrap_or_default();
            name.starts_with("user.sso") || name.starts_with("app.") && row["outcome"] == "failure"
        };
        let line = |row: &Value| match row["reason"].as_str() {
            Some(reason) => format!("{} {reason}", row["type"].as_str().unwrap_or_default()),
            None => row["type"].as_str().unwrap_or_default().to_owned(),
        };
        self.audit_rows().await.iter().filter(|row| of_people(row)).map(line).collect()
    }

    /// How many sessions are stored.
    pub(crate) async fn sessions(&self) -> usize {
        let id = self.record.id.clone();
        let count = move |conn: &mut symbolon_storage::Connection| {
            let users = conn.tenant(&id).users().list(None, 1000)?;
            let mut total = 0;
            for user in users {
                total += conn.tenant(&id).sessions().of_user(&user.id)?.len();
            }
            Ok(total)
        };
        self.world.broker.database.read(count).await.unwrap()
    }
}

/// A registered application.
pub(crate) struct TestApplication<'a> {
    pub(crate) tenant: &'a TestTenant<'a>,
    pub(crate) running: DemoApplication,
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
}

impl TestApplication<'_> {
    /// A person of the provider signs in with a fresh browser.
    pub(crate) async fn log_in(&self, person: &str) -> Login {
        self.log_in_with(Browser::new().unwrap(), person, "").await
    }

    /// The same with a browser that may have been around, and further parameters of the request.
    pub(crate) async fn log_in_with(&self, mut browser: Browser, person: &str, extra: &str) -> Login {
        let provider = &self.tenant.world.provider;
        provider.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
        let page = browser.get(&format!("{}/sign-in?{extra}", self.running.url())).await.unwrap();
        let roles = match page.has("signed-in-email") {
            true => self.running.last_sign_in().map(|person| person.roles().join(", ")),
            false => None,
        };
        Login { browser, page, roles }
    }

    /// An authorization request by hand: every parameter can be changed or left out.
    pub(crate) fn authorize_url(&self, change: &[(&str, Option<&str>)]) -> String {
        let redirect_uri = self.running.redirect_uri();
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", redirect_uri.as_str()),
            ("scope", "openid profile email roles"),
            ("state", "state-of-the-test"),
            ("nonce", "nonce-of-the-test"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in change {
            parameters.retain(|(known, _)| known != name);
            parameters.extend(value.map(|value| (*name, value)));
        }
        let mut url = url::Url::parse(&format!("{}/authorize", self.tenant.issuer())).unwrap();
        url.query_pairs_mut().extend_pairs(parameters);
        url.into()
    }

    /// Signs in by an authorization request by hand and stops with the code.
    pub(crate) async fn code(&self, person: &str, change: &[(&str, Option<&str>)]) -> String {
        let provider = &self.tenant.world.provider;
        provider.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
        let mut browser = Browser::new().unwrap();
        browser.stop_before(&self.running.url());
        let page = browser.get(&self.authorize_url(change)).await.unwrap();
        parameter(&page.location().unwrap(), "code").unwrap()
    }

    /// A token request by hand, authenticated by HTTP Basic unless `secret` is none.
    pub(crate) async fn redeem(
        &self,
        code: &str,
        change: &[(&str, Option<&str>)],
    ) -> (u16, Value) {
        let redirect_uri = self.running.redirect_uri();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in change {
            fields.retain(|(known, _)| known != name);
            fields.extend(value.map(|value| (*name, value)));
        }
        let request = post_form(&format!("{}/token", self.tenant.issuer()), &fields);
        let request = match &self.secret {
            Some(secret) => request.basic_auth(&self.id, Some(secret)),
            None => request,
        };
        answer(request).await
    }
}

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Status and JSON of a request; no JSON is `null`.
pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body = response.text().await.unwrap();
    (status, serde_json::from_str(&body).unwrap_or(json!(null)))
}

/// A plain HTTP client of the test's own.
#[expect(clippy::disallowed_methods, reason = "a test plays an application, not the broker")]
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// A form, posted as an application posts it.
pub(crate) fn post_form(url: &str, fields: &[(&str, &str)]) -> reqwest::RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    http().post(url).header("content-type", "application/x-www-form-urlencoded").body(body)
}

/// A parameter of a URL.
pub(crate) fn parameter(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// How a sign-in ended.
pub(crate) struct Login {
    pub(crate) browser: Browser,
    pub(crate) page: Page,
    roles: Option<String>,
}

impl Login {
    /// One line: who is signed in with which roles, or the status and reason code of the refusal.
    pub(crate) fn outcome(&self) -> String {
        if let Some(roles) = &self.roles {
            let email = self.page.text("signed-in-email").unwrap_or_default();
            return format!("signed in as {email} with roles [{roles}]");
        }
        if let Some(reason) = self.page.text("reason-code") {
            return format!("{} {reason}", self.page.status());
        }
        let error = self.page.text("application-error").unwrap_or_else(|| self.page.body().into());
        format!("{} at {}: {error}", self.page.status(), self.page.url())
    }

    /// The session cookie at a tenant, if the browser has one.
    pub(crate) fn session(&self, tenant: &str) -> Option<String> {
        let name = format!("symbolon-session-{tenant}");
        self.browser.cookie("127.0.0.1", &name).map(str::to_owned)
    }
}

/// The provider misbehaves once, and the sign-in is refused for this reason; afterwards all is well.
pub(crate) async fn refused_then_fine(
    tenant: &TestTenant<'_>,
    faults: &[Misbehaviour],
    expected: &str,
) {
    let wiki = tenant.application("wiki").await;
    for fault in faults {
        tenant.world.provider.misbehave(fault.clone()).unwrap();
    }
    let refused = wiki.log_in("alice").await;
    assert_eq!(refused.outcome(), expected, "{faults:?}");
    assert!(refused.session(tenant.record.slug.as_str()).is_none(), "{faults:?}: a session cookie");
    assert_eq!(tenant.sessions().await, 0, "{faults:?}: a session");
    tenant.assert_told_and_kept(&refused.page, Some(CONNECTOR)).await;
    tenant.world.provider.behave();
    let fine = wiki.log_in("alice").await;
    assert!(fine.outcome().starts_with("signed in as alice@contoso.com"), "{}", fine.outcome());
}

impl TestTenant<'_> {
    /// Switches a connector.
    pub(crate) async fn mode(&self, connector: &str, mode: ConnectorMode) {
        let (id, broker) = (ConnectorId::parse(connector).unwrap(), &self.world.broker);
        admin::set_connector_mode(broker, &caller(), &self.record, (&id, mode)).await.unwrap();
    }

    /// A role that only admins give.
    pub(crate) async fn role_kept_to_admins(&self, name: &str) {
        let role = (RoleName::parse(name).unwrap(), String::new(), false);
        admin::put_role(&self.world.broker, &caller(), &self.record, role).await.unwrap();
    }

    /// Somebody's roles, sorted, each once.
    pub(crate) async fn roles_of(&self, user: &UserId) -> Vec<String> {
        let (id, user) = (self.record.id.clone(), user.clone());
        let grants = move |conn: &mut symbolon_storage::Connection| {
            conn.tenant(&id).grants().of_user(&user)
        };
        let grants = self.world.broker.database.read(grants).await.unwrap();
        let names: BTreeSet<String> = grants.into_iter().map(|one| one.role.to_string()).collect();
        names.into_iter().collect()
    }

    /// The page and exactly one audit row tell the same refusal, and the page tells no secret.
    pub(crate) async fn assert_told_and_kept(&self, page: &Page, connector: Option<&str>) {
        let (reason, trace) = (page.text("reason-code").unwrap(), page.text("trace-id").unwrap());
        let rows = self.audit_rows().await.into_iter().filter(|row| row["trace_id"] == *trace);
        let line = |row: Value| json!(["type", "reason", "connection"].map(|name| row.get(name).cloned()));
        let told: Vec<Value> = rows.map(line).collect();
        assert_eq!(told, [json!(["user.sso_login_failed", reason, connector])]);
        for secret in [UPSTREAM_SECRET, "eyJ", "code="] {
            assert!(!page.body().contains(secret), "{reason}: the page shows {secret}");
        }
    }
}

impl TestApplication<'_> {
    /// A person signs in at the provider and the browser stops before the callback of [`CONNECTOR`]:
    /// the address that it would open next. The application's `state` tells attempts apart.
    pub(crate) async fn callback_of(
        &self,
        browser: &mut Browser,
        (person, state): (&str, &str),
    ) -> url::Url {
        let provider = &self.tenant.world.provider;
        provider.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
        browser.stop_before(&self.tenant.callback(CONNECTOR));
        let page = browser.get(&self.authorize_url(&[("state", Some(state))])).await.unwrap();
        browser.stop_before(&self.running.url());
        page.location().unwrap()
    }
}
