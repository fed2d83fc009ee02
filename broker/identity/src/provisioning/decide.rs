//! The decision: facts and policy in, an enum out. No clock, no database, no effects.

use symbolon_contract::{ReasonCode, UserId};
use thiserror::Error;

use super::facts::{EmailMatch, ProvisioningFacts, ProvisioningPolicy, SameEmail, email_domain};
use crate::policy::UserStanding;

#[cfg(test)]
mod tests;

/// What shall happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProvisioningDecision {
    /// A known person: bring the profile up to date.
    SignIn {
        /// The linked user.
        user: UserId,
    },
    /// A new person whom the connector may create.
    CreateAndSignIn,
    /// A new identity of a known user; every condition of L-4 holds.
    LinkAndSignIn {
        /// The user with the same proved e-mail.
        user: UserId,
    },
    /// No.
    Refuse(Refusal),
}

/// Why the person gets no user.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Nobody by this identity, and the connector creates nobody.
    #[error("no user is linked to this identity and automatic provisioning is off")]
    NotProvisioned,
    /// The user exists and is inactive.
    #[error("the linked user is inactive")]
    UserInactive,
    /// The user exists and is deactivated.
    #[error("the linked user is deactivated")]
    UserDeactivated,
    /// The mapping yields no e-mail and the connector requires one.
    #[error("the mapping yields no e-mail address")]
    EmailMissing,
    /// The e-mail belongs to another user and may not be linked.
    #[error("another user has the same e-mail address")]
    EmailTaken,
    /// The e-mail is outside the connector's domains.
    #[error("the e-mail domain is not one of the connector's domains")]
    EmailDomain,
}

impl Refusal {
    /// The catalogue's code.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::NotProvisioned => ReasonCode::PolicyNotProvisioned,
            Self::UserInactive => ReasonCode::PolicyUserInactive,
            Self::UserDeactivated => ReasonCode::PolicyUserDeactivated,
            Self::EmailMissing => ReasonCode::PolicyEmailMissing,
            Self::EmailTaken => ReasonCode::PolicyEmailTaken,
            Self::EmailDomain => ReasonCode::PolicyEmailDomain,
        }
    }
}

/// Decides what happens to the user.
#[must_use]
pub fn decide(facts: &ProvisioningFacts, policy: &ProvisioningPolicy) -> ProvisioningDecision {
    if let Err(refusal) = check_email(facts, policy) {
        return ProvisioningDecision::Refuse(refusal);
    }
    match &facts.linked {
        Some(linked) => match linked.standing {
            UserStanding::Active => ProvisioningDecision::SignIn { user: linked.id.clone() },
            UserStanding::Inactive => ProvisioningDecision::Refuse(Refusal::UserInactive),
            UserStanding::Deactivated => ProvisioningDecision::Refuse(Refusal::UserDeactivated),
        },
        None => decide_newcomer(facts, policy),
    }
}

fn check_email(facts: &ProvisioningFacts, policy: &ProvisioningPolicy) -> Result<(), Refusal> {
    let email = facts.mapped.email.as_deref().filter(|email| !email.is_empty());
    let Some(email) = email else {
        return if policy.require_email { Err(Refusal::EmailMissing) } else { Ok(()) };
    };
    if policy.email_domains.is_empty() {
        return Ok(());
    }
    let domain = email_domain(email).ok_or(Refusal::EmailDomain)?;
    let allowed = policy.email_domains.iter().any(|one| one.eq_ignore_ascii_case(&domain));
    if allowed { Ok(()) } else { Err(Refusal::EmailDomain) }
}

fn decide_newcomer(facts: &ProvisioningFacts, policy: &ProvisioningPolicy) -> ProvisioningDecision {
    // Somebody without an address is from none of the domains.
    if facts.mapped.email.as_deref().is_none_or(str::is_empty) && !policy.email_domains.is_empty() {
        return ProvisioningDecision::Refuse(Refusal::EmailMissing);
    }
    match facts.same_email.as_slice() {
        [] => create_or_refuse(policy),
        [only] if may_link(only, facts, policy) => {
            ProvisioningDecision::LinkAndSignIn { user: only.id.clone() }
        }
        _ => match policy.same_email {
            SameEmail::Refuse => ProvisioningDecision::Refuse(Refusal::EmailTaken),
            SameEmail::SeparateUser => create_or_refuse(policy),
        },
    }
}

fn create_or_refuse(policy: &ProvisioningPolicy) -> ProvisioningDecision {
    if policy.auto_provision {
        ProvisioningDecision::CreateAndSignIn
    } else {
        ProvisioningDecision::Refuse(Refusal::NotProvisioned)
    }
}

/// L-4: all conditions, none of them optional.
fn may_link(existing: &EmailMatch, facts: &ProvisioningFacts, policy: &ProvisioningPolicy) -> bool {
    policy.link_by_email
        && facts.domain.owned_by_tenant
        && facts.domain.assigned_to_connector
        && facts.mapped.email_verified
        && existing.standing == UserStanding::Active
        && existing.email_verified
        && !existing.has_identity
        && !existing.privileged
}
