//! Sign-outs that cross protocols (R-18, LO-06, LO-08, IP5, SP9): whichever side begins, upstream or application,
//! everybody who used the session is told, and nobody else. `saml_logout` is about the messages of SAML,
//! `applications_told` about delivery.

use symbolon_identity::connectors::saml::Binding as Offered;
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::saml_idp::{Binding, Misbehaviour as Fault};

use crate::world::{
    APP, CONTOSO, ENTRA, EntraWorld, STATE, SamlWorld, TestApplication, TestTenant,
};

/// The `sid` of each logout token that an application took; it refused none.
fn sids(application: &TestApplication<'_>) -> Vec<String> {
    let told = application.running.told();
    assert_eq!(told.problems, Vec::<String>::new(), "{}", application.id);
    told.tokens.iter().map(|token| token["sid"].as_str().unwrap().to_owned()).collect()
}

/// Someone signs in at these applications in one browser; each was given the same session.
async fn at_both<'a>(
    saml: &SamlWorld,
    [one, two]: [&TestApplication<'a>; 2],
    person: &str,
) -> (Browser, String) {
    let login = saml.log_in(one, person).await;
    let login = saml.log_in_with(two, (login.browser, person), "").await;
    assert_eq!(one.sid(), two.sid());
    (login.browser, one.sid())
}

/// The same at Microsoft's.
async fn at_both_by_entra<'a>(
    entra: &EntraWorld,
    [one, two]: [&TestApplication<'a>; 2],
) -> (Browser, String) {
    let login = entra.log_in(one, "alice").await;
    let login = two.log_in_with(login.browser, "alice", "").await;
    assert_eq!(one.sid(), two.sid(), "{}", login.outcome());
    (login.browser, one.sid())
}

/// A tenant that signs people out at the identity provider too, which takes that by one binding alone.
async fn signing_out_by<'a>(saml: &'a SamlWorld, slug: &str, offered: Offered) -> TestTenant<'a> {
    let tenant = saml.tenant_with(slug, |_, settings| {
        settings.single_logout = true;
        settings.identity_provider.logout.retain(|one| one.binding == offered);
    });
    tenant.await
}

async fn out_there(saml: &SamlWorld, browser: &mut Browser, person: &str) -> Page {
    browser.stop_nowhere();
    let page = browser.get(&saml.idp.logout_url(person)).await.unwrap();
    saml.follow(browser, page).await
}

/// An application signs the person out; the page, or the way back to the application, that the browser ends on.
async fn out_by(
    saml: &SamlWorld,
    application: &TestApplication<'_>,
    browser: &mut Browser,
) -> Page {
    let page = application.end_session(browser, &[]).await;
    saml.follow(browser, page).await
}

fn landing(application: &TestApplication<'_>) -> String {
    format!("{}/?state={STATE}", application.running.url())
}

#[actix_web::test]
async fn r18_lo_06_a_saml_logout_request_is_told_to_each_openid_application_of_that_session() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let (wiki, mail) =
        (contoso.told_application("wiki").await, contoso.told_application("mail").await);
    let desk = contoso.told_application("desk").await;
    saml.log_in(&desk, "bob").await;
    let mut expected = Vec::new();
    for binding in [Binding::Redirect, Binding::Post] {
        saml.idp.world(|world| world.logout_binding = binding);
        let (mut alice, sid) = at_both(&saml, [&wiki, &mail], "alice").await;
        expected.push(sid);
        let page = out_there(&saml, &mut alice, "alice").await;
        assert!(page.has("logout-status"), "{binding:?}: {}", page.body());
        contoso.all_delivered().await;
        assert_eq!([sids(&wiki), sids(&mail)], [expected.clone(), expected.clone()], "{binding:?}");
    }
    assert!(sids(&desk).is_empty(), "nobody there signed out");
    let (told, person) = (wiki.running.told(), wiki.running.last_sign_in().unwrap());
    assert_eq!(told.tokens[1]["sub"], person.text("sub"));
    assert_eq!(contoso.events("session.logout_told").await.len(), 4);
}

#[actix_web::test]
async fn r18_lo_06_of_a_person_with_two_sessions_only_the_named_one_is_told() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.told_application("wiki").await;
    let mut kept = saml.log_in(&wiki, "alice").await.browser;
    let mut named = saml.log_in(&wiki, "alice").await.browser;
    let sid = wiki.sid();
    out_there(&saml, &mut Browser::new().unwrap(), "alice").await;
    contoso.all_delivered().await;
    assert_eq!(sids(&wiki), [sid]);
    assert!(wiki.is_in(&mut kept).await && !wiki.is_in(&mut named).await);
}

#[actix_web::test]
async fn neg_r18_a_logout_that_is_not_the_identity_providers_is_told_to_nobody() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant("contoso").await;
    let wiki = contoso.told_application("wiki").await;
    let mut alice = saml.log_in(&wiki, "alice").await.browser;
    for fault in [Fault::LogoutUnsigned, Fault::LogoutForeignKey, Fault::LogoutExpired] {
        saml.idp.misbehave(fault.clone());
        let page = out_there(&saml, &mut Browser::new().unwrap(), "alice").await;
        assert_eq!(page.status(), 400, "{fault:?}");
        saml.idp.behave();
        assert!(contoso.undelivered().await.is_empty() && sids(&wiki).is_empty(), "{fault:?}");
        assert!(wiki.is_in(&mut alice).await, "{fault:?}");
    }
}

