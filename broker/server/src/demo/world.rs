//! The demo's world: a tenant, a connector, an application, people in groups, and files to look at.

use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use symbolon_contract::{ApplicationId, ConnectorId, RoleName, TenantSlug};
use symbolon_identity::Broker;
use symbolon_identity::admin::{
    self, AdminCaller, NewApplication, NewConnector, NewTenant, create_application,
    create_connector, create_tenant, put_role,
};
use symbolon_identity::connectors::oidc::OidcSettings;
use symbolon_identity::connectors::{ConnectorConfiguration, ConnectorSettings};
use symbolon_identity::downstream::{OpenidSettings, RedirectUri};
use symbolon_identity::entropy::{Entropy, SystemEntropy, secret_text};
use symbolon_identity::policy::ConnectorMode;
use symbolon_identity::provisioning::ProvisioningPolicy;
use symbolon_identity::tenants::TenantRecord;
use symbolon_testkit::application::Registration;
use symbolon_testkit::{DemoApplication, FakeProvider, ProviderUser, RegisteredClient};

use crate::cli::{DemoArguments, write_secret};
use crate::config::Settings;
use crate::startup::{build_broker, open_database};

/// The tenant of the demo.
pub(super) const TENANT: &str = "contoso";
/// Its connector.
pub(super) const CONNECTOR: &str = "demo-provider";
/// The group whose people are admins, as the provider sends it.
pub(super) const ADMINS: &str = "5b6c9e3a-0001-4000-8000-00000000ad00";
/// The group of everybody in Engineering.
const ENGINEERS: &str = "5b6c9e3a-0002-4000-8000-00000000e900";

/// A running demo; dropping it stops provider and application and removes a temporary folder.
pub(super) struct World {
    pub(super) broker_url: String,
    pub(super) provider: FakeProvider,
    pub(super) application: DemoApplication,
    pub(super) settings_file: PathBuf,
    pub(super) rules_file: PathBuf,
    _folder: Option<TemporaryFolder>,
}

impl World {
    /// Builds everything around a listener for the broker. A folder that was used before is used again.
    pub(super) async fn build(
        arguments: &DemoArguments,
        ports: Ports,
    ) -> anyhow::Result<(Self, Broker, Settings)> {
        let (folder, temporary) = folder(arguments)?;
        let settings_file = write_settings(&folder, ports.broker)?;
        let settings = Settings::load(std::slice::from_ref(&settings_file), Vec::new())?;
        let database = open_database(&settings).await?;
        database.migrate().await?;
        let broker = build_broker(&settings, database)?;
        let broker_url = settings.http.public_url.as_str().to_owned();
        let application = DemoApplication::builder()
            .port(ports.application)
            .name("Contoso Wiki")
            .scopes("openid profile email roles")
            .start()?;
        let provider_secret = kept_secret(&folder.join("provider.secret"))?;
        let issuer = format!("{broker_url}/t/{TENANT}");
        let client = RegisteredClient::new("symbolon", provider_secret.expose_secret());
        let callback = format!("{issuer}/callback/{CONNECTOR}");
        let mut provider = FakeProvider::builder()
            .port(ports.provider)
            .name("Contoso sign-in")
            .client(client.redirect_uri(&callback));
        for person in people() {
            provider = provider.user(person);
        }
        let provider = provider.start()?;
        let secret_file = folder.join("application.secret");
        let setup = Setup { broker: &broker, provider: &provider, application: &application };
        setup.ensure(&provider_secret, &secret_file).await?;
        let client_secret = std::fs::read_to_string(&secret_file)?;
        let client_id = "wiki".to_owned();
        application.register(Registration {
            issuer,
            client_id,
            client_secret: Some(client_secret),
        });
        let rules_file = folder.join("rules.json");
        if !rules_file.exists() {
            std::fs::write(&rules_file, format!("{:#}\n", rules("admin")))?;
        }
        let world = Self {
            broker_url,
            provider,
            application,
            settings_file,
            rules_file,
            _folder: temporary,
        };
        Ok((world, broker, settings))
    }

    /// What a person should do now.
    pub(super) fn invitation(&self) -> String {
        let program = std::env::args().next().unwrap_or_else(|| "symbolon".into());
        format!(
            "\nSymbolon is running.\n\n  \
             1. Open {app}  (the demo application) and click \"Sign in\".\n  \
             2. At the demo provider ({provider}, not Symbolon) choose Alice Martin.\n  \
             3. You are back, signed in: name, e-mail, department, and the roles that the mapping \
             plugin gave.\n\n\
             Change the rules while it runs: edit {rules}, then\n\n  \
             {program} --config {settings} mapping set {TENANT} {CONNECTOR} --rules {rules}\n\n\
             and click \"sign in again\". The audit trail: \
             {program} --config {settings} audit export {TENANT}\n\n\
             broker               {broker}/t/{TENANT}/\n\
             demo provider        {provider}\n\
             demo application     {app}\n\n\
             Ctrl-C ends the demo.\n",
            app = self.application.url(),
            provider = self.provider.url(),
            rules = self.rules_file.display(),
            settings = self.settings_file.display(),
            broker = self.broker_url,
        )
    }
}

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

