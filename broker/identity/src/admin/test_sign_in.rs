//! The link of a test sign-in, and what came of it (N34).

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use symbolon_contract::ConnectorId;
use symbolon_storage::{NewSingleUse, SingleUseKind, TestSignIn};

use super::{AdminCaller, AdminError, Change, read_connector};
use crate::broker::Broker;
use crate::policy::ConnectorMode;
use crate::secrets::sha256_hex;
use crate::tenants::{TenantRecord, issuer};
use crate::test_sign_in::{Kept, LINK_LIFETIME, REPORT_LIFETIME, TestReport, read};

/// The link of a test sign-in. Whoever opens it first makes the test.
#[derive(Debug, Clone)]
pub struct TestSignInLink {
    /// The test, to ask for its report. Not a secret.
    pub id: String,
    /// To be opened once, in a browser.
    pub url: SecretString,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Makes the link of a test sign-in through a connector in any mode but off.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::Invalid`] for a connector that is off, and those of the database.
pub async fn begin_test_sign_in(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    connector: &ConnectorId,
) -> Result<TestSignInLink, AdminError> {
    let record = read_connector(broker, &tenant.id, connector).await?;
    if record.mode == ConnectorMode::Off {
        let problem = format!("connector {connector} is off: switch it to `test` first");
        return Err(AdminError::Invalid(vec![problem]));
    }
    let (id, handle) = (broker.ids.new_row_id(), broker.new_secret());
    let now = broker.clock.now();
    let expires_at = now + LINK_LIFETIME;
    let new = NewSingleUse {
        value_hash: sha256_hex(handle.expose_secret().as_bytes()),
        payload: json!({ "test": id, "connector": connector }),
        created_at: now,
        expires_at,
    };
    // The row outlives link, attempt and report.
    let kept_until = expires_at + broker.settings.attempt_lifetime + REPORT_LIFETIME;
    let test = TestSignIn {
        id: id.clone(),
        connector_id: connector.clone(),
        result: None,
        created_at: now,
        expires_at: kept_until + TimeDelta::minutes(1),
    };
    let change = Change::by(broker, caller);
    let owner = tenant.id.clone();
    broker
        .database
        .write(move |conn| {
            let mut rows = conn.tenant(&owner);
            rows.test_sign_ins().insert(&test)?;
            rows.single_use(SingleUseKind::TestSignIn).put(&new)?;
            let what = ("connector.test_link_made", "connector", test.connector_id.as_str());
            change.record(conn, &owner, what, json!([{ "field": "test", "to": test.id }]))
        })
        .await?;
    let base = issuer(&broker.settings.public_url, &tenant.slug);
    let url = format!("{base}/test-sign-in/{}", handle.expose_secret());
    Ok(TestSignInLink { id, url: url.into(), expires_at })
}

/// The report of a test sign-in; `None` while nobody has come back.
///
/// # Errors
/// [`AdminError::NotFound`] also for a report that is older than an hour, and those of the secret store.
pub async fn read_test_sign_in(
    broker: &Broker,
    tenant: &TenantRecord,
    id: &str,
) -> Result<Option<Box<TestReport>>, AdminError> {
    match read(broker, &tenant.id, id).await? {
        Kept::Nothing => Err(AdminError::NotFound { kind: "test sign-in", id: id.to_owned() }),
        Kept::Waiting => Ok(None),
        Kept::Report(report) => Ok(Some(report)),
    }
}
