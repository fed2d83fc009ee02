//! The guide for the app registration (N10, N14, N23 to N25, E-32): every value that is typed at Microsoft,
//! filled in, so that nothing has to be put together by hand.

use serde::Serialize;
use serde_json::{Value, json};

use super::clouds::Cloud;
use super::settings::{AcceptedDirectories, EntraAuthentication, EntraSettings};

/// What the guide needs to know beside the settings.
#[derive(Debug, Clone, Copy)]
pub struct GuideFacts<'a> {
    /// Our callback, byte for byte.
    pub redirect_uri: &'a str,
    /// Where Microsoft tells us that somebody signed out.
    pub front_channel_logout_url: &'a str,
    /// The tenant's issuer.
    pub issuer: &'a str,
    /// The connector's id.
    pub connector: &'a str,
    /// The application's name at Microsoft.
    pub name: &'a str,
}

/// One step at Microsoft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideStep {
    /// Where: the menu's words.
    pub title: String,
    /// What to do there, a line each.
    pub lines: Vec<String>,
}

/// The whole guide.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegistrationGuide {
    /// What must be there before.
    pub prerequisites: Vec<&'static str>,
    /// The steps, in order.
    pub steps: Vec<GuideStep>,
    /// `optionalClaims` of the registration's manifest.
    pub optional_claims: Value,
    /// The same for Microsoft's command line.
    pub script: String,
}

/// Optional claims of the ID token, and what each is for (E-32).
pub const OPTIONAL_CLAIMS: [(&str, &str); 8] = [
    ("email", "the person's Mail field"),
    ("groups", "roles by group"),
    ("acct", "tells guests from members"),
    ("sid", "sign-outs at Microsoft end sessions here"),
    ("login_hint", "signing out at Microsoft without asking which account"),
    ("auth_time", "applications that demand a fresh sign-in"),
    ("xms_edov", "whether the e-mail's domain is verified"),
    ("upn", "the name that the person types"),
];

/// Makes the guide of one connector.
#[must_use]
pub fn registration_guide(
    settings: &EntraSettings,
    cloud: &Cloud,
    facts: GuideFacts<'_>,
) -> RegistrationGuide {
    RegistrationGuide {
        prerequisites: vec![
            "a Microsoft Entra ID directory",
            "the role Application Administrator or Global Administrator in it",
            "https for the address of this service (localhost excepted)",
        ],
        steps: vec![
            registration(settings, facts),
            credential(settings, cloud, facts),
            permissions(settings),
            claims(),
            logout(facts),
        ],
        optional_claims: optional_claims(),
        script: script(settings, facts),
    }
}

fn step(title: &str, lines: Vec<String>) -> GuideStep {
    GuideStep { title: title.to_owned(), lines }
}

fn account_types(settings: &EntraSettings) -> (&'static str, &'static str) {
    match settings.accepted_directories {
        AcceptedDirectories::One => {
            ("Accounts in this organizational directory only", "AzureADMyOrg")
        }
        _ if settings.allow_personal_accounts => (
            "Accounts in any organizational directory and personal Microsoft accounts",
            "AzureADandPersonalMicrosoftAccount",
        ),
        _ => ("Accounts in any organizational directory", "AzureADMultipleOrgs"),
    }
}

fn registration(settings: &EntraSettings, facts: GuideFacts<'_>) -> GuideStep {
    step(
        "App registrations > New registration",
        vec![
            format!("Name: {}", facts.name),
            format!("Supported account types: {}", account_types(settings).0),
            format!("Redirect URI: platform Web, {}", facts.redirect_uri),
            format!(
                "Further redirect URIs, for the consent link and for signing out at Microsoft: \
                 {issuer}/consent/{connector} and {issuer}/signed-out",
                issuer = facts.issuer,
                connector = facts.connector
            ),
            "Copy the Application (client) ID and the Directory (tenant) ID from the Overview"
                .into(),
        ],
    )
}

fn credential(settings: &EntraSettings, cloud: &Cloud, facts: GuideFacts<'_>) -> GuideStep {
    match settings.client_authentication {
        EntraAuthentication::Secret => step(
            "Certificates & secrets > Client secrets > New client secret",
            vec![
                "Choose when it expires, and tell us that date".into(),
                "Copy the Value, not the Secret ID: it is shown once".into(),
            ],
        ),
        EntraAuthentication::Certificate => step(
            "Certificates & secrets > Certificates > Upload certificate",
            vec!["Upload what `symbolon connector certificate create` printed".into()],
        ),
        EntraAuthentication::Federated => step(
            "Certificates & secrets > Federated credentials > Add credential > Other issuer",
            vec![
                format!("Issuer: {}", facts.issuer),
                format!("Subject identifier: {}", facts.connector),
                format!("Audience: {}", cloud.token_exchange_audience),
                "The issuer's documents must be reachable from the internet; it takes minutes to count"
                    .into(),
            ],
        ),
    }
}

