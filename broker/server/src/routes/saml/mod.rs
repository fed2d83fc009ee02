//! `/t/{tenant}/saml/{connector}`: our side of a SAML connector, as its identity provider meets it.
//!
//! | path | what |
//! |---|---|
//! | (nothing) | what the identity provider's admin enters there |
//! | `/acs` | responses are posted here |
//! | `/start` | the browser comes back with its cookies after the identity provider began |
//! | `/slo` | logout messages, by redirect and by posted form |
//! | `/metadata` | our metadata for this connector |
//! | `/signing-certificate.cer` `/encryption-certificate.cer` | its certificates as files |

mod acs;
mod metadata;
mod setup;
mod slo;
mod start;

use actix_web::web::ServiceConfig;

use super::fallback::resource;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/saml/{connector}").get(setup::page))
        .service(resource("/saml/{connector}/signing-certificate.cer").get(setup::signing))
        .service(resource("/saml/{connector}/encryption-certificate.cer").get(setup::encryption))
        .service(resource("/saml/{connector}/acs").post(acs::respond))
        .service(resource("/saml/{connector}/start").get(start::pick_up))
        .service(resource("/saml/{connector}/slo").get(slo::redirect).post(slo::form))
        .service(resource("/saml/{connector}/metadata").get(metadata::metadata));
}
