//! The settings of a SAML connector. The checks of a response are no settings: all of them are on, always.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use symbolon_contract::ApplicationId;
use url::Url;

use super::identity_provider::{Binding, IdentityProvider, unreadable};

/// How to speak to a SAML identity provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SamlSettings {
    /// Where its metadata is, if it publishes any: read again and again.
    #[serde(default)]
    pub metadata: Option<MetadataSource>,
    /// What is known of it; filled from its metadata when left out.
    #[serde(default)]
    pub identity_provider: IdentityProvider,
    /// Whose product it is: decides the names of attributes and what the person is known by. Told from the entity id
    /// when left out.
    #[serde(default)]
    pub vendor: Option<Vendor>,
    /// How people are sent there.
    #[serde(default)]
    pub request: RequestSettings,
    /// What must be signed. Something always must.
    #[serde(default)]
    pub signed: SignedDemand,
    /// SHA-1 in signatures is taken until then. For a move only: SHA-1 can be forged.
    #[serde(default)]
    pub sha1_until: Option<DateTime<Utc>>,
    /// Responses that nobody asked for; refused when left out.
    #[serde(default)]
    pub idp_initiated: Option<IdpInitiated>,
    /// What the person is known by. Change it only before the first sign-in.
    #[serde(default)]
    pub subject: SubjectSource,
    /// Where to find what in the attributes, in place of the vendor's names.
    #[serde(default)]
    pub attributes: AttributeNames,
    /// Whether an e-mail that the identity provider states counts as proved.
    #[serde(default)]
    pub trust_email: EmailTrust,
    /// Attributes that must have exactly this value.
    #[serde(default)]
    pub required_attributes: BTreeMap<String, String>,
    /// entra: how to ask for the groups of a person who has more than 150 of them. Its secret is the connector's
    /// client secret. Without it such a person's groups are unknown.
    #[serde(default)]
    pub graph: Option<GraphAccess>,
    /// Accepted difference of clocks in seconds, at most 300.
    #[serde(default = "default_skew")]
    #[schemars(range(max = 300))]
    pub clock_skew_seconds: u32,
    /// Signing out here signs out there too, where it offers that.
    #[serde(default)]
    pub single_logout: bool,
    /// Our entity id, where another one than the address of our metadata is registered there already.
    #[serde(default)]
    pub entity_id: Option<String>,
}

/// Where metadata is, and what it is trusted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetadataSource {
    /// The address.
    pub url: Url,
    /// The entity to pick from a document that holds several.
    #[serde(default)]
    pub entity_id: Option<String>,
    /// Certificates that must have signed the document; with none, TLS is what is trusted.
    #[serde(default)]
    pub signed_by: Vec<String>,
    /// What follows when it shows other keys or addresses.
    #[serde(default)]
    pub changes: MetadataChanges,
}

/// What follows when the published metadata changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MetadataChanges {
    /// Its keys and addresses are taken over.
    #[default]
    Follow,
    /// The settings stay as they are; an admin is told of the difference.
    Pinned,
}

/// Products whose habits are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vendor {
    /// Any.
    #[default]
    Generic,
    /// Microsoft Entra ID.
    Entra,
    /// Active Directory Federation Services.
    Adfs,
    /// Okta.
    Okta,
    /// Google Workspace.
    Google,
}

impl Vendor {
    /// Told from the form of the entity id (EI-03, OI-1 to OI-3).
    #[must_use]
    pub fn of(entity_id: &str) -> Self {
        if entity_id.starts_with("https://sts.windows.net/") {
            Self::Entra
        } else if entity_id.ends_with("/adfs/services/trust") {
            Self::Adfs
        } else if entity_id.starts_with("http://www.okta.com/") {
            Self::Okta
        } else if entity_id.starts_with("https://accounts.google.com/o/saml2") {
            Self::Google
        } else {
            Self::Generic
        }
    }
}

/// How people are sent to the identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RequestSettings {
    /// How the request travels; what the identity provider offers, redirect first, when left out.
    pub binding: Option<Binding>,
    /// Sign it.
    pub sign: bool,
    /// People must prove themselves anew at each sign-in.
    pub force_authn: bool,
    /// Authentication contexts to ask for each time, exactly one of which must come back.
    pub contexts: Vec<String>,
    /// The format of NameID to ask for.
    pub name_id_format: Option<String>,
    /// The identity provider may make a new identifier for a person.
    pub allow_create: bool,
    /// Pass the application's `login_hint` on, as Entra and others read it.
    pub forward_hints: bool,
}

