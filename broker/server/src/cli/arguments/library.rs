//! `symbolon plugin-library`.

use std::path::PathBuf;

use clap::Subcommand;
use symbolon_contract::{PluginDigest, TenantSlug};

/// `symbolon plugin-library`.
#[derive(Debug, Subcommand)]
pub(crate) enum LibraryCommand {
    /// Check, compile and try a component, and offer it to every tenant.
    Add {
        /// The component.
        component: PathBuf,
        /// Its detached minisign signature.
        #[arg(long, value_name = "FILE")]
        signature: Option<PathBuf>,
    },
    /// List the library.
    List {
        /// As this tenant sees it: what is offered, what it has enabled.
        #[arg(long, value_name = "SLUG")]
        tenant: Option<TenantSlug>,
    },
    /// Take a plugin out of use for every tenant: versions that run it fail from the next sign-in on.
    Retire {
        /// Its digest.
        digest: PluginDigest,
    },
    /// Let versions of a tenant name a plugin of the library.
    Enable {
        /// The tenant.
        tenant: TenantSlug,
        /// The plugin's digest.
        digest: PluginDigest,
    },
    /// End that.
    Disable {
        /// The tenant.
        tenant: TenantSlug,
        /// The plugin's digest.
        digest: PluginDigest,
    },
}
