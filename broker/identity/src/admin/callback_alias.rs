//! Old callback paths: an app registration that was made for another program keeps its redirect URI (B8).

use chrono::{DateTime, Utc};
use serde_json::json;
use symbolon_contract::{ConnectorId, TenantId};
use symbolon_storage::{CallbackAlias, Connection, ConnectorVersion};

use super::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::connectors::ConnectorRecord;
use crate::tenants::TenantRecord;

const LONGEST: usize = 200;

/// First segments that are ours, or may become so.
const OURS: [&str; 14] = [
    "t",
    "static",
    "assets",
    "livez",
    "readyz",
    "health",
    "healthz",
    "metrics",
    "api",
    "admin",
    "scim",
    "setup",
    ".well-known",
    "favicon.ico",
];

/// Makes an old path the callback of a connector, byte for byte (B7); returns the new version of the
/// settings. For the operator alone: paths belong to the whole deployment.
///
/// # Errors
/// [`AdminError::Invalid`] with every problem, [`AdminError::Exists`], [`AdminError::NotFound`] and those of
/// the database.
pub async fn set_callback_alias(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (connector, path): (&ConnectorId, &str),
) -> Result<i32, AdminError> {
    operator_only(caller)?;
    AdminError::unless_empty(problems(path))?;
    let change = Saving::new(broker, caller, tenant, connector);
    let alias = CallbackAlias {
        path: path.to_owned(),
        tenant_id: tenant.id.clone(),
        connector_id: connector.clone(),
        created_at: change.now,
    };
    broker
        .database
        .try_write(move |conn| {
            let version = change.save(conn, Some(&alias.path))?;
            let known = conn.tenant(&alias.tenant_id).callback_aliases().of(&alias.connector_id)?;
            if let Some(known) = known {
                conn.operator().delete_callback_alias(&known)?;
            }
            let exists = AdminError::exists("callback path", &alias.path);
            conn.operator().insert_callback_alias(&alias).map_err(exists)?;
            Ok(version)
        })
        .await
}

/// Takes the old path away; returns the new version of the settings.
///
/// # Errors
/// [`AdminError::NotFound`] when there is no connector or no path, and those of the database.
pub async fn clear_callback_alias(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    connector: &ConnectorId,
) -> Result<i32, AdminError> {
    operator_only(caller)?;
    let change = Saving::new(broker, caller, tenant, connector);
    broker
        .database
        .try_write(move |conn| {
            let known = conn.tenant(&change.tenant).callback_aliases().of(&change.connector)?;
            let known = known.ok_or_else(|| AdminError::NotFound {
                kind: "callback path of connector",
                id: change.connector.to_string(),
            })?;
            conn.operator().delete_callback_alias(&known)?;
            change.save(conn, None)
        })
        .await
}

fn operator_only(caller: &AdminCaller) -> Result<(), AdminError> {
    if caller.kind == "operator" {
        return Ok(());
    }
    Err(AdminError::Invalid(vec!["callback paths are set by the operator alone".into()]))
}

/// Everything that is wrong with a path. It is compared byte by byte, so nothing is mended.
fn problems(path: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
    if !path.starts_with('/') || path == "/" {
        problems.push("path: begins with / and is not / alone".to_owned());
    }
    if path.len() > LONGEST {
        problems.push(format!("path: longer than {LONGEST} characters"));
    }
    if !path.chars().all(plain) {
        problems.push("path: letters, digits and / - . _ ~ only; no query, no fragment".to_owned());
    }
    let mut segments = path.split('/').skip(1);
    let first = segments.next().unwrap_or_default().to_ascii_lowercase();
    if path.contains("//") || path.split('/').any(|one| one == "." || one == "..") {
        problems.push("path: no empty segment, no . and no ..".to_owned());
    }
    if OURS.contains(&first.as_str()) {
        problems.push(format!("path: /{first} is one of our own"));
    }
    problems
}

/// A new version of the settings with another callback path.
struct Saving {
    change: Change,
    author: String,
    tenant: TenantId,
    connector: ConnectorId,
    now: DateTime<Utc>,
}

impl Saving {
    fn new(
        broker: &Broker,
        caller: &AdminCaller,
        tenant: &TenantRecord,
        connector: &ConnectorId,
    ) -> Self {
        Self {
            change: Change::by(broker, caller),
            author: caller.name.clone(),
            tenant: tenant.id.clone(),
            connector: connector.clone(),
            now: broker.clock.now(),
        }
    }

    fn save(&self, conn: &mut Connection, path: Option<&str>) -> Result<i32, AdminError> {
        let mut rows = conn.tenant(&self.tenant);
        let row = rows.connectors().find(&self.connector)?;
        let mut row = row.ok_or_else(|| AdminError::NotFound {
            kind: "connector",
            id: self.connector.to_string(),
        })?;
        let mut configuration = ConnectorRecord::try_from(row.clone())?.configuration;
        let from = configuration.callback_path.take();
        configuration.callback_path = path.map(str::to_owned);
        let expected = row.version;
        row.settings = json!(configuration);
        row.version = expected + 1;
        row.settings_version += 1;
        row.updated_at = self.now;
        rows.connectors().update(&row, expected)?;
        rows.connector_versions().insert(&ConnectorVersion {
            connector_id: self.connector.clone(),
            version: row.settings_version,
            settings: row.settings.clone(),
            author: self.author.clone(),
            note: Some("callback path".into()),
            created_at: self.now,
            tested_at: None,
            test_outcome: None,
        })?;
        let what = ("connector.updated", "connector", self.connector.as_str());
        let changes = json!([{ "field": "callback_path", "from": from, "to": path }]);
        self.change.record(conn, &self.tenant, what, changes)?;
        Ok(row.settings_version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feat_b8_only_paths_that_are_nobodys() {
        for fine in ["/oauth/complete/azuread-oauth2/", "/oidc/callback", "/a", "/T1/x~y_z"] {
            assert_eq!(problems(fine), [""; 0], "{fine}");
        }
        let long = format!("/{}", "a".repeat(LONGEST));
        for wrong in [
            "",
            "/",
            "oauth/x",
            "/t/contoso/callback/x",
            "/T/x",
            "/livez",
            "/static/x",
            "/Static/x",
            "/.well-known/openid-configuration",
            "/a//b",
            "/a/../b",
            "/a/./b",
            "/a?b=c",
            "/a#b",
            "/a%2fb",
            "/a b",
            "/ä",
            "//evil.example",
            "/assets/x",
            "/health",
            &long,
        ] {
            assert!(!problems(wrong).is_empty(), "{wrong}");
        }
    }
}
