//! The platform's OpenID Provider, at the root of the public URL: one issuer for an application that the operator
//! registered once and offers to tenants.
//!
//! Each endpoint finds the tenant and is then that tenant's own endpoint, which knows here only the operator's
//! applications. Where the tenant is found: in what the person says ([`authorize`], [`device`]), or in the name before a
//! code or token ([`programs`]), which is a hint and proves nothing. Does not own: any rule of the protocol.

mod authorize;
mod device;
mod documents;
mod end_session;
mod programs;
mod question;

use actix_web::web::ServiceConfig;

use crate::routes::fallback::resource;

pub(in crate::routes) fn routes(config: &mut ServiceConfig) {
    for name in ["openid-configuration", "oauth-authorization-server"] {
        let path = format!("/.well-known/{name}");
        config.service(resource(&path).get(documents::discovery));
    }
    config
        .service(resource("/jwks").get(documents::jwks))
        .service(resource("/authorize").get(authorize::by_url).post(authorize::by_form))
        .service(resource("/token").post(programs::token))
        .service(resource("/end_session").get(end_session::by_url).post(end_session::by_form))
        .service(resource("/device_authorization").post(device::begin))
        .service(resource("/device").get(device::page).post(device::decide))
        .service(resource("/par").post(programs::par))
        .service(resource("/revoke").post(programs::revoke))
        .service(resource("/introspect").post(programs::introspect))
        .service(
            resource("/userinfo").get(programs::userinfo_by_get).post(programs::userinfo_by_post),
        );
}
