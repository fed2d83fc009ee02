//! The authorization request, rule by rule, as an application and a browser see it.

use chrono::TimeDelta;
use serde_json::Value;
use symbolon_contract::ConnectorId;
use symbolon_storage::{Connection, TenantStatus};
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use symbolon_testkit::provider::AutomaticSignIn;
use url::Url;

use crate::downstream::{
    assert_page, audited, code_of, disable, open, operator_reasons, part, signed_in, tokens, told,
};
use crate::world::{TestApplication, TestBroker, TestTenant, parameter};

/// The URL is refused on a page that never leads on, and nobody is signed in.
async fn shown(app: &TestApplication<'_>, url: &str, expected: &str) -> (Page, Value) {
    let page = open(app, &mut Browser::new().unwrap(), url).await;
    let row = assert_page(app.tenant, &page, expected).await;
    assert_eq!(app.tenant.sessions().await, 0);
    assert_eq!(app.tenant.world.provider.hits("authorize"), 0);
    (page, row)
}

/// The URL is refused by a redirect with `state` and `iss`: one line of `error` and reason.
async fn redirected(app: &TestApplication<'_>, url: &str, state: Option<&str>) -> String {
    let page = open(app, &mut Browser::new().unwrap(), url).await;
    assert_eq!(page.status(), 303, "{}", page.body());
    let answer = told(app, &page);
    let get = |name: &str| parameter(&answer, name);
    assert_eq!(get("state").as_deref(), state, "{answer}");
    assert_eq!(get("iss"), Some(app.tenant.issuer()), "{answer}");
    assert_eq!(get("code"), None, "{answer}");
    let description = get("error_description").unwrap();
    let reason = description.split(':').next().unwrap();
    let rows = app.tenant.audit_rows().await;
    let last = rows.last().unwrap();
    assert_eq!(last["app"], app.id.as_str(), "{last}");
    audited(app.tenant, last["trace_id"].as_str().unwrap(), reason).await;
    assert_eq!(app.tenant.sessions().await, 0);
    format!("{} {reason}", get("error").unwrap())
}

const STATE: Option<&str> = Some("state-of-the-test");

#[actix_web::test]
async fn d1_the_redirect_uri_is_compared_byte_for_byte_and_never_followed_otherwise() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let right = wiki.running.redirect_uri();
    let port = Url::parse(&right).unwrap().port().unwrap();
    let cases = [
        (format!("{right}/more"), "is not registered"),
        (
            right.trim_end_matches("ack").to_owned(),
            "is not registered",
        ),
        (format!("{right}/"), "only by the trailing slash"),
        (
            right.replace("/callback", "/Callback"),
            "only by upper and lower case",
        ),
        (right.replace("http:", "https:"), "only by http and https"),
        (
            right.replace(&port.to_string(), &format!("{port}1")),
            "is not registered",
        ),
        (right.replace("127.0.0.1", "localhost"), "is not registered"),
        (
            right.replace("127.0.0.1", "127.0.0.1.evil.example"),
            "is not registered",
        ),
        (
            right.replace("http://", "http://evil@"),
            "is not registered",
        ),
        (format!("{right}#fragment"), "is not registered"),
        (format!("{right}?next=1"), "is not registered"),
        (format!("{right}%20"), "is not registered"),
        (format!("{right}\n"), "is not registered"),
        ("javascript:alert(1)".to_owned(), "is not registered"),
    ];
    for (sent, detail) in cases {
        let url = wiki.authorize_url(&[("redirect_uri", Some(&sent))]);
        let (page, row) = shown(&wiki, &url, "400 authorize.redirect_uri_mismatch").await;
        assert_eq!(
            page.text("error-parameter").as_deref(),
            Some("Invalid request parameter: redirect_uri")
        );
        let told = row["details"]["detail"].as_str().unwrap();
        assert!(told.contains(detail), "{sent}: {told}");
        assert!(!page.body().contains("alert("), "{sent}");
    }
    let url = wiki.authorize_url(&[("redirect_uri", None)]);
    let (page, _) = shown(&wiki, &url, "400 authorize.redirect_uri_missing").await;
    assert!(
        page.text("error-parameter")
            .unwrap()
            .contains("redirect_uri")
    );
}

