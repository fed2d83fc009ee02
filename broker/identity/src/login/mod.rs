//! A sign-in, left to right.
//!
//! Owns: [`flow`] (the table of design.md 1 as code), the persisted [`attempt`], the choice of a connector
//! and [`LoginError`], every way in which a sign-in can end without a session. Does not own: any of the
//! stops; they never call one another, each returns here.

mod account;
pub mod attempt;
mod authorize;
mod choose_connector;
mod complete;
mod error;
mod finish;
pub mod flow;
mod held;
mod refuse;
mod reuse;
mod step;

pub use account::{person, sign_out};
pub use choose_connector::ConnectorChoice;
pub use error::LoginError;
pub use refuse::{Refused, refuse_request};
pub use step::{LoginStep, Outcome, PersonPage};
