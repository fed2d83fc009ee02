//! Commands about what a browser does: test sign-in, admin consent, old callback paths.

use clap::Subcommand;
use symbolon_contract::{ConnectorId, TenantSlug};

/// What needs a browser.
#[derive(Debug, Subcommand)]
pub(crate) enum JourneyCommand {
    /// Print a link: whoever opens it signs in and sees what would happen. Nobody is created or signed in.
    TestSignIn {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector, in any mode but off.
        id: ConnectorId,
        /// Show the report of this test sign-in instead; exit 1 unless it passed.
        #[arg(long, value_name = "TEST")]
        show: Option<String>,
    },
    /// Print the link with which an administrator of the directory consents to the app registration.
    ConsentLink {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        id: ConnectorId,
    },
    /// Make an old path the connector's callback, so that its redirect URI can stay as it is registered.
    Alias {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector.
        id: ConnectorId,
        /// The path, byte for byte as registered, for example `/oauth/complete/azuread-oauth2/`.
        #[arg(required_unless_present = "clear")]
        path: Option<String>,
        /// Take the path away.
        #[arg(long, conflicts_with = "path")]
        clear: bool,
    },
}
