//! One connector is looked at (N72, E-54): directory and keys every few minutes; once a day, and as long as
//! something is wrong, the credential by a real token request, and its end where Microsoft tells it.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use symbolon_contract::ReasonCode;
use symbolon_storage::{ConnectorHealth, HealthState};

use super::credentials::{self, present_kind};
use super::health::{self, Finding};
use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::connectors::connector::AnyConnector;
use crate::connectors::entra::RegisteredCredential;
use crate::connectors::{
    CheckOutcome, ConnectionCheck, ConnectionReport, ConnectorError, ConnectorRecord,
};
use crate::secrets::Purpose;
use crate::tenants::TenantRecord;

/// How often a connector is looked at.
const EVERY: TimeDelta = TimeDelta::minutes(5);
/// How often a credential that works is tried.
const CREDENTIAL_EVERY: TimeDelta = TimeDelta::hours(24);

/// Refusals of sign-ins that mean: our credential.
pub(super) const ABOUT_CREDENTIALS: [ReasonCode; 6] = [
    ReasonCode::EntraSecretInvalid,
    ReasonCode::EntraSecretExpired,
    ReasonCode::EntraCredentialMissing,
    ReasonCode::EntraAssertionRefused,
    ReasonCode::EntraFederatedCredentialUnknown,
    ReasonCode::OidcClientAuthenticationFailed,
];

/// Looks at a connector if it is time, and keeps what is found.
///
/// # Errors
/// Those of the database and of sealed secrets; what is wrong with the upstream is a finding.
pub async fn watch_connector(
    broker: &Broker,
    tenant: &TenantRecord,
    record: &ConnectorRecord,
) -> Result<(), AdminError> {
    let now = broker.clock.now();
    let (known, refused_at) = known(broker, tenant, record).await?;
    if known.checked_at.is_some_and(|at| now - at < EVERY) {
        return Ok(());
    }
    let finding = look(broker, tenant, (record, &known, refused_at)).await?;
    let caller = AdminCaller::system("watch");
    let change = Change::by(broker, &caller);
    let (tenant, record) = (tenant.id.clone(), record.clone());
    broker
        .database
        .write(move |conn| {
            let place = (&tenant, &record.id);
            health::keep(conn, place, (&change, now), &finding)?;
            let stored = credentials::stored(conn, &tenant, &record)?;
            let end = credentials::present_end(&stored, now);
            health::warn_of_end(conn, place, &change, end.as_ref())
        })
        .await?;
    Ok(())
}

/// What the last look found, and when a sign-in was last refused because of our credential.
async fn known(
    broker: &Broker,
    tenant: &TenantRecord,
    record: &ConnectorRecord,
) -> Result<(ConnectorHealth, Option<DateTime<Utc>>), AdminError> {
    let (tenant, id) = (tenant.id.clone(), record.id.clone());
    let read = broker.database.read(move |conn| {
        let mut rows = conn.tenant(&tenant);
        let health = rows.connector_health().find(&id)?;
        let refused = rows.audit().last_of("user.sso_login_failed", &id)?;
        let refused = refused.filter(|event| {
            let reason = event.reason.as_deref().and_then(ReasonCode::parse);
            reason.is_some_and(|reason| ABOUT_CREDENTIALS.contains(&reason))
        });
        Ok((health.unwrap_or_else(|| health::unknown(&id)), refused.map(|event| event.time)))
    });
    Ok(read.await?)
}

async fn look(
    broker: &Broker,
    tenant: &TenantRecord,
    (record, known, refused_at): (&ConnectorRecord, &ConnectorHealth, Option<DateTime<Utc>>),
) -> Result<Finding, AdminError> {
    let mut finding = Finding {
        report: ConnectionReport { summary: None, checks: Vec::new(), unproved: Vec::new() },
        credential_tried: false,
        upstream_says: None,
    };
    let checks = &mut finding.report.checks;
    let connector = match AnyConnector::open(broker, tenant, record).await {
        Ok(connector) => connector,
        Err(ConnectorError::Secrets(error)) => return Err(error.into()),
        Err(ConnectorError::Storage(error)) => return Err(error.into()),
        Err(error) => {
            checks.push(ConnectionCheck::failed("settings", error.reason(), &error));
            return Ok(finding);
        }
    };
    checks.extend(connector.probe().await);
    let reached = checks.iter().all(|check| check.outcome != CheckOutcome::Failed);
    if !reached || !credential_is_due(known, refused_at, broker.clock.now()) {
        return Ok(finding);
    }
    let Some(check) = connector.prove_credentials().await else {
        return Ok(finding);
    };
    // One that only the secret before makes good is tried again soon.
    finding.credential_tried = check.outcome != CheckOutcome::Warning;
    let works = check.outcome != CheckOutcome::Failed;
    finding.report.checks.push(check);
    if let (true, AnyConnector::Entra(entra)) = (works, &connector) {
        // Most registrations may not read themselves, and a Graph that is down is no news about sign-ins.
        if let Ok(Some(registered)) = entra.registered_credentials().await {
            finding.upstream_says = end_of_ours(broker, tenant, record, &registered).await?;
        }
    }
    Ok(finding)
}

/// Once a day while it works; at each look while it does not, so that the mending is seen soon; and when a
/// sign-in was refused because of it.
fn credential_is_due(
    known: &ConnectorHealth,
    refused_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> bool {
    let Some(tried_at) = known.credential_checked_at else {
        return true;
    };
    known.state != HealthState::Connected
        || now - tried_at >= CREDENTIAL_EVERY
        || refused_at.is_some_and(|at| at >= tried_at)
}

/// The end of the credential that we hold, in Microsoft's list: by the first three characters of the secret,
/// which Microsoft shows, else the latest of its kind.
async fn end_of_ours(
    broker: &Broker,
    tenant: &TenantRecord,
    record: &ConnectorRecord,
    registered: &[RegisteredCredential],
) -> Result<Option<DateTime<Utc>>, AdminError> {
    let Some((purpose, _)) = present_kind(record) else {
        return Ok(None);
    };
    let (kind, hint) = match purpose {
        Purpose::ConnectorClientSecret => {
            let secret = broker.secrets.read(&tenant.id, purpose, record.id.as_str()).await?;
            let first = |text: &str| text.chars().take(3).collect::<String>();
            ("secret", secret.map(|secret| first(secret.expose_secret())))
        }
        _ => ("certificate", None),
    };
    let of_kind = || registered.iter().filter(|one| one.kind == kind);
    let ours = of_kind().filter(|one| hint.is_some() && one.hint == hint);
    let ends = ours.filter_map(|one| one.ends_at).max();
    Ok(ends.or_else(|| of_kind().filter_map(|one| one.ends_at).max()))
}
