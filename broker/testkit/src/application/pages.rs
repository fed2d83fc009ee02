//! The demo application's pages: plain HTML with stable element ids.

use super::SignedIn;
use super::relying_party::RelyingPartyError;
use crate::values::escape;

const STYLE: &str = "body{font-family:sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;\
background:#eef6ff;color:#1b2733}h1{font-size:1.4rem}h2{font-size:1.15rem}.note{border-left:4px solid #1c5fb0;padding:.5rem 1rem;\
background:#d7e8fb}a.button{display:inline-block;padding:.7rem 1.2rem;background:#1c5fb0;color:#fff;\
border-radius:4px;text-decoration:none}dt{font-weight:bold;margin-top:.6rem}dd{margin:0}\
pre{overflow-x:auto;background:#fff;padding:1rem}";

fn page(name: &str, body: &str) -> String {
    let name = escape(name);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{name}</title>\
<link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style></head><body><main>\
<h1 id=\"application-title\">{name}</h1>\
<p class=\"note\">Demo application - not Symbolon. It trusts Symbolon to say who you are.</p>{body}\
</main></body></html>"
    )
}

pub(super) fn welcome(name: &str) -> String {
    page(
        name,
        "<p>You are not signed in.</p><p><a id=\"sign-in\" class=\"button\" href=\"/sign-in\">Sign in</a></p>",
    )
}

pub(super) fn signed_in(name: &str, person: &SignedIn) -> String {
    let row = |label: &str, id: &str, value: &str| {
        format!("<dt>{label}</dt><dd id=\"{id}\">{}</dd>", escape(value))
    };
    let raw = serde_json::to_string_pretty(&person.claims).unwrap_or_default();
    let rows = [
        row("Name", "signed-in-name", person.text("name")),
        row("E-mail", "signed-in-email", person.text("email")),
        row("Department", "signed-in-department", person.text("department")),
        row("Roles", "signed-in-roles", &person.roles().join(", ")),
        row("Subject", "signed-in-subject", person.text("sub")),
    ]
    .concat();
    page(
        name,
        &format!(
            "<h2>You are signed in</h2><dl>{rows}</dl>\
<details><summary>All claims</summary><pre id=\"raw-claims\" tabindex=\"0\">{raw}</pre></details>\
<p><a id=\"application-sign-out\" href=\"/sign-out\">Sign out</a> or \
<a id=\"sign-in-again\" href=\"/sign-in?prompt=login\">sign in again</a></p>",
            raw = escape(&raw),
        ),
    )
}

pub(super) fn signed_out(name: &str) -> String {
    page(
        name,
        "<p id=\"application-signed-out\">You are signed out of this application.</p>\
<p><a id=\"sign-in\" class=\"button\" href=\"/sign-in\">Sign in</a></p>",
    )
}

pub(super) fn failed(name: &str, error: &RelyingPartyError) -> String {
    page(
        name,
        &format!(
            "<h2>The sign-in failed</h2><p id=\"application-error\">{error}</p>\
<p>Code: <code id=\"application-error-code\">{code}</code></p>\
<p><a id=\"sign-in\" class=\"button\" href=\"/sign-in\">Try again</a></p>",
            error = escape(&error.to_string()),
            code = escape(error.code()),
        ),
    )
}
