//! `/t/{tenant}/end_session`: an application signs a person out (OpenID Connect RP-Initiated Logout 1.0, 2).

use actix_web::{HttpRequest, HttpResponse};
use secrecy::{ExposeSecret, SecretString};
use symbolon_identity::downstream::oidc::authorize::Parameters;
use symbolon_identity::login::{self, EndSessionStep, Refused};
use url::Url;

use crate::errors::PageError;
use crate::extract::{AtTenant, FormFields, QueryFields};
use crate::pages::{HiddenField, PostButton, SignOutConfirmPage};
use crate::routes::{account, own_form, respond};

/// The field that brings back what was kept.
const HANDLE: &str = "held";

pub(super) async fn by_url(at: AtTenant, query: QueryFields) -> Result<HttpResponse, PageError> {
    let asked = (&Parameters::new(query.0), false);
    let step = login::end_session(&at.state.broker, &at.tenant, &at.visit, asked).await;
    answer(&at, step)
}

pub(super) async fn by_form(at: AtTenant, form: FormFields) -> Result<HttpResponse, PageError> {
    let asked = (&Parameters::new(form.0), true);
    let step = login::end_session(&at.state.broker, &at.tenant, &at.visit, asked).await;
    answer(&at, step)
}

/// The browser comes again, with its cookies (H-03).
pub(super) async fn held(at: AtTenant, query: QueryFields) -> Result<HttpResponse, PageError> {
    let handle = query.get(HANDLE);
    let step = login::end_session_held(&at.state.broker, &at.tenant, &at.visit, handle).await;
    answer(&at, step)
}

/// The person said yes.
pub(super) async fn confirmed(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, PageError> {
    if let Err(refused) = own_form::check(&at, &request, &form, account::SIGN_OUT).await {
        return respond::refusal(&at, refused);
    }
    let (broker, handle) = (&at.state.broker, form.get(HANDLE));
    match login::end_session_confirmed(broker, &at.tenant, &at.visit, handle).await {
        Ok(signed_out) => account::signed_out(&at, signed_out),
        Err(refused) => respond::refusal(&at, refused),
    }
}

fn answer(
    at: &AtTenant,
    step: Result<EndSessionStep, Box<Refused>>,
) -> Result<HttpResponse, PageError> {
    match step {
        Ok(EndSessionStep::ComeBack { handle }) => {
            let (slug, handle) = (&at.tenant.slug, handle.expose_secret());
            Ok(respond::see_other(&format!("/t/{slug}/end_session/held?{HANDLE}={handle}")))
        }
        Ok(EndSessionStep::Ask { application, handle, leads_to }) => {
            ask(at, application, &handle, &leads_to)
        }
        Ok(EndSessionStep::SignedOut(signed_out)) => account::signed_out(at, signed_out),
        Err(refused) => respond::refusal(at, refused),
    }
}

fn ask(
    at: &AtTenant,
    application_name: Option<String>,
    handle: &SecretString,
    leads_to: &[Url],
) -> Result<HttpResponse, PageError> {
    let mut fields = account::sign_out_button(at).fields;
    fields.push(HiddenField::new(HANDLE, handle.expose_secret()));
    let action = format!("/t/{}/end_session/confirmed", at.tenant.slug);
    let page = SignOutConfirmPage {
        tenant_name: at.tenant.display_name.clone(),
        application_name,
        sign_out: PostButton { action, fields },
        stay: Some(format!("/t/{}/", at.tenant.slug)),
    };
    respond::page(&at.state, &page, &leads_to.iter().collect::<Vec<_>>())
}
