//! What the OpenID Foundation's conformance suite asks, a test a module: `oidcc-x-y` is `oidcc_x_y`, in small letters
//! (openid-provider.md 2 to 5). One file a plan, or what several plans ask of one thing. The modules are listed in
//! docs/src/reference/openid-conformance.md, and each has its test.

mod assertions;
mod authorization;
mod back_channel;
mod codes;
mod discovery;
mod dynamic;
mod fapi2;
mod flow;
mod front_channel;
mod plans;
mod proofs;
mod published_keys;
mod robot;
mod rotate_keys;
mod rp_initiated;
mod scopes;
mod userinfo;

pub(crate) use dynamic::Open;
