//! Pages as people see them, and what their headers allow.

use chrono::TimeDelta;
use symbolon_contract::ConnectorId;
use symbolon_identity::admin;
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;

use crate::downstream::{Reply, assert_page, open, operator_reasons, signed_in};
use crate::world::{TestBroker, TestTenant, caller, http};

async fn two_connectors<'a>(world: &'a TestBroker) -> TestTenant<'a> {
    let contoso = world.tenant("contoso").await;
    contoso
        .connector("partners", |new| {
            new.display_name = "Fabrikam & <Partners>".into();
        })
        .await;
    contoso
}

async fn domain(tenant: &TestTenant<'_>, name: &str, connector: Option<&str>) {
    let connector = connector.map(|id| ConnectorId::parse(id).unwrap());
    let domain = (name.to_owned(), connector);
    admin::put_domain(&tenant.world.broker, &caller(), &tenant.record, domain).await.unwrap();
}

async fn login_page(tenant: &TestTenant<'_>, browser: &mut Browser) -> Page {
    let page = browser.get(&format!("{}/login", tenant.issuer())).await.unwrap();
    assert!(page.has("connectors"), "{}", page.body());
    page
}

#[actix_web::test]
async fn the_persons_own_page_names_them_and_their_roles() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    contoso
        .rules(serde_json::json!({
            "sync_fields": ["email", "name"], "default_role": "viewer",
        }))
        .await;
    let mut browser = signed_in(&contoso, "alice").await;
    for path in ["/", ""] {
        let page = browser.get(&format!("{}{path}", contoso.issuer())).await.unwrap();
        assert_eq!(page.text("user-name").as_deref(), Some("Alice Martin"), "{path:?}");
        assert_eq!(page.text("user-email").as_deref(), Some("alice@contoso.com"));
        assert_eq!(page.text("user-roles").as_deref(), Some("viewer"));
    }
    // Whoever is nobody is sent to sign in.
    world.provider.sign_in_automatically(AutomaticSignIn::Off);
    let page = Browser::new().unwrap().get(&format!("{}/", contoso.issuer())).await.unwrap();
    assert!(page.has("demo-provider-title"), "{}", page.body());
}

#[actix_web::test]
async fn two_connectors_are_two_links_and_each_leads_to_its_upstream() {
    let world = TestBroker::start().await;
    let contoso = two_connectors(&world).await;
    let wiki = contoso.application("wiki").await;
    let mut browser = Browser::new().unwrap();
    let page = open(&wiki, &mut browser, &wiki.authorize_url(&[])).await;
    assert_eq!(page.text("tenant-name").as_deref(), Some("CONTOSO"));
    assert_eq!(page.text("application-name").as_deref(), Some("WIKI"));
    assert_eq!(
        page.text("connector-partners").as_deref(),
        Some("Sign in with Fabrikam & <Partners>")
    );
    assert!(!page.body().contains("<Partners>"));
    assert!(page.has("connector-upstream") && !page.has("email-form"));
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let page = browser.click("connector-partners").await.unwrap();
    assert!(page.location().unwrap().as_str().contains("code="), "{}", page.body());
    assert_eq!(world.provider.last_authorize()["client_id"], "contoso-partners");
}

#[actix_web::test]
async fn u6_an_email_of_an_assigned_domain_leads_to_its_connector() {
    let world = TestBroker::start().await;
    let contoso = two_connectors(&world).await;
    domain(&contoso, "contoso.com", Some("partners")).await;
    domain(&contoso, "unassigned.example", None).await;
    let mut browser = Browser::new().unwrap();
    for email in ["x@nowhere.example", "x@unassigned.example", "x@evil@contoso.com", "contoso.com"]
    {
        assert!(login_page(&contoso, &mut browser).await.has("email-form"));
        browser.fill("email", email);
        let page = browser.click("continue").await.unwrap();
        assert_page(&contoso, &page, "403 connector.no_match").await;
    }
    // Try again, and it works.
    browser.click("try-again").await.unwrap();
    browser.fill("email", "Alice@CONTOSO.com");
    let page = browser.click("continue").await.unwrap();
    assert!(page.text("leaving-title").unwrap().ends_with("Fabrikam & <Partners>"));
    assert_eq!(page.refresh_target(), page.attribute("continue", "href"));
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let page = browser.follow_refresh().await.unwrap();
    assert_eq!(page.text("user-email").as_deref(), Some("alice@contoso.com"), "{}", page.body());
    assert_eq!(world.provider.last_authorize()["client_id"], "contoso-partners");
}

