//! The pages of a sign-in, filled.

use symbolon_contract::{ConnectorId, ReasonCode};
use symbolon_identity::downstream::Application;
use symbolon_identity::downstream::oidc::OauthError;
use symbolon_identity::login::{ConnectorChoice as Choice, refuse_request};

use crate::errors::PageError;
use crate::extract::AtTenant;
use crate::pages::{
    ApplicationLink, ConnectorChoice, EmailFirst, FormMethod, HiddenField, LeavingPage, LoginPage,
    OtherHost,
};

pub(in crate::routes) fn choose(
    at: &AtTenant,
    attempt: &str,
    application: Option<Box<Application>>,
    connectors: Vec<Choice>,
    ask_email: bool,
) -> LoginPage {
    let email_first = ask_email.then(|| EmailFirst {
        method: FormMethod::Get,
        action: format!("/t/{}/login", at.tenant.slug),
        fields: vec![HiddenField::new("attempt", attempt)],
        email: None,
        problem: None,
    });
    let notice = connectors
        .is_empty()
        .then(|| format!("No way to sign in is switched on for {}.", at.tenant.display_name));
    let link = |choice: Choice| ConnectorChoice {
        href: leave_path(at, &choice, attempt),
        id: choice.id,
        name: choice.display_name,
    };
    let here = |here: &String| OtherHost {
        here: here.clone(),
        there: at.state.settings.http.public_url.as_url().clone(),
    };
    LoginPage {
        tenant_name: at.tenant.display_name.clone(),
        application_links: application.as_deref().map(links).unwrap_or_default(),
        application_name: application.map(|one| one.display_name),
        connectors: connectors.into_iter().map(link).collect(),
        email_first,
        notice,
        other_host: at.other_host.as_ref().map(here),
    }
}

/// What an application registered for people to read.
pub(in crate::routes) fn links(application: &Application) -> Vec<ApplicationLink> {
    let settings = &application.settings;
    ApplicationLink::of([
        settings.client_uri.as_ref(),
        settings.logo_uri.as_ref(),
        settings.policy_uri.as_ref(),
        settings.tos_uri.as_ref(),
    ])
}

/// The e-mail chose: a page that leads on, because a form's redirect may not leave our origin.
pub(in crate::routes) fn announce(
    at: &AtTenant,
    attempt: &str,
    connector: &Choice,
) -> Option<LeavingPage> {
    let base = at.state.settings.http.public_url.as_url();
    Some(LeavingPage {
        connector_name: connector.display_name.clone(),
        href: base.join(&leave_path(at, connector, attempt)).ok()?,
    })
}

fn leave_path(at: &AtTenant, choice: &Choice, attempt: &str) -> String {
    format!("/t/{}/login/{}?attempt={attempt}", at.tenant.slug, choice.id)
}

/// The connector of a URL.
pub(in crate::routes) async fn connector_in(
    at: &AtTenant,
    text: &str,
) -> Result<ConnectorId, PageError> {
    match ConnectorId::parse(text) {
        Ok(connector) => Ok(connector),
        Err(_) => Err(unknown_connector(at).await),
    }
}

pub(in crate::routes) async fn unknown_connector(at: &AtTenant) -> PageError {
    let error = OauthError::new(ReasonCode::ConnectorUnknown, "this is no connector's id");
    let refused = refuse_request(&at.state.broker, Some(&at.tenant), &at.visit, error, None).await;
    PageError::new(&at.state, Some(&at.tenant), refused)
}
