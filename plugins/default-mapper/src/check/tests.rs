use serde_json::json;
use symbolon_plugin_sdk::{MappingPlugin as _, check_config};

use super::*;
use crate::DefaultMapper;

fn found(config: &Value) -> Vec<(Severity, String)> {
    let found = check_config::<DefaultMapper>(&config.to_string());
    found
        .into_iter()
        .map(|one| (one.severity, one.path))
        .collect()
}

#[test]
fn wp24_all_findings_come_at_once_with_their_place() {
    let config = json!({
        "attributes": [
            {"from": "email", "to": "sub"}, {"from": [], "to": "email"},
            {"from": "x", "to": "email"}, {"from": "x"},
        ],
        "sync_fields": ["email", "email", "floor", ""],
        "assign_role_by_group": "yes",
        "group_roles": [
            {"group": " ", "role": "admin"}, {"group": "g", "role": "a b"},
            {"group": "h", "role": "admin"}, {"group": "h", "role": "admin"},
        ],
        "default_role": 7,
        "a/b": 1,
    });
    let seen = found(&config);
    let errors = [
        "/a~1b",
        "/attributes/3",
        "/attributes/0/to",
        "/attributes/1/from",
        "/sync_fields/3",
        "/assign_role_by_group",
        "/group_roles/0/group",
        "/group_roles/1/role",
        "/default_role",
    ];
    for path in errors {
        assert!(
            seen.contains(&(Severity::Error, path.to_owned())),
            "{path}: {seen:?}"
        );
    }
    for path in [
        "/attributes/2/to",
        "/sync_fields/1",
        "/sync_fields/2",
        "/group_roles/3",
    ] {
        assert!(
            seen.contains(&(Severity::Warning, path.to_owned())),
            "{path}: {seen:?}"
        );
    }
}

#[test]
fn wp23_the_example_and_the_defaults_have_no_findings() {
    let example = DefaultMapper::describe().example_config;
    assert_eq!(check_config::<DefaultMapper>(&example), Vec::new());
    assert_eq!(found(&json!({})), Vec::new());
    let defaults = serde_json::to_value(Rules::default()).unwrap();
    assert_eq!(found(&defaults), Vec::new());
}

#[test]
fn rows_that_are_not_used_are_mentioned() {
    let rows = json!([{"group": "g", "role": "admin"}]);
    let off = json!({"group_roles": rows});
    assert_eq!(found(&off), [(Severity::Info, "/group_roles".to_owned())]);
    let on = json!({"assign_role_by_group": true});
    assert_eq!(found(&on), [(Severity::Warning, "/group_roles".to_owned())]);
}

fn messages(config: &Value) -> Vec<(Severity, String, String)> {
    let found = check_config::<DefaultMapper>(&config.to_string());
    found
        .into_iter()
        .map(|one| (one.severity, one.path, one.message))
        .collect()
}

fn broken() -> Value {
    json!({
        "deny": [{"when": "claim.acct == 1", "code": "guests", "message": "No guests."}],
        "attributes": [
            {"expression": "claims.given_name +", "to": "display_name"},
            {"expression": "lower(claims.name)", "to": "username"},
            {"from": "email", "expression": "claims.email", "to": "email"},
            {"to": "metadata.x"},
        ],
        "sync_fields": ["*"],
        "assign_role_by_group": true,
        "group_roles": [
            {"when": "groups.startsWith('x')", "role": "admin"},
            {"when": "'x' + 1", "role": "admin"},
            {"when": "claims.department", "role": "viewer"},
            {"group": "g", "when": "true", "role": "editor"},
            {"when": "claims.name.matches('(')", "role": "editor"},
        ],
    })
}

