//! A tenant: its connectors, rules, applications, and what can be seen of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use symbolon_contract::{ApplicationId, ConnectorId, RoleName, UserId};
use symbolon_identity::admin::{
    self, ModeChange, NewApplication, NewConnector, NewMapping, NewPlugin, PluginChoice,
};
use symbolon_identity::audit::to_json;
use symbolon_identity::clock::Clock;
use symbolon_identity::connectors::oidc::OidcSettings;
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings};
use symbolon_identity::downstream::{OpenidSettings, RedirectUri};
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::provisioning::ProvisioningPolicy;
use symbolon_identity::storage::AuditFilter;
use symbolon_identity::tenants::TenantRecord;
use symbolon_testkit::application::Registration;
use symbolon_testkit::browser::Page;
use symbolon_testkit::{DemoApplication, RegisteredClient};

use super::{CONNECTOR, TestApplication, TestBroker, UPSTREAM_SECRET, caller};

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
            untested: true,
            configuration: ConnectorConfiguration {
                provisioning: ProvisioningPolicy {
                    auto_provision: true,
                    ..ProvisioningPolicy::default()
                },
                ..ConnectorConfiguration::new(ConnectorSettings::Oidc(OidcSettings::new(
                    self.world.provider.issuer(),
                    client,
                )))
            },
            client_secret: Some(SecretString::from(UPSTREAM_SECRET)),
            secret_ends_at: None,
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
        let plugin = plugin.map_or(PluginChoice::Same, |component| {
            PluginChoice::Upload(NewPlugin { component, signature: None })
        });
        let new = NewMapping { configuration, plugin, note: None, admin_default: true };
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
        let mut settings = OpenidSettings::new(vec![redirect_uri]);
        settings.post_logout_redirect_uris = vec![RedirectUri::parse(running.url()).unwrap()];
        let mut new = NewApplication {
            id: ApplicationId::parse(id).unwrap(),
            display_name: id.to_uppercase(),
            settings,
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

impl TestTenant<'_> {
    /// Switches a connector.
    pub(crate) async fn mode(&self, connector: &str, mode: ConnectorMode) {
        let (id, broker) = (ConnectorId::parse(connector).unwrap(), &self.world.broker);
        let change = ModeChange { mode, untested: true };
        admin::set_connector_mode(broker, &caller(), &self.record, (&id, change)).await.unwrap();
    }

    /// A role that only admins give.
    pub(crate) async fn role_kept_to_admins(&self, name: &str) {
        let role = (RoleName::parse(name).unwrap(), String::new(), false);
        admin::put_role(&self.world.broker, &caller(), &self.record, role).await.unwrap();
    }

    /// Somebody's roles, sorted, each once.
    pub(crate) async fn roles_of(&self, user: &UserId) -> Vec<String> {
        let (id, user) = (self.record.id.clone(), user.clone());
        let grants =
            move |conn: &mut symbolon_storage::Connection| conn.tenant(&id).grants().of_user(&user);
        let grants = self.world.broker.database.read(grants).await.unwrap();
        let names: BTreeSet<String> = grants.into_iter().map(|one| one.role.to_string()).collect();
        names.into_iter().collect()
    }

    /// The page and exactly one audit row tell the same refusal, and the page tells no secret.
    pub(crate) async fn assert_told_and_kept(&self, page: &Page, connector: Option<&str>) {
        let (reason, trace) = (page.text("reason-code").unwrap(), page.text("trace-id").unwrap());
        let rows = self.audit_rows().await.into_iter().filter(|row| row["trace_id"] == *trace);
        let line =
            |row: Value| json!(["type", "reason", "connection"].map(|name| row.get(name).cloned()));
        let told: Vec<Value> = rows.map(line).collect();
        assert_eq!(told, [json!(["user.sso_login_failed", reason, connector])]);
        for secret in [UPSTREAM_SECRET, "eyJ", "code="] {
            assert!(!page.body().contains(secret), "{reason}: the page shows {secret}");
        }
    }
}

/// The settings of a connector to an OpenID provider.
pub(crate) fn oidc_settings(new: &mut NewConnector) -> &mut OidcSettings {
    match &mut new.configuration.upstream {
        ConnectorSettings::Oidc(settings) => Some(settings),
        ConnectorSettings::Entra(_) | ConnectorSettings::Saml(_) => None,
    }
    .unwrap()
}
