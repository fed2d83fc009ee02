//! Plugins over the API: uploaded, listed, forgotten, enabled from the library.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use symbolon_identity::admin::{self, ApiScope, NewPlugin};

use super::{Caller, read};
use crate::world::{TestBroker, caller as operator};

const NOBODYS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

pub(super) fn component() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/dist/misbehaving.wasm");
    std::fs::read(path).unwrap()
}

impl Caller<'_> {
    /// Uploads bytes with these headers besides the content type.
    pub(super) async fn upload(
        &self,
        component: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> (u16, Value) {
        let request = self.request("POST", "/plugins").header("content-type", "application/wasm");
        let add = |request: reqwest::RequestBuilder, header: &(&str, &str)| {
            request.header(header.0, header.1)
        };
        let request = headers.iter().fold(request, add);
        read(request.body(component).send().await.unwrap()).await
    }
}

fn digests(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|one| one["digest"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn wp76_plugins_are_uploaded_listed_shown_and_forgotten() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::with(&contoso, &[ApiScope::PluginManage]).await;
    let (status, made) = caller.upload(component(), &[]).await;
    assert_eq!((status, &made["known"], &made["class"]), (201, &json!(false), &json!("standard")));
    assert!(made["inspection"].is_object() && made["description"]["name"].is_string(), "{made}");
    let (status, again) = caller.upload(component(), &[]).await;
    assert_eq!((status, &again["known"]), (201, &json!(true)), "the same bytes, the same plugin");
    let digest = made["digest"].as_str().unwrap();
    let listed = caller.get("/plugins").await;
    assert_eq!((digests(&listed).len(), digests(&listed)[1]), (2, digest));
    let shown = caller.get(&format!("/plugins/{digest}")).await;
    assert_eq!((&shown["origin"], &shown), (&json!("own"), &listed["items"][1]));
    assert_eq!(shown["author"], format!("API key terraform ({})", caller.id));
    let bundled = digests(&listed)[0].to_owned();
    for (path, expected) in [
        (format!("/plugins/{bundled}"), 404),
        (format!("/plugins/{digest}"), 204),
        (format!("/plugins/{digest}"), 404),
        ("/plugins/no-digest".to_owned(), 404),
    ] {
        assert_eq!(caller.call("DELETE", &path, None).await.0, expected, "{path}");
    }
    assert_eq!(digests(&caller.get("/plugins").await), [bundled]);
}

#[actix_web::test]
async fn wp77_what_is_no_component_of_ours_is_refused_with_its_reason() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::with(&contoso, &[ApiScope::PluginManage]).await;
    let limit = world.broker.plugins.limits().max_component_bytes;
    let signature = STANDARD.encode("untrusted comment: none");
    for (what, bytes, headers, expected) in [
        ("rubbish", b"MZ".to_vec(), None, (422, "plugin.component_refused")),
        ("nothing", Vec::new(), None, (422, "plugin.component_refused")),
        ("more than the class allows", vec![0; limit + 1], None, (413, "request.too_large")),
        (
            "a signature that is none",
            component(),
            Some(&*signature),
            (422, "plugin.signature_refused"),
        ),
        ("a header that is none", component(), Some("%%%"), (400, "request.malformed")),
    ] {
        let headers: Vec<_> = headers.map(|text| ("plugin-signature", text)).into_iter().collect();
        let (status, problem) = caller.upload(bytes, &headers).await;
        assert_eq!((status, problem["reason"].as_str().unwrap()), expected, "{what}: {problem}");
    }
    let as_json = caller.call("POST", "/plugins", Some(json!({}))).await;
    assert_eq!((as_json.0, &as_json.1["reason"]), (400, &json!("request.malformed")));
    assert_eq!(caller.get("/plugins").await["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn wp101_plugins_and_versions_of_another_tenant_are_not_found() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let (ours, theirs) = (Caller::manager(&contoso).await, Caller::manager(&fabrikam).await);
    let digest = theirs.upload(component(), &[]).await.1["digest"].as_str().unwrap().to_owned();
    let rules = json!({ "rules": { "sync_fields": ["email"] } });
    theirs.send(("POST", "/connectors/upstream/mapping/versions"), rules, 201).await;
    let there = theirs.get("/connectors/upstream/mapping/versions/2").await;
    assert_eq!(there["rules"], json!({ "sync_fields": ["email"] }));
    let path = format!("/plugins/{digest}");
    let version = "/connectors/upstream/mapping/versions/2";
    for (method, path, body) in [
        ("GET", path.as_str(), None),
        ("DELETE", path.as_str(), None),
        ("GET", version, None),
        ("POST", &format!("{version}/try"), None),
        ("POST", &format!("{version}/activate"), None),
        ("PUT", "/connectors/upstream/mapping/shadow", Some(json!({ "version": 2, "hours": 1 }))),
        (
            "POST",
            "/connectors/upstream/mapping/versions",
            Some(json!({ "plugin": digest, "rules": {} })),
        ),
    ] {
        let (status, problem) = ours.call(method, path, body).await;
        let found = (status, problem["reason"].as_str().unwrap());
        assert_eq!(found, (404, "setting.not_found"), "{method} {path}: {problem}");
    }
    assert_eq!(theirs.call("GET", &path, None).await.0, 200, "it is still there");
}

#[actix_web::test]
async fn feat_a_tenant_enables_what_the_library_offers_and_runs_it() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::with(&contoso, &[ApiScope::PluginManage]).await;
    let new = NewPlugin { component: component(), signature: None };
    let added = admin::add_to_library(&world.broker, &operator(), new).await.unwrap();
    let offered = caller.get("/plugin-library").await;
    assert_eq!(digests(&offered), [added.digest.as_str()]);
    assert_eq!(offered["items"][0]["enabled"], false);
    let path = format!("/plugin-library/{}", added.digest);
    let named = json!({ "plugin": added.digest, "rules": {} });
    let versions = ("POST", "/connectors/upstream/mapping/versions");
    assert_eq!(caller.refused(versions, named.clone()).await["status"], 404, "not enabled yet");
    caller.send(("PUT", &path), json!({}), 204).await;
    assert_eq!(caller.get("/plugin-library").await["items"][0]["enabled"], true);
    let saved = caller.send(versions, named.clone(), 201).await;
    assert_eq!(saved["plugin"], json!(added.digest));
    assert_eq!(caller.get(&format!("/plugins/{}", added.digest)).await["origin"], "library");
    let (status, _) = caller.call("DELETE", &path, None).await;
    assert_eq!(status, 204);
    assert_eq!(caller.refused(versions, named).await["status"], 404, "disabled again");
    let nothing = format!("/plugin-library/{NOBODYS}");
    assert_eq!(caller.refused(("PUT", &nothing), json!({})).await["reason"], "setting.not_found");
}