#[test]
fn wp112_every_expression_is_checked_at_its_pointer_and_named_in_words() {
    let seen = messages(&broken());
    for (severity, path, part) in [
        (
            Severity::Error,
            "/deny/0/when",
            "refusal guests (row 1): unknown variable `claim`; the claims are in `claims`",
        ),
        (
            Severity::Error,
            "/attributes/0/expression",
            "display_name (row 1): line 1, column",
        ),
        (
            Severity::Error,
            "/attributes/1/expression",
            "username (row 2): unknown function `lower`",
        ),
        (Severity::Error, "/attributes/2", "email (row 3): has both"),
        (
            Severity::Error,
            "/attributes/3",
            "metadata.x (row 4): needs",
        ),
        (
            Severity::Warning,
            "/group_roles/0/when",
            "role admin (row 1): has no answer for a sample",
        ),
        (
            Severity::Error,
            "/group_roles/1/when",
            "role admin (row 2): ",
        ),
        (
            Severity::Warning,
            "/group_roles/2/when",
            "the condition gives string, not true or false",
        ),
        (
            Severity::Error,
            "/group_roles/3",
            "role editor (row 4): has both",
        ),
        (
            Severity::Error,
            "/group_roles/4/when",
            "'(' is no regular expression",
        ),
    ] {
        let hit = |one: &&(Severity, String, String)| {
            one.0 == severity && one.1 == path && one.2.contains(part)
        };
        assert!(
            seen.iter().any(|one| hit(&one)),
            "{path}: {part}\n{seen:#?}"
        );
    }
}

#[test]
fn wp104_an_unproved_address_is_warned_about_with_what_entra_does() {
    let rules = |when: &str| json!({"assign_role_by_group": true, "group_roles": [{"when": when, "role": "admin"}]});
    let seen = messages(&rules("claims.email.endsWith('@contoso.example')"));
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(
        (seen[0].0, seen[0].1.as_str()),
        (Severity::Warning, "/group_roles/0/when")
    );
    assert!(seen[0].2.contains("xms_edov"), "{seen:?}");
    for proof in [
        "claims.email_verified == true",
        "claims['xms_edov'] == true",
    ] {
        let when = format!("has(claims.email) && claims.email == 'a' && {proof}");
        assert_eq!(messages(&rules(&when)), Vec::new(), "{proof}");
    }
    assert_eq!(
        messages(
            &json!({"attributes": [{"from": "email", "to": "email"}], "sync_fields": ["email"]})
        ),
        []
    );
}

#[test]
fn rows_that_can_never_win_are_warned_about() {
    let config = json!({
        "deny": [
            {"when": "claims.acct == 1", "code": "a", "message": "m"},
            {"when": " claims.acct == 1", "code": "b", "message": "m"},
        ],
        "attributes": [{"from": "a", "to": "email"}, {"from": "a", "to": "email"}],
        "sync_fields": ["email"],
        "assign_role_by_group": true,
        "group_roles": [
            {"when": "true", "role": "viewer"}, {"group": "g", "role": "viewer"},
            {"when": "claims.acct == 1", "role": "admin"}, {"when": "claims.acct == 1", "role": "admin"},
            {"when": "false", "role": "editor"},
        ],
    });
    let warnings: Vec<String> = found(&config).into_iter().map(|(_, path)| path).collect();
    assert_eq!(
        warnings,
        [
            "/deny/1/when",
            "/attributes/1/to",
            "/group_roles/0/when",
            "/group_roles/1",
            "/group_roles/3",
            "/group_roles/4/when"
        ]
    );
}

#[test]
fn what_a_person_or_the_audit_trail_reads_is_checked() {
    let deny = |code: &str, message: &str| json!({"deny": [{"when": "claims.acct == 1", "code": code, "message": message}]});
    assert_eq!(found(&deny("no_guests", "No guests.")), []);
    for (code, message, path) in [
        ("", "m", "/deny/0/code"),
        ("No guests", "m", "/deny/0/code"),
        ("a", " ", "/deny/0/message"),
        ("a", "two\nlines", "/deny/0/message"),
    ] {
        assert_eq!(
            found(&deny(code, message)),
            [(Severity::Error, path.to_owned())]
        );
    }
}
