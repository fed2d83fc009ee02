//! `GET /t/{tenant}/logout/frontchannel/{connector}?sid=…`: the upstream's page shows this in a frame while a
//! person signs out there (OpenID Connect Front-Channel Logout 1.0; E-61). No cookie is looked at.

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS,
};
use actix_web::web::Path;
use symbolon_identity::login;

use crate::errors::PageError;
use crate::extract::{AtTenant, QueryFields};
use crate::routes::login::pages::connector_in;
use crate::routes::respond;

const PAGE: &str = "<!DOCTYPE html><html lang=\"en\"><title>Signed out</title><p>Signed out.</p>";

pub(super) async fn front_channel_logout(
    at: AtTenant,
    path: Path<(String, String)>,
    query: QueryFields,
) -> Result<HttpResponse, PageError> {
    let connector = connector_in(&at, &path.into_inner().1).await?;
    let message = (&connector, single(&query, "sid"), single(&query, "iss"));
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    let told = login::front_channel_logout(broker, tenant, visit, message).await;
    let told = match told {
        Ok(told) => told,
        Err(refused) => return respond::refusal(&at, refused),
    };
    tracing::info!(
        trace_id = %at.visit.trace, %connector, ended = told.ended.len(), "front-channel logout"
    );
    let by = told.framed_by.as_deref().unwrap_or("'none'");
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((
            CONTENT_SECURITY_POLICY,
            format!("default-src 'none'; frame-ancestors {by}; base-uri 'none'"),
        ))
        // RFC 7034 2.1, for browsers that do not know frame-ancestors; the others ignore it.
        .insert_header((X_FRAME_OPTIONS, format!("ALLOW-FROM {by}")))
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .body(PAGE))
}

/// The value of a parameter that stands once.
fn single<'a>(query: &'a QueryFields, name: &str) -> Option<&'a str> {
    let mut values = query.0.iter().filter(|(key, _)| key == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) if !value.is_empty() => Some(value),
        _ => None,
    }
}