#[actix_web::test]
async fn ip5_an_applications_sign_out_goes_on_to_a_saml_identity_provider_and_back() {
    let saml = SamlWorld::start().await;
    for (slug, offered) in [("redirect", Offered::Redirect), ("post", Offered::Post)] {
        let tenant = signing_out_by(&saml, slug, offered).await;
        let (wiki, mail) =
            (tenant.told_application("wiki").await, tenant.told_application("mail").await);
        let (mut alice, sid) = at_both(&saml, [&wiki, &mail], "alice").await;
        let page = out_by(&saml, &wiki, &mut alice).await;
        assert_eq!(page.location().unwrap().as_str(), landing(&wiki), "{slug}: {}", page.body());
        let request = saml.idp.logout_requests().pop().unwrap();
        assert_eq!(request.signature_verifies, Some(true), "{slug}");
        assert_eq!(request.binding == Binding::Post, offered == Offered::Post, "{slug}");
        tenant.all_delivered().await;
        assert_eq!([sids(&wiki), sids(&mail)], [[sid.clone()], [sid]], "{slug}");
        assert!(!mail.is_in(&mut alice).await, "{slug}");
    }
}

/// The session here is over and told whatever the identity provider makes of it; the person hears of the rest.
#[actix_web::test]
async fn ip5_applications_are_told_whatever_the_identity_provider_answers() {
    let saml = SamlWorld::start().await;
    let contoso = saml.tenant_with("contoso", |_, settings| settings.single_logout = true).await;
    let (wiki, mail) =
        (contoso.told_application("wiki").await, contoso.told_application("mail").await);
    for (count, (fault, still_in)) in [
        (Fault::LogoutStatus("Responder".into()), true),
        (Fault::LogoutDown, false),
        (Fault::LogoutWrongInResponseTo, false),
        (Fault::LogoutForeignKey, false),
    ]
    .into_iter()
    .enumerate()
    {
        let (mut alice, sid) = at_both(&saml, [&wiki, &mail], "alice").await;
        saml.idp.misbehave(fault.clone());
        let page = out_by(&saml, &wiki, &mut alice).await;
        saml.idp.behave();
        assert_eq!(page.has("still-signed-in"), still_in, "{fault:?}: {}", page.body());
        assert!(page.location().is_none(), "{fault:?}");
        contoso.all_delivered().await;
        assert_eq!([sids(&wiki), sids(&mail)].map(|told| told.len()), [count + 1; 2], "{fault:?}");
        assert_eq!(sids(&mail).last(), Some(&sid), "{fault:?}");
    }
}

#[actix_web::test]
async fn lo_08_frames_come_before_the_saml_identity_provider() {
    let saml = SamlWorld::start().await;
    for (slug, offered) in [("redirect", Offered::Redirect), ("post", Offered::Post)] {
        let tenant = signing_out_by(&saml, slug, offered).await;
        let (wiki, mail) =
            (tenant.framed_application("wiki").await, tenant.told_application("mail").await);
        let (mut alice, sid) = at_both(&saml, [&wiki, &mail], "alice").await;
        let page = wiki.end_session(&mut alice, &[]).await;
        let frame = page.attribute_of("iframe", "src").unwrap();
        assert!(frame.starts_with(&wiki.running.url()) && frame.contains(&sid), "{frame}");
        let page = alice.click("continue").await.unwrap();
        let page = saml.follow(&mut alice, page).await;
        assert_eq!(page.location().unwrap().as_str(), landing(&wiki), "{slug}: {}", page.body());
        tenant.all_delivered().await;
        assert_eq!(sids(&mail), [sid], "{slug}");
    }
}

#[actix_web::test]
async fn r18_e61_a_sign_out_at_microsoft_is_told_to_each_application_of_that_session() {
    let entra = EntraWorld::start().await;
    let contoso = entra.tenant("contoso").await;
    let (wiki, mail) =
        (contoso.told_application("wiki").await, contoso.told_application("mail").await);
    let desk = contoso.told_application("desk").await;
    let address = format!("{}/logout/frontchannel/{ENTRA}", contoso.issuer());
    entra.entra.change_application(APP, |app| app.logout_url(&address));
    entra.log_in(&desk, "bob").await;
    let (mut alice, sid) = at_both_by_entra(&entra, [&wiki, &mail]).await;
    let there = entra.entra.sid_of(CONTOSO, "alice").unwrap();
    let frame = entra.entra.front_channel_logout_url(APP, &there).unwrap();
    // In a frame of another site no cookie of ours comes along.
    for _ in 0..2 {
        assert_eq!(Browser::new().unwrap().get(&frame).await.unwrap().status(), 200);
    }
    contoso.all_delivered().await;
    assert_eq!(
        [sids(&wiki), sids(&mail)],
        [[sid.clone()], [sid]],
        "once, also when it comes twice"
    );
    assert!(sids(&desk).is_empty());
    assert!(!wiki.is_in(&mut alice).await);
}

#[actix_web::test]
async fn ip5_e60_an_applications_sign_out_goes_on_to_microsoft_and_back() {
    let entra = EntraWorld::start().await;
    let contoso =
        entra.tenant_with("contoso", |_, settings| settings.sign_out_at_microsoft = true).await;
    let back = format!("{}/signed-out", contoso.issuer());
    entra.entra.change_application(APP, |app| app.redirect_uri(&back));
    let (wiki, mail) =
        (contoso.told_application("wiki").await, contoso.told_application("mail").await);
    let (mut alice, sid) = at_both_by_entra(&entra, [&wiki, &mail]).await;
    assert!(entra.entra.sid_of(CONTOSO, "alice").is_some());
    let page = wiki.end_session(&mut alice, &[]).await;
    assert_eq!(page.location().unwrap().as_str(), landing(&wiki), "{}", page.body());
    assert_eq!(entra.entra.sid_of(CONTOSO, "alice"), None, "over there as well");
    contoso.all_delivered().await;
    assert_eq!([sids(&wiki), sids(&mail)], [[sid.clone()], [sid]]);
    assert!(!mail.is_in(&mut alice).await);
}
