//! Letting a device in at the platform's issuer (RFC 8628, R-24): the person says of which tenant they are, and the
//! walls between tenants hold.

use chrono::TimeDelta;
use serde_json::{Value, json};
use symbolon_contract::ApplicationId;
use symbolon_identity::admin::{self, NewApplication};
use symbolon_identity::downstream::{GrantType, OpenidSettings};
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;

use crate::downstream::part;
use crate::grants::text;
use crate::platform::{own_domain, suspend};
use crate::world::{PlatformDesk, TestBroker, TestTenant, caller};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn with_devices(new: &mut NewApplication) {
    new.settings.grant_types =
        vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::DeviceCode];
}

/// The operator's application with devices, offered to these tenants.
async fn desk<'a>(world: &'a TestBroker, tenants: &[&TestTenant<'_>]) -> PlatformDesk<'a> {
    world.desk(tenants, with_devices).await
}

/// Another one, on a device in a hall, offered to a tenant.
async fn kiosk(tenant: &TestTenant<'_>) {
    let id = ApplicationId::parse("kiosk").unwrap();
    let mut settings = OpenidSettings::new(Vec::new());
    settings.grant_types = vec![GrantType::DeviceCode];
    let new =
        NewApplication { id: id.clone(), display_name: "Kiosk".into(), settings, public: true };
    let broker = &tenant.world.broker;
    admin::create_platform_application(broker, &caller(), new).await.unwrap();
    let offer = (&id, Vec::new());
    admin::offer_application(broker, &caller(), &tenant.record, offer).await.unwrap();
}

/// A device of the application's asks to be let in.
async fn begin(desk: &PlatformDesk<'_>, more: &[(&str, &str)]) -> Value {
    let fields = [&[("scope", "openid email")], more].concat();
    let (status, begun) =
        desk.post(&format!("{}/device_authorization", desk.world.url), &fields).await;
    assert_eq!(status, 200, "{begun}");
    begun
}

/// It asks at this issuer whether the person has decided.
async fn poll_at(desk: &PlatformDesk<'_>, issuer: &str, begun: &Value) -> (u16, Value) {
    let fields = [("grant_type", GRANT), ("device_code", text(begun, "device_code"))];
    desk.post(&format!("{issuer}/token"), &fields).await
}

async fn poll(desk: &PlatformDesk<'_>, begun: &Value) -> (u16, Value) {
    poll_at(desk, &desk.world.url, begun).await
}

/// Alice opens an address.
async fn open(world: &TestBroker, address: &str) -> (Browser, Page) {
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut browser = Browser::new().unwrap();
    let page = browser.get(address).await.unwrap();
    (browser, page)
}

/// She says of which organisation she is, signs in, and looks at the code.
async fn say(browser: &mut Browser, organisation: &str) -> Page {
    browser.fill("organisation", organisation);
    let page = browser.submit_form(Some("organisation-form")).await.unwrap();
    assert!(page.refresh_target().is_some(), "{organisation}: {}", page.body());
    browser.follow_refresh().await.unwrap()
}

/// The address with the code, at a tenant.
fn at(begun: &Value, tenant: &str) -> String {
    format!("{}&tenant={tenant}", text(begun, "verification_uri_complete"))
}

/// Alice of this tenant says yes.
async fn allowed(desk: &PlatformDesk<'_>, begun: &Value, tenant: &str) {
    let (mut browser, page) = open(desk.world, &at(begun, tenant)).await;
    assert_eq!(page.text("device-code").as_deref(), Some(text(begun, "user_code")));
    assert!(browser.click("allow").await.unwrap().has("device-allowed"));
}

#[actix_web::test]
async fn r_24_a_device_gets_tokens_of_the_tenant_whose_person_says_yes() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let desk = desk(&world, &[&contoso, &fabrikam]).await;
    let begun = begin(&desk, &[]).await;
    assert_eq!(text(&begun, "verification_uri"), format!("{}/device", world.url));
    assert_eq!(poll(&desk, &begun).await.1["error"], "authorization_pending");
    let (mut browser, page) = open(&world, text(&begun, "verification_uri_complete")).await;
    assert!(page.has("organisation-form") && !page.body().contains("Helpdesk"), "{}", page.body());
    let page = say(&mut browser, "contoso").await;
    assert_eq!(page.text("device-code").as_deref(), Some(text(&begun, "user_code")));
    assert_eq!(page.text("application-name").as_deref(), Some("Helpdesk"));
    assert!(browser.click("allow").await.unwrap().has("device-allowed"));
    let (status, tokens) = poll(&desk, &begun).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = part(text(&tokens, "id_token"), 1);
    assert_eq!((&claims["iss"], &claims["tenant"]), (&json!(world.url), &json!("contoso")));
    assert_eq!(claims["sub"], json!(crate::downstream::only_user(&contoso).await));
    let refresh = text(&tokens, "refresh_token");
    let renewed = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert_eq!(desk.post(&format!("{}/token", world.url), &renewed).await.0, 200);
    let (status, again) = poll(&desk, &begun).await;
    assert_eq!((status, &again["reason"]), (400, &json!("token.device_code_used")), "{again}");
    let rows = contoso.audit_rows().await;
    assert_eq!(rows.iter().filter(|row| row["type"] == "device.allowed").count(), 1);
}

