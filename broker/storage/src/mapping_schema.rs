//! The tables of the plugin platform: plugins, mappings, saved cases, recorded sign-ins.
//! `mapping_versions` and `active_mappings` are those of the release before.

diesel::table! {
    plugins (tenant_id, digest) {
        tenant_id -> Text,
        digest -> Text,
        name -> Text,
        component -> Binary,
        created_at -> Timestamp,
        description -> Nullable<Text>,
        class -> Text,
        author -> Nullable<Text>,
        signed_by -> Nullable<Text>,
        inspection -> Nullable<Text>,
    }
}

diesel::table! {
    mapping_versions (tenant_id, connector_id, version) {
        tenant_id -> Text,
        connector_id -> Text,
        version -> Integer,
        plugin_digest -> Text,
        configuration -> Text,
        author -> Text,
        note -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    active_mappings (tenant_id, connector_id) {
        tenant_id -> Text,
        connector_id -> Text,
        version -> Integer,
    }
}

diesel::table! {
    mapping_history (tenant_id, target_kind, target_id, version) {
        tenant_id -> Text,
        target_kind -> Text,
        target_id -> Text,
        version -> Integer,
        plugin_digest -> Text,
        configuration -> Text,
        author -> Text,
        note -> Nullable<Text>,
        created_at -> Timestamp,
        trial -> Nullable<Text>,
    }
}

diesel::table! {
    mapping_states (tenant_id, target_kind, target_id) {
        tenant_id -> Text,
        target_kind -> Text,
        target_id -> Text,
        active_version -> Nullable<Integer>,
        previous_version -> Nullable<Integer>,
        shadow_version -> Nullable<Integer>,
        shadow_until -> Nullable<Timestamp>,
        shadow_runs -> Integer,
        shadow_differences -> Integer,
        policy -> Text,
        failures -> Integer,
        failed_subjects -> Text,
        quarantined_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    library_plugins (digest) {
        digest -> Text,
        name -> Text,
        component -> Binary,
        description -> Nullable<Text>,
        class -> Text,
        inspection -> Nullable<Text>,
        signed_by -> Nullable<Text>,
        created_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    tenant_library (tenant_id, digest) {
        tenant_id -> Text,
        digest -> Text,
        enabled_at -> Timestamp,
        enabled_by -> Text,
    }
}

diesel::table! {
    mapping_cases (tenant_id, target_kind, target_id, name) {
        tenant_id -> Text,
        target_kind -> Text,
        target_id -> Text,
        name -> Text,
        sealed -> Text,
        author -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    recorded_sign_ins (tenant_id, id) {
        tenant_id -> Text,
        id -> Text,
        connector_id -> Text,
        at -> Timestamp,
        trace_id -> Text,
        user_id -> Nullable<Text>,
        outcome -> Text,
        reason -> Nullable<Text>,
        mapping_version -> Nullable<Integer>,
        sealed -> Text,
        expires_at -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(mapping_history, mapping_states);
diesel::joinable!(tenant_library -> library_plugins (digest));
diesel::allow_tables_to_appear_in_same_query!(library_plugins, tenant_library);
