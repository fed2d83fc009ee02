//! The authorization request, rule by rule, as an application and a browser see it.

use serde_json::{Value, json};
use symbolon_identity::downstream::{ApplicationKind, RedirectUri};
use symbolon_storage::{Connection, TenantStatus};
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;
use url::Url;

use crate::downstream::{Reply, assert_page, audited, disable, open, operator_reasons, told};
use crate::world::{TestApplication, TestBroker, answer, http, parameter};

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

pub(crate) const STATE: Option<&str> = Some("state-of-the-test");

#[actix_web::test]
async fn neg_d01_an_address_that_only_looks_like_the_registered_one_is_never_followed() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let registered = RedirectUri::parse("https://wiki.example/app/callback").unwrap();
    let wiki = contoso.application_with("wiki", |new| {
        new.settings.redirect_uris = vec![registered];
    });
    let wiki = wiki.await;
    for sent in [
        "https://wiki.example/app/callback/more",
        "https://wiki.example/app/call",
        "https://evil.example/https://wiki.example/app/callback",
        "https://wiki.example/app/..;/app/callback",
        "https://wiki.example/app/x/../callback",
        "https://wiki.example/app/%2e%2e/app/callback",
        "https://wiki.example/app%2fcallback",
        "https://wiki.example:443/app/callback",
        "https://wiki.example:8443/app/callback",
        "https://wiki.example/app/callback#x",
        "https://wiki.example@evil.example/app/callback",
        "https://evil.example\\@wiki.example/app/callback",
        "https://wiki.example.evil.example/app/callback",
        "https://*.example/app/callback",
        "https://wiki.example/app/*",
        "https://WIKI.example/app/callback",
        "HTTPS://wiki.example/app/callback",
        "https://w\u{456}ki.example/app/callback",
        "https://xn--wki-8cd.example/app/callback",
        "https://wiki.example./app/callback",
        "https://wiki.example/app/callback?",
        "https://wiki.example/app/callback;x",
        "//wiki.example/app/callback",
        "/app/callback",
        "data:text/html,x",
    ] {
        let url = wiki.authorize_url(&[("redirect_uri", Some(sent))]);
        shown(&wiki, &url, "400 authorize.redirect_uri_mismatch").await;
    }
}

#[actix_web::test]
async fn r07_an_installed_application_may_listen_on_any_port_of_its_loopback_address() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let native = contoso.application_with("native", |new| {
        new.settings.application_type = ApplicationKind::Native;
        new.settings.redirect_uris = ["http://127.0.0.1/cb", "com.example.native:/cb"]
            .map(|uri| RedirectUri::parse(uri).unwrap())
            .to_vec();
        new.public = true;
    });
    let native = native.await;
    for uri in ["http://127.0.0.1:51004/cb", "http://127.0.0.1/cb", "com.example.native:/cb"] {
        let url = native.authorize_url(&[("redirect_uri", Some(uri)), ("prompt", Some("none"))]);
        let reply = Reply::of(http().get(url)).await;
        assert!(reply.header("location").starts_with(&format!("{uri}?error=login_required")));
    }
    for uri in ["http://127.0.0.1:51004/other", "http://localhost:51004/cb", "http://[::1]:1/cb"] {
        let url = native.authorize_url(&[("redirect_uri", Some(uri))]);
        shown(&native, &url, "400 authorize.redirect_uri_mismatch").await;
    }
}

#[actix_web::test]
async fn rfc8707_only_registered_resources_may_be_asked_for_and_several_at_once() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application_with("wiki", |new| {
        new.settings.resources = ["https://api.example/", "https://files.example/"]
            .map(|uri| serde_json::from_value(json!({ "identifier": uri })).unwrap())
            .to_vec();
    });
    let wiki = wiki.await;
    let url = wiki.authorize_url(&[("prompt", Some("none"))]);
    let both = format!("{url}&resource=https://api.example/&resource=https://files.example/");
    let fine = "login_required authorize.login_required";
    assert_eq!(redirected(&wiki, &both, STATE).await, fine);
    for other in ["https://other.example/", "https://api.example", "https://api.example/%23x", "x"]
    {
        let expected = "invalid_target authorize.resource_unknown";
        assert_eq!(redirected(&wiki, &format!("{both}&resource={other}"), STATE).await, expected);
    }
}

#[actix_web::test]
async fn d1_the_redirect_uri_is_compared_byte_for_byte_and_never_followed_otherwise() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let right = wiki.running.redirect_uri();
    let port = Url::parse(&right).unwrap().port().unwrap();
    let cases = [
        (format!("{right}/more"), "is not registered"),
        (right.trim_end_matches("ack").to_owned(), "is not registered"),
        (format!("{right}/"), "only by the trailing slash"),
        (right.replace("/callback", "/Callback"), "only by upper and lower case"),
        (right.replace("http:", "https:"), "only by http and https"),
        (right.replace(&port.to_string(), &format!("{port}1")), "is not registered"),
        (right.replace("127.0.0.1", "localhost"), "is not registered"),
        (right.replace("127.0.0.1", "127.0.0.1.evil.example"), "is not registered"),
        (right.replace("http://", "http://evil@"), "is not registered"),
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
    assert!(page.text("error-parameter").unwrap().contains("redirect_uri"));
}

