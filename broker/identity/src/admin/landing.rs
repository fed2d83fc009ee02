//! The landing page of a connector is checked when it is saved, and again when it is used (N41).

use super::AdminError;
use crate::broker::Broker;
use crate::connectors::ConnectorConfiguration;
use crate::downstream::{Application, may_land};
use crate::tenants::TenantRecord;

/// Refuses a landing page that is neither ours nor an application's of the tenant.
pub(super) async fn check_landing(
    broker: &Broker,
    tenant: &TenantRecord,
    configuration: &ConnectorConfiguration,
) -> Result<(), AdminError> {
    let Some(url) = &configuration.landing_url else {
        return Ok(());
    };
    let id = tenant.id.clone();
    let rows = broker.database.read(move |conn| conn.tenant(&id).applications().list()).await?;
    let applications =
        rows.into_iter().map(Application::try_from).collect::<Result<Vec<_>, _>>()?;
    if may_land(url, &broker.settings.public_url, &applications) {
        return Ok(());
    }
    Err(AdminError::Invalid(vec![format!(
        "landing_url: {url} is on no host of ours and of no application of this tenant"
    )]))
}
