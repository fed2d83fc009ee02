//! `response_mode` is `query` or `form_post` (OAuth Form Post Response Mode).

use symbolon_contract::ReasonCode;

use super::super::request::ResponseMode;
use super::{Application, AuthorizationRequest, OauthError, Parameters};

pub(in super::super) fn check(
    parameters: &Parameters,
    _: &Application,
    request: &mut AuthorizationRequest,
) -> Result<(), OauthError> {
    request.response_mode = match parameters.get("response_mode") {
        None | Some("query") => ResponseMode::Query,
        Some("form_post") => ResponseMode::FormPost,
        Some(_) => {
            return Err(OauthError::new(
                ReasonCode::AuthorizeResponseModeUnsupported,
                "response_mode is neither query nor form_post",
            ));
        }
    };
    Ok(())
}
