//! Who calls the admin API, for which tenant, and whether the key allows it. Refusals are kept.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use symbolon_contract::{ReasonCode, TenantSlug};
use symbolon_storage::{ApiKey as Row, Connection, StorageError, StorageResult};
use thiserror::Error;

use super::{ApiScope, Place, has_ended, scopes_of};
use crate::admin::AdminCaller;
use crate::audit::{self, Actor, AuditContext, AuditEvent};
use crate::broker::{Broker, Visit};
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// The time of the last use is kept to the minute: a busy caller must not write on every call.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A call that may go on.
#[derive(Debug)]
pub struct ApiAccess {
    /// The tenant that it acts for.
    pub tenant: TenantRecord,
    /// Who calls, for the audit trail.
    pub caller: AdminCaller,
}

/// Why a call may not go on. The texts are for the audit trail: a caller learns the reason code alone.
#[derive(Debug, Error)]
pub enum ApiKeyProblem {
    /// The call carries none.
    #[error("the call carries no API key")]
    Missing,
    /// Neither the tenant nor the operator has it; there may be no such tenant either.
    #[error("the API key is unknown here")]
    Unknown,
    /// It was taken back.
    #[error("the API key was revoked")]
    Revoked,
    /// It has ended.
    #[error("the API key has ended")]
    Ended,
    /// The operator's key is good, but there is no such tenant.
    #[error("there is no such tenant")]
    TenantUnknown,
    /// The tenant's key is good, but the tenant is suspended.
    #[error("the tenant is suspended")]
    TenantSuspended,
    /// The key is good for other things.
    #[error("the API key lacks the scope {}", .0.as_str())]
    ScopeMissing(ApiScope),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl ApiKeyProblem {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::Missing => ReasonCode::ApiKeyMissing,
            Self::Unknown | Self::Revoked | Self::Ended => ReasonCode::ApiKeyInvalid,
            Self::TenantUnknown => ReasonCode::TenantUnknown,
            Self::TenantSuspended => ReasonCode::TenantSuspended,
            Self::ScopeMissing(_) => ReasonCode::ApiScopeMissing,
            Self::Storage(error) => crate::storage_reason(error),
        }
    }
}

/// A call that may not go on, and who made it as far as that is known.
#[derive(Debug)]
pub struct ApiRefusal {
    /// Why.
    pub problem: ApiKeyProblem,
    tenant: Option<TenantRecord>,
    caller: Option<AdminCaller>,
}

impl From<StorageError> for ApiRefusal {
    fn from(error: StorageError) -> Self {
        Self { problem: error.into(), tenant: None, caller: None }
    }
}

/// Finds out who calls. The key is looked up by its hash, so that its text is compared nowhere; a tenant that
/// does not exist and one that does not know the key look the same.
///
/// # Errors
/// [`ApiRefusal`], which is in the audit trail already.
pub async fn authenticate_api_key(
    broker: &Broker,
    visit: &Visit,
    key: (&str, Option<&SecretString>),
    needed: ApiScope,
) -> Result<ApiAccess, ApiRefusal> {
    authenticate_as(broker, visit, key, (needed, ApiKeyProblem::reason)).await
}

/// Which reason callers are told.
pub(in crate::admin) type Told = fn(&ApiKeyProblem) -> ReasonCode;

/// The same where callers are told another reason than the admin API's, which is the one that is kept.
pub(in crate::admin) async fn authenticate_as(
    broker: &Broker,
    visit: &Visit,
    (slug, key): (&str, Option<&SecretString>),
    (needed, reason): (ApiScope, Told),
) -> Result<ApiAccess, ApiRefusal> {
    let judged = match Looked::up(broker, Some(slug), key).await {
        Ok(looked) => looked.judge(broker, (visit, key.is_some()), needed).await,
        Err(error) => Err(error.into()),
    };
    kept(broker, visit, (judged, reason)).await
}

/// The same for what belongs to no tenant: only the operator's keys count, a tenant's is unknown here.
///
/// # Errors
/// [`ApiRefusal`], which is in the operator's audit trail already.
pub async fn authenticate_operator_key(
    broker: &Broker,
    visit: &Visit,
    key: Option<&SecretString>,
    needed: ApiScope,
) -> Result<AdminCaller, ApiRefusal> {
    let judged = match Looked::up(broker, None, key).await {
        Ok(looked) => looked.judge_operator(broker, (visit, key.is_some()), needed).await,
        Err(error) => Err(error.into()),
    };
    kept(broker, visit, (judged, ApiKeyProblem::reason)).await
}

async fn kept<T>(
    broker: &Broker,
    visit: &Visit,
    (judged, reason): (Result<T, ApiRefusal>, Told),
) -> Result<T, ApiRefusal> {
    if let Err(refusal) = &judged {
        keep(broker, visit, (refusal, reason(&refusal.problem))).await;
    }
    judged
}

/// What the database knows of a call.
struct Looked {
    tenant: Option<TenantRecord>,
    key: Option<(Place, Row)>,
}

impl Looked {
    async fn up(
        broker: &Broker,
        slug: Option<&str>,
        key: Option<&SecretString>,
    ) -> Result<Self, StorageError> {
        let slug = slug.and_then(|slug| TenantSlug::parse(slug).ok());
        let hash = key.map(|key| sha256_hex(key.expose_secret().as_bytes()));
        broker.database.read(move |conn| Self::read(conn, slug.as_ref(), hash.as_deref())).await
    }

