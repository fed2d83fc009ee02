//! What every response and every form needs of the browser: security headers, cookies, CSRF.
//!
//! Owns: header values, cookie names and attributes, the proof that a form is ours. Does not own:
//! sessions (`identity::sessions`), routes, or the decision who may sign in.

pub mod csrf;
pub mod security_headers;
pub mod session_cookie;
