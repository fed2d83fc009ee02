//! What a failed call leads to: counted, and after 20 crashes in a row the plugin is stopped (WP-90).

use serde_json::json;
use symbolon_contract::{PluginDigest, ReasonCode, TenantId, TraceId};
use symbolon_storage::{MappingTarget, StorageError, StorageResult};

use super::active::ActiveMapping;
use super::{MappingError, MappingInput};
use crate::audit::{self, Actor, AuditContext, AuditEvent, Target};
use crate::broker::Broker;
use crate::secrets::sha256_hex;

/// Crashes and limits in a row, after which a plugin is no longer called.
pub const QUARANTINE_AFTER: i32 = 20;

/// People among them at least, so that one odd claim set cannot stop a tenant.
const DISTINCT_PEOPLE: usize = 2;

/// Counts a crash or a limit, or forgets the earlier ones after a good call. A failure to count is logged: the
/// sign-in's own end stands.
pub(super) async fn count(
    broker: &Broker,
    tenant: &TenantId,
    active: &ActiveMapping,
    (input, error): (&MappingInput, Option<&MappingError>),
    trace: &TraceId,
) {
    let counted = match error {
        None if active.state.failures > 0 => forget(broker, tenant, active).await,
        Some(error) if error.counts_towards_quarantine() => {
            note(broker, tenant, active, (input, error.reason()), trace).await
        }
        _ => return,
    };
    if let Err(error) = counted {
        tracing::error!(%tenant, %error, "the outcome of a plugin call could not be counted");
    }
}

async fn forget(broker: &Broker, tenant: &TenantId, active: &ActiveMapping) -> StorageResult<()> {
    let (tenant, target) = (tenant.clone(), active.version.target());
    let cleared =
        broker.database.write(move |conn| conn.tenant(&tenant).mapping(&target).clear_failures());
    cleared.await.map(|_| ())
}

async fn note(
    broker: &Broker,
    tenant: &TenantId,
    active: &ActiveMapping,
    (input, reason): (&MappingInput, ReasonCode),
    trace: &TraceId,
) -> StorageResult<()> {
    let person = sha256_hex(format!("{} {}", input.issuer, input.subject).as_bytes());
    let person = person.get(..16).unwrap_or_default().to_owned();
    let (of, target, now) = (tenant.clone(), active.version.target(), input.now);
    let details = json!({
        "plugin_digest": active.version.plugin_digest,
        "mapping_version": active.version.version,
        "failures": QUARANTINE_AFTER,
        "detail": format!("{reason} is the last of them; the plugin is no longer called"),
    });
    let context = as_system(broker, trace);
    let stopped = broker.database.write(move |conn| {
        let mut rows = conn.tenant(&of);
        let state = rows.mapping(&target).note_failure(&person)?;
        let enough = state.failures >= QUARANTINE_AFTER
            && state.failed_subjects.len() >= DISTINCT_PEOPLE
            && state.quarantined_at.is_none();
        if !enough || !rows.mapping(&target).quarantine(now)? {
            return Ok::<_, StorageError>(false);
        }
        let reason = Some(ReasonCode::PluginQuarantined);
        let event = event("plugin.quarantined", &target, reason, details);
        audit::append(conn, &of, &context, &event)?;
        Ok(true)
    });
    if stopped.await? {
        let (plugin, version) = (&active.version.plugin_digest, active.version.version);
        tracing::error!(%tenant, %plugin, version, "a mapping plugin is quarantined");
    }
    Ok(())
}

/// An event of a mapping.
pub(super) fn event(
    name: &'static str,
    target: &MappingTarget,
    reason: Option<ReasonCode>,
    details: serde_json::Value,
) -> AuditEvent {
    let target = Target { kind: target.kind.as_str(), id: target.id.clone() };
    AuditEvent::Mapping { name, target, reason, details }
}

/// In the course of a request, but nobody did it.
pub(super) fn as_system(broker: &Broker, trace: &TraceId) -> AuditContext {
    let actor = Actor { kind: "system", id: Some("mapping".into()), ip: None, user_agent: None };
    let (ids, now) = (broker.ids.clone(), broker.clock.now());
    AuditContext { ids, now, trace: trace.clone(), actor }
}

/// Compiled code in the cache folder that this installation did not make (WP-70): the operator is told.
pub(super) async fn cache_rejected(broker: &Broker, plugin: &PluginDigest) {
    let context = as_system(broker, &broker.ids.new_trace_id());
    let event = AuditEvent::Mapping {
        name: "plugin.cache_rejected",
        target: Target { kind: "plugin", id: plugin.to_string() },
        reason: None,
        details: json!({ "detail": "its mark was missing or wrong; it was deleted and compiled again" }),
    };
    let kept = broker.database.write(move |conn| audit::append_operator(conn, &context, &event));
    if let Err(error) = kept.await {
        tracing::error!(%error, "the rejected cache file could not be kept in the audit trail");
    }
}

/// Why the plugin is not called at all, if it is not.
pub(super) fn stopped(active: &ActiveMapping) -> Option<MappingError> {
    let plugin = active.version.plugin_digest.clone();
    if !active.usable {
        return Some(MappingError::PluginMissing(plugin));
    }
    let version = active.version.version;
    active.state.quarantined_at.map(|_| MappingError::Quarantined { plugin, version })
}
