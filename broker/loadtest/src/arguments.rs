//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// What each worker does again and again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Operation {
    /// A whole sign-in.
    #[default]
    SignIn,
    /// Each worker signs one person in, then renews the tokens (RFC 6749 6).
    Refresh,
    /// The application asks for a token in its own name (RFC 6749 4.4).
    ClientCredentials,
}

/// How the tokens are signed, to say how much of the time that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Signature {
    /// ECDSA on P-256.
    Es256,
    /// RSA of 2048 bits.
    Rs256,
}

/// Signs people in through an OpenID broker as fast as it lets us, and says how fast that is.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Arguments {
    /// What to do.
    #[arg(long, value_enum, default_value_t)]
    pub operation: Operation,
    /// Spread over so many tenants: `{}` in the issuer and in the secret's file stands for their number, from 1.
    #[arg(long, default_value_t = 1)]
    pub tenants: usize,
    /// Measure this kind of signature beside the broker, and say what share of its processor time that is.
    #[arg(long, value_enum, requires = "watch")]
    pub signature: Option<Signature>,
    /// The broker's issuer; its endpoints come from discovery.
    #[arg(long, required_unless_present = "authorize_url")]
    pub issuer: Option<String>,
    /// The authorization endpoint, for brokers without discovery.
    #[arg(long, requires = "token_url")]
    pub authorize_url: Option<String>,
    /// The token endpoint, for brokers without discovery.
    #[arg(long)]
    pub token_url: Option<String>,
    /// The application's id at the broker.
    #[arg(long)]
    pub client_id: String,
    /// A file with the application's secret; without it PKCE alone is used.
    #[arg(long)]
    pub client_secret_file: Option<PathBuf>,
    /// The application's redirect URI; nobody needs to listen there.
    #[arg(long)]
    pub redirect_uri: String,
    /// One more parameter of the authorization request, NAME=VALUE (for example a connector hint).
    #[arg(long = "parameter", value_name = "NAME=VALUE")]
    pub parameters: Vec<String>,
    /// Scopes to ask for.
    #[arg(long, default_value = "openid profile email")]
    pub scope: String,
    /// How many people sign in, in turn; each is sent as `login_hint`.
    #[arg(long, default_value_t = 100)]
    pub users: usize,
    /// How many sign-ins run at the same time.
    #[arg(long, default_value_t = 8)]
    pub workers: usize,
    /// How long to measure.
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// Stop after so many sign-ins, those before measuring included.
    #[arg(long)]
    pub sign_ins: Option<usize>,
    /// How long to run before measuring.
    #[arg(long, default_value_t = 3)]
    pub warm_up: u64,
    /// The broker's process id: its processor time and memory are reported too.
    #[arg(long)]
    pub watch: Option<u32>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Write JSON to this file, beside what is printed.
    #[arg(long)]
    pub json_file: Option<PathBuf>,
    /// Serve the demo provider on this port of 127.0.0.1, in this process.
    #[cfg(feature = "provider")]
    #[arg(long, value_name = "PORT", requires_all = ["provider_redirect_uri", "provider_secret_file"])]
    pub with_provider: Option<u16>,
    /// The broker's id at the demo provider.
    #[cfg(feature = "provider")]
    #[arg(long, default_value = "broker")]
    pub provider_client_id: String,
    /// A file with the broker's secret at the demo provider.
    #[cfg(feature = "provider")]
    #[arg(long)]
    pub provider_secret_file: Option<PathBuf>,
    /// The broker's redirect URI at the demo provider.
    #[cfg(feature = "provider")]
    #[arg(long)]
    pub provider_redirect_uri: Option<String>,
    /// Subjects that the demo provider gives the people, in turn, instead of `user-N`: what a plugin does
    /// may depend on them.
    #[cfg(feature = "provider")]
    #[arg(long, value_delimiter = ',', value_name = "SUBJECT,..")]
    pub subjects: Vec<String>,
    /// Let the demo provider sign with RS256 (dearer) instead of ES256.
    #[cfg(feature = "provider")]
    #[arg(long)]
    pub provider_rs256: bool,
    /// Only serve the demo provider, until standard input ends: for setting a broker up, or for
    /// giving it a process of its own.
    #[cfg(feature = "provider")]
    #[arg(long, requires = "with_provider")]
    pub only_provider: bool,
}

/// The e-mail address of the nth person, here and at the demo provider.
#[must_use]
pub fn person(number: usize) -> String {
    format!("user{number}@load.example")
}
