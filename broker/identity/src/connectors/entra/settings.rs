//! The settings of an Entra connector: three fields to fill in, everything else has a default (N30).

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::clouds::Clouds;
use super::directory::{DirectoryId, is_guid};
use crate::connectors::oidc::ResponseMode;

/// How to speak to Microsoft Entra ID.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntraSettings {
    /// Directory (tenant) ID: where the app registration lives.
    pub tenant_id: DirectoryId,
    /// The verified domain that the admin typed instead of the ID, for display.
    #[serde(default)]
    pub tenant_domain: Option<String>,
    /// Application (client) ID.
    pub client_id: String,
    /// The cloud: `global`, `us_government`, `us_government_dod`, `china` and further ones.
    #[serde(default = "global")]
    pub cloud: String,
    /// Whose people may sign in.
    #[serde(default)]
    pub accepted_directories: AcceptedDirectories,
    /// How we prove ourselves to Microsoft.
    #[serde(default)]
    pub client_authentication: EntraAuthentication,
    /// Where groups come from when they do not fit into the token.
    #[serde(default)]
    pub groups: GroupSettings,
    /// Profile fields to read from Microsoft Graph at each sign-in; the ID token does not carry them.
    #[serde(default)]
    pub graph_profile: BTreeSet<ProfileField>,
    /// Let guests of the directory in.
    #[serde(default)]
    pub allow_guests: bool,
    /// Let personal Microsoft accounts in.
    #[serde(default)]
    pub allow_personal_accounts: bool,
    /// Refuse people whose Mail field is empty.
    #[serde(default = "yes")]
    pub require_mail: bool,
    /// When an e-mail counts as verified.
    #[serde(default)]
    pub trust_email: EntraTrustEmail,
    /// Assurance that sign-ins need and may ask for.
    #[serde(default)]
    pub assurance: Assurance,
    /// A `prompt` to send each time: `login`, `consent` or `select_account`.
    #[serde(default)]
    pub prompt: Option<String>,
    /// Skips Microsoft's account picker for a federated domain.
    #[serde(default)]
    pub domain_hint: Option<String>,
    /// How the answer comes back.
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// The registration has signing keys of its own, because claims are mapped there (AADSTS50146).
    #[serde(default)]
    pub append_appid: bool,
    /// Signing out here also offers to sign out at Microsoft.
    #[serde(default)]
    pub sign_out_at_microsoft: bool,
    /// Accepted difference of clocks in seconds, at most 300.
    #[serde(default = "default_skew")]
    #[schemars(range(max = 300))]
    pub clock_skew_seconds: u32,
}

/// Whose people may sign in (DEC-1). There is no setting that means "everybody" by being left empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AcceptedDirectories {
    /// Those of `tenant_id` alone.
    #[default]
    One,
    /// Those of `tenant_id` and of these; the registration must be multi-tenant.
    List(BTreeSet<DirectoryId>),
    /// Those of any work or school directory: what e-mails say is then worth nothing.
    Any {
        /// An admin has read that and means it; without it the connector is refused.
        confirmed: bool,
    },
}

/// How we prove ourselves at Microsoft's token endpoint (E-50 to E-53).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntraAuthentication {
    /// A client secret; the present one and, while it is replaced, the one before.
    #[default]
    Secret,
    /// A certificate: the private key is kept here, the certificate is uploaded to the registration.
    Certificate,
    /// A statement signed by the tenant's own key, which the registration trusts: nothing that expires.
    Federated,
}

/// Groups that do not fit into a token (E-27 to E-29).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroupSettings {
    /// What happens when the token says that there are too many.
    pub overage: Overage,
    /// Ask people for `User.Read`, so that their own token reads their groups; without it the application
    /// needs the permissions `User.Read.All` and `GroupMember.Read.All`.
    pub with_persons_token: bool,
    /// Count security groups only, not those for mail.
    pub security_groups_only: bool,
    /// The registration emits groups that are assigned to the application only, so that nobody can make a
    /// group of a privileged name: rules may then name groups instead of their ids (E-26).
    pub names_confirmed: bool,
}

impl Default for GroupSettings {
    fn default() -> Self {
        Self {
            overage: Overage::Resolve,
            with_persons_token: false,
            security_groups_only: true,
            names_confirmed: false,
        }
    }
}

/// What happens when the token says "too many groups". Going on without groups is no choice (E-29).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overage {
    /// Ask Microsoft Graph; refuse the sign-in when it cannot be asked.
    #[default]
    Resolve,
    /// Ask Microsoft Graph; when it cannot be asked, the groups of an earlier sign-in count for a while.
    LastKnown {
        /// How old they may be, in minutes.
        max_age_minutes: u32,
    },
    /// Do not ask: the mapping is told that the list is not whole, and rules by group refuse.
    Leave,
}

/// A profile field that Microsoft Graph gives and the ID token does not (DEC-5).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProfileField {
    /// `mail`.
    Mail,
    /// `displayName`.
    DisplayName,
    /// `department`.
    Department,
    /// `jobTitle`.
    JobTitle,
    /// `officeLocation`.
    OfficeLocation,
}

impl ProfileField {
    /// The name in Graph, which is also the claim's name for mapping rules.
    #[must_use]
    pub fn graph_name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::DisplayName => "displayName",
            Self::Department => "department",
            Self::JobTitle => "jobTitle",
            Self::OfficeLocation => "officeLocation",
        }
    }

    /// The field that a mapping's sync field needs, if it needs Graph at all (N38, N44 to N46).
    #[must_use]
    pub fn of_sync_field(name: &str) -> Option<Self> {
        match name {
            "department" | "metadata.department" => Some(Self::Department),
            "job_title" | "metadata.job_title" => Some(Self::JobTitle),
            "office" | "metadata.office" => Some(Self::OfficeLocation),
            _ => None,
        }
    }
}

