//! Sessions of our own: they begin with an `Admission` and end by our clock (B39, SE1, SE2).
//!
//! Owns: opening, finding and reusing sessions, and which applications used one. Does not own: how one ends
//! (`logout`), cookies (`server`) or whether the person may enter (`policy`). The cookie's value is a secret of 256
//! bits; the row holds its hash, so a copy of the database opens no session.

mod open;
mod reuse;
#[cfg(test)]
mod tests;

pub use open::{NewSession, OpenedSession, open, renew};
pub use reuse::{LiveSession, Reuse, SessionWish, find_live, note_use, satisfies};
