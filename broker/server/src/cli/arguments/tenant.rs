//! `symbolon tenant` and `symbolon role`.

use clap::Subcommand;
use symbolon_contract::{ConnectorId, RoleName, TenantSlug};

/// `symbolon tenant`.
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Make a tenant with roles admin and viewer and its own signing keys.
    Create {
        /// Its name in URLs.
        slug: TenantSlug,
        /// Its name on pages; the slug when not given.
        #[arg(long)]
        display_name: Option<String>,
        /// Whom people may ask when a sign-in is refused.
        #[arg(long)]
        contact: Option<String>,
    },
    /// List tenants.
    List,
    /// Show one tenant: issuer, login URL, connectors, applications.
    Show {
        /// Its name in URLs.
        slug: TenantSlug,
    },
    /// Say whom people may ask.
    Contact {
        /// Its name in URLs.
        slug: TenantSlug,
        /// An e-mail address or a sentence; none removes it.
        contact: Option<String>,
    },
    /// Say how many plugins of the large class (Python, SpiderMonkey) a tenant may keep.
    LargePlugins {
        /// Its name in URLs.
        slug: TenantSlug,
        /// How many; 0 allows none.
        count: u32,
    },
    /// Let applications register themselves (RFC 7591), or no longer. Whoever registers one needs an API key with the
    /// scope `apps.register`.
    DynamicRegistration {
        /// Its name in URLs.
        slug: TenantSlug,
        /// Whether they may.
        #[arg(value_parser = ["on", "off"])]
        open: String,
    },
    /// Assign an e-mail domain that the tenant owns to a connector.
    Domain {
        /// Its name in URLs.
        slug: TenantSlug,
        /// The domain.
        domain: String,
        /// The connector of its people.
        #[arg(long)]
        connector: Option<ConnectorId>,
    },
}

/// `symbolon role`.
#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// Add a role to the catalogue.
    Create {
        /// The tenant.
        tenant: TenantSlug,
        /// The role.
        role: RoleName,
        /// What it is for.
        #[arg(long, default_value = "")]
        description: String,
        /// No mapping may grant it.
        #[arg(long)]
        not_by_mapping: bool,
    },
    /// List the roles of a tenant.
    List {
        /// The tenant.
        tenant: TenantSlug,
    },
}
