//! A test sign-in (N34): the whole way of a sign-in against the settings as they are stored, up to the point
//! where something would happen. `judge` asks every stop what it would do and has no way to do it: it reads
//! only, and the gate gives it no `Admission`.

mod judge;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_storage::{ConsumeOutcome, SingleUseKind};

use super::LoginError;
use super::attempt::{LoginAttempt, LoginRequest, LoginStage};
use super::authorize::{self, Departure};
use super::complete::Returned;
use super::flow::{FlowResult, settle};
use super::refuse::{Circumstances, context};
use super::step::{LoginStep, Outcome};
use crate::audit::{self, AuditEvent};
use crate::broker::{Broker, Visit};
use crate::connectors::connector::callback_url;
use crate::connectors::{Assertion, ConnectorError, ConnectorRecord};
use crate::policy::ConnectorMode;
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;
use crate::test_sign_in::{REPORT_LIFETIME, ShownCheck, TestReport, Verdict, seal};

/// What the link holds.
#[derive(Deserialize)]
struct Link {
    test: String,
    connector: ConnectorId,
}

/// An admin opens the link of a test sign-in: off to the connector, in every mode but off.
///
/// # Errors
/// A [`super::Refused`] to show.
pub async fn begin_test(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    handle: &str,
) -> FlowResult {
    // Whatever goes wrong, it was no sign-in of a person.
    let mut known = Circumstances { test: Some(String::new()), ..Circumstances::default() };
    let outcome = async {
        let link = take(broker, tenant, handle).await?;
        known.test = Some(link.test.clone());
        known.connector = Some(link.connector.clone());
        let connector = find(broker, tenant, &link.connector).await?;
        if connector.mode == ConnectorMode::Off {
            return Err(LoginError::ConnectorNotOffered(connector.id, "off"));
        }
        leave(broker, tenant, visit, (&connector, link.test)).await
    }
    .await;
    settle(broker, tenant, visit, outcome, known).await
}

/// A connector that cannot even be left for is a failed test, and told like one.
async fn leave(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (connector, test): (&ConnectorRecord, String),
) -> Result<Outcome, LoginError> {
    let request = LoginRequest::Test { test: test.clone() };
    let (attempt, browser, login_cookie) = authorize::new_attempt(broker, visit, request);
    let departure = Departure { attempt, stored: false, browser, wishes: None };
    match authorize::depart(broker, tenant, connector, departure).await {
        Ok(outcome) => Ok(Outcome { login_cookie, ..outcome }),
        Err(LoginError::Storage(error)) => Err(error.into()),
        Err(error) => {
            let mut report = empty(broker, tenant, (connector, &test), broker.clock.now());
            report.refuse(error.reason(), error.to_string());
            keep(broker, tenant, visit, (None, &report)).await?;
            Ok(Outcome::of(LoginStep::Tested(Box::new(report))))
        }
    }
}

async fn take(broker: &Broker, tenant: &TenantRecord, handle: &str) -> Result<Link, LoginError> {
    let (tenant, now) = (tenant.id.clone(), broker.clock.now());
    let hash = sha256_hex(handle.as_bytes());
    let taken = broker
        .database
        .write(move |conn| {
            conn.tenant(&tenant).single_use(SingleUseKind::TestSignIn).consume(&hash, now)
        })
        .await?;
    match taken {
        ConsumeOutcome::Taken(row) => {
            serde_json::from_value(row.payload).map_err(|_| LoginError::TestUnknown)
        }
        ConsumeOutcome::AlreadyConsumed(_) => Err(LoginError::AttemptUsed),
        ConsumeOutcome::Expired => Err(LoginError::AttemptExpired),
        ConsumeOutcome::Unknown => Err(LoginError::TestUnknown),
    }
}

async fn find(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorId,
) -> Result<ConnectorRecord, LoginError> {
    let (tenant, id) = (tenant.id.clone(), connector.clone());
    let row = broker.database.read(move |conn| conn.tenant(&tenant).connectors().find(&id)).await?;
    Ok(ConnectorRecord::try_from(row.ok_or(LoginError::ConnectorUnknown)?)?)
}

