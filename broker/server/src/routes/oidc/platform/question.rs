//! Which organisation? The page that asks, and the page that leads on.

use actix_web::HttpResponse;
use symbolon_identity::login::platform::{ORGANISATION, TENANT};
use symbolon_identity::tenants::TenantRecord;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::errors::PageError;
use crate::extract::AtTenant;
use crate::pages::{FindTenantPage, HiddenField, LeavingPage};
use crate::routes::respond;

/// What was asked before the question, and where.
pub(super) type Asked = (&'static str, Vec<(String, String)>);

/// Asks the person; the answer comes back with what was asked.
pub(super) fn ask(
    at: &AtTenant,
    (path, pairs): Asked,
    (application_name, typed): (Option<String>, Option<String>),
) -> Result<HttpResponse, PageError> {
    let fields = without_answers(pairs).map(|(name, value)| HiddenField::new(name, value));
    let action = path.to_owned();
    let page = FindTenantPage { application_name, action, fields: fields.collect(), typed };
    respond::page(&at.state, &page, &[])
}

/// A page that leads on, because a form's redirect may not leave our origin (H-05).
pub(super) fn lead(
    at: &AtTenant,
    (path, pairs): Asked,
    tenant: &TenantRecord,
) -> Result<HttpResponse, PageError> {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(without_answers(pairs)).append_pair(TENANT, tenant.slug.as_str());
    let mut href: Url = at.state.settings.http.public_url.as_url().clone();
    href.set_path(path);
    href.set_query(Some(&query.finish()));
    let page = LeavingPage { connector_name: tenant.display_name.clone(), href };
    respond::page(&at.state, &page, &[])
}

/// What was asked, without what the person said.
fn without_answers(pairs: Vec<(String, String)>) -> impl Iterator<Item = (String, String)> {
    pairs.into_iter().filter(|(name, _)| name != ORGANISATION && name != TENANT)
}
