//! Runs every folder of `cases/` that holds `login.json` and `expected.json`, as `symbolon plugin test` does.

use std::path::Path;

use seat_planner::SeatPlanner;
use serde_json::{Value, json};
use symbolon_plugin_sdk::{Attribute, MappingRequest, map_login};

#[test]
fn the_cases_decide_as_they_expect() {
    assert!(run(Path::new("cases")) > 0, "no case");
}

/// Returns how many cases ran.
pub fn run(folder: &Path) -> usize {
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let case = entry.unwrap().path();
        if !case.join("login.json").exists() {
            continue;
        }
        let own = case.join("config.json");
        let config = if own.exists() {
            own
        } else {
            folder.join("config.json")
        };
        let config = std::fs::read_to_string(config).unwrap();
        let seen =
            match map_login::<SeatPlanner>(&config, &request(&read(&case.join("login.json")))) {
                Ok(decision) => serde_json::to_value(decision).unwrap(),
                Err(failure) => json!({ "failure": { "code": failure.code } }),
            };
        assert_eq!(
            seen,
            read(&case.join("expected.json")),
            "{}",
            case.display()
        );
        cases += 1;
    }
    cases
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn request(login: &Value) -> MappingRequest {
    let text = |key: &str, default: &str| login[key].as_str().unwrap_or(default).to_owned();
    let claims = login["claims"].as_object().cloned().unwrap_or_default();
    let groups = login["groups"].as_array().cloned().unwrap_or_default();
    MappingRequest {
        purpose: "preview".to_owned(),
        connector: text("connector", "example"),
        kind: text("kind", "oidc"),
        issuer: text("issuer", "https://issuer.example"),
        subject: text("subject", "subject"),
        now: login["now"].as_u64().unwrap_or(1_750_000_000),
        attributes: claims
            .iter()
            .filter_map(|(name, value)| attribute(name, value))
            .collect(),
        claims_json: Value::Object(claims).to_string(),
        groups: groups.iter().filter_map(scalar).collect(),
        groups_complete: login["groups_complete"].as_bool().unwrap_or(true),
        extra: Vec::new(),
    }
}

/// The flat view holds scalars and lists of scalars; objects are in `claims_json` only.
fn attribute(name: &str, value: &Value) -> Option<Attribute> {
    let values = match value {
        Value::Array(values) => values.iter().map(scalar).collect::<Option<Vec<_>>>()?,
        single => vec![scalar(single)?],
    };
    Some(Attribute {
        name: name.to_owned(),
        values,
    })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
