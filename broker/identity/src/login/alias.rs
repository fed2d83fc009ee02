//! A path that no route answers may be an old callback path of a connector (B8). Paths are compared byte by
//! byte; a near miss is told, because the trailing slash is what people get wrong (B7).

use symbolon_contract::ConnectorId;
use symbolon_storage::{CallbackAlias, StorageError};

use crate::broker::Broker;
use crate::tenants::TenantRecord;

/// What a path is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AliasLookup {
    /// A connector's old callback path.
    Found(TenantRecord, ConnectorId),
    /// Nearly one.
    Near {
        /// The path that there is.
        path: String,
        /// What differs.
        differs_by: &'static str,
    },
    /// None.
    Unknown,
}

/// Looks a path up.
///
/// # Errors
/// Those of the database.
pub async fn find_callback_alias(broker: &Broker, path: &str) -> Result<AliasLookup, StorageError> {
    let path = path.to_owned();
    broker
        .database
        .read(move |conn| {
            let mut operator = conn.operator();
            let Some((tenant, connector)) = operator.find_callback_alias(&path)? else {
                return Ok(near(operator.list_callback_aliases()?, &path));
            };
            let tenant = operator.tenant_by_id(&tenant)?.map(TenantRecord::try_from).transpose()?;
            Ok(tenant.map_or(AliasLookup::Unknown, |tenant| AliasLookup::Found(tenant, connector)))
        })
        .await
}

fn near(aliases: Vec<CallbackAlias>, path: &str) -> AliasLookup {
    let plain = |text: &str| text.trim_end_matches('/').to_ascii_lowercase();
    let found = aliases.into_iter().find(|alias| plain(&alias.path) == plain(path));
    let Some(CallbackAlias { path: known, .. }) = found else {
        return AliasLookup::Unknown;
    };
    let slash = known.ends_with('/') != path.ends_with('/');
    let case = known.trim_end_matches('/') != path.trim_end_matches('/');
    let differs_by = match (slash, case) {
        (true, false) => "the trailing slash",
        (true, true) => "the trailing slash and upper and lower case",
        (false, _) => "upper and lower case, or by more than one slash at the end",
    };
    AliasLookup::Near { path: known, differs_by }
}
