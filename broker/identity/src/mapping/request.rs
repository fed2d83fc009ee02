//! What a plugin is told: the verified statement and the time, nothing else (WP-98).

use chrono::{DateTime, Utc};
use serde_json::Value;
use symbolon_contract::{Attribute, Claims, ConnectorId, MappingRequest};

use crate::connectors::Assertion;

pub(super) fn build(
    connector: &ConnectorId,
    kind: &str,
    assertion: &Assertion,
    claims: &Claims,
    now: DateTime<Utc>,
) -> MappingRequest {
    MappingRequest {
        purpose: "login".into(),
        connector: connector.to_string(),
        kind: kind.into(),
        issuer: assertion.issuer.clone(),
        subject: assertion.subject.clone(),
        now: u64::try_from(now.timestamp()).unwrap_or_default(),
        attributes: claims.raw.iter().filter_map(|(name, value)| attribute(name, value)).collect(),
        claims_json: Value::Object(claims.raw.clone()).to_string(),
        groups: claims.groups.clone(),
        groups_complete: claims.groups_complete,
        extra: Vec::new(),
    }
}

/// The flat view holds scalars and lists of scalars; objects are in the JSON only.
fn attribute(name: &str, value: &Value) -> Option<Attribute> {
    let values = match value {
        Value::Array(values) => values.iter().map(scalar).collect::<Option<Vec<_>>>()?,
        single => vec![scalar(single)?],
    };
    Some(Attribute { name: name.to_owned(), values })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
