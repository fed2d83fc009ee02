//! `symbolon keys` and `symbolon secrets`.

use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller};
use symbolon_identity::keys::KeyFacts;
use symbolon_identity::tenants::TenantRecord;

use super::arguments::{Algorithm, KeysCommand, SecretsCommand};
use super::print;

pub(super) async fn run(broker: &Broker, command: KeysCommand, json: bool) -> anyhow::Result<()> {
    match command {
        KeysCommand::List { tenant } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            list(broker, &tenant, json).await
        }
        KeysCommand::Rotate { tenant, algorithm } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            rotate(broker, (&tenant, algorithm), json).await
        }
        KeysCommand::ForgetRetired { tenant } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            forget_retired(broker, &tenant, json).await
        }
    }
}

pub(super) async fn list(broker: &Broker, tenant: &TenantRecord, json: bool) -> anyhow::Result<()> {
    let keys = admin::list_keys(broker, tenant).await?;
    let rows: Vec<Value> = keys.iter().map(describe).collect();
    print::table(&rows, &["kid", "algorithm", "state", "created_at", "activated_at"], json);
    Ok(())
}

pub(super) async fn rotate(
    broker: &Broker,
    (tenant, algorithm): (&TenantRecord, Algorithm),
    json: bool,
) -> anyhow::Result<()> {
    let caller = AdminCaller::command_line();
    let active = admin::rotate_keys(broker, &caller, tenant, algorithm.into()).await?;
    print::object(&describe(&active), json);
    Ok(())
}

pub(super) async fn forget_retired(
    broker: &Broker,
    tenant: &TenantRecord,
    json: bool,
) -> anyhow::Result<()> {
    let caller = AdminCaller::command_line();
    let forgotten = admin::forget_retired_keys(broker, &caller, tenant).await?;
    print::object(&json!({ "forgotten": forgotten }), json);
    Ok(())
}

fn describe(key: &KeyFacts) -> Value {
    json!({
        "kid": key.kid,
        "algorithm": key.algorithm.as_str(),
        "state": key.state,
        "created_at": key.created_at,
        "activated_at": key.activated_at,
        "retired_at": key.retired_at,
    })
}

pub(super) async fn secrets(
    broker: &Broker,
    command: &SecretsCommand,
    json: bool,
) -> anyhow::Result<()> {
    let SecretsCommand::Rotate { dry_run } = command;
    let report = admin::rotate_secrets(broker, *dry_run).await?;
    let unreadable: Vec<Value> = report.unreadable.iter().map(|one| json!(one.tenant)).collect();
    print::object(
        &json!({
            "active_master_key": report.active,
            "dry_run": dry_run,
            "rewrapped": report.rewrapped,
            "unreadable": unreadable,
        }),
        json,
    );
    anyhow::ensure!(report.unreadable.is_empty(), "some data keys could not be opened");
    Ok(())
}