/// When Entra's word for an e-mail is believed. It never says `email_verified` (E-21).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntraTrustEmail {
    /// Never.
    #[default]
    Never,
    /// When the optional claim `xms_edov` says that the domain's owner is verified.
    WhenDomainVerified,
}

/// Authentication contexts (`acrs`, C1 and so on): the only machine-checkable proof of a second factor (K-12).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Assurance {
    /// A context that every sign-in must satisfy, for example `c1`.
    pub required_context: Option<String>,
    /// Which context satisfies which `acr_values` of applications.
    pub contexts: BTreeMap<String, String>,
}

impl EntraSettings {
    /// Settings with every default.
    #[must_use]
    pub fn new(tenant_id: DirectoryId, client_id: impl Into<String>) -> Self {
        Self {
            tenant_id,
            tenant_domain: None,
            client_id: client_id.into(),
            cloud: global(),
            accepted_directories: AcceptedDirectories::default(),
            client_authentication: EntraAuthentication::default(),
            groups: GroupSettings::default(),
            graph_profile: BTreeSet::new(),
            allow_guests: false,
            allow_personal_accounts: false,
            require_mail: true,
            trust_email: EntraTrustEmail::default(),
            assurance: Assurance::default(),
            prompt: None,
            domain_hint: None,
            response_mode: ResponseMode::default(),
            append_appid: false,
            sign_out_at_microsoft: false,
            clock_skew_seconds: default_skew(),
        }
    }

    /// Whether people of this directory may sign in (E-10, E-11).
    #[must_use]
    pub fn accepts(&self, directory: &DirectoryId) -> bool {
        match &self.accepted_directories {
            AcceptedDirectories::One => *directory == self.tenant_id,
            AcceptedDirectories::List(more) => {
                *directory == self.tenant_id || more.contains(directory)
            }
            AcceptedDirectories::Any { confirmed } => {
                *confirmed && (self.allow_personal_accounts || !directory.is_of_personal_accounts())
            }
        }
    }

    /// The accepted directories in words.
    #[must_use]
    pub fn accepted_in_words(&self) -> String {
        match &self.accepted_directories {
            AcceptedDirectories::One => self.tenant_id.to_string(),
            AcceptedDirectories::List(more) => {
                let more = more.iter().map(ToString::to_string);
                std::iter::once(self.tenant_id.to_string())
                    .chain(more)
                    .collect::<Vec<_>>()
                    .join(", ")
            }
            AcceptedDirectories::Any { .. } => "any work or school directory".to_owned(),
        }
    }

    /// Everything wrong with the settings, in words for the admin; empty when they are fine.
    #[must_use]
    pub fn problems(&self, clouds: &Clouds) -> Vec<String> {
        let mut problems = self.identifier_problems(clouds);
        match &self.accepted_directories {
            AcceptedDirectories::List(more) if more.is_empty() => problems.push(
                "upstream.accepted_directories: the list is empty; an empty list means nobody. Name the \
                 directories, or choose `one`"
                    .into(),
            ),
            AcceptedDirectories::Any { confirmed: false } => problems.push(
                "upstream.accepted_directories: `any` lets people of every directory in the world sign \
                 in; confirm it, or name the directories"
                    .into(),
            ),
            _ => {}
        }
        if self.clock_skew_seconds > 300 {
            problems.push("upstream.clock_skew_seconds: at most 300".into());
        }
        if let Some(prompt) = &self.prompt
            && !["login", "consent", "select_account"].contains(&prompt.as_str())
        {
            problems.push("upstream.prompt: login, consent or select_account".into());
        }
        let contexts = self.assurance.contexts.values().chain(&self.assurance.required_context);
        for context in contexts.filter(|one| !is_context(one)) {
            problems.push(format!("upstream.assurance: {context:?} is no context like c1 or c25"));
        }
        problems
    }

    fn identifier_problems(&self, clouds: &Clouds) -> Vec<String> {
        let mut problems = Vec::new();
        if clouds.find(&self.cloud).is_none() {
            let known = clouds.names().join(", ");
            problems.push(format!("upstream.cloud: no such cloud; known are {known}"));
        }
        if self.tenant_id.is_of_personal_accounts() {
            problems.push("upstream.tenant_id: this is the directory of personal accounts".into());
        }
        if !is_guid(&self.client_id) {
            problems.push(
                "upstream.client_id: not a UUID. Copy the Application (client) ID from the registration's \
                 Overview, without blanks"
                    .into(),
            );
        } else if self.client_id.eq_ignore_ascii_case(self.tenant_id.as_str()) {
            problems.push(
                "upstream.client_id: this is the Directory (tenant) ID. The Application (client) ID stands \
                 above it in the registration's Overview"
                    .into(),
            );
        }
        problems
    }
}

/// What is wrong with a pasted client secret (N21, N22); the secret itself is never repeated.
#[must_use]
pub fn secret_problem(secret: &str) -> Option<&'static str> {
    if secret.is_empty() {
        Some("client secret: empty")
    } else if secret.chars().any(char::is_whitespace) {
        Some("client secret: holds blanks or line breaks; copy the Value again, without them")
    } else if is_guid(secret) {
        Some(
            "client secret: this is the Secret ID, not the secret. Copy the column Value; it is shown only \
             once, so make a new secret if it is gone",
        )
    } else {
        None
    }
}

/// `c1` to `c99`, as the directory's list of authentication contexts has them (E-45).
fn is_context(text: &str) -> bool {
    text.strip_prefix('c').is_some_and(|number| {
        (1..=2).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn global() -> String {
    "global".to_owned()
}

fn default_skew() -> u32 {
    60
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests;