#[actix_web::test]
async fn an_application_that_may_not_ask_gets_no_redirect() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let fabrikam = world.tenant("fabrikam").await;
    let wiki = contoso.application("wiki").await;
    fabrikam.application("crm").await;
    for other in [Some("nobody"), Some("crm"), Some("WIKI"), Some("no/id \u{7f}"), None] {
        let url = wiki.authorize_url(&[("client_id", other)]);
        let (page, _) = shown(&wiki, &url, "400 application.unknown").await;
        assert!(page.text("error-parameter").unwrap().contains("client_id"), "{other:?}");
    }
    disable(&contoso, "wiki").await;
    shown(&wiki, &wiki.authorize_url(&[]), "403 application.disabled").await;
}

#[actix_web::test]
async fn neg_d13_two_client_ids_or_redirect_uris_are_refused_on_a_page() {
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
        shown(&wiki, &format!("{url}{more}"), "400 authorize.duplicate_parameter").await;
    }
}

pub(crate) type Change<'a> = &'a [(&'a str, Option<&'a str>)];

#[actix_web::test]
async fn neg_d02_neg_d19_every_other_rule_is_told_to_the_application_with_state_and_iss() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let long_nonce = "n".repeat(513);
    let padded = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c=";
    let pkce = "invalid_request authorize.pkce_method_refused";
    let cases: [(Change<'_>, &str); 28] = [
        (&[("response_type", None)], "invalid_request authorize.response_type_missing"),
        (&[("response_type", Some(""))], "invalid_request authorize.response_type_missing"),
        (&[("response_type", Some("token"))], D2),
        (&[("response_type", Some("id_token token"))], D2),
        (&[("response_type", Some("code token"))], D2),
        (&[("response_type", Some("none"))], D2),
        (
            &[("response_mode", Some("fragment"))],
            "invalid_request authorize.response_mode_unsupported",
        ),
        (&[("code_challenge", None)], "invalid_request authorize.pkce_missing"),
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
        (&[("scope", Some("profile email"))], "invalid_scope authorize.scope_invalid"),
        (&[("scope", Some("openid \"x\""))], "invalid_scope authorize.scope_invalid"),
        (&[("prompt", Some("dance"))], "invalid_request authorize.prompt_invalid"),
        (&[("prompt", Some("none login"))], "invalid_request authorize.prompt_invalid"),
        (&[("prompt", Some("none"))], "login_required authorize.login_required"),
        (&[("max_age", Some("-1"))], "invalid_request authorize.max_age_invalid"),
        (&[("max_age", Some("99999999999"))], "invalid_request authorize.max_age_invalid"),
        (&[("nonce", Some(&long_nonce))], "invalid_request authorize.nonce_invalid"),
        (&[("claims", Some("name"))], "invalid_request authorize.claims_invalid"),
        (&[("dpop_jkt", Some("x"))], "invalid_request authorize.dpop_jkt_invalid"),
        (&[("resource", Some("https://x"))], "invalid_target authorize.resource_unknown"),
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
async fn neg_d13_neg_d14_repeated_and_too_long_parameters() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let url = wiki.authorize_url(&[]);
    let twice = "invalid_request authorize.duplicate_parameter";
    for name in ["scope", "nonce", "response_type", "code_challenge", "code_challenge_method"] {
        assert_eq!(redirected(&wiki, &format!("{url}&{name}=x"), STATE).await, twice, "{name}");
    }
    for name in
        ["prompt", "max_age", "login_hint", "acr_values", "ui_locales", "response_mode", "claims"]
    {
        let url = format!("{url}&{name}=&{name}=");
        assert_eq!(redirected(&wiki, &url, STATE).await, twice, "{name}");
    }
    let long = "invalid_request authorize.parameter_too_long";
    for name in ["scope", "ui_locales", "acr_values", "claims", "nobody_knows"] {
        let value = "openid ".repeat(586);
        let url = wiki.authorize_url(&[(name, Some(&value))]);
        assert_eq!(redirected(&wiki, &url, STATE).await, long, "{name}");
    }
    // A state that cannot be returned is not returned.
    let state = "invalid_request authorize.state_invalid";
    assert_eq!(redirected(&wiki, &format!("{url}&state=other"), None).await, state);
    let endless = wiki.authorize_url(&[("state", Some(&"s".repeat(2049)))]);
    assert_eq!(redirected(&wiki, &endless, None).await, state);
}

#[actix_web::test]
async fn an_unknown_tenant_and_a_suspended_one_are_told_apart_from_a_typing_error_only_by_code() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    let wiki = contoso.application("wiki").await;
    let url = wiki.authorize_url(&[]);
    for other in ["/t/nobody/", "/t/Contoso/", "/t/contoso%00/", "/t/../t/nobody/"] {
        let page = Browser::new().unwrap().get(&url.replace("/t/contoso/", other)).await.unwrap();
        assert_eq!(page.status(), 404, "{other}");
        assert_eq!(page.text("reason-code").as_deref(), Some("tenant.unknown"), "{other}");
        assert!(page.text("trace-id").is_some_and(|trace| trace.len() >= 16), "{other}");
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
    for path in ["/jwks", "/userinfo"] {
        let (status, json) = answer(http().get(format!("{}{path}", contoso.issuer()))).await;
        assert_eq!((status, &json["reason"]), (403, &json!("tenant.suspended")), "{path}");
    }
    for path in ["/authorize", "/login", "/"] {
        let page = Browser::new().unwrap().get(&format!("{}{path}", contoso.issuer())).await;
        let page = page.unwrap();
        assert_eq!(page.status(), 403, "{path}");
        assert_eq!(page.text("reason-code").as_deref(), Some("tenant.suspended"), "{path}");
    }
}
