//! The world of a test: a broker with a clock that stands still, one upstream, as many tenants as wanted.
//!
//! `broker` sets the scene, `tenant` and `application` are what a test talks to, `mapping` about its rules,
//! `login` is how a sign-in ended, `wire` plays an application by hand. It owns no rule: what should happen is
//! said by the tests.

mod application;
mod broker;
mod entra;
mod login;
mod mapping;
mod platform;
mod saml;
mod sign_out;
mod tenant;
mod wire;

pub(crate) use application::TestApplication;
pub(crate) use broker::{CONNECTOR, TestBroker, UPSTREAM_SECRET, caller, settings};
pub(crate) use entra::{
    ADMINS, ALICE, APP, CONTOSO, ENTRA, EntraWorld, FABRIKAM, SECRET, VIEWERS, group_rules, rules,
};
pub(crate) use login::{Login, refused_then_fine};
pub(crate) use mapping::{component, target, unsigned, version};
pub(crate) use platform::PlatformDesk;
pub(crate) use saml::{Posted, SAML, SamlWorld};
pub(crate) use sign_out::STATE;
pub(crate) use tenant::{TestTenant, oidc_settings};
pub(crate) use wire::{VERIFIER, answer, http, parameter, post_form};
