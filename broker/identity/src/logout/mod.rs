//! Sessions end here and nowhere else, with everything that hangs on them.
//!
//! Owns: what ends with a session ([`end`]), the messages that tell applications (OpenID Connect Back-Channel
//! Logout 1.0) and their delivery ([`tell`], [`deliver_due`]). Does not own: who may end a session (`login` and
//! `admin` do), how sessions begin (`sessions`), or the way on to an upstream's own sign-out.
//!
//! A message is a row before it is an attempt: it is written with the end of the session, so that neither a crash
//! nor an application that is down loses it. An attempt claims its row first; of any number of nodes one makes it.

mod deliver;
mod end;
mod logout_token;
mod retry;

pub(crate) use deliver::tell;
pub use deliver::{UndeliveredLogout, deliver_due, undelivered};
pub(crate) use end::{Ended, Which, end};
