//! Forms of people with a session: the token that a page of ours carries, and its check (H-07).

use actix_web::HttpRequest;
use secrecy::{ExposeSecret, SecretString};
use symbolon_contract::ReasonCode;
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::{Refused, refuse_request};
use symbolon_identity::secrets::keyed_text;

use crate::extract::{AtTenant, FormFields};
use crate::http::csrf::{self, CSRF_FIELD, CsrfRefusal};
use crate::pages::HiddenField;

/// The hidden field of a form with this purpose; none where nobody is signed in.
pub(in crate::routes) fn token(at: &AtTenant, purpose: &str) -> Option<HiddenField> {
    let cookie = at.visit.session_cookie.as_ref()?;
    let token = csrf::token(signer(cookie), purpose, cookie.expose_secret());
    Some(HiddenField::new(CSRF_FIELD, token))
}

/// Whether the form was ours: made for this session and this purpose, and sent by our own page.
///
/// # Errors
/// A [`Refused`] to show.
pub(in crate::routes) async fn check(
    at: &AtTenant,
    request: &HttpRequest,
    form: &FormFields,
    purpose: &str,
) -> Result<(), Box<Refused>> {
    let Err(refusal) = judge(at, request, form, purpose) else {
        return Ok(());
    };
    let error = OauthError::new(ReasonCode::RequestCsrf, refusal.to_string());
    Err(refuse_request(&at.state.broker, Some(&at.tenant), &at.visit, error, None).await)
}

/// The session cookie's own value keys the token: only a page that we made for this session knows it.
fn judge(
    at: &AtTenant,
    request: &HttpRequest,
    form: &FormFields,
    purpose: &str,
) -> Result<(), CsrfRefusal> {
    let public_url = at.state.settings.http.public_url.as_url();
    match csrf::same_origin(request.headers(), public_url) {
        // Old browsers do not say; the token below decides.
        Ok(()) | Err(CsrfRefusal::OriginUnknown) => {}
        Err(cross_site) => return Err(cross_site),
    }
    match &at.visit.session_cookie {
        // Nobody is signed in: there is nothing to protect.
        None => Ok(()),
        Some(cookie) => {
            csrf::check_token(signer(cookie), purpose, cookie.expose_secret(), form.get(CSRF_FIELD))
        }
    }
}

fn signer(cookie: &SecretString) -> impl Fn(&[u8]) -> String + '_ {
    move |message| keyed_text(cookie, message)
}
