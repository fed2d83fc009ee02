//! A plugin's module is made ready at its first use; nothing is loaded at start-up (WP-74).

use std::sync::Arc;

use symbolon_contract::{PluginDigest, TenantId};
use symbolon_plugin_host::{Class, LoadSource, PluginHost};
use symbolon_storage::{StorageResult, TenantRows};

use super::MappingError;
use crate::broker::Broker;

/// Makes the module of a plugin of this tenant ready: the bundled one, the tenant's own, or one of the
/// operator's library that the tenant has enabled.
pub(crate) async fn ready(
    broker: &Broker,
    tenant: &TenantId,
    digest: &PluginDigest,
) -> Result<(), MappingError> {
    if broker.plugins.is_loaded(digest) {
        return Ok(());
    }
    let (bundled, bytes) = PluginHost::bundled();
    let (bytes, class): (Arc<[u8]>, Class) = if digest == bundled {
        (Arc::from(bytes), Class::Standard)
    } else {
        let (of, wanted) = (tenant.clone(), digest.clone());
        let stored = broker.database.read(move |conn| {
            let mut rows = conn.tenant(&of);
            match rows.plugins().find(&wanted)? {
                Some(own) => Ok(Some(own)),
                None => Ok(rows.library().find(&wanted)?.map(|(_, component)| component)),
            }
        });
        let bytes = stored.await?.ok_or_else(|| MappingError::PluginMissing(digest.clone()))?;
        let class = Class::needed(&bytes);
        (Arc::from(bytes), class)
    };
    let loaded = broker.plugins.load_as(bytes, class).await?;
    if loaded.source == LoadSource::CacheRejected {
        tracing::error!(%digest, "a compiled plugin in the cache folder was not ours and was thrown away");
        super::consequences::cache_rejected(broker, digest).await;
    }
    Ok(())
}

/// Whether a plugin is this tenant's to run: a module in memory may be another tenant's, or one that the operator
/// has retired since.
pub(super) fn is_usable(rows: &mut TenantRows<'_>, digest: &PluginDigest) -> StorageResult<bool> {
    Ok(digest == PluginHost::bundled().0
        || rows.library().is_enabled(digest)?
        || rows.plugins().summary(digest)?.is_some())
}
