//! Fields of URLs and forms, in order and with repetitions, because protocols care about both.

use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use symbolon_contract::ReasonCode;
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::refuse_request;
use url::form_urlencoded;

use super::visit;
use crate::app::state;
use crate::errors::PageError;

/// The query's fields.
#[derive(Debug, Clone, Default)]
pub struct QueryFields(pub Vec<(String, String)>);

/// The fields of a posted form.
#[derive(Debug, Clone, Default)]
pub struct FormFields(pub Vec<(String, String)>);

impl QueryFields {
    /// The first value of a name, unless empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        first(&self.0, name)
    }
}

impl FormFields {
    /// The first value of a name, unless empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        first(&self.0, name)
    }
}

fn first<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(key, value)| key == name && !value.is_empty())
        .map(|(_, value)| value.as_str())
}

fn parse(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

impl FromRequest for QueryFields {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(parse(request.query_string().as_bytes()))))
    }
}

impl FromRequest for FormFields {
    type Error = PageError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, PageError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let is_form = request.content_type() == "application/x-www-form-urlencoded";
            let problem = match body.await {
                Ok(body) if is_form || body.is_empty() => return Ok(Self(parse(&body))),
                Ok(_) => (ReasonCode::RequestMalformed, "the body is not a form"),
                Err(error) => match error.as_error::<PayloadError>() {
                    Some(PayloadError::Overflow) => {
                        (ReasonCode::RequestTooLarge, "the body is larger than limits.request_bytes")
                    }
                    _ => (ReasonCode::RequestMalformed, "the body cannot be read"),
                },
            };
            let state = state(&request);
            let error = OauthError::new(problem.0, problem.1);
            let visit = visit(&state, &request);
            let refused = refuse_request(&state.broker, None, &visit, error, None).await;
            Err(PageError::new(&state, None, refused))
        })
    }
}
