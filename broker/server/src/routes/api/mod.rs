//! `/api/v1`: the admin API (AD2), a skin over `identity::admin` as the command line is.
//!
//! | file | holds |
//! |---|---|
//! | `table` | every endpoint: its path, its scope, what it takes and answers |
//! | `endpoint`, `body`, `answer` | how a handler becomes a route: key, query, body, use case, answer or problem |
//! | `call` | who calls for which tenant, or for the platform |
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
mod platform;
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
    let mut api = web::scope(BASE).service(web::resource("/openapi.json").get(openapi::answer));
    for (below, groups) in table::areas() {
        let area = groups
            .into_iter()
            .fold(web::scope(below), |scope, group| scope.service(group.into_resource()));
        api = api.service(area.default_service(web::to(endpoint::not_found)));
    }
    config.service(api.default_service(web::to(endpoint::not_found)));
}