    fn read(
        conn: &mut Connection,
        slug: Option<&TenantSlug>,
        hash: Option<&str>,
    ) -> StorageResult<Self> {
        let row = match slug {
            Some(slug) => conn.operator().tenant_by_slug(slug)?,
            None => None,
        };
        let tenant = row.map(TenantRecord::try_from).transpose()?;
        let Some(hash) = hash else {
            return Ok(Self { tenant, key: None });
        };
        let own = tenant.as_ref().map(|tenant| Place::of(Some(tenant)));
        for place in own.into_iter().chain([Place::of(None)]) {
            if let Some(row) = place.keys(conn, |mut keys| keys.find_by_hash(hash))? {
                return Ok(Self { tenant, key: Some((place, row)) });
            }
        }
        Ok(Self { tenant, key: None })
    }

    async fn judge(
        self,
        broker: &Broker,
        (visit, sent): (&Visit, bool),
        needed: ApiScope,
    ) -> Result<ApiAccess, ApiRefusal> {
        let caller = self.key.as_ref().map(|(place, row)| caller(place, row, visit));
        match self.check(broker, sent, needed).await {
            Ok(()) => match (self.tenant, caller) {
                (Some(tenant), Some(caller)) => Ok(ApiAccess { tenant, caller }),
                (tenant, caller) => {
                    Err(ApiRefusal { problem: ApiKeyProblem::TenantUnknown, tenant, caller })
                }
            },
            Err(problem) => Err(ApiRefusal { problem, tenant: self.tenant, caller }),
        }
    }

    async fn judge_operator(
        self,
        broker: &Broker,
        (visit, sent): (&Visit, bool),
        needed: ApiScope,
    ) -> Result<AdminCaller, ApiRefusal> {
        let caller = self.key.as_ref().map(|(place, row)| caller(place, row, visit));
        let now = broker.clock.now();
        let checked = match self.good_key(sent, now) {
            Ok(key) => allow(broker, key, needed, now).await,
            Err(problem) => Err(problem),
        };
        match (checked, caller) {
            (Ok(()), Some(caller)) => Ok(caller),
            (Ok(()), None) => {
                Err(ApiRefusal { problem: ApiKeyProblem::Unknown, tenant: None, caller: None })
            }
            (Err(problem), caller) => Err(ApiRefusal { problem, tenant: None, caller }),
        }
    }

    /// The key, if it is one and in force.
    fn good_key(&self, sent: bool, now: DateTime<Utc>) -> Result<(&Place, &Row), ApiKeyProblem> {
        if !sent {
            return Err(ApiKeyProblem::Missing);
        }
        let Some((place, row)) = &self.key else {
            return Err(ApiKeyProblem::Unknown);
        };
        if row.revoked_at.is_some() {
            return Err(ApiKeyProblem::Revoked);
        }
        if has_ended(row, now) {
            return Err(ApiKeyProblem::Ended);
        }
        Ok((place, row))
    }

    async fn check(
        &self,
        broker: &Broker,
        sent: bool,
        needed: ApiScope,
    ) -> Result<(), ApiKeyProblem> {
        let now = broker.clock.now();
        let (place, row) = self.good_key(sent, now)?;
        match &self.tenant {
            None => return Err(ApiKeyProblem::TenantUnknown),
            Some(tenant) if !tenant.active && place.0.is_some() => {
                return Err(ApiKeyProblem::TenantSuspended);
            }
            Some(_) => {}
        }
        allow(broker, (place, row), needed, now).await
    }
}

/// Whether a good key is good for this; if so, it was used now.
async fn allow(
    broker: &Broker,
    (place, row): (&Place, &Row),
    needed: ApiScope,
    now: DateTime<Utc>,
) -> Result<(), ApiKeyProblem> {
    if !scopes_of(row).into_iter().any(|held| held.allows(needed)) {
        return Err(ApiKeyProblem::ScopeMissing(needed));
    }
    touch(broker, place, row, now).await
}

/// Who calls, in the words of the audit trail.
fn caller(place: &Place, row: &Row, visit: &Visit) -> AdminCaller {
    let kind = if place.0.is_some() { "admin" } else { "operator" };
    let name = format!("API key {} ({})", row.name, row.id);
    AdminCaller { kind, name, visit: Some(visit.clone()) }
}

async fn touch(
    broker: &Broker,
    place: &Place,
    row: &Row,
    now: DateTime<Utc>,
) -> Result<(), ApiKeyProblem> {
    if row.last_used_at.is_some_and(|at| now - at < TOUCH_EVERY) {
        return Ok(());
    }
    let (place, id) = (place.clone(), row.id.clone());
    let touched =
        broker.database.write(move |conn| place.keys(conn, |mut keys| keys.touch(&id, now)));
    // Taken back since it was read.
    if touched.await? { Ok(()) } else { Err(ApiKeyProblem::Revoked) }
}

async fn keep(broker: &Broker, visit: &Visit, (refusal, reason): (&ApiRefusal, ReasonCode)) {
    let caller = refusal.caller.as_ref();
    let context = AuditContext {
        ids: broker.ids.clone(),
        now: broker.clock.now(),
        trace: visit.trace.clone(),
        actor: Actor {
            kind: caller.map_or("unknown", |caller| caller.kind),
            id: caller.map(|caller| caller.name.clone()),
            ip: visit.address.map(|address| address.to_string()),
            user_agent: visit.user_agent.clone(),
        },
    };
    let detail = refusal.problem.to_string();
    let event = AuditEvent::Refused { reason, detail, application: None };
    let tenant = refusal.tenant.as_ref().map(|tenant| tenant.id.clone());
    let kept = broker
        .database
        .write(move |conn| match &tenant {
            Some(tenant) => audit::append(conn, tenant, &context, &event),
            None => audit::append_operator(conn, &context, &event),
        })
        .await;
    if let Err(error) = kept {
        // The refusal stands even when it cannot be kept; the operator must know.
        tracing::error!(trace = %visit.trace, %error, "a refused API call could not be kept");
    }
}
