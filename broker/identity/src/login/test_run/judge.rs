//! What every stop behind the upstream would do. Reads only.

use symbolon_contract::{Claims, ReasonCode};

use super::warning;
use crate::broker::Broker;
use crate::claims::normalise;
use crate::connectors::{Assertion, ConnectorRecord};
use crate::login::{LoginError, upstream_subject};
use crate::mapping::{self, MappingInput, MappingOutcome};
use crate::policy::{self, AdmissionFacts, ConnectorMode, UserStanding};
use crate::provisioning::apply::read_facts;
use crate::provisioning::{IdentityKey, MappedUser, ProvisioningDecision, decide};
use crate::tenants::TenantRecord;
use crate::test_sign_in::{Fate, ShownClaim, ShownRole, Statement, TestReport, TestWarning};

/// Fills the report stop by stop; an error is the refusal that the person would meet.
pub(super) async fn judge(
    broker: &Broker,
    tenant: &TenantRecord,
    (connector, assertion): (&ConnectorRecord, &Assertion),
    report: &mut TestReport,
) -> Result<(), LoginError> {
    let upstream = &connector.configuration.upstream;
    report.redirect_uri_proved = true;
    let statement = Statement::of(assertion, upstream);
    report.warnings = warnings(connector, (assertion, &statement));
    report.statement = Some(statement);
    let claims = normalise(assertion, upstream);
    let now = broker.clock.now();
    let input = MappingInput::of_sign_in(connector, assertion, &claims, now);
    let mapping = mapping::preview(broker, &tenant.id, &input).await?;
    let mapped = show_mapping(report, &mapping, &claims);
    let decision = provision(broker, tenant, (connector, assertion), mapped.clone()).await?;
    let user = match decision {
        ProvisioningDecision::Refuse(refusal) => {
            report.user = Some(Fate::Refuse);
            return Err(refusal.into());
        }
        ProvisioningDecision::CreateAndSignIn => {
            report.user = Some(Fate::Create);
            broker.ids.new_user_id()
        }
        ProvisioningDecision::SignIn { user } => {
            report.user = Some(Fate::SignIn { user: user.clone() });
            user
        }
        ProvisioningDecision::LinkAndSignIn { user } => {
            report.user = Some(Fate::Link { user: user.clone() });
            user
        }
    };
    let configuration = &connector.configuration;
    policy::would_admit(&AdmissionFacts {
        tenant: tenant.id.clone(),
        tenant_active: tenant.active,
        connector: connector.id.clone(),
        connector_mode: as_if_open(connector.mode),
        in_pilot: configuration.pilot.includes(mapped.email.as_deref()),
        application: None,
        user,
        // A user who is not active was refused above.
        user_standing: UserStanding::Active,
        mfa_required: configuration.requires_second_factor(),
        mfa_proved: configuration.proves_second_factor(&assertion.amr),
    })?;
    Ok(())
}

/// A connector in test is judged as it will be when it is opened.
fn as_if_open(mode: ConnectorMode) -> ConnectorMode {
    match mode {
        ConnectorMode::Off | ConnectorMode::Test => ConnectorMode::On,
        open => open,
    }
}

fn warnings(
    connector: &ConnectorRecord,
    (assertion, statement): (&Assertion, &Statement),
) -> Vec<TestWarning> {
    let told = assertion.warnings.iter();
    let mut warnings: Vec<_> = told.map(|one| warning(one.reason, one.detail.clone())).collect();
    let missing = statement.optional_claims.iter().filter(|claim| !claim.arrived);
    let missing: Vec<&str> = missing.map(|claim| claim.name.as_str()).collect();
    if !missing.is_empty() {
        let detail = format!("optional claims that did not come: {}", missing.join(", "));
        warnings.push(TestWarning { reason: None, detail });
    }
    if connector.mode == ConnectorMode::Test {
        let detail = "the connector is in mode test: people cannot use it yet".to_owned();
        warnings.push(warning(ReasonCode::ConnectorTestOnly, detail));
    }
    warnings
}

fn show_mapping(report: &mut TestReport, outcome: &MappingOutcome, claims: &Claims) -> MappedUser {
    let mapping = &outcome.mapping;
    let proved = claims.email_verified.then_some(claims.email.as_deref()).flatten();
    let (mapped, unknown) = MappedUser::from_mapping(mapping, proved);
    let shown = |values: &[String]| crate::test_sign_in::shown_text(&values.join(", ").into());
    report.fields = mapping
        .fields
        .iter()
        .map(|field| ShownClaim { name: field.name.clone(), value: shown(&field.values) })
        .collect();
    report.roles = mapping
        .grants
        .iter()
        .map(|grant| ShownRole { role: grant.role.clone(), because: grant.because.clone() })
        .collect();
    if !unknown.is_empty() {
        let detail = format!("the mapping sets fields that nobody knows: {}", unknown.join(", "));
        report.warnings.push(TestWarning { reason: None, detail });
    }
    let notes = mapping.notes.iter().cloned();
    report.warnings.extend(notes.map(|detail| TestWarning { reason: None, detail }));
    mapped
}

/// The decision of provisioning, from facts that are read and not changed.
async fn provision(
    broker: &Broker,
    tenant: &TenantRecord,
    (connector, assertion): (&ConnectorRecord, &Assertion),
    mapped: MappedUser,
) -> Result<ProvisioningDecision, LoginError> {
    let identity = IdentityKey {
        connector: connector.id.clone(),
        issuer: assertion.issuer.clone(),
        subject: assertion.subject.clone(),
    };
    let (tenant, connector, assertion) = (tenant.id.clone(), connector.clone(), assertion.clone());
    broker
        .database
        .read(move |conn| {
            let mut rows = conn.tenant(&tenant);
            let facts = read_facts(&mut rows, identity, mapped)?;
            let same = upstream_subject::check(&mut rows, &connector, &assertion);
            Ok(same.map(|()| decide(&facts, &connector.configuration.provisioning)))
        })
        .await?
}
