//! Styles and scripts, by the hash of their content.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse};

use crate::assets;

pub(super) async fn asset(request: HttpRequest) -> HttpResponse {
    match assets::find(request.path()) {
        Some(asset) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, asset.content_type))
            .insert_header((CACHE_CONTROL, asset.cache_control))
            .body(asset.bytes),
        None => HttpResponse::NotFound().finish(),
    }
}
