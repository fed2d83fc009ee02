//! Messages go out: at once after the transaction, and by a job for as long as an application does not answer.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use symbolon_contract::{ApplicationId, SessionId, TenantId, UserId};
use symbolon_storage::{LogoutDelivery, StorageError, StorageResult};
use tokio::sync::Semaphore;
use url::Url;

use super::end::{Ended, application};
use super::{logout_token, retry};
use crate::audit::{self, Actor, AuditContext, AuditEvent};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::downstream::oidc::{OpenidProvider, subject};
use crate::outgoing::OutgoingRequest;
use crate::tenants::TenantRecord;

/// An application has this long to answer; shorter than the first wait.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(5);
/// Attempts under way at once, on this node.
const AT_ONCE: usize = 16;
static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);
/// Messages that one run of the job looks at.
const MOST_DUE: i64 = 200;

/// Why an application did not take a message.
#[derive(Debug, thiserror::Error)]
enum Problem {
    /// It will never take it.
    #[error("{0}")]
    ForGood(&'static str),
    /// It says that the message is wrong (2.8).
    #[error("it answered with status 400")]
    Refused,
    /// It may take it later.
    #[error("{0}")]
    ForNow(String),
}

/// A message that an application has not taken.
#[derive(Debug, Clone, serde::Serialize)]
pub struct UndeliveredLogout {
    /// To whom.
    pub application: ApplicationId,
    /// The session that ended.
    pub session: SessionId,
    /// Whose it was.
    pub user: UserId,
    /// Since when.
    pub since: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next; never again when we gave up.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Why it was not taken the last time.
    pub problem: Option<String>,
}

/// Sends what just-ended sessions queued. For after the transaction; returns at once.
pub(crate) fn tell(broker: &Broker, tenant: &TenantId, ended: &[Ended]) {
    let queued: Vec<LogoutDelivery> = ended.iter().flat_map(|one| one.queued.clone()).collect();
    if queued.is_empty() {
        return;
    }
    let (broker, tenant) = (broker.clone(), tenant.clone());
    let all = async move {
        let each = |delivery| attempt(&broker, &tenant, delivery);
        stream::iter(queued).for_each_concurrent(AT_ONCE, each).await;
    };
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn(all)),
        // The job of the next server does it.
        Err(_) => tracing::debug!("no runtime to send logout messages on"),
    }
}

/// Sends what is due, of all tenants. Says how many messages were looked at.
///
/// # Errors
/// Those of the database.
pub async fn deliver_due(broker: &Broker) -> StorageResult<usize> {
    let now = broker.clock.now();
    let due = broker
        .database
        .read(move |conn| conn.operator().due_logout_deliveries(now, MOST_DUE))
        .await?;
    let count = due.len();
    let each = |(tenant, delivery)| async move { attempt(broker, &tenant, delivery).await };
    stream::iter(due).for_each_concurrent(AT_ONCE, each).await;
    Ok(count)
}

/// What applications of a tenant have not taken, the newest first.
///
/// # Errors
/// Those of the database.
pub async fn undelivered(
    broker: &Broker,
    tenant: &TenantId,
) -> StorageResult<Vec<UndeliveredLogout>> {
    let tenant = tenant.clone();
    let list = broker
        .database
        .read(move |conn| conn.tenant(&tenant).logout_deliveries().undelivered(1000));
    let facts = |row: LogoutDelivery| UndeliveredLogout {
        next_attempt_at: row.failed_at.is_none().then_some(row.next_attempt_at),
        application: row.application_id,
        session: row.session_id,
        user: row.user_id,
        since: row.created_at,
        attempts: row.attempts,
        problem: row.last_error,
    };
    Ok(list.await?.into_iter().map(facts).collect())
}

/// One attempt at one message; what goes wrong is kept and logged, never returned.
async fn attempt(broker: &Broker, tenant: &TenantId, delivery: LogoutDelivery) {
    let Ok(_place) = PLACES.acquire().await else { return };
    let outcome = async {
        let Some(claimed) = claim(broker, tenant, delivery).await? else { return Ok(()) };
        let sent = tokio::time::timeout(LONGEST_ATTEMPT, send(broker, tenant, &claimed)).await;
        let sent = sent.unwrap_or_else(|_| Err(Problem::ForNow("it did not answer".to_owned())));
        keep(broker, tenant, claimed, sent).await
    };
    if let Err(error) = outcome.await {
        let error: StorageError = error;
        tracing::warn!(%tenant, %error, "a logout message could not be sent or kept");
    }
}

