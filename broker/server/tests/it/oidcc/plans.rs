//! The Basic and the Form Post plan: the same modules, which differ in how the answer travels (`oidcc-basic-…`,
//! `oidcc-formpost-basic-…`). What each asks stands in the file that is named before it.

macro_rules! modules {
    ($($file:ident: $($name:ident),* ;)*) => {
        modules! { @plan basic "query" $($($file $name)*)* }
        modules! { @plan form_post "form_post" $($($file $name)*)* }
    };
    (@plan $plan:ident $mode:literal $($file:ident $name:ident)*) => {
        mod $plan {
            $(
                #[actix_web::test]
                async fn $name() {
                    super::super::$file::$name($mode).await;
                }
            )*
        }
    };
}

modules![
    authorization:
        oidcc_server,
        oidcc_response_type_missing,
        oidcc_idtoken_unsigned,
        oidcc_ensure_request_without_nonce_succeeds_for_code_flow,
        oidcc_alternate_happy_flow,
        oidcc_display_page,
        oidcc_display_popup,
        oidcc_ui_locales,
        oidcc_claims_locales,
        oidcc_login_hint,
        oidcc_ensure_request_with_acr_values_succeeds,
        oidcc_ensure_request_with_unknown_parameter_succeeds,
        oidcc_ensure_request_with_valid_pkce_succeeds,
        oidcc_claims_essential,
        oidcc_prompt_login,
        oidcc_prompt_none_logged_in,
        oidcc_prompt_none_not_logged_in,
        oidcc_max_age_1,
        oidcc_max_age_10000,
        oidcc_id_token_hint,
        oidcc_ensure_registered_redirect_uri,
        oidcc_ensure_post_request_succeeds,
        oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported,
        oidcc_ensure_request_object_with_redirect_uri,
        oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported;
    codes:
        oidcc_codereuse,
        oidcc_codereuse_30seconds,
        oidcc_refresh_token,
        oidcc_server_client_secret_post;
    dynamic:
        oidcc_idtoken_signature;
    scopes:
        oidcc_scope_profile,
        oidcc_scope_email,
        oidcc_scope_address,
        oidcc_scope_phone,
        oidcc_scope_all;
    userinfo:
        oidcc_userinfo_get,
        oidcc_userinfo_post_header,
        oidcc_userinfo_post_body;
];
