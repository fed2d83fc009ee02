//! The gate as a table: one fact turned at a time, one refusal each.

use super::*;

fn facts() -> AdmissionFacts {
    AdmissionFacts {
        tenant: TenantId::parse("t1").unwrap(),
        tenant_active: true,
        connector: ConnectorId::parse("okta").unwrap(),
        connector_mode: ConnectorMode::On,
        in_pilot: false,
        application: Some(ApplicationFacts {
            id: ApplicationId::parse("wiki").unwrap(),
            active: true,
            accepts_connector: true,
        }),
        user: UserId::parse("u1").unwrap(),
        user_standing: UserStanding::Active,
        mfa_required: false,
        mfa_proved: false,
    }
}

type Turn = fn(&mut AdmissionFacts);

#[test]
fn each_fact_alone_is_enough_to_refuse() {
    let cases: &[(Turn, ReasonCode)] = &[
        (|f| f.tenant_active = false, ReasonCode::TenantSuspended),
        (|f| f.connector_mode = ConnectorMode::Off, ReasonCode::ConnectorOff),
        (|f| f.connector_mode = ConnectorMode::Test, ReasonCode::ConnectorTestOnly),
        (|f| f.connector_mode = ConnectorMode::Pilot, ReasonCode::ConnectorNotPilot),
        (|f| f.application.as_mut().unwrap().active = false, ReasonCode::ApplicationDisabled),
        (
            |f| f.application.as_mut().unwrap().accepts_connector = false,
            ReasonCode::PolicyConnectorForApplication,
        ),
        (|f| f.user_standing = UserStanding::Inactive, ReasonCode::PolicyUserInactive),
        (|f| f.user_standing = UserStanding::Deactivated, ReasonCode::PolicyUserDeactivated),
        (|f| f.mfa_required = true, ReasonCode::PolicyMfaRequired),
    ];
    for (turn, expected) in cases {
        let mut turned = facts();
        turn(&mut turned);
        assert_eq!(admit(turned).unwrap_err().reason(), *expected);
    }
}

#[test]
fn a_person_for_whom_everything_holds_is_admitted() {
    let admission = admit(facts()).unwrap();
    assert_eq!(admission.user().as_str(), "u1");
    assert_eq!(admission.application().unwrap().as_str(), "wiki");
    let mut pilot = facts();
    pilot.connector_mode = ConnectorMode::Pilot;
    pilot.in_pilot = true;
    assert!(admit(pilot).is_ok());
    let mut proved = facts();
    proved.mfa_required = true;
    proved.mfa_proved = true;
    assert!(admit(proved).is_ok());
}
