//! The discovery document of a tenant (OpenID Discovery 3, RFC 8414 2).

use serde_json::{Map, Value, json};

use super::SCOPES;
use super::jose::ProofAlgorithm;
use crate::downstream::GrantType;
use crate::keys::SigningAlgorithm;

/// What the platform's issuer does: an application that speaks for itself names no tenant.
const GRANTS_AT_PLATFORM: [GrantType; 3] =
    [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::DeviceCode];

/// The document of the platform's issuer. Its tokens name the tenant.
#[must_use]
pub fn of_platform(public_url: &str) -> Value {
    let mut document = document(public_url);
    let Some(members) = document.as_object_mut() else {
        return document;
    };
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("grant_types_supported", json!(GRANTS_AT_PLATFORM.map(GrantType::as_str)));
    put("device_authorization_endpoint", json!(format!("{public_url}/device_authorization")));
    if let Some(claims) = members.get_mut("claims_supported").and_then(Value::as_array_mut) {
        claims.push(json!("tenant"));
    }
    document
}

/// The document. It names nothing that is not built.
#[must_use]
pub fn document(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}/{path}");
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "pushed_authorization_request_endpoint": at("par"),
        "jwks_uri": at("jwks"),
        "end_session_endpoint": at("end_session"),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "scopes_supported": SCOPES.into_iter().chain(["offline_access"]).collect::<Vec<_>>(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": SigningAlgorithm::ALL.map(SigningAlgorithm::as_str),
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash",
            "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile",
            "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at", "email",
            "email_verified", "address", "phone_number", "phone_number_verified", "roles"
        ],
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_object_signing_alg_values_supported": ProofAlgorithm::names(&ProofAlgorithm::OAUTH),
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    });
    if let Some(members) = document.as_object_mut() {
        members.extend(for_applications(issuer));
    }
    document
}

/// The document of a tenant's own provider, which lets devices in and, where the tenant wants it, lets
/// applications register themselves.
#[must_use]
pub fn tenant_document(issuer: &str, registration: bool) -> Value {
    let mut document = document(issuer);
    if let Some(members) = document.as_object_mut() {
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        put("grant_types_supported", json!(GrantType::ALL.map(GrantType::as_str)));
        put("device_authorization_endpoint", json!(format!("{issuer}/device_authorization")));
        if registration {
            put("registration_endpoint", json!(format!("{issuer}/register")));
        }
    }
    document
}

/// What applications ask for by themselves, and how they prove who they are.
fn for_applications(issuer: &str) -> Map<String, Value> {
    let confidential = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
    let methods = [confidential.as_slice(), &["none"]].concat();
    let signed = ProofAlgorithm::names(&ProofAlgorithm::OAUTH);
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("revocation_endpoint", json!(format!("{issuer}/revoke")));
    put("introspection_endpoint", json!(format!("{issuer}/introspect")));
    for endpoint in ["token", "revocation"] {
        put(&format!("{endpoint}_endpoint_auth_methods_supported"), json!(methods));
    }
    put("introspection_endpoint_auth_methods_supported", json!(confidential));
    for endpoint in ["token", "revocation", "introspection"] {
        put(&format!("{endpoint}_endpoint_auth_signing_alg_values_supported"), json!(signed));
    }
    let proofs = ProofAlgorithm::names(&ProofAlgorithm::FAPI);
    put("dpop_signing_alg_values_supported", json!(proofs));
    let ours = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str);
    put("userinfo_signing_alg_values_supported", json!(ours));
    members
}
