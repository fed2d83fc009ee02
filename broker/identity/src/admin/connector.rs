//! Connectors are made, changed, switched and tested.

use secrecy::SecretString;
use serde_json::{Value, json};
use symbolon_contract::ConnectorId;
use symbolon_storage::{Connector as Row, ConnectorMode as RowMode};

use super::mapping::{NewMapping, check_first, set_mapping};
use super::{AdminCaller, AdminError, Change, read_connector};
use crate::broker::Broker;
use crate::connectors::connector::{AnyConnector, Connector};
use crate::connectors::oidc::ClientAuthentication;
use crate::connectors::{
    ConnectionReport, ConnectorConfiguration, ConnectorError, ConnectorRecord, ConnectorSettings,
};
use crate::policy::ConnectorMode;
use crate::secrets::Purpose;
use crate::tenants::TenantRecord;

/// A connector to make.
#[derive(Debug)]
pub struct NewConnector {
    /// Its id: its place in the callback URL.
    pub id: ConnectorId,
    /// The name on its button.
    pub display_name: String,
    /// How far it is rolled out.
    pub mode: ConnectorMode,
    /// Its configuration.
    pub configuration: ConnectorConfiguration,
    /// Its credential, where the kind needs one.
    pub client_secret: Option<SecretString>,
    /// The first rules of its mapping, as the bundled plugin reads them.
    pub rules: String,
}

/// Makes a connector with its credential and the first version of its mapping.
///
/// # Errors
/// [`AdminError::Invalid`] with every problem, [`AdminError::Exists`], and those of the database.
pub async fn create_connector(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    new: NewConnector,
) -> Result<ConnectorRecord, AdminError> {
    let mut problems = problems(broker, &new.configuration);
    problems.extend(secret_problems(&new.configuration, new.client_secret.as_ref()));
    AdminError::unless_empty(problems)?;
    // Before anything is stored: refused rules must not leave a connector without a mapping.
    check_first(broker, tenant, &new.rules).await?;
    let now = broker.clock.now();
    let row = Row {
        id: new.id.clone(),
        kind: new.configuration.upstream.kind().to_owned(),
        display_name: new.display_name,
        mode: row_mode(new.mode),
        settings: json!(new.configuration),
        settings_version: 1,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let sealed = match &new.client_secret {
        None => None,
        Some(secret) => {
            let purpose = Purpose::ConnectorClientSecret;
            Some(broker.secrets.prepare(&tenant.id, purpose, new.id.as_str(), secret).await?)
        }
    };
    let change = Change::by(broker, caller);
    let (id, stored) = (tenant.id.clone(), row.clone());
    broker
        .database
        .write(move |conn| {
            let mut rows = conn.tenant(&id);
            rows.connectors().insert(&row)?;
            if let Some(sealed) = &sealed {
                rows.secrets().put(sealed)?;
            }
            let what = ("connector.created", "connector", row.id.as_str());
            change.record(conn, &id, what, json!([{"field": "settings", "to": row.settings}]))
        })
        .await
        .map_err(AdminError::exists("connector", stored.id.as_str()))?;
    let connector = ConnectorRecord::try_from(stored)?;
    let rules = NewMapping { configuration: new.rules, plugin: None, note: None };
    set_mapping(broker, caller, tenant, (&connector.id, rules)).await?;
    Ok(connector)
}

/// Replaces a connector's configuration. Sessions stay as they are (B21).
///
/// # Errors
/// [`AdminError::Invalid`], [`AdminError::NotFound`], a stale version, and those of the database.
pub async fn update_connector(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, configuration): (&ConnectorId, ConnectorConfiguration),
) -> Result<(), AdminError> {
    AdminError::unless_empty(problems(broker, &configuration))?;
    let change = (json!(configuration), "settings", "connector.updated");
    store(broker, caller, tenant, (id, change, move |row| row.settings = json!(configuration)))
        .await
}