#[actix_web::test]
async fn an_attempt_belongs_to_one_browser_of_one_tenant_for_a_quarter_of_an_hour() {
    let world = TestBroker::start().await;
    let contoso = two_connectors(&world).await;
    let fabrikam = world.tenant("fabrikam").await;
    let mut browser = Browser::new().unwrap();
    let page = login_page(&contoso, &mut browser).await;
    let (url, link) = (page.url().to_string(), page.attribute("connector-upstream", "href"));
    let link = format!("{}{}", world.url, link.unwrap());
    for address in [&url, &link] {
        // Another browser, with and without an attempt of its own.
        let page = Browser::new().unwrap().get(address).await.unwrap();
        assert_page(&contoso, &page, "403 attempt.other_browser").await;
        let mut other = Browser::new().unwrap();
        login_page(&contoso, &mut other).await;
        let page = other.get(address).await.unwrap();
        assert_page(&contoso, &page, "403 attempt.other_browser").await;
        let there = address.replace("/t/contoso/", "/t/fabrikam/");
        let page = browser.get(&there).await.unwrap();
        assert_page(&fabrikam, &page, "400 attempt.unknown").await;
    }
    let page = browser.get(&format!("{}/login?attempt=nobody", contoso.issuer())).await.unwrap();
    assert_page(&contoso, &page, "400 attempt.unknown").await;
    let unknown = link.replace("/login/upstream", "/login/nobody");
    let page = browser.get(&unknown).await.unwrap();
    assert_page(&contoso, &page, "404 connector.unknown").await;
    world.clock.advance(TimeDelta::minutes(15));
    for address in [&url, &link] {
        let page = browser.get(address).await.unwrap();
        assert_page(&contoso, &page, "400 attempt.expired").await;
    }
    assert_eq!(contoso.sessions().await, 0);
}

#[actix_web::test]
async fn a_finished_attempt_is_not_finished_again() {
    let world = TestBroker::start().await;
    let contoso = two_connectors(&world).await;
    let mut browser = Browser::new().unwrap();
    let url = login_page(&contoso, &mut browser).await.url().to_string();
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let page = browser.click("connector-upstream").await.unwrap();
    let callback = page.steps().iter().find(|step| step.url.path().contains("/callback/"));
    let callback = callback.unwrap().url.to_string();
    let value = browser.cookie("127.0.0.1", "symbolon-session-contoso").map(str::to_owned);
    for address in [&url, &callback] {
        let page = browser.get(address).await.unwrap();
        assert_page(&contoso, &page, "400 attempt.already_used").await;
    }
    // The back button costs nothing.
    assert_eq!(browser.cookie("127.0.0.1", "symbolon-session-contoso"), value.as_deref());
    assert_eq!(contoso.sessions().await, 1);
}

#[actix_web::test]
async fn f13_two_tabs_of_one_browser_each_finish_their_own_attempt() {
    let world = TestBroker::start().await;
    let contoso = two_connectors(&world).await;
    let mut browser = Browser::new().unwrap();
    let first = login_page(&contoso, &mut browser).await;
    let second = login_page(&contoso, &mut browser).await;
    assert_ne!(first.url(), second.url());
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    for tab in [second, first] {
        let link = tab.attribute("connector-upstream", "href").unwrap();
        let page = browser.get(&link).await.unwrap();
        assert!(page.has("signed-in"), "{}", page.body());
    }
}

const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
    frame-ancestors 'none'; form-action 'self'";
const DATA: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

