//! An application signs people out: only with their word or a proof that it is their session, across protocols and
//! tenants (RP-Initiated Logout 1.0; D17, F14, R-17, IP5).

use chrono::TimeDelta;
use symbolon_contract::SessionId;
use symbolon_storage::Connection;
use symbolon_testkit::Browser;
use url::Url;

use crate::downstream::{Reply, assert_page};
use crate::sessions::{cookie, opens};
use crate::world::{CONNECTOR, STATE, TestBroker, http, oidc_settings, post_form};

#[actix_web::test]
async fn neg_d17_nobody_is_signed_out_without_their_word_or_a_proof_of_their_session() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut bob = wiki.log_in("bob").await.browser;
    let bobs = wiki.id_token();
    let mut alice = wiki.log_in("alice").await.browser;
    // The token of somebody else's session proves nothing here.
    let page = wiki.end_session(&mut alice, &[("id_token_hint", Some(&bobs))]).await;
    assert!(page.has("sign-out-title"), "{}", page.body());
    assert_eq!(page.text("application-name").as_deref(), Some("WIKI"));
    assert!(wiki.is_in(&mut alice).await && wiki.is_in(&mut bob).await);
    // Only this browser's own form counts.
    let url = format!("{}/end_session/confirmed", contoso.issuer());
    for fields in [&[][..], &[("csrf", "x")], &[("held", "x")]] {
        let page = alice.post(&url, fields).await.unwrap();
        assert_page(&contoso, &page, "403 request.csrf").await;
    }
    assert!(wiki.is_in(&mut alice).await);
    // With the person's word the application gets them back, because the hint is ours.
    wiki.end_session(&mut alice, &[("id_token_hint", Some(&bobs))]).await;
    let page = alice.click("sign-out").await.unwrap();
    assert_eq!(page.location().unwrap().query(), Some(format!("state={STATE}").as_str()));
    assert!(!wiki.is_in(&mut alice).await && wiki.is_in(&mut bob).await);
}

#[actix_web::test]
async fn neg_d17_what_was_asked_once_leads_nowhere_twice_and_in_no_other_browser() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let by_id = [("id_token_hint", None), ("client_id", Some("wiki"))];
    let mut alice = wiki.log_in("alice").await.browser;
    let asked = wiki.end_session(&mut alice, &by_id).await;
    let held = asked.attribute_of("input[name=held]", "value").unwrap();
    let mut bob = wiki.log_in("bob").await.browser;
    let own = wiki.end_session(&mut bob, &by_id).await;
    let csrf = own.attribute_of("input[name=csrf]", "value").unwrap();
    let url = format!("{}/end_session/confirmed", contoso.issuer());
    // Bob's own word signs him out, but Alice's journey is not his.
    let page = bob.post(&url, &[("csrf", &csrf), ("held", &held)]).await.unwrap();
    assert!(page.has("signed-out") && page.location().is_none(), "{}", page.body());
    assert!(!wiki.is_in(&mut bob).await && wiki.is_in(&mut alice).await);
    let again = wiki.end_session(&mut alice, &by_id).await;
    assert!(again.has("sign-out-title"));
    let page = alice.click("sign-out").await.unwrap();
    assert!(page.location().is_some(), "client_id and the person's word: {}", page.body());
    let page = alice.get(&format!("{}/end_session/held?held={held}", contoso.issuer())).await;
    assert!(page.unwrap().has("signed-out"));
}

#[actix_web::test]
async fn lo_03_client_id_must_be_the_hints_and_no_parameter_stands_twice() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    contoso.application("mail").await;
    let mut browser = wiki.log_in("alice").await.browser;
    let url = wiki.end_session_url(&[]);
    for (address, expected) in [
        (format!("{url}&client_id=mail"), "400 logout.application_mismatch"),
        (format!("{url}&client_id=nobody"), "400 logout.application_mismatch"),
        (format!("{url}&client_id=%00"), "400 logout.application_mismatch"),
        (
            wiki.end_session_url(&[("id_token_hint", None), ("client_id", Some("nobody"))]),
            "400 application.unknown",
        ),
        (format!("{url}&state=b"), "400 authorize.duplicate_parameter"),
        (format!("{url}&id_token_hint=b"), "400 authorize.duplicate_parameter"),
    ] {
        browser.stop_before(&wiki.running.url());
        let page = browser.get(&address).await.unwrap();
        assert_page(&contoso, &page, expected).await;
        assert!(wiki.is_in(&mut browser).await, "{address}");
    }
    let page = wiki.end_session(&mut browser, &[("client_id", Some("wiki"))]).await;
    assert!(page.location().is_some(), "{}", page.body());
}

