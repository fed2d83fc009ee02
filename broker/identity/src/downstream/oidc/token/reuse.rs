//! A code or a refresh token came a second time: somebody saw it, and the trail must say so (RFC 9700 4.14).

use symbolon_contract::{ApplicationId, ReasonCode, TraceId, UserId};
use symbolon_storage::{Connection, StorageResult};

use crate::audit::{self, Actor, AuditContext, AuditEvent};
use crate::broker::Broker;
use crate::downstream::Application;
use crate::tenants::TenantRecord;

/// With what the event would be written, made before the transaction that may find it out.
pub(super) fn context(broker: &Broker, application: &Application, trace: &TraceId) -> AuditContext {
    AuditContext {
        ids: broker.ids.clone(),
        now: broker.clock.now(),
        trace: trace.clone(),
        actor: Actor {
            kind: "application",
            id: Some(application.id.to_string()),
            ip: None,
            user_agent: None,
        },
    }
}

/// Keeps that it happened. Do it last in the transaction.
pub(super) fn record(
    conn: &mut Connection,
    tenant: &TenantRecord,
    context: &AuditContext,
    ((application, user), reason): ((&ApplicationId, &UserId), ReasonCode),
) -> StorageResult<()> {
    let event =
        AuditEvent::TokenReused { reason, application: application.clone(), user: user.clone() };
    audit::append(conn, &tenant.id, context, &event)
}
