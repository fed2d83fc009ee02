//! `symbolon keys`, `symbolon secrets` and `symbolon audit`.

use clap::Subcommand;
use symbolon_contract::TenantSlug;

use super::Algorithm;

/// `symbolon keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// List a tenant's signing keys.
    List {
        /// The tenant.
        tenant: TenantSlug,
    },
    /// Let a new key sign from now on; the old one stays published.
    Rotate {
        /// The tenant.
        tenant: TenantSlug,
        /// Which key.
        #[arg(long, default_value = "es256")]
        algorithm: Algorithm,
    },
    /// Forget the retired keys now, because one of them leaked: what they signed is accepted no more.
    ForgetRetired {
        /// The tenant.
        tenant: TenantSlug,
    },
}

/// `symbolon secrets`.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Wrap every data key under the active master key.
    Rotate {
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

/// `symbolon audit`.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Print a tenant's audit trail as JSON lines.
    Export {
        /// The tenant.
        tenant: TenantSlug,
        /// Only events of this name, for example user.sso_login.
        #[arg(long, value_name = "NAME")]
        event: Option<String>,
    },
    /// Check a tenant's hash chain; exit 1 and the first bad row when it is broken.
    Verify {
        /// The tenant.
        tenant: TenantSlug,
    },
}
