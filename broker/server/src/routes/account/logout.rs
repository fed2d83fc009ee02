//! `/t/{tenant}/logout`: asks, then ends the session. A GET never ends anything (F5).

use actix_web::{HttpRequest, HttpResponse};
use symbolon_identity::login::{self, SignedOut};

use super::signed_out;
use crate::errors::PageError;
use crate::extract::{AtTenant, FormFields};
use crate::pages::{PostButton, SignOutConfirmPage};
use crate::routes::{own_form, respond};

/// What a form of ours does that ends the session.
pub(in crate::routes) const PURPOSE: &str = "sign out";

pub(super) async fn ask(at: AtTenant) -> Result<HttpResponse, PageError> {
    if at.visit.session_cookie.is_none() {
        return signed_out::answer(&at, SignedOut::default());
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
        Ok(signed_out) => signed_out::answer(&at, signed_out),
        Err(refused) => respond::refusal(&at, refused),
    }
}

/// The button that signs this browser out.
pub(in crate::routes) fn sign_out_button(at: &AtTenant) -> PostButton {
    let token = own_form::token(at, PURPOSE);
    PostButton {
        action: format!("/t/{}/logout", at.tenant.slug),
        fields: token.into_iter().collect(),
    }
}
