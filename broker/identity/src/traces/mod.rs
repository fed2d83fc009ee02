//! Recorded sign-ins: what came in, what was made of it at every stop, and where it ended.
//!
//! Owns: what a record holds ([`RecordedSignIn`]), which parts of it are masked, how it is sealed, read back
//! and explained step by step ([`TraceStep`]). Does not own: rows, the setting (`tenants`), who may read
//! (`admin`), or asking a mapping again (`mapping`). A sign-in is never refused because it could not be recorded.

mod content;
mod draft;
mod read;
mod redact;
mod steps;

pub use content::{
    Happened, MappingAnswer, RecordedFacts, RecordedMapping, RecordedRefusal, RecordedSignIn,
    RecordedStatement, RecordedUser, Stop,
};
pub(crate) use draft::{Draft, keep_refused};
pub use read::{RecordedInput, RecordedInputs, TracesError};
pub(crate) use read::{facts, is_alive, open};
pub use steps::{TraceStep, steps};
pub use symbolon_storage::RecordedOutcome;