/// Counts the attempt before it is made. `None` when another node makes it, or the message is through.
async fn claim(
    broker: &Broker,
    tenant: &TenantId,
    mut delivery: LogoutDelivery,
) -> StorageResult<Option<LogoutDelivery>> {
    let seen = delivery.attempts;
    delivery.attempts = seen.saturating_add(1);
    delivery.next_attempt_at = broker.clock.now() + retry::wait(delivery.attempts);
    let (owner, row) = (tenant.clone(), delivery.clone());
    let claimed = broker
        .database
        .write(move |conn| conn.tenant(&owner).logout_deliveries().update(&row, seen))
        .await?;
    Ok(claimed.then_some(delivery))
}

async fn send(
    broker: &Broker,
    tenant: &TenantId,
    delivery: &LogoutDelivery,
) -> Result<(), Problem> {
    let (owner, id) = (tenant.clone(), delivery.application_id.clone());
    let read = broker.database.read(move |conn| {
        let row = conn.operator().tenant_by_id(&owner)?;
        let tenant = row.map(TenantRecord::try_from).transpose()?;
        Ok((tenant, application(conn, &owner, &id)?))
    });
    let later = |error: &dyn std::fmt::Display| Problem::ForNow(error.to_string());
    let (Some(tenant), Some(application)) = read.await.map_err(|error| later(&error))? else {
        return Err(Problem::ForGood("the application is gone"));
    };
    let url = Url::parse(&delivery.uri)
        .map_err(|_| Problem::ForGood("its backchannel_logout_uri is no URL"))?;
    let token = token(broker, &tenant, &application, delivery).await?;
    let request = OutgoingRequest::post_form(url, [("logout_token", token)]);
    let answer = broker.upstreams.http.send(request).await.map_err(|error| later(&error))?;
    match answer.status.as_u16() {
        200..=299 => Ok(()),
        400 => Err(Problem::Refused),
        status => Err(Problem::ForNow(format!("it answered with status {status}"))),
    }
}

/// A token of this moment, signed as the application wants its ID tokens signed now.
async fn token(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    delivery: &LogoutDelivery,
) -> Result<String, Problem> {
    let provider = OpenidProvider::of(broker, tenant, application);
    let algorithm = application.settings.id_token_algorithm;
    let signer = broker.keys.signer(&provider.keys, algorithm).await;
    let signer = signer.map_err(|error| Problem::ForNow(error.to_string()))?;
    let subject = subject::of(broker, tenant, application, &delivery.user_id).await;
    let subject = subject.map_err(|error| Problem::ForNow(error.detail))?;
    let about = (subject.as_str(), &delivery.session_id);
    let moment = (broker.clock.now(), signer.fresh_token_id());
    let claims = logout_token::claims(&provider, application, about, moment);
    let signed = signer.sign(logout_token::TYPE, &claims);
    signed.map_err(|error| Problem::ForNow(error.to_string()))
}

/// Keeps what came of an attempt, with its audit event once it is final.
async fn keep(
    broker: &Broker,
    tenant: &TenantId,
    mut delivery: LogoutDelivery,
    sent: Result<(), Problem>,
) -> StorageResult<()> {
    let now = broker.clock.now();
    let problem = sent.err();
    delivery.last_error = problem.as_ref().map(ToString::to_string);
    let given_up = match &problem {
        None => {
            delivery.delivered_at = Some(now);
            false
        }
        Some(Problem::ForGood(_)) => true,
        Some(Problem::Refused) => delivery.attempts >= retry::MOST_REFUSALS,
        Some(Problem::ForNow(_)) => delivery.next_attempt_at >= delivery.expires_at,
    };
    if given_up {
        delivery.failed_at = Some(now);
    }
    if let Some(problem) = &problem {
        tracing::warn!(%tenant, application = %delivery.application_id, attempts = delivery.attempts,
            given_up, %problem, "an application did not take a logout message");
    }
    let event = (given_up || problem.is_none()).then(|| AuditEvent::LogoutTold {
        application: delivery.application_id.clone(),
        user: delivery.user_id.clone(),
        session: delivery.session_id.clone(),
        attempts: delivery.attempts,
        problem: delivery.last_error.clone(),
    });
    let actor = Actor { kind: "system", id: Some("logout".into()), ip: None, user_agent: None };
    let (ids, trace) = (broker.ids.clone(), broker.ids.new_trace_id());
    let (owner, context) = (tenant.clone(), AuditContext { ids, now, trace, actor });
    let kept = broker.database.write(move |conn| {
        let attempts = delivery.attempts;
        let ours = conn.tenant(&owner).logout_deliveries().update(&delivery, attempts)?;
        match event.filter(|_| ours) {
            Some(event) => audit::append(conn, &owner, &context, &event),
            None => Ok(()),
        }
    });
    kept.await
}
