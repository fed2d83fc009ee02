//! The OpenID Provider of each tenant, and the platform's ([`platform`]).

mod authorize;
mod device;
mod device_authorization;
mod documents;
mod end_session;
mod introspect;
mod par;
mod platform;
mod presented;
mod register;
mod registration;
mod revoke;
mod token;
mod userinfo;

use actix_web::web::ServiceConfig;

use super::fallback::resource;

pub(super) use platform::routes as platform_routes;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/.well-known/openid-configuration").get(documents::discovery))
        .service(resource("/jwks").get(documents::jwks))
        .service(resource("/end_session").get(end_session::by_url).post(end_session::by_form))
        .service(resource("/end_session/held").get(end_session::held))
        .service(resource("/end_session/confirmed").post(end_session::confirmed))
        .service(resource("/authorize").get(authorize::by_url).post(authorize::by_form))
        .service(resource("/par").post(par::push))
        .service(resource("/token").post(token::token))
        .service(resource("/revoke").post(revoke::revoke))
        .service(resource("/introspect").post(introspect::introspect))
        .service(resource("/device_authorization").post(device_authorization::begin))
        .service(resource("/device").get(device::page).post(device::decide))
        .service(resource("/register").post(register::register))
        .service(
            resource("/register/{client_id}")
                .get(registration::read)
                .put(registration::replace)
                .delete(registration::delete),
        )
        .service(resource("/userinfo").get(userinfo::by_get).post(userinfo::by_post));
}

/// RFC 8414 3.1: the issuer's path goes behind the well-known part.
pub(super) fn well_known(config: &mut ServiceConfig) {
    for name in ["oauth-authorization-server", "openid-configuration"] {
        let path = format!("/.well-known/{name}/t/{{tenant}}");
        config.service(resource(&path).get(documents::discovery));
    }
}
