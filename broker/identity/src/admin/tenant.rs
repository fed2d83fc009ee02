//! Tenants are made and named.

use serde_json::{Value, json};
use symbolon_contract::{ConnectorId, RoleName, TenantId, TenantSlug};
use symbolon_storage::{Role, Tenant, TenantDomain, TenantStatus};

use super::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::tenants::{TenantRecord, TenantSettings};

/// A tenant to make.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its name in URLs.
    pub slug: TenantSlug,
    /// Its name on pages.
    pub display_name: String,
    /// Whom people may ask.
    pub contact: Option<String>,
}

/// The roles that every tenant starts with (N37).
const FIRST_ROLES: [(&str, &str); 2] = [("admin", "Full permissions"), ("viewer", "Read-only")];

/// Makes a tenant with its first roles and signing keys.
///
/// # Errors
/// [`AdminError::Exists`] and those of the database.
pub async fn create_tenant(
    broker: &Broker,
    caller: &AdminCaller,
    new: NewTenant,
) -> Result<TenantRecord, AdminError> {
    let now = broker.clock.now();
    let change = Change::by(broker, caller);
    let row = Tenant {
        id: broker.ids.new_tenant_id(),
        slug: new.slug,
        display_name: new.display_name,
        status: TenantStatus::Active,
        settings: json!(TenantSettings { contact: new.contact, ..TenantSettings::default() }),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let slug = row.slug.to_string();
    let stored = row.clone();
    broker
        .database
        .write(move |conn| {
            conn.operator().insert_tenant(&row)?;
            for (name, description) in FIRST_ROLES {
                if let Ok(name) = RoleName::parse(name) {
                    let description = description.to_owned();
                    let role = Role { name, description, grantable_by_mapping: true };
                    conn.tenant(&row.id).roles().put(&role)?;
                }
            }
            let what = ("tenant.created", "tenant", row.slug.as_str());
            change.record(conn, &row.id, what, json!([{"field": "slug", "to": row.slug}]))
        })
        .await
        .map_err(AdminError::exists("tenant", &slug))?;
    broker.keys.ensure_defaults(&stored.id).await?;
    Ok(TenantRecord::try_from(stored)?)
}

/// Tenants by id, a page at a time.
///
/// # Errors
/// Those of the database.
pub async fn list_tenants(
    broker: &Broker,
    after: Option<TenantId>,
    limit: i64,
) -> Result<Vec<TenantRecord>, AdminError> {
    let limit = limit.clamp(1, 1000);
    let rows = broker
        .database
        .read(move |conn| conn.operator().list_tenants(after.as_ref(), limit))
        .await?;
    Ok(rows.into_iter().map(TenantRecord::try_from).collect::<Result<_, _>>()?)
}

/// Plugins of the large class that a tenant may be allowed at most.
const MOST_LARGE: u32 = 20;

/// Says whom people may ask when a sign-in is refused.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn set_tenant_contact(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    contact: Option<String>,
) -> Result<(), AdminError> {
    let before = tenant.settings.contact.clone();
    let changes = json!([{"field": "contact", "from": before, "to": contact}]);
    let set = move |settings: &mut TenantSettings| settings.contact = contact;
    change_settings(broker, caller, tenant, (changes, set)).await
}

/// Lets applications register themselves at a tenant, or no longer. Those that did stay.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn set_dynamic_registration(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    open: bool,
) -> Result<(), AdminError> {
    let before = tenant.settings.dynamic_registration;
    let changes = json!([{"field": "dynamic_registration", "from": before, "to": open}]);
    let set = move |settings: &mut TenantSettings| settings.dynamic_registration = open;
    change_settings(broker, caller, tenant, (changes, set)).await
}

/// Says how many plugins of the large class a tenant may keep (WP-16): the operator pays with memory.
///
/// # Errors
/// [`AdminError::Invalid`], [`AdminError::NotFound`] and those of the database.
pub async fn set_large_plugins(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    count: u32,
) -> Result<(), AdminError> {
    if count > MOST_LARGE {
        return Err(AdminError::Invalid(vec![format!("count: at most {MOST_LARGE}")]));
    }
    let before = tenant.settings.large_plugins;
    let changes = json!([{"field": "large_plugins", "from": before, "to": count}]);
    let set = move |settings: &mut TenantSettings| settings.large_plugins = count;
    change_settings(broker, caller, tenant, (changes, set)).await
}

/// Changes what the settings say now, which may be more than the caller has read.
async fn change_settings(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (changes, set): (Value, impl FnOnce(&mut TenantSettings) + Send + 'static),
) -> Result<(), AdminError> {
    let change = Change::by(broker, caller);
    let (id, now) = (tenant.id.clone(), broker.clock.now());
    broker
        .database
        .try_write(move |conn| {
            let row = conn.operator().tenant_by_id(&id)?;
            let mut row =
                row.ok_or_else(|| AdminError::NotFound { kind: "tenant", id: id.to_string() })?;
            let expected = row.version;
            let mut settings = TenantRecord::try_from(row.clone())?.settings;
            set(&mut settings);
            row.settings = json!(settings);
            row.version = expected + 1;
            row.updated_at = now;
            conn.operator().update_tenant(&row, expected)?;
            let what = ("tenant.updated", "tenant", row.slug.as_str());
            Ok(change.record(conn, &id, what, changes)?)
        })
        .await
}

/// Keeps an e-mail domain of a tenant. The operator vouches for the proof until tenants prove it by DNS.
///
/// # Errors
/// [`AdminError::Invalid`] and those of the database.
pub async fn put_domain(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (domain, connector): (String, Option<ConnectorId>),
) -> Result<(), AdminError> {
    let domain = domain.trim().to_lowercase();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    if !domain.contains('.') || !domain.bytes().all(plain) {
        return Err(AdminError::Invalid(vec![format!("domain: {domain:?} is not a domain name")]));
    }
    let change = Change::by(broker, caller);
    let (id, now) = (tenant.id.clone(), broker.clock.now());
    broker
        .database
        .write(move |conn| {
            let row = TenantDomain {
                domain: domain.clone(),
                verified_at: Some(now),
                connector_id: connector.clone(),
            };
            conn.tenant(&id).domains().put(&row)?;
            let what = ("tenant.domain_assigned", "domain", domain.as_str());
            change.record(conn, &id, what, json!([{"field": "connector", "to": connector}]))
        })
        .await?;
    Ok(())
}
