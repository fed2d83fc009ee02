//! Signed in, signing out, and the plain page at the root.

use serde::Serialize;

use super::{HiddenField, Page, PostButton};

/// Who is signed in, with which roles.
#[derive(Debug, Clone, Serialize)]
pub struct SignedInPage {
    /// The person's name.
    pub name: Option<String>,
    /// The person's e-mail address.
    pub email: Option<String>,
    /// The roles in force.
    pub roles: Vec<String>,
    /// The applications of others that they allowed to learn about them.
    pub applications: Vec<AllowedFacts>,
    /// Ends the session.
    pub sign_out: PostButton,
}

/// An application that a person allowed.
#[derive(Debug, Clone, Serialize)]
pub struct AllowedFacts {
    /// Its id.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// The day.
    pub since: String,
    /// What it may learn, in words.
    pub wishes: String,
    /// Takes it back.
    pub withdraw: PostButton,
}

impl Page for SignedInPage {
    const TEMPLATE: &'static str = "account/signed_in";

    fn title(&self) -> String {
        "You are signed in".to_owned()
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let alice = Self {
            name: Some("Alice O'Neill".to_owned()),
            email: Some("alice@contoso.example".to_owned()),
            roles: ["admin", "wiki:editor", "reports.reader"].map(str::to_owned).to_vec(),
            applications: Vec::new(),
            sign_out: sample_sign_out(),
        };
        let nameless = Self { name: None, email: None, roles: Vec::new(), ..alice.clone() };
        let allowed = |id: &str, name: &str| AllowedFacts {
            id: id.to_owned(),
            name: name.to_owned(),
            since: "2026-11-22".to_owned(),
            wishes: "Know that it is you, each time that you come; Your e-mail address".to_owned(),
            withdraw: PostButton {
                action: "/t/contoso/applications/withdraw".to_owned(),
                fields: vec![HiddenField::new("application", id)],
            },
        };
        let applications =
            vec![allowed("planner", "Fabrikam Planner"), allowed("odd", "A & <b> \"C\"")];
        let with_applications = Self { applications, ..alice.clone() };
        vec![("alice", alice), ("nameless", nameless), ("applications", with_applications)]
    }
}

/// Asks before the session ends (OpenID Connect RP-Initiated Logout 1.0, section 2).
#[derive(Debug, Clone, Serialize)]
pub struct SignOutConfirmPage {
    /// Where the session is.
    pub tenant_name: String,
    /// Which application asks.
    pub application_name: Option<String>,
    /// Ends the session.
    pub sign_out: PostButton,
    /// Leads back without ending it.
    pub stay: Option<String>,
}

impl Page for SignOutConfirmPage {
    const TEMPLATE: &'static str = "account/sign_out_confirm";

    fn title(&self) -> String {
        "Sign out?".to_owned()
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let asked = Self {
            tenant_name: "Contoso".to_owned(),
            application_name: Some("Wiki".to_owned()),
            sign_out: sample_sign_out(),
            stay: Some("/t/contoso/".to_owned()),
        };
        let plain = Self { application_name: None, stay: None, ..asked.clone() };
        vec![("asked", asked), ("plain", plain)]
    }
}

/// The session is over.
#[derive(Debug, Clone, Serialize)]
pub struct SignedOutPage {
    /// Where the session was.
    pub tenant_name: String,
    /// Whose session goes on, where signing out here did not end it (E-62).
    pub still_at: Option<String>,
    /// Leads on, to the application or to a new sign-in.
    pub continue_to: Option<String>,
}

impl Page for SignedOutPage {
    const TEMPLATE: &'static str = "account/signed_out";

    fn title(&self) -> String {
        "You are signed out".to_owned()
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let page = |continue_to: Option<&str>| Self {
            tenant_name: "Contoso".to_owned(),
            still_at: None,
            continue_to: continue_to.map(ToOwned::to_owned),
        };
        let still = Self { still_at: Some("Microsoft".to_owned()), ..page(None) };
        vec![
            ("plain", page(None)),
            ("still_at", still),
            ("with_way_on", page(Some("https://wiki.example.com/"))),
        ]
    }
}

/// The root of the public URL, for people who come there by hand.
#[derive(Debug, Clone, Serialize)]
pub struct HomePage {}

impl Page for HomePage {
    const TEMPLATE: &'static str = "account/home";

    fn title(&self) -> String {
        "Sign-in service".to_owned()
    }

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("plain", Self {})]
    }
}

fn sample_sign_out() -> PostButton {
    PostButton {
        action: "/t/contoso/logout".to_owned(),
        fields: vec![HiddenField::new("csrf", "c3JmLXRva2Vu")],
    }
}
