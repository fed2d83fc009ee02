//! What the tests of the application's side share: raw exchanges, and what a refusal must leave behind.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::web::Data;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use symbolon_contract::{ApplicationId, UserId};
use symbolon_identity::admin;
use symbolon_identity::plugins::Compile;
use symbolon_server::app::AppState;
use symbolon_server::startup::{build_broker_at, serve};
use symbolon_storage::{ApplicationStatus, Connection, UserStatus};
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;
use url::Url;

use crate::world::{
    TestApplication, TestBroker, TestTenant, caller, http, parameter, post_form, settings,
};

/// An answer with everything that a test may ask of it.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    /// Sends a request; a body that is no JSON is `null`.
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_str(&response.text().await.unwrap()).unwrap_or(json!(null));
        Self { status, headers, body }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_default().to_owned()
    }

    /// One line: status, `error` of RFC 6749 and our reason.
    pub(crate) fn refusal(&self) -> String {
        format!("{} {} {}", self.status, self.text("error"), self.text("reason"))
    }
}

/// The audit row of this trace, which names this reason.
pub(crate) async fn audited(tenant: &TestTenant<'_>, trace: &str, reason: &str) -> Value {
    let rows = tenant.audit_rows().await;
    let row = rows.into_iter().rfind(|row| row["trace_id"] == trace);
    let row = row.unwrap_or_else(|| json!({ "missing": trace }));
    assert_eq!(row["reason"], reason, "{row}");
    assert_eq!(row["outcome"], "failure", "{row}");
    row
}

/// A JSON refusal: this line, kept under its trace id.
pub(crate) async fn assert_refused(tenant: &TestTenant<'_>, reply: &Reply, expected: &str) {
    assert_eq!(reply.refusal(), expected, "{}", reply.body);
    audited(tenant, &reply.text("trace_id"), &reply.text("reason")).await;
}

/// A refusal on a page: status and reason, kept under the trace id that the page shows.
pub(crate) async fn assert_page(tenant: &TestTenant<'_>, page: &Page, expected: &str) -> Value {
    let reason = page.text("reason-code").unwrap_or_else(|| page.body().to_owned());
    assert_eq!(format!("{} {reason}", page.status()), expected);
    assert!(page.header("location").is_none(), "a redirect to {:?}", page.location());
    audited(tenant, &page.text("trace-id").unwrap(), &reason).await
}

/// Opens an address as a browser, and stops before the application.
pub(crate) async fn open(app: &TestApplication<'_>, browser: &mut Browser, url: &str) -> Page {
    browser.stop_before(&app.running.url());
    browser.get(url).await.unwrap()
}

/// A browser with a session of this person at the tenant.
pub(crate) async fn signed_in(tenant: &TestTenant<'_>, person: &str) -> Browser {
    tenant.world.provider.sign_in_automatically(AutomaticSignIn::As(person.to_owned()));
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&format!("{}/login", tenant.issuer())).await.unwrap();
    assert!(page.has("signed-in"), "{}", page.body());
    browser
}

/// The parameters with which the application is called back.
pub(crate) fn told(app: &TestApplication<'_>, page: &Page) -> Url {
    let location = page.location().map_or_else(|| page.body().to_owned(), String::from);
    let expected = format!("{}?", app.running.redirect_uri());
    assert!(location.starts_with(&expected), "{} {location}", page.status());
    Url::parse(&location).unwrap()
}

/// The code in a page's redirect to the application.
pub(crate) fn code_of(app: &TestApplication<'_>, page: &Page) -> String {
    let answer = told(app, page);
    parameter(&answer, "code").unwrap_or_else(|| answer.to_string())
}

/// A whole sign-in: the answer of the token endpoint.
pub(crate) async fn tokens(app: &TestApplication<'_>, change: &[(&str, Option<&str>)]) -> Value {
    let code = app.code("alice", change).await;
    let (status, body) = app.redeem(&code, &[]).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// UserInfo by GET with a bearer token.
pub(crate) async fn userinfo(tenant: &TestTenant<'_>, access_token: &str) -> Reply {
    let url = format!("{}/userinfo", tenant.issuer());
    Reply::of(http().get(url).bearer_auth(access_token)).await
}

/// A token request by form alone.
pub(crate) async fn token_request(tenant: &TestTenant<'_>, fields: &[(&str, &str)]) -> Reply {
    Reply::of(post_form(&format!("{}/token", tenant.issuer()), fields)).await
}

/// Header (0) or claims (1) of a JWT; the demo application is who verifies signatures.
pub(crate) fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The only user of a tenant.
pub(crate) async fn only_user(tenant: &TestTenant<'_>) -> UserId {
    let users = admin::list_users(&tenant.world.broker, &tenant.record, (None, 10)).await.unwrap();
    assert_eq!(users.len(), 1);
    users.into_iter().next().unwrap().id
}

pub(crate) async fn set_status(tenant: &TestTenant<'_>, user: &UserId, status: UserStatus) {
    let broker = &tenant.world.broker;
    admin::set_user_status(broker, &caller(), &tenant.record, (user, status)).await.unwrap();
}

/// Switches an application off, straight in the database.
pub(crate) async fn disable(tenant: &TestTenant<'_>, application: &str) {
    let (tenant_id, id) = (tenant.record.id.clone(), ApplicationId::parse(application).unwrap());
    let change = move |conn: &mut Connection| {
        let mut rows = conn.tenant(&tenant_id);
        let mut row = rows.applications().find(&id)?.unwrap();
        row.status = ApplicationStatus::Disabled;
        let version = row.version;
        rows.applications().update(&row, version)
    };
    tenant.world.broker.database.write(change).await.unwrap();
}

/// The reasons in the operator's chain, oldest first: what concerns no tenant.
pub(crate) async fn operator_reasons(world: &TestBroker) -> Vec<String> {
    let filter = symbolon_identity::storage::AuditFilter {
        after_seq: None,
        before_seq: None,
        event_type: None,
        newest_first: false,
        limit: 1000,
    };
    let list = move |conn: &mut Connection| conn.operator().audit().list(&filter);
    let rows = world.broker.database.read(list).await.unwrap();
    rows.into_iter().filter_map(|row| row.reason).collect()
}

/// A second server on the same database and clock, as after a restart: its address. It serves until the
/// test ends.
pub(crate) fn restarted(world: &TestBroker) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = settings(&url, &world.database, &[]);
    let clock = Arc::new(world.clock.clone());
    let broker =
        build_broker_at(&settings, world.database.database().clone(), clock, Compile::InProcess)
            .unwrap();
    let state = Data::new(AppState::new(broker, settings).unwrap());
    actix_web::rt::spawn(serve(state, listener, Some(1)).unwrap());
    url
}
