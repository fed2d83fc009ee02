//! The decision as a table, named after the linking rules.

use symbolon_contract::ConnectorId;

use super::*;
use crate::provisioning::facts::{DomainTrust, IdentityKey, LinkedUser, MappedUser};

fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

fn newcomer() -> ProvisioningFacts {
    ProvisioningFacts {
        identity: IdentityKey {
            connector: ConnectorId::parse("okta").unwrap(),
            issuer: "https://idp.example".into(),
            subject: "s-1".into(),
        },
        linked: None,
        same_email: Vec::new(),
        domain: DomainTrust { owned_by_tenant: true, assigned_to_connector: true },
        mapped: MappedUser {
            email: Some("alice@contoso.com".into()),
            email_verified: true,
            ..MappedUser::default()
        },
    }
}

fn linked(standing: UserStanding) -> ProvisioningFacts {
    ProvisioningFacts { linked: Some(LinkedUser { id: user("u1"), standing }), ..newcomer() }
}

fn with_same_email() -> ProvisioningFacts {
    let existing = EmailMatch {
        id: user("u2"),
        standing: UserStanding::Active,
        email_verified: true,
        has_identity: false,
        privileged: false,
    };
    ProvisioningFacts { same_email: vec![existing], ..newcomer() }
}

fn generous() -> ProvisioningPolicy {
    ProvisioningPolicy {
        auto_provision: true,
        link_by_email: true,
        ..ProvisioningPolicy::default()
    }
}

fn refused(facts: &ProvisioningFacts, policy: &ProvisioningPolicy) -> Option<Refusal> {
    match decide(facts, policy) {
        ProvisioningDecision::Refuse(refusal) => Some(refusal),
        _ => None,
    }
}

#[test]
fn feat_n3_nobody_is_created_by_default() {
    let policy = ProvisioningPolicy::default();
    assert_eq!(refused(&newcomer(), &policy), Some(Refusal::NotProvisioned));
    assert_eq!(decide(&newcomer(), &generous()), ProvisioningDecision::CreateAndSignIn);
}

#[test]
fn link_l1_the_identity_key_finds_the_user_whatever_the_email() {
    let mut facts = linked(UserStanding::Active);
    facts.mapped.email = Some("renamed@contoso.com".into());
    assert_eq!(
        decide(&facts, &ProvisioningPolicy::default()),
        ProvisioningDecision::SignIn { user: user("u1") }
    );
}

#[test]
fn link_l3_a_taken_email_is_refused_and_explained() {
    let policy = ProvisioningPolicy { auto_provision: true, ..ProvisioningPolicy::default() };
    assert_eq!(refused(&with_same_email(), &policy), Some(Refusal::EmailTaken));
}

#[test]
fn link_l4_links_only_when_every_condition_holds() {
    assert_eq!(
        decide(&with_same_email(), &generous()),
        ProvisioningDecision::LinkAndSignIn { user: user("u2") }
    );
    let turns: &[fn(&mut ProvisioningFacts, &mut ProvisioningPolicy)] = &[
        |_, p| p.link_by_email = false,
        |f, _| f.domain.owned_by_tenant = false,
        |f, _| f.domain.assigned_to_connector = false,
        |f, _| f.mapped.email_verified = false,
        |f, _| f.same_email[0].standing = UserStanding::Inactive,
        |f, _| f.same_email[0].email_verified = false,
        |f, _| f.same_email[0].has_identity = true,
        |f, _| f.same_email[0].privileged = true,
        |f, _| {
            let again = f.same_email[0].clone();
            f.same_email.push(again);
        },
    ];
    for (row, turn) in turns.iter().enumerate() {
        let (mut facts, mut policy) = (with_same_email(), generous());
        turn(&mut facts, &mut policy);
        assert_eq!(refused(&facts, &policy), Some(Refusal::EmailTaken), "condition {row}");
    }
}

#[test]
fn link_l9_two_connectors_with_one_email_can_stay_two_users() {
    let policy = ProvisioningPolicy {
        auto_provision: true,
        same_email: SameEmail::SeparateUser,
        ..ProvisioningPolicy::default()
    };
    assert_eq!(decide(&with_same_email(), &policy), ProvisioningDecision::CreateAndSignIn);
}

#[test]
fn link_l11_an_inactive_user_is_refused_and_never_made_again() {
    for (standing, refusal) in [
        (UserStanding::Inactive, Refusal::UserInactive),
        (UserStanding::Deactivated, Refusal::UserDeactivated),
    ] {
        assert_eq!(refused(&linked(standing), &generous()), Some(refusal));
    }
}

#[test]
fn neg_e5_an_email_outside_the_connectors_domains_is_refused() {
    let policy = ProvisioningPolicy { email_domains: vec!["Contoso.com".into()], ..generous() };
    assert_eq!(decide(&newcomer(), &policy), ProvisioningDecision::CreateAndSignIn);
    for outside in ["alice@evil.com", "alice@evil@contoso.com", "alice", "a lice@contoso.com"] {
        let mut facts = newcomer();
        facts.mapped.email = Some(outside.into());
        assert_eq!(refused(&facts, &policy), Some(Refusal::EmailDomain), "{outside}");
    }
}

#[test]
fn a_missing_email_is_refused_only_when_required() {
    let mut facts = newcomer();
    facts.mapped.email = None;
    assert_eq!(decide(&facts, &generous()), ProvisioningDecision::CreateAndSignIn);
    let policy = ProvisioningPolicy { require_email: true, ..generous() };
    assert_eq!(refused(&facts, &policy), Some(Refusal::EmailMissing));
}
