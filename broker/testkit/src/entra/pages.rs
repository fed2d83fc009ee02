//! The mock's pages: plain HTML that says that this is not Microsoft.

use std::collections::HashMap;

use actix_web::HttpResponse;

use super::Directory;
use super::aadsts::{Refusal, Spoken};
use super::application::AppRegistration;
use super::person::Person;
use super::world::Tenant;
use crate::values::escape;

const STYLE: &str = "body{font-family:sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;\
background:#e8f1fb;color:#222}h1{font-size:1.4rem}.note{border-left:4px solid #0b5394;padding:.5rem 1rem;\
background:#cfe2f3}button{display:block;width:100%;margin:.5rem 0;padding:.8rem;font:inherit;text-align:left;\
background:#fff;color:#222;border:1px solid #777;border-radius:4px;cursor:pointer}button.hinted{border:3px solid #0b5394}\
button small{display:block;color:#555}button.plain{background:none;border:none;text-decoration:underline}\
dt{font-weight:bold}iframe{display:none}";

const NAME: &str = "Mock of Microsoft Entra ID, not Microsoft";
const NOTE: &str = "<p class=\"note\">Mock of Microsoft Entra ID, not Microsoft: it stands for your \
company's directory; there are no passwords here.</p>";

fn page(title: &str, head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} - {NAME}</title>\
<link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style>{head}</head><body><main>{body}</main></body></html>",
        title = escape(title),
    )
}

fn html(mut response: actix_web::HttpResponseBuilder, body: String) -> HttpResponse {
    response
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(body)
}

/// What somebody sees who opens the mock's address.
pub(super) async fn home() -> HttpResponse {
    let body =
        format!("<h1 id=\"mock-entra-title\">{NAME}</h1>{NOTE}<p>Start at the application.</p>");
    html(HttpResponse::Ok(), page("Start", "", &body))
}

/// Who may be chosen on the sign-in page.
pub(super) struct Choice<'a> {
    pub(super) ticket: &'a str,
    pub(super) people: &'a [(String, Person)],
    pub(super) hinted: Option<String>,
    pub(super) domains: HashMap<String, Directory>,
}

/// The list of people, one button each.
pub(super) fn choose(
    application: &AppRegistration,
    tenant: &Tenant,
    choice: &Choice<'_>,
) -> HttpResponse {
    let is_hinted = |person: &Person| choice.hinted.as_deref() == Some(person.id.as_str());
    let mut people: Vec<&(String, Person)> = choice.people.iter().collect();
    people.sort_by_key(|(_, person)| !is_hinted(person));
    let buttons: String = people
        .into_iter()
        .map(|(tid, person)| button(person, choice.domains.get(tid), is_hinted(person)))
        .collect();
    let body = format!(
        "<h1 id=\"mock-entra-title\">Pick an account to go on to {name}</h1>{NOTE}\
<form id=\"sign-in-form\" method=\"post\" action=\"/{tenant}/login\">\
<input type=\"hidden\" name=\"request\" value=\"{ticket}\">{buttons}\
<button id=\"stranger\" class=\"plain\" type=\"submit\" name=\"person\" value=\"\">Somebody who is not in this directory</button>\
<button id=\"cancel\" class=\"plain\" type=\"submit\" name=\"cancel\" value=\"1\">Cancel</button></form>",
        name = escape(&application.name),
        tenant = tenant.path(),
        ticket = choice.ticket,
    );
    html(HttpResponse::Ok(), page("Sign in", "", &body))
}

fn button(person: &Person, directory: Option<&Directory>, hinted: bool) -> String {
    let class = if hinted { " class=\"hinted\" autofocus" } else { "" };
    let domain = directory.map(|directory| directory.domain.as_str()).unwrap_or_default();
    let company = directory.map(|directory| directory.name.as_str()).unwrap_or_default();
    format!(
        "<button id=\"user-{key}\" type=\"submit\" name=\"person\" value=\"{id}\"{class}>\
{name}<small>{upn}, {company}</small></button>",
        key = escape(&person.key),
        id = escape(&person.id),
        name = escape(person.text("displayName").unwrap_or(&person.key)),
        upn = escape(&person.upn(domain)),
        company = escape(company),
    )
}

/// An error that Microsoft shows itself.
pub(super) fn refused(refusal: &Refusal, spoken: &Spoken) -> HttpResponse {
    let body = format!(
        "<h1 id=\"mock-entra-title\">Sorry, but we're having trouble signing you in.</h1>{NOTE}\
<p id=\"aadsts-error\">{sentence}</p><dl><dt>Trace ID</dt><dd id=\"trace-id\">{trace}</dd>\
<dt>Correlation ID</dt><dd id=\"correlation-id\">{correlation}</dd>\
<dt>Timestamp</dt><dd id=\"timestamp\">{timestamp}</dd></dl>",
        sentence = escape(&refusal.sentence()),
        trace = spoken.trace_id,
        correlation = spoken.correlation_id,
        timestamp = spoken.timestamp,
    );
    html(HttpResponse::BadRequest(), page("Sign in", "", &body))
}

/// OAuth 2.0 Form Post Response Mode; the button serves browsers without JavaScript.
pub(super) fn form_post(target: &str, values: &[(&str, &str)]) -> HttpResponse {
    let fields: String = values
        .iter()
        .map(|(name, value)| {
            let value = escape(value);
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
        })
        .collect();
    let body = format!(
        "<h1>Working...</h1>{NOTE}<form id=\"form-post\" method=\"post\" action=\"{target}\">{fields}\
<button id=\"continue\" type=\"submit\">Continue</button></form>\
<script>document.getElementById('form-post').submit()</script>",
        target = escape(target),
    );
    html(HttpResponse::Ok(), page("Working", "", &body))
}

/// Signed out; each frame tells one application.
pub(super) fn signed_out(frames: &[String], target: Option<&str>) -> HttpResponse {
    let frames: String = frames
        .iter()
        .map(|url| {
            format!(
                "<iframe class=\"front-channel\" title=\"sign-out\" src=\"{}\"></iframe>",
                escape(url)
            )
        })
        .collect();
    let refresh = target.map(|target| {
        format!("<meta http-equiv=\"refresh\" content=\"2;url={}\">", escape(target))
    });
    let link = target.map(|target| {
        format!("<p><a id=\"continue\" href=\"{}\">Continue</a></p>", escape(target))
    });
    let body = format!(
        "<h1 id=\"mock-entra-title\">You signed out of your account</h1>{NOTE}{link}{frames}",
        link = link.unwrap_or_default()
    );
    html(HttpResponse::Ok(), page("Signed out", &refresh.unwrap_or_default(), &body))
}
