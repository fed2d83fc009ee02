//! What a right authorization request brings: a code from the session, a new sign-in, and in which form.

use chrono::TimeDelta;
use symbolon_contract::ConnectorId;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;
use symbolon_testkit::{Browser, Misbehaviour, ProviderUser};
use url::Url;

use crate::authorize::{Change, STATE};
use crate::downstream::{assert_page, code_of, open, part, signed_in, tokens, told};
use crate::world::{TestApplication, TestBroker, TestTenant, parameter};

#[actix_web::test]
async fn neg_d19_rfc9207_a_success_brings_back_state_and_iss_unchanged() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let odd = "a b+c%20&d=e?#/\"'<>\\\u{e9}\u{1f600}~";
    let state = format!("{odd}{}", "x".repeat(128 - odd.chars().count()));
    for state in [state.as_str(), "=", "%", "0"] {
        let url = wiki.authorize_url(&[("state", Some(state))]);
        let answer = told(&wiki, &open(&wiki, &mut browser, &url).await);
        assert_eq!(parameter(&answer, "state").as_deref(), Some(state));
        assert_eq!(parameter(&answer, "iss"), Some(contoso.issuer()));
        let names: Vec<_> = answer.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, ["code", "state", "iss"]);
    }
    let url = wiki.authorize_url(&[("state", None)]);
    let page = open(&wiki, &mut browser, &url).await;
    assert_eq!(page.status(), 303, "never 307");
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let answer = told(&wiki, &page);
    assert_eq!(parameter(&answer, "state"), None);
}

#[actix_web::test]
async fn prompt_none_answers_from_the_session_alone() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let hits = world.provider.hits("authorize");
    let page = open(&wiki, &mut browser, &wiki.authorize_url(&[("prompt", Some("none"))])).await;
    assert_eq!(page.steps().len(), 1);
    assert_eq!(wiki.redeem(&code_of(&wiki, &page), &[]).await.0, 200);
    // Too old for the application, and for somebody else.
    world.clock.advance(TimeDelta::seconds(11));
    let stale: Change<'_> = &[("prompt", Some("none")), ("max_age", Some("10"))];
    let other: Change<'_> = &[("prompt", Some("none")), ("id_token_hint", Some("e30.e30.x"))];
    for change in [stale, other] {
        let answer = told(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(change)).await);
        assert_eq!(parameter(&answer, "error").as_deref(), Some("login_required"), "{change:?}");
    }
    assert_eq!(world.provider.hits("authorize"), hits);
}

#[actix_web::test]
async fn an_id_token_hint_names_whose_session_is_meant_and_need_not_be_fresh() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let own = tokens(&wiki, &[]).await;
    let code = wiki.code("bob", &[]).await;
    let (_, bobs) = wiki.redeem(&code, &[]).await;
    let foreign = tokens(&fabrikam.application("wiki").await, &[]).await;
    world.clock.advance(TimeDelta::hours(2));
    for (hinted, answer) in [(&own, "code"), (&bobs, "error"), (&foreign, "error")] {
        let hint = hinted["id_token"].as_str();
        let url = wiki.authorize_url(&[("prompt", Some("none")), ("id_token_hint", hint)]);
        let told = told(&wiki, &open(&wiki, &mut browser, &url).await);
        assert!(parameter(&told, answer).is_some(), "{told}");
    }
}

/// Signs in with a browser that has a session: whether the upstream was asked, and `auth_time`.
async fn again(
    app: &TestApplication<'_>,
    browser: &mut Browser,
    change: Change<'_>,
) -> (bool, i64) {
    let provider = &app.tenant.world.provider;
    let before = provider.hits("authorize");
    let code = code_of(app, &open(app, browser, &app.authorize_url(change)).await);
    let (status, tokens) = app.redeem(&code, &[]).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = part(tokens["id_token"].as_str().unwrap(), 1);
    (provider.hits("authorize") > before, claims["auth_time"].as_i64().unwrap())
}

