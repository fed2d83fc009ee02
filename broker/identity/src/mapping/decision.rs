//! What of a decision counts.

use std::collections::BTreeSet;

use symbolon_contract::{Grant, Mapping, MappingDecision};

use super::MappingError;

/// Roles of a tenant that mappings may grant.
pub(super) type GrantableRoles = BTreeSet<String>;

/// Checks every grant against the catalogue and drops repetitions.
pub(super) fn check(
    decision: MappingDecision,
    grantable: &GrantableRoles,
) -> Result<Mapping, MappingError> {
    let mut mapping = match decision {
        MappingDecision::Allow(mapping) => mapping,
        MappingDecision::Deny(denial) => {
            return Err(MappingError::Denied { code: denial.code, message: denial.message });
        }
    };
    if let Some(unknown) = mapping.grants.iter().find(|grant| !grantable.contains(&grant.role)) {
        return Err(MappingError::UnknownRole(unknown.role.clone()));
    }
    let mut seen = BTreeSet::new();
    mapping.grants.retain(|grant| seen.insert(grant.role.clone()));
    Ok(mapping)
}

/// L-12: a guest is never an admin because nobody said otherwise. Rules that name a group still count.
pub(super) fn without_default_admin(mapping: &mut Mapping) {
    let before = mapping.grants.len();
    let by_default = |grant: &Grant| grant.because.as_deref() == Some("default role");
    mapping.grants.retain(|grant| grant.role != "admin" || !by_default(grant));
    if mapping.grants.len() != before {
        mapping.notes.push("the default role admin is not for guests".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use symbolon_contract::{Denial, Grant, ReasonCode};

    use super::*;

    fn allow(roles: &[&str]) -> MappingDecision {
        let grants =
            roles.iter().map(|role| Grant { role: (*role).to_owned(), because: None }).collect();
        MappingDecision::Allow(Mapping { grants, ..Mapping::default() })
    }

    fn catalogue() -> GrantableRoles {
        ["admin", "viewer"].map(str::to_owned).into()
    }

    #[test]
    fn wp94_a_role_outside_the_catalogue_refuses_the_whole_decision() {
        let refused = check(allow(&["viewer", "operator"]), &catalogue()).unwrap_err();
        assert_eq!(refused.reason(), ReasonCode::PluginUnknownRole);
    }

    #[test]
    fn a_role_granted_twice_is_granted_once() {
        let mapping = check(allow(&["viewer", "admin", "viewer"]), &catalogue()).unwrap();
        let roles: Vec<_> = mapping.grants.iter().map(|grant| grant.role.as_str()).collect();
        assert_eq!(roles, ["viewer", "admin"]);
    }

    #[test]
    fn a_denial_is_a_decision_with_its_own_reason() {
        let denial = Denial { code: "contractors".into(), message: "Not you".into() };
        let refused = check(MappingDecision::Deny(denial), &catalogue()).unwrap_err();
        assert_eq!(refused.reason(), ReasonCode::PluginDenied);
    }

    #[test]
    fn entra_l12_the_default_role_admin_is_not_for_guests() {
        let grant =
            |role: &str, because: &str| Grant { role: role.into(), because: Some(because.into()) };
        let mut mapping = Mapping {
            grants: vec![grant("admin", "default role"), grant("viewer", "default role")],
            ..Mapping::default()
        };
        without_default_admin(&mut mapping);
        assert_eq!(mapping.grants, [grant("viewer", "default role")]);
        let by_group = grant("admin", "group Noxys Admins -> role admin");
        let mut mapping = Mapping { grants: vec![by_group.clone()], ..Mapping::default() };
        without_default_admin(&mut mapping);
        assert_eq!(mapping.grants, [by_group]);
    }
}
