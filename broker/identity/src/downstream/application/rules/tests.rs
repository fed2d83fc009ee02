//! Each rule by an example that breaks it.

use serde_json::{Value, json};
use url::Url;

use super::problems;
use crate::downstream::{
    ApplicationAuthentication, GrantType, OpenidSettings, RedirectUri, SecurityProfile, SubjectType,
};

fn good() -> OpenidSettings {
    OpenidSettings::new(vec![RedirectUri::parse("https://app.example/cb").unwrap()])
}

/// The fields that are named as wrong after a change.
fn wrong(change: impl FnOnce(&mut OpenidSettings)) -> Vec<String> {
    let mut settings = good();
    change(&mut settings);
    let found = problems(&settings, false);
    found.iter().filter_map(|one| one.split(':').next()).map(str::to_owned).collect()
}

/// After JSON was laid over good settings.
fn wrong_json(mut over: Value) -> Vec<String> {
    let mut value = json!(good());
    value.as_object_mut().unwrap().append(over.as_object_mut().unwrap());
    let settings = serde_json::from_value(value).unwrap();
    let found = problems(&settings, false);
    found.iter().filter_map(|one| one.split(':').next()).map(str::to_owned).collect()
}

#[test]
fn what_fits_together_has_no_problem() {
    assert_eq!(problems(&good(), false), Vec::<String>::new());
    assert_eq!(problems(&good(), true), Vec::<String>::new());
}

#[test]
fn r_25_grants_and_what_they_need() {
    assert_eq!(wrong(|app| app.grant_types.clear()), ["grant_types"]);
    assert_eq!(wrong(|app| app.redirect_uris.clear()), ["redirect_uris"]);
    assert_eq!(wrong(|app| app.grant_types = vec![GrantType::RefreshToken]), ["grant_types"]);
    assert_eq!(wrong(|app| app.service_scopes = vec!["jobs".into()]), ["service_scopes"]);
    let service = |app: &mut OpenidSettings| {
        app.redirect_uris.clear();
        app.grant_types = vec![GrantType::ClientCredentials];
        app.service_scopes = vec!["jobs".into()];
    };
    assert_eq!(wrong(service), Vec::<String>::new());
    let mut alone = good();
    service(&mut alone);
    assert_eq!(problems(&alone, true).len(), 1, "a public application proves nothing");
}

#[test]
fn r_08_keys_are_public_and_from_one_place() {
    let by_key = json!("private_key_jwt");
    let key = json!({"kty": "EC", "crv": "P-256", "x": "x", "y": "y"});
    let mut lost = key.clone();
    lost["d"] = json!("private");
    let uri = json!("https://app.example/jwks");
    let cases = [
        (json!({"authentication": by_key}), vec!["authentication"]),
        (json!({"authentication": by_key, "jwks": {"keys": [key]}}), vec![]),
        (json!({"authentication": by_key, "jwks_uri": uri}), vec![]),
        (json!({"jwks_uri": uri, "jwks": {"keys": [key]}}), vec!["jwks"]),
        (json!({"jwks": {"keys": [lost]}}), vec!["jwks"]),
        (json!({"jwks": {"keys": [{"kty": "oct", "k": "x"}]}}), vec!["jwks"]),
        (json!({"jwks": {"keys": []}}), vec!["jwks"]),
        (json!({"jwks": [key]}), vec!["jwks"]),
        (json!({"jwks_uri": "http://app.example/jwks"}), vec!["jwks_uri"]),
        (json!({"require_signed_requests": true}), vec!["require_signed_requests"]),
    ];
    for (over, fields) in cases {
        assert_eq!(wrong_json(over.clone()), fields, "{over}");
    }
}

#[test]
fn fa_01_the_profile_fapi2_needs_keys_pkce_and_strong_signatures() {
    let all = wrong(|app| {
        app.profile = SecurityProfile::Fapi2;
        app.require_pkce = false;
        app.id_token_algorithm = crate::keys::SigningAlgorithm::Rs256;
        app.userinfo_algorithm = Some(crate::keys::SigningAlgorithm::Rs256);
    });
    assert_eq!(all, ["authentication", "require_pkce", "id_token_algorithm", "userinfo_algorithm"]);
    let fine = wrong(|app| {
        app.profile = SecurityProfile::Fapi2;
        app.authentication = ApplicationAuthentication::PrivateKeyJwt;
        app.jwks_uri = Some(Url::parse("https://app.example/jwks").unwrap());
    });
    assert_eq!(fine, Vec::<String>::new());
}

