//! The broker, its clock and its upstream.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use symbolon_contract::TenantSlug;
use symbolon_identity::admin::{self, AdminCaller, NewConnector, NewTenant};
use symbolon_identity::clock::{Clock, ManualClock};
use symbolon_identity::plugins::Compile;
use symbolon_identity::{Broker, BrokerSettings};
use symbolon_server::app::AppState;
use symbolon_server::config::Settings;
use symbolon_server::startup::{build_broker_at, serve};
use symbolon_storage::testing::TestDatabase;
use symbolon_testkit::{FakeProvider, ProviderUser};

use super::TestTenant;

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
    /// With the defaults.
    pub(crate) async fn start() -> Self {
        Self::start_on(TestDatabase::chosen().await, &[]).await
    }

    /// With further settings, as environment variables have them.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_on(TestDatabase::chosen().await, settings).await
    }

    /// On a database of the caller's.
    pub(crate) async fn start_on(database: TestDatabase, extra: &[(&str, &str)]) -> Self {
        Self::start_as(database, extra, (ManualClock::default(), |settings| settings)).await
    }

    /// With a clock of the caller's, and settings that are set otherwise than by the environment.
    pub(crate) async fn start_as(
        database: TestDatabase,
        extra: &[(&str, &str)],
        (clock, set): (ManualClock, impl FnOnce(BrokerSettings) -> BrokerSettings),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let tls = extra.iter().any(|(name, _)| name.starts_with("SYMBOLON__HTTP__TLS__"));
        let scheme = if tls { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let settings = settings(&url, &database, extra);
        let broker = build_broker_at(
            &settings,
            database.database().clone(),
            Arc::new(clock.clone()),
            Compile::InProcess,
        );
        let mut broker = broker.unwrap();
        broker.settings = Arc::new(set(broker.settings.as_ref().clone()));
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
    // One for all tests: their master key is the same, so a plugin is compiled once and not once a test.
    let compiled = concat!(env!("CARGO_TARGET_TMPDIR"), "/compiled-plugins");
    let mut variables = vec![
        ("SYMBOLON__PLUGINS__CACHE_FOLDER", compiled.to_owned()),
        ("SYMBOLON__HTTP__PUBLIC_URL", url.to_owned()),
        ("SYMBOLON__DATABASE__URL", database.url_text()),
        ("SYMBOLON__SECRETS__KEYS__K1", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned()),
        ("SYMBOLON__OUTGOING__ALLOW_PRIVATE", "127.0.0.0/8".to_owned()),
        ("SYMBOLON__OUTGOING__TIMEOUT", "2s".to_owned()),
        ("SYMBOLON__OUTGOING__CONNECT_TIMEOUT", "1s".to_owned()),
        // The clock stands still: nobody would ever be let in again.
        ("SYMBOLON__RATE_LIMITS__ENABLED", "false".to_owned()),
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
