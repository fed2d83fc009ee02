//! The tables of the OpenID Provider as diesel sees them, beside those in `schema`.

diesel::table! {
    token_families (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        application_id -> Text,
        user_id -> Text,
        connector_id -> Text,
        session_id -> Text,
        offline -> Bool,
        scope -> Text,
        resources -> Text,
        claims -> Nullable<Text>,
        authenticated_at -> Timestamp,
        acr -> Nullable<Text>,
        amr -> Text,
        dpop_jkt -> Nullable<Text>,
        code_hash -> Nullable<Text>,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        idle_expires_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        revoked_because -> Nullable<Text>,
    }
}

diesel::table! {
    refresh_tokens (tenant_id, token_hash) {
        tenant_id -> Text,
        token_hash -> Text,
        family_id -> Text,
        created_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    service_tokens (tenant_id, token_hash) {
        tenant_id -> Text,
        token_hash -> Text,
        application_id -> Text,
        scope -> Text,
        resources -> Text,
        dpop_jkt -> Nullable<Text>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    consents (tenant_id, user_id, application_id) {
        tenant_id -> Text,
        user_id -> Text,
        application_id -> Text,
        scopes -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    device_authorizations (tenant_id, device_hash) {
        tenant_id -> Text,
        device_hash -> Text,
        user_code_hash -> Text,
        application_id -> Text,
        scope -> Text,
        resources -> Text,
        state -> Text,
        asked_from -> Nullable<Text>,
        authorization_grant -> Nullable<Text>,
        interval_seconds -> Integer,
        last_polled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    logout_deliveries (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        application_id -> Text,
        session_id -> Text,
        user_id -> Text,
        uri -> Text,
        created_at -> Timestamp,
        attempts -> Integer,
        next_attempt_at -> Timestamp,
        expires_at -> Timestamp,
        delivered_at -> Nullable<Timestamp>,
        failed_at -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
    }
}
