//! Choosing a connector, leaving for it, and posting back to an application.

use serde::Serialize;
use symbolon_contract::ConnectorId;
use url::Url;

use super::{ApplicationLink, FormMethod, HiddenField, Page};

/// "Sign in": a link per connector, and an e-mail field first when there are several.
#[derive(Debug, Clone, Serialize)]
pub struct LoginPage {
    /// Whose people sign in here.
    pub tenant_name: String,
    /// What they want to use.
    pub application_name: Option<String>,
    /// What that application registered for people to read (DY-08).
    pub application_links: Vec<ApplicationLink>,
    /// The ways in, in the order of the page.
    pub connectors: Vec<ConnectorChoice>,
    /// The form that finds the way in by e-mail domain.
    pub email_first: Option<EmailFirst>,
    /// Why there is no way in, when there is none.
    pub notice: Option<String>,
    /// Set when the person came by another host than the public one: the sign-in would fail.
    pub other_host: Option<OtherHost>,
}

/// Where the person is, and where sign-in goes on.
#[derive(Debug, Clone, Serialize)]
pub struct OtherHost {
    /// The host in the browser's address bar.
    pub here: String,
    /// The public URL.
    pub there: Url,
}

/// One way in.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectorChoice {
    /// Gives the link its stable element id `connector-<id>`.
    pub id: ConnectorId,
    /// What people call it.
    pub name: String,
    /// Begins the sign-in.
    pub href: String,
}

/// The form that asks for an e-mail address first.
#[derive(Debug, Clone, Serialize)]
pub struct EmailFirst {
    /// How it is sent.
    pub method: FormMethod,
    /// Where it is sent.
    pub action: String,
    /// What it carries beside the address; the CSRF field when it posts.
    pub fields: Vec<HiddenField>,
    /// The address as typed or hinted.
    pub email: Option<String>,
    /// What was wrong with the address.
    pub problem: Option<String>,
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "login/choose";

    fn title(&self) -> String {
        format!("Sign in to {}", self.tenant_name)
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let page = |connectors: &[(&str, &str)], email_first, notice: Option<&str>| Self {
            tenant_name: "Contoso".to_owned(),
            application_name: Some("Wiki".to_owned()),
            application_links: Vec::new(),
            connectors: connectors
                .iter()
                .filter_map(|(id, name)| sample_choice(id, name))
                .collect(),
            email_first,
            notice: notice.map(ToOwned::to_owned),
            other_host: None,
        };
        let form = |method, problem: Option<&str>| EmailFirst {
            method,
            action: "/t/contoso/login/find".to_owned(),
            fields: vec![HiddenField::new("csrf", "c3JmLXRva2Vu")],
            email: problem.map(|_| "ada@fabrikam.example".to_owned()),
            problem: problem.map(ToOwned::to_owned),
        };
        let one = [("entra", "Microsoft Entra ID")];
        let several = [
            ("entra", "Microsoft Entra ID"),
            (
                "partners",
                "Fabrikam & Söhne \"Partner\" <login>, a name that is much longer than a button",
            ),
        ];
        let unknown = "No sign-in is set up for fabrikam.example. Choose below.";
        let other_host = sample_url("https://login.example.com")
            .map(|there| OtherHost { here: "10.0.0.7".to_owned(), there });
        vec![
            ("other_host", Self { other_host, ..page(&one, None, None) }),
            ("one", Self { application_name: None, ..page(&one, None, None) }),
            (
                "application",
                Self { application_links: ApplicationLink::samples(), ..page(&one, None, None) },
            ),
            ("several", page(&several, Some(form(FormMethod::Get, None)), None)),
            ("unknown_domain", page(&several, Some(form(FormMethod::Post, Some(unknown))), None)),
            (
                "none",
                page(
                    &[],
                    None,
                    Some("No way to sign in is switched on for Contoso. Ask its administrators."),
                ),
            ),
        ]
    }
}

fn sample_choice(id: &str, name: &str) -> Option<ConnectorChoice> {
    let href = format!("/t/contoso/login/begin/{id}?attempt=a1");
    Some(ConnectorChoice { id: ConnectorId::parse(id).ok()?, name: name.to_owned(), href })
}

/// "Taking you to …": a page instead of a redirect, because a redirect after a form would need the
/// upstream's origin in `form-action`.
#[derive(Debug, Clone, Serialize)]
pub struct LeavingPage {
    /// What people call the upstream.
    pub connector_name: String,
    /// The upstream's authorization URL.
    pub href: Url,
}

impl Page for LeavingPage {
    const TEMPLATE: &'static str = "login/leaving";

    fn title(&self) -> String {
        format!("Taking you to {}", self.connector_name)
    }

    fn refresh(&self) -> Option<&str> {
        Some(self.href.as_str())
    }

    fn samples() -> Vec<(&'static str, Self)> {
        sample_url("https://login.example.com/authorize?client_id=a&state=b'\"<c>")
            .map(|href| ("entra", Self { connector_name: "Microsoft Entra ID".to_owned(), href }))
            .into_iter()
            .collect()
    }
}

/// "Which organisation?": the platform's issuer cannot tell where the person belongs. There is no list to choose
/// from, because a list would tell everybody who is a customer.
#[derive(Debug, Clone, Serialize)]
pub struct FindTenantPage {
    /// What they want to use; none for a device, whose application a code says that nobody has looked at.
    pub application_name: Option<String>,
    /// Where the form is sent, by GET.
    pub action: String,
    /// The application's request.
    pub fields: Vec<HiddenField>,
    /// What the person typed, where it led nowhere.
    pub typed: Option<String>,
}

impl Page for FindTenantPage {
    const TEMPLATE: &'static str = "login/find_tenant";

    fn title(&self) -> String {
        match &self.application_name {
            Some(name) => format!("Sign in to {name}"),
            None => "Connect a device".to_owned(),
        }
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let page = |typed: Option<&str>| Self {
            application_name: Some("Helpdesk".to_owned()),
            action: "/authorize".to_owned(),
            fields: vec![
                HiddenField::new("client_id", "helpdesk"),
                HiddenField::new("state", "\"><script>alert(1)</script>"),
            ],
            typed: typed.map(ToOwned::to_owned),
        };
        let device = Self {
            application_name: None,
            action: "/device".to_owned(),
            fields: vec![HiddenField::new("user_code", "BCDF-GHJK")],
            typed: None,
        };
        let lost = page(Some("ada@fabrikam.example\"><b>"));
        vec![("asked", page(None)), ("not_found", lost), ("device", device)]
    }
}

/// Posts values to another origin: `response_mode=form_post`, SAML's POST binding. The response
/// needs `form-action` with the origin of `action` (`security_headers::page_headers`).
#[derive(Debug, Clone, Serialize)]
pub struct PostFormPage {
    /// What people call the receiver.
    pub destination_name: String,
    /// The exact registered URL.
    pub action: Url,
    /// What is posted.
    pub fields: Vec<HiddenField>,
}

impl Page for PostFormPage {
    const TEMPLATE: &'static str = "login/post_form";
    const SENDS_ITSELF: bool = true;

    fn title(&self) -> String {
        format!("Taking you to {}", self.destination_name)
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let fields = vec![
            HiddenField::new("code", "SplxlOBeZQQYbYS6WxSbIA"),
            HiddenField::new("state", "\"><script>alert(1)</script>"),
        ];
        sample_url("https://wiki.example.com/callback")
            .map(|action| ("wiki", Self { destination_name: "Wiki".to_owned(), action, fields }))
            .into_iter()
            .collect()
    }
}

fn sample_url(text: &str) -> Option<Url> {
    Url::parse(text).ok()
}
