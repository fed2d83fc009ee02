//! The authorization request: parameters in, a checked request or a refusal out.
//!
//! The rules are a table ([`checks`]): one rule, one file, in the order in which they run. Until the
//! application and its redirect URI are known nothing is redirected ([`AuthorizeRefusal::Page`]).

mod answer;
mod checks;
mod parameters;
mod request;

pub use answer::{AuthorizeAnswer, answer, answer_error};
pub use parameters::Parameters;
pub use request::{AuthorizationRequest, AuthorizeRefusal, Prompt, ResponseMode};

use super::OauthError;
use crate::downstream::Application;

#[cfg(test)]
mod tests;

/// Checks a request. `find` answers which application a `client_id` is.
///
/// # Errors
/// [`AuthorizeRefusal::Page`] while it is unknown where to answer, then [`AuthorizeRefusal::Redirect`].
pub fn check(
    parameters: &Parameters,
    application: Option<&Application>,
) -> Result<AuthorizationRequest, AuthorizeRefusal> {
    let page = |error: OauthError| AuthorizeRefusal::Page(error);
    let application = checks::client_id::check(parameters, application).map_err(page)?;
    let redirect_uri = checks::redirect_uri::check(parameters, application).map_err(page)?;
    let mut request = AuthorizationRequest::new(application.id.clone(), redirect_uri);
    // `state` and `response_mode` come first, so that every later refusal is answered in the right form.
    let draft = &mut request;
    checks::TABLE.iter().try_for_each(|(_, rule)| rule(parameters, application, draft)).map_err(
        |error| AuthorizeRefusal::Redirect { error, answer_to: request.answer_address() },
    )?;
    Ok(request)
}
