//! `/api/v1`: the admin API (AD2), a skin over `identity::admin` as the command line is.
//!
//! | file | holds |
//! |---|---|
//! | `table` | every endpoint: its path, its scope, what it takes and answers |
//! | `endpoint`, `body`, `answer` | how a handler becomes a route: key, query, body, use case, answer or problem |
//! | `call` | who calls for which tenant |
//! | `openapi` | the document made from the table |
//! | the others | handlers, each a sentence or two |
//!
//! Bearer keys alone, no cookies: there is nothing that a foreign page could ride on.

mod answer;
mod application_views;
mod applications;
mod body;
mod call;
mod cases;
mod connectors;
mod credentials;
mod directory;
mod endpoint;
mod keys;
mod mapping;
mod mapping_versions;
mod mapping_views;
mod openapi;
mod plugins;
mod recorded;
mod saml;
mod table;
mod tenant;
mod testing;
mod versions;
mod views;

#[cfg(test)]
pub(crate) use openapi::document;

use actix_web::web::{self, ServiceConfig};

/// The first part of every path.
const BASE: &str = "/api/v1";

/// Registers the endpoints of the table, and problem documents for everything else below them.
pub(crate) fn routes(config: &mut ServiceConfig) {
    let tenant = table::endpoints()
        .into_iter()
        .fold(web::scope("/tenants/{tenant}"), |scope, group| scope.service(group.into_resource()))
        .default_service(web::to(endpoint::not_found));
    config.service(
        web::scope(BASE)
            .service(web::resource("/openapi.json").get(openapi::answer))
            .service(tenant)
            .default_service(web::to(endpoint::not_found)),
    );
}
