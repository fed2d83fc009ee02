//! The URL map.
//!
//! | under | what | folder |
//! |---|---|---|
//! | `/t/{tenant}/authorize` `token` `userinfo` `jwks` `.well-known/…` | the OpenID Provider | `oidc` |
//! | `/authorize` `token` `userinfo` `jwks` `.well-known/…` | the platform's OpenID Provider | `oidc/platform` |
//! | `/t/{tenant}/login…` `callback/{connector}` | a sign-in | `login` |
//! | `/t/{tenant}/test-sign-in/{handle}` `consent/{connector}` `logout/frontchannel/{connector}` | what upstreams and their admins come back to | `upstream` |
//! | `/t/{tenant}/saml/{connector}/…` | our side of a SAML connector | `saml` |
//! | `/t/{tenant}/` `logout` | the person's own page | `account` |
//! | `/api/v1/…` | the admin API, here or on the management listener | `api` |
//! | `/livez` `/readyz` `/static/…` `/` | the process | here |

mod account;
pub(crate) mod api;
mod assets;
mod fallback;
mod health;
mod home;
mod login;
mod oidc;
mod own_form;
pub(crate) mod respond;
mod saml;
mod upstream;

use actix_web::web::{self, ServiceConfig};

/// Registers every route.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(fallback::resource("/").get(home::home))
        .configure(health_routes)
        .service(fallback::resource("/static/{hash}/{name}").get(assets::asset))
        .configure(oidc::well_known)
        .configure(oidc::platform_routes)
        .service(
            web::scope("/t/{tenant}")
                .configure(oidc::routes)
                .configure(login::routes)
                .configure(account::routes)
                .configure(upstream::routes)
                .configure(saml::routes)
                .default_service(web::to(fallback::not_found)),
        )
        .default_service(web::to(fallback::not_found));
}

/// The admin API: on the management listener, and unless `api.listen_on_main` says no on the main one.
pub fn api_routes(config: &mut ServiceConfig) {
    config.configure(api::routes);
}

/// What a load balancer asks; with the admin API all that the management listener answers.
pub fn health_routes(config: &mut ServiceConfig) {
    config
        .service(fallback::resource("/livez").get(health::live))
        .service(fallback::resource("/readyz").get(health::ready));
}