#[actix_web::test]
async fn an_application_that_may_not_ask_gets_no_redirect() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let wiki = contoso.application("wiki").await;
    fabrikam.application("crm").await;
    for other in [
        Some("nobody"),
        Some("crm"),
        Some("WIKI"),
        Some("no/id \u{7f}"),
        None,
    ] {
        let url = wiki.authorize_url(&[("client_id", other)]);
        let (page, _) = shown(&wiki, &url, "400 application.unknown").await;
        assert!(
            page.text("error-parameter").unwrap().contains("client_id"),
            "{other:?}"
        );
    }
    disable(&contoso, "wiki").await;
    shown(&wiki, &wiki.authorize_url(&[]), "403 application.disabled").await;
}

#[actix_web::test]
async fn d13_two_client_ids_or_redirect_uris_are_refused_on_a_page() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let right = wiki.running.redirect_uri();
    let url = wiki.authorize_url(&[]);
    let also = [
        "&client_id=wiki".to_owned(),
        "&client_id=crm".to_owned(),
        format!("&redirect_uri={right}"),
        "&redirect_uri=https://evil.example/".to_owned(),
        "&redirect_uri=".to_owned(),
    ];
    for more in also {
        shown(
            &wiki,
            &format!("{url}{more}"),
            "400 authorize.duplicate_parameter",
        )
        .await;
    }
}

type Change<'a> = &'a [(&'a str, Option<&'a str>)];

#[actix_web::test]
async fn every_other_rule_is_told_to_the_application_with_state_and_iss() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let long_nonce = "n".repeat(513);
    let padded = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c=";
    let pkce = "invalid_request authorize.pkce_method_refused";
    let cases: [(Change<'_>, &str); 25] = [
        (
            &[("response_type", None)],
            "invalid_request authorize.response_type_missing",
        ),
        (
            &[("response_type", Some(""))],
            "invalid_request authorize.response_type_missing",
        ),
        (&[("response_type", Some("token"))], D2),
        (&[("response_type", Some("id_token token"))], D2),
        (&[("response_type", Some("code token"))], D2),
        (&[("response_type", Some("none"))], D2),
        (
            &[("response_mode", Some("fragment"))],
            "invalid_request authorize.response_mode_unsupported",
        ),
        (
            &[("code_challenge", None)],
            "invalid_request authorize.pkce_missing",
        ),
        (
            &[("code_challenge", None), ("code_challenge_method", None)],
            "invalid_request authorize.pkce_missing",
        ),
        (&[("code_challenge_method", Some("plain"))], pkce),
        (&[("code_challenge_method", None)], pkce),
        (&[("code_challenge_method", Some("s256"))], pkce),
        (&[("code_challenge", Some("short"))], pkce),
        (&[("code_challenge", Some(padded))], pkce),
        (&[("scope", None)], "invalid_scope authorize.scope_invalid"),
        (
            &[("scope", Some("profile email"))],
            "invalid_scope authorize.scope_invalid",
        ),
        (
            &[("scope", Some("openid \"x\""))],
            "invalid_scope authorize.scope_invalid",
        ),
        (
            &[("prompt", Some("dance"))],
            "invalid_request authorize.prompt_invalid",
        ),
        (
            &[("prompt", Some("none login"))],
            "invalid_request authorize.prompt_invalid",
        ),
        (
            &[("prompt", Some("none"))],
            "login_required authorize.login_required",
        ),
        (
            &[("max_age", Some("-1"))],
            "invalid_request authorize.max_age_invalid",
        ),
        (
            &[("max_age", Some("99999999999"))],
            "invalid_request authorize.max_age_invalid",
        ),
        (
            &[("nonce", Some(&long_nonce))],
            "invalid_request authorize.nonce_invalid",
        ),
        (
            &[("request", Some("e30.e30."))],
            "request_not_supported authorize.request_object_unsupported",
        ),
        (
            &[("request_uri", Some("https://evil.example/r"))],
            "request_uri_not_supported authorize.request_uri_unsupported",
        ),
    ];
    for (change, expected) in cases {
        let url = wiki.authorize_url(change);
        assert_eq!(redirected(&wiki, &url, STATE).await, expected, "{change:?}");
    }
    assert_eq!(world.provider.hits("authorize"), 0);
}

const D2: &str = "unsupported_response_type authorize.response_type_unsupported";

