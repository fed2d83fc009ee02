//! Is the process alive, and can it serve?

use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use crate::app::state;

/// The process runs.
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}

/// The process can serve: its database answers.
pub(super) async fn ready(request: HttpRequest) -> HttpResponse {
    match state(&request).broker.database.ping().await {
        Ok(()) => HttpResponse::Ok().json(json!({ "status": "ready", "database": "ok" })),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            HttpResponse::ServiceUnavailable()
                .insert_header(("Retry-After", "1"))
                .json(json!({ "status": "not ready", "database": "unavailable" }))
        }
    }
}
