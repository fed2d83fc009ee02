//! `/t/{tenant}/saml/{connector}/slo`: logout messages of the identity provider and its answers to ours (SAML
//! Profiles 4.4). No cookie is looked at: what counts is the signature.

use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::login::{LogoutMessage, LogoutOutcome, saml_logout};

use crate::errors::PageError;
use crate::extract::{AtTenant, FormFields};
use crate::routes::account::back_here;
use crate::routes::login::pages::connector_in;
use crate::routes::respond;

/// By redirect. The query is taken as it came: the signature is over its octets.
pub(super) async fn redirect(
    at: AtTenant,
    path: Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, PageError> {
    let message = LogoutMessage::Redirect(request.query_string().to_owned());
    receive(&at, path.into_inner().1, message).await
}

/// By posted form.
pub(super) async fn form(
    at: AtTenant,
    path: Path<(String, String)>,
    form: FormFields,
) -> Result<HttpResponse, PageError> {
    receive(&at, path.into_inner().1, LogoutMessage::Post(form.0)).await
}

async fn receive(
    at: &AtTenant,
    connector: String,
    message: LogoutMessage,
) -> Result<HttpResponse, PageError> {
    let connector = connector_in(at, &connector).await?;
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    match saml_logout(broker, tenant, visit, (&connector, message)).await {
        Ok(LogoutOutcome::Answer(answer)) => respond::upstream(at, answer),
        Ok(LogoutOutcome::SignedOut { partial }) => Ok(back_here(at, partial)),
        Err(refused) => respond::refusal(at, refused),
    }
}