/// N23, N24: the least that is needed, and when more is.
fn permissions(settings: &EntraSettings) -> GuideStep {
    let mut lines = vec!["Delegated: openid, profile, email".to_owned()];
    if settings.asks_graph_for_the_person() {
        lines.push("Delegated: User.Read (profile fields, the person's own groups)".into());
    }
    lines.push(
        "Application, only for looking up groups, for directory sync, or for people in too many groups: \
         User.Read.All and GroupMember.Read.All (Group.Read.All also works)"
            .into(),
    );
    lines.push(
        "Application, optional: Application.Read.All, with which we read when the secret ends"
            .into(),
    );
    lines.push("Then: Grant admin consent".into());
    step("API permissions > Add a permission > Microsoft Graph", lines)
}

fn claims() -> GuideStep {
    let lines =
        OPTIONAL_CLAIMS.iter().map(|(name, purpose)| format!("ID token: {name} ({purpose})"));
    let mut lines: Vec<String> = lines.collect();
    lines.push(
        "For groups: Add groups claim > Security groups, emitted as group ID; better still, App roles"
            .into(),
    );
    step("Token configuration > Add optional claim", lines)
}

fn logout(facts: GuideFacts<'_>) -> GuideStep {
    step(
        "Authentication > Front-channel logout URL",
        vec![facts.front_channel_logout_url.to_owned()],
    )
}

fn optional_claims() -> Value {
    let claims: Vec<Value> = OPTIONAL_CLAIMS
        .iter()
        .map(|(name, _)| json!({ "name": name, "essential": false, "additionalProperties": [] }))
        .collect();
    json!({ "idToken": claims })
}

/// Microsoft's own command line (`az`), for who prefers that.
fn script(settings: &EntraSettings, facts: GuideFacts<'_>) -> String {
    let claims = optional_claims().to_string();
    format!(
        "az login --tenant {tenant} --allow-no-subscriptions\n\
         printf '%s' '{claims}' > optional-claims.json\n\
         az ad app create --display-name '{name}' \\\n  \
         --sign-in-audience {audience} \\\n  \
         --web-redirect-uris '{redirect}' \\\n  \
         --optional-claims @optional-claims.json\n",
        tenant = settings.tenant_id,
        name = facts.name.replace('\'', ""),
        audience = account_types(settings).1,
        redirect = facts.redirect_uri,
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Clouds, DirectoryId};
    use super::*;

    fn guide(change: impl FnOnce(&mut EntraSettings)) -> RegistrationGuide {
        let tenant = DirectoryId::parse("11111111-2222-4333-8444-555555555555").unwrap();
        let mut settings = EntraSettings::new(tenant, "x");
        change(&mut settings);
        let facts = GuideFacts {
            redirect_uri: "https://id.example/t/contoso/callback/entra",
            front_channel_logout_url: "https://id.example/t/contoso/logout/frontchannel/entra",
            issuer: "https://id.example/t/contoso",
            connector: "entra",
            name: "Symbolon for Contoso",
        };
        registration_guide(&settings, Clouds::default().find("global").unwrap(), facts)
    }

    fn text(guide: &RegistrationGuide) -> String {
        guide.steps.iter().flat_map(|step| step.lines.clone()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn feat_n14_n10_every_value_of_the_registration_is_filled_in() {
        let guide = guide(|_| ());
        insta::assert_json_snapshot!(guide);
    }

    #[test]
    fn feat_n23_n24_permissions_are_asked_for_only_where_they_are_used() {
        assert!(!text(&guide(|_| ())).contains("Delegated: User.Read"));
        let fields = guide(|settings| {
            settings.graph_profile = [super::super::ProfileField::Department].into();
        });
        assert!(text(&fields).contains("Delegated: User.Read"));
    }

    #[test]
    fn entra_e52_a_federated_credential_is_spelled_out() {
        let federated =
            guide(|settings| settings.client_authentication = EntraAuthentication::Federated);
        let text = text(&federated);
        assert!(text.contains("Issuer: https://id.example/t/contoso"));
        assert!(text.contains("Audience: api://AzureADTokenExchange"));
    }
}
