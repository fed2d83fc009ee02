//! The rules of the authorization request: one parameter, one file.

pub(super) mod client_id;
pub(super) mod redirect_uri;

mod duplicates;
mod hints;
mod lengths;
mod max_age;
mod nonce;
mod pkce;
mod prompt;
mod request_object;
mod response_mode;
mod response_type;
mod scope;
mod state;

use super::parameters::Parameters;
use super::request::AuthorizationRequest;
use crate::downstream::Application;
use crate::downstream::oidc::OauthError;

/// A rule reads the parameters and fills its part of the request.
pub(super) type Rule =
    fn(&Parameters, &Application, &mut AuthorizationRequest) -> Result<(), OauthError>;

/// The rules in order, once application and redirect URI are known.
pub(super) const TABLE: [(&str, Rule); 12] = [
    ("state", state::check),
    ("response_mode", response_mode::check),
    ("duplicates", duplicates::check),
    ("lengths", lengths::check),
    ("request, request_uri", request_object::check),
    ("response_type", response_type::check),
    ("scope", scope::check),
    ("nonce", nonce::check),
    ("code_challenge", pkce::check),
    ("prompt", prompt::check),
    ("max_age", max_age::check),
    ("login_hint and other hints", hints::check),
];
