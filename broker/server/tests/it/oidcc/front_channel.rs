//! `oidcc-frontchannel-rp-initiated-logout-certification-test-plan` (LO-08).

use crate::world::{STATE, TestBroker};

#[actix_web::test]
async fn oidcc_frontchannel_rp_initiated_logout() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.framed_application("wiki").await;
    let mail = contoso.framed_application("mail").await;
    let login = wiki.log_in("alice").await;
    let mut browser = mail.log_in_with(login.browser, "alice", "").await.browser;
    let page = wiki.end_session(&mut browser, &[]).await;
    assert!(page.has("signed-out") && page.has("goes-on"), "{}", page.body());
    assert!(!wiki.is_in(&mut browser).await, "it is over before the frames are loaded");
    let policy = page.header("content-security-policy").unwrap();
    let (_, sources) = policy.split_once("frame-src ").unwrap();
    let mut expected = [mail.running.url(), wiki.running.url()];
    expected.sort();
    assert_eq!(sources, expected.join(" "));
    let landing = format!("{}?state={STATE}", wiki.running.url());
    assert_eq!(page.attribute("continue", "href").as_deref(), Some(&*landing));
    assert_eq!(page.refresh_target().as_deref(), Some(&*landing), "without scripts");
    for app in [&wiki, &mail] {
        let prefix = format!("iframe[src^='{}']", app.running.frontchannel_logout_uri());
        let frame = page.attribute_of(&prefix, "src").unwrap();
        let told = url::Url::parse(&frame).unwrap();
        let names: Vec<_> = told.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["iss", "sid"]);
        browser.stop_nowhere();
        browser.get(&frame).await.unwrap();
        assert_eq!(app.running.told().frames, [(contoso.issuer(), wiki.sid())], "{}", app.id);
    }
}

#[actix_web::test]
async fn lo_08_the_persons_own_sign_out_tells_in_frames_too_and_stays() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.framed_application("wiki").await;
    let mut browser = wiki.log_in("alice").await.browser;
    browser.get(&format!("{}/logout", contoso.issuer())).await.unwrap();
    let page = browser.click("sign-out").await.unwrap();
    assert!(page.has("signed-out") && !page.has("goes-on"), "{}", page.body());
    assert!(page.attribute_of("iframe", "src").is_some() && page.refresh_target().is_none());
}
