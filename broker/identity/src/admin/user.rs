//! Users are made by hand, switched off and listed; people who asked for access are listed too.

use chrono::{DateTime, Utc};
use serde_json::json;
use symbolon_contract::{RoleName, UserId};
use symbolon_storage::{AccessRequest, IdentityLink, NewGrant, RoleSource, User, UserStatus};

use super::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::logout::{self, Which};
use crate::provisioning::{IdentityKey, facts::normalise_email};
use crate::tenants::TenantRecord;

/// A user to make.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// E-mail.
    pub email: Option<String>,
    /// Whether the admin knows that the address is the person's.
    pub email_verified: bool,
    /// Name to show.
    pub display_name: Option<String>,
    /// Roles given by hand; no mapping takes them away.
    pub roles: Vec<RoleName>,
    /// An upstream identity to link at once (L-5: by subject).
    pub identity: Option<IdentityKey>,
}

/// Makes a user.
///
/// # Errors
/// [`AdminError::Exists`] when the identity is linked already, [`AdminError::NotFound`] for a role or
/// connector that is not there, and those of the database.
pub async fn create_user(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    new: NewUser,
) -> Result<UserId, AdminError> {
    let (now, id) = (broker.clock.now(), broker.ids.new_user_id());
    let user = user_row(&new, id.clone(), now);
    let grants = grants_by_hand(new.roles, now);
    let change = Change::by(broker, caller);
    let (tenant, by) = (tenant.id.clone(), caller.name.clone());
    broker
        .database
        .try_write(move |conn| {
            let mut rows = conn.tenant(&tenant);
            for grant in &grants {
                require(rows.roles().find(&grant.role)?.is_some(), "role", grant.role.as_str())?;
            }
            rows.users().insert(&user)?;
            rows.grants().replace_from_source(&user.id, RoleSource::Admin, &by, &grants)?;
            if let Some(key) = new.identity {
                let known = rows.connectors().find(&key.connector)?.is_some();
                require(known, "connector", key.connector.as_str())?;
                rows.access_requests().delete(&key.connector, &key.issuer, &key.subject)?;
                let link = IdentityLink {
                    connector_id: key.connector,
                    issuer: key.issuer,
                    subject: key.subject,
                    user_id: user.id.clone(),
                    created_at: now,
                    last_sign_in_at: None,
                    upstream_sub: None,
                    groups: None,
                    groups_at: None,
                };
                let linked = rows.identity_links().insert(&link);
                linked.map_err(AdminError::exists("identity link", "for this subject"))?;
            }
            let what = ("user.created", "user", user.id.as_str());
            Ok(change.record(conn, &tenant, what, json!([{"field": "email", "to": user.email}]))?)
        })
        .await
        .map(|()| id)
}

fn user_row(new: &NewUser, id: UserId, now: DateTime<Utc>) -> User {
    User {
        id,
        status: UserStatus::Active,
        email_normalised: new.email.as_deref().map(normalise_email),
        email: new.email.clone(),
        email_verified: new.email_verified,
        display_name: new.display_name.clone(),
        username: None,
        metadata: json!({}),
        created_at: now,
        updated_at: now,
        last_sign_in_at: None,
        version: 1,
    }
}

fn grants_by_hand(roles: Vec<RoleName>, now: DateTime<Utc>) -> Vec<NewGrant> {
    let grant = |role| NewGrant {
        role,
        plugin_digest: None,
        mapping_version: None,
        because: Some("given by an admin".into()),
        granted_at: now,
    };
    roles.into_iter().map(grant).collect()
}

/// What the user shall hold or come from is there, or is named as missing.
fn require(found: bool, kind: &'static str, id: &str) -> Result<(), AdminError> {
    if found { Ok(()) } else { Err(AdminError::NotFound { kind, id: id.to_owned() }) }
}

/// Switches a user. Any status but active ends the sessions and takes every token back in the same transaction
/// (PAIN-15); applications are told.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn set_user_status(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (user, status): (&UserId, UserStatus),
) -> Result<(), AdminError> {
    let change = Change::by(broker, caller);
    let (owner, user, now) = (tenant.id.clone(), user.clone(), broker.clock.now());
    let tenant = owner.clone();
    let ended = broker
        .database
        .try_write(move |conn| {
            let mut rows = conn.tenant(&tenant);
            if !rows.users().set_status(&user, status, now)? {
                return Err(AdminError::NotFound { kind: "user", id: user.to_string() });
            }
            let what = ("user.status_changed", "user", user.as_str());
            change.record(conn, &tenant, what, json!([{"field": "status", "to": status}]))?;
            if status == UserStatus::Active {
                return Ok(Vec::new());
            }
            let why = (&change.context, "the user was switched off");
            Ok(logout::end(conn, &tenant, Which::User(&user), why)?)
        })
        .await?;
    logout::tell(broker, &owner, &ended);
    Ok(())
}

/// Signs a user out everywhere: all sessions end, all tokens are taken back, applications are told. They may sign in
/// again. Says how many sessions ended.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn sign_out_user(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    user: &UserId,
) -> Result<usize, AdminError> {
    let change = Change::by(broker, caller);
    let (owner, user) = (tenant.id.clone(), user.clone());
    let tenant = owner.clone();
    let ended = broker
        .database
        .try_write(move |conn| {
            if conn.tenant(&tenant).users().find(&user)?.is_none() {
                return Err(AdminError::NotFound { kind: "user", id: user.to_string() });
            }
            let what = ("user.signed_out", "user", user.as_str());
            change.record(conn, &tenant, what, json!([]))?;
            let why = (&change.context, "signed out by an admin");
            Ok(logout::end(conn, &tenant, Which::User(&user), why)?)
        })
        .await?;
    logout::tell(broker, &owner, &ended);
    Ok(ended.len())
}

/// Users by id, a page at a time.
///
/// # Errors
/// Those of the database.
pub async fn list_users(
    broker: &Broker,
    tenant: &TenantRecord,
    (after, limit): (Option<UserId>, i64),
) -> Result<Vec<User>, AdminError> {
    let (tenant, limit) = (tenant.id.clone(), limit.clamp(1, 1000));
    let page = move |conn: &mut symbolon_storage::Connection| {
        conn.tenant(&tenant).users().list(after.as_ref(), limit)
    };
    Ok(broker.database.read(page).await?)
}

/// People who came and have no user (N3), the newest first.
///
/// # Errors
/// Those of the database.
pub async fn list_access_requests(
    broker: &Broker,
    tenant: &TenantRecord,
) -> Result<Vec<AccessRequest>, AdminError> {
    let tenant = tenant.id.clone();
    let page = move |conn: &mut symbolon_storage::Connection| {
        conn.tenant(&tenant).access_requests().list(1000)
    };
    Ok(broker.database.read(page).await?)
}
