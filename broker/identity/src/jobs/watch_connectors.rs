//! Connectors that are not switched off are looked at: are they there, do their credentials last (N72, E-54)?
//! Tenants are walked in pages; one connector that fails or is slow does not keep the others waiting.

use std::time::Duration;

use futures_util::{StreamExt, stream};

use crate::admin::{AdminError, list_connectors, list_tenants, watch_connector};
use crate::broker::Broker;
use crate::connectors::ConnectorRecord;
use crate::policy::ConnectorMode;
use crate::tenants::TenantRecord;

const PAGE: i64 = 200;
/// Looks that wait for an upstream at once.
const AT_ONCE: usize = 8;
/// One look asks a few addresses, each with a time limit of its own; together no more than this.
const LONGEST_LOOK: Duration = Duration::from_secs(60);
/// The lease is longer: what is left over is due at the next run.
const LONGEST_RUN: Duration = Duration::from_secs(240);

pub(super) async fn run(broker: &Broker) -> Result<(), AdminError> {
    match tokio::time::timeout(LONGEST_RUN, walk(broker)).await {
        Ok(outcome) => outcome,
        Err(_) => {
            tracing::warn!("jobs: not all connectors were looked at in time");
            Ok(())
        }
    }
}

async fn walk(broker: &Broker) -> Result<(), AdminError> {
    let mut after = None;
    loop {
        let page = list_tenants(broker, after, PAGE).await?;
        for tenant in page.iter().filter(|tenant| tenant.active) {
            let connectors = match list_connectors(broker, tenant).await {
                Ok(connectors) => connectors,
                Err(error) => {
                    tracing::warn!(tenant = %tenant.slug, %error, "jobs: connectors not read");
                    continue;
                }
            };
            let open = connectors.iter().filter(|one| one.mode != ConnectorMode::Off);
            stream::iter(open).for_each_concurrent(AT_ONCE, |one| look(broker, tenant, one)).await;
        }
        match page.into_iter().next_back() {
            None => return Ok(()),
            Some(last) => after = Some(last.id),
        }
    }
}

async fn look(broker: &Broker, tenant: &TenantRecord, connector: &ConnectorRecord) {
    let looked = watch_connector(broker, tenant, connector);
    let (tenant, connector) = (&tenant.slug, &connector.id);
    match tokio::time::timeout(LONGEST_LOOK, looked).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%tenant, %connector, %error, "jobs: not looked at"),
        Err(_) => tracing::warn!(%tenant, %connector, "jobs: looking took too long"),
    }
}
