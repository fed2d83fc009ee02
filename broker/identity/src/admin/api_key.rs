//! Keys to the admin API (AD7): made, listed, taken back. Stored as a hash alone; shown once.

mod authenticate;

pub(super) use authenticate::authenticate_as;
pub use authenticate::{
    ApiAccess, ApiKeyProblem, ApiRefusal, authenticate_api_key, authenticate_operator_key,
};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use symbolon_storage::{ApiKey as Row, ApiKeys, Connection, StorageResult};

use super::{AdminCaller, AdminError, Change};
use crate::audit::{self, AuditEvent, Target};
use crate::broker::Broker;
use crate::entropy::secret_text;
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// What every key begins with, so that scanners of repositories find one that was committed.
const PREFIX: &str = "symkey_";
/// 256 bits.
const RANDOM_BYTES: usize = 32;
const LONGEST_NAME: usize = 100;

/// What a key may be used for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum ApiScope {
    /// Look at connectors, mappings and their status.
    #[serde(rename = "sso.read")]
    SsoRead,
    /// Change them; includes `sso.read` and `plugin.manage`.
    #[serde(rename = "sso.manage")]
    SsoManage,
    /// Upload plugins, save, try and activate versions of mappings; includes `sso.read`.
    #[serde(rename = "plugin.manage")]
    PluginManage,
    /// Read what was recorded of people's sign-ins, and replay it. Personal data: nothing includes it.
    #[serde(rename = "sign_ins.read")]
    SignInsRead,
    /// Read the audit trail.
    #[serde(rename = "audit.read")]
    AuditRead,
    /// Look at applications.
    #[serde(rename = "apps.read")]
    AppsRead,
    /// Register, change and delete applications; includes `apps.read`.
    #[serde(rename = "apps.manage")]
    AppsManage,
    /// Let applications register themselves: the initial access token of RFC 7591 3.
    #[serde(rename = "apps.register")]
    AppsRegister,
}

impl ApiScope {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::SsoRead,
        Self::SsoManage,
        Self::PluginManage,
        Self::SignInsRead,
        Self::AuditRead,
        Self::AppsRead,
        Self::AppsManage,
        Self::AppsRegister,
    ];

    /// The word in rows, arguments and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SsoRead => "sso.read",
            Self::SsoManage => "sso.manage",
            Self::PluginManage => "plugin.manage",
            Self::SignInsRead => "sign_ins.read",
            Self::AuditRead => "audit.read",
            Self::AppsRead => "apps.read",
            Self::AppsManage => "apps.manage",
            Self::AppsRegister => "apps.register",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }

    /// Whether a key with this scope may do what `needed` asks for.
    #[must_use]
    pub fn allows(self, needed: Self) -> bool {
        let included: &[Self] = match self {
            Self::SsoManage => &[Self::SsoRead, Self::PluginManage],
            Self::PluginManage => &[Self::SsoRead],
            Self::AppsManage => &[Self::AppsRead],
            Self::SsoRead
            | Self::SignInsRead
            | Self::AuditRead
            | Self::AppsRead
            | Self::AppsRegister => &[],
        };
        self == needed || included.contains(&needed)
    }
}

/// A key to make.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// The name to show: what it is for.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<ApiScope>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A new key. The secret is told here and never again.
#[derive(Debug)]
pub struct CreatedApiKey {
    /// As listed.
    pub facts: ApiKeyFacts,
    /// What callers send.
    pub secret: SecretString,
}

