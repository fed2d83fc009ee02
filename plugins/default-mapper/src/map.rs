//! What the rules say about one sign-in: refused or not, fields, roles.

use symbolon_plugin_sdk::{
    Denial, Failure, Field, Grant, Mapping, MappingDecision, MappingRequest, failure,
};

use crate::cel::{Evaluator, Login};
use crate::claims::Claims;
use crate::groups::Groups;
use crate::plan::{FieldSource, Plan, RoleFor, RoleRow};
use crate::text::note;

/// The host takes 50.
const MOST_NOTES: usize = 40;

/// Maps one sign-in.
pub(crate) fn map(plan: &Plan<'_>, request: &MappingRequest) -> Result<MappingDecision, Failure> {
    // Fail closed: a role that a missing group would give or keep must not come and go with an overage.
    if plan.needs_all_groups && !request.groups_complete {
        return Err(failure(
            "groups_incomplete",
            "the rules ask for groups, but the upstream did not send the whole group list",
        ));
    }
    let claims = Claims::parse(&request.claims_json)?;
    let groups = Groups::of(if plan.needs_all_groups {
        &request.groups
    } else {
        &[]
    });
    let any = plan.expressions().next().is_some();
    let login = any.then(|| Login::of(request, &claims, &groups));
    let evaluator = login
        .as_ref()
        .map(|login| Evaluator::new(login, plan.libraries));
    let expressions = evaluator
        .transpose()
        .map_err(|trouble| failure("expression", trouble.text()))?;
    let mut run = Run {
        plan,
        claims: &claims,
        groups: &groups,
        expressions,
        notes: Vec::new(),
    };
    if let Some(denial) = run.denial() {
        return Ok(MappingDecision::Deny(denial));
    }
    let mapping = Mapping {
        fields: run.fields(),
        grants: run.grants(),
        notes: std::mem::take(&mut run.notes),
    };
    leave(run);
    leave(login);
    leave(groups);
    leave(claims);
    Ok(MappingDecision::Allow(mapping))
}

/// In wasm the instance ends with the call: taking a tree of values apart first would be for nothing.
pub(crate) fn leave<T>(value: T) {
    if cfg!(target_arch = "wasm32") {
        std::mem::forget(value);
    }
}

struct Run<'r> {
    plan: &'r Plan<'r>,
    claims: &'r Claims<'r>,
    groups: &'r Groups<'r>,
    expressions: Option<Evaluator<'r>>,
    notes: Vec<String>,
}

impl Run<'_> {
    fn note(&mut self, text: &str) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(note(text));
        }
    }

    /// The first row that is true. One that cannot be answered counts as true (WP-107).
    fn denial(&self) -> Option<Denial> {
        let expressions = self.expressions.as_ref()?;
        let mut rows = self.plan.denials.iter();
        let row = rows.find(|row| expressions.truth(&row.when) != Ok(false))?;
        Some(Denial {
            code: row.code.to_owned(),
            message: note(row.message),
        })
    }

    fn fields(&mut self) -> Vec<Field> {
        let plan = self.plan;
        let mut fields: Vec<Field> = Vec::with_capacity(plan.fields.len());
        let mut done = vec![false; plan.fields.len()];
        for row in &plan.fields {
            let Some(done) = done.get_mut(row.first).filter(|done| !**done) else {
                continue;
            };
            let mut values = match &row.source {
                FieldSource::Claims(names) => {
                    let found = names.iter().map(|from| self.claims.values(from));
                    found
                        .into_iter()
                        .find(|v| !v.is_empty())
                        .unwrap_or_default()
                }
                FieldSource::Expression(expression) => {
                    let answer = self.expressions.as_ref().map(|all| all.values(expression));
                    match answer {
                        Some(Err(trouble)) => {
                            self.note(&format!("no value for {}: {}", row.to, trouble.text()));
                            continue;
                        }
                        Some(Ok(values)) => values,
                        None => Vec::new(),
                    }
                }
            };
            if values.is_empty() {
                let what = match &row.source {
                    FieldSource::Claims(_) => "claim",
                    FieldSource::Expression(_) => "value",
                };
                self.note(&format!("no {what} for {}", row.to));
                continue;
            }
            if !row.to.starts_with("metadata.") {
                values.truncate(1);
            }
            *done = true;
            fields.push(Field {
                name: row.to.to_owned(),
                values,
            });
        }
        fields
    }

    fn grants(&mut self) -> Vec<Grant> {
        let plan = self.plan;
        let mut grants = Vec::new();
        let mut granted = vec![false; plan.roles.len()];
        for row in &plan.roles {
            let Some(granted) = granted.get_mut(row.first).filter(|granted| !**granted) else {
                continue;
            };
            if self.is_granted(row) {
                *granted = true;
                grants.push(Grant::because(row.role, because(row)));
            }
        }
        if grants.is_empty()
            && let Some(role) = plan.default_role
        {
            grants.push(Grant::because(role, "default role"));
        }
        grants
    }

    fn is_granted(&mut self, row: &RoleRow<'_>) -> bool {
        match &row.to {
            RoleFor::Group { group, hash } => self.groups.contains_hashed(group, *hash),
            RoleFor::When(when) => {
                let answer = self.expressions.as_ref().map(|all| all.truth(when));
                match answer {
                    Some(Ok(granted)) => granted,
                    Some(Err(trouble)) => {
                        let name = name(row);
                        self.note(&format!(
                            "role {} not granted by {name}: {}",
                            row.role,
                            trouble.text()
                        ));
                        false
                    }
                    None => false,
                }
            }
        }
    }
}

/// As in `group Noxys Admins` or `rule 3`.
fn name(row: &RoleRow<'_>) -> String {
    let number;
    let (kind, name) = match (&row.to, row.label) {
        (RoleFor::Group { group, .. }, label) => ("group ", label.unwrap_or(group)),
        (RoleFor::When(_), Some(label)) => ("rule ", label),
        (RoleFor::When(_), None) => {
            number = row.number.to_string();
            ("rule ", number.as_str())
        }
    };
    [kind, name].concat()
}

fn because(row: &RoleRow<'_>) -> String {
    [name(row).as_str(), " -> role ", row.role].concat()
}
