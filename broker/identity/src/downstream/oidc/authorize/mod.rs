//! The authorization request: parameters in, a checked request or a refusal out.
//!
//! [`receive()`] finds the request that is meant, pushed, signed or as it stands; [`check`] judges it.
//! The rules are a table ([`checks`]): one rule, one file, in the order in which they run. Until the
//! application and its redirect URI are known nothing is redirected ([`AuthorizeRefusal::Page`]).

mod answer;
mod checks;
mod parameters;
mod receive;
mod request;
pub(super) mod signed;

pub use answer::{AuthorizeAnswer, answer, answer_error};
pub use parameters::Parameters;
pub use receive::receive;
pub use request::{AnswerAddress, AuthorizationRequest, AuthorizeRefusal, Prompt, ResponseMode};

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

/// The parameters that the rules read: what need not be kept of a pushed request is not kept.
pub(super) fn worth_keeping(parameters: &Parameters) -> Vec<(String, String)> {
    let read = |name: &str| {
        matches!(name, "client_id" | "redirect_uri" | "state" | "resource")
            || checks::duplicates::READ.contains(&name)
    };
    let kept = parameters.iter().filter(|(name, _)| read(name));
    kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