/// A form that another site posts comes without the `SameSite=Lax` cookie.
#[actix_web::test]
async fn r17_a_posted_request_finds_its_session_by_coming_again() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = wiki.log_in("alice").await.browser;
    let (hint, back) = (wiki.id_token(), wiki.running.url());
    let fields = [("id_token_hint", &*hint), ("post_logout_redirect_uri", &*back), ("state", "s")];
    let reply = Reply::of(post_form(&format!("{}/end_session", contoso.issuer()), &fields)).await;
    assert_eq!(reply.status, 303);
    let location = reply.header("location").to_owned();
    assert!(!location.contains(&hint), "the token stays out of addresses");
    browser.stop_before(&back);
    let page = browser.get(&format!("{}{location}", world.url)).await.unwrap();
    assert_eq!(page.location().unwrap().query(), Some("state=s"), "{}", page.body());
    assert!(!wiki.is_in(&mut browser).await);
}

#[actix_web::test]
async fn neg_f14_after_an_applications_sign_out_a_copy_of_the_cookie_is_dead_on_every_node() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = wiki.log_in("alice").await.browser;
    let value = cookie(&contoso, &browser).unwrap();
    let other = crate::downstream::restarted(&world);
    let page = wiki.end_session(&mut browser, &[]).await;
    assert!(page.location().is_some());
    assert_eq!(cookie(&contoso, &browser), None);
    assert!(!opens(&contoso, &value).await);
    let named = format!("{}={value}", crate::sessions::cookie_name(&contoso));
    let reply = Reply::of(http().get(format!("{other}/t/contoso/")).header("cookie", named)).await;
    assert_eq!(reply.status, 303, "the other node sends the copy to the login page");
}

/// A step up is no sign-out: applications go on under the same `sid`.
#[actix_web::test]
async fn f1_whoever_signs_in_again_keeps_their_session_and_whoever_takes_over_ends_it() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.told_application("wiki").await;
    let login = wiki.log_in("alice").await;
    let (sid, value) = (wiki.sid(), login.session("contoso").unwrap());
    let login = wiki.log_in_with(login.browser, "alice", "prompt=login").await;
    assert_eq!(wiki.sid(), sid);
    assert!(!opens(&contoso, &value).await, "F1: the old cookie is dead");
    assert_eq!(contoso.undelivered().await.len(), 0);
    let login = wiki.log_in_with(login.browser, "bob", "prompt=login").await;
    assert!(login.outcome().starts_with("signed in as bob"), "{}", login.outcome());
    assert_ne!(wiki.sid(), sid);
    assert_eq!(wiki.running.told_times(1).await.tokens[0]["sid"], sid.as_str());
}

#[actix_web::test]
async fn ip5_an_applications_sign_out_goes_on_to_the_upstream_and_back_to_the_application() {
    let world = TestBroker::start().await;
    let contoso =
        world.tenant_with("contoso", |new| oidc_settings(new).sign_out_at_provider = true).await;
    let wiki = contoso.told_application("wiki").await;
    let mut browser = wiki.log_in("alice").await.browser;
    let page = wiki.end_session(&mut browser, &[]).await;
    let sent = world.provider.last_end_session();
    assert_eq!(sent["client_id"], format!("contoso-{CONNECTOR}"));
    assert_eq!(sent["post_logout_redirect_uri"], format!("{}/signed-out", contoso.issuer()));
    let landing = format!("{}/?state={STATE}", wiki.running.url());
    assert_eq!(page.location().unwrap().as_str(), landing, "{}", page.body());
    assert_eq!(wiki.running.told_times(1).await.tokens.len(), 1);
    // Whoever comes back once more has nowhere to go on to.
    let page = browser.get(&format!("{}/signed-out", contoso.issuer())).await.unwrap();
    assert!(page.has("signed-out"), "{}", page.body());
}

/// The frames come first, while the person is still here.
#[actix_web::test]
async fn ip5_frames_come_before_the_upstream() {
    let world = TestBroker::start().await;
    let contoso =
        world.tenant_with("contoso", |new| oidc_settings(new).sign_out_at_provider = true).await;
    let wiki = contoso.framed_application("wiki").await;
    let mut browser = wiki.log_in("alice").await.browser;
    let page = wiki.end_session(&mut browser, &[]).await;
    let onward = page.attribute("continue", "href").unwrap();
    assert!(onward.starts_with(&format!("{}/end-session", world.provider.issuer())), "{onward}");
    let page = browser.click("continue").await.unwrap();
    let landing = format!("{}/?state={STATE}", wiki.running.url());
    assert_eq!(page.location().unwrap().as_str(), landing);
}

