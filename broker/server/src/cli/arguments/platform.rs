//! `symbolon platform`.

use std::path::PathBuf;

use clap::Subcommand;
use symbolon_contract::{ApplicationId, ConnectorId, TenantSlug};

use super::{Algorithm, ChangeArguments, RegistrationArguments};

/// `symbolon platform`.
#[derive(Debug, Subcommand)]
pub(crate) enum PlatformCommand {
    /// Applications that are registered once and offered to tenants.
    #[command(subcommand)]
    Application(PlatformApplicationCommand),
    /// The platform's signing keys.
    #[command(subcommand)]
    Keys(PlatformKeysCommand),
}

/// `symbolon platform application`.
#[derive(Debug, Subcommand)]
pub(crate) enum PlatformApplicationCommand {
    /// Register an application. Its secret is shown once.
    Create(Box<RegistrationArguments>),
    /// List the operator's applications.
    List,
    /// Show one application and to whom it is offered; never its secret.
    Show {
        /// The application.
        id: ApplicationId,
    },
    /// Change what an application registered, at all tenants at once; what no option names stays.
    Update(Box<ChangeArguments>),
    /// Give an application a new secret. The one before is refused from now on.
    RotateSecret {
        /// The application.
        id: ApplicationId,
        /// Write the secret to this file instead of printing it.
        #[arg(long, value_name = "FILE")]
        secret_out: Option<PathBuf>,
    },
    /// Switch an application off at all tenants.
    Disable {
        /// The application.
        id: ApplicationId,
    },
    /// Switch an application on at all tenants.
    Enable {
        /// The application.
        id: ApplicationId,
    },
    /// Delete an application, and take back all that it holds at every tenant.
    Delete {
        /// The application.
        id: ApplicationId,
    },
    /// Offer an application to a tenant.
    Offer {
        /// The application.
        id: ApplicationId,
        /// The tenant.
        tenant: TenantSlug,
        /// A connector of the tenant whose people it accepts; repeatable, none means all.
        #[arg(long)]
        connector: Vec<ConnectorId>,
    },
    /// Take an offer back, and all that the application holds at the tenant.
    Withdraw {
        /// The application.
        id: ApplicationId,
        /// The tenant.
        tenant: TenantSlug,
    },
}

/// `symbolon platform keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum PlatformKeysCommand {
    /// List the signing keys.
    List,
    /// Let a new key sign from now on; the old one stays published.
    Rotate {
        /// Which key.
        #[arg(long, default_value = "es256")]
        algorithm: Algorithm,
    },
    /// Forget the retired keys now, because one of them leaked: what they signed is accepted no more.
    ForgetRetired,
}
