//! The answer to the application: a code or an error, with `state` and `iss` (RFC 9207).

use url::form_urlencoded;

use super::request::{AnswerAddress, ResponseMode};
use crate::downstream::DownstreamResponse;
use crate::downstream::oidc::OauthError;

/// What the application gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizeAnswer {
    /// A code to redeem.
    Code(String),
    /// An error with a description in the character set of RFC 6749 4.1.2.1.
    Error(OauthError),
}

/// Builds the answer in the mode that was asked for.
#[must_use]
pub fn answer(to: &AnswerAddress, issuer: &str, answer: AuthorizeAnswer) -> DownstreamResponse {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut push = |name: &str, value: String| fields.push((name.to_owned(), value));
    match answer {
        AuthorizeAnswer::Code(code) => push("code", code),
        AuthorizeAnswer::Error(error) => {
            push("error", error.code().to_owned());
            push("error_description", format!("{}: {}", error.reason, plain(&error.detail)));
        }
    }
    if let Some(state) = &to.state {
        push("state", state.clone());
    }
    push("iss", issuer.to_owned());
    match to.response_mode {
        ResponseMode::FormPost => {
            DownstreamResponse::FormPost { action: to.redirect_uri.to_string(), fields }
        }
        ResponseMode::Query => DownstreamResponse::Redirect { url: with_query(to, &fields) },
    }
}

/// An error answer.
#[must_use]
pub fn answer_error(to: &AnswerAddress, issuer: &str, error: OauthError) -> DownstreamResponse {
    answer(to, issuer, AuthorizeAnswer::Error(error))
}

/// Appends to the registered text as it is: parsing and printing it again could change it.
fn with_query(to: &AnswerAddress, fields: &[(String, String)]) -> String {
    let uri = to.redirect_uri.as_str();
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("{uri}{joint}{query}")
}

/// `%x20-21 / %x23-5B / %x5D-7E`, the characters of `error_description`.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if matches!(c, ' '..='!' | '#'..='[' | ']'..='~') { c } else { '\'' })
        .collect()
}