impl Default for RequestSettings {
    fn default() -> Self {
        Self {
            binding: None,
            sign: true,
            force_authn: false,
            contexts: Vec::new(),
            name_id_format: None,
            allow_create: true,
            forward_hints: true,
        }
    }
}

/// What must be signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignedDemand {
    /// The response or the assertion.
    #[default]
    Either,
    /// The assertion.
    Assertion,
    /// The response.
    Response,
    /// Both.
    Both,
}

/// Where sign-ins go that begin at the identity provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IdpInitiated {
    /// The application that then starts a sign-in of its own; the tenant's own page when left out.
    pub application: Option<ApplicationId>,
}

/// What a person is known by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectSource {
    /// As the vendor's people are known best: Entra's by directory and object id, others' by NameID.
    #[default]
    Vendor,
    /// The NameID, which must not be transient.
    NameId,
    /// An attribute with exactly one value.
    Attribute {
        /// Its name.
        name: String,
    },
}

/// Names of attributes; what is left out has the vendor's names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttributeNames {
    /// The e-mail.
    pub email: Option<String>,
    /// The name to show.
    pub name: Option<String>,
    /// The sign-in name.
    pub username: Option<String>,
    /// The groups.
    pub groups: Option<String>,
}

/// When a stated e-mail is believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmailTrust {
    /// Never.
    #[default]
    Never,
    /// Always: the identity provider's admin is the owner of these addresses.
    Asserted,
}

/// How Microsoft Graph may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GraphAccess {
    /// The Application (client) ID of a registration with the permission GroupMember.Read.All.
    pub client_id: String,
    /// The cloud.
    #[serde(default = "default_cloud")]
    pub cloud: String,
}

impl SamlSettings {
    /// Settings with every default, for an identity provider that is known by hand or from its metadata.
    #[must_use]
    pub fn new(identity_provider: IdentityProvider) -> Self {
        Self {
            metadata: None,
            identity_provider,
            vendor: None,
            request: RequestSettings::default(),
            signed: SignedDemand::default(),
            sha1_until: None,
            idp_initiated: None,
            subject: SubjectSource::default(),
            attributes: AttributeNames::default(),
            trust_email: EmailTrust::default(),
            required_attributes: BTreeMap::new(),
            graph: None,
            clock_skew_seconds: default_skew(),
            single_logout: false,
            entity_id: None,
        }
    }

    /// Everything wrong with the settings, in words for the admin; empty when they are fine (SI-1: without a
    /// certificate nothing is ever verified, so there is no connector without one).
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.identity_provider.problems();
        if self.clock_skew_seconds > 300 {
            problems.push("upstream.clock_skew_seconds: at most 300".into());
        }
        if self.graph.is_some() && self.vendor() != Vendor::Entra {
            problems.push("upstream.graph: only with vendor entra".into());
        }
        for (place, name) in
            [("subject", self.subject_attribute()), ("entity_id", self.entity_id.as_deref())]
        {
            if name.is_some_and(|name| name.trim() != name || name.is_empty()) {
                problems.push(format!("upstream.{place}: empty, or blanks around it"));
            }
        }
        if self.entity_id.as_ref().is_some_and(|id| id.len() > 256) {
            problems.push("upstream.entity_id: at most 256 characters".into());
        }
        let signers = self.metadata.iter().flat_map(|source| &source.signed_by);
        for (at, certificate) in signers.enumerate() {
            problems.extend(unreadable("metadata.signed_by", at, certificate));
        }
        problems
    }

    /// Whose product it is.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.vendor.unwrap_or_else(|| Vendor::of(&self.identity_provider.entity_id))
    }

    fn subject_attribute(&self) -> Option<&str> {
        match &self.subject {
            SubjectSource::Attribute { name } => Some(name),
            SubjectSource::Vendor | SubjectSource::NameId => None,
        }
    }
}

fn default_skew() -> u32 {
    180
}

fn default_cloud() -> String {
    "global".to_owned()
}
