//! Whatever is sent: no panic, no answer to an address that nobody registered, equality by bytes.

use proptest::prelude::*;

use super::*;

/// Parameter names that the rules read, and some that they do not.
fn names() -> impl Strategy<Value = String> {
    let known = [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "max_age",
        "login_hint",
        "request",
        "request_uri",
        "acr_values",
        "ui_locales",
        "id_token_hint",
        "connector",
    ];
    prop_oneof![
        8 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => ".{0,12}",
    ]
}

/// Values that get past the first rules often enough, and anything at all.
fn values() -> impl Strategy<Value = String> {
    let likely = [
        "",
        "code",
        "wiki",
        CALLBACK,
        "openid",
        "S256",
        CHALLENGE,
        "query",
        "form_post",
        "none",
        "login",
        "0",
    ];
    prop_oneof![
        4 => prop::sample::select(likely.to_vec()).prop_map(str::to_owned),
        2 => ".{0,40}",
        1 => "\\PC{0,3}".prop_map(|text| text.repeat(1500)),
    ]
}

/// Where a refusal may lead: nowhere as a page, to a registered address as a redirect.
fn leads_only_to_registered_addresses(refusal: &AuthorizeRefusal, sent: &Parameters) -> bool {
    match refusal {
        AuthorizeRefusal::Page(_) => true,
        AuthorizeRefusal::Redirect { answer_to, .. } => {
            let registered = application().settings.redirect_uris;
            registered.contains(&answer_to.redirect_uri)
                && sent.get("redirect_uri") == Some(answer_to.redirect_uri.as_str())
        }
    }
}

proptest! {
    #[test]
    fn no_parameter_list_makes_check_panic_or_answer_elsewhere(
        mut pairs in prop::collection::vec((names(), values()), 0..12),
        base in any::<bool>(),
    ) {
        if base {
            let sent: Vec<String> = pairs.iter().map(|(name, _)| name.clone()).collect();
            pairs.extend(good().into_iter().filter(|(name, _)| !sent.contains(name)));
        }
        let parameters = Parameters::new(pairs);
        match check(&parameters, Some(&application())) {
            Ok(request) => {
                prop_assert_eq!(parameters.get("redirect_uri"), Some(request.redirect_uri.as_str()));
                prop_assert!(request.scopes.iter().any(|scope| scope == "openid"));
                prop_assert!(request.code_challenge.is_some());
            }
            Err(refusal) => {
                prop_assert!(leads_only_to_registered_addresses(&refusal, &parameters));
            }
        }
        // Without an application there is nobody to redirect to.
        let unknown = check(&parameters, None);
        prop_assert!(matches!(unknown, Err(AuthorizeRefusal::Page(_))));
    }

    #[test]
    fn b7_a_redirect_uri_is_accepted_exactly_when_its_bytes_are_the_registered_ones(
        at in 0..=CALLBACK.len(),
        cut in 0..3_usize,
        put in "[ -~\\t\\n\u{e9}\u{200b}%2Fa-c/.]{0,3}",
    ) {
        let end = (at + cut).min(CALLBACK.len());
        let sent = format!("{}{put}{}", &CALLBACK[..at], &CALLBACK[end..]);
        let accepted = checked(with("redirect_uri", sent.clone())).is_ok();
        prop_assert_eq!(accepted, sent == CALLBACK, "{}", sent);
    }
}
