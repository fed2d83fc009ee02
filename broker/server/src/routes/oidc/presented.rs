//! What a request of an application carries, out of its headers and its form. Judges nothing.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderName};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use symbolon_contract::{ReasonCode, TraceId};
use symbolon_identity::downstream::oidc::authorize::Parameters;
use symbolon_identity::downstream::oidc::token::TokenRefusal;
use symbolon_identity::downstream::oidc::{OpenidProvider, Presented, nonce};
use symbolon_identity::login::{Refused, refuse_request};

use crate::errors::{DPOP_NONCE, OauthJsonError};
use crate::extract::{AtTenant, FormFields};

/// A request that an application makes itself.
pub(super) struct ByApplication {
    provider: OpenidProvider,
    parameters: Parameters,
    authorization: Option<String>,
    proofs: Vec<String>,
    trace: TraceId,
}

impl ByApplication {
    /// At an endpoint of the provider that was asked.
    pub(super) fn new(at: &AtTenant, request: &HttpRequest, form: FormFields) -> Self {
        let provider = OpenidProvider::at(&at.state.broker, &at.tenant);
        Self {
            provider,
            parameters: Parameters::new(form.0),
            authorization: headers(request, &AUTHORIZATION).into_iter().next(),
            proofs: headers(request, &HeaderName::from_static("dpop")),
            trace: at.visit.trace.clone(),
        }
    }

    /// Whether it carries an access token that is bound to a key (RFC 9449 7.1).
    pub(super) fn is_dpop(&self) -> bool {
        let scheme = self.authorization.as_deref().and_then(|header| header.split_once(' '));
        scheme.is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("dpop"))
    }

    /// The start of its answer, with a newer nonce where it knows an old one (RFC 9449 8.2).
    pub(super) async fn answer(&self, at: &AtTenant, status: StatusCode) -> HttpResponseBuilder {
        let mut answer = HttpResponse::build(status);
        if let Some(nonce) = nonce::with_answer(&at.state.broker, &self.at("")).await {
            answer.insert_header((DPOP_NONCE, nonce));
        }
        answer
    }

    /// The nonce to tell with a refusal, where it lacks one.
    pub(super) async fn nonce(&self, at: &AtTenant, reason: ReasonCode) -> Option<String> {
        nonce::with_refusal(&at.state.broker, &self.provider, reason).await
    }

    /// The request, as presented at an endpoint.
    pub(super) fn at(&self, endpoint: &'static str) -> Presented<'_> {
        Presented {
            provider: &self.provider,
            endpoint,
            parameters: &self.parameters,
            authorization: self.authorization.as_deref(),
            proofs: &self.proofs,
            trace: &self.trace,
        }
    }
}

/// A refusal, kept and in the form of the token endpoint.
pub(super) async fn refused(at: &AtTenant, refusal: TokenRefusal) -> OauthJsonError {
    let (broker, tenant) = (&at.state.broker, &at.tenant);
    let ordinary = refusal.is_ordinary();
    let TokenRefusal { error, application } = refusal;
    let provider = OpenidProvider::at(broker, tenant);
    let nonce = nonce::with_refusal(broker, &provider, error.reason).await;
    let refused = match ordinary {
        true => Box::new(Refused::unkept(error, &at.visit)),
        false => refuse_request(broker, Some(tenant), &at.visit, error, application).await,
    };
    OauthJsonError::token(refused).with_nonce(nonce)
}

/// A header that is no text is a proof that failed, not one that is missing.
fn headers(request: &HttpRequest, name: &HeaderName) -> Vec<String> {
    let all = request.headers().get_all(name);
    all.map(|value| value.to_str().unwrap_or("unreadable").to_owned()).collect()
}
