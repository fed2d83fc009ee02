//! Which limits count for which path, and how its callers are told.

use super::LimitKind;

/// The form of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// For people.
    Page,
    /// For applications (RFC 6749 5.2).
    Oauth,
    /// For callers of the admin API (RFC 9457).
    Problem,
}

/// What counts for a path besides [`LimitKind::Address`], which counts for all that have a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) kind: Option<LimitKind>,
    pub(super) form: Form,
}

/// The rule of a path as the router sees it, percent-decoded; none for health and static files.
pub(super) fn rule(path: &str) -> Option<Rule> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (kind, form) = match parts.as_slice() {
        ["livez" | "readyz"] | ["static", ..] => return None,
        ["api", "v1", ..] => (Some(LimitKind::Api), Form::Problem),
        // Those of a tenant, and those of the platform at the root.
        ["t", _, rest @ ..] | rest => of_issuer(rest),
    };
    Some(Rule { kind, form })
}

/// Paths below an issuer.
fn of_issuer(rest: &[&str]) -> (Option<LimitKind>, Form) {
    use LimitKind::{Callback, Device, Registration, SignIn, Token, UserCode};
    match rest {
        [
            "authorize" | "consent" | "end_session" | "login" | "logout" | "signed-out"
            | "test-sign-in",
            ..,
        ] => (Some(SignIn), Form::Page),
        ["callback" | "saml", ..] => (Some(Callback), Form::Page),
        ["introspect" | "par" | "revoke" | "token"] => (Some(Token), Form::Oauth),
        ["device_authorization"] => (Some(Device), Form::Oauth),
        ["device", ..] => (Some(UserCode), Form::Page),
        ["register", ..] => (Some(Registration), Form::Oauth),
        ["jwks" | "userinfo"] | [".well-known", ..] => (None, Form::Oauth),
        _ => (None, Form::Page),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h07_every_kind_of_path_has_its_limit_and_its_form() {
        use LimitKind::{Api, Callback, Device, Registration, SignIn, Token, UserCode};
        let cases = [
            ("/t/a/authorize", Some(SignIn), Form::Page),
            ("/t/a/login", Some(SignIn), Form::Page),
            ("/t/a/login/upstream", Some(SignIn), Form::Page),
            ("/t/a/logout", Some(SignIn), Form::Page),
            ("/t/a/callback/upstream", Some(Callback), Form::Page),
            ("/t/a/saml/x/acs", Some(Callback), Form::Page),
            ("/t/a/token", Some(Token), Form::Oauth),
            ("/t/a/introspect", Some(Token), Form::Oauth),
            ("/t/a/revoke", Some(Token), Form::Oauth),
            ("/t/a/par", Some(Token), Form::Oauth),
            ("/t/a/device_authorization", Some(Device), Form::Oauth),
            ("/t/a/device", Some(UserCode), Form::Page),
            ("/t/a/register", Some(Registration), Form::Oauth),
            ("/t/a/register/app", Some(Registration), Form::Oauth),
            ("/api/v1/tenants/a/connectors", Some(Api), Form::Problem),
            ("/token", Some(Token), Form::Oauth),
            ("/authorize", Some(SignIn), Form::Page),
            ("/t/a/userinfo", None, Form::Oauth),
            ("/t/a/.well-known/openid-configuration", None, Form::Oauth),
            ("/.well-known/oauth-authorization-server/t/a", None, Form::Oauth),
            ("/t/a", None, Form::Page),
            ("/", None, Form::Page),
            ("/wp-login.php", None, Form::Page),
            ("", None, Form::Page),
        ];
        for (path, kind, form) in cases {
            assert_eq!(rule(path), Some(Rule { kind, form }), "{path}");
        }
        for free in ["/livez", "/readyz", "/static/abc/style.css"] {
            assert_eq!(rule(free), None, "{free}");
        }
    }
}
