//! The operator's applications through the API: registered once, offered, taken back; and who may do that.

use serde_json::{Value, json};
use symbolon_contract::ReasonCode;
use symbolon_identity::admin::{self, ApiScope, CreatedApiKey};

use super::document::{below, scope};
use super::{Caller, new_key, read};
use crate::world::{TestBroker, caller, http};

const AREA: &str = "/api/v1/platform";
const CALLBACK: &str = "https://help.example/cb";

/// Whoever has a key of the operator's.
struct Operator<'a> {
    world: &'a TestBroker,
    key: String,
}

impl<'a> Operator<'a> {
    async fn with(world: &'a TestBroker, scopes: &[ApiScope]) -> Self {
        let made: CreatedApiKey =
            admin::create_api_key(&world.broker, &caller(), None, new_key(scopes)).await.unwrap();
        let key = secrecy::ExposeSecret::expose_secret(&made.secret).to_owned();
        Self { world, key }
    }

    /// Status and JSON of a call below the platform.
    async fn call(&self, (method, path): (&str, &str), body: Value) -> (u16, Value) {
        let url = format!("{}{AREA}{path}", self.world.url);
        let request = http().request(method.parse().unwrap(), url).bearer_auth(&self.key);
        let request = request.header("content-type", "application/json").body(body.to_string());
        read(request.send().await.unwrap()).await
    }

    /// What must succeed with this status.
    async fn done(&self, what: (&str, &str), body: Value, expected: u16) -> Value {
        let (status, answer) = self.call(what, body).await;
        assert_eq!(status, expected, "{what:?}: {answer}");
        answer
    }

    /// Status and reason of what must not.
    async fn refused(&self, what: (&str, &str), body: Value) -> (u16, String) {
        let (status, answer) = self.call(what, body).await;
        (status, answer["reason"].as_str().unwrap_or_default().to_owned())
    }

    async fn register(&self) -> Value {
        let body = json!({ "id": "helpdesk", "settings": { "redirect_uris": [CALLBACK] } });
        self.done(("POST", "/applications"), body, 201).await
    }
}

const ONE: &str = "/applications/helpdesk";
const OFFERS: &str = "/applications/helpdesk/offers";

#[actix_web::test]
async fn feat_ad2_an_application_of_the_operators_is_registered_offered_changed_and_deleted() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let operator = Operator::with(&world, &[ApiScope::AppsManage]).await;
    let theirs = Caller::with(&contoso, &[ApiScope::AppsManage]).await;
    assert_eq!(operator.done(("GET", "/applications"), json!({}), 200).await["items"], json!([]));
    let made = operator.register().await;
    assert_eq!((&made["issuer"], &made["version"]), (&json!(world.url), &json!(1)));
    let first = made["client_secret"].as_str().unwrap().to_owned();
    operator.done(("POST", OFFERS), json!({ "tenant": "contoso" }), 204).await;
    let shown = operator.done(("GET", ONE), json!({}), 200).await;
    assert_eq!((&shown["offered_to"], shown.get("client_secret")), (&json!(["contoso"]), None));
    let listed = operator.done(("GET", "/applications"), json!({}), 200).await;
    assert_eq!(listed["items"][0]["offered_to"], json!(["contoso"]));

    let mut settings = shown["settings"].clone();
    settings["third_party"] = json!(true);
    let body = json!({ "version": 1, "display_name": "Helpdesk", "settings": settings });
    assert_eq!(operator.done(("PUT", ONE), body.clone(), 200).await["version"], 2);
    let stale = operator.refused(("PUT", ONE), body).await;
    assert_eq!(stale, (412, "setting.stale".to_owned()));
    let copy = theirs.get("/applications/helpdesk").await;
    assert_eq!(
        (&copy["settings"]["third_party"], &copy["issuer"]),
        (&json!(true), &made["issuer"])
    );
    let rotated = operator.done(("POST", "/applications/helpdesk/secret"), json!({}), 200).await;
    assert_ne!(rotated["client_secret"], first);
    let off = json!({ "active": false });
    operator.done(("POST", "/applications/helpdesk/status"), off, 204).await;
    assert_eq!(theirs.get("/applications/helpdesk").await["active"], false);
    operator.done(("DELETE", "/applications/helpdesk/offers/contoso"), json!({}), 204).await;
    assert_eq!(theirs.call("GET", "/applications/helpdesk", None).await.0, 404);
    operator.done(("DELETE", ONE), json!({}), 204).await;
    assert_eq!(operator.refused(("GET", ONE), json!({})).await.0, 404);
}