#[actix_web::test]
async fn ip5_an_upstreams_front_channel_logout_is_told_to_applications() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.told_application("wiki").await;
    wiki.log_in("alice").await;
    let (id, sid) = (contoso.record.id.clone(), SessionId::parse(wiki.sid()).unwrap());
    let link = move |conn: &mut Connection| {
        let mut rows = conn.tenant(&id);
        let session = rows.sessions().find(&sid)?.unwrap();
        let session = symbolon_storage::Session { upstream_sid: Some("there".into()), ..session };
        rows.sessions().renew(&session)
    };
    assert!(world.broker.database.write(link).await.unwrap());
    let url = format!("{}/logout/frontchannel/{CONNECTOR}?sid=there", contoso.issuer());
    assert_eq!(Reply::of(http().get(url)).await.status, 200);
    assert_eq!(wiki.running.told_times(1).await.tokens[0]["sid"], wiki.sid().as_str());
}

/// Nobody without a session learns anything from the page, and nothing can be made of it.
#[actix_web::test]
async fn r17_a_browser_without_a_session_goes_straight_back() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut signed_in = wiki.log_in("alice").await.browser;
    let page = wiki.end_session(&mut Browser::new().unwrap(), &[]).await;
    assert!(page.location().is_some(), "{}", page.body());
    assert!(wiki.is_in(&mut signed_in).await, "the hint alone ends no session of another browser");
    world.clock.advance(TimeDelta::hours(7));
    let page = wiki.end_session(&mut signed_in, &[]).await;
    assert!(page.location().is_some(), "an expired hint is as good: {}", page.body());
    assert!(!wiki.is_in(&mut signed_in).await);
}

/// The platform's issuer signs for every tenant; the walls hold all the same.
#[actix_web::test]
async fn lo_02_at_the_platforms_issuer_the_id_token_says_whose_session_ends() {
    let world = TestBroker::start().await;
    let (contoso, fabrikam) = (world.tenant("contoso").await, world.tenant("fabrikam").await);
    let desk = world
        .desk(&[&contoso, &fabrikam], |new| {
            let callback = new.settings.redirect_uris[0].to_string();
            let at = |path: &str| callback.replace("/callback", path);
            new.settings.post_logout_redirect_uris = vec![at("/bye").parse().unwrap()];
            let told = Url::parse(&at("/backchannel-logout")).unwrap();
            new.settings.backchannel_logout_uri = Some(told);
        })
        .await;
    let mut browser = Browser::new().unwrap();
    let mut hints = Vec::new();
    for tenant in ["contoso", "fabrikam"] {
        let page = desk.open(&mut browser, ("alice", &[("tenant", tenant)])).await;
        let code = crate::world::parameter(&page.location().unwrap(), "code").unwrap();
        let (_, tokens) = desk.redeem_at(&world.url, &code).await;
        hints.push(tokens["id_token"].as_str().unwrap().to_owned());
    }
    let back = format!("{}/bye", desk.running.url());
    let mut url = Url::parse(&format!("{}/end_session", world.url)).unwrap();
    url.query_pairs_mut().extend_pairs([("post_logout_redirect_uri", &*back), ("state", "s")]);
    let page = browser.get(url.as_str()).await.unwrap();
    assert_eq!(page.text("reason-code").as_deref(), Some("tenant.not_named"));
    url.query_pairs_mut().append_pair("id_token_hint", &hints[0]);
    let at_tenant = url.as_str().replace("/end_session", "/t/contoso/end_session");
    let page = browser.get(&at_tenant).await.unwrap();
    assert_page(&contoso, &page, "400 logout.id_token_hint_invalid").await;
    let page = browser.get(url.as_str()).await.unwrap();
    assert_eq!(page.location().unwrap().as_str(), format!("{back}?state=s"), "{}", page.body());
    assert_eq!(cookie(&contoso, &browser), None);
    assert!(opens(&fabrikam, &cookie(&fabrikam, &browser).unwrap()).await);
    let told = desk.running.told_times(1).await;
    assert_eq!(told.problems, Vec::<String>::new());
    assert_eq!(
        (&told.tokens[0]["iss"], &told.tokens[0]["tenant"]),
        (&world.url.as_str().into(), &"contoso".into())
    );
}
