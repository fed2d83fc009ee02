//! A refusal is kept and told: code, status, sentence, fix, audit row, trace id.

use symbolon_contract::{ApplicationId, ConnectorId, ReasonCode, TenantId, TraceId};
use symbolon_storage::{RecordedSignIn, SeenStranger, StorageError};

use super::tell::{Told, told};
use super::{LoginError, loop_guard};
use crate::audit::{self, Actor, AuditContext, AuditEvent};
use crate::broker::{Broker, Visit};
use crate::downstream::DownstreamResponse;
use crate::downstream::oidc::OauthError;
use crate::downstream::oidc::authorize::AuthorizationRequest;
use crate::downstream::oidc::pushed;
use crate::tenants::TenantRecord;
use crate::traces;

/// A refusal, ready to be shown.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The catalogue's code.
    pub reason: ReasonCode,
    /// Seen and expected: for the log and the audit trail, never for the person.
    pub detail: String,
    /// The mapping plugin's own words for the person, if it denied with some.
    pub words: Option<String>,
    /// The request.
    pub trace: TraceId,
    /// Where the application is told instead of the person.
    pub answer: Option<DownstreamResponse>,
    /// The attempt that the person may try again.
    pub retry: Option<String>,
}

impl Refused {
    /// A refusal that leaves no row, because it is part of the ordinary way.
    #[must_use]
    pub fn unkept(error: OauthError, visit: &Visit) -> Self {
        Self {
            reason: error.reason,
            detail: error.detail,
            words: None,
            trace: visit.trace.clone(),
            answer: None,
            retry: None,
        }
    }
}

/// What is known about who was refused.
#[derive(Debug, Clone, Default)]
pub(super) struct Circumstances {
    pub(super) connector: Option<ConnectorId>,
    pub(super) application: Option<ApplicationId>,
    /// A person who proved to be somebody and has no user: asks for access (N3).
    pub(super) stranger: Option<SeenStranger>,
    pub(super) retry: Option<String>,
    pub(super) answer: Option<DownstreamResponse>,
    /// The request that waits for an answer, once it was found good.
    pub(super) asked: Option<Box<AuthorizationRequest>>,
    /// The test sign-in that this is: nobody was refused (N34).
    pub(super) test: Option<String>,
    /// The attempt, when its callback came and failed (E-80).
    pub(super) round_trip: Option<String>,
    /// What is recorded of it, when the upstream had vouched for somebody.
    pub(super) recorded: Option<RecordedSignIn>,
}

/// Keeps a refused sign-in and makes what is shown.
pub(super) async fn refuse(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    error: &LoginError,
    circumstances: Circumstances,
) -> Box<Refused> {
    let reason = error.reason();
    let detail = error.to_string();
    let event = match error {
        _ if circumstances.test.is_some() => AuditEvent::TestSignIn {
            connector: circumstances.connector.clone(),
            test: circumstances.test.clone(),
            reason: Some(reason),
            detail: detail.clone(),
        },
        LoginError::Request(_) => AuditEvent::Refused {
            reason,
            detail: detail.clone(),
            application: circumstances.application.clone(),
        },
        _ => AuditEvent::SsoLoginFailed {
            reason,
            detail: detail.clone(),
            connector: circumstances.connector.clone(),
            application: circumstances.application.clone(),
        },
    };
    let stranger = circumstances.stranger.filter(|_| reason == ReasonCode::PolicyNotProvisioned);
    let told = match &circumstances.asked {
        Some(request) => told(broker, tenant, error, request).await,
        None => None,
    };
    let (answer, over) = told.map_or((None, None), |Told { answer, over }| (Some(answer), over));
    let failed_trip = circumstances.round_trip.map(|id| (id, reason));
    let also = Also { stranger, failed_trip, over };
    keep(broker, Some(tenant), visit, event, also).await;
    if let Some(row) = circumstances.recorded {
        traces::keep_refused(broker, &tenant.id, row).await;
    }
    Box::new(Refused {
        reason,
        words: error.words_for_person(),
        detail,
        trace: visit.trace.clone(),
        answer: answer.or(circumstances.answer),
        retry: circumstances.retry,
    })
}

/// Keeps the refusal of any other request and makes what is shown.
pub async fn refuse_request(
    broker: &Broker,
    tenant: Option<&TenantRecord>,
    visit: &Visit,
    error: OauthError,
    application: Option<ApplicationId>,
) -> Box<Refused> {
    let event =
        AuditEvent::Refused { reason: error.reason, detail: error.detail.clone(), application };
    keep(broker, tenant, visit, event, Also::default()).await;
    Box::new(Refused {
        reason: error.reason,
        detail: error.detail,
        words: None,
        trace: visit.trace.clone(),
        answer: None,
        retry: None,
    })
}

/// What is kept beside the event.
#[derive(Default)]
struct Also {
    stranger: Option<SeenStranger>,
    failed_trip: Option<(String, ReasonCode)>,
    /// The pushed request that is answered with it.
    over: Option<(TenantId, String)>,
}

async fn keep(
    broker: &Broker,
    tenant: Option<&TenantRecord>,
    visit: &Visit,
    event: AuditEvent,
    also: Also,
) {
    let context = context(broker, visit, None);
    let tenant = tenant.map(|tenant| tenant.id.clone());
    let name = event.name();
    let kept = broker
        .database
        .write(move |conn| {
            let Some(tenant) = tenant else {
                return audit::append_operator(conn, &context, &event);
            };
            if let Some(stranger) = &also.stranger {
                conn.tenant(&tenant).access_requests().note(stranger)?;
            }
            if let Some((home, pushed)) = &also.over {
                pushed::spend(&mut conn.tenant(home), pushed, context.now)?;
            }
            if let Some((attempt, reason)) = &also.failed_trip {
                loop_guard::note(&mut conn.tenant(&tenant), attempt, *reason)?;
            }
            audit::append(conn, &tenant, &context, &event)
        })
        .await;
    if let Err(error) = kept {
        report_lost(name, visit, &error);
    }
}

/// The refusal stands even when it cannot be kept; the operator must know.
fn report_lost(name: &str, visit: &Visit, error: &StorageError) {
    tracing::error!(trace = %visit.trace, event = name, %error, "an audit event could not be kept");
}

/// What audit rows of this visit are written with.
pub(super) fn context(
    broker: &Broker,
    visit: &Visit,
    user: Option<&symbolon_contract::UserId>,
) -> AuditContext {
    AuditContext {
        ids: broker.ids.clone(),
        now: broker.clock.now(),
        trace: visit.trace.clone(),
        actor: Actor {
            kind: if user.is_some() { "user" } else { "unknown" },
            id: user.map(ToString::to_string),
            ip: visit.address.map(|address| address.to_string()),
            user_agent: visit.user_agent.clone(),
        },
    }
}
