//! Signing keys move on when they are due: next, active, retired (H-10). Tenants are walked in pages.

use crate::admin::{AdminError, list_tenants};
use crate::broker::Broker;
use crate::downstream::oidc::platform_tenant;

const PAGE: i64 = 200;

pub(super) async fn run(broker: &Broker) -> Result<(), AdminError> {
    // Without applications of the operator's there are no such keys, and nothing is done.
    broker.keys.rotate_due(&platform_tenant()).await?;
    let mut after = None;
    loop {
        let page = list_tenants(broker, after, PAGE).await?;
        for tenant in &page {
            broker.keys.rotate_due(&tenant.id).await?;
        }
        match page.into_iter().next_back() {
            None => return Ok(()),
            Some(last) => after = Some(last.id),
        }
    }
}
