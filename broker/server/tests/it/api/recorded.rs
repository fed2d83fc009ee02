//! Recorded sign-ins over the API: listed, opened, made a case, replayed.

use serde_json::json;
use symbolon_identity::admin::ApiScope;

use super::Caller;
use crate::world::TestBroker;

const RECORDS: &str = "/connectors/upstream/recorded-sign-ins";

#[actix_web::test]
async fn mp13_wp91_a_record_is_listed_opened_and_becomes_a_case() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let wiki = contoso.application("wiki").await;
    wiki.log_in("alice").await;
    let caller = Caller::with(&contoso, &[ApiScope::SignInsRead, ApiScope::PluginManage]).await;
    let listed = caller.get(RECORDS).await;
    let items = listed["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["outcome"]), (1, &json!("signed_in")));
    let (at, user) = (items[0]["at"].as_str().unwrap(), items[0]["user"].as_str().unwrap());
    for (query, found) in [
        (format!("before={at}"), 0),
        ("after=2000-01-01T00:00:00Z&limit=5".to_owned(), 1),
        ("outcome=refused".to_owned(), 0),
        (format!("outcome=signed_in&user={user}"), 1),
    ] {
        let some = caller.get(&format!("{RECORDS}?{query}")).await;
        assert_eq!(some["items"].as_array().unwrap().len(), found, "{query}");
    }
    for query in ["outcome=lost", "before=yesterday", "limit=many", "user="] {
        let (status, problem) = caller.call("GET", &format!("{RECORDS}?{query}"), None).await;
        let expected = if query == "user=" { 200 } else { 400 };
        assert_eq!(status, expected, "{query}: {problem}");
    }
    let record = format!("/recorded-sign-ins/{}", items[0]["id"].as_str().unwrap());
    let opened = caller.get(&record).await;
    assert_eq!((&opened["facts"], opened["steps"].as_array().unwrap().len()), (&items[0], 6));
    let login = caller.get(&format!("{record}/case")).await;
    assert_eq!(login["groups"], json!(["wiki-admins", "staff"]));
    let case = ("PUT", "/connectors/upstream/mapping/cases/alice");
    let saved = caller.send(case, json!({ "login": login }), 200).await;
    assert_eq!(saved["login"], login);
    let theirs = Caller::with(&fabrikam, &ApiScope::ALL).await;
    for path in [record.clone(), format!("{record}/case")] {
        assert_eq!(theirs.call("GET", &path, None).await.0, 404, "WP-101: {path}");
    }
}

#[actix_web::test]
async fn adv2_a_replay_tells_who_would_gain_which_role() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    wiki.log_in("alice").await;
    wiki.log_in("bob").await;
    let caller = Caller::with(&contoso, &[ApiScope::SignInsRead, ApiScope::PluginManage]).await;
    let rules = json!({
        "assign_role_by_group": true,
        "group_roles": [{ "group": "wiki-admins", "role": "admin" }],
        "default_role": "viewer",
    });
    let versions = ("POST", "/connectors/upstream/mapping/versions");
    let saved = caller.send(versions, json!({ "rules": rules }), 201).await;
    let replay = ("POST", "/connectors/upstream/mapping/replay");
    let report = caller.send(replay, json!({ "to": saved["version"] }), 200).await;
    assert_eq!(
        (&report["from"], &report["sign_ins"], &report["people"]),
        (&json!(1), &json!(2), &json!(2))
    );
    assert_eq!(
        (&report["gained"], &report["changed"]),
        (&json!({ "admin": 1 }), &json!(1)),
        "{report}"
    );
    let newest = caller.send(replay, json!({ "from": 1, "to": 1, "most": 1 }), 200).await;
    assert_eq!((&newest["sign_ins"], &newest["changed"]), (&json!(1), &json!(0)));
    assert_eq!(caller.refused(replay, json!({ "to": 9 })).await["reason"], "setting.not_found");
    let author = Caller::with(&contoso, &[ApiScope::SsoManage]).await;
    let problem = author.refused(replay, json!({ "to": 2 })).await;
    assert_eq!(problem["reason"], "api.scope_missing", "it tells of people");
}

#[actix_web::test]
async fn mp14_what_is_kept_is_shown_and_changed() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso.application("wiki").await.log_in("alice").await;
    let caller = Caller::manager(&contoso).await;
    let mut recording = caller.get("/recording").await;
    assert_eq!((&recording["keep"], &recording["days"]), (&json!("redacted"), &json!(7)));
    recording["days"] = json!(91);
    let problem = caller.refused(("PUT", "/recording"), recording.clone()).await;
    assert!(problem["problems"][0].as_str().unwrap().contains("days"), "{problem}");
    (recording["days"], recording["keep"]) = (json!(3), json!("off"));
    let done = caller.send(("PUT", "/recording"), recording.clone(), 200).await;
    assert_eq!(done, json!({ "deleted": 1 }));
    assert_eq!(caller.get("/recording").await, recording);
}
