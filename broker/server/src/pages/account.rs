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

/// The session is over. In frames, applications are told (OpenID Connect Front-Channel Logout 1.0).
#[derive(Debug, Clone, Default, Serialize)]
pub struct SignedOutPage {
    /// Where the session was.
    pub tenant_name: String,
    /// Whose session goes on, where signing out here did not end it (E-62).
    pub still_at: Option<String>,
    /// Addresses of applications, each loaded in a hidden frame. The page's headers must allow their origins.
    pub frames: Vec<String>,
    /// Leads on: to the application, to the upstream, or to a new sign-in.
    pub continue_to: Option<String>,
    /// The same by form, where the upstream wants one.
    pub continue_by: Option<PostButton>,
    /// The page leads on by itself, once its frames are loaded.
    pub goes_on: bool,
}

/// Without scripts, the frames have this long.
const SECONDS_FOR_FRAMES: u8 = 5;

impl Page for SignedOutPage {
    const TEMPLATE: &'static str = "account/signed_out";
    const GOES_ON: bool = true;

    fn title(&self) -> String {
        "You are signed out".to_owned()
    }

    fn refresh(&self) -> Option<&str> {
        self.continue_to.as_deref().filter(|_| self.goes_on)
    }

    fn refresh_after(&self) -> u8 {
        SECONDS_FOR_FRAMES
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let page = |continue_to: Option<&str>| Self {
            tenant_name: "Contoso".to_owned(),
            continue_to: continue_to.map(ToOwned::to_owned),
            ..Self::default()
        };
        let still = Self { still_at: Some("Microsoft".to_owned()), ..page(None) };
        let frames = ["https://wiki.example.com/out?iss=a&sid=b", "https://mail.example.com/out"];
        let framed = Self {
            frames: frames.map(str::to_owned).to_vec(),
            goes_on: true,
            ..page(Some("https://wiki.example.com/bye?state=\"><b>"))
        };
        let by = PostButton {
            action: "https://idp.example.com/slo".to_owned(),
            fields: vec![HiddenField::new("SAMLRequest", "PHNhbWxwOkxvZ291dFJlcXVlc3Q+")],
        };
        vec![
            ("plain", page(None)),
            ("still_at", still),
            ("with_way_on", page(Some("https://wiki.example.com/"))),
            ("with_form", Self { continue_to: None, continue_by: Some(by), ..framed.clone() }),
            ("with_frames", framed),
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
