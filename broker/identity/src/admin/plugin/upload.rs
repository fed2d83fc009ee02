//! Uploaded bytes become a plugin that versions may name. Nothing is compiled before everything cheaper was
//! checked, and nothing is stored before it answered (wasm.md §9).

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use symbolon_contract::{Description, PluginDigest, TenantId};
use symbolon_plugin_host::{Class, Inspection, Loaded, PluginHost, verify};
use symbolon_storage::{Connection, PluginClass, PluginSummary as Row, StorageResult};

use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::tenants::TenantRecord;

/// Plugins that a tenant may keep (WP-60).
pub(super) const MOST_PLUGINS: i64 = 20;

/// A component to store.
#[derive(Clone)]
pub struct NewPlugin {
    /// Its bytes.
    pub component: Vec<u8>,
    /// A detached minisign signature of these bytes.
    pub signature: Option<String>,
}

impl fmt::Debug for NewPlugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPlugin").field("bytes", &self.component.len()).finish_non_exhaustive()
    }
}

/// A plugin that was stored.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UploadedPlugin {
    /// SHA-256 of its bytes: its name.
    pub digest: PluginDigest,
    /// What it says about itself.
    pub description: Description,
    /// `standard` or `large`.
    pub class: String,
    /// What the bytes say: size, contract version, parts.
    pub inspection: Value,
    /// The key of the signature, if it was checked.
    pub signed_by: Option<String>,
    /// Whether the same bytes were stored before.
    pub known: bool,
}

/// A component that passed every check and answers.
pub(super) struct Accepted {
    pub(super) loaded: Loaded,
    pub(super) inspection: Inspection,
    pub(super) signed_by: Option<String>,
}

/// Checks, compiles, tries and stores a component of a tenant. The same bytes again are the same plugin.
///
/// # Errors
/// [`AdminError::Signature`], [`AdminError::PluginClass`], [`AdminError::PluginQuota`], [`AdminError::Mapping`]
/// with what is wrong with the component, and those of the database.
pub async fn upload_plugin(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    new: NewPlugin,
) -> Result<UploadedPlugin, AdminError> {
    let component: Arc<[u8]> = Arc::from(new.component);
    let class = Class::needed(&component);
    check_room(broker, tenant, (&component, class)).await?;
    let accepted = accept(broker, &component, (class, new.signature.as_deref())).await?;
    let row = Row {
        digest: accepted.loaded.digest.clone(),
        name: accepted.loaded.description.name.clone(),
        description: Some(json!(accepted.loaded.description)),
        class: stored_class(class),
        author: Some(caller.name.clone()),
        signed_by: accepted.signed_by.clone(),
        inspection: Some(json!(accepted.inspection)),
        created_at: broker.clock.now(),
    };
    let (change, id) = (Change::by(broker, caller), tenant.id.clone());
    let fresh = broker.database.write(move |conn| store(conn, &id, &change, (&row, &component)));
    Ok(UploadedPlugin {
        known: !fresh.await?,
        digest: accepted.loaded.digest,
        description: accepted.loaded.description,
        class: class.to_string(),
        inspection: json!(accepted.inspection),
        signed_by: accepted.signed_by,
    })
}

/// Every check of a component, the cheapest first; also for the operator's library.
pub(super) async fn accept(
    broker: &Broker,
    component: &Arc<[u8]>,
    (class, signature): (Class, Option<&str>),
) -> Result<Accepted, AdminError> {
    let inspection = broker.plugins.inspect(component, class).map_err(AdminError::Component)?;
    let signed_by = check_signature(broker, component, signature)?;
    let loaded = broker.plugins.load_as(Arc::clone(component), class).await;
    Ok(Accepted { loaded: loaded.map_err(AdminError::Component)?, inspection, signed_by })
}

/// WP-85: a signature that is given must fit; where the operator demands one, it must be there.
fn check_signature(
    broker: &Broker,
    component: &[u8],
    given: Option<&str>,
) -> Result<Option<String>, AdminError> {
    let rules = &broker.settings.plugins;
    match given {
        None if rules.require_signature => {
            Err(AdminError::Signature("the upload has no signature".to_owned()))
        }
        None => Ok(None),
        Some(given) => match verify(component, given, &rules.trusted_keys) {
            Ok(key) => Ok(Some(key.to_string())),
            Err(error) => Err(AdminError::Signature(error.to_string())),
        },
    }
}

async fn check_room(
    broker: &Broker,
    tenant: &TenantRecord,
    (component, class): (&[u8], Class),
) -> Result<(), AdminError> {
    let digest = PluginHost::digest_of(component);
    let id = tenant.id.clone();
    let (stored, own) = broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&id);
            let stored = rows.plugins().list()?;
            let own = rows.plugins().summary(&digest)?.is_some();
            Ok((stored, own))
        })
        .await?;
    if own {
        return Ok(());
    }
    if i64::try_from(stored.len()).unwrap_or(i64::MAX) >= MOST_PLUGINS {
        return Err(AdminError::PluginQuota(MOST_PLUGINS));
    }
    let large = stored.iter().filter(|one| one.class == PluginClass::Large).count();
    let allowed = usize::try_from(tenant.settings.large_plugins).unwrap_or(usize::MAX);
    if class == Class::Large && large >= allowed {
        return Err(AdminError::PluginClass { allowed: tenant.settings.large_plugins });
    }
    Ok(())
}

pub(super) fn stored_class(class: Class) -> PluginClass {
    match class {
        Class::Standard => PluginClass::Standard,
        Class::Large => PluginClass::Large,
    }
}

fn store(
    conn: &mut Connection,
    tenant: &TenantId,
    change: &Change,
    (row, component): (&Row, &[u8]),
) -> StorageResult<bool> {
    let fresh = conn.tenant(tenant).plugins().add(row, component)?;
    if fresh {
        let changes = json!([
            { "field": "name", "to": row.name },
            { "field": "class", "to": row.class.as_str() },
            { "field": "signed_by", "to": row.signed_by },
        ]);
        change.record(conn, tenant, ("plugin.uploaded", "plugin", row.digest.as_str()), changes)?;
    }
    Ok(fresh)
}
