//! The question whether an application of somebody else may learn about the person.

use serde::Serialize;

use super::{ApplicationLink, HiddenField, Page};

/// "Allow Wiki?": who asks, for what, and two answers.
#[derive(Debug, Clone, Serialize)]
pub struct AllowPage {
    /// The application.
    pub application_name: String,
    /// What it registered for people to read.
    pub application_links: Vec<ApplicationLink>,
    /// Whose people are asked.
    pub tenant_name: String,
    /// Who is signed in.
    pub person: Option<String>,
    /// What it asks for, in words.
    pub wishes: Vec<String>,
    /// Where both answers are sent.
    pub action: String,
    /// What they carry; the CSRF field among it.
    pub fields: Vec<HiddenField>,
    /// The person's own page, where it can be taken back.
    pub own_page: String,
}

impl Page for AllowPage {
    const TEMPLATE: &'static str = "login/allow";

    fn title(&self) -> String {
        format!("Allow {}?", self.application_name)
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let full = Self {
            application_name: "Fabrikam Planner".to_owned(),
            application_links: ApplicationLink::samples(),
            tenant_name: "Contoso".to_owned(),
            person: Some("alice@contoso.example".to_owned()),
            wishes: [
                "Know that it is you, each time that you come",
                "Your name and profile",
                "Your e-mail address",
                "Use calendar.read at https://api.fabrikam.example/ for you",
                "Keep its access while you are not there",
            ]
            .map(str::to_owned)
            .to_vec(),
            action: "/t/contoso/consent".to_owned(),
            fields: vec![
                HiddenField::new("waiting", "SplxlOBeZQQYbYS6WxSbIA"),
                HiddenField::new("csrf", "c3JmLXRva2Vu"),
            ],
            own_page: "/t/contoso/".to_owned(),
        };
        let long = "A very long name \"of\" <an> application & its vendor ".repeat(3);
        let bare = Self {
            application_name: long,
            application_links: Vec::new(),
            person: None,
            wishes: full.wishes.iter().take(1).cloned().collect(),
            ..full.clone()
        };
        vec![("full", full), ("bare", bare)]
    }
}
