//! What the demo makes in the broker, by the use cases that the command line has. A folder of an earlier
//! version gets what it lacks.

use std::path::Path;

use anyhow::{Context, ensure};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use symbolon_contract::{ApplicationId, ConnectorId, RoleName, TenantSlug};
use symbolon_identity::Broker;
use symbolon_identity::admin::{
    self, AdminCaller, AdminError, ModeChange, NewApplication, NewConnector, NewTenant,
    create_application, create_connector, create_tenant, put_role, set_connector_mode,
};
use symbolon_identity::connectors::oidc::OidcSettings;
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings};
use symbolon_identity::downstream::{OpenidSettings, RedirectUri};
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::provisioning::ProvisioningPolicy;
use symbolon_identity::tenants::TenantRecord;
use symbolon_testkit::{DemoApplication, FakeProvider, ProviderUser};

use super::entra::{self, ENTRA};
use crate::cli::write_secret;

/// The tenant of the demo.
pub(super) const TENANT: &str = "contoso";
/// Its connector to the demo provider.
pub(super) const CONNECTOR: &str = "demo-provider";
/// The group whose people are admins, as the provider sends it.
const ADMINS: &str = "5b6c9e3a-0001-4000-8000-00000000ad00";
/// The group of everybody in Engineering.
const ENGINEERS: &str = "5b6c9e3a-0002-4000-8000-00000000e900";

/// The rules with which the demo begins, or begins anew: one group grants one role.
pub(super) fn rules(role_of_admins: &str) -> Value {
    json!({
        "sync_fields": ["email", "name", "department", "job_title", "office"],
        "assign_role_by_group": true,
        "group_roles": [
            { "group": ADMINS, "label": "Wiki Admins", "role": role_of_admins },
        ],
        "default_role": "viewer",
    })
}

/// The people of the demo provider.
pub(super) fn people() -> [ProviderUser; 3] {
    let person = |subject: &str, email: &str, name: &str, department: &str| {
        ProviderUser::new(subject).email(email).name(name).department(department).office("Paris")
    };
    [
        person("alice", "alice@contoso.com", "Alice Martin", "Engineering")
            .job_title("Security Engineer")
            .groups([ADMINS, ENGINEERS]),
        person("bob", "bob@contoso.com", "Bob Dupont", "Sales").groups([]),
        person("carol", "carol@contoso.com", "Carol Chen", "Engineering").groups([ENGINEERS]),
    ]
}

/// Whom the broker is made to know.
pub(super) struct Setup<'a> {
    pub(super) broker: &'a Broker,
    pub(super) provider: &'a FakeProvider,
    pub(super) application: &'a DemoApplication,
    pub(super) provider_secret: &'a SecretString,
    pub(super) entra_secret: &'a entra::Secret,
    /// Where the application's secret is kept.
    pub(super) application_secret: &'a Path,
}

impl Setup<'_> {
    /// Makes what is not there yet.
    pub(super) async fn ensure(&self) -> anyhow::Result<()> {
        let caller = AdminCaller::command_line();
        let tenant = self.tenant(&caller).await?;
        if !self.has_connector(&tenant, CONNECTOR).await? {
            create_connector(self.broker, &caller, &tenant, self.connector()?).await?;
        }
        if !self.has_connector(&tenant, ENTRA).await? {
            self.connect_entra(&caller, &tenant).await?;
        }
        let wiki = ApplicationId::parse("wiki")?;
        match admin::read_application(self.broker, &tenant.id, &wiki).await {
            Err(AdminError::NotFound { .. }) => {
                self.register_application(&caller, &tenant, wiki).await
            }
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }

    async fn tenant(&self, caller: &AdminCaller) -> anyhow::Result<TenantRecord> {
        let slug = TenantSlug::parse(TENANT)?;
        match admin::read_tenant(self.broker, &slug).await {
            Err(AdminError::NotFound { .. }) => {}
            found => return Ok(found?),
        }
        let new = NewTenant {
            slug,
            display_name: "Contoso".into(),
            contact: Some("it-help@contoso.com".into()),
        };
        let tenant = create_tenant(self.broker, caller, new).await?;
        let editor = (RoleName::parse("editor")?, "May write".to_owned(), true);
        put_role(self.broker, caller, &tenant, editor).await?;
        Ok(tenant)
    }

    async fn has_connector(&self, tenant: &TenantRecord, id: &str) -> anyhow::Result<bool> {
        match admin::read_connector(self.broker, &tenant.id, &ConnectorId::parse(id)?).await {
            Ok(_) => Ok(true),
            Err(AdminError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn connector(&self) -> anyhow::Result<NewConnector> {
        Ok(NewConnector {
            id: ConnectorId::parse(CONNECTOR)?,
            display_name: "Contoso".into(),
            mode: ConnectorMode::On,
            untested: true,
            configuration: ConnectorConfiguration {
                provisioning: ProvisioningPolicy {
                    auto_provision: true,
                    ..ProvisioningPolicy::default()
                },
                ..ConnectorConfiguration::new(ConnectorSettings::Oidc(OidcSettings::new(
                    self.provider.issuer(),
                    "symbolon",
                )))
            },
            client_secret: Some(self.provider_secret.clone()),
            secret_ends_at: None,
            rules: rules("admin").to_string(),
        })
    }

    /// As the documents tell an admin: fill in, test the connection, enable.
    async fn connect_entra(
        &self,
        caller: &AdminCaller,
        tenant: &TenantRecord,
    ) -> anyhow::Result<()> {
        let new = entra::connector(self.entra_secret)?;
        let id = new.id.clone();
        create_connector(self.broker, caller, tenant, new).await?;
        let report = admin::test_connection(self.broker, tenant, &id).await?;
        ensure!(report.is_green(), "the mock of Entra fails its test: {:?}", report.failure());
        let enabled = ModeChange { mode: ConnectorMode::On, untested: false };
        Ok(set_connector_mode(self.broker, caller, tenant, (&id, enabled)).await?)
    }

    async fn register_application(
        &self,
        caller: &AdminCaller,
        tenant: &TenantRecord,
        id: ApplicationId,
    ) -> anyhow::Result<()> {
        let redirect_uri = RedirectUri::parse(self.application.redirect_uri())?;
        let settings = OpenidSettings {
            post_logout_redirect_uris: vec![RedirectUri::parse(self.application.url())?],
            backchannel_logout_uri: Some(self.application.backchannel_logout_uri().parse()?),
            ..OpenidSettings::new(vec![redirect_uri])
        };
        let new =
            NewApplication { id, display_name: "Contoso Wiki".into(), settings, public: false };
        let created = create_application(self.broker, caller, tenant, new).await?;
        let secret = created.secret.context("the demo application has a secret")?;
        write_secret(self.application_secret, secret.expose_secret())
    }
}
