//! What of a decision counts: the host's rules, which no plugin can change (wasm.md §11).

use std::collections::BTreeSet;

use symbolon_contract::{Field, Grant, Mapping, MappingDecision};

use super::released;
use super::{MappingError, MappingInput, UnknownRole};

/// Whom the decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// A sign-in becomes a user.
    Connector,
    /// A user becomes the claims of an application.
    Application,
}

/// The rules for the decisions of one target.
#[derive(Debug, Clone)]
pub(crate) struct Rulebook {
    pub(crate) level: Level,
    /// Roles that may be granted.
    pub(crate) grantable: BTreeSet<String>,
    /// What happens to others.
    pub(crate) unknown_role: UnknownRole,
}

/// A decision that may be acted upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    /// What counts of it.
    pub(crate) mapping: Mapping,
    /// What was left out and why, for the audit trail.
    pub(crate) remarks: Vec<String>,
}

impl Rulebook {
    /// Judges one decision about one input.
    pub(crate) fn judge(
        &self,
        decision: MappingDecision,
        input: &MappingInput,
    ) -> Result<Judged, MappingError> {
        let mapping = match decision {
            MappingDecision::Allow(mapping) => mapping,
            MappingDecision::Deny(denial) => {
                return Err(MappingError::Denied { code: denial.code, message: denial.message });
            }
        };
        let mut judged = Judged { mapping, remarks: Vec::new() };
        self.check_roles(&mut judged)?;
        match self.level {
            Level::Connector => keep_user_fields(&mut judged),
            Level::Application => released::check(&mut judged.mapping.fields)?,
        }
        if input.guest {
            without_default_admin(&mut judged.mapping);
        }
        Ok(judged)
    }

    /// Every grant is in the catalogue (WP-94); repetitions count once.
    fn check_roles(&self, judged: &mut Judged) -> Result<(), MappingError> {
        let grants = &mut judged.mapping.grants;
        if self.unknown_role == UnknownRole::Refuse
            && let Some(unknown) = grants.iter().find(|grant| !self.grantable.contains(&grant.role))
        {
            return Err(MappingError::UnknownRole(unknown.role.clone()));
        }
        let mut seen = BTreeSet::new();
        grants.retain(|grant| {
            let known = self.grantable.contains(&grant.role);
            if !known {
                judged.remarks.push(format!("plugin.unknown_role: {} is left out", grant.role));
            }
            known && seen.insert(grant.role.clone())
        });
        Ok(())
    }
}

/// Fields that no user has are left out and told (WP-97).
fn keep_user_fields(judged: &mut Judged) {
    judged.mapping.fields.retain(|field| {
        let known = is_user_field(field);
        if !known {
            let name = &field.name;
            judged.remarks.push(format!("the mapping sets {name}, which no user has: left out"));
        }
        known
    });
}

fn is_user_field(field: &Field) -> bool {
    match field.name.as_str() {
        "email" | "display_name" | "username" => true,
        name => name.strip_prefix("metadata.").is_some_and(|key| !key.is_empty()),
    }
}

/// L-12: a guest is never an admin because nobody said otherwise. Rules that name a group still count.
fn without_default_admin(mapping: &mut Mapping) {
    let before = mapping.grants.len();
    let by_default = |grant: &Grant| grant.because.as_deref() == Some("default role");
    mapping.grants.retain(|grant| grant.role != "admin" || !by_default(grant));
    if mapping.grants.len() != before {
        mapping.notes.push("the default role admin is not for guests".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use symbolon_contract::{Denial, ReasonCode};

    use super::super::tests::input;
    use super::*;

    fn allow(roles: &[&str]) -> MappingDecision {
        let grant = |role: &&str| Grant { role: (*role).to_owned(), because: None };
        let grants = roles.iter().map(grant).collect();
        MappingDecision::Allow(Mapping { grants, ..Mapping::default() })
    }

    fn rules(unknown_role: UnknownRole) -> Rulebook {
        let grantable = ["admin", "viewer"].map(str::to_owned).into();
        Rulebook { level: Level::Connector, grantable, unknown_role }
    }

    fn roles(judged: &Judged) -> Vec<&str> {
        judged.mapping.grants.iter().map(|grant| grant.role.as_str()).collect()
    }

    #[test]
    fn wp94_a_role_outside_the_catalogue_refuses_the_whole_decision() {
        let decision = allow(&["viewer", "operator"]);
        let refused = rules(UnknownRole::Refuse).judge(decision, &input()).unwrap_err();
        assert_eq!(refused.reason(), ReasonCode::PluginUnknownRole);
    }

    #[test]
    fn wp94_a_tenant_may_choose_that_unknown_roles_are_left_out_and_told() {
        let decision = allow(&["viewer", "operator"]);
        let judged = rules(UnknownRole::Drop).judge(decision, &input()).unwrap();
        assert_eq!(roles(&judged), ["viewer"]);
        assert_eq!(judged.remarks, ["plugin.unknown_role: operator is left out"]);
    }

    #[test]
    fn a_role_granted_twice_is_granted_once() {
        let decision = allow(&["viewer", "admin", "viewer"]);
        let judged = rules(UnknownRole::Refuse).judge(decision, &input()).unwrap();
        assert_eq!(roles(&judged), ["viewer", "admin"]);
    }

    #[test]
    fn wp97_fields_that_no_user_has_are_left_out_and_told() {
        let field = |name: &str| Field { name: name.into(), values: vec!["x".into()] };
        let names = ["email", "shoe_size", "metadata.", "metadata.seat"];
        let fields = names.map(field).to_vec();
        let decision = MappingDecision::Allow(Mapping { fields, ..Mapping::default() });
        let judged = rules(UnknownRole::Refuse).judge(decision, &input()).unwrap();
        let kept: Vec<_> = judged.mapping.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(kept, ["email", "metadata.seat"]);
        assert_eq!(judged.remarks.len(), 2);
    }

    #[test]
    fn a_denial_is_a_decision_with_its_own_reason() {
        let denial = Denial { code: "contractors".into(), message: "Not you".into() };
        let decision = MappingDecision::Deny(denial);
        let refused = rules(UnknownRole::Refuse).judge(decision, &input()).unwrap_err();
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
