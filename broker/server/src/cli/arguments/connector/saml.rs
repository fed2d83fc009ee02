//! What `symbolon connector create --kind saml` takes besides.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use symbolon_contract::ApplicationId;
use url::Url;

/// Options of a SAML connector.
#[derive(Debug, Args)]
pub(crate) struct SamlArguments {
    /// saml: where the identity provider's metadata is; it is read again once a day.
    #[arg(long, value_name = "URL", conflicts_with = "metadata_file")]
    pub(crate) metadata_url: Option<Url>,
    /// saml: a file with its metadata; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) metadata_file: Option<PathBuf>,
    /// saml: a certificate that must have signed the metadata of --metadata-url, as PEM; repeatable.
    #[arg(long, value_name = "FILE", requires = "metadata_url")]
    pub(crate) metadata_signed_by: Vec<PathBuf>,
    /// saml: take the metadata over now, and only tell of later changes.
    #[arg(long, requires = "metadata_url")]
    pub(crate) pinned: bool,
    /// saml: the identity provider's entity id: when the metadata holds several, and when there is none.
    #[arg(long, value_name = "ENTITY_ID")]
    pub(crate) identity_provider: Option<String>,
    /// saml without metadata: where people sign in; with --identity-provider and --certificate.
    #[arg(long, value_name = "URL", requires_all = ["identity_provider", "certificate"])]
    #[arg(conflicts_with_all = ["metadata_url", "metadata_file"])]
    pub(crate) sign_on_url: Option<Url>,
    /// saml without metadata: where people sign out.
    #[arg(long, value_name = "URL", requires = "sign_on_url")]
    pub(crate) logout_url: Option<Url>,
    /// saml without metadata: a certificate that the identity provider signs with, as PEM; repeatable.
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate: Vec<PathBuf>,
    /// saml: whose product it is; told from the entity id when not given.
    #[arg(long)]
    pub(crate) vendor: Option<VendorName>,
    /// saml: what must be signed.
    #[arg(long, default_value = "either")]
    pub(crate) signed: SignedParts,
    /// saml: how requests travel; what the identity provider offers, redirect first, when not given.
    #[arg(long)]
    pub(crate) binding: Option<BindingName>,
    /// saml: do not sign requests.
    #[arg(long)]
    pub(crate) unsigned_requests: bool,
    /// saml: people must prove themselves anew at each sign-in.
    #[arg(long)]
    pub(crate) force_authn: bool,
    /// saml: an authentication context to ask for; repeatable, one of them must come back.
    #[arg(long, value_name = "URI")]
    pub(crate) context: Vec<String>,
    /// saml: the format of NameID to ask for.
    #[arg(long, value_name = "URI")]
    pub(crate) name_id_format: Option<String>,
    /// saml: the attribute that people are known by, instead of the NameID.
    #[arg(long, value_name = "NAME")]
    pub(crate) subject_attribute: Option<String>,
    /// saml: the attribute that holds the groups, instead of the vendor's.
    #[arg(long, value_name = "NAME")]
    pub(crate) groups_attribute: Option<String>,
    /// saml: signing out here signs out there too.
    #[arg(long)]
    pub(crate) single_logout: bool,
    /// saml: take sign-ins that begin at the identity provider, and go to this application, or to `portal`.
    #[arg(long, value_name = "APPLICATION")]
    pub(crate) idp_initiated: Option<String>,
    /// saml: take signatures with SHA-1 until this day; for a move only.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) sha1_until: Option<NaiveDate>,
    /// saml with Entra: the Application (client) ID with which Microsoft Graph may be asked for the groups of people
    /// who have more than 150; its secret is --client-secret-file.
    #[arg(long, value_name = "CLIENT_ID")]
    pub(crate) graph_client_id: Option<String>,
}

/// Products whose habits are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum VendorName {
    /// Any.
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

/// What must be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SignedParts {
    /// The response or the assertion.
    Either,
    /// The assertion.
    Assertion,
    /// The response.
    Response,
    /// Both.
    Both,
}

/// How a request travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BindingName {
    /// In the URL.
    Redirect,
    /// As a posted form.
    Post,
}

impl SamlArguments {
    /// The application that sign-ins from the identity provider go to; `None` is the tenant's own page.
    pub(crate) fn target(&self) -> Result<Option<Option<ApplicationId>>, String> {
        match self.idp_initiated.as_deref() {
            None => Ok(None),
            Some("portal") => Ok(Some(None)),
            Some(id) => {
                ApplicationId::parse(id).map(|id| Some(Some(id))).map_err(|error| error.to_string())
            }
        }
    }
}
