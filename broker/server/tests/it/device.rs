//! Letting a device in (RFC 8628, R-24, OP5): what the device sees, what the person sees, and what must not happen.

use chrono::TimeDelta;
use serde_json::Value;
use symbolon_identity::downstream::GrantType;
use symbolon_identity::policy::ConnectorMode;
use symbolon_storage::UserStatus;
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;

use crate::downstream::{Reply, assert_refused, disable, only_user, set_status, userinfo};
use crate::grants::{ask, end_sessions, text};
use crate::world::{CONNECTOR, TestApplication, TestBroker, TestTenant};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const PENDING: &str = "400 authorization_pending token.device_pending";

/// An application on a television: public, and with refresh tokens.
pub(crate) async fn television<'a>(tenant: &'a TestTenant<'a>, id: &str) -> TestApplication<'a> {
    let app = tenant.application_with(id, |new| {
        new.public = true;
        new.settings.grant_types = vec![GrantType::RefreshToken, GrantType::DeviceCode];
        new.settings.redirect_uris.clear();
    });
    app.await
}

/// The device asks to be let in.
async fn begin(app: &TestApplication<'_>) -> Value {
    ask(app, "device_authorization").with("scope", "openid email").tokens().await
}

/// It asks whether the person has decided.
async fn poll(app: &TestApplication<'_>, begun: &Value) -> Reply {
    let code = text(begun, "device_code").to_owned();
    ask(app, "token").with("grant_type", GRANT).with("device_code", &code).send().await
}

/// Alice opens an address of the device's and signs in on the way.
async fn open(tenant: &TestTenant<'_>, address: &str) -> (Browser, Page) {
    tenant.world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut browser = Browser::new().unwrap();
    let page = browser.get(address).await.unwrap();
    (browser, page)
}

/// The same by the whole address, and she says this.
pub(crate) async fn decided(tenant: &TestTenant<'_>, begun: &Value, button: &str) -> Page {
    let (mut browser, page) = open(tenant, text(begun, "verification_uri_complete")).await;
    assert_eq!(page.text("device-code").as_deref(), Some(text(begun, "user_code")));
    browser.click(button).await.unwrap()
}

#[actix_web::test]
async fn r_24_op5_a_device_gets_tokens_once_its_person_says_yes() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let app = television(&contoso, "television").await;
    let begun = begin(&app).await;
    assert_eq!((&begun["expires_in"], &begun["interval"]), (&600.into(), &5.into()));
    let code = text(&begun, "user_code");
    assert!(code.len() == 9 && !code.contains(['A', 'E', 'I', 'O', 'U']), "{code}");
    assert_eq!(text(&begun, "verification_uri"), format!("{}/device", contoso.issuer()));
    assert_eq!(poll(&app, &begun).await.refusal(), PENDING);
    assert!(decided(&contoso, &begun, "allow").await.has("device-allowed"));
    let reply = poll(&app, &begun).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{}", reply.body);
    for name in ["access_token", "refresh_token", "id_token"] {
        assert!(!reply.text(name).is_empty(), "{name}: {}", reply.body);
    }
    let person = userinfo(&contoso, &reply.text("access_token")).await;
    assert_eq!(person.text("email"), "alice@contoso.com");
    let again = poll(&app, &begun).await;
    assert_refused(&contoso, &again, "400 invalid_grant token.device_code_used").await;
    let rows = contoso.audit_rows().await;
    assert_eq!(rows.iter().filter(|row| row["type"] == "device.allowed").count(), 1);
    let kept = serde_json::json!(rows).to_string();
    assert!(!kept.contains(code) && !kept.contains(text(&begun, "device_code")), "{kept}");
    assert!(!kept.contains("token.device_pending"), "asking is no news");
}

#[actix_web::test]
async fn r_24_the_person_may_type_the_code_in_any_form_and_mistype_it() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let app = television(&contoso, "television").await;
    let begun = begin(&app).await;
    let (mut browser, page) = open(&contoso, text(&begun, "verification_uri")).await;
    assert!(page.has("user-code"), "{}", page.body());
    browser.fill("user_code", "BCDF-GHJK");
    let wrong = browser.submit_form(Some("device-form")).await.unwrap();
    assert_eq!(wrong.status(), 404);
    assert!(wrong.has("code-problem") && wrong.has("trace-id"), "{}", wrong.body());
    browser.fill("user_code", &text(&begun, "user_code").to_lowercase().replace('-', " "));
    let page = browser.submit_form(Some("device-form")).await.unwrap();
    assert_eq!(page.text("application-name").as_deref(), Some("TELEVISION"));
    assert!(page.has("device-address"), "where it asked from");
    assert!(browser.click("deny").await.unwrap().has("device-denied"));
    let denied = poll(&app, &begun).await;
    assert_refused(&contoso, &denied, "400 access_denied token.device_denied").await;
}

#[actix_web::test]
async fn neg_r_24_opening_the_address_lets_nobody_in() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let app = television(&contoso, "television").await;
    let begun = begin(&app).await;
    let whole = text(&begun, "verification_uri_complete");
    let (mut browser, _) = open(&contoso, whole).await;
    browser.get(whole).await.unwrap();
    assert_eq!(poll(&app, &begun).await.refusal(), PENDING);
    let fields = [("user_code", text(&begun, "user_code")), ("decision", "allow")];
    let forged = browser.post(text(&begun, "verification_uri"), &fields).await.unwrap();
    assert_eq!(forged.text("reason-code").as_deref(), Some("request.csrf"));
    world.clock.advance(TimeDelta::seconds(5));
    assert_eq!(poll(&app, &begun).await.refusal(), PENDING);
}

