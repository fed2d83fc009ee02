//! `/t/{tenant}/consent`, `…/applications/withdraw`: may an application of somebody else learn about the person?

use actix_web::{HttpRequest, HttpResponse};
use symbolon_contract::ApplicationId;
use symbolon_identity::downstream::oidc::consent::Wish;
use symbolon_identity::login;

use super::pages::links;
use crate::errors::PageError;
use crate::extract::{AtTenant, FormFields, QueryFields};
use crate::pages::{AllowPage, AllowedFacts, HiddenField, PostButton};
use crate::routes::{own_form, respond};

const ANSWER: &str = "consent";
const WITHDRAW: &str = "withdraw consent";

/// `GET`: the question.
pub(super) async fn ask(at: AtTenant, query: QueryFields) -> Result<HttpResponse, PageError> {
    let handle = query.get("waiting").unwrap_or_default();
    let question = login::consent_question(&at.state.broker, &at.tenant, &at.visit, handle).await;
    let question = match question {
        Ok(question) => question,
        Err(refused) => return respond::refusal(&at, refused),
    };
    let slug = &at.tenant.slug;
    let mut fields = vec![HiddenField::new("waiting", handle)];
    fields.extend(own_form::token(&at, ANSWER));
    let page = AllowPage {
        application_links: links(&question.application),
        application_name: question.application.display_name,
        tenant_name: at.tenant.display_name.clone(),
        person: question.person,
        wishes: question.wishes.iter().map(in_words).collect(),
        action: format!("/t/{slug}/consent"),
        fields,
        own_page: format!("/t/{slug}/"),
    };
    respond::page(&at.state, &page, &question.leads_to.iter().collect::<Vec<_>>())
}

/// `POST`: the answer.
pub(super) async fn answer(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, PageError> {
    if let Err(refused) = own_form::check(&at, &request, &form, ANSWER).await {
        return respond::refusal(&at, refused);
    }
    // Anything but a clear yes is a no.
    let agreed = form.get("decision") == Some("allow");
    let handle = form.get("waiting").unwrap_or_default();
    let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
    let outcome = login::consent_answered(broker, tenant, visit, (handle, agreed)).await;
    respond::outcome(&at, outcome)
}

/// `POST …/applications/withdraw`: taken back, on the person's own page.
pub(super) async fn withdraw(
    at: AtTenant,
    request: HttpRequest,
    form: FormFields,
) -> Result<HttpResponse, PageError> {
    if let Err(refused) = own_form::check(&at, &request, &form, WITHDRAW).await {
        return respond::refusal(&at, refused);
    }
    if let Ok(id) = ApplicationId::parse(form.get("application").unwrap_or_default()) {
        let (broker, tenant, visit) = (&at.state.broker, &at.tenant, &at.visit);
        if let Err(refused) = login::withdraw_consent(broker, tenant, visit, id).await {
            return respond::refusal(&at, refused);
        }
    }
    Ok(respond::see_other(&format!("/t/{}/", at.tenant.slug)))
}

/// An application for the person's own page, with the button that takes it back.
pub(in crate::routes) fn allowed(at: &AtTenant, one: login::AllowedApplication) -> AllowedFacts {
    let mut fields = vec![HiddenField::new("application", one.id.as_str())];
    fields.extend(own_form::token(at, WITHDRAW));
    let action = format!("/t/{}/applications/withdraw", at.tenant.slug);
    AllowedFacts {
        id: one.id.to_string(),
        name: one.display_name,
        since: one.since.format("%Y-%m-%d").to_string(),
        wishes: one.wishes.iter().map(in_words).collect::<Vec<_>>().join("; "),
        withdraw: PostButton { action, fields },
    }
}

/// What a person agrees to.
pub(in crate::routes) fn in_words(wish: &Wish) -> String {
    let of_scope = |scope: &str| match scope {
        "openid" => "Know that it is you, each time that you come".to_owned(),
        "profile" => "Your name and profile".to_owned(),
        "email" => "Your e-mail address".to_owned(),
        "address" => "Your postal address".to_owned(),
        "phone" => "Your telephone number".to_owned(),
        "roles" => "Your roles".to_owned(),
        "offline_access" => "Keep its access while you are not there".to_owned(),
        other => format!("Use {other} for you"),
    };
    match wish {
        Wish::Scope(scope) => of_scope(scope),
        Wish::ScopeOfResource { scope, resource } => format!("Use {scope} at {resource} for you"),
        Wish::Resource(resource) => format!("Reach {resource} for you"),
        Wish::Claim(claim) => format!("Your {}", claim.replace('_', " ")),
    }
}
