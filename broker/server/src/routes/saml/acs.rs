//! `POST /t/{tenant}/saml/{connector}/acs`: the assertion consumer service (SAML Profiles 4.1.4).

use actix_web::HttpResponse;
use actix_web::web::Path;
use symbolon_identity::login::response_posted;

use crate::errors::PageError;
use crate::extract::{AtTenant, FormFields};
use crate::routes::login::pages::connector_in;
use crate::routes::respond;

pub(super) async fn respond(
    at: AtTenant,
    path: Path<(String, String)>,
    form: FormFields,
) -> Result<HttpResponse, PageError> {
    let connector = connector_in(&at, &path.into_inner().1).await?;
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    let outcome = response_posted(broker, tenant, visit, (&connector, form.0)).await;
    respond::outcome(&at, outcome)
}
