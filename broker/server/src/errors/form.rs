//! In which form a path's callers understand a refusal.

/// The form of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalForm {
    /// For people.
    Page,
    /// For applications that have to prove who they are: RFC 6749 5.2, with its challenge.
    Application,
    /// For programs that read something.
    Document,
    /// For callers of the admin API (RFC 9457).
    Problem,
}

/// The form for a path: those of a tenant, of the platform at the root, and of the admin API.
pub(crate) fn refusal_form(path: &str) -> RefusalForm {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["api", "v1", ..] => RefusalForm::Problem,
        ["t", _, rest @ ..] | rest => match rest {
            ["device_authorization" | "introspect" | "par" | "revoke" | "token"] => {
                RefusalForm::Application
            }
            ["jwks" | "userinfo"] | [".well-known" | "register", ..] => RefusalForm::Document,
            _ => RefusalForm::Page,
        },
    }
}
