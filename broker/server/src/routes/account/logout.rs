//! `/t/{tenant}/logout`: asks, then ends the session. A GET never ends anything (F5).

use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::login::{self, SignedOut};

use crate::errors::PageError;
use crate::extract::{AtTenant, FormFields};
use crate::http::session_cookie::CookiePurpose;
use crate::pages::{PostButton, SignOutConfirmPage, SignedOutPage};
use crate::routes::{own_form, respond};

const PURPOSE: &str = "sign out";

pub(super) async fn ask(at: AtTenant) -> Result<HttpResponse, PageError> {
    if at.visit.session_cookie.is_none() {
        return signed_out(&at, None);
    }
    let leads_to = match login::sign_out_at(&at.state.broker, &at.tenant, &at.visit).await {
        Ok(leads_to) => leads_to,
        Err(refused) => return respond::refusal(&at, refused),
    };
    let page = SignOutConfirmPage {
        tenant_name: at.tenant.display_name.clone(),
        application_name: None,
        sign_out: sign_out_button(&at),
        stay: Some(format!("/t/{}/", at.tenant.slug)),
    };
    respond::page(&at.state, &page, &leads_to.iter().collect::<Vec<_>>())
}

pub(super) async fn sign_out(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, PageError> {
    if let Err(refused) = own_form::check(&at, &request, &form, PURPOSE).await {
        return respond::refusal(&at, refused);
    }
    match login::sign_out(&at.state.broker, &at.tenant, &at.visit).await {
        Ok(SignedOut { next: Some(next), .. }) => {
            without_session(&at, respond::upstream(&at, next)?)
        }
        Ok(SignedOut { still_at, .. }) => signed_out(&at, still_at),
        Err(refused) => respond::refusal(&at, refused),
    }
}

/// `GET /t/{tenant}/signed-out`: back from the upstream's own sign-out (E-60). It ends nothing.
pub(super) async fn back(at: AtTenant) -> Result<HttpResponse, PageError> {
    respond::page(&at.state, &signed_out_page(&at, None), &[])
}

fn signed_out(at: &AtTenant, still_at: Option<&'static str>) -> Result<HttpResponse, PageError> {
    without_session(at, respond::page(&at.state, &signed_out_page(at, still_at), &[])?)
}

pub(in crate::routes) fn signed_out_page(
    at: &AtTenant,
    still_at: Option<&'static str>,
) -> SignedOutPage {
    SignedOutPage {
        tenant_name: at.tenant.display_name.clone(),
        still_at: still_at.map(str::to_owned),
        continue_to: Some(format!("/t/{}/login", at.tenant.slug)),
    }
}

fn without_session(at: &AtTenant, mut response: HttpResponse) -> Result<HttpResponse, PageError> {
    let cookie = at.state.cookie(CookiePurpose::Session, &at.tenant.slug).clear();
    let added = response.add_cookie(&cookie);
    added.map_err(|error| respond::broken(&at.state, &error.to_string()))?;
    Ok(response)
}
pub(super) fn sign_out_button(at: &AtTenant) -> PostButton {
    let token = own_form::token(at, PURPOSE);
    PostButton {
        action: format!("/t/{}/logout", at.tenant.slug),
        fields: token.into_iter().collect(),
    }
}