#[actix_web::test]
async fn d13_d14_repeated_and_too_long_parameters() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let url = wiki.authorize_url(&[]);
    let twice = "invalid_request authorize.duplicate_parameter";
    for name in [
        "scope",
        "nonce",
        "response_type",
        "code_challenge",
        "code_challenge_method",
    ] {
        assert_eq!(
            redirected(&wiki, &format!("{url}&{name}=x"), STATE).await,
            twice,
            "{name}"
        );
    }
    for name in [
        "prompt",
        "max_age",
        "login_hint",
        "acr_values",
        "ui_locales",
        "response_mode",
    ] {
        let url = format!("{url}&{name}=&{name}=");
        assert_eq!(redirected(&wiki, &url, STATE).await, twice, "{name}");
    }
    let long = "invalid_request authorize.parameter_too_long";
    for name in [
        "scope",
        "ui_locales",
        "acr_values",
        "claims",
        "nobody_knows",
    ] {
        let value = "openid ".repeat(586);
        let url = wiki.authorize_url(&[(name, Some(&value))]);
        assert_eq!(redirected(&wiki, &url, STATE).await, long, "{name}");
    }
    // A state that cannot be returned is not returned.
    let state = "invalid_request authorize.state_invalid";
    assert_eq!(
        redirected(&wiki, &format!("{url}&state=other"), None).await,
        state
    );
    let endless = wiki.authorize_url(&[("state", Some(&"s".repeat(2049)))]);
    assert_eq!(redirected(&wiki, &endless, None).await, state);
}

#[actix_web::test]
async fn rfc9207_a_success_brings_back_state_and_iss_unchanged() {
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
        let names: Vec<_> = answer
            .query_pairs()
            .map(|(name, _)| name.into_owned())
            .collect();
        assert_eq!(names, ["code", "state", "iss"]);
    }
    let url = wiki.authorize_url(&[("state", None)]);
    let answer = told(&wiki, &open(&wiki, &mut browser, &url).await);
    assert_eq!(parameter(&answer, "state"), None);
}

