//! Fields of URLs and forms, in order and with repetitions, because protocols care about both.

use std::borrow::Cow;
use std::future::{Future, Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use symbolon_contract::ReasonCode;
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::refuse_request;
use symbolon_identity::tenants::resolve;
use url::form_urlencoded;

use super::visit;
use crate::app::state;
use crate::errors::for_path;
use crate::http::rate_limit::limit_application;

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

/// Bytes that are no UTF-8 become U+FFFD, and so does NUL: no protocol has one in a field, PostgreSQL none in a text.
pub(crate) fn parse(encoded: &[u8]) -> Vec<(String, String)> {
    let text = |part: Cow<'_, str>| part.replace('\0', "\u{fffd}");
    form_urlencoded::parse(encoded).map(|(name, value)| (text(name), text(value))).collect()
}

impl FromRequest for QueryFields {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(parse(request.query_string().as_bytes()))))
    }
}

impl FromRequest for FormFields {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let is_form = request.content_type() == "application/x-www-form-urlencoded";
            let problem = match body.await {
                Ok(body) if is_form || body.is_empty() => {
                    let form = Self(parse(&body));
                    limit_application(&request, &form).await?;
                    return Ok(form);
                }
                Ok(_) => (ReasonCode::RequestMalformed, "the body is not a form"),
                Err(error) => match error.as_error::<PayloadError>() {
                    Some(PayloadError::Overflow) => (
                        ReasonCode::RequestTooLarge,
                        "the body is larger than limits.request_bytes",
                    ),
                    _ => (ReasonCode::RequestMalformed, "the body cannot be read"),
                },
            };
            Err(refused(&request, problem).await)
        })
    }
}

/// The body is refused in the tenant's own chain, where the tenant is known.
async fn refused(
    request: &HttpRequest,
    (reason, detail): (ReasonCode, &'static str),
) -> actix_web::Error {
    let state = state(request);
    let visit = visit(&state, request);
    let slug = request.match_info().get("tenant").unwrap_or_default();
    let tenant = resolve(&state.broker.database, slug).await.ok();
    let error = OauthError::new(reason, detail);
    let refused = refuse_request(&state.broker, tenant.as_ref(), &visit, error, None).await;
    for_path(request, &state, tenant.as_ref(), refused)
}