#[actix_web::test]
async fn r_24_the_tenant_is_found_by_the_persons_domain_or_the_devices_word() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let desk = desk(&world, &[&contoso, &fabrikam]).await;
    own_domain(&contoso, "contoso.com").await;
    let begun = begin(&desk, &[]).await;
    let (mut browser, page) = open(&world, text(&begun, "verification_uri")).await;
    assert!(page.has("organisation-form"), "{}", page.body());
    let page = say(&mut browser, "alice@contoso.com").await;
    assert_eq!(page.text("tenant-name").as_deref(), Some(contoso.record.display_name.as_str()));
    browser.fill("user_code", "BCDF-GHJK");
    let wrong = browser.submit_form(Some("device-form")).await.unwrap();
    assert!(wrong.has("code-problem"), "{}", wrong.body());
    browser.fill("user_code", &text(&begun, "user_code").to_lowercase());
    let page = browser.submit_form(Some("device-form")).await.unwrap();
    assert!(page.has("device-code"), "{}", page.body());
    assert!(browser.click("deny").await.unwrap().has("device-denied"));
    assert_eq!(poll(&desk, &begun).await.1["reason"], "token.device_denied");
    let begun = begin(&desk, &[("tenant", "fabrikam")]).await;
    let (mut browser, page) = open(&world, text(&begun, "verification_uri_complete")).await;
    assert!(page.has("device-code"), "the device said it: {}", page.body());
    browser.click("allow").await.unwrap();
    let (_, tokens) = poll(&desk, &begun).await;
    assert_eq!(part(text(&tokens, "id_token"), 1)["tenant"], "fabrikam");
}

#[actix_web::test]
async fn neg_r_24_opening_the_address_lets_nobody_in_and_asking_too_soon_slows_down() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let desk = desk(&world, &[&contoso]).await;
    let begun = begin(&desk, &[]).await;
    let (mut browser, page) = open(&world, &at(&begun, "contoso")).await;
    assert!(page.has("device-code"), "{}", page.body());
    assert_eq!(poll(&desk, &begun).await.1["error"], "authorization_pending");
    assert_eq!(poll(&desk, &begun).await.1["error"], "slow_down");
    let fields =
        [("tenant", "contoso"), ("user_code", text(&begun, "user_code")), ("decision", "allow")];
    let forged = browser.post(text(&begun, "verification_uri"), &fields).await.unwrap();
    assert_eq!(forged.text("reason-code").as_deref(), Some("request.csrf"));
    world.clock.advance(TimeDelta::minutes(10));
    let (status, late) = poll(&desk, &begun).await;
    assert_eq!((status, &late["error"]), (400, &json!("expired_token")), "{late}");
}

#[actix_web::test]
async fn nobody_learns_at_the_page_of_devices_who_is_a_customer() {
    let world = TestBroker::start().await;
    let (contoso, other) = (world.tenant("contoso").await, world.tenant("other").await);
    let paused = world.tenant("paused").await;
    let desk = desk(&world, &[&contoso, &paused]).await;
    own_domain(&other, "other.example").await;
    suspend(&paused).await;
    let begun = begin(&desk, &[]).await;
    let mut pages = std::collections::BTreeSet::new();
    for said in ["nobody", "other", "paused", "platform", "x@other.example", "x@nobody.example"] {
        let (mut browser, _) = open(&world, text(&begun, "verification_uri_complete")).await;
        browser.fill("organisation", said);
        let page = browser.submit_form(Some("organisation-form")).await.unwrap();
        assert_eq!((page.status(), page.has("organisation-problem")), (200, true), "{said}");
        pages.insert(page.body().replace(said, ""));
    }
    assert_eq!(pages.len(), 1, "{pages:?}");
    for named in ["nobody", "other", "paused", "a/b"] {
        let (_, page) = open(&world, &at(&begun, named)).await;
        let told = (page.status(), page.text("reason-code").unwrap_or_default());
        assert_eq!(told, (403, "tenant.not_offered".to_owned()), "{named}");
    }
}

