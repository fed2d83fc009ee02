//! What an upstream and its administrators come back to, beside a person's sign-in.

mod consent;
mod front_channel;
mod test_result;
mod test_sign_in;

use actix_web::web::ServiceConfig;

pub(super) use test_result::test_result;

use super::fallback::resource;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/test-sign-in/{handle}").get(test_sign_in::begin))
        .service(resource("/consent/{connector}").get(consent::reported))
        .service(
            resource("/logout/frontchannel/{connector}").get(front_channel::front_channel_logout),
        );
}
