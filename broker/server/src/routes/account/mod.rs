//! The person's own page at a tenant, and the way out.

mod logout;
mod person;

use actix_web::web::ServiceConfig;

pub(super) use logout::signed_out_page;

use super::fallback::resource;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/").get(person::page))
        .service(resource("").get(person::page))
        .service(resource("/logout").get(logout::ask).post(logout::sign_out))
        .service(resource("/signed-out").get(logout::back));
}