#[actix_web::test]
async fn feat_e8_no_key_of_a_tenant_is_good_for_the_operators_applications() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let operator = Operator::with(&world, &[ApiScope::AppsManage]).await;
    operator.register().await;
    let tenant = Caller::with(&contoso, &ApiScope::ALL).await;
    let found = below(&world, AREA).await;
    assert!(found.len() >= 9, "{}", found.len());
    for (method, path, operation) in found {
        let url = format!("{}{AREA}{path}", world.url);
        let request = || http().request(method.parse().unwrap(), &url);
        let (status, told) = read(request().send().await.unwrap()).await;
        assert_eq!((status, &told["reason"]), (401, &json!("api.key_missing")), "{method} {path}");
        let (status, told) = read(request().bearer_auth(&tenant.key).send().await.unwrap()).await;
        assert_eq!((status, &told["reason"]), (401, &json!("api.key_invalid")), "{method} {path}");
        for held in ApiScope::ALL.into_iter().filter(|held| !held.allows(scope(&operation))) {
            let other = Operator::with(&world, &[held]).await;
            let (status, reason) = other.refused((&method, &path), json!({})).await;
            assert_eq!((status, reason.as_str()), (403, "api.scope_missing"), "{method} {path}");
        }
    }
    operator.done(("GET", ONE), json!({}), 200).await;
}

/// What was asked, and its status and reason.
type Refused<'a> = ((&'a str, &'a str), Value, (u16, &'a str));

fn what_is_refused(settings: &Value) -> Vec<Refused<'_>> {
    let new = |id: &str, settings: &Value| json!({ "id": id, "settings": settings });
    let (apps, invalid, none) =
        (("POST", "/applications"), (400, "setting.invalid"), (404, "setting.not_found"));
    let service = json!({ "redirect_uris": [CALLBACK], "grant_types": ["client_credentials"] });
    let connected = json!({ "redirect_uris": [CALLBACK], "connectors": ["upstream"] });
    let unknown_tenant = json!({ "tenant": "nobody" });
    let unknown_connector = json!({ "tenant": "fabrikam", "connectors": ["nobody"] });
    let malformed = (400, "request.malformed");
    vec![
        (apps, new("helpdesk", settings), (409, "setting.conflict")),
        (apps, new("other", &service), invalid),
        (apps, new("other", &connected), invalid),
        (apps, json!({ "id": "other", "settings": settings, "platform": true }), malformed),
        (("POST", OFFERS), json!({ "tenant": "contoso" }), (409, "setting.conflict")),
        (("POST", OFFERS), unknown_tenant, none),
        (("POST", OFFERS), json!({ "tenant": "platform" }), none),
        (("POST", OFFERS), unknown_connector, invalid),
        (("POST", OFFERS), json!({ "tenant": "NO NAME" }), malformed),
        (("POST", "/applications/gone/offers"), json!({ "tenant": "contoso" }), none),
        (("DELETE", "/applications/helpdesk/offers/fabrikam"), json!({}), none),
        (("DELETE", "/applications/helpdesk/offers/NO%20NAME"), json!({}), none),
        (("DELETE", "/applications/gone"), json!({}), none),
        (("POST", "/applications/gone/secret"), json!({}), none),
        (("PUT", "/applications/NOT%20ONE"), json!({ "version": 1, "settings": {} }), none),
        (("GET", "/nothing"), json!({}), (404, "request.not_found")),
        (("GET", "/applications?x=1"), json!({}), invalid),
        (("PATCH", ONE), json!({}), (405, "request.method_not_allowed")),
    ]
}

#[actix_web::test]
async fn feat_ad2_what_is_wrong_with_an_offer_or_a_registration_is_said_and_kept() {
    let world = TestBroker::start().await;
    let (contoso, _fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let operator = Operator::with(&world, &[ApiScope::AppsManage]).await;
    let early = operator.refused(("DELETE", ONE), json!({})).await;
    assert_eq!(early.0, 404, "there is no platform yet");
    let nothing = json!({ "id": "helpdesk", "settings": { "redirect_uris": [] } });
    let refused = operator.refused(("POST", "/applications"), nothing).await;
    assert_eq!(refused, (400, "setting.invalid".to_owned()));
    let keys = http().get(format!("{}/jwks", world.url)).send().await.unwrap();
    assert_eq!(keys.status(), 404, "what is refused makes no platform");
    operator.register().await;
    operator.done(("POST", OFFERS), json!({ "tenant": "contoso" }), 204).await;
    let settings = json!({ "redirect_uris": [CALLBACK] });
    for (what, body, (status, reason)) in what_is_refused(&settings) {
        let told = operator.refused(what, body.clone()).await;
        assert_eq!(told, (status, reason.to_owned()), "{what:?} {body}");
    }
    let offered = contoso.audit_rows().await;
    let offered = offered.iter().find(|row| row["type"] == "app.offered").unwrap();
    assert_eq!(offered["actor"]["kind"], "operator");
    assert!(offered["actor"]["id"].as_str().unwrap().starts_with("API key terraform"));
    let kept = world.broker.database.read(|conn| {
        let filter = symbolon_storage::AuditFilter {
            after_seq: None,
            before_seq: None,
            event_type: None,
            newest_first: false,
            limit: 1000,
        };
        conn.operator().audit().list(&filter)
    });
    let kept = kept.await.unwrap();
    let conflict = ReasonCode::SettingConflict.as_str();
    let refused = kept.iter().filter(|row| row.reason.as_deref() == Some(conflict)).count();
    assert_eq!(refused, 2, "{kept:?}");
}