/// Switches a connector.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn set_connector_mode(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, mode): (&ConnectorId, ConnectorMode),
) -> Result<(), AdminError> {
    let name = match mode {
        ConnectorMode::On | ConnectorMode::Enforced | ConnectorMode::Pilot => "connector.enabled",
        ConnectorMode::Off | ConnectorMode::Test => "connector.disabled",
    };
    let change = (json!(mode.as_str()), "mode", name);
    store(broker, caller, tenant, (id, change, move |row| row.mode = row_mode(mode))).await
}

async fn store(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, (to, field, name), turn): (
        &ConnectorId,
        (Value, &'static str, &'static str),
        impl FnOnce(&mut Row) + Send + 'static,
    ),
) -> Result<(), AdminError> {
    let change = Change::by(broker, caller);
    let (tenant, id, now) = (tenant.id.clone(), id.clone(), broker.clock.now());
    broker
        .database
        .try_write(move |conn| {
            let row = conn.tenant(&tenant).connectors().find(&id)?;
            let mut row =
                row.ok_or_else(|| AdminError::NotFound { kind: "connector", id: id.to_string() })?;
            let from = if field == "mode" { json!(row.mode) } else { row.settings.clone() };
            turn(&mut row);
            let expected = row.version;
            row.version = expected + 1;
            row.updated_at = now;
            conn.tenant(&tenant).connectors().update(&row, expected)?;
            let changes = json!([{ "field": field, "from": from, "to": to }]);
            Ok(change.record(conn, &tenant, (name, "connector", row.id.as_str()), changes)?)
        })
        .await
}

/// The connectors of a tenant.
///
/// # Errors
/// Those of the database.
pub async fn list_connectors(
    broker: &Broker,
    tenant: &TenantRecord,
) -> Result<Vec<ConnectorRecord>, AdminError> {
    let tenant = tenant.id.clone();
    let rows = broker.database.read(move |conn| conn.tenant(&tenant).connectors().list()).await?;
    Ok(rows.into_iter().map(ConnectorRecord::try_from).collect::<Result<_, _>>()?)
}

/// Proves of a connector what can be proved without a person.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn test_connection(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<ConnectionReport, AdminError> {
    let record = read_connector(broker, &tenant.id, id).await?;
    match AnyConnector::open(broker, &tenant.id, &record).await {
        Ok(connector) => Ok(connector.test_connection().await),
        Err(ConnectorError::Secrets(error)) => Err(error.into()),
        Err(other) => Err(AdminError::Invalid(vec![other.to_string()])),
    }
}

fn problems(broker: &Broker, configuration: &ConnectorConfiguration) -> Vec<String> {
    let ConnectorSettings::Oidc(settings) = &configuration.upstream;
    let mut problems = settings.problems();
    let given = &settings.endpoints;
    let urls =
        [&settings.discovery_url, &given.authorization, &given.token, &given.jwks, &given.userinfo];
    let issuer = url::Url::parse(&settings.issuer).ok();
    for url in urls.into_iter().flatten().chain(issuer.as_ref()) {
        // What people are sent to, we do not fetch; but an address that we would never fetch is a mistake too.
        if let Err(error) = broker.upstreams.check_url(url) {
            problems.push(format!("{url}: {error}"));
        }
    }
    problems
}

/// A secret is there where one is needed, and is not an id pasted in its place (N21, N22).
fn secret_problems(
    configuration: &ConnectorConfiguration,
    secret: Option<&SecretString>,
) -> Vec<String> {
    use secrecy::ExposeSecret;
    let ConnectorSettings::Oidc(settings) = &configuration.upstream;
    let needs =
        !matches!(settings.client_authentication, ClientAuthentication::PrivateKeyJwt { .. });
    match secret.map(ExposeSecret::expose_secret) {
        None if needs => vec!["client secret: missing".into()],
        Some(text) if text.trim() != text || text.is_empty() => {
            vec!["client secret: empty, or blanks or line breaks around it".into()]
        }
        _ => Vec::new(),
    }
}

fn row_mode(mode: ConnectorMode) -> RowMode {
    match mode {
        ConnectorMode::Off => RowMode::Off,
        ConnectorMode::Test => RowMode::Test,
        ConnectorMode::Pilot => RowMode::Pilot,
        ConnectorMode::On => RowMode::On,
        ConnectorMode::Enforced => RowMode::Enforced,
    }
}
