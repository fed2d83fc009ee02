//! The three kinds of row.

use std::collections::BTreeSet;

use serde_json::Value;
use symbolon_plugin_sdk::Severity;

use super::Findings;
use super::expressions::{Expressions, Wanted};
use crate::groups;
use crate::rules::{AttributeRule, DenyRule, GroupRole, is_target};
use crate::text::one_line;

pub(super) fn attributes(
    rows: &[(usize, AttributeRule)],
    expressions: &mut Expressions,
    found: &mut Findings,
) {
    let mut targets = BTreeSet::new();
    let mut sources: Vec<&AttributeRule> = Vec::new();
    for (index, row) in rows {
        let name = format!("{} (row {})", row.to, index + 1);
        let at = |member: &str| format!("/attributes/{index}{member}");
        match (&row.from, &row.expression) {
            (Some(from), None) => {
                let from = from.alternatives();
                if from.is_empty() || from.iter().any(|one| one.trim().is_empty()) {
                    found.error(&at("/from"), format!("{name}: names no claim"));
                }
            }
            (None, Some(source)) => {
                expressions.check((&at("/expression"), &name), (source, Wanted::Values), found);
            }
            (Some(_), Some(_)) => {
                found.error(
                    &at(""),
                    format!("{name}: has both `from` and `expression`; take one out"),
                );
            }
            (None, None) => found.error(&at(""), format!("{name}: needs `from` or `expression`")),
        }
        if !is_target(&row.to) {
            found.error(
                &at("/to"),
                format!(
                    "{name}: unknown field; known are email, display_name, username and metadata.<name>"
                ),
            );
        } else if sources.contains(&row) {
            found.warning(
                &at("/to"),
                format!("{name}: never used, an earlier row is the same"),
            );
        } else if !targets.insert(row.to.as_str()) {
            found.warning(
                &at("/to"),
                format!("{name}: an earlier row maps to the same field and wins if it has a value"),
            );
        }
        sources.push(row);
    }
}

pub(super) fn roles(
    rows: &[(usize, GroupRole)],
    expressions: &mut Expressions,
    found: &mut Findings,
) {
    let mut earlier: Vec<&GroupRole> = Vec::new();
    for (index, row) in rows {
        let name = format!("role {} (row {})", row.role, index + 1);
        let at = |member: &str| format!("/group_roles/{index}{member}");
        match (&row.group, &row.when) {
            (Some(group), None) => {
                if group.trim().is_empty() {
                    found.error(&at("/group"), format!("{name}: names no group"));
                }
            }
            (None, Some(when)) => {
                expressions.check((&at("/when"), &name), (when, Wanted::Truth), found);
            }
            (Some(_), Some(_)) => {
                found.error(
                    &at(""),
                    format!("{name}: has both `group` and `when`; take one out"),
                );
            }
            (None, None) => found.error(&at(""), format!("{name}: needs `group` or `when`")),
        }
        found.role(&at("/role"), &name, &row.role);
        // Both end up in the audit trail, where the host refuses such characters.
        if [&row.group, &row.label]
            .into_iter()
            .flatten()
            .any(|text| one_line(text) != *text)
        {
            let what = "group and label must be one line without surrounding or control characters";
            found.error(&at(""), format!("{name}: {what}"));
        }
        if earlier.iter().any(|other| covers(other, row)) {
            let what = "never used, an earlier row grants the same role for the same reason";
            found.warning(&at(""), format!("{name}: {what}"));
        }
        earlier.push(row);
    }
}

fn covers(earlier: &GroupRole, row: &GroupRole) -> bool {
    let same_group = match (&earlier.group, &row.group) {
        (Some(one), Some(other)) => groups::same(one, other),
        (None, None) => true,
        _ => false,
    };
    let always = earlier.when.as_deref().map(str::trim) == Some("true");
    earlier.role == row.role && (always || (same_group && earlier.when == row.when))
}

pub(super) fn role_switch(on: bool, rows: Option<&Value>, found: &mut Findings) {
    let empty = rows.and_then(Value::as_array).is_none_or(Vec::is_empty);
    if on && empty {
        let what = "is empty, so that everybody gets the default role";
        found.warning("/group_roles", what);
    }
    if !on && !empty {
        let what = "are not used while assign_role_by_group is false";
        found.add(Severity::Info, "/group_roles", what);
    }
}

pub(super) fn denials(
    rows: &[(usize, DenyRule)],
    expressions: &mut Expressions,
    found: &mut Findings,
) {
    let mut earlier = BTreeSet::new();
    for (index, row) in rows {
        let name = format!("refusal {} (row {})", row.code, index + 1);
        let at = |member: &str| format!("/deny/{index}/{member}");
        expressions.check((&at("when"), &name), (&row.when, Wanted::Truth), found);
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b);
        if !(1..=64).contains(&row.code.len()) || !row.code.bytes().all(allowed) {
            found.error(
                &at("code"),
                format!("{name}: not a code: 1 to 64 characters of a-z, 0-9, '_', '-' or '.'"),
            );
        }
        if row.message.trim().is_empty() {
            found.error(
                &at("message"),
                format!("{name}: the person would read nothing"),
            );
        } else if row.message.len() > 400 || one_line(&row.message) != row.message {
            let what =
                "must be one line of at most 400 bytes without surrounding or control characters";
            found.error(&at("message"), format!("{name}: the message {what}"));
        }
        if !earlier.insert(row.when.trim()) {
            found.warning(
                &at("when"),
                format!("{name}: never used, an earlier row refuses for the same condition"),
            );
        }
    }
}
