//! The table of rules: each refuses alone, in the place where it may; nothing here needs a database.

use symbolon_contract::{ApplicationId, ReasonCode};

use super::*;
use crate::downstream::{ApplicationSecretHash, DownstreamResponse, OpenidSettings, RedirectUri};

mod any_input;

const CALLBACK: &str = "https://wiki.example/callback";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn application() -> Application {
    let settings = OpenidSettings::new(vec![
        RedirectUri::parse(CALLBACK).unwrap(),
        RedirectUri::parse("https://wiki.example/other?tab=1").unwrap(),
    ]);
    Application {
        secret: Some(ApplicationSecretHash::of("secret")),
        ..Application::new(ApplicationId::parse("wiki").unwrap(), settings)
    }
}

fn good() -> Vec<(String, String)> {
    [
        ("response_type", "code"),
        ("client_id", "wiki"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile"),
        ("state", "s-1"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// The good request with one parameter replaced, or added when it is not among them.
fn with(name: &str, value: impl Into<String>) -> Vec<(String, String)> {
    let mut pairs = without(name);
    pairs.push((name.to_owned(), value.into()));
    pairs
}

fn without(name: &str) -> Vec<(String, String)> {
    let mut pairs = good();
    pairs.retain(|(key, _)| key != name);
    pairs
}

fn also(name: &str, value: &str) -> Vec<(String, String)> {
    let mut pairs = good();
    pairs.push((name.to_owned(), value.to_owned()));
    pairs
}

fn checked(pairs: Vec<(String, String)>) -> Result<AuthorizationRequest, AuthorizeRefusal> {
    check(&Parameters::new(pairs), Some(&application()))
}

#[test]
fn the_good_request_is_read_whole() {
    let mut pairs = good();
    for (name, value) in [
        ("scope", "email unknown openid email"),
        ("prompt", "login select_account"),
        ("max_age", "0"),
        ("login_hint", "alice@contoso.example"),
        ("acr_values", "gold silver"),
        ("connector", "work"),
        ("foreign", "ignored"),
    ] {
        pairs.retain(|(key, _)| key != name);
        pairs.push((name.into(), value.into()));
    }
    let request = checked(pairs).unwrap();
    assert_eq!(request.redirect_uri.as_str(), CALLBACK);
    assert_eq!(request.scopes, ["email", "openid"]);
    assert_eq!(request.state.as_deref(), Some("s-1"));
    assert_eq!(request.nonce.as_deref(), Some("n-1"));
    assert_eq!(request.code_challenge.as_deref(), Some(CHALLENGE));
    assert!(request.prompt.login && request.prompt.select_account && !request.prompt.none);
    assert_eq!(request.max_age, Some(0));
    assert_eq!(request.login_hint.as_deref(), Some("alice@contoso.example"));
    assert_eq!(request.acr_values, ["gold", "silver"]);
    assert_eq!(request.connector_hint.as_deref(), Some("work"));
}

fn page(pairs: Vec<(String, String)>, application: Option<&Application>) -> ReasonCode {
    let sent = format!("{pairs:?}");
    match check(&Parameters::new(pairs), application) {
        Err(AuthorizeRefusal::Page(error)) => error.reason,
        other => panic!("{sent}: {other:?}"),
    }
}

#[test]
fn d1_while_nobody_can_be_trusted_with_a_redirect_the_refusal_is_a_page() {
    use ReasonCode as R;
    let mut disabled = application();
    disabled.active = false;
    let known = application();
    let (known, disabled) = (Some(&known), Some(&disabled));
    for (pairs, application, expected) in [
        (without("client_id"), known, R::ApplicationUnknown),
        (with("client_id", ""), known, R::ApplicationUnknown),
        (good(), None, R::ApplicationUnknown),
        (good(), disabled, R::ApplicationDisabled),
        (also("client_id", "wiki"), known, R::AuthorizeDuplicateParameter),
        (also("redirect_uri", CALLBACK), known, R::AuthorizeDuplicateParameter),
        (without("redirect_uri"), known, R::AuthorizeRedirectUriMissing),
        (with("redirect_uri", ""), known, R::AuthorizeRedirectUriMissing),
    ] {
        assert_eq!(page(pairs, application), expected);
    }
}

#[test]
fn b7_what_another_parser_might_call_the_same_address_is_another_one() {
    for uri in [
        "https://wiki.example/callback/",
        "https://wiki.example/Callback",
        "http://wiki.example/callback",
        "https://wiki.example/callback?x=1",
        "https://wiki.example/%63allback",
        "https://wiki.example:443/callback",
        "https://wiki.example/a/../callback",
        "https://wiki.example/callback#",
        "https://WIKI.example/callback",
        " https://wiki.example/callback",
        "https://evil.example/callback",
    ] {
        let refused = page(with("redirect_uri", uri), Some(&application()));
        assert_eq!(refused, ReasonCode::AuthorizeRedirectUriMismatch, "{uri}");
    }
}

#[test]
fn b7_a_near_miss_of_the_redirect_uri_is_explained() {
    for (sent, hint) in [
        ("https://wiki.example/callback/", "trailing slash"),
        ("https://wiki.example/CALLBACK", "upper and lower case"),
        ("http://wiki.example/callback", "http and https"),
        ("https://wiki.example/callback ", "blanks"),
    ] {
        let Err(AuthorizeRefusal::Page(error)) = checked(with("redirect_uri", sent)) else {
            panic!("{sent} was accepted");
        };
        assert!(error.detail.contains(hint), "{}", error.detail);
    }
}

/// One parameter set to a bad value each.
const BAD_VALUES: [(&str, &str, ReasonCode); 18] = {
    use ReasonCode as R;
    [
        ("response_type", "", R::AuthorizeResponseTypeMissing),
        ("response_type", "token", R::AuthorizeResponseTypeUnsupported),
        ("response_type", "code id_token", R::AuthorizeResponseTypeUnsupported),
        ("response_mode", "fragment", R::AuthorizeResponseModeUnsupported),
        ("response_mode", "QUERY", R::AuthorizeResponseModeUnsupported),
        ("scope", "", R::AuthorizeScopeInvalid),
        ("scope", "profile", R::AuthorizeScopeInvalid),
        ("scope", "openid\u{7f}", R::AuthorizeScopeInvalid),
        ("scope", "openid \"x\"", R::AuthorizeScopeInvalid),
        ("code_challenge_method", "plain", R::AuthorizePkceMethodRefused),
        ("prompt", "none login", R::AuthorizePromptInvalid),
        ("prompt", "create", R::AuthorizePromptInvalid),
        ("max_age", "-1", R::AuthorizeMaxAgeInvalid),
        ("max_age", "+1", R::AuthorizeMaxAgeInvalid),
        ("max_age", "1.5", R::AuthorizeMaxAgeInvalid),
        ("max_age", "4294967296", R::AuthorizeMaxAgeInvalid),
        ("request", "x", R::AuthorizeRequestObjectUnsupported),
        ("request_uri", "https://x", R::AuthorizeRequestUriUnsupported),
    ]
};

fn told(pairs: Vec<(String, String)>) -> ReasonCode {
    let sent = format!("{pairs:.200?}");
    match checked(pairs) {
        Err(AuthorizeRefusal::Redirect { error, answer_to }) => {
            assert_eq!(answer_to.redirect_uri.as_str(), CALLBACK, "{sent}");
            error.reason
        }
        other => panic!("{sent}: {other:?}"),
    }
}

#[test]
fn each_rule_alone_refuses_a_bad_value_and_tells_the_application() {
    for (name, value, expected) in BAD_VALUES {
        assert_eq!(told(with(name, value)), expected, "{name}={value}");
    }
}

#[test]
fn each_rule_alone_refuses_what_is_missing_repeated_or_too_long() {
    use ReasonCode as R;
    let long = |name: &str, length: usize| with(name, "a".repeat(length));
    for (pairs, expected) in [
        (without("response_type"), R::AuthorizeResponseTypeMissing),
        (without("scope"), R::AuthorizeScopeInvalid),
        (without("code_challenge"), R::AuthorizePkceMissing),
        (without("code_challenge_method"), R::AuthorizePkceMethodRefused),
        (long("code_challenge", 42), R::AuthorizePkceMethodRefused),
        (long("code_challenge", 44), R::AuthorizePkceMethodRefused),
        (with("code_challenge", "+".repeat(43)), R::AuthorizePkceMethodRefused),
        (long("nonce", 513), R::AuthorizeNonceInvalid),
        (long("state", 2049), R::AuthorizeStateInvalid),
        (long("login_hint", 4097), R::AuthorizeParameterTooLong),
        (also("state", "s-2"), R::AuthorizeStateInvalid),
        (also("nonce", "n-1"), R::AuthorizeDuplicateParameter),
        (also("scope", "openid"), R::AuthorizeDuplicateParameter),
    ] {
        assert_eq!(told(pairs), expected);
    }
}

#[test]
fn edges_that_still_pass() {
    for pairs in [
        without("state"),
        without("nonce"),
        with("state", "a".repeat(2048)),
        with("nonce", "a".repeat(512)),
        with("login_hint", "a".repeat(4096)),
        with("max_age", "4294967295"),
        with("prompt", ""),
        with("prompt", "none"),
        with("redirect_uri", "https://wiki.example/other?tab=1"),
    ] {
        let sent = format!("{pairs:.200?}");
        assert!(checked(pairs).is_ok(), "{sent}");
    }
}

#[test]
fn r05_pkce_is_forgiven_only_to_applications_with_a_secret_that_may() {
    let mut pairs = without("code_challenge");
    pairs.retain(|(name, _)| name != "code_challenge_method");
    let plain = Parameters::new(pairs);
    let lone_method = Parameters::new(without("code_challenge"));
    let mut lenient = application();
    lenient.settings.require_pkce = false;
    assert!(check(&plain, Some(&lenient)).is_ok());
    assert!(check(&lone_method, Some(&lenient)).is_err());
    lenient.secret = None;
    assert!(check(&plain, Some(&lenient)).is_err());
}

#[test]
fn a_refusal_is_answered_in_the_mode_and_with_the_state_that_were_asked() {
    let mut pairs = with("prompt", "create");
    pairs.push(("response_mode".into(), "form_post".into()));
    let Err(AuthorizeRefusal::Redirect { error, answer_to }) = checked(pairs) else {
        panic!("accepted");
    };
    let DownstreamResponse::FormPost { action, fields } =
        answer_error(&answer_to, "https://id.example/t/a", error)
    else {
        panic!("not a form");
    };
    assert_eq!(action, CALLBACK);
    let field = |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(field("state"), Some("s-1"));
    assert_eq!(field("iss"), Some("https://id.example/t/a"));
    assert_eq!(field("error"), Some("invalid_request"));
    assert_eq!(field("code"), None);
}

#[test]
fn an_answer_is_appended_to_the_registered_text_and_its_query() {
    let to = |pairs| checked(pairs).unwrap().answer_address();
    let url = |to: &request::AnswerAddress| match answer(
        to,
        "https://i",
        AuthorizeAnswer::Code("c d".into()),
    ) {
        DownstreamResponse::Redirect { url } => url,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        url(&to(good())),
        "https://wiki.example/callback?code=c+d&state=s-1&iss=https%3A%2F%2Fi"
    );
    let with_query = to(with("redirect_uri", "https://wiki.example/other?tab=1"));
    assert!(url(&with_query).starts_with("https://wiki.example/other?tab=1&code=c+d&"));
}
