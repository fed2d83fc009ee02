//! `GET /t/{tenant}/`: who is in; nobody is sent to the login page.

use actix_web::HttpResponse;
use symbolon_identity::login;

use super::logout::sign_out_button;
use crate::errors::PageError;
use crate::extract::AtTenant;
use crate::pages::SignedInPage;
use crate::routes::login::consent::allowed;
use crate::routes::respond;

pub(super) async fn page(at: AtTenant) -> Result<HttpResponse, PageError> {
    let person = login::person(&at.state.broker, &at.tenant, &at.visit).await;
    let person = match person {
        Ok(person) => person,
        Err(refused) => return respond::refusal(&at, refused),
    };
    let Some(person) = person else {
        return Ok(respond::see_other(&format!("/t/{}/login", at.tenant.slug)));
    };
    let page = SignedInPage {
        name: person.name,
        email: person.email,
        roles: person.roles,
        applications: person.applications.into_iter().map(|one| allowed(&at, one)).collect(),
        sign_out: sign_out_button(&at),
    };
    respond::page(&at.state, &page, &person.sign_out_at.iter().collect::<Vec<_>>())
}
