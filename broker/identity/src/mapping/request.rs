//! What a plugin is told: the verified statement and the time, nothing else (WP-98).

use serde_json::Value;
use symbolon_contract::{Attribute, Claims, MappingRequest};

use super::MappingInput;

/// The request for one plugin; `claims` is as much of the input's as it accepts.
pub(super) fn build(purpose: &str, input: &MappingInput, claims: &Claims) -> MappingRequest {
    MappingRequest {
        purpose: purpose.into(),
        connector: input.connector.to_string(),
        kind: input.kind.clone(),
        issuer: input.issuer.clone(),
        subject: input.subject.clone(),
        now: u64::try_from(input.now.timestamp()).unwrap_or_default(),
        attributes: claims.raw.iter().filter_map(|(name, value)| attribute(name, value)).collect(),
        claims_json: Value::Object(claims.raw.clone()).to_string(),
        groups: claims.groups.clone(),
        groups_complete: claims.groups_complete,
        extra: input.extra.clone(),
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

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;
    use symbolon_contract::ConnectorId;

    use super::*;

    fn claims() -> Value {
        json!({
            "sub": "alice", "level": 3, "admin": true, "empty": "", "nothing": null,
            "tags": ["a", 2, false], "none": [],
            "address": { "city": "Bern" }, "mixed": ["a", { "b": 1 }], "lists": [["a"]], "holes": ["a", null],
        })
    }

    fn built() -> MappingRequest {
        let raw = claims().as_object().unwrap().clone();
        let claims = Claims {
            email: Some("alice@contoso.example".into()),
            email_verified: true,
            name: None,
            preferred_username: None,
            groups: vec!["staff".into()],
            groups_complete: false,
            raw,
        };
        let input = MappingInput {
            connector: ConnectorId::parse("work").unwrap(),
            kind: "oidc".into(),
            issuer: "https://idp.example".into(),
            subject: "alice".into(),
            claims,
            guest: false,
            extra: Vec::new(),
            now: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        };
        build("login", &input, &input.claims)
    }

    #[test]
    fn the_flat_view_holds_scalars_and_lists_of_scalars_only() {
        let flat: Vec<(String, String)> = built()
            .attributes
            .into_iter()
            .map(|attribute| (attribute.name, attribute.values.join("|")))
            .collect();
        let expected = [
            ("admin", "true"),
            ("empty", ""),
            ("level", "3"),
            ("none", ""),
            ("sub", "alice"),
            ("tags", "a|2|false"),
        ];
        assert_eq!(flat, expected.map(|(name, values)| (name.to_owned(), values.to_owned())));
    }

    #[test]
    fn the_json_holds_the_whole_truth() {
        let whole: Value = serde_json::from_str(&built().claims_json).unwrap();
        assert_eq!(whole, claims());
    }

    #[test]
    fn wp98_a_plugin_learns_the_statement_and_the_time_and_no_more() {
        let request = built();
        assert_eq!((request.purpose.as_str(), request.kind.as_str()), ("login", "oidc"));
        assert_eq!((request.connector.as_str(), request.subject.as_str()), ("work", "alice"));
        assert_eq!(request.now, 1_800_000_000);
        assert_eq!(request.groups, ["staff"]);
        assert!(!request.groups_complete, "a cut list is never passed on as complete");
        assert!(request.extra.is_empty());
    }
}
