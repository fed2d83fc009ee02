//! Saved cases: what every version must say about a sign-in before it may be activated.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use symbolon_storage::MappingTarget;

use super::kind;
use crate::admin::{AdminCaller, AdminError, Change};
use crate::broker::Broker;
use crate::mapping::{CaseLogin, MappingCase, Purpose, Verdict, active_mapping, ask, cases};
use crate::tenants::TenantRecord;

/// A saved case without what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CaseSummary {
    /// Its name.
    pub name: String,
    /// Who saved it last.
    pub author: String,
    /// When.
    pub updated_at: DateTime<Utc>,
}

/// What was saved.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SavedCase {
    /// Its name.
    pub name: String,
    /// What it holds.
    #[serde(flatten)]
    pub case: MappingCase,
}

/// Saves a case under a name. Without an expectation it expects what the active version says now.
///
/// # Errors
/// [`AdminError::Invalid`] for a name that is none or too many cases, what the active version fails with, and
/// those of the database.
pub async fn put_case(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    target: &MappingTarget,
    (name, login, expected): (&str, CaseLogin, Option<Verdict>),
) -> Result<SavedCase, AdminError> {
    AdminError::unless_empty(problems(broker, tenant, (target, name)).await?)?;
    let expected = match expected {
        Some(expected) => expected,
        None => present_verdict(broker, tenant, (target, &login)).await?,
    };
    let case = MappingCase { login, expected };
    let sealed = cases::seal(broker, &tenant.id, (target, name), &case).await?;
    let (change, id, target) = (Change::by(broker, caller), tenant.id.clone(), target.clone());
    let (author, now, key) = (caller.name.clone(), broker.clock.now(), name.to_owned());
    broker
        .database
        .write(move |conn| {
            let mut rows = conn.tenant(&id);
            rows.mapping_cases(&target).put(&key, &sealed, &author, now)?;
            let changes = json!([{ "field": "case", "to": key }]);
            change.record(conn, &id, ("mapping.case_saved", kind(&target), &target.id), changes)
        })
        .await?;
    Ok(SavedCase { name: name.to_owned(), case })
}

async fn problems(
    broker: &Broker,
    tenant: &TenantRecord,
    (target, name): (&MappingTarget, &str),
) -> Result<Vec<String>, AdminError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
    let mut problems = Vec::new();
    if name.trim() != name || name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        problems.push("name: 1 to 64 letters, digits, blanks, - _ .".to_owned());
    }
    let (id, target, key) = (tenant.id.clone(), target.clone(), name.to_owned());
    let (count, known) = broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&id);
            let known = rows.mapping_cases(&target).find(&key)?.is_some();
            Ok((rows.mapping_cases(&target).count()?, known))
        })
        .await?;
    if !known && count >= cases::MOST_CASES {
        problems.push(format!("a mapping keeps at most {} cases", cases::MOST_CASES));
    }
    Ok(problems)
}

async fn present_verdict(
    broker: &Broker,
    tenant: &TenantRecord,
    (target, login): (&MappingTarget, &CaseLogin),
) -> Result<Verdict, AdminError> {
    let input =
        login.input(target).map_err(|error| AdminError::Invalid(vec![error.to_string()]))?;
    let active = active_mapping(broker, &tenant.id, target).await?;
    let asked = (&active.version, &active.rules);
    let answer = ask(broker, &tenant.id, asked, (Purpose::Preview, &input)).await;
    Ok(Verdict::of(answer.as_ref().map(|answer| &answer.mapping)))
}

/// The saved cases of a target.
///
/// # Errors
/// Those of the database.
pub async fn list_cases(
    broker: &Broker,
    tenant: &TenantRecord,
    target: &MappingTarget,
) -> Result<Vec<CaseSummary>, AdminError> {
    let (id, target) = (tenant.id.clone(), target.clone());
    let rows = broker.database.read(move |conn| conn.tenant(&id).mapping_cases(&target).list());
    let summary = |row: symbolon_storage::MappingCase| CaseSummary {
        name: row.name,
        author: row.author,
        updated_at: row.updated_at,
    };
    Ok(rows.await?.into_iter().map(summary).collect())
}

/// One saved case.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the secret store.
pub async fn read_case(
    broker: &Broker,
    tenant: &TenantRecord,
    (target, name): (&MappingTarget, &str),
) -> Result<SavedCase, AdminError> {
    let (id, whose, key) = (tenant.id.clone(), target.clone(), name.to_owned());
    let row = broker.database.read(move |conn| conn.tenant(&id).mapping_cases(&whose).find(&key));
    let row = row.await?.ok_or_else(|| missing(name))?;
    let case = cases::open(broker, &tenant.id, (target, name), &row.sealed).await?;
    Ok(SavedCase { name: row.name, case })
}

/// Forgets a case.
///
/// # Errors
/// [`AdminError::NotFound`] and those of the database.
pub async fn delete_case(
    broker: &Broker,
    caller: &AdminCaller,
    tenant: &TenantRecord,
    (target, name): (&MappingTarget, &str),
) -> Result<(), AdminError> {
    let (change, id, target) = (Change::by(broker, caller), tenant.id.clone(), target.clone());
    let key = name.to_owned();
    let deleted = broker.database.write(move |conn| {
        let deleted = conn.tenant(&id).mapping_cases(&target).delete(&key)?;
        if deleted {
            let changes = json!([{ "field": "case", "from": key }]);
            let what = ("mapping.case_deleted", kind(&target), target.id.as_str());
            change.record(conn, &id, what, changes)?;
        }
        Ok(deleted)
    });
    if deleted.await? { Ok(()) } else { Err(missing(name)) }
}

fn missing(name: &str) -> AdminError {
    AdminError::NotFound { kind: "case", id: name.to_owned() }
}
