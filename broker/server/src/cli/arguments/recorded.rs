//! `symbolon recorded`.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use symbolon_contract::{ConnectorId, TenantSlug, UserId};

/// `symbolon recorded`.
#[derive(Debug, Subcommand)]
pub(crate) enum RecordedCommand {
    /// List recorded sign-ins of a connector, the newest first.
    List(RecordedListArguments),
    /// Show one, stop by stop. Where it holds personal data, that is audited.
    Show {
        /// The tenant.
        tenant: TenantSlug,
        /// The record.
        record: String,
    },
    /// Print what the mapping was asked, as a login for `mapping cases put` and `plugin test`.
    Case {
        /// The tenant.
        tenant: TenantSlug,
        /// The record.
        record: String,
    },
    /// Show what is kept of sign-ins, or change it. To keep less deletes what is there.
    Settings(RecordingArguments),
}

/// Which records.
#[derive(Debug, Args)]
pub(crate) struct RecordedListArguments {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    /// The connector.
    pub(crate) connector: ConnectorId,
    /// Only those before this time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub(crate) before: Option<DateTime<Utc>>,
    /// Only those after this time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub(crate) after: Option<DateTime<Utc>>,
    /// Only those of this user.
    #[arg(long)]
    pub(crate) user: Option<UserId>,
    /// Only those that ended so.
    #[arg(long)]
    pub(crate) outcome: Option<Outcome>,
    /// At most so many: 1 to 1000.
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: u32,
}

/// How a sign-in ended.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Outcome {
    /// With a session.
    #[value(name = "signed_in")]
    SignedIn,
    /// With a refusal.
    Refused,
}

/// What is kept.
#[derive(Debug, Args)]
pub(crate) struct RecordingArguments {
    /// The tenant.
    pub(crate) tenant: TenantSlug,
    /// How much of a person is kept.
    #[arg(long)]
    pub(crate) keep: Option<Keep>,
    /// For how many days: 1 to 90.
    #[arg(long)]
    pub(crate) days: Option<u16>,
    /// How many of each connector.
    #[arg(long)]
    pub(crate) most: Option<u32>,
    /// A claim that is masked always; repeatable, replaces the list.
    #[arg(long, value_name = "CLAIM")]
    pub(crate) redact: Option<Vec<String>>,
    /// A claim that stays readable in `redacted`; repeatable, replaces the list.
    #[arg(long, value_name = "CLAIM")]
    pub(crate) reveal: Option<Vec<String>>,
}

/// How much of a person is kept.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Keep {
    /// Nothing.
    Off,
    /// Structure, groups and protocol claims, pseudonyms for the rest.
    Redacted,
    /// Everything that is not named in `redact`: personal data.
    Full,
}
