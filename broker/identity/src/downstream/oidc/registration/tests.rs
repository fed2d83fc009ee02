//! Metadata by example: what is taken, what is refused, by which error.

use serde_json::{Map, Value, json};
use symbolon_contract::{ApplicationId, ReasonCode};

use super::{read, write};
use crate::downstream::Application;

fn fields(over: &Value) -> Map<String, Value> {
    let mut all = json!({ "redirect_uris": ["https://app.example/cb"] });
    for (name, value) in over.as_object().unwrap() {
        all[name] = value.clone();
    }
    all.as_object().unwrap().clone()
}

fn refused(over: &Value) -> (ReasonCode, String) {
    let error = read(&fields(over)).unwrap_err();
    (error.reason, error.detail.split(':').next().unwrap().to_owned())
}

/// What is told of what was registered.
fn echoed(over: &Value) -> Map<String, Value> {
    let metadata = read(&fields(over)).unwrap();
    let id = ApplicationId::parse("app").unwrap();
    write(&Application::new(id, metadata.settings))
}

#[test]
fn r_28_the_least_registration_gets_the_defaults_of_the_standard() {
    let metadata = read(&fields(&json!({}))).unwrap();
    assert!(!metadata.public && metadata.settings.third_party);
    let told = echoed(&json!({ "unknown_field": {"x": 1}, "client_name#ja": "x" }));
    assert_eq!(told["grant_types"], json!(["authorization_code"]));
    assert_eq!(told["response_types"], json!(["code"]));
    assert_eq!(told["id_token_signed_response_alg"], "RS256", "OpenID Registration 2");
    assert_eq!(told["application_type"], "web");
    assert_eq!((&told["subject_type"], told.get("unknown_field")), (&json!("public"), None));
}

#[test]
fn r_28_what_was_registered_is_told_again() {
    let all = json!({
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "native",
        "contacts": ["ada@app.example"],
        "logo_uri": "https://app.example/logo.png",
        "policy_uri": "https://app.example/policy",
        "tos_uri": "https://app.example/tos",
        "client_uri": "https://app.example/",
        "initiate_login_uri": "https://app.example/start",
        "jwks_uri": "https://app.example/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "RS256",
        "subject_type": "pairwise",
        "default_max_age": 60,
        "default_acr_values": ["urn:acr:1"],
        "require_auth_time": true,
        "post_logout_redirect_uris": ["https://app.example/out"],
        "backchannel_logout_uri": "https://app.example/back",
        "frontchannel_logout_uri": "https://app.example/front",
        "frontchannel_logout_session_required": true,
        "require_pushed_authorization_requests": true,
        "dpop_bound_access_tokens": true,
    });
    let told = echoed(&all);
    for (name, value) in all.as_object().unwrap() {
        assert_eq!(&told[name], value, "{name}");
    }
}

#[test]
fn od_11_dy_15_what_is_not_offered_is_refused_by_its_name() {
    let metadata = ReasonCode::RegistrationMetadataInvalid;
    let cases = [
        (json!({"response_types": ["id_token token"]}), "response_types"),
        (json!({"response_types": ["code", "token"]}), "response_types"),
        (json!({"response_types": []}), "response_types"),
        (json!({"grant_types": ["implicit"]}), "grant_types"),
        (json!({"grant_types": ["authorization_code", "password"]}), "grant_types"),
        (json!({"token_endpoint_auth_method": "client_secret_jwt"}), "token_endpoint_auth_method"),
        (json!({"token_endpoint_auth_method": "tls_client_auth"}), "token_endpoint_auth_method"),
        (json!({"id_token_signed_response_alg": "none"}), "id_token_signed_response_alg"),
        (json!({"id_token_signed_response_alg": "HS256"}), "id_token_signed_response_alg"),
        (json!({"request_object_signing_alg": "none"}), "request_object_signing_alg"),
        (json!({"userinfo_encrypted_response_alg": "RSA-OAEP"}), "userinfo_encrypted_response_alg"),
        (json!({"initiate_login_uri": "http://localhost/start"}), "initiate_login_uri"),
        (json!({"subject_type": "private"}), "subject_type"),
        (json!({"default_max_age": "1"}), "default_max_age"),
        (json!({"logo_uri": "logo.png"}), "logo_uri"),
        (json!({"contacts": "ada"}), "contacts"),
        (json!({"client_name": ["x"]}), "client_name"),
        (json!({"dpop_bound_access_tokens": "yes"}), "dpop_bound_access_tokens"),
    ];
    for (over, field) in cases {
        assert_eq!(refused(&over), (metadata, field.to_owned()), "{over}");
    }
}

#[test]
fn dy_07_redirect_uris_have_an_error_of_their_own() {
    let reason = ReasonCode::RegistrationRedirectUriInvalid;
    for bad in ["https://app.example/cb#frag", "http://app.example/cb", "javascript:alert(1)", "x"]
    {
        let over = json!({ "redirect_uris": [bad] });
        assert_eq!(refused(&over), (reason, "redirect_uris".to_owned()), "{bad}");
    }
}
