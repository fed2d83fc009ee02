//! Reports are kept sealed, because they hold claims of a person, and for an hour only.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde_json::json;
use symbolon_contract::TenantId;
use symbolon_storage::StorageError;

use super::TestReport;
use crate::broker::Broker;
use crate::secrets::{Purpose, SecretsError};

/// How long the link of a test sign-in works.
pub const LINK_LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// How long its report is kept.
pub const REPORT_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Seals a report for its row.
///
/// # Errors
/// Those of the secret store.
pub async fn seal(
    broker: &Broker,
    tenant: &TenantId,
    report: &TestReport,
) -> Result<String, SecretsError> {
    let plaintext = json!(report).to_string();
    let purpose = Purpose::TestSignInReport;
    broker.secrets.seal(tenant, purpose, &report.id, plaintext.as_bytes()).await
}

/// What there is of a test sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// No such test, or none any more.
    Nothing,
    /// Nobody has come back yet.
    Waiting,
    /// The report.
    Report(Box<TestReport>),
}

/// Opens the report of a test sign-in.
///
/// # Errors
/// Those of the secret store and the database.
pub async fn read(broker: &Broker, tenant: &TenantId, id: &str) -> Result<Kept, SecretsError> {
    let (of, wanted, now) = (tenant.clone(), id.to_owned(), broker.clock.now());
    let row =
        broker.database.read(move |conn| conn.tenant(&of).test_sign_ins().find(&wanted)).await?;
    let Some(row) = row.filter(|row| now < row.expires_at) else {
        return Ok(Kept::Nothing);
    };
    let Some(sealed) = row.result else {
        return Ok(Kept::Waiting);
    };
    let purpose = Purpose::TestSignInReport;
    let opened = broker.secrets.open_text(tenant, purpose, id, &sealed).await?;
    let report: TestReport = serde_json::from_str(opened.expose_secret()).map_err(|error| {
        StorageError::Corrupt { table: "test_sign_ins", why: error.to_string() }
    })?;
    Ok(if now < report.expires_at { Kept::Report(Box::new(report)) } else { Kept::Nothing })
}
