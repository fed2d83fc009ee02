//! The rules of the authorization request: one parameter, one file.

pub(super) mod client_id;
pub(super) mod redirect_uri;

mod claims;
mod dpop_jkt;
pub(super) mod duplicates;
mod grant;
mod hints;
mod lengths;
mod max_age;
mod nonce;
mod pkce;
mod prompt;
mod request_object;
mod resource;
pub(super) mod response_mode;
mod response_type;
mod scope;
pub(super) mod state;
mod way;

use super::parameters::Parameters;
use super::request::AuthorizationRequest;
use crate::downstream::Application;
use crate::downstream::oidc::OauthError;

/// A rule reads the parameters and fills its part of the request.
pub(super) type Rule =
    fn(&Parameters, &Application, &mut AuthorizationRequest) -> Result<(), OauthError>;

/// The rules in order, once application and redirect URI are known.
pub(super) const TABLE: [(&str, Rule); 17] = [
    ("state", state::check),
    ("response_mode", response_mode::check),
    ("duplicates", duplicates::check),
    ("lengths", lengths::check),
    ("the way of the request", way::check),
    ("request, request_uri", request_object::check),
    ("grant_types", grant::check),
    ("response_type", response_type::check),
    ("resource", resource::check),
    ("scope", scope::check),
    ("claims", claims::check),
    ("nonce", nonce::check),
    ("code_challenge", pkce::check),
    ("dpop_jkt", dpop_jkt::check),
    ("prompt", prompt::check),
    ("max_age", max_age::check),
    ("login_hint and other hints", hints::check),
];
