//! Sign-ins as people and applications see them: the real server on loopback, a provider and an
//! application from the testkit, a browser without scripts. One binary, because each links the program.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its scene has failed")]

mod authorize;
mod downstream;
mod callback;
mod hostile_upstream;
mod plugins;
mod provisioning;
mod sign_in;
mod tenants;
mod world;
