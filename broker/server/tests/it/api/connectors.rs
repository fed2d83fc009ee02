//! The good way of every endpoint that needs no Microsoft.

use serde_json::{Value, json};
use symbolon_testkit::RegisteredClient;

use super::Caller;
use crate::world::{TestBroker, UPSTREAM_SECRET};

#[actix_web::test]
async fn feat_ad2_connectors_are_made_listed_shown_and_switched() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    let registered = RegisteredClient::new("second", UPSTREAM_SECRET);
    world.provider.set_client(registered.redirect_uri(&contoso.callback("second")));
    let new = json!({
        "id": "second",
        "settings": {
            "upstream": { "kind": "oidc", "issuer": world.provider.issuer(), "client_id": "second" },
        },
        "client_secret": UPSTREAM_SECRET,
        "secret_ends_on": "2031-01-31",
    });
    let made = caller.send(("POST", "/connectors"), new.clone(), 201).await;
    let expected = json!({
        "id": "second", "type": "oidc", "display_name": "second", "mode": "test",
        "settings_version": 1, "callback_url": contoso.callback("second"),
    });
    assert_eq!(made, expected, "the defaults of the documents");
    let problem = caller.refused(("POST", "/connectors"), new).await;
    assert_eq!(problem["reason"], "setting.conflict");

    let listed = caller.get("/connectors").await;
    let ids: Vec<&str> =
        listed["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["second", "upstream"]);
    let shown = caller.get("/connectors/second").await;
    let credential = &shown["credentials"][0];
    let hint = &UPSTREAM_SECRET[UPSTREAM_SECRET.len() - 4..];
    assert_eq!(
        (&credential["hint"], &credential["ends_at"]),
        (&json!(hint), &json!("2031-01-31T00:00:00Z")),
        "AD9, N19: the last four characters and the end"
    );
    let rules = caller.get("/connectors/second/mapping").await;
    assert_eq!((&rules["version"], &rules["bundled"]), (&json!(1), &json!(true)));
    assert_eq!(rules["rules"]["default_role"], "viewer");

    let untested = json!({ "mode": "on" });
    let problem = caller.refused(("POST", "/connectors/second/mode"), untested.clone()).await;
    assert_eq!(problem["reason"], "connector.untested");
    let report = caller.send(("POST", "/connectors/second/test"), json!({}), 200).await;
    assert!(report["summary"].is_string(), "{report}");
    caller.send(("POST", "/connectors/second/mode"), untested, 204).await;
    let preview = caller.get("/connectors/second/mode?mode=off").await;
    assert_eq!((&preview["from"], &preview["to"]), (&json!("on"), &json!("off")));
    assert_eq!(preview["button"]["shown"], false);
    assert_eq!(caller.get("/connectors/second").await["mode"], "on", "a preview changes nothing");
}

#[actix_web::test]
async fn feat_ad2_n37_what_an_admin_may_not_set_unasked_is_refused() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    let new = json!({
        "id": "third",
        "settings": {
            "upstream": { "kind": "oidc", "issuer": world.provider.issuer(), "client_id": "third" },
            "callback_path": "/oauth/complete/third/",
        },
        "client_secret": UPSTREAM_SECRET,
        "default_role": "admin",
    });
    let problem = caller.refused(("POST", "/connectors"), new).await;
    let found: Vec<&str> = problem["problems"].as_array().unwrap().iter().map(field).collect();
    assert_eq!(found, ["settings.callback_path", "default_role"]);
    assert_eq!(caller.call("GET", "/connectors/third", None).await.0, 404);
}

fn field(problem: &Value) -> &str {
    problem.as_str().unwrap().split(':').next().unwrap()
}

