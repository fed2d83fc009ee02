//! Namespaces, the URIs that SAML speaks in, and how a vendor writes its elements.

use super::settings::Vendor;
use crate::values::random_word;

pub(super) const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
pub(super) const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
pub(super) const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
pub(super) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(super) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
pub(super) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(super) const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
pub(super) const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
pub(super) const STATUS: &str = "urn:oasis:names:tc:SAML:2.0:status:";

/// `urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress`
pub const EMAIL_ADDRESS: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
/// `urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified`
pub const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
/// `urn:oasis:names:tc:SAML:2.0:nameid-format:persistent`
pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
/// `urn:oasis:names:tc:SAML:2.0:nameid-format:transient`
pub const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

/// The prefixes of a vendor, each with its colon or empty for the default namespace.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) protocol: &'static str,
    pub(super) assertion: &'static str,
    pub(super) signature: &'static str,
    /// `InclusiveNamespaces PrefixList`.
    pub(super) inclusive: &'static [&'static str],
    /// Whether values carry `xsi:type="xs:string"`.
    pub(super) typed_values: bool,
    /// .NET writes `%2f`, not `%2F`; the receiver must verify what it got.
    pub(super) lower_case_percent: bool,
}

impl Style {
    pub(super) fn of(vendor: &Vendor) -> Self {
        match vendor {
            // As Entra ID and AD FS write: assertion and signature in the default namespace.
            Vendor::Entra { .. } | Vendor::Adfs => Self {
                protocol: "samlp:",
                assertion: "",
                signature: "",
                inclusive: &[],
                typed_values: false,
                lower_case_percent: true,
            },
            Vendor::Okta => Self {
                protocol: "saml2p:",
                assertion: "saml2:",
                signature: "ds:",
                inclusive: &["xs"],
                typed_values: true,
                lower_case_percent: false,
            },
            Vendor::Generic | Vendor::Google => Self {
                protocol: "samlp:",
                assertion: "saml:",
                signature: "ds:",
                inclusive: &[],
                typed_values: false,
                lower_case_percent: false,
            },
        }
    }

    pub(super) fn protocol_namespace(self) -> String {
        declaration(self.protocol, PROTOCOL)
    }

    pub(super) fn assertion_namespace(self) -> String {
        declaration(self.assertion, ASSERTION)
    }

    pub(super) fn signature_namespace(self) -> String {
        declaration(self.signature, DSIG)
    }

    /// The name of a signature element.
    pub(super) fn ds(self, name: &str) -> String {
        format!("{}{name}", self.signature)
    }
}

fn declaration(prefix: &str, uri: &str) -> String {
    match prefix.strip_suffix(':') {
        Some(prefix) => format!(" xmlns:{prefix}=\"{uri}\""),
        None => format!(" xmlns=\"{uri}\""),
    }
}

/// A fresh `ID`, which may not begin with a digit (xs:ID).
pub(super) fn fresh_id() -> String {
    let word = random_word();
    let hex: String = word.bytes().take(20).map(|byte| format!("{byte:02x}")).collect();
    format!("_{hex}")
}

/// A GUID that always belongs to this text: how a directory of the Entra kind names people and groups. A text
/// that is one already stays.
#[must_use]
pub fn guid(text: &str) -> String {
    if text.len() == 36 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()) {
        return text.to_owned();
    }
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let mut guid = String::new();
    for (at, byte) in digest.as_ref().iter().take(16).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            guid.push('-');
        }
        guid.push_str(&format!("{byte:02x}"));
    }
    guid
}

/// Seconds since 1970 as xs:dateTime; Microsoft writes milliseconds.
pub(super) fn instant(seconds: i64, vendor: &Vendor) -> String {
    let moment = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let format = match vendor {
        Vendor::Entra { .. } | Vendor::Adfs => "%Y-%m-%dT%H:%M:%S.000Z",
        Vendor::Generic | Vendor::Okta | Vendor::Google => "%Y-%m-%dT%H:%M:%SZ",
    };
    moment.format(format).to_string()
}
