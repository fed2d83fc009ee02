//! What a test sign-in found (N34): an admin signs in, sees what would happen, and nothing does.
//!
//! Owns: the report, how a person's claims are shown in it, and where it is kept, sealed, for an hour. Does
//! not own: the trip itself (`login::test_run`) or the link that begins it (`admin`).

mod optional_claims;
mod report;
mod statement;
mod store;

pub use optional_claims::OptionalClaim;
pub use report::{Fate, ShownCheck, ShownRole, TestRefusal, TestReport, TestWarning, Verdict};
pub(crate) use statement::shown_text;
pub use statement::{GroupsClaim, ShownClaim, Statement};
pub use store::{Kept, LINK_LIFETIME, REPORT_LIFETIME, read, seal};
