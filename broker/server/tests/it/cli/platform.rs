//! `symbolon platform`: the operator's applications, offered to tenants, and the keys of their issuer.

use serde_json::json;

use super::Installation;

const CREATE: &str = "platform application create helpdesk --redirect-uri https://help.example/cb";

#[test]
fn an_application_is_registered_once_offered_and_taken_back() {
    let here = Installation::with_tenant();
    let none = here.refused(1, "platform keys list");
    assert!(none.contains("there is no application of the platform's"), "{none}");
    let made = here.json(&format!("{CREATE} --display-name Helpdesk --grant refresh-token"));
    assert!(!made["issuer"].as_str().unwrap().contains("/t/"), "{made}");
    assert_eq!(made["client_secret"].as_str().unwrap().len(), 43);
    here.ok("platform application offer helpdesk contoso");
    let twice = here.refused(1, "platform application offer helpdesk contoso");
    assert!(twice.contains("there is a application helpdesk already"), "{twice}");
    let shown = here.json("platform application show helpdesk");
    assert_eq!((&shown["offered_to"], shown.get("client_secret")), (&json!(["contoso"]), None));
    let listed = here.json("tenant list");
    assert_eq!(listed.as_array().unwrap().len(), 1, "the platform is no tenant: {listed}");
    here.ok("platform application update helpdesk --claims-in-id-token");
    let copy = here.json("application show contoso helpdesk");
    assert_eq!((&copy["claims_in_id_token"], &copy["issuer"]), (&json!(true), &made["issuer"]));
    here.refused(1, "application update contoso helpdesk --without-pkce");
    here.ok("platform application withdraw helpdesk contoso");
    here.refused(1, "application show contoso helpdesk");
    here.ok("platform application delete helpdesk");
    assert_eq!(here.json("platform application list"), json!([]));
}

#[test]
fn what_names_no_tenant_cannot_be_registered_at_the_platform() {
    let here = Installation::with_tenant();
    for (option, why) in [
        ("--grant client-credentials", "client_credentials names no tenant"),
        ("--connector work", "name them when offering"),
    ] {
        let told = here.refused(1, &format!("{CREATE} {option}"));
        assert!(told.contains(why), "{option}: {told}");
    }
    here.ok(CREATE);
    let unknown = here.refused(1, "platform application offer helpdesk contoso --connector nobody");
    assert!(unknown.contains("there is no nobody"), "{unknown}");
}

#[test]
fn the_platforms_keys_are_listed_and_rotated() {
    let here = Installation::with_tenant();
    here.ok(CREATE);
    let before = here.json("platform keys list").as_array().unwrap().len();
    let active = here.json("platform keys rotate");
    let keys = here.json("platform keys list");
    assert!(keys.as_array().unwrap().len() >= before, "the old one stays: {keys}");
    assert!(keys.as_array().unwrap().iter().any(|key| key["kid"] == active["kid"]), "{keys}");
}
