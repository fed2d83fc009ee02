//! `POST /t/{tenant}/register`: an application registers itself (RFC 7591 3.1).

use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, PRAGMA};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use secrecy::SecretString;
use serde_json::{Map, Value};
use symbolon_contract::ReasonCode;
use symbolon_identity::admin::{self, RegistrationRefusal};
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::{Refused, refuse_request};

use crate::errors::OauthJsonError;
use crate::extract::AtTenant;

pub(super) async fn register(
    at: AtTenant,
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, OauthJsonError> {
    let (broker, tenant, token) = (&at.state.broker, &at.tenant, bearer(&request));
    let sent = metadata(&at, body).await?;
    let asked = (token.as_ref(), &sent);
    let registered = admin::register_application(broker, tenant, &at.visit, asked).await;
    told(&at, registered, HttpResponse::Created()).await
}

/// The client information response (RFC 7591 3.2.1), or why there is none.
pub(super) async fn told(
    at: &AtTenant,
    outcome: Result<Value, RegistrationRefusal>,
    mut response: HttpResponseBuilder,
) -> Result<HttpResponse, OauthJsonError> {
    match outcome {
        Ok(information) => Ok(response
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((PRAGMA, "no-cache"))
            .json(information)),
        Err(refusal) => Err(refused(at, refusal).await),
    }
}

/// The JSON object of a body.
pub(super) async fn metadata(
    at: &AtTenant,
    body: Result<Bytes, actix_web::Error>,
) -> Result<Map<String, Value>, OauthJsonError> {
    let error = match body {
        Err(_) => {
            let detail = "the body cannot be read, or is larger than limits.request_bytes";
            OauthError::new(ReasonCode::RequestTooLarge, detail)
        }
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => return Ok(fields),
            _ => {
                let detail = "the body is not a JSON object";
                OauthError::new(ReasonCode::RegistrationMetadataInvalid, detail)
            }
        },
    };
    Err(refused(at, error.into()).await)
}

/// The initial or the registration access token.
pub(super) fn bearer(request: &HttpRequest) -> Option<SecretString> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.into())
}

/// A refusal, kept; a wrong token is challenged (RFC 6750 3).
pub(super) async fn refused(at: &AtTenant, refusal: RegistrationRefusal) -> OauthJsonError {
    let RegistrationRefusal { error, application, kept } = refusal;
    let of_the_token = error.reason == ReasonCode::RegistrationTokenInvalid;
    let (broker, tenant) = (&at.state.broker, Some(&at.tenant));
    let refused = match kept {
        true => Box::new(Refused::unkept(error, &at.visit)),
        false => refuse_request(broker, tenant, &at.visit, error, application).await,
    };
    if of_the_token {
        OauthJsonError::bearer(refused, false)
    } else {
        OauthJsonError::document(refused)
    }
}
