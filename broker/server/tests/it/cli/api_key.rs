//! `symbolon api-key` (AD7).

use std::os::unix::fs::PermissionsExt as _;

use super::Installation;

#[test]
fn feat_ad7_a_key_is_shown_once_listed_without_itself_and_taken_back() {
    let here = Installation::with_tenant();
    let made = here.json(
        "api-key create terraform --tenant contoso --scope sso.manage --scope audit.read \
         --expires-on 2099-12-31",
    );
    let key = made["api_key"].as_str().unwrap();
    assert!(key.starts_with("symkey_") && key.len() == 50, "256 bits");
    assert_eq!(made["scopes"], serde_json::json!(["sso.manage", "audit.read"]));
    let listed = here.json("api-key list --tenant contoso");
    assert_eq!(
        (&listed[0]["id"], &listed[0]["state"]),
        (&made["id"], &serde_json::json!("active"))
    );
    assert!(!listed.to_string().contains(key));
    let id = made["id"].as_str().unwrap();
    here.ok(&format!("api-key revoke {id} --tenant contoso"));
    assert_eq!(here.json("api-key list --tenant contoso")[0]["state"], "revoked");
    here.refused(1, &format!("api-key revoke {id} --tenant contoso"));
    let trail = here.ok("audit export contoso");
    assert!(trail.contains("api_key.created") && trail.contains("api_key.revoked"), "{trail}");
    assert!(!trail.contains(key));
}

#[test]
fn feat_ad7_the_operators_keys_are_its_own_and_go_into_a_file() {
    let here = Installation::with_tenant();
    let shown = here.ok("api-key create console --operator --scope sso.read --secret-out api.key");
    assert!(!shown.contains("symkey_"), "{shown}");
    assert!(here.read("api.key").starts_with("symkey_"));
    let mode = std::fs::metadata(here.path("api.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(here.json("api-key list --operator")[0]["name"], "console");
    assert_eq!(here.json("api-key list --tenant contoso"), serde_json::json!([]));
}

#[test]
fn feat_ad7_a_key_without_owner_scope_or_future_is_refused() {
    let here = Installation::with_tenant();
    here.refused(2, "api-key create x --scope sso.read");
    here.refused(2, "api-key create x --operator --tenant contoso --scope sso.read");
    here.refused(2, "api-key create x --operator");
    here.refused(2, "api-key create x --operator --scope everything");
    let told =
        here.refused(1, "api-key create x --operator --scope sso.read --expires-on 2001-01-01");
    assert!(told.contains("expires_at"), "{told}");
    here.refused(1, "api-key list --tenant nobody");
}
