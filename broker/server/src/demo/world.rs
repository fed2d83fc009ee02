//! The demo's world: upstreams, an application, and the broker between them, all on this machine.

use std::path::PathBuf;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use symbolon_identity::Broker;
use symbolon_identity::clock::{Clock, SystemClock};
use symbolon_testkit::application::Registration;
use symbolon_testkit::{DemoApplication, FakeEntra, FakeProvider, RegisteredClient};

use super::entra::{self, ENTRA};
use super::folder::Folder;
use super::setup::{CONNECTOR, Setup, TENANT, people, rules};
use crate::cli::DemoArguments;
use crate::config::Settings;
use crate::startup::{build_broker, open_database};

/// A running demo; dropping it stops what runs beside the broker and removes a temporary folder.
pub(super) struct World {
    pub(super) broker_url: String,
    pub(super) provider: FakeProvider,
    pub(super) entra: FakeEntra,
    pub(super) application: DemoApplication,
    pub(super) settings_file: PathBuf,
    pub(super) rules_file: PathBuf,
    pub(super) entra_rules_file: PathBuf,
    _folder: Folder,
}

impl World {
    /// Builds everything around a listener for the broker. A folder that was used before is used again.
    pub(super) async fn build(
        arguments: &DemoArguments,
        ports: Ports,
    ) -> anyhow::Result<(Self, Broker, Settings)> {
        let folder = Folder::open(arguments)?;
        let issuer = format!("http://127.0.0.1:{}/t/{TENANT}", ports.broker);
        let callback = |connector: &str| format!("{issuer}/callback/{connector}");
        let entra_secret =
            entra::Secret::new(folder.kept_secret("entra.secret")?, SystemClock.now());
        let entra = entra::start_mock(ports.entra, &entra_secret, &callback(ENTRA))?;
        let settings_file = folder.write_settings(ports.broker, &entra)?;
        let settings = Settings::load(std::slice::from_ref(&settings_file), Vec::new())?;
        let database = open_database(&settings).await?;
        database.migrate().await?;
        let broker = build_broker(&settings, database)?;
        let application = DemoApplication::builder()
            .port(ports.application)
            .name("Contoso Wiki")
            .scopes("openid profile email roles")
            .start()?;
        let provider_secret = folder.kept_secret("provider.secret")?;
        let provider = start_provider(ports.provider, &provider_secret, &callback(CONNECTOR))?;
        let application_secret = folder.file("application.secret");
        let setup = Setup {
            broker: &broker,
            provider: &provider,
            application: &application,
            provider_secret: &provider_secret,
            entra_secret: &entra_secret,
            application_secret: &application_secret,
        };
        setup.ensure().await?;
        application.register(Registration {
            issuer,
            client_id: "wiki".to_owned(),
            client_secret: Some(std::fs::read_to_string(&application_secret)?),
        });
        let world = Self {
            broker_url: settings.http.public_url.as_str().to_owned(),
            provider,
            entra,
            application,
            settings_file,
            rules_file: folder.kept_rules("rules.json", &rules("admin"))?,
            entra_rules_file: folder.kept_rules("entra-rules.json", &entra::rules("admin")?)?,
            _folder: folder,
        };
        Ok((world, broker, settings))
    }
}

fn start_provider(
    port: u16,
    secret: &SecretString,
    callback: &str,
) -> anyhow::Result<FakeProvider> {
    let client = RegisteredClient::new("symbolon", secret.expose_secret());
    let mut provider = FakeProvider::builder()
        .port(port)
        .name("Contoso sign-in")
        .client(client.redirect_uri(callback));
    for person in people() {
        provider = provider.user(person);
    }
    Ok(provider.start()?)
}

/// Where the four listen; 0 is any free port.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    pub(super) broker: u16,
    provider: u16,
    application: u16,
    entra: u16,
}

impl Ports {
    /// Four in a row, for people who remember them.
    pub(super) fn from(base: u16) -> anyhow::Result<Self> {
        let next = |by: u16| base.checked_add(by).context("--port-base is too high");
        Ok(Self { broker: base, provider: next(1)?, application: next(2)?, entra: next(3)? })
    }

    /// Any, beside the one that the broker has already.
    pub(super) fn any_beside(broker: u16) -> Self {
        Self { broker, provider: 0, application: 0, entra: 0 }
    }
}
