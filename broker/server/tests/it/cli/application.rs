//! `symbolon application`: everything that an application registers, by options and by a file.

use serde_json::json;

use super::Installation;

const CREATE: &str = "application create contoso";

#[test]
fn everything_that_an_application_registers_has_an_option() {
    let here = Installation::with_tenant();
    here.write("jwks.json", r#"{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y"}]}"#);
    let made = here.json(&format!(
        "{CREATE} bank --redirect-uri https://bank.example/cb --grant refresh-token \
         --auth private-key-jwt --jwks jwks.json --profile fapi2 --resource https://api.example \
         --backchannel-logout-uri https://bank.example/out --pairwise --third-party \
         --id-token-algorithm eddsa --allowed-origin https://spa.example"
    ));
    assert_eq!(made["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(
        (&made["profile"], &made["authentication"]),
        (&json!("fapi2"), &json!("private_key_jwt"))
    );
    assert_eq!((&made["public"], made.get("client_secret")), (&json!(false), None));
    assert_eq!(made["resources"][0]["identifier"], "https://api.example");
    assert_eq!((&made["subject_type"], &made["third_party"]), (&json!("pairwise"), &json!(true)));
    let service =
        here.json(&format!("{CREATE} jobs --grant client-credentials --service-scope jobs.run"));
    assert_eq!(service["grant_types"], json!(["client_credentials"]));
    assert_eq!(service["client_secret"].as_str().unwrap().len(), 43);
}

#[test]
fn an_update_changes_what_it_names_and_nothing_else() {
    let here = Installation::with_tenant();
    let before = here.json(&format!("{CREATE} wiki --redirect-uri https://wiki.example/cb"));
    here.write("more.json", r#"{"refresh_idle_seconds": 600, "third_party": true}"#);
    let after = here.json(
        "application update contoso wiki --settings more.json --grant refresh-token --if-version 1",
    );
    assert_eq!((&after["version"], &after["third_party"]), (&json!(2), &json!(true)));
    assert_eq!(after["refresh_idle_seconds"], 600);
    assert_eq!(after["redirect_uris"], before["redirect_uris"]);
    assert_eq!(after.get("client_secret"), None, "its secret stays");
    let stale =
        here.refused(1, "application update contoso wiki --claims-in-id-token --if-version 1");
    assert!(stale.contains("changed in the meantime"), "{stale}");
    here.write("more.json", r#"{"surprise": 1}"#);
    let unknown = here.refused(1, "application update contoso wiki --settings more.json");
    assert!(unknown.contains("more.json") && unknown.contains("surprise"), "{unknown}");
}

#[test]
fn secrets_are_rotated_and_applications_switched_and_deleted() {
    let here = Installation::complete();
    let first = here.read("s");
    here.ok("application rotate-secret contoso wiki --secret-out second");
    assert_ne!(here.read("second"), first);
    here.ok("application disable contoso wiki");
    assert_eq!(here.json("application show contoso wiki")["active"], false);
    here.ok("application enable contoso wiki");
    here.ok("application delete contoso wiki");
    assert!(here.refused(1, "application show contoso wiki").contains("there is no application"));
    let trail = here.ok("audit export contoso");
    for event in ["app.secret_rotated", "app.disabled", "app.enabled", "app.deleted"] {
        assert!(trail.contains(event), "{event}: {trail}");
    }
}

#[test]
fn every_problem_of_an_application_is_named_at_once() {
    let here = Installation::with_tenant();
    let refusal = here.refused(
        1,
        &format!(
            "{CREATE} bank --redirect-uri https://bank.example/cb --profile fapi2 --public \
         --id-token-algorithm rs256 --backchannel-logout-uri http://bank.example/out"
        ),
    );
    for field in ["authentication", "id_token_algorithm", "backchannel_logout_uri"] {
        assert!(refusal.contains(field), "{field}: {refusal}");
    }
    assert!(here.refused(1, &format!("{CREATE} wiki")).contains("redirect_uris: at least one"));
}
