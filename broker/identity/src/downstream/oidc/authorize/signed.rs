//! A request that the application signed, by value (RFC 9101, OpenID Core 6.1; R-22, FA-14).

use symbolon_contract::ReasonCode;

use super::Parameters;
use crate::broker::Broker;
use crate::downstream::Application;
use crate::downstream::oidc::jose::keys::{KeysProblem, with_keys};
use crate::downstream::oidc::jose::request_object::{self, Rules};
use crate::downstream::oidc::jose::statement::StatementProblem;
use crate::downstream::oidc::{OauthError, OpenidProvider};

/// The parameters in a request object, once it is known to be the application's.
///
/// # Errors
/// [`OauthError`] with `authorize.request_object_…`.
pub(in super::super) async fn read(
    broker: &Broker,
    provider: &OpenidProvider,
    application: &Application,
    object: &str,
) -> Result<Parameters, OauthError> {
    let settings = &application.settings;
    let (rules, now) =
        (Rules { profile: settings.profile, issuer: &provider.issuer }, broker.clock.now());
    let checked = with_keys(broker, settings, |keys| {
        request_object::check(object, &application.id, keys, &rules, now)
    });
    match checked.await {
        Ok(parameters) => Ok(parameters.with("client_id", application.id.as_str()).signed(true)),
        Err(problem) => {
            let reason = match &problem {
                // Whoever registered no keys cannot sign, so there is nothing to read.
                StatementProblem::Keys(KeysProblem::NoneRegistered) => {
                    ReasonCode::AuthorizeRequestObjectUnsupported
                }
                _ => ReasonCode::AuthorizeRequestObjectInvalid,
            };
            Err(OauthError::new(reason, problem.in_words("request object")))
        }
    }
}
