//! What every response and every form needs of the browser: security headers, cookies, CSRF, CORS; and
//! how often a caller may ask.
//!
//! Owns: header values, cookie names and attributes, the proof that a form is ours, which pages may read
//! our answers, rate limits. Does not
//! own: sessions (`identity::sessions`), routes, or the decision who may sign in.

pub(crate) mod cors;
pub mod csrf;
pub mod rate_limit;
pub mod security_headers;
pub mod session_cookie;
