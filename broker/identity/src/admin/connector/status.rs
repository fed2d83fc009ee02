//! The status of a connector as one document (N71 to N76), with the help that fits what is wrong.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_storage::{
    AuditEvent, Connection, ConnectorHealth, HealthState, MappingTarget, StorageResult,
};

use super::credentials::{self, CredentialFacts, NextExpiry};
use super::health;
use super::help::{self, HelpLine};
use super::who::{self, Button, Surroundings, WhoCanSignIn};
use crate::admin::AdminError;
use crate::broker::Broker;
use crate::connectors::{ConnectorRecord, ConnectorSettings};
use crate::downstream::Application;
use crate::policy::ConnectorMode;
use crate::tenants::TenantRecord;

/// How a connector is, and what follows for people.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ConnectorStatus {
    /// The upstream's name, for example `Microsoft Entra ID`.
    pub provider: &'static str,
    /// `Connected`, `Disconnected` or `Unknown`.
    pub status: &'static str,
    /// The same as pages show it.
    pub status_line: &'static str,
    /// When a sign-in last wrote a user of this connector.
    pub last_sync: Option<DateTime<Utc>>,
    /// When users are written.
    pub sync: &'static str,
    /// Users that are linked to this connector.
    pub users_synced: i64,
    /// Sign-ins that were refused or failed in the last 24 hours.
    pub failed_logins_24h: i64,
    /// The end of the present credential.
    pub next_expiry: Option<NextExpiry>,
    /// What last went wrong, of sign-ins and of our own looks.
    pub last_error: Option<LastError>,
    /// What to do, while disconnected.
    pub help: Vec<HelpLine>,
    /// `oidc`, `entra` or `saml`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The connector's id.
    pub connector: ConnectorId,
    /// The name on its button.
    pub display_name: String,
    /// How far it is rolled out.
    pub mode: &'static str,
    /// The version of its settings.
    pub settings_version: i32,
    /// Whether that version has a green test.
    pub tested: bool,
    /// The version of the active mapping.
    pub mapping_version: Option<i32>,
    /// When it was last looked at.
    pub checked_at: Option<DateTime<Utc>>,
    /// When it was last found well.
    pub last_success_at: Option<DateTime<Utc>>,
    /// What was looked at then, and how it ended.
    pub checks: Value,
    /// The stored credentials.
    pub credentials: Vec<CredentialFacts>,
    /// Its button.
    pub button: Button,
    /// Who can sign in how.
    pub who: Vec<WhoCanSignIn>,
}

/// What last went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LastError {
    /// The reason code.
    pub reason: String,
    /// What was seen.
    pub detail: String,
    /// What it means.
    pub cause: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// Of a sign-in: the id that the person saw, for searching.
    pub trace_id: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a switch would do, before it is made (N58).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ModePreview {
    /// The mode that it has.
    pub from: &'static str,
    /// The mode that is looked at.
    pub to: &'static str,
    /// Its button would be.
    pub button: Button,
    /// Who could sign in how.
    pub who: Vec<WhoCanSignIn>,
}

/// How a connector is.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn connector_status(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &ConnectorId,
) -> Result<ConnectorStatus, AdminError> {
    let now = broker.clock.now();
    Ok(describe(Facts::read(broker, tenant, id).await?, tenant, now))
}

/// What switching a connector would do. Changes nothing.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn preview_mode(
    broker: &Broker,
    tenant: &TenantRecord,
    (id, to): (&ConnectorId, ConnectorMode),
) -> Result<ModePreview, AdminError> {
    let facts = Facts::read(broker, tenant, id).await?;
    Ok(ModePreview {
        from: facts.record.mode.as_str(),
        to: to.as_str(),
        button: who::button(to, &facts.around),
        who: who::who(&facts.record, to, &facts.around),
    })
}

/// Everything that is read, in one turn.
struct Facts {
    record: ConnectorRecord,
    health: ConnectorHealth,
    credentials: Vec<CredentialFacts>,
    mapping_version: Option<i32>,
    last_sync: Option<DateTime<Utc>>,
    failed: i64,
    last_failed: Option<AuditEvent>,
    around: Surroundings,
}

impl Facts {
    async fn read(
        broker: &Broker,
        tenant: &TenantRecord,
        id: &ConnectorId,
    ) -> Result<Self, AdminError> {
        let since = broker.clock.now() - TimeDelta::hours(24);
        let (tenant, id) = (tenant.clone(), id.clone());
        let missing = AdminError::NotFound { kind: "connector", id: id.to_string() };
        let read =
            broker.database.read(move |conn| Self::gather(conn, &tenant, (&id, since))).await?;
        read.ok_or(missing)
    }

