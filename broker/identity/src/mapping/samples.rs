//! Sign-ins that nobody made: every version is tried on them, so that a plugin which crashes on something
//! ordinary is never activated (WP-79).

use serde_json::{Value, json};

use super::CaseLogin;

/// The samples, with their names.
pub(super) fn samples() -> Vec<(&'static str, CaseLogin)> {
    vec![
        ("nothing but a subject", login("oidc", json!({ "sub": "somebody" }))),
        ("a plain OpenID provider", login("oidc", openid())),
        ("Entra ID", login("entra", entra(8))),
        ("a thousand groups", login("entra", entra(1000))),
        (
            "an incomplete group list",
            CaseLogin { groups_complete: false, ..login("entra", entra(1)) },
        ),
        ("odd text", login("oidc", odd())),
        ("nested claims", login("oidc", nested())),
    ]
}

fn login(kind: &str, claims: Value) -> CaseLogin {
    let claims = match claims {
        Value::Object(claims) => claims,
        _ => serde_json::Map::new(),
    };
    CaseLogin { kind: kind.to_owned(), claims, ..CaseLogin::default() }
}

fn openid() -> Value {
    json!({
        "sub": "248289761001", "name": "Jane Doe", "given_name": "Jane", "family_name": "Doe",
        "preferred_username": "j.doe", "email": "janedoe@contoso.example", "email_verified": true,
        "groups": ["staff", "wiki-editors"], "updated_at": 1_750_000_000,
    })
}

fn entra(groups: usize) -> Value {
    let group = |n: usize| format!("8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f{n:04x}");
    json!({
        "tid": "9122040d-6c67-4c5b-b112-36a304b66dad", "oid": "00000000-0000-0000-66f3-3332eca7ea81",
        "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "ver": "2.0", "acct": 0,
        "name": "Adele Vance", "given_name": "Adele", "family_name": "Vance",
        "preferred_username": "adele.vance@contoso.example", "email": "adele.vance@contoso.example",
        "department": "Retail", "jobTitle": "Retail Manager", "officeLocation": "18/2111",
        "groups": (0..groups).map(group).collect::<Vec<_>>(), "roles": ["Task.Write"], "wids": [],
    })
}

/// What people really have in directories: other scripts, line breaks, direction marks, nothing at all.
fn odd() -> Value {
    json!({
        "sub": "\u{5d0}\u{202e}x", "name": "Zo\u{eb} \u{1f469}\u{200d}\u{1f692}\r\nO'Neill\u{0} \"<b>\"",
        "email": "", "preferred_username": "  ", "department": null, "groups": ["", "ä", "a,b", "a;b"],
        "officeLocation": "x".repeat(5000),
    })
}

fn nested() -> Value {
    let mut deep = json!("leaf");
    for level in 0..40 {
        deep = json!({ format!("level{level}"): [deep] });
    }
    json!({
        "sub": "somebody", "email": ["a@contoso.example", "b@contoso.example"], "name": { "first": "A" },
        "groups": [{ "name": "staff" }, 7, true], "address": { "locality": "Bern" }, "deep": deep,
    })
}
