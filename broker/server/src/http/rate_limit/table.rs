//! Which limit counts for which path.

use super::LimitKind;

/// What counts for a path besides [`LimitKind::Address`], which counts for all that have a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule(pub(super) Option<LimitKind>);

/// The rule of a path as the router sees it, percent-decoded; none for health and static files.
pub(super) fn rule(path: &str) -> Option<Rule> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["livez" | "readyz"] | ["static", ..] => None,
        ["api", "v1", ..] => Some(Rule(Some(LimitKind::Api))),
        // Those of a tenant, and those of the platform at the root.
        ["t", _, rest @ ..] | rest => Some(Rule(of_issuer(rest))),
    }
}

/// Paths below an issuer.
fn of_issuer(rest: &[&str]) -> Option<LimitKind> {
    Some(match rest {
        [
            "authorize" | "consent" | "end_session" | "login" | "logout" | "signed-out"
            | "test-sign-in",
            ..,
        ] => LimitKind::SignIn,
        ["callback" | "saml", ..] => LimitKind::Callback,
        ["introspect" | "par" | "revoke" | "token"] => LimitKind::Token,
        ["device_authorization"] => LimitKind::Device,
        ["device", ..] => LimitKind::UserCode,
        ["register", ..] => LimitKind::Registration,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::{RefusalForm, refusal_form};

    #[test]
    fn h07_every_kind_of_path_has_its_limit_and_its_form() {
        use LimitKind::{Api, Callback, Device, Registration, SignIn, Token, UserCode};
        use RefusalForm::{Application, Document, Page, Problem};
        let cases = [
            ("/t/a/authorize", Some(SignIn), Page),
            ("/t/a/login", Some(SignIn), Page),
            ("/t/a/login/upstream", Some(SignIn), Page),
            ("/t/a/logout", Some(SignIn), Page),
            ("/t/a/callback/upstream", Some(Callback), Page),
            ("/t/a/saml/x/acs", Some(Callback), Page),
            ("/t/a/token", Some(Token), Application),
            ("/t/a/introspect", Some(Token), Application),
            ("/t/a/revoke", Some(Token), Application),
            ("/t/a/par", Some(Token), Application),
            ("/t/a/device_authorization", Some(Device), Application),
            ("/t/a/device", Some(UserCode), Page),
            ("/t/a/register", Some(Registration), Document),
            ("/t/a/register/app", Some(Registration), Document),
            ("/api/v1/tenants/a/connectors", Some(Api), Problem),
            ("/token", Some(Token), Application),
            ("/authorize", Some(SignIn), Page),
            ("/t/a/userinfo", None, Document),
            ("/t/a/jwks", None, Document),
            ("/t/a/.well-known/openid-configuration", None, Document),
            ("/.well-known/oauth-authorization-server/t/a", None, Document),
            ("/t/a", None, Page),
            ("/", None, Page),
            ("/wp-login.php", None, Page),
            ("", None, Page),
        ];
        for (path, kind, form) in cases {
            assert_eq!((rule(path), refusal_form(path)), (Some(Rule(kind)), form), "{path}");
        }
        for free in ["/livez", "/readyz", "/static/abc/style.css"] {
            assert_eq!(rule(free), None, "{free}");
        }
    }
}
