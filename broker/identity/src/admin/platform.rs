//! Applications of the operator's: registered once at the platform, offered to tenants (design.md "Tenancy").
//!
//! The platform is a reserved tenant, made with the first application. Offering copies the application's row into
//! the tenant, so that everything inside that tenant's wall works as for any other; the operator's changes reach the
//! copies in the same transaction ([`keep_equal`]). A copy's `connectors` are the tenant's own.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use symbolon_contract::{ApplicationId, ConnectorId, TenantSlug};
use symbolon_storage::{
    Application as Row, ApplicationStatus, Connection, StorageError, StorageResult, Tenant,
    TenantStatus,
};

use super::application::{check, keep, remove};
use super::{AdminCaller, AdminError, Change, CreatedApplication, NewApplication};
use crate::broker::Broker;
use crate::downstream::oidc::platform_tenant;
use crate::downstream::{Application, GrantType, OpenidSettings};
use crate::secrets::sha256_hex;
use crate::tenants::{TenantRecord, TenantSettings, UnknownTenant, resolve_platform};

/// An application of the operator's and the tenants to which it is offered.
#[derive(Debug)]
pub struct PlatformApplication {
    /// As the operator registered it.
    pub application: Application,
    /// To whom it is offered, by name.
    pub offered_to: Vec<TenantSlug>,
}

impl PlatformApplication {
    fn read(conn: &mut Connection, row: Row) -> StorageResult<Self> {
        let tenants = conn.operator().offered_to(&row.id)?;
        let rows = tenants.iter().map(|tenant| conn.operator().tenant_by_id(tenant));
        let rows = rows.collect::<StorageResult<Vec<_>>>()?;
        let offered_to = rows.into_iter().flatten().map(|tenant| tenant.slug).collect();
        Ok(Self { application: Application::try_from(row)?, offered_to })
    }
}

/// The platform.
///
/// # Errors
/// [`AdminError::NotFound`] before the first application is registered, and those of the database.
pub async fn read_platform(broker: &Broker) -> Result<TenantRecord, AdminError> {
    resolve_platform(&broker.database).await.map_err(|error| match error {
        UnknownTenant::Storage(error) => AdminError::Storage(error),
        _ => AdminError::NotFound { kind: "application of the platform's", id: "yet".into() },
    })
}

/// Registers an application of the operator's. The first one makes the platform and its keys.
///
/// # Errors
/// [`AdminError::Invalid`], [`AdminError::Exists`] and those of the database.
pub async fn create_platform_application(
    broker: &Broker,
    caller: &AdminCaller,
    new: NewApplication,
) -> Result<CreatedApplication, AdminError> {
    // What is refused makes no platform.
    check(broker, true, &new.display_name, (&new.settings, new.public)).await?;
    let platform = ensure_platform(broker).await?;
    keep(broker, caller, &platform, (new, None)).await
}

/// What an application of the operator's cannot have, because no tenant is in sight.
pub(super) fn problems(settings: &OpenidSettings) -> Vec<String> {
    let mut problems = Vec::new();
    if settings.grant_types.contains(&GrantType::ClientCredentials) {
        let grant = GrantType::ClientCredentials.as_str();
        problems.push(format!("grant_types: {grant} names no tenant; register it at each tenant"));
    }
    if !settings.connectors.is_empty() {
        problems.push("connectors: they belong to tenants; name them when offering".to_owned());
    }
    problems
}

