//! `symbolon api-key`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use symbolon_contract::TenantSlug;

/// `symbolon api-key`.
#[derive(Debug, Subcommand)]
pub(crate) enum ApiKeyCommand {
    /// Make a key. It is shown once, or written to a file; only its hash is kept.
    Create {
        /// What it is for.
        name: String,
        #[command(flatten)]
        owner: Owner,
        /// What it may be used for; repeatable. `sso.manage` includes `plugin.manage`, both include
        /// `sso.read`; `apps.manage` includes `apps.read`.
        #[arg(long, required = true)]
        scope: Vec<Scope>,
        /// The day on which it ends; never when not given.
        #[arg(long, value_name = "YYYY-MM-DD")]
        expires_on: Option<NaiveDate>,
        /// Write the key to this new file, readable by its owner alone, instead of showing it.
        #[arg(long, value_name = "FILE")]
        secret_out: Option<PathBuf>,
    },
    /// List keys with their last use, also those that are over.
    List {
        #[command(flatten)]
        owner: Owner,
    },
    /// Take a key back: the next call with it is refused.
    Revoke {
        /// The key's id, as `list` shows it.
        id: String,
        #[command(flatten)]
        owner: Owner,
    },
}

/// Whose key.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Owner {
    /// A tenant's: acts for this tenant alone.
    #[arg(long, value_name = "SLUG")]
    pub(crate) tenant: Option<TenantSlug>,
    /// The operator's: acts for every tenant.
    #[arg(long)]
    pub(crate) operator: bool,
}

/// What a key may be used for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Scope {
    /// Look at connectors, mappings and their status.
    #[value(name = "sso.read")]
    SsoRead,
    /// Change them.
    #[value(name = "sso.manage")]
    SsoManage,
    /// Upload plugins, save, try and activate versions of mappings.
    #[value(name = "plugin.manage")]
    PluginManage,
    /// Read and replay recorded sign-ins: personal data.
    #[value(name = "sign_ins.read")]
    SignInsRead,
    /// Read the audit trail.
    #[value(name = "audit.read")]
    AuditRead,
    /// Look at applications.
    #[value(name = "apps.read")]
    AppsRead,
    /// Register, change and delete applications.
    #[value(name = "apps.manage")]
    AppsManage,
    /// Let applications register themselves (RFC 7591): the initial access token.
    #[value(name = "apps.register")]
    AppsRegister,
}
