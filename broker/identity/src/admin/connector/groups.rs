//! Groups of the directory, by name or by id (N48, N25): rules hold ids, people read names.

use symbolon_contract::ConnectorId;

use crate::admin::{AdminError, read_connector};
use crate::broker::Broker;
use crate::connectors::connector::AnyConnector;
use crate::connectors::entra::FoundGroup;
use crate::tenants::TenantRecord;

/// What is known of the groups that are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupQuery {
    /// The beginning of the display name.
    Named(String),
    /// Object ids.
    Ids(Vec<String>),
}

/// Asks the directory. Needs the application permission to read groups.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::Invalid`] for another kind, [`AdminError::Connector`] with
/// Microsoft's reason, and those of the database.
pub async fn find_groups(
    broker: &Broker,
    tenant: &TenantRecord,
    (id, query): (&ConnectorId, &GroupQuery),
) -> Result<Vec<FoundGroup>, AdminError> {
    let record = read_connector(broker, &tenant.id, id).await?;
    let AnyConnector::Entra(entra) = AnyConnector::open(broker, tenant, &record).await? else {
        let why = "only connectors to Microsoft Entra ID have a directory to ask";
        return Err(AdminError::Invalid(vec![why.into()]));
    };
    Ok(match query {
        GroupQuery::Named(name) => entra.find_groups(name).await?,
        GroupQuery::Ids(ids) => entra.group_names(ids).await?,
    })
}