#[actix_web::test]
async fn prompt_login_and_max_age_ask_the_person_to_prove_themselves_again() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let (_, first) = again(&wiki, &mut browser, &[]).await;
    // Each case is 100 seconds after the last proof.
    let cases: [(Change<'_>, bool); 7] = [
        (&[], false),
        (&[("max_age", Some("10000"))], false),
        (&[("max_age", Some("100"))], false),
        (&[("max_age", Some("99"))], true),
        (&[("max_age", Some("1"))], true),
        (&[("prompt", Some("login"))], true),
        (&[("prompt", Some("select_account"))], true),
    ];
    let mut proved = first;
    world.clock.advance(TimeDelta::seconds(100));
    for (change, anew) in cases {
        let (asked, auth_time) = again(&wiki, &mut browser, change).await;
        assert_eq!(asked, anew, "{change:?}");
        assert_eq!(auth_time, if anew { proved + 100 } else { proved }, "{change:?}");
        if anew {
            proved = auth_time;
            world.clock.advance(TimeDelta::seconds(100));
        }
    }
}

#[actix_web::test]
async fn max_age_0_means_prompt_login_even_within_the_same_second() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let (asked, _) = again(&wiki, &mut browser, &[("max_age", Some("0"))]).await;
    assert!(asked, "OpenID Core 3.1.2.1: max_age=0 is prompt=login");
    assert_eq!(world.provider.last_authorize()["max_age"], "0");
}

#[actix_web::test]
async fn wishes_of_the_application_reach_the_upstream() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let hint = "bob@contoso.com";
    let wishes: Change<'_> = &[("login_hint", Some(hint)), ("prompt", Some("login"))];
    let code = wiki.code("alice", wishes).await;
    let (_, tokens) = wiki.redeem(&code, &[]).await;
    assert_eq!(world.provider.last_authorize()["login_hint"], hint);
    assert_eq!(world.provider.last_authorize()["prompt"], "login");
    // What went up is new: nothing of the application's own secrets travels on.
    let up = world.provider.last_authorize();
    assert_ne!(up["state"], "state-of-the-test");
    assert_ne!(up["nonce"], "nonce-of-the-test");
    assert!(tokens["id_token"].is_string(), "{tokens}");
}

#[actix_web::test]
async fn neg_d16_form_post_goes_to_the_registered_address_with_everything_escaped() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let state = "\"><script>alert(1)</script>";
    let mode = ("response_mode", Some("form_post"));
    let url = wiki.authorize_url(&[mode, ("state", Some(state))]);
    let page = open(&wiki, &mut browser, &url).await;
    assert_eq!(page.attribute("post-form", "action"), Some(wiki.running.redirect_uri()));
    assert_eq!(page.attribute("post-form", "method").as_deref(), Some("post"));
    let field = |page: &Page, name: &str| {
        page.attribute_of(&format!("#post-form input[name={name}]"), "value")
    };
    assert_eq!(field(&page, "state").as_deref(), Some(state));
    assert_eq!(field(&page, "iss"), Some(contoso.issuer()));
    assert!(!page.body().contains("<script>alert"));
    let policy = page.header("content-security-policy").unwrap();
    let origin = wiki.running.url();
    assert!(policy.ends_with(&format!("form-action 'self' {origin}")), "{policy}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let code = field(&page, "code").unwrap();
    assert_eq!(wiki.redeem(&code, &[]).await.0, 200);
    // A refusal travels the same way.
    let url = wiki.authorize_url(&[mode, ("response_type", Some("token"))]);
    let page = open(&wiki, &mut browser, &url).await;
    assert_eq!(field(&page, "error").as_deref(), Some("unsupported_response_type"));
    assert_eq!(field(&page, "state").as_deref(), STATE);
}