#[actix_web::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let world = TestBroker::start().await;
    let contoso = two_connectors(&world).await;
    let mut browser = signed_in_by_link(&contoso).await;
    let issuer = contoso.issuer();
    let cases = [
        (world.url.clone(), 200, PAGE),
        (format!("{issuer}/"), 200, PAGE),
        (format!("{issuer}/login"), 200, PAGE),
        (format!("{issuer}/logout"), 200, PAGE),
        (format!("{issuer}/authorize"), 400, PAGE),
        (format!("{issuer}/nowhere"), 404, PAGE),
        (format!("{}/nowhere", world.url), 404, PAGE),
        (format!("{issuer}/token"), 405, PAGE),
        (format!("{}/t/nobody/", world.url), 404, PAGE),
        (format!("{issuer}/userinfo"), 401, DATA),
        (format!("{}/livez", world.url), 200, DATA),
    ];
    for (address, status, policy) in cases {
        let page = browser.get(&address).await.unwrap();
        assert_eq!(
            (page.status(), page.header("content-security-policy")),
            (status, Some(policy)),
            "{address}"
        );
        assert_eq!(page.header("cache-control"), Some("no-store"), "{address}");
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"), "{address}");
        assert_eq!(page.header("x-frame-options"), Some("DENY"), "{address}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{address}");
        assert!(page.header("server").is_none(), "{address}");
    }
}

/// A session where two connectors are offered.
async fn signed_in_by_link(tenant: &TestTenant<'_>) -> Browser {
    tenant.world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut browser = Browser::new().unwrap();
    login_page(tenant, &mut browser).await;
    assert!(browser.click("connector-upstream").await.unwrap().has("signed-in"));
    browser
}

#[actix_web::test]
async fn what_no_route_answers_is_a_page_with_a_trace_in_the_operators_chain() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let issuer = contoso.issuer();
    let mut expected = Vec::new();
    for (address, line) in [
        (format!("{}/nowhere", world.url), "404 request.not_found"),
        (format!("{}/t/contoso/nowhere", world.url), "404 request.not_found"),
        (format!("{issuer}/token"), "405 request.method_not_allowed"),
    ] {
        let page = Browser::new().unwrap().get(&address).await.unwrap();
        let reason = page.text("reason-code").unwrap();
        assert_eq!(format!("{} {reason}", page.status()), line, "{address}");
        assert!(page.text("trace-id").is_some_and(|trace| trace.len() >= 16), "{address}");
        expected.push(reason);
    }
    assert_eq!(operator_reasons(&world).await, expected);
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let reply = Reply::of(http().request(method.clone(), format!("{issuer}/authorize"))).await;
        assert_eq!(reply.status, 405, "{method}");
    }
}

#[actix_web::test]
async fn the_process_says_whether_it_lives_and_whether_it_can_serve() {
    let world = TestBroker::start().await;
    let live = Reply::of(http().get(format!("{}/livez", world.url))).await;
    assert_eq!((live.status, live.text("status").as_str()), (200, "alive"));
    let ready = Reply::of(http().get(format!("{}/readyz", world.url))).await;
    assert_eq!((ready.status, ready.text("status").as_str()), (200, "ready"));
    assert_eq!(ready.text("database"), "ok");
    assert_eq!(operator_reasons(&world).await, [] as [&str; 0]);
}

#[actix_web::test]
async fn f16_assets_are_found_by_their_content_alone_and_kept_for_good() {
    let world = TestBroker::start().await;
    let page = Browser::new().unwrap().get(&world.url).await.unwrap();
    let links = [
        page.attribute_of("link[rel=stylesheet]", "href").unwrap(),
        page.attribute_of("script", "src").unwrap(),
        page.attribute_of("link[rel=icon]", "href").unwrap(),
    ];
    for (link, kind) in links.iter().zip(["text/css", "text/javascript", "image/svg+xml"]) {
        let reply = Reply::of(http().get(format!("{}{link}", world.url))).await;
        assert_eq!(reply.status, 200, "{link}");
        assert!(reply.header("content-type").starts_with(kind), "{link}");
        assert_eq!(reply.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
    }
    let style = links[0].rsplit('/').next().unwrap();
    let hash = links[0].split('/').nth(2).unwrap();
    for path in [
        format!("/static/0000000000000000/{style}"),
        format!("/static/{hash}/..%2f..%2fetc%2fpasswd"),
        format!("/static/{hash}/%00"),
        "/static/%2e%2e/%2e%2e/etc/passwd".to_owned(),
        "/static/".to_owned(),
    ] {
        let reply = Reply::of(http().get(format!("{}{path}", world.url))).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
    }
}