    fn gather(
        conn: &mut Connection,
        tenant: &TenantRecord,
        (id, since): (&ConnectorId, DateTime<Utc>),
    ) -> StorageResult<Option<Self>> {
        const FAILED: &str = "user.sso_login_failed";
        let mut rows = conn.tenant(&tenant.id);
        let Some(row) = rows.connectors().find(id)? else {
            return Ok(None);
        };
        let version = rows.connector_versions().find(id, row.settings_version)?;
        let tested = version.is_some_and(|one| one.test_outcome.as_deref() == Some("passed"));
        let record = ConnectorRecord::try_from(row)?;
        let around = surroundings(conn, tenant, (id, tested))?;
        let credentials = credentials::stored(conn, &tenant.id, &record)?;
        let mut rows = conn.tenant(&tenant.id);
        let active_version = rows
            .mapping(&MappingTarget::connector(id))
            .state()?
            .and_then(|state| state.active_version);
        let health = rows.connector_health().find(id)?;
        Ok(Some(Self {
            record,
            health: health.unwrap_or_else(|| health::unknown(id)),
            credentials,
            mapping_version: active_version,
            last_sync: rows.identity_links().last_sign_in(id)?,
            failed: rows.audit().count_since(FAILED, id, since)?,
            last_failed: rows.audit().last_of(FAILED, id)?,
            around,
        }))
    }
}

fn surroundings(
    conn: &mut Connection,
    tenant: &TenantRecord,
    (id, tested): (&ConnectorId, bool),
) -> StorageResult<Surroundings> {
    let mut rows = conn.tenant(&tenant.id);
    let domains = rows.domains().list()?.into_iter();
    let elsewhere = domains.filter_map(|domain| {
        let other = domain.connector_id.filter(|other| other != id)?;
        domain.verified_at.map(|_| (domain.domain, other.to_string()))
    });
    let served_elsewhere = elsewhere.collect();
    let mut not_offered_by = Vec::new();
    for row in rows.applications().list()? {
        let application = Application::try_from(row)?;
        if !application.settings.accepts(id) {
            not_offered_by.push(application.id.to_string());
        }
    }
    Ok(Surroundings {
        tenant_active: tenant.active,
        tested,
        linked: rows.identity_links().count(id)?,
        unlinked: rows.users().count_without_link_to(id)?,
        served_elsewhere,
        not_offered_by,
    })
}

fn describe(facts: Facts, tenant: &TenantRecord, now: DateTime<Utc>) -> ConnectorStatus {
    let Facts { record, health, around, .. } = &facts;
    let (status, status_line) = match health.state {
        HealthState::Connected => ("Connected", "Connected ✓"),
        HealthState::Disconnected => ("Disconnected", "Disconnected"),
        HealthState::Unknown => ("Unknown", "Unknown: not looked at yet"),
    };
    let last_error = last_error(&facts);
    let help = match health.state {
        HealthState::Disconnected => help::lines(tenant, health, last_error.as_ref()),
        HealthState::Connected | HealthState::Unknown => Vec::new(),
    };
    let checks = health.report.as_ref().and_then(|report| report.get("checks").cloned());
    ConnectorStatus {
        provider: match &record.configuration.upstream {
            ConnectorSettings::Entra(_) => "Microsoft Entra ID",
            ConnectorSettings::Oidc(_) => "OpenID Connect",
            ConnectorSettings::Saml(_) => "SAML 2.0",
        },
        status,
        status_line,
        last_sync: facts.last_sync,
        sync: "at sign-in",
        users_synced: around.linked,
        failed_logins_24h: facts.failed,
        next_expiry: credentials::present_end(&facts.credentials, now),
        last_error,
        help,
        kind: record.configuration.upstream.kind(),
        connector: record.id.clone(),
        display_name: record.display_name.clone(),
        mode: record.mode.as_str(),
        settings_version: record.settings_version,
        tested: around.tested,
        mapping_version: facts.mapping_version,
        checked_at: health.checked_at,
        last_success_at: health.last_success_at,
        checks: checks.unwrap_or_else(|| Value::Array(Vec::new())),
        button: who::button(record.mode, around),
        who: who::who(record, record.mode, around),
        credentials: facts.credentials,
    }
}

/// The newer of the last refused sign-in and the last failed check.
fn last_error(facts: &Facts) -> Option<LastError> {
    let sign_in = facts.last_failed.as_ref().and_then(|event| {
        let detail = event.details.get("detail").and_then(Value::as_str);
        let trace_id = Some(event.trace_id.to_string());
        explained(event.reason.as_deref()?, (detail, trace_id), event.time)
    });
    let check = facts.health.last_error.as_ref().and_then(|check| {
        let text = |name: &str| check.get(name).and_then(Value::as_str);
        // Written before times were kept: as old as the last look.
        let at = text("at").and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        let at = at.map(|at| at.with_timezone(&Utc)).or(facts.health.checked_at)?;
        explained(text("reason")?, (text("detail"), None), at)
    });
    sign_in.into_iter().chain(check).max_by_key(|error| error.at)
}

fn explained(
    reason: &str,
    (detail, trace_id): (Option<&str>, Option<String>),
    at: DateTime<Utc>,
) -> Option<LastError> {
    let entry = ReasonCode::parse(reason)?.entry();
    Some(LastError {
        reason: entry.code.to_owned(),
        detail: detail.unwrap_or_default().to_owned(),
        cause: entry.cause,
        fix: entry.fix,
        trace_id,
        at,
    })
}
