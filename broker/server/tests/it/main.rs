//! Sign-ins as people and applications see them: the real server on loopback, a provider and an
//! application from the testkit, a browser without scripts. One binary, because each links the program.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot set its scene has failed"
)]

mod aliases;
mod api;
mod application_consent;
mod application_sign_out;
mod applications_told;
mod authorize;
mod authorize_answer;
mod callback;
mod cli;
mod connector_options;
mod connector_secrets;
mod connector_status;
mod connector_versions;
mod connector_watch;
mod consent;
mod cors;
mod crossing_logout;
mod device;
mod downstream;
mod entra;
mod front_channel;
mod grants;
mod host;
mod hostile_upstream;
mod how_to;
mod id_token;
mod landing;
mod linking;
mod loop_guard;
mod mapping_failures;
mod mapping_lifecycle;
mod mapping_lifecycle_plugins;
mod mapping_lifecycle_replay;
mod mapping_lifecycle_shadow;
mod mapping_release;
mod mapping_remote;
mod mapping_swap;
mod oidc_groups;
mod oidcc;
mod pages;
mod platform;
mod platform_device;
mod platform_operator;
mod plugins;
mod profile;
mod provisioning;
mod pushed_requests;
mod rate_limits;
mod recorded_sign_ins;
mod request_objects;
mod saml_connection;
mod saml_idp_initiated;
mod saml_logout;
mod saml_metadata;
mod saml_refusals;
mod saml_replay;
mod saml_setup;
mod saml_sign_in;
mod saml_vendors;
mod sessions;
mod sign_in;
mod sign_out;
mod subjects;
mod tenants;
mod test_sign_in;
mod tls;
mod token;
mod userinfo;
mod world;
