//! What a version says about one input, comparable with what another says.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_contract::{Mapping, ReasonCode};

use super::MappingError;

/// The end of one mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Go on with these fields and roles.
    Allowed {
        /// Fields by name.
        fields: BTreeMap<String, Vec<String>>,
        /// Roles.
        roles: BTreeSet<String>,
    },
    /// The plugin refuses the person.
    Denied {
        /// The plugin's code.
        code: String,
    },
    /// There is no decision.
    Failed {
        /// The catalogue's code.
        reason: ReasonCode,
        /// The plugin's own code, where it gave one.
        code: Option<String>,
    },
}

impl Verdict {
    /// Of a mapping that was judged.
    #[must_use]
    pub fn of(outcome: Result<&Mapping, &MappingError>) -> Self {
        match outcome {
            Ok(mapping) => Self::Allowed {
                fields: mapping
                    .fields
                    .iter()
                    .map(|field| (field.name.clone(), field.values.clone()))
                    .collect(),
                roles: mapping.grants.iter().map(|grant| grant.role.clone()).collect(),
            },
            Err(MappingError::Denied { code, .. }) => Self::Denied { code: code.clone() },
            Err(error) => Self::Failed {
                reason: error.reason(),
                code: error.plugin_code().map(str::to_owned),
            },
        }
    }

    /// The word for it in reports.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Allowed { .. } => "allowed",
            Self::Denied { .. } => "denied",
            Self::Failed { .. } => "failed",
        }
    }

    fn roles(&self) -> BTreeSet<&str> {
        match self {
            Self::Allowed { roles, .. } => roles.iter().map(String::as_str).collect(),
            _ => BTreeSet::new(),
        }
    }

    fn fields(&self) -> BTreeMap<&str, &[String]> {
        match self {
            Self::Allowed { fields, .. } => {
                fields.iter().map(|(name, values)| (name.as_str(), values.as_slice())).collect()
            }
            _ => BTreeMap::new(),
        }
    }
}

/// What changes for one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Roles that only the later version gives.
    pub gained: Vec<String>,
    /// Roles that only the earlier version gives.
    pub lost: Vec<String>,
    /// Fields that get other values.
    pub fields: Vec<FieldDifference>,
    /// The ends, when they are of different kinds or for different reasons.
    pub ends: Option<[Verdict; 2]>,
}

/// A field that gets other values; empty means that the version leaves it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldDifference {
    /// Its name.
    pub field: String,
    /// The values of the earlier version.
    pub before: Vec<String>,
    /// The values of the later version.
    pub after: Vec<String>,
}

/// Compares; `None` when both say the same (WP-80).
#[must_use]
pub fn difference(before: &Verdict, after: &Verdict) -> Option<Difference> {
    if before == after {
        return None;
    }
    let (had, has) = (before.roles(), after.roles());
    let only = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| {
        one.difference(other).map(|role| (*role).to_owned()).collect()
    };
    let (old, new) = (before.fields(), after.fields());
    let names: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let values = |of: &BTreeMap<&str, &[String]>, name: &str| {
        of.get(name).map(|values| values.to_vec()).unwrap_or_default()
    };
    let fields = names
        .into_iter()
        .filter(|name| old.get(name) != new.get(name))
        .map(|name| FieldDifference {
            field: name.to_owned(),
            before: values(&old, name),
            after: values(&new, name),
        })
        .collect();
    let same_kind = matches!((before, after), (Verdict::Allowed { .. }, Verdict::Allowed { .. }));
    Some(Difference {
        gained: only(&has, &had),
        lost: only(&had, &has),
        fields,
        ends: (!same_kind).then(|| [before.clone(), after.clone()]),
    })
}

#[cfg(test)]
mod tests {
    use symbolon_contract::{Field, Grant};

    use super::*;

    fn allowed(roles: &[&str], fields: &[(&str, &str)]) -> Verdict {
        let grant = |role: &&str| Grant { role: (*role).into(), because: None };
        let field = |(name, value): &(&str, &str)| Field {
            name: (*name).into(),
            values: vec![(*value).into()],
        };
        Verdict::of(Ok(&Mapping {
            grants: roles.iter().map(grant).collect(),
            fields: fields.iter().map(field).collect(),
            notes: vec!["notes do not count".into()],
        }))
    }

    #[test]
    fn wp80_roles_gained_and_lost_and_fields_changed_are_told_apart() {
        let before = allowed(&["viewer", "editor"], &[("email", "a@b.example"), ("username", "a")]);
        let after = allowed(&["admin", "viewer"], &[("email", "A@b.example"), ("metadata.x", "1")]);
        let seen = difference(&before, &after).unwrap();
        assert_eq!((seen.gained, seen.lost), (vec!["admin".to_owned()], vec!["editor".to_owned()]));
        let fields: Vec<String> = seen
            .fields
            .iter()
            .map(|one| format!("{}: {:?} -> {:?}", one.field, one.before, one.after))
            .collect();
        assert_eq!(
            fields,
            [
                r#"email: ["a@b.example"] -> ["A@b.example"]"#,
                r#"metadata.x: [] -> ["1"]"#,
                r#"username: ["a"] -> []"#,
            ]
        );
        assert_eq!(seen.ends, None);
    }

    #[test]
    fn wp80_the_order_of_roles_is_no_difference() {
        assert_eq!(difference(&allowed(&["a", "b"], &[]), &allowed(&["b", "a"], &[])), None);
    }

    #[test]
    fn wp80_who_is_refused_loses_every_role() {
        let denied = Verdict::Denied { code: "contractors".into() };
        let before = allowed(&["viewer"], &[]);
        let seen = difference(&before, &denied).unwrap();
        assert_eq!(seen.lost, ["viewer"]);
        assert_eq!(seen.ends, Some([before, denied.clone()]));
        assert_eq!(difference(&denied, &denied), None);
    }
}
