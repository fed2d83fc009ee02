//! Who can sign in how, in words (N57, N58): pure, so that a switch can be looked at before it is saved.

use schemars::JsonSchema;
use serde::Serialize;

use crate::connectors::entra::EntraSettings;
use crate::connectors::{ConnectorConfiguration, ConnectorRecord, ConnectorSettings, Pilot};
use crate::policy::ConnectorMode;
use crate::provisioning::{ProvisioningPolicy, SameEmail};

/// What the words are made of.
pub(super) struct Surroundings {
    /// The tenant may work at all.
    pub(super) tenant_active: bool,
    /// The present settings have a green test.
    pub(super) tested: bool,
    /// Users with a link to the connector.
    pub(super) linked: i64,
    /// Active users without one.
    pub(super) unlinked: i64,
    /// Domains of the tenant that another connector serves, with that connector.
    pub(super) served_elsewhere: Vec<(String, String)>,
    /// Applications that offer other connectors only.
    pub(super) not_offered_by: Vec<String>,
}

/// The connector's button on the login page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Button {
    /// Whether people see it.
    pub shown: bool,
    /// Why it is hidden, or does not help everybody who sees it.
    pub why_hidden: Vec<WhyHidden>,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WhyHidden {
    /// `tenant_suspended`, `off`, `test_only`, `untested`, `pilot_only`, `other_domain` or `application`.
    pub reason: &'static str,
    /// In words.
    pub text: String,
}

/// Some people, and what happens to them at a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WhoCanSignIn {
    /// Who.
    pub people: String,
    /// Whether they get in.
    pub may: bool,
    /// What happens.
    pub how: String,
    /// How many there are, where that is known.
    pub count: Option<i64>,
}

impl WhoCanSignIn {
    fn new(people: impl Into<String>, may: bool, how: impl Into<String>) -> Self {
        Self { people: people.into(), may, how: how.into(), count: None }
    }

    fn counting(self, count: i64) -> Self {
        Self { count: Some(count), ..self }
    }
}

/// Why somebody may not see the button (N57).
pub(super) fn button(mode: ConnectorMode, around: &Surroundings) -> Button {
    let mut why = Vec::new();
    let mut add = |reason, text: String| why.push(WhyHidden { reason, text });
    if !around.tenant_active {
        add("tenant_suspended", "the tenant is suspended".into());
    }
    match mode {
        ConnectorMode::Off => add("off", "the connector is switched off".into()),
        ConnectorMode::Test => {
            add("test_only", "the connector is open to test sign-ins only".into());
        }
        ConnectorMode::Pilot => add(
            "pilot_only",
            "everybody sees the button, but only people of the pilot get in".into(),
        ),
        ConnectorMode::On | ConnectorMode::Enforced => {}
    }
    let open = !matches!(mode, ConnectorMode::Off | ConnectorMode::Test);
    if !open && !around.tested {
        add(
            "untested",
            "the present settings have no green test, and it is switched on only after one".into(),
        );
    }
    for (domain, connector) in &around.served_elsewhere {
        let text = format!("people of {domain} are sent to the connector {connector}");
        add("other_domain", text);
    }
    for application in &around.not_offered_by {
        let text = format!("the application {application} offers other connectors only");
        add("application", text);
    }
    Button { shown: open && around.tenant_active, why_hidden: why }
}

/// Who gets in by this mode (N58).
pub(super) fn who(
    connector: &ConnectorRecord,
    mode: ConnectorMode,
    around: &Surroundings,
) -> Vec<WhoCanSignIn> {
    let settings = &connector.configuration;
    let mut lines = Vec::new();
    match mode {
        ConnectorMode::Off => {
            lines.push(WhoCanSignIn::new("everybody", false, "the connector is switched off"));
        }
        ConnectorMode::Test => lines.push(WhoCanSignIn::new(
            "everybody",
            false,
            "only test sign-ins that an admin starts, which create nobody",
        )),
        ConnectorMode::Pilot => pilot(&settings.pilot, &mut lines),
        ConnectorMode::On | ConnectorMode::Enforced => {}
    }
    if !matches!(mode, ConnectorMode::Off | ConnectorMode::Test) {
        upstream(&settings.upstream, &mut lines);
        users(settings, around, &mut lines);
        restrictions(settings, &mut lines);
    }
    if mode == ConnectorMode::Enforced {
        let how = "refused: people come in by the connector alone";
        lines.push(WhoCanSignIn::new("people with a password here", false, how));
    }
    let how = "go on: switching a connector ends none";
    lines.push(WhoCanSignIn::new("sessions that are open", true, how));
    lines
}

