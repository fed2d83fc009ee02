//! Settings in the words of the standard (RFC 7591 3.2.1).

use serde_json::{Map, Value, json};

use crate::downstream::{Application, ApplicationAuthentication, GrantType};

/// The metadata of an application: all that it registered, and what was chosen for it.
pub(crate) fn write(application: &Application) -> Map<String, Value> {
    let settings = &application.settings;
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !nothing {
            fields.insert(name.to_owned(), value);
        }
    };
    let with_code = settings.grant_types.contains(&GrantType::AuthorizationCode);
    put("client_id", json!(application.id));
    put("client_name", json!(application.display_name));
    put("redirect_uris", json!(settings.redirect_uris));
    put("response_types", if with_code { json!(["code"]) } else { Value::Null });
    put("grant_types", json!(settings.grant_types));
    put("application_type", json!(settings.application_type));
    put("token_endpoint_auth_method", json!(method(application)));
    put("jwks", json!(settings.jwks));
    put("jwks_uri", json!(settings.jwks_uri));
    put("post_logout_redirect_uris", json!(settings.post_logout_redirect_uris));
    put("initiate_login_uri", json!(settings.initiate_login_uri));
    put("subject_type", json!(settings.subject_type));
    put("sector_identifier_uri", json!(settings.sector_identifier_uri));
    put("id_token_signed_response_alg", json!(settings.id_token_algorithm));
    put("userinfo_signed_response_alg", json!(settings.userinfo_algorithm));
    put("backchannel_logout_uri", json!(settings.backchannel_logout_uri));
    put("backchannel_logout_session_required", json!(settings.backchannel_logout_uri.is_some()));
    put("frontchannel_logout_uri", json!(settings.frontchannel_logout_uri));
    put("frontchannel_logout_session_required", json!(settings.frontchannel_logout_session));
    put("client_uri", json!(settings.client_uri));
    put("logo_uri", json!(settings.logo_uri));
    put("policy_uri", json!(settings.policy_uri));
    put("tos_uri", json!(settings.tos_uri));
    put("contacts", json!(settings.contacts));
    put("default_max_age", json!(settings.default_max_age));
    put("default_acr_values", json!(settings.default_acr_values));
    // Every ID token has it.
    put("require_auth_time", json!(true));
    put("require_pushed_authorization_requests", json!(settings.must_push()));
    put("require_signed_request_object", json!(settings.require_signed_requests));
    put("dpop_bound_access_tokens", json!(settings.must_bind_tokens()));
    fields
}

fn method(application: &Application) -> &'static str {
    match application.settings.authentication {
        ApplicationAuthentication::PrivateKeyJwt => "private_key_jwt",
        _ if application.secret.is_none() => "none",
        ApplicationAuthentication::SecretPost => "client_secret_post",
        ApplicationAuthentication::Secret | ApplicationAuthentication::SecretBasic => {
            "client_secret_basic"
        }
    }
}
