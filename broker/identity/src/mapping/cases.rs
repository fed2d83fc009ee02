//! The saved cases of a target: sealed, because an admin may have made them of a real sign-in.

use secrecy::ExposeSecret;
use symbolon_contract::TenantId;
use symbolon_storage::{MappingTarget, StorageError};

use super::MappingCase;
use crate::broker::Broker;
use crate::secrets::{Purpose, SecretsError};

/// Saved cases of one target at most.
pub(crate) const MOST_CASES: i64 = 200;

/// What a case is sealed for: no other case of no other target opens it.
fn owner(target: &MappingTarget, name: &str) -> String {
    format!("{}/{}/{name}", target.kind, target.id)
}

/// Seals a case for its row.
pub(crate) async fn seal(
    broker: &Broker,
    tenant: &TenantId,
    (target, name): (&MappingTarget, &str),
    case: &MappingCase,
) -> Result<String, SecretsError> {
    let plaintext = serde_json::to_vec(case).map_err(|_| SecretsError::SealFailed)?;
    let owner = owner(target, name);
    broker.secrets.seal(tenant, Purpose::MappingCase, &owner, &plaintext).await
}

/// All saved cases of a target by name.
pub(crate) async fn all(
    broker: &Broker,
    tenant: &TenantId,
    target: &MappingTarget,
) -> Result<Vec<(String, MappingCase)>, SecretsError> {
    let (of, whose) = (tenant.clone(), target.clone());
    let rows =
        broker.database.read(move |conn| conn.tenant(&of).mapping_cases(&whose).list()).await?;
    let mut cases = Vec::with_capacity(rows.len());
    for row in rows {
        let case = open(broker, tenant, (target, &row.name), &row.sealed).await?;
        cases.push((row.name, case));
    }
    Ok(cases)
}

/// Opens one case.
pub(crate) async fn open(
    broker: &Broker,
    tenant: &TenantId,
    (target, name): (&MappingTarget, &str),
    sealed: &str,
) -> Result<MappingCase, SecretsError> {
    let owner = owner(target, name);
    let opened = broker.secrets.open_text(tenant, Purpose::MappingCase, &owner, sealed).await?;
    let case = serde_json::from_str(opened.expose_secret());
    case.map_err(|error| {
        let why = format!("case {name}: {error}");
        SecretsError::from(StorageError::Corrupt { table: "mapping_cases", why })
    })
}