#[actix_web::test]
async fn e8_the_walls_between_tenants_hold_for_devices_at_the_platforms_issuer() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let desk = desk(&world, &[&contoso]).await;
    kiosk(&fabrikam).await;
    let begun = begin(&desk, &[]).await;
    // A person of a tenant without this application, and one at the tenant's own page: no such code.
    let own_page = format!("{}/device?user_code={}", contoso.issuer(), text(&begun, "user_code"));
    for address in [at(&begun, "fabrikam"), own_page] {
        let (_, page) = open(&world, &address).await;
        assert!(page.has("code-problem"), "{address}: {}", page.body());
    }
    allowed(&desk, &begun, "contoso").await;
    for issuer in [contoso.issuer(), fabrikam.issuer()] {
        let (_, told) = poll_at(&desk, &issuer, &begun).await;
        assert_eq!(told["error"], "invalid_client", "{issuer}: {told}");
    }
    let as_kiosk = [
        ("client_id", "kiosk"),
        ("grant_type", GRANT),
        ("device_code", text(&begun, "device_code")),
    ];
    let request = crate::world::post_form(&format!("{}/token", world.url), &as_kiosk);
    let (status, told) = crate::world::answer(request).await;
    assert!(status >= 400 && told.get("access_token").is_none(), "{told}");
    let (status, tokens) = poll(&desk, &begun).await;
    assert_eq!(status, 200, "none of them has spent it: {tokens}");
}

#[actix_web::test]
async fn e8_a_tenants_own_devices_are_unknown_at_the_platforms_issuer() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let desk = desk(&world, &[&contoso]).await;
    let app = contoso.application_with("television", |new| {
        new.public = true;
        new.settings.grant_types = vec![GrantType::DeviceCode];
    });
    let app = app.await;
    let begun = crate::grants::ask(&app, "device_authorization").tokens().await;
    let address =
        format!("{}/device?tenant=contoso&user_code={}", world.url, text(&begun, "user_code"));
    let (_, page) = open(&world, &address).await;
    assert!(page.has("code-problem"), "{}", page.body());
    let (_, told) = poll(&desk, &begun).await;
    assert_eq!(told["reason"], "token.device_code_unknown", "{told}");
}

#[actix_web::test]
async fn neg_d22_what_was_allowed_ends_with_the_offer_and_comes_back_with_no_other() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let desk = desk(&world, &[&contoso]).await;
    let begun = begin(&desk, &[]).await;
    allowed(&desk, &begun, "contoso").await;
    let (broker, record) = (&world.broker, &contoso.record);
    admin::withdraw_application(broker, &caller(), record, &desk.id).await.unwrap();
    assert_eq!(poll(&desk, &begun).await.1["error"], "invalid_client");
    desk.offer(&contoso).await;
    assert_eq!(poll(&desk, &begun).await.1["reason"], "token.device_code_unknown");
    let waiting = begin(&desk, &[]).await;
    admin::set_application_active(broker, &caller(), record, (&desk.id, false)).await.unwrap();
    let (_, page) = open(&world, &at(&waiting, "contoso")).await;
    assert_eq!(page.text("reason-code").as_deref(), Some("tenant.not_offered"));
}

#[actix_web::test]
async fn e8_the_platform_keeps_of_a_device_that_was_let_in_only_whose_it_is() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let desk = desk(&world, &[&contoso]).await;
    let begun = begin(&desk, &[]).await;
    allowed(&desk, &begun, "contoso").await;
    let platform = admin::read_platform(&world.broker).await.unwrap().id;
    let (tenant, code) = (contoso.record.id.clone(), text(&begun, "device_code").to_owned());
    let read = world.broker.database.read(move |conn| {
        let hash = symbolon_identity::secrets::sha256_hex(code.as_bytes());
        let at_platform = conn.tenant(&platform).device_authorizations().find(&hash)?;
        Ok((at_platform, conn.tenant(&tenant).device_authorizations().find(&hash)?))
    });
    let (at_platform, at_tenant) = read.await.unwrap();
    let kept = at_platform.unwrap().authorization_grant.unwrap();
    assert_eq!(kept, json!({ "tenant": contoso.record.id }));
    assert!(at_tenant.unwrap().authorization_grant.unwrap().get("session").is_some());
}
