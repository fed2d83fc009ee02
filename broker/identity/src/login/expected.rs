//! Whom the application expects: by `id_token_hint`, or by the claim `sub` (OpenID Core 3.1.2.2, 5.5.1). An answer
//! never speaks of anybody else.

use symbolon_contract::{ReasonCode, UserId};

use super::LoginError;
use crate::broker::Broker;
use crate::downstream::Application;
use crate::downstream::oidc::authorize::AuthorizationRequest;
use crate::downstream::oidc::{OauthError, OpenidProvider, subject};
use crate::tenants::TenantRecord;

/// What the request says of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expected {
    Anybody,
    /// The one with this `sub`.
    Person(String),
    /// A hint that proves nothing: it is not ours, or not this application's.
    Unproved,
}

/// How a person compares to the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// The right one, or nobody was named.
    Fits,
    /// A hint names somebody, and cannot be trusted: no session is answered from, a new sign-in is.
    Unproved,
    /// Somebody else.
    Other,
}

/// Compares a person to the one that a request expects.
pub(super) async fn compare(
    broker: &Broker,
    tenant: &TenantRecord,
    (application, request): (&Application, &AuthorizationRequest),
    user: &UserId,
) -> Result<Fit, LoginError> {
    match expected(broker, tenant, application, request).await {
        Expected::Anybody => Ok(Fit::Fits),
        Expected::Unproved => Ok(Fit::Unproved),
        Expected::Person(sub) => {
            let own = subject::of(broker, tenant, application, user).await;
            let own = own.map_err(LoginError::Request)?;
            Ok(if own == sub { Fit::Fits } else { Fit::Other })
        }
    }
}

/// The refusal of somebody else.
pub(super) fn other_person() -> LoginError {
    let detail = "another person is signed in than the request names";
    LoginError::Request(OauthError::new(ReasonCode::AuthorizeOtherPerson, detail))
}

async fn expected(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    request: &AuthorizationRequest,
) -> Expected {
    let claimed = request.claims.as_ref().and_then(|claims| claims.subject());
    let Some(hint) = &request.id_token_hint else {
        return claimed.map_or(Expected::Anybody, |sub| Expected::Person(sub.to_owned()));
    };
    let provider = OpenidProvider::of(broker, tenant, application);
    let verified = broker.keys.verify_id_token(&provider.keys, &provider.issuer, hint).await;
    let Ok(claims) = verified else {
        return Expected::Unproved;
    };
    let text = |name: &str| claims.get(name).and_then(|value| value.as_str());
    match text("sub") {
        Some(sub) if text("aud") == Some(application.id.as_str()) => {
            match claimed.is_none_or(|claimed| claimed == sub) {
                true => Expected::Person(sub.to_owned()),
                false => Expected::Unproved,
            }
        }
        _ => Expected::Unproved,
    }
}
