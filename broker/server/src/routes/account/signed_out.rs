//! What the browser sees when its session is over, and `GET /t/{tenant}/signed-out`, where it comes back to from the
//! upstream's own sign-out (E-60). None of it ends anything.

use actix_web::{HttpRequest, HttpResponse};
use secrecy::ExposeSecret;
use symbolon_identity::connectors::UpstreamRedirect;
use symbolon_identity::login::{self, SignedOut};
use url::Url;

use crate::errors::PageError;
use crate::extract::{AtTenant, QueryFields};
use crate::http::session_cookie::CookiePurpose;
use crate::pages::{HiddenField, PostButton, SignedOutPage};
use crate::routes::respond;

/// On to the upstream or the application, by way of a page where applications are told in frames.
pub(in crate::routes) fn answer(
    at: &AtTenant,
    signed_out: SignedOut,
) -> Result<HttpResponse, PageError> {
    let resume = signed_out.resume.clone();
    let mut response = match (signed_out.frames.is_empty(), signed_out.next, signed_out.landing) {
        (true, Some(next), _) => respond::upstream(at, next)?,
        (true, None, Some(landing)) => respond::see_other(&landing),
        (true, None, None) => {
            let still_at = signed_out.still_at.map(str::to_owned);
            let continue_to = Some(login_page(at));
            respond::page(&at.state, &SignedOutPage { still_at, continue_to, ..page(at) }, &[])?
        }
        (false, next, landing) => {
            let still_at = signed_out.still_at.map(str::to_owned);
            framed(at, (next, landing), SignedOutPage { still_at, ..page(at) }, &signed_out.frames)?
        }
    };
    let session = at.state.cookie(CookiePurpose::Session, &at.tenant.slug).clear();
    let resume = resume.map(|handle| {
        let life = at.state.settings.sign_in.attempt_lifetime.as_duration();
        let cookie = at.state.cookie(CookiePurpose::SignOut, &at.tenant.slug);
        cookie.set(handle.expose_secret(), life)
    });
    for cookie in resume.into_iter().chain([session]) {
        let added = response.add_cookie(&cookie);
        added.map_err(|error| respond::broken(&at.state, &error.to_string()))?;
    }
    Ok(response)
}

fn framed(
    at: &AtTenant,
    (next, landing): (Option<UpstreamRedirect>, Option<String>),
    mut page: SignedOutPage,
    frames: &[Url],
) -> Result<HttpResponse, PageError> {
    page.frames = frames.iter().map(Url::to_string).collect();
    page.goes_on = next.is_some() || landing.is_some();
    let mut target = None;
    match next {
        Some(UpstreamRedirect::Redirect { url }) => page.continue_to = Some(url),
        Some(UpstreamRedirect::PostForm { action, fields }) => {
            target = Url::parse(&action).ok();
            let fields = fields.into_iter().map(|(name, value)| HiddenField::new(name, value));
            page.continue_by = Some(PostButton { action, fields: fields.collect() });
        }
        None => page.continue_to = Some(landing.unwrap_or_else(|| login_page(at))),
    }
    respond::page_with_frames(&at.state, &page, &target.iter().collect::<Vec<_>>(), frames)
}

fn page(at: &AtTenant) -> SignedOutPage {
    SignedOutPage { tenant_name: at.tenant.display_name.clone(), ..SignedOutPage::default() }
}

fn login_page(at: &AtTenant) -> String {
    format!("/t/{}/login", at.tenant.slug)
}

/// Where the identity provider's answer to our logout leads: a page of our own, to which the browser brings its
/// cookies (H-03).
pub(in crate::routes) fn back_here(at: &AtTenant, partial: bool) -> HttpResponse {
    let query = if partial { "?partial=1" } else { "" };
    respond::see_other(&format!("/t/{}/signed-out{query}", at.tenant.slug))
}

pub(super) async fn back(
    at: AtTenant,
    request: HttpRequest,
    query: QueryFields,
) -> Result<HttpResponse, PageError> {
    let cookie = at.state.cookie(CookiePurpose::SignOut, &at.tenant.slug);
    let handle = cookie.read(request.headers());
    let (broker, tenant) = (&at.state.broker, &at.tenant);
    let landing = login::landing_after_upstream(broker, tenant, &at.visit, handle.as_deref()).await;
    let landing = match landing {
        Ok(landing) => landing,
        Err(refused) => return respond::refusal(&at, refused),
    };
    let partial = query.get("partial").is_some();
    let mut response = match landing {
        Some(landing) if !partial => respond::see_other(&landing),
        landing => {
            let still_at = partial.then(|| "your identity provider".to_owned());
            let continue_to = Some(landing.unwrap_or_else(|| login_page(&at)));
            respond::page(&at.state, &SignedOutPage { still_at, continue_to, ..page(&at) }, &[])?
        }
    };
    if handle.is_some() {
        let added = response.add_cookie(&cookie.clear());
        added.map_err(|error| respond::broken(&at.state, &error.to_string()))?;
    }
    Ok(response)
}
