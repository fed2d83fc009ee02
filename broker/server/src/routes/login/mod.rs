//! A sign-in, as the browser walks it.

mod callback;
pub(super) mod consent;
mod leave;
mod page;
pub(super) mod pages;

use actix_web::web::ServiceConfig;

use super::fallback::resource;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/consent").get(consent::ask).post(consent::answer))
        .service(resource("/applications/withdraw").post(consent::withdraw))
        .service(resource("/login").get(page::page))
        .service(resource("/login/{connector}").get(leave::leave))
        .service(resource("/callback/{connector}").get(callback::query).post(callback::form));
}
