//! `symbolon audit`.

use std::process::ExitCode;

use symbolon_identity::admin;
use symbolon_identity::audit::to_json;
use symbolon_identity::storage::AuditFilter;
use symbolon_identity::{Broker, tenants::TenantRecord};

use super::arguments::AuditCommand;

const PAGE: i64 = 1000;

pub(super) async fn run(broker: &Broker, command: AuditCommand) -> anyhow::Result<ExitCode> {
    match command {
        AuditCommand::Export { tenant, event } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            export(broker, &tenant, event).await?;
        }
        AuditCommand::Verify { tenant } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            match admin::verify_audit(broker, &tenant).await? {
                Ok(rows) => println!("the chain of {rows} rows holds"),
                Err(fault) => {
                    println!("row {}: {}", fault.seq, fault.problem);
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One JSON object a line, oldest first, a page in memory at a time (CV-EXPORT-1).
async fn export(
    broker: &Broker,
    tenant: &TenantRecord,
    event: Option<String>,
) -> anyhow::Result<()> {
    let mut after_seq = None;
    loop {
        let filter = AuditFilter {
            after_seq,
            before_seq: None,
            event_type: event.clone(),
            newest_first: false,
            limit: PAGE,
        };
        let rows = admin::audit_events(broker, &tenant.id, filter).await?;
        for row in &rows {
            println!("{}", to_json(tenant.id.as_str(), row));
        }
        match rows.last() {
            None => return Ok(()),
            Some(last) => after_seq = Some(last.seq),
        }
    }
}
