//! A connector with its credential, its first settings and the first version of its mapping.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};
use symbolon_contract::ConnectorId;
use symbolon_storage::{Connector as Row, ConnectorVersion, SealedSecret};

use super::{check, mode, row_mode, saml, saml_keys};
use crate::admin::landing::check_landing;
use crate::admin::mapping::{NewMapping, PluginChoice, check_first, set_mapping};
use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::connectors::entra::{self, ResolvedDirectory};
use crate::connectors::{ConnectorConfiguration, ConnectorRecord, ConnectorSettings};
use crate::policy::ConnectorMode;
use crate::secrets::{Purpose, hint_of};
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
    /// Open it to people before any test; kept in the audit trail (N33).
    pub untested: bool,
    /// Its configuration.
    pub configuration: ConnectorConfiguration,
    /// Its credential, where the kind needs one.
    pub client_secret: Option<SecretString>,
    /// When the credential ends, as its maker shows it (N20).
    pub secret_ends_at: Option<DateTime<Utc>>,
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
    let configuration = saml::complete(broker, new.configuration).await?;
    let new = NewConnector { configuration, ..new };
    mode::may_open(broker, new.mode)?;
    if mode::opens(new.mode) && !new.untested {
        return Err(AdminError::Untested(new.id.to_string()));
    }
    let mut problems = check::settings(broker, &new.configuration);
    if new.configuration.callback_path.is_some() {
        problems
            .push("callback_path: only the operator sets it, by `symbolon connector alias`".into());
    }
    problems.extend(check::new_secret(&new.configuration, new.client_secret.as_ref()));
    AdminError::unless_empty(problems)?;
    check_landing(broker, tenant, &new.configuration).await?;
    saml::check_target(broker, tenant, &new.configuration).await?;
    // Before anything is stored: refused rules must not leave a connector without a mapping.
    check_first(broker, tenant, (&new.configuration.upstream, &new.rules)).await?;
    let sealed = sealed(broker, tenant, &new).await?;
    let now = broker.clock.now();
    let row = Row {
        id: new.id.clone(),
        kind: new.configuration.upstream.kind().to_owned(),
        display_name: new.display_name,
        mode: row_mode(new.mode),
        settings: json!(new.configuration),
        version: 1,
        settings_version: 1,
        created_at: now,
        updated_at: now,
    };
    let untested = mode::opens(new.mode);
    let first = first_version(&row, caller);
    let change = Change::by(broker, caller);
    let (id, stored) = (tenant.id.clone(), row.clone());
    broker
        .database
        .write(move |conn| {
            let mut rows = conn.tenant(&id);
            rows.connectors().insert(&row)?;
            rows.connector_versions().insert(&first)?;
            for sealed in &sealed {
                rows.secrets().put(sealed)?;
            }
            let what = ("connector.created", "connector", row.id.as_str());
            let mut changes = vec![json!({ "field": "settings", "to": row.settings })];
            changes.extend(untested.then(mode::override_used));
            change.record(conn, &id, what, Value::Array(changes))
        })
        .await
        .map_err(AdminError::exists("connector", stored.id.as_str()))?;
    let connector = ConnectorRecord::try_from(stored)?;
    let rules = NewMapping {
        configuration: new.rules,
        plugin: PluginChoice::Bundled,
        note: None,
        admin_default: true,
    };
    set_mapping(broker, caller, tenant, (&connector.id, rules)).await?;
    Ok(connector)
}

async fn sealed(
    broker: &Broker,
    tenant: &TenantRecord,
    new: &NewConnector,
) -> Result<Vec<SealedSecret>, AdminError> {
    let mut rows = Vec::new();
    if let ConnectorSettings::Saml(_) = new.configuration.upstream {
        rows.push(saml_keys::first(broker, tenant, &new.id).await?);
    }
    let Some(secret) = &new.client_secret else {
        return Ok(rows);
    };
    let (purpose, owner) = (Purpose::ConnectorClientSecret, new.id.as_str());
    let mut row = broker.secrets.prepare(&tenant.id, purpose, owner, secret).await?;
    row.hint = hint_of(secret);
    row.expires_at = new.secret_ends_at;
    rows.push(row);
    Ok(rows)
}

fn first_version(row: &Row, caller: &AdminCaller) -> ConnectorVersion {
    ConnectorVersion {
        connector_id: row.id.clone(),
        version: 1,
        settings: row.settings.clone(),
        author: caller.name.clone(),
        note: None,
        created_at: row.created_at,
        tested_at: None,
        test_outcome: None,
    }
}

/// What an admin typed as Tenant ID becomes a directory (E-09).
///
/// # Errors
/// [`AdminError::Connector`] when Microsoft knows no such directory, or cannot be asked.
pub async fn resolve_entra_directory(
    broker: &Broker,
    typed: &str,
    cloud: &str,
) -> Result<ResolvedDirectory, AdminError> {
    let clouds = &broker.settings.clouds;
    Ok(entra::resolve_directory(&broker.upstreams, clouds, (typed, cloud)).await?)
}
