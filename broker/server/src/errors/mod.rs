//! How a refusal becomes an answer: the only place where a reason code becomes a status.
//!
//! Owns: [`PageError`] (for people), [`OauthJsonError`] (for applications). Does not own: why.

mod oauth_json_error;
mod page_error;

pub use oauth_json_error::OauthJsonError;
pub use page_error::PageError;
