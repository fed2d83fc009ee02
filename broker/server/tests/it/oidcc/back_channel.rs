//! `oidcc-backchannel-rp-initiated-logout-certification-test-plan` (LO-05 to LO-07).

use crate::world::{STATE, TestBroker};

/// The demo application is the judge: it checks signature, `typ` and every claim (LO-06), and takes no form with
/// another field beside the token (LO-07).
#[actix_web::test]
async fn oidcc_backchannel_rp_initiated_logout() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.told_application("wiki").await;
    let mail = contoso.told_application("mail").await;
    let quiet = contoso.application("quiet").await;
    let login = wiki.log_in("alice").await;
    let login = mail.log_in_with(login.browser, "alice", "").await;
    let mut browser = quiet.log_in_with(login.browser, "alice", "").await.browser;
    // Another person's session goes on.
    let mut bob = wiki.log_in("bob").await.browser;
    let page = mail.end_session(&mut browser, &[]).await;
    let landing = format!("{}/?state={STATE}", mail.running.url());
    assert_eq!(page.location().unwrap().as_str(), landing, "the state and nothing else");
    assert!(!mail.is_in(&mut browser).await);
    for app in [&wiki, &mail] {
        let told = app.running.told_times(1).await;
        assert_eq!((told.tokens.len(), told.problems.as_slice()), (1, &[][..]), "{}", app.id);
        assert_eq!(told.tokens[0]["sid"], mail.sid().as_str());
        let subject = mail.running.last_sign_in().unwrap().text("sub").to_owned();
        assert_eq!(told.tokens[0]["sub"], subject.as_str());
        assert_eq!(told.tokens[0]["aud"], app.id.as_str());
    }
    let told = contoso.events_when("session.logout_told", 2).await;
    assert!(told.iter().all(|row| row["outcome"] == "success"), "{told:?}");
    assert!(wiki.is_in(&mut bob).await);
    assert_eq!(contoso.undelivered().await.len(), 0);
}
