//! `symbolon import`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use symbolon_contract::{ConnectorId, TenantSlug};
use symbolon_identity::connectors::entra::DirectoryId;

/// `symbolon import`.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Plan a connector from the settings of python-social-auth for Entra ID, as NetBox has them; make it
    /// with --apply. The file is read as text and never run. Exit 1 when the plan cannot be applied.
    PythonSocialAuth(Box<PythonSocialAuthArguments>),
}

/// `symbolon import python-social-auth`.
#[derive(Debug, Args)]
pub(crate) struct PythonSocialAuthArguments {
    /// The Python file with `SOCIAL_AUTH_AZUREAD_..` settings; `-` reads standard input.
    pub(crate) settings: PathBuf,
    /// The tenant that gets the connector.
    #[arg(long, value_name = "SLUG")]
    pub(crate) tenant: TenantSlug,
    /// The connector's id: its place in the callback URL.
    #[arg(long, value_name = "ID", default_value = "entra")]
    pub(crate) connector: ConnectorId,
    /// Its name, as in "Sign in with …".
    #[arg(long, default_value = "Microsoft Entra ID")]
    pub(crate) display_name: String,
    /// The backend to take, when the file names more than one or does not say it as text.
    #[arg(long, value_parser = ["azuread-oauth2", "azuread-tenant-oauth2", "azuread-v2-tenant-oauth2"])]
    pub(crate) backend: Option<String>,
    /// The directory whose people may sign in; counts instead of the file's.
    #[arg(long, value_name = "GUID", value_parser = directory)]
    pub(crate) tenant_id: Option<DirectoryId>,
    /// The application (client) ID; counts instead of the file's.
    #[arg(long, value_name = "GUID")]
    pub(crate) client_id: Option<String>,
    /// A file with the client secret, which counts instead of the settings' own.
    #[arg(long, value_name = "FILE")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// Make the connector, in mode `test`, and lead its old callback path to it.
    #[arg(long)]
    pub(crate) apply: bool,
}

fn directory(text: &str) -> Result<DirectoryId, String> {
    DirectoryId::try_from(text.to_owned())
}
