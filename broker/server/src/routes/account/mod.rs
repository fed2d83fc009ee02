//! The person's own page at a tenant, and the way out.

mod logout;
mod person;
mod signed_out;

use actix_web::web::ServiceConfig;

pub(super) use logout::{PURPOSE as SIGN_OUT, sign_out_button};
pub(super) use signed_out::{answer as signed_out, back_here};

use super::fallback::resource;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/").get(person::page))
        .service(resource("").get(person::page))
        .service(resource("/logout").get(logout::ask).post(logout::sign_out))
        .service(resource("/signed-out").get(signed_out::back));
}