#[actix_web::test]
async fn the_request_may_be_posted() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let url = Url::parse(&wiki.authorize_url(&[])).unwrap();
    let fields: Vec<_> = url.query_pairs().collect();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    let mut browser = Browser::new().unwrap();
    browser.stop_before(&wiki.running.url());
    let page = browser.post(&format!("{}/authorize", contoso.issuer()), &fields).await.unwrap();
    assert_eq!(wiki.redeem(&code_of(&wiki, &page), &[]).await.0, 200);
    // Fields of the URL are not mixed into a posted form.
    let page = browser.post(url.as_str(), &[("scope", "openid")]).await.unwrap();
    assert_page(&contoso, &page, "400 application.unknown").await;
}

async fn three_connectors<'a>(world: &'a TestBroker) -> TestTenant<'a> {
    let contoso = world.tenant("contoso").await;
    contoso.connector("partners", |_| ()).await;
    contoso.connector("forbidden", |_| ()).await;
    contoso
}

#[actix_web::test]
async fn d22_an_application_is_reached_only_through_its_own_connectors() {
    let world = TestBroker::start().await;
    let contoso = three_connectors(&world).await;
    let wiki = contoso
        .application_with("wiki", |new| {
            let own = ["upstream", "partners"];
            new.settings.connectors = own.map(|id| ConnectorId::parse(id).unwrap()).to_vec();
        })
        .await;
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut browser = Browser::new().unwrap();
    // The hint does not offer what is not offered.
    let hinted = wiki.authorize_url(&[("connector", Some("forbidden"))]);
    let page = open(&wiki, &mut browser, &hinted).await;
    assert!(page.has("connector-upstream") && page.has("connector-partners"), "{}", page.body());
    assert!(!page.has("connector-forbidden"));
    // Neither does the link.
    let link = page.attribute("connector-partners", "href").unwrap();
    let page = browser.get(&link.replace("partners", "forbidden")).await.unwrap();
    assert_page(&contoso, &page, "403 policy.connector_for_application").await;
    assert_eq!(world.provider.hits("authorize"), 0);
    // Nor a session that began there, for another purpose.
    browser.get(&format!("{}/login", contoso.issuer())).await.unwrap();
    let page = browser.click("connector-forbidden").await.unwrap();
    assert!(page.has("signed-in"), "{}", page.body());
    let page = open(&wiki, &mut browser, &wiki.authorize_url(&[])).await;
    assert!(page.has("connector-partners") && !page.has("connector-forbidden"), "{}", page.body());
    // The hint helps towards what is offered.
    world.provider.sign_in_automatically(AutomaticSignIn::As("bob".into()));
    let hinted = wiki.authorize_url(&[("connector", Some("partners"))]);
    code_of(&wiki, &open(&wiki, &mut browser, &hinted).await);
    assert!(world.provider.last_authorize()["redirect_uri"].ends_with("/callback/partners"));
}

#[actix_web::test]
async fn fa_13_who_cancels_at_the_upstream_is_told_to_the_application() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    world.provider.misbehave(Misbehaviour::AuthorizeError("access_denied".into())).unwrap();
    let mut browser = Browser::new().unwrap();
    let answer = told(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(&[])).await);
    let get = |name: &str| parameter(&answer, name);
    assert_eq!(get("error").as_deref(), Some("access_denied"));
    assert_eq!((get("state").as_deref(), get("iss")), (STATE, Some(contoso.issuer())));
    assert!(!answer.as_str().contains("as+told"), "the upstream's words stay here: {answer}");
    let trail = contoso.audit_trail().await;
    assert_eq!(trail, ["user.sso_login_failed oidc.access_denied"]);
    assert_eq!(contoso.sessions().await, 0);
    // Nobody waits at the tenant's own page: the person is told.
    let page = Browser::new().unwrap().get(&format!("{}/login", contoso.issuer())).await.unwrap();
    assert_page(&contoso, &page, "403 oidc.access_denied").await;
}

