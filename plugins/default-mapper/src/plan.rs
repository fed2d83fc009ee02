//! The rules in the form that decides a sign-in: parsed, in order, without what can never apply.
//!
//! `Plan::of` reads the rules; `encode` and `decode` carry a plan through a prepared configuration
//! (`bytes` the encoding). A plan borrows its texts from the rules or from the bytes.

pub(crate) mod bytes;
mod codec;

use std::collections::{BTreeMap, BTreeSet};

use symbolon_plugin_sdk::{Failure, failure};

use crate::cel::{Expression, Libraries};
use crate::groups;
use crate::rules::{AttributeRule, DenyRule, GroupRole, Rules, is_target, synced_target};

/// The rules, ready to be applied.
#[derive(Debug, PartialEq)]
pub struct Plan<'a> {
    pub(crate) denials: Vec<DenyRow<'a>>,
    pub(crate) fields: Vec<FieldRow<'a>>,
    pub(crate) roles: Vec<RoleRow<'a>>,
    pub(crate) default_role: Option<&'a str>,
    /// An incomplete group list is a failure.
    pub(crate) needs_all_groups: bool,
    pub(crate) libraries: Libraries,
}

#[derive(Debug, PartialEq)]
pub(crate) struct DenyRow<'a> {
    pub(crate) when: Expression,
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
}

#[derive(Debug, PartialEq)]
pub(crate) struct FieldRow<'a> {
    pub(crate) to: &'a str,
    /// The first row that maps to the same field.
    pub(crate) first: usize,
    pub(crate) source: FieldSource<'a>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum FieldSource<'a> {
    Claims(Vec<&'a str>),
    Expression(Box<Expression>),
}

#[derive(Debug, PartialEq)]
pub(crate) struct RoleRow<'a> {
    /// Its number in the rules, from 1.
    pub(crate) number: usize,
    pub(crate) role: &'a str,
    /// The first row that grants the same role.
    pub(crate) first: usize,
    pub(crate) label: Option<&'a str>,
    pub(crate) to: RoleFor<'a>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum RoleFor<'a> {
    Group { group: &'a str, hash: u32 },
    When(Box<Expression>),
}

impl<'a> Plan<'a> {
    /// Reads the rules.
    ///
    /// # Errors
    /// Code `config` with the place of the first rule that cannot be used.
    pub fn of(rules: &'a Rules) -> Result<Self, Failure> {
        let mut plan = Self {
            denials: rules
                .deny
                .iter()
                .enumerate()
                .map(deny)
                .collect::<Result<_, _>>()?,
            fields: fields(rules)?,
            roles: Vec::new(),
            default_role: rules.default_role.as_deref(),
            needs_all_groups: false,
            libraries: Libraries::default(),
        };
        if rules.assign_role_by_group {
            plan.roles = roles(&rules.group_roles)?;
            let by_group = |row: &RoleRow<'_>| matches!(row.to, RoleFor::Group { .. });
            plan.needs_all_groups = plan.roles.is_empty() || plan.roles.iter().any(by_group);
        }
        let mut libraries = Libraries::default();
        let mut uses_groups = false;
        for expression in plan.expressions() {
            libraries.add(expression.libraries());
            uses_groups |= expression.uses_groups();
        }
        plan.libraries = libraries;
        plan.needs_all_groups |= uses_groups;
        Ok(plan)
    }

    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let fields = self.fields.iter().filter_map(|row| match &row.source {
            FieldSource::Expression(expression) => Some(expression.as_ref()),
            FieldSource::Claims(_) => None,
        });
        let roles = self.roles.iter().filter_map(|row| match &row.to {
            RoleFor::When(expression) => Some(expression.as_ref()),
            RoleFor::Group { .. } => None,
        });
        self.denials
            .iter()
            .map(|row| &row.when)
            .chain(fields)
            .chain(roles)
    }
}

fn config(path: String, message: impl Into<String>) -> Failure {
    Failure {
        path: Some(path),
        ..failure("config", message)
    }
}

fn parse(path: String, source: &str) -> Result<Expression, Failure> {
    Expression::parse(source).map_err(|problems| config(path, problems.join("; ")))
}

fn deny((index, row): (usize, &DenyRule)) -> Result<DenyRow<'_>, Failure> {
    Ok(DenyRow {
        when: parse(format!("/deny/{index}/when"), &row.when)?,
        code: &row.code,
        message: &row.message,
    })
}

fn fields(rules: &Rules) -> Result<Vec<FieldRow<'_>>, Failure> {
    let all = rules.sync_fields.iter().any(|name| name == "*");
    let synced: BTreeSet<String> = rules.sync_fields.iter().map(|n| synced_target(n)).collect();
    let mut firsts = BTreeMap::new();
    let mut fields = Vec::new();
    for (index, row) in rules.attributes.iter().enumerate() {
        let at = |member: &str| format!("/attributes/{index}{member}");
        if !is_target(&row.to) {
            return Err(config(
                at("/to"),
                "a row maps to a field that does not exist",
            ));
        }
        let source = match row {
            AttributeRule {
                from: Some(from),
                expression: None,
                ..
            } => FieldSource::Claims(from.alternatives().iter().map(String::as_str).collect()),
            AttributeRule {
                from: None,
                expression: Some(source),
                ..
            } => FieldSource::Expression(Box::new(parse(at("/expression"), source)?)),
            _ => return Err(config(at(""), "needs either `from` or `expression`")),
        };
        if all || synced.contains(&row.to) {
            let first = *firsts.entry(row.to.as_str()).or_insert(fields.len());
            fields.push(FieldRow {
                to: &row.to,
                first,
                source,
            });
        }
    }
    Ok(fields)
}

fn roles(rows: &[GroupRole]) -> Result<Vec<RoleRow<'_>>, Failure> {
    let mut firsts = BTreeMap::new();
    let mut roles = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let at = |member: &str| format!("/group_roles/{index}{member}");
        let to = match (&row.group, &row.when) {
            (Some(group), None) => RoleFor::Group {
                group,
                hash: groups::hash(group),
            },
            (None, Some(when)) => RoleFor::When(Box::new(parse(at("/when"), when)?)),
            _ => return Err(config(at(""), "needs either `group` or `when`")),
        };
        roles.push(RoleRow {
            number: index + 1,
            role: &row.role,
            first: *firsts.entry(row.role.as_str()).or_insert(index),
            label: row.label.as_deref().filter(|label| !label.is_empty()),
            to,
        });
    }
    Ok(roles)
}
