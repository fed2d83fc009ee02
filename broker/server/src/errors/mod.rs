//! How a refusal becomes an answer: the only place where a reason code becomes a status.
//!
//! Owns: [`PageError`] (for people), [`OauthJsonError`] (for applications), [`ProblemJson`] (for callers of
//! the admin API). Does not own: why.

mod form;
mod oauth_json_error;
mod page_error;
mod problem_json;

pub(crate) use form::{RefusalForm, refusal_form};
pub(crate) use oauth_json_error::DPOP_NONCE;
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
    // As the router sees it: another spelling of a path is the same path.
    match refusal_form(request.match_info().as_str()) {
        RefusalForm::Application => OauthJsonError::token(refused).into(),
        RefusalForm::Document => OauthJsonError::document(refused).into(),
        RefusalForm::Page | RefusalForm::Problem => PageError::new(state, tenant, refused).into(),
    }
}