#[actix_web::test]
async fn rfc8628_3_5_a_device_that_asks_too_soon_waits_longer_for_good() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let app = television(&contoso, "television").await;
    let begun = begin(&app).await;
    let after = async |seconds: i64| {
        world.clock.advance(TimeDelta::seconds(seconds));
        poll(&app, &begun).await.text("error")
    };
    assert_eq!(after(0).await, "authorization_pending");
    assert_eq!(after(4).await, "slow_down");
    assert_eq!(after(9).await, "slow_down", "ten seconds now, fifteen after this");
    assert_eq!(after(15).await, "authorization_pending");
    world.clock.advance(TimeDelta::minutes(10));
    let late = poll(&app, &begun).await;
    assert_refused(&contoso, &late, "400 expired_token token.device_code_expired").await;
    let (_, page) = open(&contoso, text(&begun, "verification_uri_complete")).await;
    assert!(page.has("code-problem"), "{}", page.body());
}

#[actix_web::test]
async fn neg_d05_d07_a_device_code_is_good_for_its_application_and_as_nothing_else() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let (app, other) = (television(&contoso, "tv").await, television(&contoso, "radio").await);
    let wiki = contoso.application("wiki").await;
    let begun = begin(&app).await;
    decided(&contoso, &begun, "allow").await;
    let stolen = poll(&other, &begun).await;
    let expected = "400 invalid_grant token.device_code_other_application";
    assert_refused(&contoso, &stolen, expected).await;
    let code = text(&begun, "device_code");
    let as_code = ask(&wiki, "token").with("grant_type", "authorization_code").with("code", code);
    assert_eq!(as_code.refusal().await, "400 invalid_grant token.code_unknown");
    let as_refresh = ask(&app, "token").with("grant_type", "refresh_token");
    let refused = as_refresh.with("refresh_token", code).refusal().await;
    assert!(refused.starts_with("400 invalid_grant"), "{refused}");
    let not_allowed = ask(&wiki, "device_authorization").refusal().await;
    assert!(not_allowed.ends_with("token.grant_not_allowed"), "{not_allowed}");
    let user_code = serde_json::json!({ "device_code": begun["user_code"] });
    assert_eq!(poll(&app, &user_code).await.text("reason"), "token.device_code_unknown");
    assert_eq!(poll(&app, &begun).await.status, 200, "none of them has spent it");
}

#[actix_web::test]
async fn neg_d08_e7_a_device_that_was_let_in_gets_nothing_once_its_person_may_not_be_in() {
    for ended in ["session", "user", "connector"] {
        let world = TestBroker::start().await;
        let contoso = world.tenant("contoso").await;
        let app = television(&contoso, "television").await;
        let begun = begin(&app).await;
        assert!(decided(&contoso, &begun, "allow").await.has("device-allowed"));
        match ended {
            "session" => end_sessions(&contoso).await,
            "user" => {
                set_status(&contoso, &only_user(&contoso).await, UserStatus::Inactive).await;
            }
            _ => contoso.mode(CONNECTOR, ConnectorMode::Off).await,
        }
        let reply = poll(&app, &begun).await;
        assert_refused(&contoso, &reply, "400 invalid_grant token.grant_no_longer_valid").await;
    }
}

#[actix_web::test]
async fn who_lets_in_a_device_of_somebody_elses_application_agrees_and_may_take_it_back() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let app = contoso.application_with("television", |new| {
        new.settings.third_party = true;
        new.settings.grant_types = vec![GrantType::RefreshToken, GrantType::DeviceCode];
    });
    let app = app.await;
    let begun = begin(&app).await;
    let (mut browser, page) = open(&contoso, text(&begun, "verification_uri_complete")).await;
    let wishes = page.texts("#device-scopes li");
    assert_eq!(wishes, ["Know that it is you, each time that you come", "Your e-mail address"]);
    assert!(browser.click("allow").await.unwrap().has("device-allowed"));
    let own = browser.get(&format!("{}/", contoso.issuer())).await.unwrap();
    assert!(own.text("application-television").unwrap().contains("TELEVISION"), "{}", own.body());
    browser.click("withdraw-television").await.unwrap();
    let reply = poll(&app, &begun).await;
    assert_refused(&contoso, &reply, "400 invalid_grant token.grant_no_longer_valid").await;
    let rows = contoso.audit_rows().await.into_iter();
    let told = |name: &str| name.starts_with("user.consent") || name.starts_with("device.");
    let names: Vec<String> =
        rows.filter_map(|row| row["type"].as_str().map(str::to_owned)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| told(name)).collect();
    assert_eq!(names, ["user.consent_given", "device.allowed", "user.consent_withdrawn"]);
}

#[actix_web::test]
async fn neg_d22_e7_the_gate_is_asked_when_the_person_decides_and_when_the_device_comes() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let app = television(&contoso, "television").await;
    let begun = begin(&app).await;
    decided(&contoso, &begun, "allow").await;
    disable(&contoso, "television").await;
    assert_eq!(poll(&app, &begun).await.text("reason"), "application.disabled");
    let closed = contoso.application_with("closed", |new| {
        new.public = true;
        new.settings.grant_types = vec![GrantType::DeviceCode];
        new.settings.connectors = vec![symbolon_contract::ConnectorId::parse("elsewhere").unwrap()];
    });
    let begun = begin(&closed.await).await;
    let page = decided(&contoso, &begun, "allow").await;
    assert_eq!(
        (page.status(), page.text("reason-code").as_deref()),
        (403, Some("device.not_allowed"))
    );
}