#[actix_web::test]
async fn feat_b16_b18_settings_have_versions_that_are_compared_and_brought_back() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    let mut settings = caller.get("/connectors/upstream").await["settings"].clone();
    settings["provisioning"]["auto_provision"] = json!(false);
    let change = json!({ "settings": settings, "note": "no more new users" });
    let saved = caller.send(("PUT", "/connectors/upstream/settings"), change, 200).await;
    assert_eq!(saved["settings_version"], 2);
    let versions = caller.get("/connectors/upstream/versions").await;
    let newest = &versions["items"][0];
    assert_eq!((&newest["version"], &newest["note"]), (&json!(2), &json!("no more new users")));
    assert_eq!(newest["author"], format!("API key terraform ({})", caller.id));
    let diff = caller.get("/connectors/upstream/versions/diff?from=1&to=2").await;
    let expected = json!([{ "field": "provisioning.auto_provision", "from": true, "to": false }]);
    assert_eq!(diff["items"], expected);
    let restored = caller
        .send(("POST", "/connectors/upstream/versions/1/restore"), json!({ "note": "back" }), 200)
        .await;
    assert_eq!(restored["settings_version"], 3);
    let diff = caller.get("/connectors/upstream/versions/diff?from=1&to=3").await;
    assert_eq!(diff["items"], json!([]));
    let problem =
        caller.refused(("POST", "/connectors/upstream/versions/x/restore"), json!({})).await;
    assert_eq!(problem["reason"], "setting.not_found");
}

#[actix_web::test]
async fn feat_ad9_n19_secrets_are_replaced_ended_and_revoked_and_never_shown() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    let next = "another-upstream-secret-9f8e";
    let body = json!({ "client_secret": next, "ends_on": "2031-06-30" });
    let done = caller.send(("PUT", "/connectors/upstream/secret"), body, 200).await;
    let expected = json!({
        "proved": false, "hint": "9f8e", "previous_kept": true, "ends_at": "2031-06-30T00:00:00Z",
    });
    assert_eq!(done, expected, "an OpenID provider tells only when a code is redeemed");
    let end = json!({ "ends_on": "2031-07-31" });
    caller.send(("PUT", "/connectors/upstream/secret/end"), end, 204).await;
    let calendar = caller.request("GET", "/calendar").send().await.unwrap();
    assert!(calendar.headers()["content-type"].to_str().unwrap().starts_with("text/calendar"));
    let text = calendar.text().await.unwrap();
    assert!(text.contains("20310731") && !text.contains(next), "B36: {text}");
    let one = caller.request("GET", "/connectors/upstream/calendar").send().await.unwrap();
    assert_eq!(one.text().await.unwrap(), text);

    let before = caller.get("/connectors/upstream").await["credentials"].clone();
    assert_eq!(before.as_array().unwrap().len(), 2);
    let (status, _) = caller.call("DELETE", "/connectors/upstream/secret/previous", None).await;
    assert_eq!(status, 204);
    let (status, done) = caller.call("DELETE", "/connectors/upstream/secret", None).await;
    assert_eq!((status, done), (200, json!({ "forgotten": 1, "mode": "off" })));
    let after = caller.get("/connectors/upstream").await;
    assert_eq!((&after["credentials"], &after["mode"]), (&json!([]), &json!("off")));
    for row in contoso.audit_rows().await {
        assert!(!row.to_string().contains(next), "{row}");
    }
}

#[actix_web::test]
async fn feat_ad2_rules_are_replaced_and_used_by_the_next_sign_in() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let caller = Caller::manager(&contoso).await;
    let rules = json!({
        "assign_role_by_group": true,
        "group_roles": [{ "group": "wiki-admins", "role": "admin" }],
        "default_role": "viewer",
    });
    let body = json!({ "rules": rules, "note": "admins by group" });
    let saved = caller.send(("PUT", "/connectors/upstream/mapping"), body, 200).await;
    assert_eq!(saved["version"], 2);
    assert_eq!(caller.get("/connectors/upstream/mapping").await["rules"], rules);
    let outcome = wiki.log_in("alice").await.outcome();
    assert_eq!(outcome, "signed in as alice@contoso.com with roles [admin]");
    let everybody = json!({ "rules": { "default_role": "admin" } });
    let problem = caller.refused(("PUT", "/connectors/upstream/mapping"), everybody).await;
    assert!(problem["problems"][0].as_str().unwrap().starts_with("/default_role"), "{problem}");
}

#[actix_web::test]
async fn feat_ad7_a_key_of_the_tenant_sees_its_own_connectors_alone() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    fabrikam.connector("secret-project", |_| ()).await;
    let caller = Caller::manager(&contoso).await;
    assert!(!caller.get("/connectors").await.to_string().contains("secret-project"));
    assert!(!caller.get("/status").await.to_string().contains("fabrikam"));
    assert_eq!(caller.call("GET", "/connectors/secret-project", None).await.0, 404);
}
