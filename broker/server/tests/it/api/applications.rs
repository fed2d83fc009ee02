//! Applications through the API: their life, the walls between tenants, what no body may set.

use serde_json::{Value, json};
use symbolon_identity::admin::ApiScope;

use super::Caller;
use crate::downstream::{tokens, userinfo};
use crate::world::TestBroker;

const NEWS: &str = "https://news.example/cb";

async fn create(caller: &Caller<'_>, id: &str) -> Value {
    let body = json!({ "id": id, "settings": { "redirect_uris": [NEWS] } });
    caller.send(("POST", "/applications"), body, 201).await
}

#[actix_web::test]
async fn feat_ad2_an_application_is_registered_changed_switched_and_deleted() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::with(&contoso, &[ApiScope::AppsManage]).await;
    let made = create(&caller, "news").await;
    let first = made["client_secret"].as_str().unwrap().to_owned();
    assert_eq!((made["issuer"].as_str(), &made["version"]), (Some(&*contoso.issuer()), &json!(1)));
    let mut shown = caller.get("/applications/news").await;
    assert_eq!(shown.get("client_secret"), None);
    assert_eq!(caller.get("/applications").await["items"][0]["id"], "news");

    let settings = shown["settings"].take();
    let mut changed = settings.clone();
    changed["third_party"] = json!(true);
    let body = json!({ "version": 1, "display_name": "News", "settings": changed });
    let put = ("PUT", "/applications/news");
    let answer = caller.send(put, body.clone(), 200).await;
    assert_eq!((&answer["version"], &answer["display_name"]), (&json!(2), &json!("News")));
    assert_eq!(answer["settings"]["third_party"], true);
    let (status, stale) = caller.call("PUT", "/applications/news", Some(body)).await;
    assert_eq!((status, &stale["reason"]), (412, &json!("setting.stale")));

    let rotated = caller.send(("POST", "/applications/news/secret"), json!({}), 200).await;
    assert_ne!(rotated["client_secret"], first);
    caller.send(("POST", "/applications/news/status"), json!({ "active": false }), 204).await;
    assert_eq!(caller.get("/applications/news").await["active"], false);
    caller.send(("DELETE", "/applications/news"), json!({}), 204).await;
    assert_eq!(caller.call("GET", "/applications/news", None).await.0, 404);
    let rows = contoso.audit_rows().await;
    let kinds: Vec<&str> = rows.iter().filter_map(|row| row["type"].as_str()).collect();
    for kind in ["created", "updated", "secret_rotated", "disabled", "deleted"] {
        assert!(kinds.contains(&&*format!("app.{kind}")), "{kind}: {kinds:?}");
    }
    let kept = json!(rows).to_string();
    for secret in [first, rotated["client_secret"].as_str().unwrap().to_owned()] {
        assert!(!kept.contains(&secret), "the audit trail tells a secret");
    }
}

#[actix_web::test]
async fn feat_e8_no_key_reaches_the_applications_of_another_tenant() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let caller = Caller::with(&contoso, &[ApiScope::AppsManage]).await;
    let theirs = Caller::with(&fabrikam, &[ApiScope::AppsManage]).await;
    create(&theirs, "news").await;
    let settings = json!({ "redirect_uris": [NEWS] });
    let cases = [
        ("GET", "/applications/news", json!({})),
        ("PUT", "/applications/news", json!({ "version": 1, "settings": settings })),
        ("DELETE", "/applications/news", json!({})),
        ("POST", "/applications/news/secret", json!({})),
        ("POST", "/applications/news/status", json!({ "active": false })),
    ];
    for (method, path, body) in cases {
        let (status, answer) = caller.call(method, path, Some(body)).await;
        assert_eq!(
            (status, &answer["reason"]),
            (404, &json!("setting.not_found")),
            "{method} {path}"
        );
        assert!(!answer.to_string().contains("news.example"), "{answer}");
    }
    assert_eq!(caller.get("/applications").await["items"], json!([]));
    let untouched = theirs.get("/applications/news").await;
    assert_eq!((&untouched["version"], &untouched["active"]), (&json!(1), &json!(true)));
}

#[actix_web::test]
async fn feat_e11_no_body_sets_what_is_not_the_callers() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::with(&contoso, &[ApiScope::AppsManage]).await;
    let settings = json!({ "redirect_uris": [NEWS] });
    let hidden =
        ["tenant_id", "platform", "registration_hash", "secret_hash", "created_at", "active"];
    for field in hidden {
        let mut body = json!({ "id": "news", "settings": settings });
        body[field] = json!(true);
        let problem = caller.refused(("POST", "/applications"), body).await;
        assert_eq!(problem["reason"], "request.malformed", "{field}");
        let mut body = json!({ "id": "news", "settings": settings });
        body["settings"][field] = json!(true);
        let problem = caller.refused(("POST", "/applications"), body).await;
        assert_eq!(problem["reason"], "setting.invalid", "settings.{field}");
    }
    assert_eq!(caller.get("/applications").await["items"], json!([]));
}

#[actix_web::test]
async fn feat_e7_what_a_disabled_or_deleted_application_holds_is_refused_at_once() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let caller = Caller::with(&contoso, &[ApiScope::AppsManage]).await;
    let token = tokens(&wiki, &[]).await["access_token"].as_str().unwrap().to_owned();
    assert_eq!(userinfo(&contoso, &token).await.status, 200);
    let switch = ("POST", "/applications/wiki/status");
    caller.send(switch, json!({ "active": false }), 204).await;
    assert_eq!(userinfo(&contoso, &token).await.status, 401);
    caller.send(switch, json!({ "active": true }), 204).await;
    assert_eq!(userinfo(&contoso, &token).await.status, 200);
    let settings = caller.get("/applications/wiki").await["settings"].take();
    caller.send(("DELETE", "/applications/wiki"), json!({}), 204).await;
    let again = json!({ "id": "wiki", "settings": settings });
    caller.send(("POST", "/applications"), again, 201).await;
    assert_eq!(userinfo(&contoso, &token).await.status, 401, "nothing of the old one comes back");
}

#[actix_web::test]
async fn feat_b16_every_problem_of_an_application_is_listed() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::with(&contoso, &[ApiScope::AppsManage]).await;
    let settings = json!({
        "redirect_uris": [],
        "profile": "fapi2",
        "backchannel_logout_uri": "http://news.example/out",
    });
    let body = json!({ "id": "news", "settings": settings });
    let problem = caller.refused(("POST", "/applications"), body).await;
    let named: Vec<&str> =
        problem["problems"].as_array().unwrap().iter().flat_map(Value::as_str).collect();
    for field in ["redirect_uris", "authentication", "backchannel_logout_uri"] {
        assert!(named.iter().any(|one| one.starts_with(field)), "{field}: {named:?}");
    }
}