async fn ensure_platform(broker: &Broker) -> Result<TenantRecord, AdminError> {
    let now = broker.clock.now();
    // Nobody can have taken a name that nobody could guess.
    let random = sha256_hex(secrecy::ExposeSecret::expose_secret(&broker.new_secret()).as_bytes());
    let random: String = random.chars().take(32).collect();
    let slug = TenantSlug::parse(format!("platform-{random}"))
        .map_err(|error| AdminError::Invalid(vec![error.to_string()]))?;
    let row = Tenant {
        id: platform_tenant(),
        slug,
        display_name: "Platform".into(),
        status: TenantStatus::Active,
        settings: json!(TenantSettings::default()),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let made = broker.database.write(move |conn| conn.operator().insert_tenant(&row)).await;
    match made {
        Ok(()) | Err(StorageError::Conflict { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    broker.keys.ensure_defaults(&platform_tenant()).await?;
    read_platform(broker).await
}

/// The operator's applications.
///
/// # Errors
/// Those of the database.
pub async fn list_platform_applications(
    broker: &Broker,
) -> Result<Vec<PlatformApplication>, AdminError> {
    let found = broker.database.read(|conn| {
        let rows = conn.tenant(&platform_tenant()).applications().list()?;
        rows.into_iter().map(|row| PlatformApplication::read(conn, row)).collect()
    });
    Ok(found.await?)
}

/// One of the operator's applications.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn read_platform_application(
    broker: &Broker,
    id: &ApplicationId,
) -> Result<PlatformApplication, AdminError> {
    let wanted = id.clone();
    let found = broker.database.read(move |conn| {
        let row = conn.tenant(&platform_tenant()).applications().find(&wanted)?;
        row.map(|row| PlatformApplication::read(conn, row)).transpose()
    });
    found.await?.ok_or_else(|| not_found(id))
}

/// Offers an application to a tenant, for people of these connectors; for all when none is named.
///
/// # Errors
/// [`AdminError::NotFound`], [`AdminError::Exists`] where the tenant has one of this name, and those of the database.
pub async fn offer_application(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (id, connectors): (&ApplicationId, Vec<ConnectorId>),
) -> Result<(), AdminError> {
    let change = Change::by(broker, caller);
    let (tenant, id, now) = (tenant.id.clone(), id.clone(), broker.clock.now());
    let name = id.to_string();
    let offered = broker.database.try_write(move |conn| {
        let row = conn.tenant(&platform_tenant()).applications().find(&id)?;
        let mut row = row.ok_or_else(|| not_found(&id))?;
        let known = conn.tenant(&tenant).connectors().list()?;
        let unknown = connectors.iter().filter(|one| !known.iter().any(|row| row.id == **one));
        let problems = unknown.map(|one| format!("connectors: there is no {one}")).collect();
        AdminError::unless_empty(problems)?;
        set_connectors(&mut row.settings, json!(connectors));
        (row.version, row.created_at, row.updated_at) = (1, now, now);
        conn.tenant(&tenant).applications().insert(&row)?;
        let changes = json!([{"field": "connectors", "to": connectors}]);
        Ok(change.record(conn, &tenant, ("app.offered", "application", id.as_str()), changes)?)
    });
    match offered.await {
        Err(AdminError::Storage(error)) => Err(AdminError::exists("application", &name)(error)),
        other => other,
    }
}

/// Takes an offer back. What the application holds there is refused at once, also after a later offer.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn withdraw_application(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    id: &ApplicationId,
) -> Result<(), AdminError> {
    let change = Change::by(broker, caller);
    let (tenant, id, now) = (tenant.id.clone(), id.clone(), broker.clock.now());
    broker
        .database
        .try_write(move |conn| {
            let row = conn.tenant(&tenant).applications().find(&id)?;
            row.filter(|row| row.platform).ok_or_else(|| not_found(&id))?;
            remove(conn, &tenant, &id, now)?;
            let what = ("app.withdrawn", "application", id.as_str());
            Ok(change.record(conn, &tenant, what, json!([]))?)
        })
        .await
}

fn not_found(id: &ApplicationId) -> AdminError {
    AdminError::NotFound { kind: "application of the platform's", id: id.to_string() }
}

/// Takes every offer back, because the application goes.
pub(super) fn withdraw_everywhere(
    conn: &mut Connection,
    id: &ApplicationId,
    now: DateTime<Utc>,
) -> StorageResult<()> {
    for tenant in conn.operator().offered_to(id)? {
        remove(conn, &tenant, id, now)?;
    }
    Ok(())
}

/// Brings a change of the operator's to every tenant to which the application is offered. When the operator switches
/// it, it is switched everywhere; otherwise each tenant's own choice stays.
pub(super) fn keep_equal(
    conn: &mut Connection,
    (changed, status_before): (&Row, ApplicationStatus),
    now: DateTime<Utc>,
) -> StorageResult<()> {
    let switched = changed.status != status_before;
    for tenant in conn.operator().offered_to(&changed.id)? {
        let mut rows = conn.tenant(&tenant);
        let Some(copy) = rows.applications().find(&changed.id)? else {
            continue;
        };
        let mut row = Row {
            status: if switched { changed.status } else { copy.status },
            version: copy.version.saturating_add(1),
            created_at: copy.created_at,
            updated_at: now,
            ..changed.clone()
        };
        let connectors = copy.settings.get("connectors").cloned().unwrap_or_else(|| json!([]));
        set_connectors(&mut row.settings, connectors);
        rows.applications().update(&row, copy.version)?;
    }
    Ok(())
}

fn set_connectors(settings: &mut Value, connectors: Value) {
    if let Some(settings) = settings.as_object_mut() {
        settings.insert("connectors".to_owned(), connectors);
    }
}