#[test]
fn dy_07_addresses_are_https_and_have_no_fragment() {
    for name in
        ["backchannel_logout_uri", "client_uri", "logo_uri", "policy_uri", "tos_uri", "jwks_uri"]
    {
        for bad in [
            "http://app.example/x",
            "https://app.example/#x",
            "javascript:alert(1)",
            "https://u@app.example/",
        ] {
            assert_eq!(wrong_json(json!({ name: bad })), [name], "{bad}");
        }
        for good in ["https://app.example/x?y=z", "http://127.0.0.1:9/x", "http://localhost/x"] {
            assert_eq!(wrong_json(json!({ name: good })), Vec::<String>::new(), "{name} {good}");
        }
    }
    for name in ["initiate_login_uri", "frontchannel_logout_uri"] {
        assert_eq!(wrong_json(json!({ name: "https://other.example/x" })), [name]);
        assert_eq!(wrong_json(json!({ name: "https://app.example/x" })), Vec::<String>::new());
    }
    for bad in
        ["https://app.example/", "https://app.example:443", "*", "null", "http://app.example"]
    {
        assert_eq!(wrong_json(json!({ "allowed_origins": [bad] })), ["allowed_origins"], "{bad}");
    }
    assert!(wrong_json(json!({ "allowed_origins": ["https://spa.example:8443"] })).is_empty());
}

#[test]
fn r_30_pairwise_subjects_need_one_sector() {
    let two = json!(["https://a.example/cb", "https://b.example/cb"]);
    let sector = "https://a.example/sector";
    let pairwise = json!({"subject_type": "pairwise", "redirect_uris": two});
    assert_eq!(wrong_json(pairwise.clone()), ["sector_identifier_uri"]);
    let mut named = pairwise;
    named["sector_identifier_uri"] = json!(sector);
    assert!(wrong_json(named).is_empty());
    assert!(wrong(|app| app.subject_type = SubjectType::Pairwise).is_empty());
}

#[test]
fn od_8_no_release_takes_a_name_of_the_protocol() {
    let one = |claim: &str, name: Option<&str>| {
        wrong_json(json!({"release": [{"claim": claim, "name": name, "places": ["userinfo"]}]}))
    };
    for (claim, name) in [
        ("department", Some("sub")),
        ("email", Some("email_verified")),
        ("sub", Some("user_id")),
        ("iss", None),
        ("", None),
    ] {
        assert_eq!(one(claim, name), ["release"], "{claim} as {name:?}");
    }
    for (claim, name) in
        [("roles", None), ("roles", Some("permissions")), ("department", Some("dept"))]
    {
        assert!(one(claim, name).is_empty(), "{claim} as {name:?}");
    }
    let nowhere = json!({"release": [{"claim": "groups", "places": []}]});
    assert_eq!(wrong_json(nowhere), ["release"]);
}

#[test]
fn r_14_resources_scopes_and_lifetimes_are_bounded() {
    let cases = [
        (json!({"resources": [{"identifier": "api"}]}), "resources"),
        (json!({"resources": [{"identifier": "https://api.example/#x"}]}), "resources"),
        (json!({"resources": [{"identifier": "urn:a:b"}, {"identifier": "urn:a:b"}]}), "resources"),
        (json!({"resources": [{"identifier": "urn:a:b", "scopes": ["openid"]}]}), "resources"),
        (json!({"resources": [{"identifier": "urn:a:b", "scopes": ["a b"]}]}), "resources"),
        (json!({"access_token_seconds": 0}), "access_token_seconds"),
        (json!({"access_token_seconds": 90_000}), "access_token_seconds"),
        (json!({"refresh_idle_seconds": 0}), "refresh_idle_seconds"),
        (json!({"refresh_grace_seconds": 61}), "refresh_grace_seconds"),
        (json!({"contacts": ["a\nb"]}), "contacts"),
        (json!({"default_acr_values": ["a b"]}), "default_acr_values"),
    ];
    for (over, field) in cases {
        assert_eq!(wrong_json(over.clone()), [field], "{over}");
    }
}
