//! A sign-in, left to right.
//!
//! Owns: [`flow`] (the table of design.md 1 as code), the persisted [`attempt`], the choice of a connector
//! and [`LoginError`], every way in which a sign-in can end without a session. Does not own: any of the
//! stops; they never call one another, each returns here. Beside the way in: the way out (`logout`), test
//! sign-ins (`test_run`) what else a browser brings back from an upstream (`consent`, `alias`), and the door of the platform ([`platform`]).

mod account;
mod acs;
mod agree;
mod alias;
mod answer;
pub mod attempt;
mod authorize;
mod choose_connector;
mod complete;
mod consent;
pub mod device;
mod end_session;
mod error;
mod expected;
mod finish;
pub mod flow;
mod held;
mod idp_initiated;
mod landing;
mod logout;
mod loop_guard;
mod once;
pub mod platform;
mod refuse;
mod reuse;
mod saml_logout;
mod step;
mod strength;
mod tell;
mod test_run;
mod upstream_logout;
mod upstream_subject;

pub use account::person;
pub use acs::response_posted;
pub use agree::{ConsentQuestion, consent_answered, consent_question, withdraw_consent};
pub use alias::{AliasLookup, find_callback_alias};
pub use choose_connector::ConnectorChoice;
pub use consent::{ConsentReport, consent_reported};
pub use end_session::{
    EndSessionStep, end_session, end_session_confirmed, end_session_held, landing_after_upstream,
};
pub use error::LoginError;
pub use idp_initiated::pick_up;
pub use logout::{FrontChannel, SignedOut, front_channel_logout, sign_out};
pub use refuse::{Refused, refuse_request};
pub use saml_logout::{LogoutMessage, LogoutOutcome, saml_logout};
pub use step::{AllowedApplication, LoginStep, Outcome, PersonPage};
pub use test_run::begin_test;
pub use upstream_logout::sign_out_at;
