//! The tables as diesel sees them, kept by hand, once for both backends; those of the plugin platform and of
//! the OpenID Provider in files of their own. A test compares all with both migrated databases, so they cannot drift (code-style DB-T6).

pub(crate) use crate::mapping_schema::{
    library_plugins, mapping_cases, mapping_history, mapping_states, plugins, recorded_sign_ins,
    tenant_library,
};
pub(crate) use crate::openid_schema::{
    consents, device_authorizations, logout_deliveries, refresh_tokens, service_tokens,
    token_families,
};

diesel::table! {
    tenants (id) {
        id -> Text,
        slug -> Text,
        display_name -> Text,
        status -> Text,
        settings -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    tenant_domains (tenant_id, domain) {
        tenant_id -> Text,
        domain -> Text,
        verified_at -> Nullable<Timestamp>,
        connector_id -> Nullable<Text>,
    }
}

diesel::table! {
    data_keys (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        wrapped -> Text,
        master_key_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sealed_secrets (tenant_id, purpose, owner) {
        tenant_id -> Text,
        purpose -> Text,
        owner -> Text,
        sealed -> Text,
        hint -> Nullable<Text>,
        expires_at -> Nullable<Timestamp>,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    signing_keys (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        algorithm -> Text,
        state -> Text,
        public_jwk -> Text,
        sealed_private -> Text,
        created_at -> Timestamp,
        activated_at -> Nullable<Timestamp>,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    connectors (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        kind -> Text,
        display_name -> Text,
        mode -> Text,
        settings -> Text,
        settings_version -> Integer,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    connector_versions (tenant_id, connector_id, version) {
        tenant_id -> Text,
        connector_id -> Text,
        version -> Integer,
        settings -> Text,
        author -> Text,
        note -> Nullable<Text>,
        created_at -> Timestamp,
        tested_at -> Nullable<Timestamp>,
        test_outcome -> Nullable<Text>,
    }
}

diesel::table! {
    connector_health (tenant_id, connector_id) {
        tenant_id -> Text,
        connector_id -> Text,
        state -> Text,
        checked_at -> Nullable<Timestamp>,
        report -> Nullable<Text>,
        credential_checked_at -> Nullable<Timestamp>,
        credential_expires_at -> Nullable<Timestamp>,
        warned_days -> Nullable<Integer>,
        last_error -> Nullable<Text>,
        last_success_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    upstream_documents (tenant_id, connector_id) {
        tenant_id -> Text,
        connector_id -> Text,
        settings_version -> Integer,
        content -> Nullable<Text>,
        fetched_at -> Nullable<Timestamp>,
        valid_until -> Nullable<Timestamp>,
        checked_at -> Timestamp,
        failure -> Nullable<Text>,
    }
}

diesel::table! {
    callback_aliases (path) {
        path -> Text,
        tenant_id -> Text,
        connector_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    test_sign_ins (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        connector_id -> Text,
        result -> Nullable<Text>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    roles (tenant_id, name) {
        tenant_id -> Text,
        name -> Text,
        description -> Text,
        grantable_by_mapping -> Bool,
    }
}

diesel::table! {
    users (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        status -> Text,
        email -> Nullable<Text>,
        email_normalised -> Nullable<Text>,
        email_verified -> Bool,
        display_name -> Nullable<Text>,
        username -> Nullable<Text>,
        metadata -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        last_sign_in_at -> Nullable<Timestamp>,
        version -> Integer,
    }
}

diesel::table! {
    identity_links (tenant_id, connector_id, issuer, subject) {
        tenant_id -> Text,
        connector_id -> Text,
        issuer -> Text,
        subject -> Text,
        user_id -> Text,
        created_at -> Timestamp,
        last_sign_in_at -> Nullable<Timestamp>,
        upstream_sub -> Nullable<Text>,
        groups -> Nullable<Text>,
        groups_at -> Nullable<Timestamp>,
        mapped_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    role_grants (tenant_id, user_id, role, source_kind, source) {
        tenant_id -> Text,
        user_id -> Text,
        role -> Text,
        source_kind -> Text,
        source -> Text,
        plugin_digest -> Nullable<Text>,
        mapping_version -> Nullable<Integer>,
        because -> Nullable<Text>,
        granted_at -> Timestamp,
    }
}

diesel::table! {
    sessions (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        secret_hash -> Text,
        user_id -> Text,
        connector_id -> Text,
        application_id -> Nullable<Text>,
        upstream_sid -> Nullable<Text>,
        upstream_logout_hint -> Nullable<Text>,
        upstream_subject -> Nullable<Text>,
        acr -> Nullable<Text>,
        amr -> Text,
        authenticated_at -> Timestamp,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        idle_expires_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    session_applications (tenant_id, session_id, application_id) {
        tenant_id -> Text,
        session_id -> Text,
        application_id -> Text,
        first_used_at -> Timestamp,
        last_used_at -> Timestamp,
    }
}

diesel::table! {
    applications (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        display_name -> Text,
        protocol -> Text,
        status -> Text,
        settings -> Text,
        secret_hash -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        registration_hash -> Nullable<Text>,
        platform -> Bool,
    }
}

diesel::table! {
    login_attempts (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        browser_hash -> Text,
        stage -> Text,
        data -> Text,
        failures -> Integer,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        version -> Integer,
    }
}

diesel::table! {
    single_use (tenant_id, kind, value_hash) {
        tenant_id -> Text,
        kind -> Text,
        value_hash -> Text,
        payload -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        consumed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    access_tokens (tenant_id, token_hash) {
        tenant_id -> Text,
        token_hash -> Text,
        application_id -> Text,
        user_id -> Text,
        session_id -> Nullable<Text>,
        scope -> Text,
        code_hash -> Nullable<Text>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        family_id -> Nullable<Text>,
        resources -> Nullable<Text>,
        dpop_jkt -> Nullable<Text>,
        claims -> Nullable<Text>,
    }
}

diesel::table! {
    api_keys (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        name -> Text,
        secret_hash -> Text,
        scopes -> Text,
        created_by -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    access_requests (tenant_id, connector_id, issuer, subject) {
        tenant_id -> Text,
        connector_id -> Text,
        issuer -> Text,
        subject -> Text,
        email -> Nullable<Text>,
        display_name -> Nullable<Text>,
        first_seen_at -> Timestamp,
        last_seen_at -> Timestamp,
        times -> Integer,
    }
}

diesel::table! {
    audit_events (tenant_id, seq) {
        tenant_id -> Text,
        seq -> BigInt,
        id -> Text,
        time -> Timestamp,
        event_type -> Text,
        outcome -> Text,
        reason -> Nullable<Text>,
        connector_id -> Nullable<Text>,
        application_id -> Nullable<Text>,
        actor -> Text,
        target -> Text,
        details -> Text,
        trace_id -> Text,
        session_id -> Nullable<Text>,
        prev_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    audit_heads (tenant_id) {
        tenant_id -> Text,
        seq -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        expires_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(users, identity_links);
