//! A refusal or failure, as the person sees it.

use serde::Serialize;
use symbolon_contract::TraceId;

use super::Page;

/// The error page: a sentence, whom to ask, and the two lines that support needs.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// A few words, for example "You cannot sign in here".
    pub title: String,
    /// The catalogue's sentence for the person.
    pub sentence: String,
    /// The request parameter at fault, when an application sent a bad request. Stays English.
    pub parameter: Option<String>,
    /// The catalogue's code.
    pub reason_code: String,
    /// Finds the log lines and the audit row.
    pub trace_id: TraceId,
    /// Whom the tenant names for help.
    pub contact: Option<Contact>,
    /// Begins anew, where that can help.
    pub try_again: Option<String>,
}

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// A name, an address, a telephone number.
    pub text: String,
    /// `mailto:` or `https:`.
    pub href: Option<String>,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "errors/error";

    fn title(&self) -> String {
        self.title.clone()
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let Ok(trace_id) = TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736") else {
            return Vec::new();
        };
        let plain = Self {
            title: "This request is not valid".to_owned(),
            sentence: "The application sent an address for the way back that is not registered."
                .to_owned(),
            parameter: Some("redirect_uri".to_owned()),
            reason_code: "oidc.redirect_uri_mismatch".to_owned(),
            trace_id,
            contact: None,
            try_again: None,
        };
        let refused = Self {
            title: "You cannot sign in here yet".to_owned(),
            sentence: "Your account at Contoso is fine, but nobody has given you access to Wiki."
                .to_owned(),
            parameter: None,
            reason_code: "provisioning.not_provisioned".to_owned(),
            contact: Some(Contact {
                text: "it-help@contoso.example".to_owned(),
                href: Some("mailto:it-help@contoso.example".to_owned()),
            }),
            try_again: Some("/t/contoso/login".to_owned()),
            ..plain.clone()
        };
        let by_name = Contact { text: "Ada <x>, room 7 & 8".to_owned(), href: None };
        vec![
            ("named_contact", Self { contact: Some(by_name), ..refused.clone() }),
            ("parameter", plain),
            ("refused", refused),
        ]
    }
}
