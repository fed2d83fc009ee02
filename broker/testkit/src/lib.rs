//! The world around a broker, for tests and for the demo: it speaks HTTP and knows no other crate
//! of the product's inside.
//!
//! | module | stands for |
//! |---|---|
//! | `provider` | an upstream OpenID provider that can misbehave on demand |
//! | `saml_idp` | an upstream SAML identity provider that can misbehave on demand |
//! | `entra` | Microsoft Entra ID and Graph, as far as a broker asks them |
//! | `application` | an application that signs people in through a broker |
//! | `browser` | a person's browser, without JavaScript |
//! | `forbidden` | an address that nobody may ever connect to |
//! | `catalogue` | the reason codes and the files that are generated from them |
//!
//! It owns no rule of the product: what a broker should do is said by the tests that use it.

pub mod application;
mod basic;
pub mod browser;
pub mod catalogue;
pub mod entra;
pub mod forbidden;
pub mod http;
mod keys;
mod loopback;
pub mod provider;
pub mod saml_idp;
mod values;

pub use application::{ApplicationAlgorithm, ApplicationKey, DemoApplication};
pub use browser::Browser;
pub use entra::FakeEntra;
pub use forbidden::ForbiddenListener;
pub use loopback::StartError;
pub use provider::{FakeProvider, Misbehaviour, ProviderUser, RegisteredClient};
pub use saml_idp::{FakeSamlIdp, ServiceProviderEntry};
pub use values::{Clock, system_clock};
