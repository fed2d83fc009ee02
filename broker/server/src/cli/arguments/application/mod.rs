//! `symbolon application`.

mod settings;

pub(crate) use self::settings::{
    AuthenticationWord, FormatWord, GrantWord, ProfileWord, SettingsArguments,
};

use std::path::PathBuf;

use clap::{Args, Subcommand};
use symbolon_contract::{ApplicationId, TenantSlug};

/// `symbolon application`.
#[derive(Debug, Subcommand)]
pub(crate) enum ApplicationCommand {
    /// Register an application. Its secret is shown once.
    Create(Box<NewApplicationArguments>),
    /// List the applications of a tenant.
    List {
        /// The tenant.
        tenant: TenantSlug,
    },
    /// Messages that a session ended which applications of a tenant have not taken.
    Logouts {
        /// The tenant.
        tenant: TenantSlug,
    },
    /// Show one application; never its secret. What has its default value is left out.
    Show(ApplicationPlace),
    /// Change what an application registered; what no option names stays.
    Update(Box<ChangeApplicationArguments>),
    /// Give an application a new secret. The one before is refused from now on.
    RotateSecret {
        #[command(flatten)]
        place: ApplicationPlace,
        /// Write the secret to this file instead of printing it.
        #[arg(long, value_name = "FILE")]
        secret_out: Option<PathBuf>,
    },
    /// Switch an application off: what it holds is refused at once.
    Disable(ApplicationPlace),
    /// Switch an application on.
    Enable(ApplicationPlace),
    /// Delete an application, and take back all that it holds.
    Delete(ApplicationPlace),
}

/// Which application.
#[derive(Debug, Args)]
pub(crate) struct ApplicationPlace {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    /// The application.
    pub(crate) id: ApplicationId,
}

/// `symbolon application create`.
#[derive(Debug, Args)]
pub(crate) struct NewApplicationArguments {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    #[command(flatten)]
    pub(crate) registration: RegistrationArguments,
}

/// An application to register, at a tenant or at the platform.
#[derive(Debug, Args)]
pub(crate) struct RegistrationArguments {
    /// Its id, which is its client_id.
    pub(crate) id: ApplicationId,
    /// The name that people see; the id when not given.
    #[arg(long)]
    pub(crate) display_name: Option<String>,
    /// It can keep no secret (an app on a phone or in a browser).
    #[arg(long)]
    pub(crate) public: bool,
    #[command(flatten)]
    pub(crate) settings: SettingsArguments,
    /// Write the secret to this file instead of printing it.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_out: Option<PathBuf>,
}

/// `symbolon application update`.
#[derive(Debug, Args)]
pub(crate) struct ChangeApplicationArguments {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    #[command(flatten)]
    pub(crate) change: ChangeArguments,
}

/// What an application is from now on, at a tenant or at the platform.
#[derive(Debug, Args)]
pub(crate) struct ChangeArguments {
    /// The application.
    pub(crate) id: ApplicationId,
    /// The name that people see.
    #[arg(long)]
    pub(crate) display_name: Option<String>,
    #[command(flatten)]
    pub(crate) settings: SettingsArguments,
    /// Only if its version is still this one.
    #[arg(long, value_name = "VERSION")]
    pub(crate) if_version: Option<i32>,
    /// Write the secret to this file instead of printing it, where the change gives it one.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_out: Option<PathBuf>,
}