fn pilot(pilot: &Pilot, lines: &mut Vec<WhoCanSignIn>) {
    if !pilot.users.is_empty() {
        let named = WhoCanSignIn::new(pilot.users.join(", "), true, "named in the pilot");
        let count = i64::try_from(pilot.users.len()).unwrap_or(i64::MAX);
        lines.push(named.counting(count));
    }
    for domain in &pilot.domains {
        let people = format!("people with an e-mail of {domain}");
        lines.push(WhoCanSignIn::new(people, true, "their domain is in the pilot"));
    }
    let how = match lines.is_empty() {
        true => "refused: the pilot names nobody yet",
        false => "refused: not in the pilot",
    };
    lines.push(WhoCanSignIn::new("everybody else", false, how));
}

fn upstream(upstream: &ConnectorSettings, lines: &mut Vec<WhoCanSignIn>) {
    match upstream {
        ConnectorSettings::Oidc(settings) => {
            let people = format!("people of {}", settings.issuer);
            lines.push(WhoCanSignIn::new(people, true, "sign in there"));
        }
        ConnectorSettings::Entra(settings) => directories(settings, lines),
        ConnectorSettings::Saml(settings) => {
            let people = format!("people of {}", settings.identity_provider.entity_id);
            lines.push(WhoCanSignIn::new(people, true, "sign in there"));
            if settings.idp_initiated.is_some() {
                let how = "may also begin at the identity provider";
                lines.push(WhoCanSignIn::new("the same people", true, how));
            }
        }
    }
}

fn directories(settings: &EntraSettings, lines: &mut Vec<WhoCanSignIn>) {
    let people = format!("people of {}", settings.accepted_in_words());
    lines.push(WhoCanSignIn::new(people, true, "sign in at Microsoft"));
    let guests = match settings.allow_guests {
        true => "let in like members",
        false => "refused: guests are not let in",
    };
    lines.push(WhoCanSignIn::new("guests of the directory", settings.allow_guests, guests));
    if settings.require_mail {
        let how = "refused: the Mail field is required";
        lines.push(WhoCanSignIn::new("people whose Mail field is empty", false, how));
    }
}

fn users(settings: &ConnectorConfiguration, around: &Surroundings, lines: &mut Vec<WhoCanSignIn>) {
    let policy = &settings.provisioning;
    let how = "sign in as the user whom they are linked to";
    let linked = WhoCanSignIn::new("users with a link to this connector", true, how);
    lines.push(linked.counting(around.linked));
    let (may, how) = unlinked(policy);
    let people = "active users without a link to this connector";
    lines.push(WhoCanSignIn::new(people, may, how).counting(around.unlinked));
    let how = match policy.auto_provision {
        true => "get a user at their first sign-in",
        false => "refused until an admin makes their user; they are listed as access requests",
    };
    lines.push(WhoCanSignIn::new("people without a user", policy.auto_provision, how));
}

fn unlinked(policy: &ProvisioningPolicy) -> (bool, &'static str) {
    match (policy.link_by_email, policy.same_email, policy.auto_provision) {
        (true, ..) => (
            true,
            "linked at their first sign-in when the e-mail is verified, of a domain of the tenant, and one \
             user's alone; refused otherwise",
        ),
        (false, SameEmail::SeparateUser, true) => {
            (true, "get a second user: e-mails do not link, and the same e-mail may stand twice")
        }
        (false, ..) => (false, "refused until an admin links them: e-mails do not link"),
    }
}

fn restrictions(settings: &ConnectorConfiguration, lines: &mut Vec<WhoCanSignIn>) {
    let domains = &settings.provisioning.email_domains;
    if !domains.is_empty() {
        let people = format!("people with an e-mail outside {}", domains.join(", "));
        lines.push(WhoCanSignIn::new(people, false, "refused: another domain"));
    }
    if settings.requires_second_factor() {
        let how = "refused: a second factor is required";
        lines.push(WhoCanSignIn::new("people without a second factor", false, how));
    }
}