/// The callback of a test came, well or not: what would happen is found out, kept and shown.
pub(super) async fn judged(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (returned, assertion): (Returned, Result<Assertion, LoginError>),
) -> Result<Box<TestReport>, LoginError> {
    let Returned { attempt, connector, .. } = returned;
    let started = match &attempt.stage {
        LoginStage::AtUpstream(leg) => leg.started_at,
        LoginStage::Choosing | LoginStage::Done => attempt.created_at,
    };
    let test = attempt.test().unwrap_or_default();
    let mut report = empty(broker, tenant, (&connector, test), started);
    let judged = match assertion {
        Ok(assertion) => {
            report.checks = assertion.checks.iter().map(ShownCheck::of).collect();
            judge::judge(broker, tenant, (&connector, &assertion), &mut report).await
        }
        Err(error) => {
            report.redirect_uri_proved = came_back(&error);
            if let LoginError::Connector(ConnectorError::Saml(problem)) = &error {
                report.checks = problem.checks.iter().map(ShownCheck::of).collect();
            }
            Err(error)
        }
    };
    match judged {
        Ok(()) => report.settings_tested = counts(broker, tenant, &connector).await?,
        Err(LoginError::Storage(error)) => return Err(error.into()),
        Err(error) => report.refuse(error.reason(), error.to_string()),
    }
    keep(broker, tenant, visit, (Some(attempt), &report)).await?;
    Ok(Box::new(report))
}

/// Microsoft sends errors to a registered address only, and so does every upstream that keeps to RFC 6749
/// 4.1.2.1; a code that came proves it too.
fn came_back(error: &LoginError) -> bool {
    !matches!(
        error,
        LoginError::Connector(ConnectorError::MixUp { .. } | ConnectorError::CodeMissing)
    )
}

fn empty(
    broker: &Broker,
    tenant: &TenantRecord,
    (connector, test): (&ConnectorRecord, &str),
    started: DateTime<Utc>,
) -> TestReport {
    let now = broker.clock.now();
    TestReport {
        id: test.to_owned(),
        connector: connector.id.clone(),
        settings_version: connector.settings_version,
        verdict: Verdict::Passed,
        refusal: None,
        finished_at: now,
        expires_at: now + REPORT_LIFETIME,
        duration_ms: (now - started).num_milliseconds().max(0),
        redirect_uri: callback_url(broker, &tenant.slug, connector),
        redirect_uri_proved: false,
        settings_tested: false,
        checks: Vec::new(),
        statement: None,
        fields: Vec::new(),
        roles: Vec::new(),
        user: None,
        warnings: Vec::new(),
    }
}

/// A green test sign-in is a green test of the settings, unless the test of the connection found a fault in
/// just these settings: then that one stands.
async fn counts(
    broker: &Broker,
    tenant: &TenantRecord,
    connector: &ConnectorRecord,
) -> Result<bool, LoginError> {
    let (tenant, id, version) =
        (tenant.id.clone(), connector.id.clone(), connector.settings_version);
    let found = broker
        .database
        .read(move |conn| conn.tenant(&tenant).connector_versions().find(&id, version))
        .await?;
    Ok(found.is_some_and(|one| one.test_outcome.as_deref() != Some("failed")))
}

/// Keeps the report, ends the attempt and writes the audit row: nothing else is written.
async fn keep(
    broker: &Broker,
    tenant: &TenantRecord,
    visit: &Visit,
    (attempt, report): (Option<LoginAttempt>, &TestReport),
) -> Result<(), LoginError> {
    let sealed = seal(broker, &tenant.id, report).await.map_err(ConnectorError::Secrets)?;
    let context = context(broker, visit, None);
    let event = AuditEvent::TestSignIn {
        connector: Some(report.connector.clone()),
        test: Some(report.id.clone()),
        reason: report.refusal.as_ref().map(|refusal| refusal.reason),
        detail: report.refusal.as_ref().map_or_else(String::new, |refusal| refusal.detail.clone()),
    };
    let (tenant, report) = (tenant.id.clone(), report.clone());
    broker
        .database
        .write(move |conn| {
            let mut rows = conn.tenant(&tenant);
            if let Some(mut attempt) = attempt {
                attempt.advance(&mut rows, LoginStage::Done)?;
            }
            rows.test_sign_ins().finish(&report.id, &sealed)?;
            if report.settings_tested {
                let (id, version) = (&report.connector, report.settings_version);
                let at = report.finished_at;
                rows.connector_versions().set_tested(id, version, at, "passed")?;
            }
            audit::append(conn, &tenant, &context, &event)
        })
        .await?;
    Ok(())
}

/// The code of a refusal that is shown as a warning, where nobody is kept out by it.
fn warning(reason: ReasonCode, detail: String) -> crate::test_sign_in::TestWarning {
    crate::test_sign_in::TestWarning { reason: Some(reason), detail }
}
