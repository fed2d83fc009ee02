//! A version that runs beside the one that decides (WP-82): its differences are audited, it changes nothing.

use serde_json::json;
use symbolon_contract::{TenantId, TraceId};
use symbolon_storage::MappingVersion;

use super::MappingInput;
use super::active::ActiveMapping;
use super::ask::{Purpose, ask};
use super::consequences::{as_system, event};
use super::verdict::{Difference, Verdict, difference};
use crate::audit::{self, AuditContext};
use crate::broker::Broker;

/// Runs the shadow version, if there is one, without anybody waiting for it.
pub(super) fn run_beside(
    broker: &Broker,
    tenant: &TenantId,
    active: &ActiveMapping,
    (input, live): (&MappingInput, Verdict),
    trace: &TraceId,
) {
    let Some(version) = active.shadow(input.now) else {
        return;
    };
    let run = Run {
        broker: broker.clone(),
        tenant: tenant.clone(),
        version: version.clone(),
        active: active.clone(),
        input: input.clone(),
        context: as_system(broker, trace),
    };
    tokio::spawn(run.compare(live));
}

struct Run {
    broker: Broker,
    tenant: TenantId,
    version: MappingVersion,
    active: ActiveMapping,
    input: MappingInput,
    context: AuditContext,
}

impl Run {
    async fn compare(self, live: Verdict) {
        let asked = (&self.version, &self.active.rules);
        let answer = ask(&self.broker, &self.tenant, asked, (Purpose::Login, &self.input)).await;
        let shadow = Verdict::of(answer.as_ref().map(|answer| &answer.mapping));
        let differs = difference(&live, &shadow);
        if let Err(error) = self.keep(differs).await {
            tracing::error!(%error, "the run of a shadow version could not be kept");
        }
    }

    async fn keep(&self, differs: Option<Difference>) -> symbolon_storage::StorageResult<()> {
        let (tenant, target) = (self.tenant.clone(), self.version.target());
        let context = self.context.clone();
        let event = differs.as_ref().map(|difference| {
            let details = json!({
                "active_version": self.active.version.version,
                "shadow_version": self.version.version,
                "gained": difference.gained,
                "lost": difference.lost,
                "fields": difference.fields.iter().map(|one| &one.field).collect::<Vec<_>>(),
                "ends": difference.ends.as_ref().map(|ends| ends.each_ref().map(Verdict::word)),
            });
            event("plugin.shadow_difference", &target, None, details)
        });
        self.broker
            .database
            .write(move |conn| {
                conn.tenant(&tenant).mapping(&target).count_shadow(event.is_some())?;
                match event {
                    None => Ok(()),
                    Some(event) => audit::append(conn, &tenant, &context, &event),
                }
            })
            .await
    }
}
