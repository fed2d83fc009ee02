//! `GET /t/{tenant}/saml/{connector}/metadata`: our metadata for one connector, and its entity id (SAML Metadata 4.1).

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Path;
use symbolon_identity::admin::{self, AdminError};
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::refuse_request;

use crate::errors::PageError;
use crate::extract::AtTenant;
use crate::routes::login::pages::{connector_in, unknown_connector};

pub(super) async fn metadata(
    at: AtTenant,
    path: Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let connector = connector_in(&at, &path.into_inner().1).await?;
    match admin::saml_metadata(&at.state.broker, &at.tenant, &connector).await {
        Ok(xml) => Ok(HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "application/samlmetadata+xml; charset=utf-8"))
            .insert_header((CACHE_CONTROL, "public, max-age=300"))
            .body(xml)),
        Err(AdminError::NotFound { .. }) => Err(unknown_connector(&at).await),
        Err(error) => {
            let error = OauthError::new(error.reason(), error.to_string());
            let broker = &at.state.broker;
            let refused = refuse_request(broker, Some(&at.tenant), &at.visit, error, None).await;
            Err(PageError::new(&at.state, Some(&at.tenant), refused))
        }
    }
}
