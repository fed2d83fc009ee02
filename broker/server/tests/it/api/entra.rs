//! Microsoft Entra ID over the API: N32, N34, N71 to N76, and what only this kind has.

use serde_json::{Value, json};
use symbolon_identity::admin;
use symbolon_testkit::Browser;
use symbolon_testkit::entra::EntraFault;
use symbolon_testkit::provider::AutomaticSignIn;

use super::Caller;
use crate::world::{ADMINS, APP, CONTOSO, EntraWorld, SECRET};

/// What an admin types: a domain instead of the id, and the secret.
fn typed() -> Value {
    json!({
        "id": "entra",
        "settings": {
            "upstream": {
                "kind": "entra",
                "cloud": "mock",
                "tenant_id": "contoso.onmicrosoft.com",
                "client_id": APP,
            },
            "provisioning": { "auto_provision": true },
        },
        "client_secret": SECRET,
        "sync_fields": ["email", "name", "department"],
    })
}

#[actix_web::test]
async fn feat_n26_n32_a_connector_is_made_with_a_domain_and_its_test_says_the_documents_sentence() {
    let entra = EntraWorld::start().await;
    let contoso = entra.empty_tenant("contoso").await;
    let callback = contoso.callback("entra");
    entra.entra.change_application(APP, |app| app.redirect_uri(&callback));
    let caller = Caller::manager(&contoso).await;
    let made = caller.send(("POST", "/connectors"), typed(), 201).await;
    assert_eq!((&made["display_name"], &made["type"]), (&json!("Microsoft"), &json!("entra")));
    let upstream = caller.get("/connectors/entra").await["settings"]["upstream"].clone();
    assert_eq!(upstream["tenant_id"], CONTOSO);
    assert_eq!(upstream["tenant_domain"], "contoso.onmicrosoft.com");
    assert_eq!(upstream["graph_profile"].as_array().unwrap().len(), 1, "{upstream}");

    let report = caller.send(("POST", "/connectors/entra/test"), json!({}), 200).await;
    assert_eq!(report["summary"], "✓ Successfully connected to Entra ID");
    assert!(report["unproved"].to_string().contains("redirect URI"), "W-4: {report}");
    caller.send(("POST", "/connectors/entra/mode"), json!({ "mode": "on" }), 204).await;
    let wiki = contoso.application("wiki").await;
    assert!(entra.log_in(&wiki, "alice").await.outcome().starts_with("signed in"));

    let mut wrong = typed();
    wrong["id"] = json!("other");
    wrong["settings"]["upstream"]["tenant_id"] = json!("nobody.example");
    let problem = caller.refused(("POST", "/connectors"), wrong).await;
    assert_eq!(problem["reason"], "entra.directory_unknown", "{problem}");
}

#[actix_web::test]
async fn feat_n31_n54_a_test_that_fails_says_the_reason_and_the_fix() {
    let entra = EntraWorld::start().await;
    let contoso = entra
        .tenant_with("contoso", |new, _| new.client_secret = Some("Wrong8Q~secret-000000".into()))
        .await;
    let caller = Caller::manager(&contoso).await;
    let report = caller.send(("POST", "/connectors/entra/test"), json!({}), 200).await;
    assert_eq!(report["summary"], Value::Null);
    let failed = report["checks"].as_array().unwrap().iter();
    let failed: Vec<&Value> = failed.filter(|check| check["outcome"] == "failed").collect();
    assert_eq!((failed.len(), &failed[0]["reason"]), (1, &json!("entra.secret_invalid")));
    assert!(failed[0]["fix"].as_str().unwrap().contains("Value"));
}

