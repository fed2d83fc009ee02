//! The life of a mapping's versions over the API: the same for a connector and for an application.

use serde_json::{Value, json};
use symbolon_identity::admin::ApiScope;

use super::Caller;
use crate::world::TestBroker;

/// A mapping, by its path.
struct Mapped<'a>(&'a Caller<'a>, &'a str);

impl Mapped<'_> {
    fn path(&self, end: &str) -> String {
        format!("{}/mapping{end}", self.1)
    }

    async fn get(&self, end: &str) -> Value {
        self.0.get(&self.path(end)).await
    }

    async fn send(&self, (method, end): (&str, &str), body: Value, expected: u16) -> Value {
        self.0.send((method, &self.path(end)), body, expected).await
    }

    /// Saves a version: its number.
    async fn save(&self, rules: Value) -> i64 {
        let body = json!({ "plugin": "bundled", "rules": rules, "note": "why" });
        self.send(("POST", "/versions"), body, 201).await["version"].as_i64().unwrap()
    }

    async fn activate(&self, number: i64) -> Value {
        self.send(("POST", &format!("/versions/{number}/activate")), json!({}), 200).await
    }
}

const BASES: [&str; 2] = ["/connectors/upstream", "/applications/wiki"];

#[actix_web::test]
async fn wp81_wp83_versions_are_saved_compared_activated_and_rolled_back() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.application("wiki").await;
    let caller = Caller::with(&contoso, &[ApiScope::PluginManage]).await;
    for base in BASES {
        let mapping = Mapped(&caller, base);
        let first = mapping.save(json!({})).await;
        let second = mapping.save(json!({ "sync_fields": ["email"] })).await;
        assert_eq!(second, first + 1);
        assert_eq!(mapping.activate(first).await["passed"], true);
        assert_eq!(mapping.get("").await["version"], first, "{base}");
        mapping.activate(second).await;
        let active = mapping.get("").await;
        assert_eq!(active["rules"], json!({ "sync_fields": ["email"] }));
        let status = mapping.get("/status").await;
        assert_eq!(
            (&status["active_version"], &status["previous_version"]),
            (&json!(second), &json!(first))
        );
        let diff = mapping.get(&format!("/diff?from={first}&to={second}")).await;
        assert_eq!(diff["plugins"], Value::Null);
        assert_eq!(diff["configuration"].as_array().unwrap().len(), 1, "{diff}");
        let back = mapping.send(("POST", "/rollback"), json!({}), 200).await;
        assert_eq!(back, json!({ "active_version": first }));
        let versions = mapping.get("/versions").await;
        let newest = &versions["items"][0];
        assert_eq!(
            (&newest["version"], &newest["active"], &newest["note"]),
            (&json!(second), &json!(false), &json!("why"))
        );
        let shown = mapping.get(&format!("/versions/{second}")).await;
        assert_eq!((&shown["trial"]["passed"], &shown["bundled"]), (&json!(true), &json!(true)));
        assert_eq!(caller.call("GET", &mapping.path("/versions/99"), None).await.0, 404);
        assert_eq!(caller.call("GET", &mapping.path("/versions/x"), None).await.0, 404);
        let replaced = mapping.send(("PUT", ""), json!({ "rules": {} }), 200).await;
        assert_eq!(mapping.get("").await["version"], replaced["version"]);
    }
    let nobody = caller.call("GET", "/applications/nobody/mapping/status", None).await;
    assert_eq!((nobody.0, &nobody.1["reason"]), (404, &json!("setting.not_found")));
    let wrong = json!({ "plugin": "latest", "rules": {} });
    let problem = caller.refused(("POST", "/connectors/upstream/mapping/versions"), wrong).await;
    assert!(problem["problems"][0].as_str().unwrap().starts_with("plugin:"), "{problem}");
}

#[actix_web::test]
async fn ux7_a_version_that_fails_a_case_is_tried_and_not_activated() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.application("wiki").await;
    let caller = Caller::with(&contoso, &[ApiScope::PluginManage]).await;
    for base in BASES {
        let mapping = Mapped(&caller, base);
        let first = mapping.save(json!({})).await;
        mapping.activate(first).await;
        let login = json!({ "subject": "ada", "claims": { "email": "ada@contoso.com" } });
        let case = mapping.send(("PUT", "/cases/ada%20signs%20in"), json!({ "login": login }), 200);
        let case = case.await;
        assert_eq!(
            (&case["name"], &case["login"]["subject"]),
            (&json!("ada signs in"), &json!("ada"))
        );
        assert!(case["expected"]["allowed"].is_object(), "what the active version says: {case}");
        assert_eq!(mapping.activate(first).await["cases"][0]["passed"], true);

        let denied = json!({ "login": login, "expected": { "denied": { "code": "nobody" } } });
        mapping.send(("PUT", "/cases/nobody"), denied, 200).await;
        let names = mapping.get("/cases").await;
        let names: Vec<_> =
            names["items"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["ada signs in", "nobody"]);
        let second = mapping.save(json!({ "sync_fields": ["email"] })).await;
        let report =
            mapping.send(("POST", &format!("/versions/{second}/try")), json!({}), 200).await;
        assert_eq!((&report["passed"], &report["version"]), (&json!(false), &json!(second)));
        for (method, end, body) in [
            ("POST", format!("/versions/{second}/activate"), json!({})),
            ("PUT", "/shadow".to_owned(), json!({ "version": second, "hours": 1 })),
        ] {
            let problem = mapping.send((method, &end), body, 422).await;
            assert_eq!(problem["reason"], "plugin.trial_failed");
            assert!(problem["problems"].to_string().contains("nobody"), "{problem}");
        }
        assert_eq!(mapping.get("/status").await["active_version"], first);
        let path = mapping.path("/cases/nobody");
        assert_eq!(caller.call("DELETE", &path, None).await.0, 204);
        assert_eq!(caller.call("GET", &path, None).await.0, 404);
        mapping.activate(second).await;
    }
}

#[actix_web::test]
async fn wp82_wp87_wp90_shadow_policy_and_retry() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.application("wiki").await;
    let caller = Caller::with(&contoso, &[ApiScope::PluginManage]).await;
    for base in BASES {
        let mapping = Mapped(&caller, base);
        let first = mapping.save(json!({})).await;
        mapping.activate(first).await;
        let second = mapping.save(json!({ "sync_fields": ["email"] })).await;
        let shadow = json!({ "version": second, "hours": 2 });
        assert_eq!(mapping.send(("PUT", "/shadow"), shadow, 200).await["passed"], true);
        assert_eq!(mapping.get("/status").await["shadow_version"], second);
        let problem =
            mapping.send(("PUT", "/shadow"), json!({ "version": second, "hours": 0 }), 400);
        assert_eq!(problem.await["reason"], "setting.invalid");
        assert_eq!(caller.call("DELETE", &mapping.path("/shadow"), None).await.0, 204);
        assert_eq!(mapping.get("/status").await["shadow_version"], Value::Null);

        let policy =
            json!({ "on_failure": "closed", "last_known_hours": 48, "unknown_role": "drop" });
        mapping.send(("PUT", "/policy"), policy.clone(), 204).await;
        assert_eq!(mapping.get("/status").await["policy"], policy);
        mapping.send(("PUT", "/policy"), json!({ "last_known_hours": 0 }), 400).await;
        mapping.send(("PUT", "/policy"), json!({ "on_failure": "open" }), 400).await;
        let retried = mapping.send(("POST", "/retry"), json!({}), 200).await;
        assert_eq!(retried, json!({ "was_quarantined": false }));
    }
}