/// What is known of a key; never the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiKeyFacts {
    /// Its id; not what callers send.
    pub id: String,
    /// The name to show.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<ApiScope>,
    /// `active`, `expired` or `revoked`.
    pub state: &'static str,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl ApiKeyFacts {
    fn of(row: Row, now: DateTime<Utc>) -> Self {
        Self {
            state: match (row.revoked_at, has_ended(&row, now)) {
                (Some(_), _) => "revoked",
                (None, true) => "expired",
                (None, false) => "active",
            },
            scopes: scopes_of(&row),
            id: row.id,
            name: row.name,
            created_by: row.created_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// A word that a later version wrote allows nothing here.
fn scopes_of(row: &Row) -> Vec<ApiScope> {
    row.scopes.iter().filter_map(|scope| ApiScope::parse(scope)).collect()
}

fn has_ended(row: &Row, now: DateTime<Utc>) -> bool {
    row.expires_at.is_some_and(|at| at <= now)
}

/// Makes a key of a tenant, or without one the operator's, which may act for every tenant.
///
/// # Errors
/// [`AdminError::Invalid`] and those of the database.
pub async fn create_api_key(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: Option<&TenantRecord>,
    new: NewApiKey,
) -> Result<CreatedApiKey, AdminError> {
    let now = broker.clock.now();
    AdminError::unless_empty(problems(&new, now))?;
    let secret = format!("{PREFIX}{}", secret_text(broker.entropy.as_ref(), RANDOM_BYTES));
    let secret = SecretString::from(secret);
    let mut scopes = new.scopes;
    scopes.sort();
    scopes.dedup();
    let row = Row {
        id: broker.ids.new_row_id(),
        name: new.name,
        secret_hash: sha256_hex(secret.expose_secret().as_bytes()),
        scopes: scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
        created_by: caller.name.clone(),
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
        revoked_at: None,
    };
    let facts = ApiKeyFacts::of(row.clone(), now);
    let change = Change::by(broker, caller);
    let place = Place::of(tenant);
    broker
        .database
        .write(move |conn| {
            place.keys(conn, |mut keys| keys.insert(&row))?;
            let changes = json!([
                { "field": "name", "to": row.name },
                { "field": "scopes", "to": row.scopes },
                { "field": "expires_at", "to": row.expires_at },
            ]);
            place.record(conn, &change, ("api_key.created", &row.id, changes))
        })
        .await?;
    Ok(CreatedApiKey { facts, secret })
}

fn problems(new: &NewApiKey, now: DateTime<Utc>) -> Vec<String> {
    let mut problems = Vec::new();
    let length = new.name.chars().count();
    if !(1..=LONGEST_NAME).contains(&length) || new.name.chars().any(char::is_control) {
        problems.push(format!("name: 1 to {LONGEST_NAME} characters, in one line"));
    }
    if new.scopes.is_empty() {
        let words = ApiScope::ALL.map(ApiScope::as_str).join(", ");
        problems.push(format!("scopes: at least one of {words}"));
    }
    if new.expires_at.is_some_and(|at| at <= now) {
        problems.push("expires_at: must be in the future".to_owned());
    }
    problems
}

/// The keys of a tenant, or without one the operator's; the newest first, also those that are over.
///
/// # Errors
/// Those of the database.
pub async fn list_api_keys(
    broker: &Broker,
    tenant: Option<&TenantRecord>,
) -> Result<Vec<ApiKeyFacts>, AdminError> {
    let (place, now) = (Place::of(tenant), broker.clock.now());
    let rows = broker.database.read(move |conn| place.keys(conn, |mut keys| keys.list())).await?;
    Ok(rows.into_iter().map(|row| ApiKeyFacts::of(row, now)).collect())
}

/// Takes a key back: the next call with it is refused.
///
/// # Errors
/// [`AdminError::NotFound`], also for one that was taken back before, and those of the database.
pub async fn revoke_api_key(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: Option<&TenantRecord>,
    id: &str,
) -> Result<(), AdminError> {
    let (place, now, id) = (Place::of(tenant), broker.clock.now(), id.to_owned());
    let change = Change::by(broker, caller);
    broker
        .database
        .try_write(move |conn| {
            if !place.keys(conn, |mut keys| keys.revoke(&id, now))? {
                return Err(AdminError::NotFound { kind: "API key in force", id });
            }
            let changes = json!([{ "field": "revoked_at", "to": now }]);
            Ok(place.record(conn, &change, ("api_key.revoked", &id, changes))?)
        })
        .await
}

/// Whose keys: a tenant's, or the operator's.
#[derive(Debug, Clone)]
struct Place(Option<symbolon_contract::TenantId>);

impl Place {
    fn of(tenant: Option<&TenantRecord>) -> Self {
        Self(tenant.map(|tenant| tenant.id.clone()))
    }

    fn keys<T>(
        &self,
        conn: &mut Connection,
        work: impl FnOnce(ApiKeys<'_>) -> StorageResult<T>,
    ) -> StorageResult<T> {
        match &self.0 {
            Some(tenant) => work(conn.tenant(tenant).api_keys()),
            None => work(conn.operator().api_keys()),
        }
    }

    fn record(
        &self,
        conn: &mut Connection,
        change: &Change,
        (name, id, changes): (&'static str, &str, serde_json::Value),
    ) -> StorageResult<()> {
        let target = Target { kind: "api_key", id: id.to_owned() };
        let event = AuditEvent::AdminChange { name, target, changes };
        match &self.0 {
            Some(tenant) => audit::append(conn, tenant, &change.context, &event),
            None => audit::append_operator(conn, &change.context, &event),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feat_ad7_manage_includes_read_and_nothing_includes_another() {
        use ApiScope::{
            AppsManage, AppsRead, AppsRegister, AuditRead, PluginManage, SignInsRead, SsoManage,
            SsoRead,
        };

        let allowed = |held: ApiScope| {
            let all = ApiScope::ALL.into_iter().filter(move |needed| held.allows(*needed));
            all.collect::<Vec<_>>()
        };
        assert_eq!(allowed(SsoRead), [SsoRead]);
        assert_eq!(allowed(SsoManage), [SsoRead, SsoManage, PluginManage]);
        assert_eq!(allowed(PluginManage), [SsoRead, PluginManage]);
        assert_eq!(allowed(SignInsRead), [SignInsRead]);
        assert_eq!(allowed(AuditRead), [AuditRead]);
        assert_eq!(allowed(AppsRead), [AppsRead]);
        assert_eq!(allowed(AppsManage), [AppsRead, AppsManage]);
        assert_eq!(allowed(AppsRegister), [AppsRegister]);
        for scope in ApiScope::ALL {
            assert_eq!(ApiScope::parse(scope.as_str()), Some(scope));
            assert_eq!(json!(scope), scope.as_str());
        }
    }

    #[test]
    fn feat_ad7_every_problem_of_a_new_key_is_named() {
        let now = DateTime::UNIX_EPOCH;
        let new = NewApiKey { name: "a\nb".into(), scopes: Vec::new(), expires_at: Some(now) };
        let found = problems(&new, now);
        let fields: Vec<&str> = found.iter().filter_map(|one| one.split(':').next()).collect();
        assert_eq!(fields, ["name", "scopes", "expires_at"]);
    }
}
