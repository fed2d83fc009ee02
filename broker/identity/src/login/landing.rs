//! Where people go after a sign-in that no application asked for (N41).

use symbolon_storage::{StorageResult, TenantRows};
use url::Url;

use crate::connectors::ConnectorRecord;
use crate::downstream::{Application, may_land};

/// The connector's landing page, if it is still one of ours or of an application of the tenant.
pub(super) fn after(
    rows: &mut TenantRows<'_>,
    connector: &ConnectorRecord,
    public_url: &str,
) -> StorageResult<Option<Url>> {
    let Some(url) = &connector.configuration.landing_url else {
        return Ok(None);
    };
    let applications = rows.applications().list()?.into_iter().map(Application::try_from);
    let applications = applications.collect::<StorageResult<Vec<_>>>()?;
    if may_land(url, public_url, &applications) {
        return Ok(Some(url.clone()));
    }
    tracing::warn!(
        connector = %connector.id,
        landing_url = %url,
        "the landing page belongs to no application of the tenant any more; the account page is shown"
    );
    Ok(None)
}