/// Alice's upstream states this context.
fn alice_proves(world: &TestBroker, acr: &str) {
    let alice = ProviderUser::new("alice").email("alice@contoso.com");
    world.provider.set_user(alice.claim("acr", serde_json::json!(acr)));
}

#[actix_web::test]
async fn se4_a_stronger_context_is_asked_for_upstream_and_an_essential_one_is_proved() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    alice_proves(&world, "silver");
    let mut browser = signed_in(&contoso, "alice").await;
    let claims = |value: &str| {
        serde_json::json!({ "id_token": { "acr": { "essential": true, "value": value } } })
            .to_string()
    };
    let (silver, gold) = (claims("silver"), claims("gold"));
    let (asked, _) = again(&wiki, &mut browser, &[("claims", Some(&silver))]).await;
    assert!(!asked, "the session proves it");
    // A wish is worth a trip, and no refusal (OpenID Core 3.1.2.1).
    let (asked, _) = again(&wiki, &mut browser, &[("acr_values", Some("gold"))]).await;
    assert!(asked && world.provider.last_authorize()["acr_values"] == "gold");
    for prompt in [None, Some("none")] {
        let url = wiki.authorize_url(&[("claims", Some(&gold)), ("prompt", prompt)]);
        let answer = told(&wiki, &open(&wiki, &mut browser, &url).await);
        let expected = match prompt {
            None => "unmet_authentication_requirements",
            Some(_) => "login_required",
        };
        assert_eq!(parameter(&answer, "error").as_deref(), Some(expected));
    }
    alice_proves(&world, "gold");
    let (asked, _) = again(&wiki, &mut browser, &[("claims", Some(&gold))]).await;
    assert!(asked);
    let answer = tokens(&wiki, &[("claims", Some(&gold))]).await;
    assert_eq!(part(answer["id_token"].as_str().unwrap(), 1)["acr"], "gold");
}

#[actix_web::test]
async fn op17_what_the_application_registered_stands_in_for_what_it_does_not_send() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", |new| {
        new.settings.default_max_age = Some(60);
        new.settings.default_acr_values = vec!["silver".into()];
    });
    let wiki = wiki.await;
    alice_proves(&world, "silver");
    let mut browser = Browser::new().unwrap();
    world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
    code_of(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(&[])).await);
    let up = world.provider.last_authorize();
    assert_eq!((up["max_age"].as_str(), up["acr_values"].as_str()), ("60", "silver"));
    assert!(!again(&wiki, &mut browser, &[]).await.0);
    world.clock.advance(TimeDelta::seconds(61));
    assert!(!again(&wiki, &mut browser, &[("max_age", Some("3600"))]).await.0);
    assert!(again(&wiki, &mut browser, &[]).await.0);
}

#[actix_web::test]
async fn oidc_core_3122_nobody_but_the_expected_person_is_answered_for() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let alices = tokens(&wiki, &[]).await;
    let hint = alices["id_token"].as_str().unwrap();
    let sub = part(hint, 1)["sub"].as_str().unwrap().to_owned();
    let claims = serde_json::json!({ "id_token": { "sub": { "value": sub } } }).to_string();
    for expects_alice in [("id_token_hint", Some(hint)), ("claims", Some(&*claims))] {
        let url = wiki.authorize_url(&[expects_alice]);
        world.provider.sign_in_automatically(AutomaticSignIn::As("bob".into()));
        let mut browser = Browser::new().unwrap();
        let answer = told(&wiki, &open(&wiki, &mut browser, &url).await);
        assert_eq!(parameter(&answer, "error").as_deref(), Some("login_required"));
        assert_eq!(parameter(&answer, "code"), None);
        // Bob is in, for whoever does not mind.
        let silent = [("prompt", Some("none"))];
        code_of(&wiki, &open(&wiki, &mut browser, &wiki.authorize_url(&silent)).await);
        world.provider.sign_in_automatically(AutomaticSignIn::As("alice".into()));
        code_of(&wiki, &open(&wiki, &mut browser, &url).await);
    }
}
