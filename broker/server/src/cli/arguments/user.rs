//! `symbolon user`.

use clap::{Args, Subcommand, ValueEnum};
use symbolon_contract::{ConnectorId, RoleName, TenantSlug, UserId};

/// `symbolon user`.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user by hand, with the upstream identity if you know it.
    Create(Box<NewUserArguments>),
    /// List users.
    List {
        /// The tenant.
        tenant: TenantSlug,
    },
    /// Switch a user; anything but active ends the sessions.
    Status {
        /// The tenant.
        tenant: TenantSlug,
        /// The user.
        id: UserId,
        /// The new status.
        status: Standing,
    },
    /// Sign a user out everywhere: sessions and tokens end, applications are told.
    SignOut {
        /// The tenant.
        tenant: TenantSlug,
        /// The user.
        id: UserId,
    },
    /// People who proved who they are and have no user.
    Requests {
        /// The tenant.
        tenant: TenantSlug,
    },
}

/// `symbolon user create`.
#[derive(Debug, Args)]
pub(crate) struct NewUserArguments {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    /// E-mail.
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// You know that the address is the person's.
    #[arg(long)]
    pub(crate) email_verified: bool,
    /// Name to show.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// A role; repeatable.
    #[arg(long)]
    pub(crate) role: Vec<RoleName>,
    /// The connector of the person's identity.
    #[arg(long, requires_all = ["issuer", "subject"])]
    pub(crate) connector: Option<ConnectorId>,
    /// The issuer of the person's identity.
    #[arg(long)]
    pub(crate) issuer: Option<String>,
    /// The subject of the person's identity.
    #[arg(long)]
    pub(crate) subject: Option<String>,
}

/// A user's standing.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Standing {
    /// May sign in.
    Active,
    /// May not; everything is kept.
    Inactive,
    /// May not, and is on the way out.
    Deactivated,
}
