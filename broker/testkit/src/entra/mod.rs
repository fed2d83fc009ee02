//! A mock of Microsoft Entra ID and Microsoft Graph on one loopback origin. It behaves as Microsoft
//! does unless told otherwise; everything about it can be changed while it runs.
//!
//! | file | holds |
//! |---|---|
//! | `directory`, `person`, `group`, `application`, `certificate` | what is in it |
//! | `control`, `fault` | changing it, faults, what was asked |
//! | `documents` | discovery, keys |
//! | `authorize`, `sign_in`, `answer`, `pages` | what a browser meets |
//! | `token`, `client_authentication`, `id_token`, `aadsts` | what an application meets |
//! | `graph` | Graph |

mod aadsts;
mod aadsts_table;
mod answer;
mod application;
mod authorize;
mod builder;
mod certificate;
mod client_authentication;
mod clock;
mod control;
mod directory;
mod documents;
mod fault;
mod graph;
mod group;
mod id_token;
mod pages;
mod person;
mod sign_in;
mod token;
mod userinfo;
mod world;

use std::sync::Arc;

use crate::loopback::Loopback;
pub use crate::provider::AutomaticSignIn;
pub use application::{AppRegistration, GroupsStyle};
pub use builder::FakeEntraBuilder;
pub use certificate::{Certificate, OwnCertificate};
pub use directory::Directory;
pub use fault::{EntraFault, GraphFault, GraphSwitches, Shown, Times};
pub use group::Group;
pub use person::Person;
use world::World;

/// The directory id of personal Microsoft accounts.
pub const PERSONAL_DIRECTORY: &str = world::PERSONAL_DIRECTORY;

/// A running mock; dropping it stops it.
pub struct FakeEntra {
    world: Arc<World>,
    server: Loopback,
}

impl std::fmt::Debug for FakeEntra {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("FakeEntra").field("base", &self.world.base).finish_non_exhaustive()
    }
}
