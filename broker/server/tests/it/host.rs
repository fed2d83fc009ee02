//! People who come by another address than the public one.

use reqwest::header::HOST;
use symbolon_testkit::Browser;
use symbolon_testkit::provider::AutomaticSignIn;

use crate::world::{TestBroker, TestTenant, http};

async fn two_connectors<'a>(world: &'a TestBroker) -> TestTenant<'a> {
    let contoso = world.tenant("contoso").await;
    contoso.connector("partners", |_| ()).await;
    contoso
}

#[actix_web::test]
async fn feat_n16_the_login_page_says_where_sign_in_goes_on() {
    let world = TestBroker::start().await;
    let contoso = two_connectors(&world).await;
    let mut browser = Browser::new().unwrap();
    let page = browser.get(&format!("{}/login", contoso.issuer())).await.unwrap();
    assert!(page.has("connectors") && !page.has("other-host-warning"), "{}", page.body());

    // Another person, who never was at the right address.
    let mut browser = Browser::new().unwrap();
    let elsewhere = contoso.issuer().replace("127.0.0.1", "localhost");
    let page = browser.get(&format!("{elsewhere}/login")).await.unwrap();
    let warning = page.text("other-host-warning").unwrap();
    assert!(warning.starts_with("You are at localhost; sign-in continues at http://127.0.0.1:"));
    assert_eq!(
        page.attribute_of("#other-host-warning a", "href").unwrap(),
        format!("{}/", world.url)
    );
    // What it warns of: the cookie stays behind.
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let page = browser.click("connector-upstream").await.unwrap();
    assert_eq!(
        (page.status(), page.text("reason-code").as_deref()),
        (400, Some("oidc.state_mismatch"))
    );
}

/// The warning of the login page for these headers.
async fn warning(tenant: &TestTenant<'_>, headers: &[(&str, &str)]) -> Option<String> {
    let ask = |url: String| {
        headers.iter().fold(http().get(url), |request, (name, value)| request.header(*name, *value))
    };
    let begun = ask(format!("{}/login", tenant.issuer())).send().await.unwrap();
    let cookie =
        begun.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let path = begun.headers()["location"].to_str().unwrap().to_owned();
    let page = ask(format!("{}{path}", tenant.world.url)).header("cookie", cookie).send().await;
    let text = page.unwrap().text().await.unwrap();
    assert!(text.contains("id=\"connectors\""), "{text}");
    let (_, warning) = text.split_once("id=\"other-host-warning\" role=\"status\">")?;
    Some(warning.split(';').next().unwrap().to_owned())
}

#[actix_web::test]
async fn feat_n16_only_trusted_proxies_say_which_host_was_asked() {
    let trusting = [("SYMBOLON__HTTP__TRUSTED_PROXIES", "127.0.0.0/8")];
    for (settings, believed) in [(&trusting[..], true), (&[], false)] {
        let world = TestBroker::start_with(settings).await;
        let contoso = two_connectors(&world).await;
        let expected = believed.then(|| "You are at login.wrong.example".to_owned());
        for header in [
            ("x-forwarded-host", "login.wrong.example"),
            ("x-forwarded-host", "LOGIN.wrong.example:443, 127.0.0.1"),
            ("forwarded", "for=10.0.0.1;host=login.wrong.example;proto=https"),
        ] {
            assert_eq!(warning(&contoso, &[header]).await, expected, "{header:?}");
        }
        let through = [(HOST.as_str(), "internal"), ("x-forwarded-host", "127.0.0.1")];
        assert_eq!(warning(&contoso, &through).await.is_none(), believed, "the proxy's own Host");
    }
}

#[actix_web::test]
async fn feat_n16_a_host_that_is_none_breaks_nothing() {
    let world = TestBroker::start().await;
    let contoso = two_connectors(&world).await;
    let hostile = warning(&contoso, &[("host", "a.example\"><script>alert(1)</script>")]).await;
    assert_eq!(hostile, None);
    let port = warning(&contoso, &[("host", "127.0.0.1:1")]).await;
    assert_eq!(port, None, "cookies do not tell ports apart");
    let odd = warning(&contoso, &[("host", "a%26b.example")]).await;
    assert_eq!(odd.as_deref(), Some("You are at a&amp"), "escaped like everything else");
}
