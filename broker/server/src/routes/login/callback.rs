//! `/t/{tenant}/callback/{connector}`: back from the upstream, by URL or by posted form.

use actix_web::HttpResponse;
use actix_web::web::Path;
use symbolon_identity::connectors::UpstreamCallback;
use symbolon_identity::login::flow;

use super::pages::connector_in;
use crate::errors::PageError;
use crate::extract::{AtTenant, FormFields, QueryFields};
use crate::routes::respond;

/// By URL; or the second half of a posted form, now with cookies.
pub(super) async fn query(
    at: AtTenant,
    path: Path<(String, String)>,
    query: QueryFields,
) -> Result<HttpResponse, PageError> {
    let callback = match query.get("held") {
        None => UpstreamCallback::Query(query.0),
        Some(handle) => {
            let held = flow::held_callback(&at.state.broker, &at.tenant, &at.visit, handle).await;
            match held {
                Ok(callback) => callback,
                Err(refused) => return respond::refusal(&at, refused),
            }
        }
    };
    complete(&at, path.into_inner().1, &callback).await
}

/// By posted form. Across sites it comes without cookies: then it is kept for the GET that follows (H-03).
pub(super) async fn form(
    at: AtTenant,
    path: Path<(String, String)>,
    form: FormFields,
) -> Result<HttpResponse, PageError> {
    let connector = path.into_inner().1;
    if at.visit.login_cookie.is_some() {
        return complete(&at, connector, &UpstreamCallback::Form(form.0)).await;
    }
    match flow::hold_callback(&at.state.broker, &at.tenant, &at.visit, &form.0).await {
        Ok(handle) => {
            let slug = &at.tenant.slug;
            Ok(respond::see_other(&format!("/t/{slug}/callback/{connector}?held={handle}")))
        }
        Err(refused) => respond::refusal(&at, refused),
    }
}

async fn complete(
    at: &AtTenant,
    connector: String,
    callback: &UpstreamCallback,
) -> Result<HttpResponse, PageError> {
    let connector = connector_in(at, &connector).await?;
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    let outcome = flow::complete(broker, tenant, visit, (&connector, callback)).await;
    respond::outcome(at, outcome)
}
