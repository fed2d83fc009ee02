//! `symbolon connector`: what a connector needs after it was made.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use symbolon_contract::{ConnectorId, TenantSlug};

use super::Mode;

/// Which connector.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    /// The connector.
    pub(crate) id: ConnectorId,
}

/// What a connector needs after it was made.
#[derive(Debug, Subcommand)]
pub(crate) enum UpkeepCommand {
    /// Replace, drop or revoke its client secret.
    #[command(subcommand)]
    Secret(SecretCommand),
    /// entra: prove ourselves by a certificate instead of a secret.
    #[command(subcommand)]
    Certificate(CertificateCommand),
    /// entra: show what to enter at Microsoft for a federated credential, which never ends.
    Federated(Place),
    /// saml: show what the identity provider's admin enters there; also a page of its own.
    Saml(Place),
    /// saml: print our metadata for it, signed.
    SamlMetadata {
        #[command(flatten)]
        place: Place,
        /// Write it to this file instead of printing it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// saml: change our keys without keeping anybody out.
    #[command(subcommand)]
    Keys(SamlKeysCommand),
    /// Show how it is: connected or not, users, failed sign-ins, what ends next, who can sign in.
    Status(Place),
    /// Show who could sign in how if it were switched. Changes nothing.
    Preview {
        #[command(flatten)]
        place: Place,
        /// The mode to look at.
        #[arg(long)]
        mode: Mode,
    },
    /// Print the ends of credentials as an iCalendar file, with reminders.
    Calendar {
        /// The tenant.
        tenant: TenantSlug,
        /// The connector; all of the tenant's when not given.
        id: Option<ConnectorId>,
    },
    /// List the versions of its settings, the newest first.
    Versions(Place),
    /// Show what differs between two versions of its settings.
    Diff {
        #[command(flatten)]
        place: Place,
        /// The first version.
        from: i32,
        /// The second version.
        to: i32,
    },
    /// Bring the settings of an earlier version back, as a new version that is to be tested.
    Restore {
        #[command(flatten)]
        place: Place,
        /// The version to bring back.
        version: i32,
        /// Why.
        #[arg(long)]
        note: Option<String>,
    },
    /// entra: look up groups of the directory: rules hold their ids.
    Groups {
        #[command(flatten)]
        place: Place,
        /// The beginning of the display name.
        #[arg(long, value_name = "NAME", required_unless_present = "ids")]
        find: Option<String>,
        /// Object ids, whose names are wanted; separated by commas.
        #[arg(long, value_name = "ID", value_delimiter = ',', conflicts_with = "find")]
        ids: Vec<String>,
    },
}

/// `symbolon connector secret`.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Store a new secret, once a real token request proves it. The one before stays valid beside it.
    Set {
        #[command(flatten)]
        place: Place,
        /// A file with the secret; `-` reads standard input.
        #[arg(long, value_name = "FILE")]
        secret_file: PathBuf,
        /// The day on which it ends, as Entra shows it beside the secret.
        #[arg(long, value_name = "YYYY-MM-DD")]
        ends_on: Option<NaiveDate>,
    },
    /// Forget the secret before, once the present one is known everywhere.
    DropPrevious(Place),
    /// Say when the present secret ends.
    Expires {
        #[command(flatten)]
        place: Place,
        /// The day; not known when left out.
        #[arg(value_name = "YYYY-MM-DD")]
        on: Option<NaiveDate>,
    },
    /// Forget every secret and private key now, and switch the connector off.
    Revoke(Place),
}

/// `symbolon connector certificate`.
#[derive(Debug, Subcommand)]
pub(crate) enum CertificateCommand {
    /// Make a key and a certificate to upload at Microsoft. It waits until it is activated.
    Create {
        #[command(flatten)]
        place: Place,
        /// How long it is valid.
        #[arg(long, default_value_t = 365)]
        days: u32,
    },
    /// Make the waiting certificate the present one, once a real token request proves it.
    Activate(Place),
}

/// `symbolon connector keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum SamlKeysCommand {
    /// List them: the present, the next and the previous ones.
    List(Place),
    /// Make the next keys and publish them in our metadata. They decrypt at once, and do not sign yet.
    New(Place),
    /// Sign with the next keys from now on. The present ones become the previous ones and still decrypt.
    Activate(Place),
    /// Forget the previous keys, once the identity provider knows the present ones.
    DropPrevious(Place),
}