#[actix_web::test]
async fn prompt_none_answers_from_the_session_alone() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let hits = world.provider.hits("authorize");
    let page = open(
        &wiki,
        &mut browser,
        &wiki.authorize_url(&[("prompt", Some("none"))]),
    )
    .await;
    assert_eq!(page.steps().len(), 1);
    assert_eq!(wiki.redeem(&code_of(&wiki, &page), &[]).await.0, 200);
    // Too old for the application, and for somebody else.
    world.clock.advance(TimeDelta::seconds(11));
    let stale: Change<'_> = &[("prompt", Some("none")), ("max_age", Some("10"))];
    let other: Change<'_> = &[
        ("prompt", Some("none")),
        ("id_token_hint", Some("e30.e30.x")),
    ];
    for change in [stale, other] {
        let answer = told(
            &wiki,
            &open(&wiki, &mut browser, &wiki.authorize_url(change)).await,
        );
        assert_eq!(
            parameter(&answer, "error").as_deref(),
            Some("login_required"),
            "{change:?}"
        );
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
    (
        provider.hits("authorize") > before,
        claims["auth_time"].as_i64().unwrap(),
    )
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
        assert_eq!(
            auth_time,
            if anew { proved + 100 } else { proved },
            "{change:?}"
        );
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
async fn d16_form_post_goes_to_the_registered_address_with_everything_escaped() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let mut browser = signed_in(&contoso, "alice").await;
    let state = "\"><script>alert(1)</script>";
    let mode = ("response_mode", Some("form_post"));
    let url = wiki.authorize_url(&[mode, ("state", Some(state))]);
    let page = open(&wiki, &mut browser, &url).await;
    assert_eq!(
        page.attribute("post-form", "action"),
        Some(wiki.running.redirect_uri())
    );
    assert_eq!(
        page.attribute("post-form", "method").as_deref(),
        Some("post")
    );
    let field = |page: &Page, name: &str| {
        page.attribute_of(&format!("#post-form input[name={name}]"), "value")
    };
    assert_eq!(field(&page, "state").as_deref(), Some(state));
    assert_eq!(field(&page, "iss"), Some(contoso.issuer()));
    assert!(!page.body().contains("<script>alert"));
    let policy = page.header("content-security-policy").unwrap();
    let origin = wiki.running.url();
    assert!(
        policy.ends_with(&format!("form-action 'self' {origin}")),
        "{policy}"
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let code = field(&page, "code").unwrap();
    assert_eq!(wiki.redeem(&code, &[]).await.0, 200);
    // A refusal travels the same way.
    let url = wiki.authorize_url(&[mode, ("response_type", Some("token"))]);
    let page = open(&wiki, &mut browser, &url).await;
    assert_eq!(
        field(&page, "error").as_deref(),
        Some("unsupported_response_type")
    );
    assert_eq!(field(&page, "state").as_deref(), STATE);
}

#[actix_web::test]
async fn the_request_may_be_posted() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    world
        .provider
        .sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let url = Url::parse(&wiki.authorize_url(&[])).unwrap();
    let fields: Vec<_> = url.query_pairs().collect();
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let mut browser = Browser::new().unwrap();
    browser.stop_before(&wiki.running.url());
    let page = browser
        .post(&format!("{}/authorize", contoso.issuer()), &fields)
        .await
        .unwrap();
    assert_eq!(wiki.redeem(&code_of(&wiki, &page), &[]).await.0, 200);
    // Fields of the URL are not mixed into a posted form.
    let page = browser
        .post(url.as_str(), &[("scope", "openid")])
        .await
        .unwrap();
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
    world
        .provider
        .sign_in_automatically(AutomaticSignIn::As("alice".into()));
    let mut browser = Browser::new().unwrap();
    // The hint does not offer what is not offered.
    let hinted = wiki.authorize_url(&[("connector", Some("forbidden"))]);
    let page = open(&wiki, &mut browser, &hinted).await;
    assert!(
        page.has("connector-upstream") && page.has("connector-partners"),
        "{}",
        page.body()
    );
    assert!(!page.has("connector-forbidden"));
    // Neither does the link.
    let link = page.attribute("connector-partners", "href").unwrap();
    let page = browser
        .get(&link.replace("partners", "forbidden"))
        .await
        .unwrap();
    assert_page(&contoso, &page, "403 policy.connector_for_application").await;
    assert_eq!(world.provider.hits("authorize"), 0);
    // Nor a session that began there, for another purpose.
    browser
        .get(&format!("{}/login", contoso.issuer()))
        .await
        .unwrap();
    let page = browser.click("connector-forbidden").await.unwrap();
    assert!(page.has("signed-in"), "{}", page.body());
    let page = open(&wiki, &mut browser, &wiki.authorize_url(&[])).await;
    assert!(
        page.has("connector-partners") && !page.has("connector-forbidden"),
        "{}",
        page.body()
    );
    // The hint helps towards what is offered.
    world
        .provider
        .sign_in_automatically(AutomaticSignIn::As("bob".into()));
    let hinted = wiki.authorize_url(&[("connector", Some("partners"))]);
    code_of(&wiki, &open(&wiki, &mut browser, &hinted).await);
    assert!(world.provider.last_authorize()["redirect_uri"].ends_with("/callback/partners"));
}

#[actix_web::test]
async fn an_unknown_tenant_and_a_suspended_one_are_told_apart_from_a_typing_error_only_by_code() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let url = wiki.authorize_url(&[]);
    for other in [
        "/t/nobody/",
        "/t/Contoso/",
        "/t/contoso%00/",
        "/t/../t/nobody/",
    ] {
        let page = Browser::new()
            .unwrap()
            .get(&url.replace("/t/contoso/", other))
            .await
            .unwrap();
        assert_eq!(page.status(), 404, "{other}");
        assert_eq!(
            page.text("reason-code").as_deref(),
            Some("tenant.unknown"),
            "{other}"
        );
        assert!(
            page.text("trace-id").is_some_and(|trace| trace.len() >= 16),
            "{other}"
        );
    }
    assert_eq!(operator_reasons(&world).await, ["tenant.unknown"; 4]);
    let id = contoso.record.id.clone();
    let suspend = move |conn: &mut Connection| {
        let mut row = conn.operator().tenant_by_id(&id)?.unwrap();
        row.status = TenantStatus::Suspended;
        let version = row.version;
        conn.operator().update_tenant(&row, version)
    };
    world.broker.database.write(suspend).await.unwrap();
    for path in ["/authorize", "/login", "/jwks", "/"] {
        let page = Browser::new()
            .unwrap()
            .get(&format!("{}{path}", contoso.issuer()))
            .await;
        let page = page.unwrap();
        assert_eq!(page.status(), 403, "{path}");
        assert_eq!(
            page.text("reason-code").as_deref(),
            Some("tenant.suspended"),
            "{path}"
        );
    }
}
