//! A person lets a device in: the code, the question, the answer (RFC 8628 3.3).

use serde::Serialize;
use symbolon_contract::TraceId;

use super::{HiddenField, Page, PostButton};

/// Asks for the code that the device shows.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceEnterPage {
    /// Where the device will be in.
    pub tenant_name: String,
    /// Where the form is sent, by GET: looking changes nothing.
    pub action: String,
    /// What is sent along.
    pub fields: Vec<HiddenField>,
    /// What was wrong with the code before.
    pub problem: Option<String>,
    /// Finds the audit row of that.
    pub trace_id: Option<TraceId>,
}

impl Page for DeviceEnterPage {
    const TEMPLATE: &'static str = "device/enter";

    fn title(&self) -> String {
        "Connect a device".to_owned()
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let plain = Self {
            tenant_name: "Contoso".to_owned(),
            action: "/t/contoso/device".to_owned(),
            fields: Vec::new(),
            problem: None,
            trace_id: None,
        };
        let platform = Self {
            action: "/device".to_owned(),
            fields: vec![HiddenField::new("tenant", "contoso")],
            ..plain.clone()
        };
        let wrong = Self {
            problem: Some("No device waits with this code.".to_owned()),
            trace_id: TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736").ok(),
            ..plain.clone()
        };
        vec![("plain", plain), ("platform", platform), ("wrong_code", wrong)]
    }
}

/// Asks whether this device shall be let in.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceConfirmPage {
    /// Where the device will be in.
    pub tenant_name: String,
    /// The application on it.
    pub application_name: String,
    /// To compare with what it shows.
    pub user_code: String,
    /// The address that it asked from.
    pub asked_from: Option<String>,
    /// What it asks for, in words.
    pub wishes: Vec<String>,
    /// Who is signed in.
    pub person: Option<String>,
    /// Says yes.
    pub allow: PostButton,
    /// Says no.
    pub deny: PostButton,
}

impl Page for DeviceConfirmPage {
    const TEMPLATE: &'static str = "device/confirm";

    fn title(&self) -> String {
        "Let this device in?".to_owned()
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let button = |decision: &str| PostButton {
            action: "/t/contoso/device".to_owned(),
            fields: vec![
                HiddenField::new("user_code", "BCDF-GHJK"),
                HiddenField::new("decision", decision),
                HiddenField::new("csrf", "c3JmLXRva2Vu"),
            ],
        };
        let television = Self {
            tenant_name: "Contoso".to_owned(),
            application_name: "Television <x>".to_owned(),
            user_code: "BCDF-GHJK".to_owned(),
            asked_from: Some("192.0.2.7".to_owned()),
            wishes: [
                "Know that it is you, each time that you come",
                "Your name and profile",
                "Keep its access while you are not there",
            ]
            .map(str::to_owned)
            .to_vec(),
            person: Some("alice@contoso.example".to_owned()),
            allow: button("allow"),
            deny: button("deny"),
        };
        let least =
            Self { asked_from: None, wishes: Vec::new(), person: None, ..television.clone() };
        vec![("least", least), ("television", television)]
    }
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceDonePage {
    /// Where the device is in, or not.
    pub tenant_name: String,
    /// What the person said.
    pub allowed: bool,
}

impl Page for DeviceDonePage {
    const TEMPLATE: &'static str = "device/done";

    fn title(&self) -> String {
        if self.allowed { "The device is in" } else { "The device stays out" }.to_owned()
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let page = |allowed| Self { tenant_name: "Contoso".to_owned(), allowed };
        vec![("allowed", page(true)), ("denied", page(false))]
    }
}
