//! How a refusal becomes an answer: the only place where a reason code becomes a status.
//!
//! Owns: [`PageError`] (for people), [`OauthJsonError`] (for applications), [`ProblemJson`] (for callers of
//! the admin API). Does not own: why.

mod oauth_json_error;
mod page_error;
mod problem_json;

pub use oauth_json_error::OauthJsonError;
pub use page_error::PageError;
pub use problem_json::{PROBLEM_JSON, ProblemJson};

use actix_web::HttpRequest;
use symbolon_identity::login::Refused;
use symbolon_identity::tenants::TenantRecord;

use crate::app::AppState;

/// A refusal in the form that the path's readers understand: JSON where programs ask, else a page.
pub(crate) fn for_path(
    request: &HttpRequest,
    state: &AppState,
    tenant: Option<&TenantRecord>,
    refused: Box<Refused>,
) -> actix_web::Error {
    let path = request.path();
    let ends = |end: &str| path.ends_with(end);
    if ends("/token") {
        OauthJsonError::token(refused).into()
    } else if ends("/userinfo") || ends("/jwks") || path.contains("/.well-known/") {
        OauthJsonError::document(refused).into()
    } else {
        PageError::new(state, tenant, refused).into()
    }
}
