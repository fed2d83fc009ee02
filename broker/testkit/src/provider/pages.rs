//! The demo provider's pages: plain HTML that says that this is not Symbolon.

use actix_web::{HttpResponse, web};

use super::ProviderUser;
use super::world::World;
use crate::values::escape;

const STYLE: &str = "body{font-family:sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;\
background:#fff8e1;color:#222}h1{font-size:1.4rem}.note{border-left:4px solid #b26a00;padding:.5rem 1rem;\
background:#ffecb3}button{display:block;width:100%;margin:.5rem 0;padding:.8rem;font:inherit;text-align:left;\
background:#fff;color:#222;border:1px solid #777;border-radius:4px;cursor:pointer}button.hinted{border:3px solid #b26a00}\
button small{display:block;color:#555}button#cancel{background:none;border:none;text-decoration:underline}";

pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
<link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style></head><body><main>{body}</main></body></html>",
        title = escape(title),
    )
}

pub(crate) fn html(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(body)
}

/// What somebody sees who opens the provider's address.
pub(super) async fn home(world: web::Data<World>) -> HttpResponse {
    let name = escape(&world.name);
    html(page(
        &world.name,
        &format!(
            "<h1 id=\"demo-provider-title\">{name}</h1><p class=\"note\">Demo provider - not Symbolon. \
It stands for your company's identity provider. Start at the demo application.</p>"
        ),
    ))
}

/// The list of people, one button each.
pub(crate) fn sign_in(
    (name, action): (&str, &str),
    ticket: &str,
    users: &[ProviderUser],
    hint: Option<&str>,
) -> HttpResponse {
    let mut ordered: Vec<(bool, &ProviderUser)> =
        users.iter().map(|user| (hint.is_some_and(|hint| user.is_hinted_by(hint)), user)).collect();
    ordered.sort_by_key(|(hinted, _)| !hinted);
    let buttons: String = ordered.into_iter().map(|(hinted, user)| button(user, hinted)).collect();
    html(page(
        name,
        &format!(
            "<h1 id=\"demo-provider-title\">{name}: choose who you are</h1>\
<p class=\"note\">Demo provider - not Symbolon. It stands for your company's identity provider; \
there are no passwords here.</p>\
<form id=\"sign-in-form\" method=\"post\" action=\"{action}\">\
<input type=\"hidden\" name=\"request\" value=\"{ticket}\">{buttons}\
<button id=\"cancel\" type=\"submit\" name=\"cancel\" value=\"1\">Cancel</button></form>",
            name = escape(name),
        ),
    ))
}

fn button(user: &ProviderUser, hinted: bool) -> String {
    let class = if hinted { " class=\"hinted\" autofocus" } else { "" };
    let subject = escape(&user.subject);
    let name = escape(user.text("name").unwrap_or(&user.subject));
    let email = escape(user.text("email").unwrap_or("no e-mail address"));
    format!(
        "<button id=\"user-{subject}\" type=\"submit\" name=\"subject\" value=\"{subject}\"{class}>\
{name}<small>{email}</small></button>"
    )
}

/// A request that must not be answered by a redirect.
pub(crate) fn refused(name: &str, problem: &str) -> HttpResponse {
    HttpResponse::BadRequest().content_type("text/html; charset=utf-8").body(page(
        name,
        &format!(
            "<h1 id=\"demo-provider-title\">{name}: this request cannot be served</h1>\
<p class=\"note\">Demo provider - not Symbolon.</p><p id=\"provider-error\">{problem}</p>",
            name = escape(name),
            problem = escape(problem),
        ),
    ))
}

/// OAuth 2.0 Form Post Response Mode; the button serves browsers without JavaScript.
pub(crate) fn form_post(target: &str, values: &[(&str, &str)]) -> HttpResponse {
    let fields: String = values
        .iter()
        .map(|(name, value)| {
            let value = escape(value);
            format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
        })
        .collect();
    html(page(
        "Back to the broker",
        &format!(
            "<h1>Signed in</h1><p class=\"note\">Demo provider - not Symbolon.</p>\
<form id=\"form-post\" method=\"post\" action=\"{target}\">{fields}\
<button id=\"continue\" type=\"submit\">Continue</button></form>\
<script>document.getElementById('form-post').submit()</script>",
            target = escape(target),
        ),
    ))
}
