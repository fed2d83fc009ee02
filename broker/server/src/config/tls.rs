//! `[http.tls]`: the certificate of the main listener.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The certificate of the main listener. The files are read by `crate::tls`, at the start and
/// again when they change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// A PEM file: the server's certificate first, then those that lead to its authority.
    pub certificate_file: PathBuf,
    /// A PEM file with the certificate's private key (PKCS#8, PKCS#1 or SEC1), not readable by
    /// everybody.
    pub key_file: PathBuf,
}