#[actix_web::test]
async fn feat_n71_n72_n73_n74_n75_n76_the_status_has_the_fields_of_the_document() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let caller = Caller::manager(&contoso).await;
    caller.send(("POST", "/connectors/entra/test"), json!({}), 200).await;
    entra.log_in(&wiki, "alice").await;
    entra.entra.misbehave(EntraFault::TokenBadSignature);
    let refused = entra.log_in(&wiki, "alice").await;
    entra.entra.behave();
    let shown = caller.get("/connectors/entra/status").await;
    let said = ["provider", "status", "status_line", "users_synced", "failed_logins_24h"]
        .map(|name| shown[name].clone());
    assert_eq!(
        json!(said),
        json!(["Microsoft Entra ID", "Connected", "Connected ✓", 1, 1]),
        "{shown}"
    );
    assert!(shown["last_sync"].is_string() && shown["help"] == json!([]), "{shown}");
    assert_eq!(shown["last_error"]["trace_id"], json!(refused.page.text("trace-id")));
    assert_eq!(caller.get("/status").await["items"], json!([shown]));

    entra.entra.misbehave(EntraFault::DiscoveryDown);
    caller.send(("POST", "/connectors/entra/test"), json!({}), 200).await;
    let shown = caller.get("/connectors/entra/status").await;
    assert_eq!(shown["status"], "Disconnected");
    let about: Vec<&str> = shown["help"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["about"].as_str().unwrap())
        .collect();
    assert_eq!(about, ["network", "error_log", "support"], "N76");
}

#[actix_web::test]
async fn feat_n34_a_test_sign_in_is_begun_and_its_report_is_read() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    let link = caller.send(("POST", "/connectors/entra/test-sign-in"), json!({}), 201).await;
    let path = format!("/connectors/entra/test-sign-in/{}", link["id"].as_str().unwrap());
    assert_eq!(caller.get(&path).await, json!({ "finished": false, "report": null }));
    entra.entra.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    Browser::new().unwrap().get(link["url"].as_str().unwrap()).await.unwrap();
    let state = caller.get(&path).await;
    assert_eq!((&state["finished"], &state["report"]["verdict"]), (&json!(true), &json!("passed")));
    let users = admin::list_users(&entra.world.broker, &contoso.record, (None, 10)).await.unwrap();
    assert!(users.is_empty(), "nobody was made");
}

#[actix_web::test]
async fn feat_b12_n54_a_secret_is_stored_only_when_microsoft_accepts_it() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    let next = "Zyx8Q~wVu.tsr-qpo_nml-9876543210";
    let place = ("PUT", "/connectors/entra/secret");
    let body = json!({ "client_secret": next });
    let problem = caller.refused(place, body.clone()).await;
    assert_eq!(problem["reason"], "entra.secret_invalid");
    assert!(!problem.to_string().contains(next));
    entra.entra.change_application(APP, |app| app.secret(next));
    let done = caller.send(place, body, 200).await;
    assert_eq!((&done["proved"], &done["hint"]), (&json!(true), &json!("3210")));
}

#[actix_web::test]
async fn feat_n48_n25_groups_are_found_and_the_directorys_admin_gets_a_link() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    let found = caller.get("/connectors/entra/groups?name=Noxys%20A").await;
    let admins = json!([{ "id": ADMINS, "display_name": "Noxys Admins" }]);
    assert_eq!(found["items"], admins);
    assert_eq!(
        caller.get(&format!("/connectors/entra/groups?ids={ADMINS}")).await["items"],
        admins
    );
    assert_eq!(caller.call("GET", "/connectors/entra/groups", None).await.0, 400);
    let link = caller.send(("POST", "/connectors/entra/consent-link"), json!({}), 201).await;
    assert!(link["url"].as_str().unwrap().contains(CONTOSO), "{link}");
    assert_eq!(link["redirect_uri"], format!("{}/consent/entra", contoso.issuer()));
}

#[actix_web::test]
async fn entra_e51_e52_certificates_and_the_federated_credential_are_set_up() {
    use symbolon_testkit::entra::Certificate;

    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    let made =
        caller.send(("POST", "/connectors/entra/certificate"), json!({ "days": 90 }), 201).await;
    let activate = ("POST", "/connectors/entra/certificate/activate");
    let problem = caller.refused(activate, json!({})).await;
    assert!(problem["reason"].as_str().unwrap().starts_with("entra."), "not uploaded: {problem}");
    let pem = made["certificate"].as_str().unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----") && !pem.contains("PRIVATE"));
    entra.entra.change_application(APP, |app| app.certificate(Certificate::from_pem(pem).unwrap()));
    let active = caller.send(activate, json!({}), 200).await;
    assert_eq!(active["thumbprint"], made["thumbprint"]);
    let trust = caller.get("/connectors/entra/federated").await;
    let expected = json!({
        "issuer": contoso.issuer(), "subject": "entra", "audience": "api://AzureADTokenExchange",
    });
    assert_eq!(trust, expected);
}
