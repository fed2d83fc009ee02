//! What the rules say about one sign-in.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};
use symbolon_plugin_sdk::{
    Failure, Field, Grant, Mapping, MappingDecision, MappingRequest, failure,
};

use crate::rules::{GroupRole, Rules, is_target, synced_target};

/// Maps one sign-in.
pub(crate) fn map(rules: &Rules, request: &MappingRequest) -> Result<MappingDecision, Failure> {
    let claims: Map<String, Value> = serde_json::from_str(&request.claims_json)
        .map_err(|error| failure("claims", format!("the claims are no JSON object: {error}")))?;
    let mut notes = Vec::new();
    let fields = fields(rules, &claims, &mut notes)?;
    let grants = grants(rules, request)?;
    Ok(MappingDecision::Allow(Mapping {
        fields,
        grants,
        notes,
    }))
}

fn fields(
    rules: &Rules,
    claims: &Map<String, Value>,
    notes: &mut Vec<String>,
) -> Result<Vec<Field>, Failure> {
    let all = rules.sync_fields.iter().any(|name| name == "*");
    let synced: BTreeSet<String> = rules.sync_fields.iter().map(|n| synced_target(n)).collect();
    let mut fields: Vec<Field> = Vec::new();
    for (index, row) in rules.attributes.iter().enumerate() {
        if !is_target(&row.to) {
            return Err(Failure {
                code: "config".to_owned(),
                message: "a row maps to a field that does not exist".to_owned(),
                path: Some(format!("/attributes/{index}/to")),
            });
        }
        let wanted = all || synced.contains(&row.to);
        if !wanted || fields.iter().any(|field| field.name == row.to) {
            continue;
        }
        let mut values = row
            .from
            .alternatives()
            .iter()
            .map(|from| values(claims, from))
            .find(|v| !v.is_empty());
        match &mut values {
            None if notes.len() < 40 => notes.push(format!("no claim for {}", row.to)),
            None => {}
            Some(values) => {
                if !row.to.starts_with("metadata.") {
                    values.truncate(1);
                }
                fields.push(Field {
                    name: row.to.clone(),
                    values: std::mem::take(values),
                });
            }
        }
    }
    Ok(fields)
}

/// The exact top-level claim, else the dotted path. Empty strings count as absent.
fn values(claims: &Map<String, Value>, from: &str) -> Vec<String> {
    let found = claims.get(from).or_else(|| {
        let mut steps = from.split('.');
        let first = claims.get(steps.next()?)?;
        steps.try_fold(first, |value, step| match value {
            Value::Array(rows) => rows.get(step.parse::<usize>().ok()?),
            other => other.get(step),
        })
    });
    match found {
        Some(Value::Array(rows)) => rows.iter().filter_map(scalar).collect(),
        Some(other) => scalar(other).into_iter().collect(),
        None => Vec::new(),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(one_line(text)).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Control and bidi characters become spaces: the host refuses them, and a line break in somebody's
/// office address is no reason to keep the person out.
pub(crate) fn one_line(text: &str) -> String {
    let spaced = |c: char| {
        let bidi = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        c.is_control() || c.is_whitespace() || bidi
    };
    text.split(spaced)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn grants(rules: &Rules, request: &MappingRequest) -> Result<Vec<Grant>, Failure> {
    let mut grants: Vec<Grant> = Vec::new();
    if rules.assign_role_by_group {
        // Fail closed: a role that a missing group would give or keep must not come and go with an overage.
        if !request.groups_complete {
            return Err(failure(
                "groups_incomplete",
                "roles are assigned by group, but the upstream did not send the whole group list",
            ));
        }
        let held: HashSet<Cow<'_, str>> = request
            .groups
            .iter()
            .map(|group| comparable(group))
            .collect();
        let mut granted = HashSet::new();
        for row in &rules.group_roles {
            if held.contains(comparable(&row.group).as_ref()) && granted.insert(row.role.as_str()) {
                grants.push(granted_by(row));
            }
        }
    }
    if grants.is_empty()
        && let Some(role) = &rules.default_role
    {
        let because = Some("default role".to_owned());
        grants.push(Grant {
            role: role.clone(),
            because,
        });
    }
    Ok(grants)
}

fn granted_by(row: &GroupRole) -> Grant {
    let group = row
        .label
        .as_deref()
        .filter(|label| !label.is_empty())
        .unwrap_or(&row.group);
    Grant {
        role: row.role.clone(),
        because: Some(format!("group {group} -> role {}", row.role)),
    }
}

/// GUIDs are compared in lower case; every other name exactly.
pub(crate) fn comparable(group: &str) -> Cow<'_, str> {
    let guid = group.len() == 36 && group.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if guid && group.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(group.to_ascii_lowercase())
    } else {
        Cow::Borrowed(group)
    }
}