fn people() -> [ProviderUser; 3] {
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

struct Setup<'a> {
    broker: &'a Broker,
    provider: &'a FakeProvider,
    application: &'a DemoApplication,
}

impl Setup<'_> {
    /// Makes what is not there yet, by the use cases that the command line has.
    async fn ensure(
        &self,
        provider_secret: &SecretString,
        secret_file: &Path,
    ) -> anyhow::Result<()> {
        let slug = TenantSlug::parse(TENANT)?;
        if admin::read_tenant(self.broker, &slug).await.is_ok() {
            return Ok(());
        }
        let caller = AdminCaller::command_line();
        let new = NewTenant {
            slug,
            display_name: "Contoso".into(),
            contact: Some("it-help@contoso.com".into()),
        };
        let tenant = create_tenant(self.broker, &caller, new).await?;
        let editor = (RoleName::parse("editor")?, "May write".to_owned(), true);
        put_role(self.broker, &caller, &tenant, editor).await?;
        let connector = self.connector(provider_secret)?;
        create_connector(self.broker, &caller, &tenant, connector).await?;
        self.register_application(&caller, &tenant, secret_file).await
    }

    fn connector(&self, secret: &SecretString) -> anyhow::Result<NewConnector> {
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
            client_secret: Some(secret.clone()),
            secret_ends_at: None,
            rules: rules("admin").to_string(),
        })
    }

    async fn register_application(
        &self,
        caller: &AdminCaller,
        tenant: &TenantRecord,
        secret_file: &Path,
    ) -> anyhow::Result<()> {
        let redirect_uri = RedirectUri::parse(self.application.redirect_uri())?;
        let new = NewApplication {
            id: ApplicationId::parse("wiki")?,
            display_name: "Contoso Wiki".into(),
            settings: OpenidSettings::new(vec![redirect_uri]),
            public: false,
        };
        let created = create_application(self.broker, caller, tenant, new).await?;
        let secret = created.secret.context("the demo application has a secret")?;
        write_secret(secret_file, secret.expose_secret())
    }
}

/// Where the three listen; 0 is any free port.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    pub(super) broker: u16,
    provider: u16,
    application: u16,
}

impl Ports {
    /// Three in a row, for people who remember them.
    pub(super) fn from(base: u16) -> anyhow::Result<Self> {
        let next = |by: u16| base.checked_add(by).context("--port-base is too high");
        Ok(Self { broker: base, provider: next(1)?, application: next(2)? })
    }

    /// Any, beside the one that the broker has already.
    pub(super) fn any_beside(broker: u16) -> Self {
        Self { broker, provider: 0, application: 0 }
    }
}

fn folder(arguments: &DemoArguments) -> anyhow::Result<(PathBuf, Option<TemporaryFolder>)> {
    if let Some(given) = &arguments.data {
        std::fs::create_dir_all(given)
            .with_context(|| format!("{} cannot be made", given.display()))?;
        return Ok((std::fs::canonicalize(given)?, None));
    }
    let name = format!("symbolon-demo-{}", secret_text(&SystemEntropy, 9));
    let path = std::env::temp_dir().join(name);
    std::fs::create_dir(&path)?;
    Ok((path.clone(), Some(TemporaryFolder(path))))
}

fn write_settings(folder: &Path, port: u16) -> anyhow::Result<PathBuf> {
    let file = folder.join("symbolon.toml");
    let key_file = folder.join("master.key");
    if !key_file.exists() {
        let mut key = [0; 32];
        SystemEntropy.fill(&mut key);
        write_secret(&key_file, &STANDARD.encode(key))?;
    }
    let settings = format!(
        "# Written by `symbolon demo`.\n\n\
         [http]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"http://127.0.0.1:{port}\"\n\n\
         [database]\nurl = \"sqlite:{database}\"\n\n\
         [secrets]\nactive = \"demo\"\n\n[secrets.keys]\ndemo_file = \"{key}\"\n\n\
         # The demo provider is on this machine, where nothing is fetched from otherwise.\n\
         [outgoing]\nallow_private = [\"127.0.0.0/8\"]\n\n\
         [telemetry]\nfilter = \"warn\"\n",
        database = folder.join("symbolon.sqlite").display(),
        key = key_file.display(),
    );
    std::fs::write(&file, settings)?;
    Ok(file)
}

fn kept_secret(file: &Path) -> anyhow::Result<SecretString> {
    if !file.exists() {
        write_secret(file, &secret_text(&SystemEntropy, 32))?;
    }
    Ok(std::fs::read_to_string(file)?.into())
}

struct TemporaryFolder(PathBuf);

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What cannot be removed lies in the system's folder for such things.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
